"""The system that is measured: the soak's two services on servers of their own, without proxies, and what their tables say of times.

Times are the server's own commit timestamps (`track_commit_timestamp`), the same for both ways that are compared.
"""

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

import asyncpg

from bench.report import Figures
from bench.soak.stand import Stand

LOOK_SECONDS = 0.05
COMMITS = """
SELECT event, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM {table} WHERE subject LIKE $1 || '%'
"""

Commits = Mapping[UUID, float]


class Direct(Stand):
    """Processes reach the servers directly."""

    def through(self, server: str, name: str, url: str) -> str:
        del server, name
        return url

    async def keep_commit_times(self) -> None:
        """Restarts PostgreSQL so that it keeps the time of each commit from now on."""
        connection = await asyncpg.connect(self.stack.superuser_url)
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        await connection.close()
        await asyncio.to_thread(self.stack.postgres.stop)
        await asyncio.to_thread(self.stack.postgres.start)


async def commits(url: str, table: str, subjects: str) -> Commits:
    """When the rows about subjects with that prefix were committed, in seconds since the epoch, by event."""
    connection = await asyncpg.connect(url)
    try:
        return {row["event"]: row["at"] for row in await connection.fetch(COMMITS.format(table=table), subjects)}
    finally:
        await connection.close()


async def counted(url: str, sql: str, done: Callable[[int], bool], seconds: float) -> None:
    """Waits until the query's number is as wanted; raises TimeoutError after `seconds`."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(seconds):
            while not done(await connection.fetchval(sql)):  # noqa: ASYNC110  only the server knows
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


def figures(name: str, written: Commits, effects: Commits) -> Figures:
    """The rate from the first commit to the last effect, and the times from commit to effect in milliseconds."""
    times = sorted((at - written[event]) * 1000 for event, at in effects.items() if event in written)
    seconds = max(effects.values()) - min(written.values())

    def percentile(part: float) -> float:
        return round(times[min(len(times) - 1, int(part * len(times)))], 2)

    return Figures(
        name, round(len(times) / seconds, 1), percentile(0.5), percentile(0.95), percentile(0.99), len(times), 1
    )
