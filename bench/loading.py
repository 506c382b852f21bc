"""One loading process: makes villages and writes each in one transaction.

Areas, grid workers and events are copied, which PostgreSQL refuses under row-level security. So the loader comes as the superuser who also
provisions the local stack: no policy runs, while constraints, foreign keys and triggers do. Nothing that serves requests has this role.
"""

import asyncio
import ctypes
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import msgspec

from bench import ledger, rows
from bench.ledger import Line
from bench.shape import Village
from services.chassis.keys import Keys, vault_of

PR_SET_PDEATHSIG = 1

_worker: "Worker"


@dataclass(frozen=True, kw_only=True)
class Access(Keys):
    """Settings: the server as a superuser, the archive's database on it, and the archive's keys."""

    superuser_database_url: str = field(repr=False)
    archive_database: str = "archive"

    @property
    def url(self) -> str:
        """The archive's database as the superuser."""
        return urlunsplit(urlsplit(self.superuser_database_url)._replace(path="/" + quote(self.archive_database)))

    async def open(self) -> "asyncpg.Connection[asyncpg.Record]":
        connection = await asyncpg.connect(self.url, timeout=20, server_settings={"application_name": "sanmin-bench"})
        # COPY is binary, where jsonb is a version byte and the JSON text.
        await connection.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            encoder=lambda value: b"\x01" + msgspec.json.encode(value),
            decoder=lambda data: msgspec.json.decode(data[1:]),
            format="binary",
        )
        return connection

    @asynccontextmanager
    async def connect(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection for the time of the block."""
        connection = await self.open()
        try:
            yield connection
        finally:
            await connection.close()


def begin(access: Access) -> None:
    """Readies this process, which ends when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    global _worker  # noqa: PLW0603  a process pool hands its initializer's work on in no other way
    _worker = Worker(access)


def load_village(village: Village, seed: int) -> Line:
    """Makes and copies one village in this process; returns its line of the ledger."""
    return _worker.load(village, seed)


class Worker:
    """Keeps one connection and one event loop for all villages of this process."""

    def __init__(self, access: Access) -> None:
        self._vault = vault_of(access)
        self._loop = asyncio.new_event_loop()
        self._connection = self._loop.run_until_complete(access.open())

    def load(self, village: Village, seed: int) -> Line:
        made = rows.batch(village, seed, self._vault)
        line = Line(
            village.code, seed, len(made.sheets), sum(len(sheet.members) for sheet in made.sheets), made.hash.digest()
        )
        self._loop.run_until_complete(self._save(made, line))
        return line

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()

    async def _save(self, made: rows.Batch, line: Line) -> None:
        async with self._connection.transaction():
            await rows.write(self._connection, made)
            await ledger.note(self._connection, line)
