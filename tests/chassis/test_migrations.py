"""The ledger: applied once, refused when changed, and no start on an old schema."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from services.chassis.migrations import Migration, SchemaError, migrate, migrations_of, require_current
from tests.chassis.probe import MIGRATIONS
from tests.support.databases import Databases


def probe_migrations() -> list[Migration]:
    return migrations_of("probe", MIGRATIONS)


async def test_two_migrators_apply_each_file_once(databases: Databases) -> None:
    database = await databases.empty("probe")
    applied = await asyncio.gather(*(migrate(database.owner_url, probe_migrations()) for _ in range(2)))
    assert sorted(applied, key=len) == [[], ["0000_pre_chassis.sql", "0001_pre_note.sql", "0002_pre_events.sql"]]


async def test_start_up_refuses_an_old_or_changed_schema(databases: Databases) -> None:
    database = await databases.empty("probe")
    connection = await asyncpg.connect(database.app_url)
    with pytest.raises(SchemaError, match="run migrate first"):
        await require_current(connection, probe_migrations())
    await migrate(database.owner_url, probe_migrations()[:1])
    with pytest.raises(SchemaError, match=r"0001_pre_note\.sql, 0002_pre_events\.sql missing"):
        await require_current(connection, probe_migrations())
    await migrate(database.owner_url, probe_migrations())
    await require_current(connection, probe_migrations())
    changed = [*probe_migrations()[:1], Migration("0001_pre_note.sql", "SELECT 2")]
    with pytest.raises(SchemaError, match="changed after"):
        await require_current(connection, changed)
    with pytest.raises(SchemaError, match="changed after"):
        await migrate(database.owner_url, changed)
    later = Migration("0002_post_tidy.sql", "SELECT 1")
    await require_current(connection, [*probe_migrations(), later])
    await connection.close()


async def test_a_failing_migration_leaves_nothing_of_itself(databases: Databases) -> None:
    database = await databases.empty("probe")
    broken = Migration("0001_pre_broken.sql", "CREATE TABLE half (id int); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database.owner_url, [*probe_migrations()[:1], broken])
    connection = await asyncpg.connect(database.owner_url)
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    await connection.close()


def test_a_misnamed_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1-first.sql").write_text("SELECT 1")
    with pytest.raises(SchemaError, match=r"1-first\.sql"):
        migrations_of("probe", tmp_path)


@pytest.mark.parametrize("service", ["archive", "liaison", "tickets"])
async def test_a_service_on_an_empty_database_ends_in_one_sentence(databases: Databases, service: str) -> None:
    database = await databases.empty(service)
    settings = {
        "DATABASE_URL": database.app_url,
        "PORT": "0",
        "ISSUER": "https://issuer.example",
        "JWKS_URL": "https://issuer.example/jwks",
        "PERSONAL_DATA_KEY": "A" * 43 + "=",
        "BLIND_INDEX_KEY": "B" * 43 + "=",
    }
    environment = {**os.environ, **{f"SANMIN_{key}": value for key, value in settings.items()}}
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", f"services.{service}", "api"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode != 0
    assert "the database has no schema yet: run migrate first" in ended.stderr
