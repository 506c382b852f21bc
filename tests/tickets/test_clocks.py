"""The clocks of matters over the api: they follow every deed, rest, are extended, move with the calendar, and are read with their reasons."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.envelope import Event, encode
from services.chassis.inbox import Inbox
from services.chassis.principal import Caller
from services.tickets.commands.sweep import reckon_some
from services.tickets.reactions import REACTIONS
from tests.tickets.domain.clocks import SPECIAL
from tests.tickets.matters import COUNTY, OTHER_VILLAGE, SERVICE, VILLAGE, Tickets, given_for

START = datetime(2026, 2, 10, 10, 0, tzinfo=CHINA)
CLOCK: list[Any] = [
    *[[name, name] for name in ("kind", "round", "state", "dueAt", "returnBy", "provisional", "explanation", "rule")],
    ["department", "department", None, [["code", "code"]]],
    ["skipped", "skipped", None, [["date", "date"], ["kind", "kind"], ["festival", "festival"]]],
    ["pauses", "pauses", None, [["minutes", "minutes"], ["reason", "reason"], ["capped", "capped"]]],
]
WHOLE: list[Any] = [
    ["status", "status"],
    ["deadlines", "deadlines", None, CLOCK],
    [
        "extensions",
        "extensions",
        None,
        [[name, name] for name in ("state", "days", "grantedDays", "reason", "decidedBy")],
    ],
]
MOVED = "SELECT data FROM outbox WHERE type = 'tickets.deadline.moved.v1' ORDER BY recorded"


async def told(
    tickets: Tickets, *, published: bool = True, at: datetime = START, year: int = 2026, without: date | None = None
) -> str:
    """Takes in what liaison tells of a year; `without` a day that is what its weekday says after all."""
    days = [
        {"date": str(day), "kind": special.kind.value, "festival": special.festival}
        for day, special in SPECIAL.items()
        if published and day != without
    ]
    changed = [{"date": str(without), "before": "MAKEUP_WORKDAY", "after": "WEEKEND"}] if without else []
    data = {"year": year, "published": published, "days": days, "changed": changed}
    event = Event(
        id=uuid4(),
        source="urn:sanmin:liaison",
        type="liaison.calendar.published.v1",
        subject=str(year),
        time=at,
        data=data,
    )
    return await Inbox(tickets.pool, SERVICE, REACTIONS, tickets.clock).take(encode(event))


async def do(tickets: Tickets, deed: str, key: UUID, /, role: str | None = None, **more: Any) -> dict[str, Any]:
    status, answer = await attempt(tickets, deed, key, role, **more)
    assert status == 200, answer
    return answer


async def attempt(
    tickets: Tickets, deed: str, key: UUID, /, role: str | None = None, **more: Any
) -> tuple[int, dict[str, Any]]:
    officer = deed in (
        "signTicket",
        "startTicket",
        "suspendTicket",
        "resumeTicket",
        "returnTicket",
        "resolveTicket",
        "requestExtension",
    )
    client = tickets.as_(
        role or ("department_officer" if officer else "village_cadre"), department="water" if officer else None
    )
    if deed == "dispatchTicket":
        more = {"departmentCode": "water"} | more
    return await client.command(deed, given_for(deed, key, **more), WHOLE)


async def dispatched(tickets: Tickets) -> UUID:
    """A matter of irrigation that goes to the water department on 10 February 2026 at ten."""
    tickets.clock.instant = START
    key = await tickets.have("ACCEPTED", category="irrigation")
    await do(tickets, "dispatchTicket", key)
    return key


def clock(answer: dict[str, Any], kind: str, turn: int = 1) -> dict[str, Any]:
    (found,) = [each for each in answer["deadlines"] if (each["kind"], each["round"]) == (kind, turn)]
    return dict(found)


def due(answer: dict[str, Any], kind: str, turn: int = 1) -> str:
    at = datetime.fromisoformat(clock(answer, kind, turn)["dueAt"])
    return f"{at.astimezone(CHINA):%m-%d %H:%M}"


async def whole(tickets: Tickets, key: UUID) -> dict[str, Any]:
    status, answer = await tickets.as_("auditor").read("ticket", {"id": str(key)}, WHOLE)
    assert status == 200
    return dict(answer)


async def moved(tickets: Tickets) -> list[dict[str, Any]]:
    async with transaction(tickets.pool, SERVICE) as connection:
        return [row["data"] for row in await connection.fetch(MOVED)]


async def test_a_matters_clocks_and_their_reasons(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    answer = await whole(tickets, key)
    assert [(each["kind"], each["state"]) for each in answer["deadlines"]] == [
        ("OVERALL", "RUNNING"),
        ("SIGN", "RUNNING"),
        ("WORK", "RUNNING"),
    ]
    assert (due(answer, "SIGN"), due(answer, "WORK"), due(answer, "OVERALL")) == (
        "02-10 16:00",
        "02-24 17:30",
        "02-26 17:30",
    )
    work = clock(answer, "WORK")
    assert (work["department"], work["provisional"]) == ({"code": "water"}, False)
    assert datetime.fromisoformat(work["returnBy"]) == datetime(2026, 2, 12, 17, 30, tzinfo=CHINA)
    assert work["skipped"][0] == {"date": "2026-02-14", "kind": "MAKEUP_WORKDAY", "festival": "春节"}
    assert len(work["skipped"]) == 10
    assert "春节放假" in work["explanation"]
    assert clock(answer, "OVERALL")["department"] is None
    tickets.clock.instant += timedelta(hours=1)
    assert clock(await do(tickets, "signTicket", key), "SIGN")["state"] == "MET"
    answer = await do(tickets, "resolveTicket", key, note="示例：已办结")
    assert [each["state"] for each in answer["deadlines"]] == ["MET", "MET", "MET"]
    assert await moved(tickets) == []


async def test_a_rest_moves_the_limits_and_is_told(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    await do(tickets, "signTicket", key)
    await do(tickets, "startTicket", key)
    until = (START + timedelta(days=30)).isoformat()
    resting = await do(tickets, "suspendTicket", key, reason="MATERIALS", note="示例", until=until)
    assert due(resting, "WORK") == "03-16 17:30", "15 more working days at most"
    assert clock(resting, "WORK")["pauses"] == [{"minutes": 6300, "reason": "MATERIALS", "capped": True}]
    tickets.clock.instant += timedelta(hours=1)
    going = await do(tickets, "resumeTicket", key)
    assert (due(going, "WORK"), due(going, "OVERALL")) == ("02-25 09:30", "02-27 09:30")
    assert clock(going, "WORK")["pauses"] == [{"minutes": 60, "reason": "MATERIALS", "capped": False}]
    events = await moved(tickets)
    assert [(event["kind"], event["cause"]) for event in events] == [("OVERALL", "PAUSE"), ("WORK", "PAUSE")] * 2
    assert datetime.fromisoformat(events[3]["dueAt"]) == datetime(2026, 2, 25, 9, 30, tzinfo=CHINA)
    assert events[3]["previous"] == events[1]["dueAt"]


async def test_a_return_comes_in_time_or_not_at_all(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    tickets.clock.instant = START + timedelta(days=3)
    status, problem = await attempt(tickets, "returnTicket", key, reason="NOT_OURS", note="示例")
    assert (status, problem["code"]) == (409, "CONFLICT")
    assert "2026-02-12 17:30" in problem["detail"]
    tickets.clock.instant = START + timedelta(days=1)
    await do(tickets, "returnTicket", key, reason="NOT_OURS", note="示例")
    again = await do(tickets, "dispatchTicket", key, departmentCode="agriculture")
    assert (due(again, "WORK", 2), due(again, "OVERALL")) == ("02-25 17:30", "02-26 17:30")
    assert [each["state"] for each in again["deadlines"] if each["round"] == 1 and each["kind"] != "OVERALL"] == [
        "MISSED",
        "ENDED",
    ]
    assert clock(again, "SIGN", 2)["department"] == {"code": "agriculture"}


async def test_more_time_is_asked_for_and_granted(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    await do(tickets, "signTicket", key)
    status, problem = await attempt(tickets, "requestExtension", key, reason="WEATHER", days=11)
    assert (status, problem["field"]) == (422, "days")
    status, problem = await attempt(tickets, "decideExtension", key, granted=True)
    assert (status, problem["code"]) == (409, "CONFLICT")
    asked = await do(tickets, "requestExtension", key, reason="WEATHER", days=3, note="示例")
    waiting = {"state": "REQUESTED", "days": 3, "grantedDays": None, "reason": "WEATHER", "decidedBy": None}
    assert (asked["extensions"], due(asked, "WORK")) == ([waiting], "02-24 17:30")
    assert (await attempt(tickets, "requestExtension", key, reason="WEATHER", days=3))[0] == 409, "one waits already"
    assert (await attempt(tickets, "decideExtension", key, granted=True, days=4))[0] == 422, "more than was asked for"
    refused = await do(tickets, "decideExtension", key, granted=False)
    assert (refused["extensions"][0]["state"], due(refused, "WORK")) == ("REFUSED", "02-24 17:30")
    await do(tickets, "requestExtension", key, reason="WEATHER", days=3)
    granted = await do(tickets, "decideExtension", key, granted=True, days=2)
    assert granted["extensions"][1] == waiting | {
        "state": "GRANTED",
        "grantedDays": 2,
        "decidedBy": "example-village_cadre",
    }
    assert (due(granted, "WORK"), due(granted, "OVERALL")) == ("02-26 17:30", "02-28 17:30")
    assert "经批准延期2个工作日" in clock(granted, "WORK")["explanation"]
    assert [(event["kind"], event["cause"]) for event in await moved(tickets)] == [
        ("OVERALL", "EXTENSION"),
        ("WORK", "EXTENSION"),
    ]
    status, problem = await attempt(tickets, "requestExtension", key, reason="WEATHER", days=1)
    assert (status, problem["code"]) == (409, "CONFLICT"), "once a matter"


async def test_a_calendar_that_is_published_late_moves_what_is_open(tickets: Tickets) -> None:
    key = await dispatched(tickets)
    done = await dispatched(tickets)
    await do(tickets, "signTicket", done)
    await do(tickets, "resolveTicket", done, note="示例")
    before = await whole(tickets, key)
    assert (due(before, "WORK"), clock(before, "WORK")["provisional"]) == ("02-17 17:30", True)
    assert "暂按" in clock(before, "WORK")["explanation"]
    assert await told(tickets) == "done"
    while await reckon_some(tickets.pool, tickets.clock, 2):
        pass
    after = await whole(tickets, key)
    assert (due(after, "SIGN"), due(after, "WORK"), due(after, "OVERALL")) == (
        "02-10 16:00",
        "02-24 17:30",
        "02-26 17:30",
    )
    assert not any(each["provisional"] for each in after["deadlines"])
    events = await moved(tickets)
    assert sorted((event["kind"], event["cause"]) for event in events) == [
        ("OVERALL", "CALENDAR"),
        ("WORK", "CALENDAR"),
    ]
    assert {event["ticket"] for event in events} == {str(key)}, "what is done stays as it is"
    assert await reckon_some(tickets.pool, tickets.clock) == 0


async def test_a_published_year_that_is_corrected_moves_what_is_open(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    assert due(await whole(tickets, key), "WORK") == "02-24 17:30"
    assert await told(tickets, at=START + timedelta(days=1), without=date(2026, 2, 14)) == "done"
    while await reckon_some(tickets.pool, tickets.clock, 2):
        pass
    after = await whole(tickets, key)
    assert (due(after, "WORK"), clock(after, "WORK")["provisional"]) == ("02-25 17:30", False)
    assert {"date": "2026-02-14", "kind": "WEEKEND", "festival": None} in clock(after, "WORK")["skipped"]
    assert {(event["kind"], event["cause"]) for event in await moved(tickets)} == {
        ("OVERALL", "CALENDAR"),
        ("WORK", "CALENDAR"),
    }


async def test_what_was_told_later_stays_and_the_same_again_moves_nothing(tickets: Tickets) -> None:
    await told(tickets)
    key = await dispatched(tickets)
    await told(tickets, published=False, at=START - timedelta(days=1))
    await told(tickets, at=START + timedelta(days=1))
    assert await reckon_some(tickets.pool, tickets.clock) == 0
    assert due(await whole(tickets, key), "WORK") == "02-24 17:30"
    await told(tickets, published=False, at=START + timedelta(days=2))
    assert await reckon_some(tickets.pool, tickets.clock) == 3
    assert due(await whole(tickets, key), "WORK") == "02-17 17:30"


async def test_limits_that_run_are_listed_by_their_end(tickets: Tickets) -> None:
    first = await dispatched(tickets)
    await tickets.have("SIGNED")
    page: list[Any] = [
        ["edges", "edges", None, [["node", "node", None, [["kind", "kind"], ["t", "ticket", None, [["key", "key"]]]]]]],
        ["pageInfo", "pageInfo", None, [["more", "hasNextPage"], ["end", "endCursor"]]],
    ]

    async def kinds(client: Any, **args: Any) -> list[str]:
        status, answer = await client.read("deadlines", args, page)
        assert status == 200, answer
        assert all(edge["node"]["t"]["key"] == str(first) for edge in answer["edges"])
        return [edge["node"]["kind"] for edge in answer["edges"]]

    clerk, officer = tickets.as_("township_clerk"), tickets.as_("department_officer", department="water")
    for client in (clerk, officer):
        assert await kinds(client) == ["SIGN", "WORK", "OVERALL"]
    assert await kinds(clerk, kind="WORK", area=COUNTY, missed=False) == ["WORK"]
    assert await kinds(clerk, missed=True) == []
    assert await kinds(tickets.as_("department_officer")) == [], "another department"
    assert await kinds(tickets.as_("village_cadre", areas=[OTHER_VILLAGE])) == []
    _, answer = await clerk.read("deadlines", {"first": 2}, page)
    _, rest = await clerk.read("deadlines", {"first": 2, "after": answer["pageInfo"]["end"]}, page)
    assert (answer["pageInfo"]["more"], [edge["node"]["kind"] for edge in rest["edges"]]) == (True, ["OVERALL"])
    for args, field in (({"area": "339999100299"}, "area"), ({"kind": "NOON"}, "kind")):
        status, problem = await clerk.read("deadlines", args, page)
        assert (status, problem["field"]) == (422, field)


async def test_who_reaches_a_ticket_reaches_its_clocks(tickets: Tickets) -> None:
    await dispatched(tickets)
    for caller, rows in (
        (SERVICE, 3),
        (Caller("a", areas=(VILLAGE,)), 3),
        (Caller("a", areas=(OTHER_VILLAGE,)), 0),
        (Caller("a", areas=(VILLAGE,), department="water"), 3),
        (Caller("a", areas=(VILLAGE,), department="agriculture"), 0),
        (Caller("example-somebody"), 3),
        (Caller("a"), 0),
    ):
        async with transaction(tickets.pool, caller) as connection:
            assert await connection.fetchval("SELECT count(*) FROM deadline") == rows, caller
    assert await tickets.pool.fetchval("SELECT count(*) FROM deadline") == 0


async def test_a_matter_that_was_dispatched_before_there_were_clocks_goes_on_without(tickets: Tickets) -> None:
    key = await tickets.have("SIGNED", department="water")
    assert (await do(tickets, "resolveTicket", key, note="示例"))["deadlines"] == []


async def test_without_limits_no_clock_starts(tickets: Tickets) -> None:
    owner = await asyncpg.connect(tickets.database.owner_url)
    try:
        await owner.execute("DELETE FROM limits")
    finally:
        await owner.close()
    key = await dispatched(tickets)
    assert (await whole(tickets, key))["deadlines"] == []
    assert (await do(tickets, "signTicket", key))["status"] == "SIGNED"
