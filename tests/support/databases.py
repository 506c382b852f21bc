"""A database a test: a template is made once a run by the real migrations and copied for each test that asks.

Making a copy and dropping it takes some 300 ms, so a copy that a test is done with is brought back to what its template was (some 45 ms) and
used again. A test that changed the schema, or wrote much, takes its copy with it.
"""

import asyncio
import io
import itertools
import os
from collections.abc import Mapping
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

CHANGED = """
SELECT relname AS name FROM pg_stat_user_tables
WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY 1
"""
TABLES = """
SELECT relname AS name FROM pg_class c
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
SEQUENCES = """
SELECT quote_ident(sequencename) AS name, coalesce(last_value, start_value) AS value, last_value IS NOT NULL AS called
FROM pg_sequences WHERE schemaname = 'public'
"""
SCHEMA = """
SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM (
    SELECT 'class ' || oid || ' ' || xmin AS row FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'column ' || attrelid || ' ' || attnum || ' ' || xmin FROM pg_attribute WHERE attrelid >= 16384
    UNION ALL SELECT 'function ' || oid || ' ' || xmin FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 'constraint ' || oid || ' ' || xmin FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT 'trigger ' || oid || ' ' || xmin FROM pg_trigger
    UNION ALL SELECT 'policy ' || oid || ' ' || xmin FROM pg_policy) rows
"""
MUCH = 16 * 1024 * 1024


@dataclass(frozen=True)
class Origin:
    """What a template held when it was first copied: rows by table, as PostgreSQL copies them, where there are any."""

    size: int
    schema: str
    rows: Mapping[str, bytes]
    sequences: Mapping[str, tuple[int, bool]]


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
        self._origins: dict[str, Origin] = {}
        self._copied: dict[str, str] = {}
        self._free: dict[str, list[Database]] = {}
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
        """A database with what another had when it was first copied; nobody may be connected to that one."""
        return await self._create(service, database.name)

    def let_go(self, *done: Database) -> None:
        """Looks through databases that a test is done with and takes them back, while the next tests run."""
        for database in done:
            self._going.append(asyncio.create_task(self._take_back(database)))

    async def close(self) -> None:
        """Looks through the others and drops all."""
        await asyncio.gather(*self._going)
        free = {database.name for databases in self._free.values() for database in databases}
        for name in self._made:
            if name not in free:
                await self._look_through(name)
        for name in list(self._made):
            await self._drop(name)

    async def _take_back(self, database: Database) -> None:
        async with self._one_at_a_time:
            await self._look_through(database.name)
            template = self._copied[database.name]
            if await reset(database.superuser_url, self._origins[template]):
                self._free.setdefault(template, []).append(database)
            else:
                await self._drop(database.name)

    async def _drop(self, name: str) -> None:
        self._made.remove(name)
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
        if free := self._free.get(template):
            return free.pop()
        if template != "template1" and template not in self._origins:
            self._origins[template] = await origin_of(with_database(self._url, template))
        name = f"test_{os.getpid()}_{service}_{next(_serial)}"
        self._copied[name] = template
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


async def origin_of(url: str) -> Origin:
    """What a database holds, to bring copies of it back to."""
    connection = await asyncpg.connect(url)
    try:
        rows = {}
        for table in await connection.fetch(TABLES):
            if await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{table["name"]}")'):
                copied = io.BytesIO()
                await connection.copy_from_table(table["name"], output=copied, format="binary", schema_name="public")
                rows[table["name"]] = copied.getvalue()
        sequences = {row["name"]: (row["value"], row["called"]) for row in await connection.fetch(SEQUENCES)}
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        return Origin(size, await connection.fetchval(SCHEMA), rows, sequences)
    finally:
        await connection.close()


async def reset(url: str, origin: Origin) -> bool:
    """Brings a copy's rows back to the origin's; False, and nothing is done, where its schema is another by now or it has grown much.

    Whoever is still connected is put out, so that what they wrote is counted in the server's statistics, which tell what to bring back.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
        if size > origin.size + MUCH or await connection.fetchval(SCHEMA) != origin.schema:
            return False
        changed = [row["name"] for row in await connection.fetch(CHANGED)]
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table in changed:
                await connection.execute(f'DELETE FROM "{table}"')
            for table in changed:
                if table in origin.rows:
                    await connection.copy_to_table(
                        table, source=io.BytesIO(origin.rows[table]), format="binary", schema_name="public"
                    )
            for row in await connection.fetch(SEQUENCES):
                if (given := origin.sequences[row["name"]]) != (row["value"], row["called"]):
                    await connection.execute("SELECT setval($1::regclass, $2, $3)", row["name"], *given)
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT pg_stat_reset()")
        return True
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_role(url: str, role: str) -> str:
    """The session takes the role on at its start, so that no password need be known; policies and grants go by it alone."""
    return urlunsplit(urlsplit(url)._replace(query=f"role={role}"))
