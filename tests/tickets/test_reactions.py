"""What the archive's events do here, taken in as the inbox takes them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event, encode
from services.chassis.inbox import Inbox
from services.tickets.domain.area import Area
from services.tickets.reactions import REACTIONS
from services.tickets.store import area as areas
from tests.tickets.matters import GRID, HOUSEHOLD, NOON, SERVICE, VILLAGE, Tickets

VISIT = UUID("00000000-0000-7000-8003-000000000001")


@pytest.fixture
def inbox(loaded: Pool, clock: FixedClock) -> Inbox:
    return Inbox(loaded, SERVICE, REACTIONS, clock)


def event(
    kind: str, data: dict[str, Any], *, time: datetime = NOON, subject: str = "x", key: UUID | None = None
) -> bytes:
    source = "urn:sanmin:archive"
    return encode(Event(id=key or uuid4(), source=source, type=kind, subject=subject, time=time, data=data))


def noted(**changes: Any) -> dict[str, Any]:
    data = {
        "visit": str(VISIT),
        "household": str(HOUSEHOLD),
        "area": GRID,
        "visitedOn": "2026-01-04",
        "promise": "irrigation",
    }
    return data | changes


def published(**changes: Any) -> dict[str, Any]:
    data = {"code": "339999100202", "name": "示例丙村", "kind": "VILLAGE", "validFrom": "2026-01-01", "validTo": None}
    return data | changes


async def known(pool: Pool, code: str) -> Area | None:
    return await areas.find(pool, code)


async def test_a_promise_opens_one_ticket(inbox: Inbox, tickets: Tickets) -> None:
    body = event("archive.visit.noted.v1", noted(), key=uuid4())
    assert [await inbox.take(body) for _ in range(3)] == ["done", "repeated", "repeated"]
    assert await inbox.take(event("archive.visit.noted.v1", noted())) == "done"
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    fields = (
        "number",
        "title",
        "description",
        "category",
        "source",
        "status",
        "areaCode",
        "householdKey",
        "reportedAt",
    )
    select: list[Any] = [
        *[[name, name] for name in fields],
        ["history", "history", None, [["deed", "deed"], ["actor", "actor"], ["role", "actorRole"]]],
    ]
    _, answer = await resident.read("ticketsByHousehold", {"keys": [str(HOUSEHOLD)]}, select)
    assert answer == [
        [
            {
                "number": "T20260105-000001",
                "title": "走访承诺：农田水利",
                "description": "2026-01-04 走访时承诺办理的事项，类别：农田水利。详见该户的民情日记。",
                "category": "irrigation",
                "source": "VISIT",
                "status": "DRAFTED",
                "areaCode": GRID,
                "householdKey": str(HOUSEHOLD),
                "reportedAt": "2026-01-05T04:00:00.000Z",
                "history": [{"deed": "reported", "actor": "service:tickets", "role": "service"}],
            }
        ]
    ]
    async with transaction(tickets.pool, SERVICE) as connection:
        told = await connection.fetch("SELECT type, data FROM outbox WHERE type LIKE 'tickets.ticket.%'")
    assert [(row["type"], row["data"]["sourceId"]) for row in told] == [("tickets.ticket.reported.v1", str(VISIT))]


async def test_a_visit_told_of_by_two_events_at_once_opens_one_ticket(inbox: Inbox, tickets: Tickets) -> None:
    bodies = [event("archive.visit.noted.v1", noted(), subject=str(n)) for n in range(4)]
    assert await asyncio.gather(*(inbox.take(body) for body in bodies)) == ["done"] * 4
    assert await tickets.count("ticket") == await tickets.count("step") == 1
    assert await tickets.count("outbox WHERE type = 'tickets.ticket.reported.v1'") == 1


async def test_a_promise_that_the_catalogue_does_not_know_loses_nothing(inbox: Inbox, tickets: Tickets) -> None:
    assert await inbox.take(event("archive.visit.noted.v1", noted(promise="示例：修桥"))) == "done"
    async with transaction(tickets.pool, SERVICE) as connection:
        row = await connection.fetchrow("SELECT category, title, description FROM ticket")
    assert row is not None
    assert (row["category"], row["title"]) == ("other", "走访承诺：示例：修桥")
    assert "类别：示例：修桥。" in row["description"]


async def test_a_visit_without_a_promise_opens_none(inbox: Inbox, tickets: Tickets) -> None:
    assert await inbox.take(event("archive.visit.noted.v1", noted(promise=None))) == "done"
    assert await tickets.count("ticket") == 0


async def test_an_area_that_is_not_copied_yet_holds_no_promise_up(inbox: Inbox, tickets: Tickets) -> None:
    assert await inbox.take(event("archive.visit.noted.v1", noted(area="3399991002990001"))) == "done"
    assert await tickets.count("ticket") == 1


async def test_an_area_is_copied_and_renewed(inbox: Inbox, loaded: Pool) -> None:
    assert await inbox.take(event("archive.area.published.v1", published())) == "done"
    assert await known(loaded, "339999100202") == Area("339999100202", "示例丙村", "VILLAGE", date(2026, 1, 1), None)
    later = published(name="示例丁村", validTo="2026-06-30")
    assert await inbox.take(event("archive.area.published.v1", later, time=NOON + timedelta(days=1))) == "done"
    renewed = await known(loaded, "339999100202")
    assert renewed is not None
    assert (renewed.name, renewed.valid_to) == ("示例丁村", date(2026, 6, 30))


async def test_what_was_published_later_stays(inbox: Inbox, loaded: Pool) -> None:
    await inbox.take(
        event("archive.area.published.v1", published(code=VILLAGE, name="示例新名"), time=NOON + timedelta(hours=2))
    )
    await inbox.take(
        event("archive.area.published.v1", published(code=VILLAGE, name="示例旧名"), time=NOON + timedelta(hours=1))
    )
    area = await known(loaded, VILLAGE)
    assert area is not None
    assert area.name == "示例新名"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("archive.visit.noted.v1", {"visit": "1"}),
        ("archive.area.published.v1", published(validFrom="yesterday")),
    ],
)
async def test_an_event_that_makes_no_sense_is_set_aside(
    inbox: Inbox, tickets: Tickets, kind: str, data: dict[str, Any]
) -> None:
    assert await inbox.take(event(kind, data)) == "dead"
    assert await tickets.count("ticket") == 0


SUGGESTION = UUID("00000000-0000-7000-8004-000000000001")


def raised(**changes: Any) -> dict[str, Any]:
    data = {"source": "DIALOGUE", "sourceId": str(SUGGESTION), "area": VILLAGE, "category": "irrigation"}
    return data | {"household": None, "department": None, "due": None, "at": NOON.isoformat()} | changes


async def _raised(tickets: Tickets) -> tuple[dict[str, Any], list[tuple[str, str | None]]]:
    """The one ticket, and its history's deeds with their notes."""
    async with transaction(tickets.pool, SERVICE) as connection:
        ticket = await connection.fetchrow(
            "SELECT id, status, title, category, source_id, department, due_on, household FROM ticket"
        )
        assert ticket is not None
        steps = await connection.fetch("SELECT deed, note FROM step WHERE ticket = $1 ORDER BY version", ticket["id"])
    return dict(ticket), [(step["deed"], step["note"]) for step in steps]


async def test_a_matter_with_a_department_goes_there_at_once_and_is_due_on_the_agreed_day(
    inbox: Inbox, tickets: Tickets
) -> None:
    body = raised(department="water", due="2026-01-16", household=str(HOUSEHOLD))
    for _ in range(2):
        assert await inbox.take(event("liaison.matter.raised.v1", body)) == "done"
    ticket, steps = await _raised(tickets)
    assert ticket | {"id": None} == {
        "id": None,
        "status": "DISPATCHED",
        "title": "沟通日事项：农田水利",
        "category": "irrigation",
        "source_id": str(SUGGESTION),
        "department": "water",
        "due_on": date(2026, 1, 16),
        "household": HOUSEHOLD,
    }
    assert steps == [("reported", None), ("accepted", None), ("dispatched", None)]
    async with transaction(tickets.pool, SERVICE) as connection:
        overall = await connection.fetchrow("SELECT due_at, sentence FROM deadline WHERE kind = 'OVERALL'")
    assert overall is not None
    assert overall["due_at"] == datetime(2026, 1, 16, 9, 30, tzinfo=UTC)
    assert overall["sentence"].startswith("总时限：约定2026年1月16日（周五）下班前办结；自2026年1月5日12:00派遣起算")


async def test_a_matter_for_a_department_that_is_not_registered_is_accepted_and_says_so(
    inbox: Inbox, tickets: Tickets
) -> None:
    body = raised(department="nowhere", category="unheard-of", source="DUTY")
    assert await inbox.take(event("liaison.matter.raised.v1", body)) == "done"
    ticket, steps = await _raised(tickets)
    assert (ticket["status"], ticket["category"], ticket["title"]) == ("ACCEPTED", "other", "值班事项：unheard-of")
    assert steps == [("reported", None), ("accepted", "未派遣：部门代码 nowhere 未登记，须另行派遣。")]


async def test_a_matter_without_a_department_waits_to_be_accepted(inbox: Inbox, tickets: Tickets) -> None:
    assert await inbox.take(event("liaison.matter.raised.v1", raised(source="MARKET_STALL"))) == "done"
    ticket, steps = await _raised(tickets)
    assert (ticket["status"], steps) == ("DRAFTED", [("reported", None)])
