"""Row-level security, the fence behind the commands' own checks."""

from datetime import date

import asyncpg
import pytest

from services.chassis.db import Pool, transaction
from services.chassis.errors import Forbidden
from services.chassis.principal import Caller
from tests.liaison.conftest import SERVICE

TABLES = ("duty", "duty_rule", "duty_rule_cadre", "duty_sheet")
SOMEBODY = Caller(subject="somebody")
ON_DUTY = Caller(subject="example-cadre-2")
DAY = date(2026, 1, 5)


async def test_no_caller_no_rows(planned: Pool) -> None:
    for table in TABLES:
        count = f"SELECT count(*) FROM {table}"
        assert await planned.fetchval(count) == 0, table
        async with transaction(planned, SERVICE) as connection:
            assert await connection.fetchval(count) > 0, table


async def test_a_caller_is_forgotten_with_the_transaction(planned: Pool) -> None:
    async with planned.acquire() as connection:
        async with connection.transaction():
            await connection.execute("SELECT set_config('sanmin.caller', $1, true)", SOMEBODY.setting)
            assert await connection.fetchval("SELECT count(*) FROM duty") == 248
        assert await connection.fetchval("SELECT count(*) FROM duty") == 0


@pytest.mark.parametrize(("caller", "rows"), [(SOMEBODY, 0), (ON_DUTY, 1), (SERVICE, 1)])
async def test_who_is_on_duty_and_the_service_update(planned: Pool, caller: Caller, rows: int) -> None:
    async with transaction(planned, caller) as connection:
        done = await connection.execute("UPDATE duty SET signed_in_at = now() WHERE date = $1", DAY)
    assert done == f"UPDATE {rows}"


async def test_a_duty_is_not_handed_over_by_who_has_it(planned: Pool) -> None:
    with pytest.raises(Forbidden):
        async with transaction(planned, ON_DUTY) as connection:
            await connection.execute("UPDATE duty SET subject = 'somebody' WHERE date = $1", DAY)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO duty (area, date, subject) VALUES ('339999100200', '2026-01-01', 'example-cadre')",
        "INSERT INTO duty_rule (area, starts) VALUES ('339999100200', '2026-02-01')",
    ],
)
async def test_a_caller_adds_nothing(planned: Pool, sql: str) -> None:
    with pytest.raises(Forbidden):
        async with transaction(planned, ON_DUTY) as connection:
            await connection.execute(sql)


async def test_a_caller_deletes_nothing_and_changes_no_rule(planned: Pool) -> None:
    async with transaction(planned, ON_DUTY) as connection:
        assert await connection.execute("DELETE FROM duty") == "DELETE 0"
        assert await connection.execute("UPDATE duty_rule SET alarm_days = 1") == "UPDATE 0"


async def test_the_role_owns_nothing_and_changes_no_schema(planned: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await planned.execute("ALTER TABLE duty DISABLE ROW LEVEL SECURITY")
