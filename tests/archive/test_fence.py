"""Row-level security, table by table.

The tables are found in the database, so a new one fails until it is fenced, or said to hold no people's data.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from services.archive.domain.access import reach
from services.chassis.db import Pool, open_pool, transaction
from services.chassis.errors import Forbidden
from services.chassis.principal import Caller, Principal, itself
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, household, person
from tests.support.databases import Database, Databases

UNFENCED = {
    # divisions, which are public, and rules
    *(
        "area",
        "area_edge",
        "area_name",
        "response_limit",
        "retention_rule",
        "retention_run",
        "review_interval",
        "visit_need",
    ),
    # hashes and numbers of rows
    *("audit_chain", "audit_checkpoint", "audit_unsealed"),
    # the frame's own: ids and codes, and masked answers that only their own account is given again
    *("client_key", "consumer_pause", "feed", "flight", "inbox", "outbox", "schema_ledger"),
}
HERE, THERE = (GRID, household(1), person(1)), (OTHER_GRID, household(5), person(25))
OTHER_VILLAGE = "330881001001"
ROLES = frozenset({"auditor", "city_admin", "grid_worker"})
BY_TYPE = {
    "text": "'示例'",
    "array": "'{}'",
    "uuid": "gen_random_uuid()",
    "date": "'2020-01-01'",
    "timestamp with time zone": "'2020-01-01'",
    "integer": "1",
    "bigint": "1",
    "numeric": "1",
    "boolean": "true",
    "jsonb": "'{}'",
    "bytea": "sha256('x')",
}
VALUES: dict[tuple[str, str], str] = {
    ("household", "id"): "gen_random_uuid()",
    ("person", "sex"): "'1'",
    ("plot", "code"): "lpad((random() * 1e9)::bigint::text, 19, '3')",
    ("plot", "category"): "'10'",
    ("likely_duplicate", "one"): "'00000000-0000-0000-0000-000000000001'",
    ("likely_duplicate", "other"): "gen_random_uuid()",
    ("attachment", "subject"): "'MEMBER'",
}
"""What generic values would not do for: (table, column) → SQL."""
VILLAGES = {"village_sheet", "village_entry"}
"""Tables whose rows are a village's, which residents of the village and staff of its grids may read as far as they are open."""
HOUSEHOLDLESS = {
    "area_change",
    "area_shape",
    "household_term",
    "import_chunk",
    "import_fault",
    "import_job",
    "likely_duplicate",
    "person_merge",
}
"""Tables that no resident reads."""

TABLES = """
SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS fenced FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1
"""
COLUMNS = """
SELECT attname AS name, format_type(atttypid, NULL) AS type, attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = '' AS needed
FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
CHECKS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'"


@dataclass(frozen=True)
class Fence:
    """A database in which every fenced table has a row here and one there. `areas`: table → column of the area, code here, code there."""

    pool: Pool
    admin: "asyncpg.Connection[asyncpg.Record]"
    areas: dict[str, tuple[str, str, str]]

    async def seen(self, caller: Caller | None, table: str, where: str = "true", *args: Any) -> int:
        """How many rows the caller sees; without one, nobody has said who calls."""
        sql = f"SELECT count(*) FROM {table} WHERE {where}"
        if caller is None:
            return int(await self.pool.fetchval(sql, *args))
        async with transaction(self.pool, caller) as connection:
            return int(await connection.fetchval(sql, *args))


async def fill(admin: "asyncpg.Connection[asyncpg.Record]", table: str, place: tuple[str, str, str]) -> str:
    """Adds a row in a place; returns the column that holds its area."""
    area, sheet, member = place
    columns = await admin.fetch(COLUMNS, table)
    checks = " ".join(row[0] for row in await admin.fetch(CHECKS, table))
    allowed = dict(re.findall(r"\(?(\w+) = ANY \(ARRAY\['([^']+)'", checks))
    fixed = dict.fromkeys(("area_code", "grid_code", "other_area", "dropped_area"), f"'{area}'")
    fixed |= {"household_id": f"'{sheet}'", "person_id": f"'{member}'"}
    values = {}
    for name, kind, needed in columns:
        if (table, name) in VALUES:
            values[name] = VALUES[table, name]
        elif name in fixed:
            values[name] = fixed[name]
        elif needed:
            values[name] = f"'{allowed[name]}'" if name in allowed else BY_TYPE[re.sub(r".*\[\]", "array", kind)]
    if table == "person":
        values["relation"] = "'97'"
    await admin.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())}) ON CONFLICT DO NOTHING"
    )
    return "grid_code" if "grid_code" in values else "area_code"


@pytest.fixture(scope="module")
async def fence(databases: Databases, loaded: Database) -> AsyncIterator[Fence]:
    database = await databases.copy("archive", loaded)
    admin = await asyncpg.connect(database.superuser_url)
    await admin.execute("SET session_replication_role = replica")  # foreign keys are others' business
    areas = {}
    for name, fenced in await admin.fetch(TABLES):
        if fenced:
            here, there = HERE, THERE
            if name in VILLAGES:
                here, there = (VILLAGE, *HERE[1:]), (OTHER_VILLAGE, *THERE[1:])
            column = await fill(admin, name, here)
            await fill(admin, name, there)
            areas[name] = (column, here[0], there[0])
    pool = await open_pool(database.app_url, 2)
    yield Fence(pool, admin, areas)
    await pool.close()
    await admin.close()


async def test_every_table_is_fenced_or_holds_no_peoples_data(fence: Fence) -> None:
    tables = {row["name"] for row in await fence.admin.fetch(TABLES)}
    assert tables == UNFENCED | fence.areas.keys()
    assert len(fence.areas) >= 20
    assert fence.areas.keys() >= VILLAGES | HOUSEHOLDLESS


async def test_staff_see_their_area_and_nothing_else(fence: Fence) -> None:
    for table, (column, here, there) in fence.areas.items():
        staff = reach(Principal("a", roles=ROLES, areas=(here,)))
        assert await fence.seen(staff, table, f"{column} ^@ $1", here) > 0, table
        assert await fence.seen(staff, table, f"NOT {column} ^@ $1", here) == 0, table
        assert await fence.seen(staff, table, f"{column} ^@ $1", there) == 0, table
        assert await fence.admin.fetchval(f"SELECT count(*) FROM {table} WHERE {column} ^@ $1", there) > 0, table
        wrong = reach(Principal("a", roles=ROLES, areas=("330881999",)))
        assert await fence.seen(wrong, table) == 0, table
        assert await fence.seen(itself("archive"), table) >= 2, table


@pytest.mark.parametrize("role", ["department_officer", "somebody", "resident"])
async def test_a_role_that_reads_no_sheets_sees_nothing_for_all_its_areas(fence: Fence, role: str) -> None:
    caller = reach(Principal("a", roles=frozenset({role}), areas=("33",), department="agriculture"))
    for table in fence.areas:
        assert await fence.seen(caller, table) == 0, table


async def test_who_reads_sheets_but_audits_nothing_sees_no_audit_log(fence: Fence) -> None:
    for role, some in (("grid_worker", False), ("township_clerk", False), ("auditor", True), ("city_admin", True)):
        caller = reach(Principal("a", roles=frozenset({role}), areas=("33",)))
        assert (await fence.seen(caller, "audit") > 0) == some, role


async def test_residents_see_their_own_household_only(fence: Fence) -> None:
    def resident(key: str) -> Caller:
        return reach(Principal("a", roles=frozenset({"resident"}), household=key))

    own, other, stranger = resident(household(1)), resident(household(3)), resident(household(4711))
    for table in fence.areas:
        assert await fence.seen(stranger, table) == 0, table
        if table in HOUSEHOLDLESS:
            assert await fence.seen(own, table) == 0, table
            continue
        assert await fence.seen(own, table) > 0, table
        if table not in VILLAGES | {"grid_worker"}:
            key = "id" if table == "household" else "household_id"
            assert await fence.seen(own, table, f"{key} IS DISTINCT FROM $1", household(1)) == 0, table
            assert await fence.seen(other, table, f"{key} = $1", household(1)) == 0, table


async def test_without_a_caller_there_is_nothing(fence: Fence) -> None:
    for table in fence.areas:
        assert await fence.seen(None, table) == 0, table


async def test_nothing_is_written_elsewhere(fence: Fence) -> None:
    """A copy of a row there is refused, a row there is not changed, and a row here cannot be moved there."""
    for table, (column, here, there) in fence.areas.items():
        staff = reach(Principal("a", roles=ROLES, areas=(here,)))
        row = await fence.admin.fetchval(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {column} ^@ $1 LIMIT 1", there)
        columns = ", ".join(
            record["name"]
            for record in await fence.admin.fetch(
                "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped "
                "AND attidentity = '' AND attgenerated = ''",
                table,
            )
        )
        copy = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1::text::jsonb)"
        for deed, args in (
            (copy, (row,)),
            (f"UPDATE {table} SET {column} = $1 WHERE {column} = $2", (there, here)),
        ):
            with pytest.raises(Forbidden):
                async with transaction(fence.pool, staff) as connection:
                    await connection.execute(deed, *args)
                    pytest.fail(f"{table}: {deed[:6]} went through")
        for deed in (
            f"UPDATE {table} SET {column} = {column} WHERE {column} ^@ $1",
            f"DELETE FROM {table} WHERE {column} ^@ $1",
        ):
            try:
                async with transaction(fence.pool, staff) as connection:
                    assert (await connection.execute(deed, there)).endswith(" 0"), table
            except Forbidden:
                pass
