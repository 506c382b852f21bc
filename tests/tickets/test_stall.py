"""A stall that liaison tells of is an activity of its team: made, moved, cancelled, and held as any other."""

from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event, encode
from services.chassis.inbox import Inbox
from services.tickets.reactions import REACTIONS
from services.tickets.store import team as store
from tests.tickets.matters import NOON, SERVICE, TOWNSHIP, Tickets

STALL = UUID("00000000-0000-7000-8009-0000000000aa")
ACTIVITY: list[Any] = [
    [name, name] for name in ("day", "begins", "ends", "place", "state", "reason", "people", "version")
]


@pytest.fixture
def inbox(loaded: Pool, clock: FixedClock) -> Inbox:
    return Inbox(loaded, SERVICE, REACTIONS, clock)


def told(kind: str, **changes: Any) -> bytes:
    data: dict[str, Any] = {
        "stall": str(STALL),
        "market": str(uuid4()),
        "team": "example-party-members",
        "area": TOWNSHIP,
    }
    data |= {"date": "2026-01-11", "begins": "08:30", "ends": "11:30", "version": 1, **changes}
    source, subject = "urn:sanmin:liaison", str(STALL)
    return encode(
        Event(id=uuid4(), source=source, type=f"liaison.stall.{kind}.v1", subject=subject, time=NOON, data=data)
    )


async def activity(tickets: Tickets) -> dict[str, Any] | None:
    _, (found,) = await tickets.as_("village_cadre").read("activitiesById", {"keys": [str(STALL)]}, ACTIVITY)
    return found  # type: ignore[no-any-return]


async def events(tickets: Tickets) -> list[tuple[str, str, int]]:
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(
            "SELECT type, data FROM outbox WHERE type LIKE 'tickets.activity.%' ORDER BY sequence"
        )
    return [(row["type"].split(".")[2], row["data"]["day"], row["data"]["version"]) for row in rows]


async def test_a_stall_is_an_activity_and_moves_with_its_market(inbox: Inbox, tickets: Tickets) -> None:
    """What comes late of an earlier version, as from a dead letter that is tried again, does not move it back."""
    for kind, day, version in (
        ("planned", "2026-01-11", 1),
        ("planned", "2026-01-11", 1),
        ("moved", "2026-01-12", 3),
        ("moved", "2026-01-12", 3),
        ("moved", "2026-01-10", 2),
        ("planned", "2026-01-11", 1),
    ):
        assert await inbox.take(told(kind, date=day, version=version)) == "done"
    assert await activity(tickets) == {
        "day": "2026-01-12",
        "begins": "08:30",
        "ends": "11:30",
        "place": "示例339999100墟（市）场",
        "state": "PLANNED",
        "reason": None,
        "people": 0,
        "version": 2,
    }
    assert await inbox.take(told("cancelled", date="2026-01-12", cause="MARKET")) == "done"
    ended = await activity(tickets)
    assert ended is not None
    assert (ended["state"], ended["reason"], ended["version"]) == ("CANCELLED", "当日无墟（市）日", 3)
    assert await events(tickets) == [
        ("planned", "2026-01-11", 1),
        ("planned", "2026-01-12", 2),
        ("cancelled", "2026-01-12", 3),
    ]


async def test_a_stall_whose_team_was_there_stays(inbox: Inbox, tickets: Tickets) -> None:
    assert await inbox.take(told("planned", date="2026-01-05")) == "done"
    member = tickets.as_("village_cadre", "example-cadre", areas=[TOWNSHIP])
    given = {"clientKey": str(uuid4()), "id": str(STALL), "served": [{"skill": "policy-advice", "people": 12}]}
    status, held = await member.command("holdActivity", given, ACTIVITY)
    assert (status, held["state"], held["people"]) == (200, "HELD", 12)
    for body in (told("moved", date="2026-01-12", version=2), told("cancelled", cause="PLAN", version=3)):
        assert await inbox.take(body) == "done"
    assert await activity(tickets) == held


async def test_a_team_that_is_unknown_is_waited_for(inbox: Inbox, tickets: Tickets) -> None:
    """And one that never comes is set aside with the reason; told in the wrong order, a cancelled stall stays cancelled."""
    assert await inbox.take(told("planned", team="not-told-yet")) == "waiting"
    async with transaction(tickets.pool, SERVICE) as connection:
        reason = await connection.fetchval("SELECT reason FROM inbox WHERE state = 'waiting'")
        assert reason == "UnknownCode: team names no team that is known here"
        await connection.execute("DELETE FROM inbox")
    assert await inbox.take(told("planned", team="example-electricians", area="33")) == "waiting"
    async with transaction(tickets.pool, SERVICE) as connection:
        assert (await connection.fetchval("SELECT reason FROM inbox WHERE state = 'waiting'")).startswith(
            "InvalidInput"
        )
        await connection.execute("DELETE FROM inbox")
    assert [await inbox.take(told("cancelled", cause="PLAN")), await inbox.take(told("planned"))] == ["done", "done"]
    async with transaction(tickets.pool, SERVICE) as connection:
        found = await store.lock_activity(connection, STALL)
    assert found is not None
    assert (found.state, found.begins) == ("CANCELLED", time(8, 30))
