"""Plain SQL migrations with a ledger of checksums; start-up refuses a schema that is not the one the code was written for.

Files are `NNNN_{pre,post}_what.sql`. `pre` runs before the new version starts and must suit the running one; `post` runs after the old one is gone.
The chassis' own SQL is number 0000 of every service. In the text `{app}` stands for the service's run-time role.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Problem

NAME = re.compile(r"(\d{4})_(pre|post)_[a-z0-9_]+\.sql")
LOCK = 0x5A_4D_1001

LEDGER = """
CREATE TABLE IF NOT EXISTS schema_ledger (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""
APPLIED = "SELECT name, checksum FROM schema_ledger ORDER BY name"
NOTE = "INSERT INTO schema_ledger (name, checksum) VALUES ($1, $2)"


class SchemaError(Problem):
    """The database's schema is not the one that this version needs."""

    code, title = "SCHEMA", "Wrong schema"


@dataclass(frozen=True)
class Migration:
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations_of(service: str, folder: Path) -> list[Migration]:
    """The chassis' and the service's migrations in order; a file whose name has another form is an error."""
    files = [*(Path(__file__).parent / "sql").glob("*.sql"), *folder.glob("*.sql")]
    for file in files:
        if not NAME.fullmatch(file.name):
            raise SchemaError(f"{file.name} is not named NNNN_pre_what.sql or NNNN_post_what.sql")
    return [
        Migration(file.name, file.read_text(encoding="utf-8").replace("{app}", f"{service}_app"))
        for file in sorted(files, key=lambda file: file.name)
    ]


async def migrate(url: str, migrations: list[Migration]) -> list[str]:
    """Applies what is missing, each file in a transaction of its own, one migrator at a time. Returns the names applied."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET lock_timeout = '10s'")
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(LEDGER)
        done = _compare(migrations, {row["name"]: row["checksum"] for row in await connection.fetch(APPLIED)})
        missing = [migration for migration in migrations if migration.name not in done]
        for migration in missing:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(NOTE, migration.name, migration.checksum)
        await connection.execute(f'GRANT SELECT ON schema_ledger TO "{await _app_role(connection)}"')
        return [migration.name for migration in missing]
    finally:
        await connection.close()


async def _app_role(connection: Connection) -> str:
    owner: str = await connection.fetchval("SELECT current_user")
    return owner.removesuffix("_owner") + "_app"


async def require_current(connection: Connection, migrations: list[Migration]) -> None:
    """Raises SchemaError unless every `pre` migration of this version is applied and none was changed since."""
    try:
        rows = await connection.fetch(APPLIED)
    except asyncpg.UndefinedTableError:
        raise SchemaError("the database has no schema yet: run migrate first") from None
    done = _compare(migrations, {row["name"]: row["checksum"] for row in rows})
    missing = [migration.name for migration in migrations if migration.name not in done and "_pre_" in migration.name]
    if missing:
        raise SchemaError(f"the database's schema is old: {', '.join(missing)} missing; run migrate first")


def _compare(migrations: list[Migration], applied: dict[str, str]) -> set[str]:
    for migration in migrations:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise SchemaError(f"{migration.name} was changed after it had been applied; add a new migration instead")
    return set(applied)
