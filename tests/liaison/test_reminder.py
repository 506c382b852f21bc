"""Reminders of what is to come: each told once to each, whoever tells it and whatever came in between."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.clock import CHINA, FixedClock
from services.chassis.db import Pool, transaction
from services.liaison.commands.reminder import remind_due
from services.liaison.store import reminder as store
from tests.liaison.conftest import SERVICE, VILLAGE, add_cadre

SESSION = UUID("00000000-0000-7000-8000-000000000001")
TUESDAY = date(2026, 1, 6)
"""The day after the fixed clock's: example-cadre has duty, on Wednesday example-cadre-2."""


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA).astimezone(UTC)


async def told(pool: Pool) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT data FROM outbox WHERE type = 'liaison.reminder.issued.v1' ORDER BY recorded")
    return [row["data"] for row in rows]


def briefly(events: Sequence[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(event["dueAt"], event["date"], event["subject"]) for event in events]


async def remind_at(pool: Pool, clock: FixedClock, instant: datetime) -> int:
    clock.instant = instant
    return await remind_due(pool, clock)


async def test_of_a_duty_on_the_eve_and_in_the_morning(planned: Pool, clock: FixedClock) -> None:
    await remind_at(planned, clock, at(TUESDAY - timedelta(days=1), 16, 59))
    before = len(await told(planned))
    assert await remind_at(planned, clock, at(TUESDAY - timedelta(days=1), 17)) == 1
    assert await remind_at(planned, clock, at(TUESDAY, 7, 29)) == 0
    assert await remind_at(planned, clock, at(TUESDAY, 7, 30)) == 1
    assert await remind_at(planned, clock, at(TUESDAY, 16, 59)) == 0
    assert (await told(planned))[before:] == [
        {
            "ref": f"{VILLAGE}/2026-01-06",
            "kind": "DUTY",
            "area": VILLAGE,
            "subject": "example-cadre",
            "date": "2026-01-06",
            "beginsAt": "2026-01-06T00:00:00Z",
            "dueAt": due,
        }
        for due in ("2026-01-05T09:00:00Z", "2026-01-05T23:30:00Z")
    ]
    row = await planned.fetchrow(
        "SELECT subject, routing_key FROM outbox WHERE type = 'liaison.reminder.issued.v1' LIMIT 1"
    )
    assert row is not None
    assert row["routing_key"] == "liaison.reminder.issued.-.339999.100.200.-"


async def test_several_workers_tell_each_once(planned: Pool, clock: FixedClock) -> None:
    clock.instant = at(TUESDAY, 17)
    counts = await asyncio.gather(*(remind_due(planned, clock) for _ in range(4)))
    events = await told(planned)
    assert sum(counts) == len(events) == len({(event["ref"], event["dueAt"], event["subject"]) for event in events}) > 0
    assert await remind_due(planned, clock) == 0


async def test_what_another_worker_is_telling_is_not_waited_for(planned: Pool, clock: FixedClock) -> None:
    clock.instant = at(TUESDAY - timedelta(days=1), 17)
    async with transaction(planned, SERVICE) as connection:
        assert await store.claim(connection, clock.now(), 500)
        async with asyncio.timeout(5):
            assert await remind_due(planned, clock) == 0


async def test_after_a_pause_what_is_not_too_late_is_told(planned: Pool, clock: FixedClock) -> None:
    """At noon on Wednesday after a week without a worker: of today's duty both, not of Tuesday's, which is over."""
    wednesday = TUESDAY + timedelta(days=1)
    await remind_at(planned, clock, at(wednesday, 12))
    assert briefly(await told(planned)) == [
        ("2026-01-06T09:00:00Z", "2026-01-07", "example-cadre-2"),
        ("2026-01-06T23:30:00Z", "2026-01-07", "example-cadre-2"),
    ]
    assert await remind_at(planned, clock, at(wednesday, 17) + timedelta(days=30)) > 0
    kept = await planned.fetchval("SELECT count(*) FROM outbox WHERE type = 'liaison.reminder.issued.v1'")
    async with transaction(planned, SERVICE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM reminder") < kept, (
            "what cannot be told again is forgotten"
        )


async def test_who_takes_a_duty_over_is_reminded_instead(planned: Pool, clock: FixedClock) -> None:
    eve = TUESDAY - timedelta(days=1)
    await remind_at(planned, clock, at(eve, 16, 59))
    before = len(await told(planned))
    await remind_at(planned, clock, at(eve, 17))
    async with transaction(planned, SERVICE) as connection:
        await connection.execute(
            "UPDATE duty SET subject = 'example-cadre-2' WHERE area = $1 AND date = $2", VILLAGE, TUESDAY
        )
    await remind_at(planned, clock, at(eve, 20))
    await remind_at(planned, clock, at(TUESDAY, 8))
    assert briefly((await told(planned))[before:]) == [
        ("2026-01-05T09:00:00Z", "2026-01-06", "example-cadre"),
        ("2026-01-05T09:00:00Z", "2026-01-06", "example-cadre-2"),
        ("2026-01-05T23:30:00Z", "2026-01-06", "example-cadre-2"),
    ]


async def test_of_a_session_its_staff_and_its_village_where_it_stands(planned: Pool, clock: FixedClock) -> None:
    async with transaction(planned, SERVICE) as connection:
        await add_cadre(connection, "example-officer", department="civil-affairs")
        await connection.execute(
            "INSERT INTO session (id, kind, area, due, date, opens, minutes, state) "
            "VALUES ($1, 'GATHERING', $2, $3, $3, '09:00', 120, 'PLANNED')",
            *(SESSION, VILLAGE, TUESDAY),
        )
        await connection.execute(
            "INSERT INTO session_staff (session, department, subject) VALUES ($1, 'civil-affairs', 'example-officer'), ($1, 'justice', NULL)",
            SESSION,
        )

    async def of_session() -> list[tuple[str, str, str | None]]:
        return briefly([event for event in await told(planned) if event["kind"] == "SESSION"])

    await remind_at(planned, clock, at(TUESDAY - timedelta(days=1), 18))
    first = [("2026-01-05T09:00:00Z", "2026-01-06", None), ("2026-01-05T09:00:00Z", "2026-01-06", "example-officer")]
    assert await of_session() == first
    async with transaction(planned, SERVICE) as connection:
        await connection.execute("UPDATE session SET date = $2 WHERE id = $1", SESSION, TUESDAY + timedelta(days=2))
    await remind_at(planned, clock, at(TUESDAY, 8))
    assert await of_session() == first, "moved away"
    await remind_at(planned, clock, at(TUESDAY + timedelta(days=1), 18))
    again = [("2026-01-07T09:00:00Z", "2026-01-08", None), ("2026-01-07T09:00:00Z", "2026-01-08", "example-officer")]
    assert await of_session() == first + again
    async with transaction(planned, SERVICE) as connection:
        await connection.execute("UPDATE session SET state = 'CANCELLED' WHERE id = $1", SESSION)
    await remind_at(planned, clock, at(TUESDAY + timedelta(days=2), 8))
    assert await of_session() == first + again, "cancelled"


async def test_what_is_just_being_changed_is_looked_at_again(planned: Pool, clock: FixedClock) -> None:
    eve = TUESDAY - timedelta(days=1)
    await remind_at(planned, clock, at(eve, 16, 59))
    before = len(await told(planned))
    async with transaction(planned, SERVICE) as connection:
        await connection.execute(
            "UPDATE duty SET subject = 'example-cadre-2' WHERE area = $1 AND date = $2", VILLAGE, TUESDAY
        )
        assert await remind_at(planned, clock, at(eve, 17)) == 0
    assert await remind_at(planned, clock, at(eve, 17)) == 1
    assert (await told(planned))[before]["subject"] == "example-cadre-2"
