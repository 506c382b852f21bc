"""Liaison's database on a server of its own, as production runs it: every commit is flushed. No other process is needed."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from deploy.local.provision import create_databases
from deploy.local.stack import Stack
from services import liaison
from services.chassis.db import Pool, open_pool
from services.chassis.migrations import migrate, migrations_of

MIGRATIONS = Path(liaison.__file__).parent / "migrations"
OWNER, APP = "liaison_owner", "liaison_app"


class Stand:
    """From nothing; the server is ended when the block is left. `pool` is the worker's, under its role."""

    pool: Pool

    def __init__(self) -> None:
        self._stack = Stack.open("year")

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._start)
            await create_databases(self._stack)
            await migrate(self._stack.postgres_url("liaison", OWNER), migrations_of("liaison", MIGRATIONS))
            self.pool = await open_pool(self._stack.postgres_url("liaison", APP), 4)
        except BaseException:
            await asyncio.to_thread(self._stack.stop)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.pool.close()
        await asyncio.to_thread(self._stack.stop)

    def _start(self) -> None:
        self._stack.erase()
        self._stack.postgres.launch()
        self._stack.postgres.wait_ready()

    async def due(self) -> None:
        """All rosters and series are due for planning."""
        connection = await self.database()
        await connection.execute("UPDATE duty_rule SET planned_until = NULL; UPDATE series SET planned_until = NULL")
        await connection.close()

    async def database(self) -> "asyncpg.Connection[asyncpg.Record]":
        """As a superuser, for whom no row-level security runs."""
        return await asyncpg.connect(self._stack.superuser_url.rsplit("/", 1)[0] + "/liaison")
