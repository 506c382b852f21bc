"""A database a test: a template is made once a run by the real migrations and cloned (some 40 ms) for each test that asks."""

import asyncio
import itertools
import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from services.chassis.migrations import Migration, migrate, migrations_of
from tests.support import scan

_serial = itertools.count(1)

TOLD = {"outbox": "data::text", "inbox": "reason", "client_key": "answer::text"}
"""What of a database leaves it: events, reasons that operators read, answers that are given again."""


@dataclass(frozen=True)
class Database:
    """A service's database: as its run-time role, as its owner, and as the server's superuser."""

    name: str
    app_url: str
    owner_url: str
    superuser_url: str


class Databases:
    """Makes templates and clones on the server of `superuser_url`; names carry the process id, so that runs do not meet."""

    def __init__(self, superuser_url: str) -> None:
        self._url = superuser_url
        self._templates: dict[str, str] = {}
        self._made: list[str] = []
        self._going: list[asyncio.Task[None]] = []
        self._one_at_a_time = asyncio.Lock()
        self._lock = asyncio.Lock()

    async def clone(self, service: str, folder: Path | None = None) -> Database:
        """A migrated, empty database of the service; `folder` holds the migrations of one that is no package under services."""
        async with self._lock:
            if service not in self._templates:
                folder = folder or Path(import_module(f"services.{service}").__file__ or "").parent / "migrations"
                self._templates[service] = await self._template(service, migrations_of(service, folder))
            return await self._create(service, self._templates[service])

    async def empty(self, service: str) -> Database:
        """A database without any schema, but with the service's roles."""
        return await self._create(service, "template1")

    async def copy(self, service: str, database: Database) -> Database:
        """A database with what another has at present; nobody may be connected to that one."""
        return await self._create(service, database.name)

    def let_go(self, *done: Database) -> None:
        """Looks through databases that a test is done with and drops them, while the next tests run."""
        for database in done:
            self._made.remove(database.name)
            self._going.append(asyncio.create_task(self._drop(database.name)))

    async def close(self) -> None:
        """Looks through the others and drops them."""
        await asyncio.gather(*self._going)
        for name in self._made:
            await self._drop(name)

    async def _drop(self, name: str) -> None:
        async with self._one_at_a_time:
            await self._look_through(name)
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            finally:
                await connection.close()

    async def _look_through(self, name: str) -> None:
        connection = await asyncpg.connect(with_database(self._url, name))
        try:
            for table, column in TOLD.items():
                if await connection.fetchval("SELECT to_regclass($1)", table):
                    for row in await connection.fetch(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                        scan.look(row[0], f"table {table} of {name.split('_', 2)[2]}")
        finally:
            await connection.close()

    async def _template(self, service: str, migrations: list[Migration]) -> str:
        database = await self._create(service, "template1")
        await migrate(database.owner_url, migrations)
        return database.name

    async def _create(self, service: str, template: str) -> Database:
        name = f"test_{os.getpid()}_{service}_{next(_serial)}"
        connection = await asyncpg.connect(self._url)
        try:
            for role in (f"{service}_owner", f"{service}_app"):
                await connection.execute(
                    f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
                )
            # Copying files makes a database, and drops it, in half the time that writing it to the log takes.
            await connection.execute(
                f'CREATE DATABASE "{name}" OWNER {service}_owner TEMPLATE "{template}" STRATEGY file_copy'
            )
            self._made.append(name)
        finally:
            await connection.close()
        superuser_url = with_database(self._url, name)
        if template == "template1":
            await self._provision(superuser_url, service)
        return Database(
            name,
            with_role(superuser_url, f"{service}_app"),
            with_role(superuser_url, f"{service}_owner"),
            superuser_url,
        )

    @staticmethod
    async def _provision(url: str, service: str) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(
                f"ALTER SCHEMA public OWNER TO {service}_owner; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
            )
            if service == "archive":
                await connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        finally:
            await connection.close()


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_role(url: str, role: str) -> str:
    """The session takes the role on at its start, so that no password need be known; policies and grants go by it alone."""
    return urlunsplit(urlsplit(url)._replace(query=f"role={role}"))
