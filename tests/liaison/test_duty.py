"""Cadres, leave, rules, gaps, swaps and the station's log, through HTTP and the worker's planning."""

import asyncio
from base64 import b64decode
from collections import defaultdict
from collections.abc import Coroutine
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.commands import Doing
from services.chassis.db import Pool, transaction
from services.chassis.errors import Conflict
from services.chassis.principal import Caller, Principal
from services.liaison.commands.calendar import load_files
from services.liaison.commands.roster import plan, plan_due, tell_gaps
from services.liaison.commands.swap import AnswerOffer, take_duty
from services.liaison.domain.cadre import Cadre
from services.liaison.domain.notice import published
from services.liaison.domain.roster import Member, Rule
from services.liaison.domain.year_file import YearFile, read_year
from services.liaison.store import cadre, duty, rule
from tests.liaison.conftest import BARE_VILLAGE, SERVICE, VILLAGE, Liaison, add_cadre, signed
from tests.liaison.test_planning import rostered
from tests.liaison.test_year_file import EXAMPLE

ONE, TWO = "example-cadre", "example-cadre-2"
TODAY = date(2026, 1, 5)
WEDNESDAY, THURSDAY = date(2026, 1, 7), date(2026, 1, 8)
"""The duties of TWO and of ONE."""


async def do(liaison: Liaison, who: str, name: str, select: str = "id", /, *roles: str, **given: Any) -> Any:
    """The answer of a deed that is done."""
    status, answer = await ask(liaison, who, name, select, *roles, **given)
    assert status == 200, answer
    return answer


async def ask(
    liaison: Liaison, who: str, name: str, select: str = "id", /, *roles: str, **given: Any
) -> tuple[int, Any]:
    values = {"clientKey": str(uuid4()), **given}
    return await liaison.as_(who, *roles).command(name, values, [[field, field] for field in select.split()])


async def clerk(liaison: Liaison, name: str, select: str = "id", /, **given: Any) -> Any:
    return await do(liaison, "example-clerk", name, select, "township_clerk", **given)


async def planned_again(liaison: Liaison) -> dict[date, str]:
    await plan_due(liaison.pool, liaison.clock, published(), correcting=False)
    return await rostered(liaison.pool, TODAY, date(2026, 2, 28))


async def told(pool: Pool, *types: str) -> list[tuple[str, dict[str, Any]]]:
    rows = await pool.fetch(
        "SELECT type, data FROM outbox WHERE type = ANY ($1) ORDER BY recorded",
        [f"liaison.{each}.v1" for each in types],
    )
    return [(row["type"], row["data"]) for row in rows]


def key_of(global_id: str) -> str:
    return b64decode(global_id).decode().partition(":")[2]


async def test_who_is_on_leave_is_not_planned_and_who_stepped_in_is_relieved(liaison: Liaison) -> None:
    before = await rostered(liaison.pool, TODAY, date(2026, 2, 28))
    leave = await do(liaison, TWO, "noteLeave", "id reason", first="2026-01-07", last="2026-01-09", reason="SICK")
    assert leave["reason"] == "SICK"
    after = await planned_again(liaison)
    assert {day: after[day] for day in (WEDNESDAY, THURSDAY, date(2026, 1, 9))} == dict.fromkeys(
        (WEDNESDAY, THURSDAY, date(2026, 1, 9)), ONE
    )
    assert after[date(2026, 1, 12)] == TWO
    (_, event) = (await told(liaison.pool, "roster.planned"))[-1]
    assert event["changed"][0] == "2026-01-07"
    assert event["added"] == event["removed"] == []
    await do(liaison, TWO, "withdrawLeave", id=key_of(leave["id"]))
    assert await planned_again(liaison) == before


async def test_why_somebody_is_away_is_not_for_everybody(liaison: Liaison) -> None:
    await do(liaison, TWO, "noteLeave", first="2026-01-07", last="2026-01-09", reason="SICK")
    select = [["edges", "edges", None, [["node", "node", None, [["first", "first"], ["reason", "reason"]]]]]]

    async def seen(who: str, *roles: str) -> list[Any]:
        status, page = await liaison.as_(who, *roles).read("leaves", {"areaCode": VILLAGE}, select)
        assert status == 200
        return [edge["node"]["reason"] for edge in page["edges"]]

    assert await seen(TWO) == ["SICK"]
    assert await seen("example-clerk", "township_clerk") == ["SICK"]
    assert await seen(ONE) == await seen("example-resident", "resident") == [None]


async def test_leave_is_refused_where_it_overlaps_or_is_anothers(liaison: Liaison) -> None:
    given = {"first": "2026-01-07", "last": "2026-01-09", "reason": "ANNUAL"}
    assert (await ask(liaison, ONE, "noteLeave", subject=TWO, **given))[0] == 403
    assert (await ask(liaison, TWO, "noteLeave", **given | {"last": "2026-01-06"}))[1]["field"] == "last"
    await clerk(liaison, "noteLeave", subject=TWO, **given)
    status, problem = await ask(liaison, TWO, "noteLeave", **given)
    assert (status, problem["rule"]) == (409, "leave.once")
    assert (await ask(liaison, "nobody", "noteLeave", **given))[1]["code"] == "UNKNOWN_CADRE"


async def test_a_gap_near_by_is_told_once_and_again_when_it_comes_anew(liaison: Liaison) -> None:
    away = {"first": "2026-01-07", "last": "2026-01-16", "reason": "TRAINING"}
    await do(liaison, ONE, "noteLeave", **away)
    leave = await do(liaison, TWO, "noteLeave", **away)
    after = await planned_again(liaison)
    assert not [day for day in after if WEDNESDAY <= day <= date(2026, 1, 16)]
    assert await tell_gaps(liaison.pool, liaison.clock) == 2
    assert await tell_gaps(liaison.pool, liaison.clock) == 0
    gaps = await told(liaison.pool, "duty.gap_found")
    assert [data["date"] for _, data in gaps] == ["2026-01-07", "2026-01-08"], "three working days ahead"
    status, page = await liaison.as_(ONE).read(
        "duties",
        {"areaCode": VILLAGE, "from": "2026-01-01", "to": "2026-01-31", "gap": True, "first": 200},
        [
            [
                "edges",
                "edges",
                None,
                [["node", "node", None, [["date", "date"], ["cadre", "cadre", None, [["name", "name"]]]]]],
            ]
        ],
    )
    assert (status, len(page["edges"])) == (200, 8)
    await do(liaison, TWO, "withdrawLeave", id=key_of(leave["id"]))
    assert (await planned_again(liaison))[WEDNESDAY] == TWO
    assert await tell_gaps(liaison.pool, liaison.clock) == 0
    await do(liaison, TWO, "noteLeave", first="2026-01-07", last="2026-01-07", reason="SICK")
    await planned_again(liaison)
    assert await tell_gaps(liaison.pool, liaison.clock) == 1


async def test_who_has_ended_is_not_planned_any_more(liaison: Liaison) -> None:
    given = {"subject": TWO, "name": "示例村干部乙", "areaCode": VILLAGE, "until": "2026-01-08"}
    status, problem = await ask(liaison, "example-clerk", "reviseCadre", "id", "township_clerk", **given)
    assert (status, problem["rule"]) == (409, "cadre.new")
    cadre = await clerk(liaison, "reviseCadre", "until version since", **given, version=1)
    assert cadre == {"until": "2026-01-08", "version": 2, "since": "2026-01-01"}
    status, problem = await ask(liaison, "example-clerk", "reviseCadre", "id", "township_clerk", **given, version=1)
    assert (status, problem["code"], problem["current"]) == (409, "STALE_VERSION", 2)
    after = await planned_again(liaison)
    assert {subject for day, subject in after.items() if day > date(2026, 1, 8)} == {ONE}
    assert after[WEDNESDAY] == TWO


async def test_a_clerk_sets_a_rule_and_the_roster_follows(liaison: Liaison) -> None:
    await clerk(liaison, "reviseCadre", subject="example-three", name="示例干部丙", areaCode=VILLAGE)
    pool = [{"subject": ONE, "weekdays": [1, 2, 3]}, {"subject": "example-three", "weekdays": [4, 5]}]
    given = {"areaCode": VILLAGE, "starts": "2026-01-12", "pattern": "WEEKDAYS", "pool": pool}
    made = await clerk(liaison, "setDutyRule", "areaCode starts pattern version", **given)
    assert made == {"areaCode": VILLAGE, "starts": "2026-01-12", "pattern": "WEEKDAYS", "version": 1}
    after = await planned_again(liaison)
    assert after[date(2026, 1, 9)] == TWO, "by the rule before"
    assert [after[date(2026, 1, day)] for day in range(12, 17)] == [ONE, ONE, ONE, "example-three", "example-three"]
    for values, rule_broken in (
        ({}, "rule.new"),
        ({"starts": "2026-01-02"}, "not.past"),
        ({"starts": "2026-01-13", "pool": []}, "pool.distinct"),
        ({"starts": "2026-01-13", "opens": "25:00"}, "form"),
        ({"starts": "2026-01-13", "pool": [{"subject": "nobody"}]}, "known.cadre"),
        ({"version": 7}, None),
    ):
        status, problem = await ask(liaison, "c", "setDutyRule", "id", "township_clerk", **given | values)
        assert status in (409, 422)
        assert problem.get("rule") == rule_broken
    assert (await ask(liaison, ONE, "setDutyRule", **given))[0] == 403


async def test_one_person_of_two_villages_is_in_one_at_a_time(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_cadre(connection, "example-shared", area="339999100", base="339999100")
        for area in (VILLAGE, BARE_VILLAGE):
            pool = (Member("example-shared"), Member(ONE if area == VILLAGE else TWO))
            await rule.put(connection, Rule(area, date(2026, 1, 12), pool))
    await planned_again(liaison)
    span = (date(2026, 1, 12), date(2026, 12, 31))
    here, there = [await rostered(liaison.pool, *span, area=area) for area in (VILLAGE, BARE_VILLAGE)]
    assert here.keys() == there.keys()
    assert not [day for day in here if here[day] == there[day]]
    assert {"example-shared"} < set(here.values()) & set(there.values()) | {"example-shared", ONE}
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.unplan(connection)
    assert (await plan_due(liaison.pool, liaison.clock, published(), correcting=False))[1] == 0, "nothing moves"


async def test_who_leaves_a_village_in_a_plan_is_free_for_another_in_it(liaison: Liaison) -> None:
    starts = date(2026, 1, 12)
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_cadre(connection, "example-shared", area="339999100", base="339999100")
        for area in (VILLAGE, BARE_VILLAGE):
            await rule.put(connection, Rule(area, starts, (Member("example-shared"),)))
    await planned_again(liaison)
    span = (starts, date(2026, 12, 31))
    assert await rostered(liaison.pool, *span, area=BARE_VILLAGE) == {}
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.put(connection, Rule(VILLAGE, starts, (Member(ONE),), version=2))
        await rule.unplan(connection)
    await planned_again(liaison)
    here, there = [await rostered(liaison.pool, *span, area=area) for area in (VILLAGE, BARE_VILLAGE)]
    assert (set(here.values()), set(there.values()), here.keys()) == ({ONE}, {"example-shared"}, there.keys())


async def test_who_serves_elsewhere_now_is_not_planned_any_more(liaison: Liaison) -> None:
    before = await rostered(liaison.pool, TODAY, date(2026, 2, 28))
    async with transaction(liaison.pool, SERVICE) as connection:
        moved = Cadre(subject=TWO, name="示例", area="339999200", base="339999200", since=date(2026, 1, 1), version=2)
        assert await cadre.keep(connection, moved)
        await rule.unplan_of(connection, TWO, TODAY)
    assert await planned_again(liaison) == dict.fromkeys(before, ONE)


async def test_todays_duty_stays_with_who_may_be_at_the_station_already(liaison: Liaison) -> None:
    """Who signed in offline is not known of yet; who is on leave will not come."""
    given = {"areaCode": VILLAGE, "starts": str(TODAY), "pool": [{"subject": ONE}]}
    await clerk(liaison, "setDutyRule", **given)
    after = await planned_again(liaison)
    assert (after[TODAY], after[WEDNESDAY]) == (TWO, ONE)
    await do(liaison, TWO, "noteLeave", first=str(TODAY), last=str(TODAY), reason="SICK")
    assert (await planned_again(liaison))[TODAY] == ONE


async def while_planned(liaison: Liaison, deed: Coroutine[Any, Any, Any]) -> Any:
    """What a deed answers that begins when the village has been planned, and its plan is not yet committed."""
    async with transaction(liaison.pool, SERVICE) as connection:
        await plan(connection, liaison.clock, [VILLAGE], date(2026, 12, 31))
        task = asyncio.create_task(deed)
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))"
        async with asyncio.timeout(10):
            while not task.done() and not await liaison.pool.fetchval(waiting, pid):
                pass
    return await task


async def test_a_leave_that_comes_while_the_roster_is_planned_is_not_lost(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.unplan(connection)
    given = {"first": str(WEDNESDAY), "last": str(WEDNESDAY), "reason": "SICK"}
    await while_planned(liaison, do(liaison, TWO, "noteLeave", **given))
    assert (await planned_again(liaison))[WEDNESDAY] == ONE


async def test_a_year_that_is_loaded_while_the_roster_is_planned_is_not_lost(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.unplan(connection)
    file = EXAMPLE.read_bytes().replace(b"to = 2026-04-06", b"to = 2026-04-07")

    async def load() -> None:
        found = read_year(file)
        assert isinstance(found, YearFile)
        async with transaction(liaison.pool, SERVICE) as connection:
            await load_files(connection, liaison.clock, [found], published(), by="example")

    await while_planned(liaison, load())
    await planned_again(liaison)
    assert not await rostered(liaison.pool, date(2026, 4, 7), date(2026, 4, 7))


async def test_who_is_assigned_while_the_roster_is_planned_steps_in_for_who_has_the_day_by_it(liaison: Liaison) -> None:
    away = {"first": str(WEDNESDAY), "last": str(WEDNESDAY), "reason": "TRAINING"}
    await do(liaison, ONE, "noteLeave", **away)
    leave = await do(liaison, TWO, "noteLeave", **away)
    assert WEDNESDAY not in await planned_again(liaison)
    await do(liaison, TWO, "withdrawLeave", id=key_of(leave["id"]))
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_cadre(connection, "example-three")
    given = {"areaCode": VILLAGE, "date": str(WEDNESDAY), "subject": "example-three"}
    await while_planned(liaison, clerk(liaison, "assignDuty", "key", **given))
    ((_, event),) = await told(liaison.pool, "duty.assigned")
    assert (event["cadre"], event["from"]) == ("example-three", TWO)
    assert (await planned_again(liaison))[WEDNESDAY] == "example-three"


async def test_who_was_sent_elsewhere_while_it_was_planned_has_it_planned_again(
    liaison: Liaison, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        pool = (Member(ONE), Member(TWO))
        await rule.put(connection, Rule(BARE_VILLAGE, date(2026, 1, 12), pool))
    engaged, calls = duty.engaged, 0

    async def too_early(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        return defaultdict(lambda: defaultdict(set)) if calls == 1 else await engaged(*given)

    monkeypatch.setattr(duty, "engaged", too_early)
    here = await planned_again(liaison)
    there = await rostered(liaison.pool, date(2026, 1, 12), date(2026, 2, 28), area=BARE_VILLAGE)
    assert calls == 2
    assert there
    assert all({here[day], there[day]} == {ONE, TWO} for day in there)


async def test_a_duty_is_offered_taken_and_stays_so(liaison: Liaison) -> None:
    offer = await do(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY), exchange=str(THURSDAY))
    status, problem = await ask(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY))
    assert (status, problem["rule"]) == (409, "offer.once")
    assert (await ask(liaison, TWO, "takeDuty", offerId=key_of(offer["id"])))[0] == 403
    taken = await do(liaison, ONE, "takeDuty", "state date", offerId=key_of(offer["id"]))
    assert taken == {"state": "TAKEN", "date": "2026-01-07"}
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.unplan(connection)
    after = await planned_again(liaison)
    assert (after[WEDNESDAY], after[THURSDAY], after[date(2026, 1, 9)]) == (ONE, TWO, TWO)
    status, problem = await ask(liaison, ONE, "declineDuty", offerId=key_of(offer["id"]))
    assert (status, problem["rule"]) == (409, "offer.answered")
    kinds = await told(liaison.pool, "duty.offered", "duty.taken")
    assert [(data["by"], data["exchange"]) for _, data in kinds] == [(TWO, "2026-01-08"), (ONE, "2026-01-08")]
    given = {"areaCode": VILLAGE, "from": "2026-01-05", "to": "2026-01-31"}
    fields = ("subject", "days", "taken", "given", "weight", "fairShare", "balance", "leaveDays", "eves")
    select = [["edges", "edges", None, [["node", "node", None, [[field, field] for field in fields]]]]]
    status, page = await liaison.as_(ONE).read("dutyFairness", given, select)
    shares = {edge["node"]["subject"]: edge["node"] for edge in page["edges"]}
    assert (shares[ONE]["taken"], shares[ONE]["given"], shares[TWO]["taken"]) == (1, 1, 1)
    assert shares[ONE]["days"] + shares[TWO]["days"] == 20
    assert sum(share["balance"] for share in shares.values()) == 0


async def test_an_offer_is_declined_or_withdrawn(liaison: Liaison) -> None:
    offer = key_of((await do(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY), to=ONE))["id"])
    assert (await ask(liaison, "example-third", "takeDuty", offerId=offer))[0] == 403
    assert (await do(liaison, ONE, "declineDuty", "state", offerId=offer))["state"] == "DECLINED"
    offer = key_of((await do(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY)))["id"])
    assert (await ask(liaison, ONE, "declineDuty", offerId=offer))[1]["rule"] == "offer.open"
    assert (await ask(liaison, ONE, "withdrawDutyOffer", offerId=offer))[0] == 403
    assert (await do(liaison, TWO, "withdrawDutyOffer", "state", offerId=offer))["state"] == "WITHDRAWN"
    assert (await ask(liaison, ONE, "takeDuty", offerId=offer))[1]["rule"] == "offer.answered"
    assert (await rostered(liaison.pool, WEDNESDAY, WEDNESDAY)) == {WEDNESDAY: TWO}
    assert len(await told(liaison.pool, "duty.declined", "duty.withdrawn")) == 2
    assert (await ask(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(THURSDAY)))[1]["rule"] == "duty.moved"
    await clerk(liaison, "noteLeave", subject=ONE, first="2026-01-07", last="2026-01-07", reason="OTHER")
    status, problem = await ask(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY), to=ONE)
    assert (status, problem["rule"]) == (409, "away")


async def test_of_two_who_take_a_duty_at_once_one_wins(liaison: Liaison) -> None:
    """The second waits on the first's lock, and sees what the first did when that is committed."""
    async with transaction(liaison.pool, SERVICE) as connection:
        for subject in ("example-three", "example-four"):
            await add_cadre(connection, subject)
    offer = UUID(key_of((await do(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY)))["id"]))

    async def take(subject: str, ready: asyncio.Event, go: asyncio.Event, pids: list[int]) -> None:
        async with transaction(liaison.pool, Caller(subject, areas=(VILLAGE,), roles=("village_cadre",))) as connection:
            pids.append(await connection.fetchval("SELECT pg_backend_pid()"))
            ready.set()
            doing = Doing(connection, Principal(subject, roles=frozenset({"village_cadre"})), liaison.clock)
            await take_duty(doing, AnswerOffer(client_key=uuid4(), offer_id=offer))
            pids.append(0)
            await go.wait()

    first_started, second_started, go, free = asyncio.Event(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    free.set()
    first_pids: list[int] = []
    second_pids: list[int] = []
    first = asyncio.create_task(take("example-three", first_started, go, first_pids))
    async with asyncio.timeout(10):
        while len(first_pids) < 2:
            await liaison.pool.fetchval("SELECT 1")
        second = asyncio.create_task(take("example-four", second_started, free, second_pids))
        await second_started.wait()
        while not await liaison.pool.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", second_pids[0]):
            assert not second.done()
        go.set()
        await first
        with pytest.raises(Conflict, match="was taken by somebody meanwhile; the roster stays as it is now"):
            await second
    assert await rostered(liaison.pool, WEDNESDAY, WEDNESDAY) == {WEDNESDAY: "example-three"}
    assert len(await told(liaison.pool, "duty.taken")) == 1


async def test_a_clerk_assigns_a_substitute(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_cadre(connection, "example-three", area="339999100", base="339999100")
        await add_cadre(connection, "example-far", area="339999200", base="339999200")
    given = {"areaCode": VILLAGE, "date": str(WEDNESDAY), "subject": "example-three"}
    assert (await ask(liaison, ONE, "assignDuty", "key", **given))[0] == 403
    assert (await clerk(liaison, "assignDuty", "key agreed", **given))["agreed"] is True
    ((_, event),) = await told(liaison.pool, "duty.assigned")
    assert (event["cadre"], event["from"]) == ("example-three", TWO)
    async with transaction(liaison.pool, SERVICE) as connection:
        await rule.unplan(connection)
    assert (await planned_again(liaison))[WEDNESDAY] == "example-three"
    for values, broken in (
        ({}, "duty.same"),
        ({"date": "2026-01-10"}, "duty.none"),
        ({"date": "2026-01-04"}, "not.past"),
        ({"subject": "example-far"}, "serves"),
        ({"date": str(TODAY), "subject": ONE}, "duty.signed"),
    ):
        if broken == "duty.signed":
            async with transaction(liaison.pool, SERVICE) as connection:
                await signed(connection, TODAY, TWO, liaison.clock.now())
        status, problem = await ask(liaison, "c", "assignDuty", "key", "township_clerk", **given | values)
        assert (status, problem["rule"]) == (422 if broken == "not.past" else 409, broken)


async def test_nobody_takes_a_duty_who_is_in_another_village_then(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_cadre(connection, "example-shared", area="339999100", base="339999100")
        await rule.put(connection, Rule(BARE_VILLAGE, TODAY, (Member("example-shared"),)))
    await planned_again(liaison)
    offer = key_of((await do(liaison, TWO, "offerDuty", areaCode=VILLAGE, date=str(WEDNESDAY)))["id"])
    status, problem = await ask(liaison, "example-shared", "takeDuty", offerId=offer)
    assert (status, problem["rule"]) == (409, "one.place")
    assert "another village" in problem["detail"]


VISIT = {"areaCode": VILLAGE, "purpose": "CONSULT", "note": "示例：问医保"}
HOUSEHOLD = "00000000-0000-7000-8000-000000000001"


async def test_who_came_is_written_down_once_and_sealed(liaison: Liaison) -> None:
    visit = str(uuid4())
    given = {**VISIT, "id": visit, "at": "2026-01-05T00:10:00Z", "visitorName": "示例某", "visitorPhone": "13800005678"}
    select = "at visitorName visitorPhone category"
    seen = await do(liaison, TWO, "noteDutyVisit", select, **given, householdId=HOUSEHOLD, category="insurance")
    masked = {"visitorName": "示**", "visitorPhone": "138****5678", "category": "insurance"}
    assert seen == {"at": "2026-01-05T00:10:00.000Z", **masked}
    liaison.clock.instant += timedelta(hours=1)
    again = await do(liaison, TWO, "noteDutyVisit", select, **given, householdId=HOUSEHOLD, category="insurance")
    assert again == seen
    assert len(await told(liaison.pool, "visit.noted")) == 1
    ((_, matter),) = await told(liaison.pool, "matter.raised")
    assert (matter["source"], matter["sourceId"], matter["household"]) == ("DUTY", visit, HOUSEHOLD)
    status, problem = await ask(liaison, ONE, "noteDutyVisit", **given)
    assert (status, problem["rule"]) == (409, "visit.once")
    rows = await liaison.pool.fetch("SELECT data::text AS data FROM outbox")
    assert not any("示例某" in row["data"] or "5678" in row["data"] for row in rows)


async def test_the_log_is_for_hosts_auditors_and_whose_household_it_is(
    liaison: Liaison,
) -> None:
    await do(liaison, TWO, "noteDutyVisit", **VISIT, id=str(uuid4()), householdId=HOUSEHOLD)
    count = "SELECT count(*) FROM duty_visit"
    for caller, seen in (
        (Caller("somebody", areas=(VILLAGE,), roles=("village_cadre",)), 1),
        (Caller("somebody", areas=("33",), roles=("auditor",)), 1),
        (Caller("somebody", household=HOUSEHOLD, roles=("resident",)), 1),
        (Caller("somebody", household="00000000-0000-7000-8000-000000000002", roles=("resident",)), 0),
        (Caller("somebody", areas=("330881",), roles=("village_cadre",)), 0),
    ):
        async with transaction(liaison.pool, caller) as connection:
            assert await connection.fetchval(count) == seen, caller
    assert (await ask(liaison, "x", "noteDutyVisit", "id", "grid_worker", **VISIT, id=str(uuid4())))[0] == 403
    early = {"id": str(uuid4()), "at": "2025-10-01T00:00:00Z"}
    assert (await ask(liaison, TWO, "noteDutyVisit", **VISIT, **early))[1]["rule"] == "visit.old"
