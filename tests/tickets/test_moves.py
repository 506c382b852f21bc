"""The side moves through the api: what each asks for, changes, tells and refuses."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from services.tickets.domain.unit import Unit
from services.tickets.store import unit as units
from tests.support.client import Service
from tests.tickets.matters import (
    COUNTY,
    GRID,
    HOUSEHOLD,
    MAY,
    NOON,
    OFFICERS,
    OTHER_HOUSEHOLD,
    OTHER_VILLAGE,
    SERVICE,
    TOLD,
    TOWNSHIP,
    VILLAGE,
    Tickets,
    given_for,
    report,
)

SEEN: list[Any] = [
    *[
        [name, name]
        for name in ("key", "status", "owner", "assignee", "returns", "ruled", "reopened", "allowed", "version")
    ],
    *[[name, name] for name in ("stationCode", "satisfaction", "superiorSatisfaction", "escalation", "supervisedAt")],
    *[[name, name] for name in ("awaitingReason", "awaitingUntil", "referredTo", "endReason", "priority", "category")],
]
HISTORY: list[Any] = [
    [
        "history",
        "history",
        None,
        [
            *[[name, name] for name in ("deed", "reason", "note", "actorRole")],
            ["changes", "changes", None, [["field", "field"], ["value", "value"]]],
            ["attachments", "attachments", None, [["title", "title"]]],
        ],
    ]
]


class World:
    """Who acts in these tests; `do` is a deed that goes through, `no` one that is refused."""

    def __init__(self, tickets: Tickets) -> None:
        self.tickets = tickets

    def who(self, deed: str, department: str = "agriculture") -> Service:
        if MAY[deed] == OFFICERS:
            return self.tickets.as_("department_officer", f"officer-{department}", department=department)
        return self.tickets.as_("township_clerk", areas=[TOWNSHIP])

    async def do(self, key: Any, deed: str, who: Service | None = None, **given: Any) -> dict[str, Any]:
        status, answer = await (who or self.who(deed)).command(deed, given_for(deed, key, **given), SEEN)
        assert status == 200, (deed, answer)
        return dict(answer)

    async def no(self, key: Any, deed: str, who: Service | None = None, **given: Any) -> tuple[Any, ...]:
        status, problem = await (who or self.who(deed)).command(deed, given_for(deed, key, **given), SEEN)
        assert status >= 400, (deed, problem)
        return problem["code"], problem.get("field"), problem.get("rule")

    async def history(self, key: Any) -> list[dict[str, Any]]:
        _, answer = await self.tickets.as_("auditor").read("ticket", {"id": str(key)}, HISTORY)
        steps: list[dict[str, Any]] = answer["history"]
        return steps


@pytest.fixture
def world(tickets: Tickets) -> World:
    return World(tickets)


async def test_the_second_return_forces_a_ruling_which_stands(world: World) -> None:
    key = await world.tickets.have("DISPATCHED")
    returned = await world.do(key, "returnTicket")
    assert (returned["status"], returned["returns"], returned["owner"]) == ("RETURNED", 1, f"area/{VILLAGE}")
    await world.do(key, "dispatchTicket", departmentCode="water")
    water = world.who("signTicket", "water")
    await world.do(key, "signTicket", water)
    await world.do(key, "returnTicket", water, reason="UNCLEAR")
    assert await world.no(key, "dispatchTicket") == ("ILLEGAL_TRANSITION", None, "ticket.returned_twice")
    ruled = await world.do(key, "ruleTicket", departmentCode="water", assignee="example-person")
    assert (ruled["owner"], ruled["assignee"], ruled["ruled"]) == ("department/water", "example-person", "BY_DUTIES")
    status, problem = await water.command("returnTicket", given_for("returnTicket", key), SEEN)
    assert (status, problem["rule"]) == (409, "ticket.ruled")
    assert "water" in problem["detail"]
    assert "BY_DUTIES" in problem["detail"]
    assert problem["allowed"] == ["signTicket", "assignTicket", "requestExtension"]
    steps = await world.history(key)
    assert [(step["deed"], step["reason"]) for step in steps] == [
        ("returned", "NOT_OURS"),
        ("dispatched", None),
        ("signed", None),
        ("returned", "UNCLEAR"),
        ("ruled", "BY_DUTIES"),
    ]
    assert {"field": "department", "value": "water"} in steps[1]["changes"]


async def test_a_matter_rests_for_a_reason_and_goes_on(world: World) -> None:
    key = await world.tickets.have("IN_PROGRESS")
    for until in ("2026-01-05T03:00:00Z", "2027-03-01T00:00:00Z", "2026-01-06T00:00:00"):
        assert await world.no(key, "suspendTicket", until=until) == ("INVALID_INPUT", "until", "range")
    assert await world.no(key, "suspendTicket", note=None) == ("INVALID_INPUT", "note", "required")
    assert (await world.no(key, "suspendTicket", reason="TIRED"))[:2] == ("INVALID_INPUT", "reason")
    rests = await world.do(key, "suspendTicket")
    assert (rests["awaitingReason"], rests["awaitingUntil"]) == ("MATERIALS", "2026-01-20T08:00:00.000Z")
    goes_on = await world.do(key, "resumeTicket")
    assert (goes_on["status"], goes_on["awaitingReason"], goes_on["awaitingUntil"]) == ("IN_PROGRESS", None, None)


async def test_a_dissatisfied_matter_is_done_once_more_by_somebody_else(world: World) -> None:
    key = await world.tickets.have("VERIFIED", household=HOUSEHOLD, assignee="a")
    await world.do(key, "callBackTicket", satisfaction="DISSATISFIED")
    assert await world.no(key, "closeTicket") == ("ILLEGAL_TRANSITION", None, "ticket.reopen_first")
    for same in (
        {"departmentCode": None},
        {"departmentCode": "agriculture"},
        {"departmentCode": None, "assignee": "a"},
    ):
        assert await world.no(key, "reopenTicket", **same) == ("INVALID_INPUT", "departmentCode", "ticket.new_owner")
    assert (await world.no(key, "reopenTicket", departmentCode="unheard-of"))[0] == "UNKNOWN_DEPARTMENT"
    again = await world.do(key, "reopenTicket", departmentCode=None, assignee="b")
    assert (again["status"], again["owner"], again["assignee"]) == ("DISPATCHED", "department/agriculture", "b")
    assert (again["satisfaction"], again["reopened"]) == (None, True)
    for deed in ("signTicket", "resolveTicket", "verifyTicket"):
        await world.do(key, deed)
    await world.do(key, "callBackTicket", satisfaction="DISSATISFIED")
    assert await world.no(key, "reopenTicket") == ("ILLEGAL_TRANSITION", None, "ticket.reopened_once")
    assert (await world.do(key, "closeTicket"))["status"] == "CLOSED"


async def test_double_satisfaction(world: World) -> None:
    """The person's and the superior's are two: who is above the unit says it, and their dissatisfaction counts as much."""
    key = await world.tickets.have("VERIFIED")
    assert await world.no(key, "rateTicket", satisfaction="UNREACHED") == (
        "INVALID_INPUT",
        "satisfaction",
        "role.satisfaction",
    )
    village = world.tickets.as_("township_clerk", areas=[VILLAGE])
    assert (await world.no(key, "rateTicket", village))[0] == "FORBIDDEN"
    await world.do(key, "callBackTicket", satisfaction="SATISFIED")
    rated = await world.do(key, "rateTicket", satisfaction="DISSATISFIED")
    assert (rated["satisfaction"], rated["superiorSatisfaction"]) == ("SATISFIED", "DISSATISFIED")
    assert (await world.no(key, "closeTicket"))[2] == "ticket.reopen_first"


async def test_residents_say_themselves_how_it_went(world: World) -> None:
    reported = await world.tickets.have("VERIFIED", reported_by="example-resident")
    family = await world.tickets.have("VERIFIED", household=HOUSEHOLD)
    resident = world.tickets.as_("resident", household=str(HOUSEHOLD))
    stranger = world.tickets.as_("resident", "example-stranger", household=str(OTHER_HOUSEHOLD))
    for key in (reported, family):
        assert (await world.no(key, "callBackTicket", stranger))[0] == "NOT_FOUND"
        unreached = await world.no(key, "callBackTicket", resident, satisfaction="UNREACHED")
        assert unreached == ("INVALID_INPUT", "satisfaction", "role.satisfaction")
        assert (await world.do(key, "callBackTicket", resident))["status"] == "CALLED_BACK"
    assert [step["actorRole"] for step in await world.history(family)] == ["resident"]


async def test_a_matter_is_taken_back_by_who_reported_it_or_who_handles_it(world: World) -> None:
    resident = world.tickets.as_("resident", household=str(HOUSEHOLD))
    own, family = (
        await world.tickets.have(reported_by="example-resident"),
        await world.tickets.have(household=HOUSEHOLD),
    )
    assert (await world.no(family, "withdrawTicket", resident))[0] == "FORBIDDEN"
    assert (await world.no(own, "withdrawTicket", world.tickets.as_("auditor")))[0] == "FORBIDDEN"
    gone = await world.do(own, "withdrawTicket", resident, reason="MISTAKE")
    assert (gone["status"], gone["endReason"], gone["allowed"]) == ("WITHDRAWN", "MISTAKE", [])
    assert (await world.do(family, "withdrawTicket"))["status"] == "WITHDRAWN"
    resolved = await world.tickets.have("RESOLVED", reported_by="example-resident")
    assert (await world.no(resolved, "withdrawTicket", resident))[0] == "ILLEGAL_TRANSITION"


async def test_who_told_of_a_merged_matter_sees_where_it_went(world: World) -> None:
    """Its number and its state, also where that goes on into a third one; nothing else of a matter that is not theirs."""
    one = await world.tickets.have("SIGNED", household=HOUSEHOLD)
    two, three = await world.tickets.have(household=OTHER_HOUSEHOLD), await world.tickets.have("ACCEPTED")
    assert await world.no(one, "mergeTicket", into=str(one)) == ("INVALID_INPUT", "into", "ticket.other")
    elsewhere, ended = await world.tickets.have(area=OTHER_VILLAGE), await world.tickets.have("CLOSED")
    for into, rule in ((uuid4(), "known.ticket"), (elsewhere, "known.ticket"), (ended, "ticket.open")):
        village = world.tickets.as_("village_cadre")
        assert await world.no(one, "mergeTicket", village, into=str(into)) == ("INVALID_INPUT", "into", rule)
    await world.do(one, "mergeTicket", into=str(two))
    await world.do(two, "mergeTicket", into=str(three))
    resident = world.tickets.as_("resident", household=str(HOUSEHOLD))
    select: list[Any] = [["m", "mergedInto", None, [["number", "number"], ["status", "status"]]], ["s", "status"]]
    _, answer = await resident.read("ticket", {"id": str(one)}, select)
    _, number = await world.tickets.as_("auditor").read("ticket", {"id": str(three)}, [["n", "number"]])
    assert answer == {"s": "MERGED", "m": {"number": number["n"], "status": "ACCEPTED"}}
    assert (await resident.read("ticket", {"id": str(three)}, select))[0] == 404
    _, whole = await world.tickets.as_("auditor").read(
        "ticket", {"id": str(two)}, [["m", "merged", None, [["key", "key"]]]]
    )
    assert whole["m"] == [{"key": str(one)}]


async def test_a_matter_is_handed_up_and_down(world: World) -> None:
    async with transaction(world.tickets.pool, SERVICE) as connection:
        for code in (VILLAGE, TOWNSHIP, COUNTY):
            await units.add(connection, Unit(code=code, name="示例", items=("other",)), by="example-admin", at=NOON)
    key = await world.tickets.have("ACCEPTED", assignee="a")
    village = world.tickets.as_("village_cadre")
    for station in (OTHER_VILLAGE, GRID, "33"):
        assert await world.no(key, "handOverTicket", village, station=station) == (
            "INVALID_INPUT",
            "station",
            "ticket.station",
        )
    assert (await world.no(key, "handOverTicket", village, station=VILLAGE))[2] == "ticket.other"
    up = await world.do(key, "handOverTicket", village)
    assert (up["owner"], up["stationCode"], up["assignee"]) == (f"area/{TOWNSHIP}", TOWNSHIP, None)
    assert (await world.no(key, "dispatchTicket", village))[0] == "FORBIDDEN"
    assert (await world.no(key, "handOverTicket", village, station=VILLAGE))[0] == "FORBIDDEN"
    down = await world.do(key, "handOverTicket", station=VILLAGE, reason="NEARER")
    assert down["owner"] == f"area/{VILLAGE}"
    assert (await world.do(key, "dispatchTicket", village))["owner"] == "department/agriculture"


async def test_who_does_it_is_named_by_those_whose_move_it_is(world: World) -> None:
    key = await world.tickets.have("SIGNED")
    officer = world.who("signTicket")
    assert (await world.no(key, "assignTicket"))[0] == "FORBIDDEN"
    assert await world.no(key, "assignTicket", officer, assignee=" ") == ("INVALID_INPUT", "assignee", "required")
    assert (await world.do(key, "assignTicket", officer, assignee="a"))["assignee"] == "a"
    assert (await world.do(key, "startTicket"))["assignee"] == "a"
    assert (await world.do(key, "assignTicket", officer, assignee=None))["assignee"] is None
    other = await world.tickets.have("SIGNED")
    assert (await world.do(other, "startTicket"))["assignee"] == "officer-agriculture"


async def test_superiors_press_and_escalate(world: World) -> None:
    key = await world.tickets.have("SIGNED")
    assert (await world.no(key, "superviseTicket", world.tickets.as_("village_cadre")))[0] == "FORBIDDEN"
    assert await world.no(key, "superviseTicket", note=None) == ("INVALID_INPUT", "note", "required")
    assert (await world.do(key, "superviseTicket"))["supervisedAt"] == "2026-01-05T04:00:00.000Z"
    levels = [(await world.do(key, "escalateTicket"))["escalation"] for _ in range(3)]
    assert levels == [1, 2, 3]
    assert await world.no(key, "escalateTicket") == ("CONFLICT", None, "ticket.escalation")


async def test_rework_and_referral(world: World) -> None:
    key = await world.tickets.have("RESOLVED", assignee="a")
    again = await world.do(key, "reworkTicket")
    assert (again["status"], again["owner"], again["assignee"]) == ("IN_PROGRESS", "department/agriculture", "a")
    assert await world.no(key, "referTicket", note=None) == ("INVALID_INPUT", "note", "required")
    mediator = world.tickets.as_("mediator")
    gone = await world.do(key, "referTicket", mediator, to="ARBITRATION")
    assert (gone["status"], gone["referredTo"]) == ("REFERRED_OUT", "ARBITRATION")
    assert [step["reason"] for step in await world.history(key)] == ["NOT_DONE", "ARBITRATION"]


async def test_what_was_done_is_a_code_beside_the_note(world: World) -> None:
    plain, explained = await world.tickets.have("SIGNED"), await world.tickets.have("SIGNED")
    await world.do(plain, "resolveTicket")
    await world.do(explained, "resolveTicket", outcome="EXPLAINED")
    assert [(await world.history(key))[0]["reason"] for key in (plain, explained)] == ["DONE", "EXPLAINED"]


async def test_whoever_takes_it_on_may_put_it_right(world: World) -> None:
    key = await world.tickets.have(category="other")
    assert (await world.no(key, "acceptTicket", category="水利"))[0] == "UNKNOWN_CATEGORY"
    right = await world.do(key, "acceptTicket", category="irrigation", priority="URGENT")
    assert (right["category"], right["priority"]) == ("irrigation", "URGENT")


async def test_whom_and_what_a_matter_concerns(world: World) -> None:
    resident = world.tickets.as_("resident", household=str(HOUSEHOLD))
    person, plot = str(UUID(int=7)), str(UUID(int=8))
    given = {"householdId": str(HOUSEHOLD), "householdOn": "2025-06-01", "personIds": [person], "plotIds": [plot]}
    select: list[Any] = [[name, name] for name in ("householdOn", "personIds", "plotIds")]
    _, answer = await resident.command("reportTicket", report(**given), select)
    assert answer["householdOn"] == "2025-06-01"
    assert (len(answer["personIds"]), len(answer["plotIds"])) == (1, 1)
    _, answer = await resident.command("reportTicket", report(), select)
    assert answer == {"householdOn": "2026-01-05", "personIds": [], "plotIds": []}
    for wrong, field in ((["a", "a"], "personIds"), ([plot] * 2, "plotIds")):
        keys = [person] * 2 if field == "personIds" else wrong
        _, problem = await resident.command("reportTicket", report(**{field: keys}), select)
        assert (problem["field"], problem["rule"]) == (field, "unique")
    _, problem = await resident.command("reportTicket", report(householdOn="2026-01-06"), select)
    assert (problem["field"], problem["rule"]) == ("householdOn", "range")


async def test_of_two_departments_only_the_one_that_has_it_signs(world: World) -> None:
    """Both sign at once, while the dispatcher has just sent it to one of them."""
    key = await world.tickets.have("DISPATCHED", department="water")
    officers = [world.who("signTicket", code) for code in ("agriculture", "water")]
    given = [given_for("signTicket", key) for _ in officers]
    answers = await asyncio.gather(
        *(one.command("signTicket", each, SEEN) for one, each in zip(officers, given, strict=True))
    )
    assert [(status, answer.get("code")) for status, answer in answers] == [(404, "NOT_FOUND"), (200, None)]


RACES: tuple[tuple[str, tuple[str, str], dict[str, Any]], ...] = (
    ("VERIFIED", ("callBackTicket", "rateTicket"), {}),
    ("CALLED_BACK", ("reopenTicket", "rateTicket"), {"satisfaction": "DISSATISFIED"}),
    ("CALLED_BACK", ("closeTicket", "rateTicket"), {}),
    ("DISPATCHED", ("signTicket", "returnTicket"), {}),
    ("DISPATCHED", ("signTicket", "withdrawTicket"), {}),
    ("ACCEPTED", ("dispatchTicket", "referTicket"), {}),
)


async def test_of_two_deeds_at_once_one_wins(world: World) -> None:
    """Both are meant for the ticket as it was seen: one goes through, the other is told that it has changed."""
    for status, deeds, columns in RACES:
        key = await world.tickets.have(status, **columns)
        answers = await asyncio.gather(
            *(world.who(deed).command(deed, given_for(deed, key, version=1), SEEN) for deed in deeds)
        )
        assert sorted((code, answer.get("code")) for code, answer in answers) == [(200, None), (409, "STALE_VERSION")]
    assert await world.tickets.count("step") == await world.tickets.count(TOLD) == len(RACES)


async def test_a_callback_and_a_reopening_at_once(world: World) -> None:
    """Without a version the reopening may come after the callback that it needs, or before it; each is an order that makes sense."""
    key = await world.tickets.have("VERIFIED")
    calls = [("callBackTicket", {"satisfaction": "DISSATISFIED"}), ("reopenTicket", {}), ("reopenTicket", {})]
    answers = await asyncio.gather(
        *(world.who(deed).command(deed, given_for(deed, key, **more), SEEN) for deed, more in calls)
    )
    assert answers[0][0] == 200
    reopened = [status for status, _ in answers[1:]].count(200)
    assert reopened <= 1
    assert {answer["code"] for status, answer in answers if status != 200} == {"ILLEGAL_TRANSITION"}
    assert [step["deed"] for step in await world.history(key)] == ["called_back", "reopened"][: 1 + reopened]


async def test_merging_two_into_each_other_ends_one(world: World) -> None:
    keys = [await world.tickets.have() for _ in range(2)]
    answers = await asyncio.gather(
        *(
            world.who("mergeTicket").command("mergeTicket", given_for("mergeTicket", one, into=str(other)), SEEN)
            for one, other in (keys, keys[::-1])
        )
    )
    assert sorted(status for status, _ in answers) == [200, 422]


async def test_events_say_owner_and_reason(world: World) -> None:
    key, other = await world.tickets.have("DISPATCHED"), await world.tickets.have()
    await world.do(key, "returnTicket", note="示例：不属本部门")
    world.tickets.clock.instant += timedelta(minutes=1)
    await world.do(key, "mergeTicket", into=str(other))
    async with transaction(world.tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(f"SELECT type, data FROM {TOLD} ORDER BY recorded")
    assert [(row["type"].split(".")[2], row["data"]["owner"], row["data"]["reason"]) for row in rows] == [
        ("returned", f"area/{VILLAGE}", "NOT_OURS"),
        ("merged", f"area/{VILLAGE}", None),
    ]
    assert rows[1]["data"]["into"] == str(other)
    assert not any("示例" in str(row["data"]) for row in rows)
