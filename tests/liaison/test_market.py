"""Markets and stalls through the api: rules, exceptions, who may what, what tickets tell of a stall, conflicts with duty."""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.clock import FixedClock, today
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event, encode
from services.chassis.inbox import Inbox
from services.liaison.commands.area import note_area
from services.liaison.commands.example import add_example_market
from services.liaison.commands.market import extend
from services.liaison.reactions import REACTIONS
from tests.conftest import Connect
from tests.liaison.conftest import MONDAY, SERVICE, VILLAGE
from tests.support.client import Service
from tests.support.tokens import Issuer

TOWNSHIP = "339999100"
TEAM = "example-party-members"
NODES: list[Any] = [["date", "date"], ["text", "text"]]
MARKET: list[Any] = [["id", "id"], ["version", "version"], ["words", "words"]]
STALL: list[Any] = [[name, name] for name in ("key", "date", "state", "cause", "people", "version")]
PLAN: list[Any] = [
    ["id", "id"],
    ["to", "to"],
    ["stalls", "stalls", None, STALL],
    ["conflicting", "conflicting", None, [["date", "date"]]],
]
CONFLICTS: list[Any] = [
    ["date", "date"],
    ["conflicts", "conflicts", None, [[name, name] for name in ("subject", "kind", "areaCode", "begins")]],
]
SUNDAYS = ["2026-01-11", "2026-01-18", "2026-01-25", "2026-02-01"]

As = Callable[..., Service]


@pytest.fixture
def as_(api: str, planned: Pool, clock: FixedClock, issuer: Issuer, connect: Connect) -> As:
    """`as_(role, area)` is a client with that role in that area, by default a clerk of the township."""

    def client(role: str = "township_clerk", area: str = TOWNSHIP) -> Service:
        now = int(clock.now().timestamp())
        return connect(api, issuer.token(f"example-{role}", roles=[role], areas=[area], iat=now, exp=now + 600))

    return client


@pytest.fixture
async def inbox(planned: Pool, clock: FixedClock) -> Inbox:
    """It has taken in the team that may have stalls."""
    inbox = Inbox(planned, SERVICE, REACTIONS, clock)
    assert await inbox.take(told("team.revised", team=TEAM, areas=[TOWNSHIP], active=True, version=2)) == "done"
    return inbox


def told(what: str, **data: Any) -> bytes:
    kind, subject = f"tickets.{what}.v1", str(data.get("activity", "x"))
    return encode(Event(id=uuid4(), source="urn:sanmin:tickets", type=kind, subject=subject, time=MONDAY, data=data))


def raw(global_id: str) -> str:
    return b64decode(global_id).decode().partition(":")[2]


async def do(client: Service, name: str, select: list[Any] = MARKET, /, **given: Any) -> tuple[int, Any]:
    return await client.command(name, {"clientKey": str(uuid4()), **given}, select)


async def nodes(client: Service, root: str, select: list[Any], /, **args: Any) -> list[dict[str, Any]]:
    page = [["edges", "edges", None, [["node", "node", None, select]]]]
    status, answer = await client.read(root, args, page)
    assert status == 200, answer
    return [edge["node"] for edge in answer["edges"]]


async def days(client: Service, **args: Any) -> list[str]:
    span = {"area": VILLAGE, "from": "2026-01-01", "to": "2026-02-01"}
    return dates(await nodes(client, "marketDays", NODES, **span | args))


def dates(found: list[dict[str, Any]]) -> list[str]:
    return [each["date"] for each in found]


def sundays(**changes: Any) -> dict[str, Any]:
    given = {"areaCode": TOWNSHIP, "name": "示例墟", "rule": "WEEKDAY", "days": [7], "since": "2026-01-01"}
    return given | changes


async def market_of(client: Service, **changes: Any) -> str:
    """The raw key of a new market."""
    status, answer = await do(client, "reviseMarket", **sundays(**changes))
    assert status == 200, answer
    return raw(answer["id"])


def stalls(market: str, **changes: Any) -> dict[str, Any]:
    given = {
        "marketId": market,
        "team": TEAM,
        "staff": ["example-cadre", "example-cadre-2"],
        "topic": "示例：答疑解惑",
        "begins": "08:30",
        "ends": "11:30",
        "from": "2026-01-05",
        "to": "2026-02-01",
    }
    return given | changes


async def events(pool: Pool, kind: str) -> list[dict[str, Any]]:
    async with transaction(pool, SERVICE) as connection:
        rows = await connection.fetch(
            "SELECT data FROM outbox WHERE type = $1 ORDER BY data ->> 'date'", f"liaison.stall.{kind}.v1"
        )
    return [row["data"] for row in rows]


async def test_days_follow_the_rule_and_what_is_past_stays(as_: As, planned: Pool, clock: FixedClock) -> None:
    """A village sees the market of its township. Each new year the days of one more year are due."""
    clerk, resident = as_(), as_("resident", VILLAGE)
    key = await market_of(clerk)
    assert await days(resident) == ["2026-01-04", *SUNDAYS]
    status, market = await do(clerk, "reviseMarket", id=key, version=1, **sundays(rule="LUNAR", days=[3, 8]))
    assert (status, market["words"], market["version"]) == (200, "农历逢三、八", 2)
    found = await nodes(resident, "marketDays", NODES, **{"from": "2026-01-01", "to": "2026-01-08"})
    assert found == [
        {"date": "2026-01-04", "text": "每周日"},
        {"date": "2026-01-06", "text": "农历冬月十八，逢八"},
    ]
    assert (await do(clerk, "reviseMarket", id=key, **sundays(areaCode=VILLAGE)))[1]["field"] == "areaCode"
    clock.instant = datetime(2027, 1, 1, tzinfo=UTC)
    assert (await extend(planned, clock), await extend(planned, clock)) == (1, 0)
    async with transaction(planned, SERVICE) as connection:
        last = await connection.fetchval("SELECT max(date) FROM market_day")
    assert date(2028, 12, 25) < last <= date(2028, 12, 31)


async def test_a_market_and_its_stalls_end_with_its_area(
    as_: As, inbox: Inbox, planned: Pool, clock: FixedClock
) -> None:
    """And go on when the end is taken back."""
    key = await market_of(as_(), areaCode=VILLAGE)
    _, plan = await do(as_(), "planStalls", PLAN, **stalls(key))

    async def ends(last: date | None) -> list[str]:
        async with transaction(planned, SERVICE) as connection:
            await note_area(connection, VILLAGE, last)
        assert (await extend(planned, clock), await extend(planned, clock)) == (1, 0)
        _, after = await as_().read("stallPlan", {"id": raw(plan["id"])}, PLAN)
        there = dates([stall for stall in after["stalls"] if stall["state"] == "PLANNED"])
        assert await days(as_(), **{"from": "2026-01-05"}) == there
        return there

    assert await ends(date(2026, 1, 18)) == SUNDAYS[:2]
    await do(as_(), "reviseMarket", id=key, **sundays(areaCode=VILLAGE))
    assert await days(as_(), **{"from": "2026-01-05"}) == SUNDAYS[:2]
    added = {"marketId": key, "date": "2026-01-20", "kind": "ADDED", "reason": "示例：庙会"}
    assert (await do(as_(), "addMarketException", **added))[1]["rule"] == "market.validity"
    assert await ends(None) == SUNDAYS


async def test_a_market_tells_its_next_day(as_: As, clock: FixedClock) -> None:
    clock.instant = datetime.now(UTC)
    day = today(clock)
    sunday = day + timedelta(days=7 - day.isoweekday())
    select: list[Any] = [["next", "nextMarketDay", None, NODES], ["then", "upcoming", {"first": 2}, NODES]]
    _, market = await do(as_(), "reviseMarket", select, **sundays(since="2025-01-01"))
    assert market["next"] == {"date": sunday.isoformat(), "text": "每周日"}
    assert dates(market["then"]) == [sunday.isoformat(), (sunday + timedelta(days=7)).isoformat()]


async def test_of_two_revisions_at_once_one_wins(as_: As) -> None:
    key = await market_of(as_())
    answers = await asyncio.gather(
        *(do(as_(), "reviseMarket", id=key, version=1, **sundays(days=[day])) for day in (1, 2, 3))
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert {answer["code"] for status, answer in answers if status == 409} == {"STALE_VERSION"}


async def test_a_market_that_is_refused(as_: As) -> None:
    refused: list[tuple[dict[str, Any], str, str, str]] = [
        ({}, "village_cadre", TOWNSHIP, "FORBIDDEN"),
        ({}, "township_clerk", "339999101", "FORBIDDEN"),
        ({"areaCode": "339999109"}, "township_clerk", "339999", "UNKNOWN_AREA"),
        ({"areaCode": "339999"}, "city_admin", "339999", "INVALID_INPUT"),
        ({"days": [8]}, "township_clerk", TOWNSHIP, "INVALID_INPUT"),
        ({"until": "2025-12-31"}, "township_clerk", TOWNSHIP, "INVALID_INPUT"),
        ({"id": str(uuid4())}, "township_clerk", TOWNSHIP, "NOT_FOUND"),
    ]
    for changes, role, area, code in refused:
        _, answer = await do(as_(role, area), "reviseMarket", **sundays(**changes))
        assert answer["code"] == code, changes


async def test_a_span_of_market_days_that_is_refused(as_: As) -> None:
    for span, field in [
        ({"from": "2026-01-01", "to": "2027-03-01"}, "to"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"from": "2026-01-01"}, "to"),
        ({"from": "2099-01-01", "to": "2099-02-01"}, "to"),
        ({"from": "2026-01-01", "to": "2026-02-01", "area": "1"}, "area"),
    ]:
        status, answer = await as_().read("marketDays", span, [["edges", "edges", None, [["cursor", "cursor"]]]])
        assert (status, answer["field"]) == (422, field), span


async def test_stalls_follow_the_market(as_: As, inbox: Inbox, planned: Pool) -> None:
    """A day that is dropped takes its stall away, one that is moved takes it along; each is told once, with the stall's id."""
    clerk, cadre = as_(), as_("village_cadre")
    key = await market_of(clerk)
    status, plan = await do(cadre, "planStalls", PLAN, **stalls(key))
    assert (status, dates(plan["stalls"])) == (200, SUNDAYS)
    assert dates(await events(planned, "planned")) == SUNDAYS
    first, second, *_ = plan["stalls"]
    dropped = {"marketId": key, "date": SUNDAYS[0], "kind": "DROPPED", "reason": "示例：让路施工"}
    status, market = await do(clerk, "addMarketException", **dropped)
    assert (status, market["version"]) == (200, 2)
    assert (await do(clerk, "addMarketException", **dropped))[1]["code"] == "CONFLICT"
    moved = {"marketId": key, "date": "2026-01-17", "kind": "ADDED", "reason": "示例：庙会", "insteadOf": SUNDAYS[1]}
    assert (await do(clerk, "addMarketException", version=1, **moved))[1]["code"] == "STALE_VERSION"
    assert (await do(clerk, "addMarketException", version=2, **moved))[0] == 200
    (gone,) = await events(planned, "cancelled")
    assert (gone["stall"], gone["date"], gone["cause"]) == (first["key"], SUNDAYS[0], "MARKET")
    assert await events(planned, "moved") == [
        {
            "stall": second["key"],
            "market": key,
            "team": TEAM,
            "area": TOWNSHIP,
            "date": "2026-01-17",
            "previous": SUNDAYS[1],
            "begins": "08:30",
            "ends": "11:30",
            "version": 2,
        }
    ]
    assert (await do(clerk, "dropMarketException", marketId=key, date=SUNDAYS[0]))[0] == 200
    assert await days(clerk) == ["2026-01-04", SUNDAYS[0], "2026-01-17", *SUNDAYS[2:]]
    assert (await do(clerk, "dropMarketException", marketId=key, date=SUNDAYS[0]))[0] == 404
    status, plan = await do(cadre, "cancelStalls", PLAN, **{"id": raw(plan["id"]), "from": SUNDAYS[2]})
    assert (status, plan["to"]) == (200, "2026-01-24")
    assert [(each["date"], each["state"], each["cause"]) for each in plan["stalls"]] == [
        (SUNDAYS[0], "CANCELLED", "MARKET"),
        (SUNDAYS[0], "PLANNED", None),
        ("2026-01-17", "PLANNED", None),
        (SUNDAYS[2], "CANCELLED", "PLAN"),
        (SUNDAYS[3], "CANCELLED", "PLAN"),
    ]
    assert (await do(cadre, "cancelStalls", PLAN, **{"id": raw(plan["id"]), "from": SUNDAYS[2]}))[0] == 409
    assert (await do(cadre, "planStalls", PLAN, **stalls(key, **{"from": "2026-01-25"})))[0] == 200
    assert (await do(cadre, "planStalls", PLAN, **stalls(key)))[1]["rule"] == "stall.once"


async def test_stalls_move_when_the_rule_is_revised(as_: As, inbox: Inbox, planned: Pool) -> None:
    key = await market_of(as_())
    _, plan = await do(as_(), "planStalls", PLAN, **stalls(key, everyNth=2))
    assert dates(plan["stalls"]) == [SUNDAYS[0], SUNDAYS[2]]
    await do(as_(), "reviseMarket", id=key, **sundays(days=[6]))
    _, after = await as_().read("stallPlan", {"id": raw(plan["id"])}, PLAN)
    assert [(each["key"], each["date"]) for each in after["stalls"]] == [
        (plan["stalls"][0]["key"], "2026-01-10"),
        (plan["stalls"][1]["key"], "2026-01-24"),
    ]
    assert len(await events(planned, "moved")) == 2


async def test_stalls_that_are_refused(as_: As, inbox: Inbox) -> None:
    assert await inbox.take(told("team.revised", team="elsewhere", areas=["331"], active=True, version=1)) == "done"
    key = await market_of(as_())
    clerk = ("township_clerk", TOWNSHIP)
    refused: list[tuple[dict[str, Any], tuple[str, str], str]] = [
        ({"team": "nobody-knows-it"}, clerk, "UNKNOWN_TEAM"),
        ({"team": "elsewhere"}, clerk, "INVALID_INPUT"),
        ({"staff": []}, clerk, "INVALID_INPUT"),
        ({"ends": "08:30"}, clerk, "INVALID_INPUT"),
        ({"begins": "8 o'clock"}, clerk, "INVALID_INPUT"),
        ({"from": "2026-01-04"}, clerk, "INVALID_INPUT"),
        ({"to": "2027-02-10"}, clerk, "INVALID_INPUT"),
        ({"from": "2028-01-01", "to": "2028-02-01"}, clerk, "INVALID_INPUT"),
        ({"to": "2026-01-06"}, clerk, "INVALID_INPUT"),
        ({"everyNth": 0}, clerk, "INVALID_INPUT"),
        ({"marketId": str(uuid4())}, clerk, "NOT_FOUND"),
        ({}, ("village_cadre", VILLAGE), "FORBIDDEN"),
        ({}, ("grid_worker", TOWNSHIP), "FORBIDDEN"),
    ]
    for changes, who, code in refused:
        _, answer = await do(as_(*who), "planStalls", PLAN, **stalls(key) | changes)
        assert answer["code"] == code, changes
    status, answer = await as_().read("stalls", {"state": "GONE"}, [["edges", "edges", None, [["cursor", "cursor"]]]])
    assert (status, answer["field"]) == (422, "state")


async def test_tickets_tell_what_became_of_a_stall(as_: As, inbox: Inbox) -> None:
    """Tickets count the people served; a day that the team took back is not planned again."""
    key = await market_of(as_())
    _, plan = await do(as_(), "planStalls", PLAN, **stalls(key))
    first, second, *_ = (each["key"] for each in plan["stalls"])
    served = told("activity.served", activity=first, people=37)
    assert [await inbox.take(served), await inbox.take(served)] == ["done", "repeated"]
    assert await inbox.take(told("activity.served", activity=str(uuid4()), people=1)) == "done"
    assert await inbox.take(told("activity.cancelled", activity=second, people=0)) == "done"
    await do(as_(), "reviseMarket", id=key, **sundays(days=[6, 7]))
    _, after = await as_().read("stallPlan", {"id": raw(plan["id"])}, PLAN)
    saturdays = [(f"2026-01-{day}", "PLANNED", None, None) for day in (10, 17, 24, 31)]
    assert sorted((each["date"], each["state"], each["cause"], each["people"]) for each in after["stalls"]) == sorted(
        [
            (SUNDAYS[0], "HELD", None, 37),
            (SUNDAYS[1], "CANCELLED", "TEAM", None),
            *((day, "PLANNED", None, None) for day in SUNDAYS[2:]),
            *saturdays,
        ]
    )


async def test_whoever_is_on_duty_elsewhere_is_shown(as_: As, inbox: Inbox, planned: Pool) -> None:
    """Conflicts are told at once and can be listed; none where the stall is in the village of the duty."""
    key = await market_of(as_(), days=[3])
    status, plan = await do(as_(), "planStalls", PLAN, **stalls(key, to="2026-01-14"))
    assert (status, dates(plan["stalls"])) == (200, ["2026-01-07", "2026-01-14"])
    async with transaction(planned, SERVICE) as connection:
        on_duty = await connection.fetch(
            "SELECT date, subject FROM duty WHERE area = $1 AND date = ANY ($2) ORDER BY date",
            VILLAGE,
            [date(2026, 1, 7), date(2026, 1, 14)],
        )
    assert dates(plan["conflicting"]) == ["2026-01-07", "2026-01-14"]
    found = await nodes(as_(), "stalls", CONFLICTS, conflicting=True)
    assert found == [
        {
            "date": row["date"].isoformat(),
            "conflicts": [
                {
                    "subject": row["subject"],
                    "kind": "DUTY",
                    "areaCode": VILLAGE,
                    "begins": f"{row['date']}T00:00:00.000Z",
                }
            ],
        }
        for row in on_duty
    ]
    here = await market_of(as_(), areaCode=VILLAGE, days=[3])
    at_home = stalls(here, to="2026-01-07", staff=[on_duty[0]["subject"]])
    _, plan = await do(as_(), "planStalls", [["s", "stalls", None, CONFLICTS]], **at_home)
    assert [(each["kind"], each["areaCode"]) for each in plan["s"][0]["conflicts"]] == [("STALL", TOWNSHIP)]
    subject = on_duty[0]["subject"]
    assert len(await nodes(as_(), "stalls", CONFLICTS, subject=subject, area=VILLAGE, team=TEAM)) == 1
    assert await nodes(as_(), "stalls", CONFLICTS, conflicting=False, **{"from": "2026-01-01"}) == []
    afternoon = stalls(here, begins="18:00", ends="19:00", **{"from": "2026-01-08", "to": "2026-01-14"})
    _, plan = await do(as_(), "planStalls", PLAN, **afternoon)
    assert plan["conflicting"] == []


async def test_the_example_market_is_added_once(planned: Pool, clock: FixedClock) -> None:
    added = []
    for _ in range(2):
        async with transaction(planned, SERVICE) as connection:
            added.append(await add_example_market(connection, clock))
    async with transaction(planned, SERVICE) as connection:
        dates_ = await connection.fetch("SELECT s.date FROM stall s ORDER BY 1")
        wanted = await connection.fetch(
            "SELECT date FROM market_day WHERE date BETWEEN '2026-01-05' AND '2026-04-07' ORDER BY 1"
        )
    assert (added, len(dates_) > 15, dates_) == ([True, False], True, wanted)
