"""The timer: it warns, marks, escalates to the people who are named, and does each thing once, however many workers there are."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import CHINA, FixedClock
from services.chassis.db import transaction
from services.tickets.commands.sweep import keep_time, ring_some
from services.tickets.domain.deadline import Deadline, Kind, reckoned
from services.tickets.store import deadline as store
from services.tickets.store.calendar import read
from tests.tickets.domain.clocks import LIMITS, work
from tests.tickets.matters import COUNTY, GRID, OTHER_VILLAGE, SERVICE, Tickets, given_for

START = datetime(2026, 3, 2, 10, 0, tzinfo=CHINA)
MANY = """
INSERT INTO ticket (id, number, title, description, category, source, status, area, department, version, reported_by, reported_at, updated_at)
SELECT id, 'T-' || id, '示例', '示例', 'irrigation', 'APP', 'SIGNED', $2, 'water', 1, 'example-somebody', $3, $3
FROM unnest($1::uuid[]) AS given (id)
"""
TOLD = "SELECT type, subject, data FROM outbox WHERE type LIKE 'tickets.deadline.%' OR type LIKE '%.escalated.v1' ORDER BY recorded"


async def late(tickets: Tickets, count: int, *kinds: Kind, area: str = GRID) -> list[UUID]:
    """Matters that were dispatched at START and signed for; their clocks of these kinds run."""
    ids = [uuid7() for _ in range(count)]
    async with transaction(tickets.pool, SERVICE) as connection:
        calendar = await read(connection, START.year)
        first = reckoned(work(START), calendar, (), START)
        await connection.execute(MANY, ids, area, START)
        await store.save(connection, [_of(first, ticket, kind, area) for ticket in ids for kind in kinds])
    return ids


def _of(first: Deadline, ticket: UUID, kind: Kind, area: str) -> Deadline:
    department = None if kind is Kind.OVERALL else "water"
    return replace(first, id=uuid7(), ticket=ticket, kind=kind, area=area, department=department, limits=LIMITS)


async def told(tickets: Tickets) -> list[tuple[str, dict[str, Any]]]:
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(TOLD)
    assert all(row["subject"] == row["data"]["ticket"] for row in rows)
    return [(row["type"].removeprefix("tickets.").removesuffix(".v1"), row["data"]) for row in rows]


async def ring(tickets: Tickets, at: datetime, most: int = 500) -> int:
    tickets.clock.instant = at
    rang = 0
    while found := await ring_some(tickets.pool, tickets.clock, most):
        rang += found
    return rang


async def test_a_limit_is_warned_of_missed_and_escalated_to_those_who_are_named(tickets: Tickets) -> None:
    (key,) = await late(tickets, 1, Kind.WORK)
    assert await ring(tickets, START + timedelta(days=1)) == 0
    assert await ring(tickets, datetime(2026, 3, 6, 16, 30, tzinfo=CHINA)) == 1
    assert await ring(tickets, datetime(2026, 3, 9, 17, 30, tzinfo=CHINA)) == 0, "the last instant is in time"
    for day in (9, 10, 11):
        assert await ring(tickets, datetime(2026, 3, day, 17, 31, tzinfo=CHINA)) == 1
    assert await ring(tickets, datetime(2026, 6, 1, 9, tzinfo=CHINA)) == 0
    events = await told(tickets)
    assert [kind for kind, _ in events] == [
        "deadline.warned",
        *("deadline.missed", "ticket.escalated"),
        *("deadline.escalated", "ticket.escalated") * 2,
    ]
    assert [
        (data["level"], data["subjects"]) for kind, data in events if kind in ("deadline.missed", "deadline.escalated")
    ] == [
        (1, ["example-officer-water"]),
        (2, ["example-admin"]),
        (3, ["example-admin"]),
    ]
    _, ticket = await tickets.as_("auditor").read(
        "ticket",
        {"id": str(key)},
        [
            *[[name, name] for name in ("version", "escalation", "status")],
            ["deadlines", "deadlines", None, [["state", "state"], ["level", "level"]]],
            [
                "history",
                "history",
                None,
                [["deed", "deed"], ["actor", "actor"], ["role", "actorRole"], ["to", "toStatus"]],
            ],
        ],
    )
    step = {"deed": "escalated", "actor": "service:tickets", "role": "service", "to": "SIGNED"}
    assert ticket == {
        "version": 4,
        "escalation": 3,
        "status": "SIGNED",
        "deadlines": [{"state": "MISSED", "level": 3}],
        "history": [step] * 3,
    }


async def test_an_area_is_told_of_the_matters_own_limit_and_a_later_deed_ends_it(tickets: Tickets) -> None:
    (key,) = await late(tickets, 1, Kind.OVERALL)
    tickets.clock.instant = datetime(2026, 3, 9, 18, tzinfo=CHINA)
    assert await ring(tickets, tickets.clock.instant) == 1
    assert (await told(tickets))[0][1]["subjects"] == ["example-clerk"]
    officer = tickets.as_("department_officer", department="water")
    status, _ = await officer.command("resolveTicket", given_for("resolveTicket", key), [["status", "status"]])
    assert status == 200
    assert await ring(tickets, datetime(2026, 6, 1, 9, tzinfo=CHINA)) == 0


async def test_a_deed_that_is_late_but_faster_than_the_timer_is_told_as_missed(tickets: Tickets) -> None:
    (key,) = await late(tickets, 1, Kind.WORK)
    tickets.clock.instant = datetime(2026, 3, 9, 17, 31, tzinfo=CHINA)
    officer = tickets.as_("department_officer", department="water")
    answer = [["deadlines", "deadlines", None, [["state", "state"]]]]
    _, done = await officer.command("resolveTicket", given_for("resolveTicket", key), answer)
    assert done["deadlines"] == [{"state": "LATE"}]
    assert [(kind, data["level"], data["subjects"]) for kind, data in await told(tickets)] == [
        ("deadline.missed", 0, [])
    ]
    assert await ring(tickets, tickets.clock.instant) == 0


async def test_of_two_workers_none_does_a_thing_twice(tickets: Tickets) -> None:
    """Each matter has two limits that run out at once: the batches of both workers meet."""
    ids = await late(tickets, 150, Kind.WORK, Kind.OVERALL) + await late(tickets, 150, Kind.WORK, area=OTHER_VILLAGE)
    clock = FixedClock(datetime(2026, 3, 9, 17, 31, tzinfo=CHINA))

    async def worker() -> int:
        rang = 0
        while found := await ring_some(tickets.pool, clock, 20):
            rang += found
        return rang

    assert sum(await asyncio.gather(worker(), worker(), worker())) == 450
    assert await ring(tickets, clock.instant) == 0, "nor after a restart"
    events = await told(tickets)
    missed = Counter((data["ticket"], data["kind"]) for kind, data in events if kind == "deadline.missed")
    assert len(missed) == 450
    assert set(missed.values()) == {1}
    assert sum(kind == "ticket.escalated" for kind, _ in events) == 450
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(
            "SELECT t.version, t.escalation, (SELECT array_agg(version ORDER BY version) FROM step WHERE ticket = t.id) AS steps "
            "FROM ticket t WHERE t.id = ANY($1)",
            ids,
        )
        left = await connection.fetchval("SELECT count(*) FROM deadline WHERE missed_at IS NULL OR level <> 1")
    assert left == 0
    assert {(row["version"], row["escalation"], tuple(row["steps"])) for row in rows} == {(3, 1, (2, 3)), (2, 1, (2,))}


async def test_the_task_works_until_it_is_stopped(tickets: Tickets) -> None:
    await late(tickets, 3, Kind.WORK)
    clock, stop = FixedClock(datetime(2026, 3, 9, 17, 31, tzinfo=CHINA)), asyncio.Event()
    task = asyncio.create_task(keep_time(tickets.pool, clock, stop))
    async with asyncio.timeout(10):
        while len(await told(tickets)) < 6:
            await asyncio.sleep(0.02)
    stop.set()
    async with asyncio.timeout(5):
        await task
    assert await tickets.count("step") == 3


async def test_what_a_person_holds_is_left_for_the_next_time(tickets: Tickets) -> None:
    held, free = await late(tickets, 2, Kind.WORK)
    tickets.clock.instant = datetime(2026, 3, 9, 17, 31, tzinfo=CHINA)
    async with transaction(tickets.pool, SERVICE) as connection:
        await connection.fetch("SELECT FROM ticket WHERE id = $1 FOR UPDATE", held)
        assert await ring_some(tickets.pool, tickets.clock) == 1
    assert [data["ticket"] for _, data in await told(tickets)] == [str(free)] * 2
    assert await ring_some(tickets.pool, tickets.clock) == 1
    admin = tickets.as_("city_admin", areas=[COUNTY])
    assert (await admin.read("ticket", {"id": str(held)}, [["escalation", "escalation"]]))[1] == {"escalation": 1}
