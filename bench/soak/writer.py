"""Writes entries, each with its event in one transaction, at a bounded rate, and survives a database that goes away.

A commit whose outcome is unknown is looked up by the entry's own key, and repeated if it is not there: the table is the truth.
`python -m bench.soak.writer` prints its progress as a number a line, and writes the keys of all confirmed entries to a file.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import typer
import uvloop

from bench.soak.parts import SOURCE, EntryWritten
from services.chassis import db
from services.chassis.clock import SystemClock
from services.chassis.config import DatabaseConfig, load
from services.chassis.db import Pool, open_pool, transaction
from services.chassis.errors import Unavailable
from services.chassis.outbox import record
from services.chassis.principal import itself

AREA = "3399991002000001"
GONE = (*db.GONE, Unavailable)
"""How a database that goes away shows. InternalClientError: the library finds its connection cut off in the midst of a message."""
PAUSE_SECONDS = 0.1
REPORT_EVERY = 100

NEXT = """
INSERT INTO subject (id, last) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET last = subject.last + 1 RETURNING last
"""
INSERT = "INSERT INTO entry (id, event, subject, number) VALUES ($1, $2, $3, $4)"
FIND = "SELECT EXISTS (SELECT 1 FROM entry WHERE id = $1)"

CALLER = itself(SOURCE.name)
CLOCK = SystemClock()


@dataclass
class Writing:
    """What a run of the writer came to. `acknowledged`: keys whose commit the database confirmed.

    `unknown` commits had no answer; `resolved` of them turned out to be there.
    """

    acknowledged: list[UUID] = field(default_factory=list)
    unknown: int = 0
    resolved: int = 0

    @property
    def written(self) -> int:
        return len(self.acknowledged) + self.resolved


async def enter(pool: Pool, key: UUID, subject: str) -> None:
    """One entry and its event, in one transaction. The subject's row is locked first, so that its order is that of the commits."""
    async with transaction(pool, CALLER) as connection:
        number = await connection.fetchval(NEXT, subject)
        event = EntryWritten(entry=key, subject=subject, number=number)
        event_id = await record(connection, CLOCK, event, subject=subject, area=AREA)
        await connection.execute(INSERT, key, event_id, subject, number)


async def write(
    pool: Pool,
    subjects: list[str],
    *,
    lanes: int = 4,
    rate: float | None = None,
    tell: Callable[[int], None] | None = None,
) -> Writing:
    """Writes one entry for each item of `subjects`, which may repeat, by so many connections at once, at most `rate` a second."""
    writing = Writing()
    waiting = iter(subjects)
    loop = asyncio.get_running_loop()
    started, count = loop.time(), 0

    async def lane() -> None:
        nonlocal count
        for subject in waiting:
            count += 1
            if rate is not None and (early := started + count / rate - loop.time()) > 0:
                await asyncio.sleep(early)
            await _enter_surely(pool, uuid4(), subject, writing)
            if tell is not None:
                tell(writing.written)

    async with asyncio.TaskGroup() as group:
        for _ in range(lanes):
            group.create_task(lane())
    return writing


async def _enter_surely(pool: Pool, key: UUID, subject: str, writing: Writing) -> None:
    while True:
        try:
            await enter(pool, key, subject)
        except GONE:
            writing.unknown += 1
        else:
            writing.acknowledged.append(key)
            return
        if await _find(pool, key):
            writing.resolved += 1
            return


async def _find(pool: Pool, key: UUID) -> bool:
    """Whether the entry is there, asked until the database answers."""
    while True:
        try:
            return bool(await pool.fetchval(FIND, key))
        except GONE:
            await asyncio.sleep(PAUSE_SECONDS)


def choose(seed: int, count: int, subjects: int) -> list[str]:
    """Which subject each entry is about: a tenth of the subjects, the hot ones, get half of the entries."""
    chance = random.Random(seed)
    names = [f"{seed}-{number}" for number in range(subjects)]
    hot = names[: max(1, subjects // 10)]
    return [chance.choice(hot if chance.random() < 0.5 else names) for _ in range(count)]


async def _run(url: str, chosen: list[str], rate: float) -> Writing:
    while True:
        try:
            pool = await open_pool(url, 4)
            break
        except GONE:
            await asyncio.sleep(PAUSE_SECONDS)

    def tell(written: int) -> None:
        if written % REPORT_EVERY == 0 or written == len(chosen):
            typer.echo(written)

    async with pool:
        return await write(pool, chosen, rate=rate, tell=tell)


def main(count: int, subjects: int, seed: int, rate: float, confirmed: Path) -> None:
    """Write COUNT entries about SUBJECTS subjects at RATE a second; the keys of those confirmed go to the file CONFIRMED."""
    writing = uvloop.run(_run(load(DatabaseConfig).database_url, choose(seed, count, subjects), rate))
    confirmed.write_bytes(b"".join(key.bytes for key in writing.acknowledged))
    typer.echo(f"{writing.unknown} {writing.resolved}")


if __name__ == "__main__":
    typer.run(main)
