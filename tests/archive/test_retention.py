"""What is erased when its time is over, what is kept, and that nothing can be erased sooner."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.archive.commands.upkeep import keep_retention, retain, seal
from services.chassis.clock import FixedClock, SystemClock
from services.chassis.db import transaction
from services.chassis.principal import Caller, itself
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key, person
from tests.archive.test_chain import ADD, SIGNER, findings

PAST = datetime.now(UTC) - timedelta(days=1200)
NOTE = """
INSERT INTO visit_note (id, household_id, area_code, text, visited_on, author, created_at)
SELECT gen_random_uuid(), $1, area_code, '示例走访', $2::timestamptz::date, 'example', $2 FROM household WHERE id = $1
"""
ATTACHMENT = """
INSERT INTO attachment (id, household_id, area_code, subject, subject_id, title, content_type, bytes, sha256, object_key, added_by, added_at,
    removed_by, removed_at)
SELECT gen_random_uuid(), id, area_code, 'HOUSEHOLD', id, '示例', 'image/png', 1, sha256('x'), 'x', 'example', $2, 'example', $2
FROM household WHERE id = $1
"""
NUMBERS = """
SELECT count(*) FROM sheet_entry WHERE key = $1 AND (patch ->> 'id_number_sealed' IS NOT NULL OR patch ->> 'phone_masked' IS NOT NULL)
"""


async def runs(archive: Archive) -> dict[str, tuple[int, int]]:
    rows = await archive.admin.fetch(
        "SELECT DISTINCT ON (rule) rule, removed, held FROM retention_run ORDER BY rule, id DESC"
    )
    return {row["rule"]: (row["removed"], row["held"]) for row in rows}


async def test_old_rows_of_the_audit_log_go_and_the_chain_still_verifies(archive: Archive) -> None:
    await archive.admin.execute(ADD, PAST, household(1), 5)
    await archive.admin.execute(ADD, PAST, household(2), 2)
    assert await seal(archive.pool, SIGNER, FixedClock(PAST), checkpoint_seconds=0) == 7
    await archive.admin.execute(ADD, datetime.now(UTC), household(1), 3)
    status, held = await archive.as_("admin").command(
        "holdHousehold", {"clientKey": key(), "id": household(2), "reason": "示例诉讼"}, [["number", "number"]]
    )
    assert (status, held) == (200, {"number": "0002"})
    await seal(archive.pool, SIGNER, SystemClock(), checkpoint_seconds=0)
    assert (await retain(archive.pool, SystemClock()))["audit"] == 5
    await seal(archive.pool, SIGNER, SystemClock(), checkpoint_seconds=0)
    assert await findings(archive) == []
    assert (await runs(archive))["audit"] == (5, 2)
    left = await archive.admin.fetch("SELECT household_id::text, deed FROM audit ORDER BY id")
    assert [row["household_id"] for row in left] == [household(2)] * 2 + [household(1)] * 3 + [None]
    assert left[-1]["deed"] == "RETENTION"
    await archive.admin.execute("DELETE FROM audit WHERE household_id = $1", household(2))
    assert [(one.what, one.position) for one in await findings(archive)] == [("MISSING", 6), ("MISSING", 7)]


async def test_visit_notes_and_decided_requests_go_after_their_time(archive: Archive) -> None:
    today = datetime.now(UTC)
    for days in (1700, 1900):
        for number in (1, 2):
            await archive.admin.execute(NOTE, household(number), today - timedelta(days=days))
    await archive.admin.execute("INSERT INTO legal_hold VALUES ($1, $2, '示例', 'example', now())", household(2), GRID)
    await archive.admin.execute(
        "INSERT INTO correction (id, household_id, area_code, field, wrong, state, requested_by, requested_at, due_on, decided_by, decided_at)"
        " SELECT gen_random_uuid(), $1, $2, 'other', '示例', state, 'example', $3, $3, by, at FROM (VALUES"
        " ('OPEN', NULL, NULL::timestamptz), ('ACCEPTED', 'example', $3), ('ACCEPTED', 'example', now())) v (state, by, at)",
        household(1),
        GRID,
        PAST,
    )
    for number, at in ((1, PAST), (2, PAST), (3, today)):
        await archive.admin.execute(ATTACHMENT, household(number), at)
    removed = await retain(archive.pool, SystemClock())
    assert (removed["visit_note"], removed["correction"], removed["attachment"]) == (1, 1, 1)
    assert await archive.admin.fetchval("SELECT count(*) FROM attachment") == 2
    assert (await runs(archive))["visit_note"] == (1, 1)
    assert await archive.admin.fetchval("SELECT count(*) FROM visit_note") == 3
    assert sorted(row[0] for row in await archive.admin.fetch("SELECT state FROM correction")) == ["ACCEPTED", "OPEN"]
    assert set((await retain(archive.pool, SystemClock())).values()) == {0}


async def test_numbers_go_when_nobody_of_them_is_a_member_any_more(archive: Archive) -> None:
    """From the sheet's history, too; whoever is a member somewhere keeps theirs, and so does everybody under a hold."""
    long_ago, lately = (datetime.now(UTC).date() - timedelta(days=days) for days in (1900, 1700))
    for number, closed in ((1, long_ago), (2, lately), (3, long_ago)):
        await archive.admin.execute("UPDATE household SET closed_on = $2 WHERE id = $1", household(number), closed)
    await archive.admin.execute(
        "UPDATE membership SET since = since - 3000, until = $2 WHERE household_id = $1", household(1), long_ago
    )
    await archive.admin.execute("UPDATE person SET household_id = NULL, relation = NULL WHERE id = $1", person(2))
    await archive.admin.execute(
        "UPDATE membership SET household_id = $2, until = NULL, area_code = $3 WHERE person_id = $1",
        person(3),
        household(4),
        GRID,
    )
    await archive.admin.execute("UPDATE person SET household_id = $2 WHERE id = $1", person(3), household(4))
    await archive.admin.execute("INSERT INTO legal_hold VALUES ($1, $2, '示例', 'example', now())", household(3), GRID)
    removed = (await retain(archive.pool, SystemClock()))["numbers"]
    gone = await archive.admin.fetch(
        "SELECT id::text FROM person WHERE id_number_sealed IS NULL AND phone_sealed IS NULL ORDER BY id"
    )
    assert removed > 0
    assert {person(1), person(2)} <= {row["id"] for row in gone}
    assert person(3) not in {row["id"] for row in gone}
    assert await archive.admin.fetchval(NUMBERS, person(1)) == 0
    assert await archive.admin.fetchval(NUMBERS, person(3)) > 0
    kept = "SELECT count(*) FROM person WHERE household_id = $1 AND id_number_sealed IS NOT NULL"
    assert await archive.admin.fetchval(kept, household(2)) > 0
    assert await archive.admin.fetchval(kept, household(3)) > 0


async def test_nobody_but_the_service_erases_and_the_service_nothing_else(archive: Archive) -> None:
    async def fails(caller: Caller, sql: str) -> None:
        with pytest.raises(Exception, match=r"reach|no rows"):
            async with transaction(archive.pool, caller) as connection:
                await connection.execute(sql)

    await fails(Caller("a", areas=(VILLAGE,)), "SELECT apply_retention('audit', 10)")
    await fails(itself("archive"), "SELECT apply_retention('household', 10)")
    await fails(itself("archive"), "UPDATE retention_rule SET days = 180")
    await fails(itself("archive"), "DELETE FROM visit_note")
    with pytest.raises(Exception, match="check constraint"):
        await archive.admin.execute("UPDATE retention_rule SET days = 30")


async def test_the_worker_applies_the_rules_once_a_day(archive: Archive) -> None:
    clock, stop = FixedClock(datetime.now(UTC)), asyncio.Event()
    stop.set()
    for hours, expected in ((0, 1), (1, 1), (23, 2)):
        clock.instant += timedelta(hours=hours)
        await keep_retention(archive.pool, clock, stop)
        assert await archive.admin.fetchval("SELECT count(DISTINCT at) FROM retention_run") == expected


async def test_who_may_hold_a_household(archive: Archive) -> None:
    given = {"id": household(1), "reason": "示例诉讼"}
    for account, status in (("cadre", 403), ("resident", 403), ("admin", 200), ("admin", 409)):
        answered, _ = await archive.as_(account).command(
            "holdHousehold", {"clientKey": key(), **given}, [["key", "key"]]
        )
        assert answered == status
    for account, status in (("clerk", 403), ("admin", 200), ("admin", 409)):
        deed = {"clientKey": key(), "id": household(1)}
        assert (await archive.as_(account).command("liftHold", deed, [["key", "key"]]))[0] == status
