"""A ticket's events on the household's timeline."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.archive.domain.timeline import DEEDS
from services.archive.reactions import REACTIONS
from services.chassis.clock import FixedClock
from services.chassis.envelope import Event, encode
from services.chassis.inbox import Inbox
from services.chassis.principal import itself
from tests.archive.conftest import VILLAGE, Archive, household

START = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
TICKET = UUID("00000000-0000-7000-8002-000000000001")
TIMELINE = [
    [
        "timeline",
        "timeline",
        None,
        [
            ["at", "at"],
            ["deed", "deed"],
            ["ticketNumber", "ticketNumber"],
            ["status", "status"],
            ["ticketKey", "ticketKey"],
        ],
    ]
]


def event(deed: str, version: int, *, to: str | None = household(1), number: UUID | None = None) -> bytes:
    data: dict[str, Any] = {
        "ticket": str(TICKET),
        "number": "T20260105-000001",
        "area": VILLAGE,
        "household": to,
        "department": None,
        "status": "DRAFTED",
        "previous": None,
        "version": version,
        "at": msgspec.to_builtins(START + timedelta(minutes=version)),
        "source": "APP",
        "sourceId": None,
        "aNewerField": 1,
    }
    return encode(
        Event(
            id=number or uuid4(),
            source="urn:sanmin:tickets",
            type=f"tickets.ticket.{deed}.v1",
            subject=str(TICKET),
            time=START,
            data=data,
        )
    )


def inbox(archive: Archive) -> tuple[Inbox, FixedClock]:
    clock = FixedClock(START)
    return Inbox(archive.pool, itself("archive"), REACTIONS, clock), clock


async def timeline(archive: Archive, account: str = "resident") -> list[dict[str, Any]]:
    status, sheet = await archive.as_(account).read("household", {"id": household(1)}, TIMELINE)
    assert status == 200, sheet
    entries: list[dict[str, Any]] = sheet["timeline"]
    return entries


async def test_each_deed_shows_once_newest_first(archive: Archive) -> None:
    taker, _ = inbox(archive)
    bodies = [event(deed, version) for version, deed in enumerate(DEEDS, start=1)]
    assert [await taker.take(body) for body in bodies] == ["done"] * len(DEEDS)
    assert [await taker.take(body) for body in bodies] == ["repeated"] * len(DEEDS)
    shown = await timeline(archive)
    assert [entry["deed"] for entry in shown] == list(reversed(DEEDS))
    assert shown[-1] == {
        "at": "2026-01-05T01:31:00.000Z",
        "deed": "reported",
        "ticketNumber": "T20260105-000001",
        "status": "DRAFTED",
        "ticketKey": str(TICKET),
    }
    assert await timeline(archive, "cadre") == shown


async def test_an_event_that_the_inbox_forgot_still_shows_once(archive: Archive) -> None:
    taker, _ = inbox(archive)
    body = event("reported", 1)
    await taker.take(body)
    await archive.admin.execute("DELETE FROM inbox")
    assert await taker.take(body) == "done"
    assert len(await timeline(archive)) == 1


async def test_a_ticket_of_no_household_shows_nowhere(archive: Archive) -> None:
    taker, _ = inbox(archive)
    assert await taker.take(event("reported", 1, to=None)) == "done"
    assert await archive.admin.fetchval("SELECT count(*) FROM timeline") == 0


async def test_an_unknown_household_is_tried_again_and_then_a_dead_letter(archive: Archive) -> None:
    taker, clock = inbox(archive)
    assert await taker.take(event("reported", 1, to=household(4711))) == "waiting"
    for _ in range(6):
        clock.instant += timedelta(hours=2)
        last = await taker.retry_one()
    assert last == "dead"
    assert (
        await archive.admin.fetchval("SELECT reason FROM inbox") == "NotFound: the ticket's household has no sheet here"
    )
