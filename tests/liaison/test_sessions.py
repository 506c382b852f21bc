"""Series, their planning, and what is done with a session, through the api and on the database."""

import asyncio
import threading
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import Conflict
from services.chassis.principal import Caller
from services.liaison.commands import series as planning
from services.liaison.commands.area import note_area
from services.liaison.commands.example import DIALOGUE, GATHERING, add_example_series
from services.liaison.commands.roster import plan_due
from services.liaison.commands.series import plan_series_due, tell_gaps
from services.liaison.domain.calendar import Festival, Notice
from services.liaison.domain.notice import published
from services.liaison.domain.session import key_of
from services.liaison.domain.sign_up import SignUp
from services.liaison.store import series, sign_up
from services.liaison.store.series import Writing
from tests.liaison.conftest import BARE_VILLAGE, SERVICE, VILLAGE, Liaison, add_cadre
from tests.support.client import Service

TOWNSHIP = "339999100"
TUESDAY = date(2026, 1, 13)
SESSION = key_of(GATHERING.id, VILLAGE, TUESDAY)
FIELDS: list[Any] = [
    *(
        [name, name]
        for name in ("key", "date", "opens", "state", "reason", "topic", "outcome", "people", "gaps", "version")
    ),
    ["heldAt", "heldAt"],
    ["staff", "staff", None, [["department", "department"], ["subject", "subject"], ["state", "state"]]],
]


async def events(pool: Pool, verb: str) -> list[Any]:
    async with transaction(pool, SERVICE) as connection:
        rows = await connection.fetch("SELECT data FROM outbox WHERE type = $1 ORDER BY recorded", f"liaison.{verb}.v1")
    return [row["data"] for row in rows]


async def due(pool: Pool) -> int:
    async with transaction(pool, SERVICE) as connection:
        return len(await series.due(connection, date(2026, 1, 1)))


async def do(client: Service, deed: str, id_: UUID | None = SESSION, **given: Any) -> tuple[int, Any]:
    key = {} if id_ is None else {"id": str(id_)}
    return await client.command(deed, {"clientKey": str(uuid4()), **key, **given}, FIELDS)


async def sessions(client: Service, **args: Any) -> list[Any]:
    select = [["edges", "edges", None, [["node", "node", None, FIELDS]]]]
    status, page = await client.read("sessionsAhead", {"from": "2026-01-01", **args}, select)
    assert status == 200, page
    return [edge["node"] for edge in page["edges"]]


@pytest.fixture
async def meetings(planned: Pool, clock: FixedClock) -> Pool:
    """With the example township's series, planned: two villages and one expert of each department."""
    async with transaction(planned, SERVICE) as connection:
        await add_example_series(connection)
    assert await plan_series_due(planned, clock) == 2 * (52 + 12)
    return planned


async def test_a_series_is_planned_once_and_told_a_village(meetings: Pool, clock: FixedClock) -> None:
    assert await plan_series_due(meetings, clock) == 0
    told = await events(meetings, "sessions.planned")
    assert [(each["kind"], each["area"]) for each in told] == [
        (kind, area) for kind in ("GATHERING", "DIALOGUE") for area in (VILLAGE, BARE_VILLAGE)
    ]
    gathering = told[0]
    assert (gathering["count"], gathering["from"], gathering["until"]) == (52, "2026-01-05", "2026-12-31")
    assert [(each["due"], each["before"], each["after"]) for each in gathering["moved"]] == [
        ("2026-02-17", None, "2026-02-25"),
        ("2026-05-05", None, "2026-05-06"),
        ("2026-10-06", None, "2026-10-08"),
    ]
    assert sum(each["gaps"] for each in told) == 2 * 52
    async with transaction(meetings, SERVICE) as connection:
        busy = await connection.fetchval("SELECT count(*) FROM engagement WHERE kind = 'SESSION'")
    assert busy == 2 * 52


# A second cadre who serves one village only sends the first, who serves both, to the other: 2 * 52 sessions.
@pytest.mark.parametrize("change", ["cadre", "leave", "area", "calendar", "duty"])
async def test_what_a_plan_is_made_from_makes_it_due(meetings: Pool, clock: FixedClock, change: str) -> None:
    async with transaction(meetings, SERVICE) as connection:
        if change == "cadre":
            await add_cadre(connection, "second", department="justice")
        elif change == "leave":
            days = (date(2026, 3, 3), date(2026, 3, 9))
            await connection.execute(
                "INSERT INTO leave (id, subject, first, last, noted_by, noted_at) VALUES (gen_random_uuid(), $1, $2, $3, 'a', now())",
                "example-expert-justice",
                *days,
            )
        elif change == "area":
            await note_area(connection, BARE_VILLAGE, date(2026, 12, 1))
        elif change == "duty":
            await connection.execute("DELETE FROM duty WHERE date = '2026-03-03'")
            await connection.execute(
                "INSERT INTO duty (area, date, subject) VALUES ($1, '2026-03-03', $2)",
                VILLAGE,
                "example-expert-justice",
            )
    if change == "calendar":
        known = published()
        extra = Notice(
            year=2026,
            holidays={**known[2026].holidays, TUESDAY: Festival("Example Day", "示例节")},
            exchanged=known[2026].exchanged,
            makeups=known[2026].makeups,
        )
        await plan_due(meetings, clock, {**known, 2026: extra}, correcting=True)
    assert await due(meetings) == (1 if change in ("cadre", "leave", "duty") else 2)
    changed = await plan_series_due(meetings, clock)
    assert changed == {"cadre": 2 * 52, "leave": 1, "area": 5, "calendar": 2, "duty": 0}[change]
    assert await due(meetings) == 0
    async with transaction(meetings, SERVICE) as connection:
        assert await connection.fetchval(
            "SELECT count(*) FROM session WHERE state = 'PLANNED' AND date = '2026-01-13'"
        ) == (0 if change == "calendar" else 2)


async def test_a_gap_is_told_once_before_its_day(meetings: Pool, clock: FixedClock) -> None:
    assert await tell_gaps(meetings, clock) == 2
    assert await tell_gaps(meetings, clock) == 0
    clock.instant += timedelta(days=7)
    assert await tell_gaps(meetings, clock) == 2
    told = await events(meetings, "session.gap_found")
    assert {(each["date"], each["department"]) for each in told} == {
        (day, department) for day in ("2026-01-06", "2026-01-13") for department in ("agriculture", "justice")
    }


async def test_a_clerk_sets_revises_and_ends_a_series(liaison: Liaison, clock: FixedClock) -> None:
    clerk = liaison.as_("clerk", "township_clerk", areas=[TOWNSHIP])
    given: dict[str, Any] = {
        "kind": "GATHERING",
        "areaCode": TOWNSHIP,
        "title": "示例周三",
        "weekday": 3,
        "policy": "SKIP",
        "opens": "09:00",
        "minutes": 60,
        "departments": ["health"],
        "starts": "2026-01-01",
    }
    select: list[Any] = [["id", "id"], ["version", "version"], ["plannedUntil", "plannedUntil"], ["ends", "ends"]]

    async def put(deed: str = "setSeries", client: Service = clerk, **changes: Any) -> tuple[int, Any]:
        return await client.command(deed, {"clientKey": str(uuid4()), **given, **changes}, select)

    cadre = liaison.as_("cadre", "village_cadre")
    for client, changes, code in (
        (cadre, {}, "FORBIDDEN"),
        (clerk, {"areaCode": "339999"}, "NOT_FOUND"),
        (clerk, {"areaCode": "330000000000"}, "UNKNOWN_AREA"),
        (clerk, {"day": 15}, "INVALID_INPUT"),
    ):
        assert (await put(client=client, **changes))[1]["code"] == code
    status, made = await put()
    assert (status, made["version"], made["plannedUntil"]) == (200, 1, None)
    assert await plan_series_due(liaison.pool, clock) == 2 * 52
    id_ = b64decode(made["id"]).decode().removeprefix("Series:")
    assert (await put(id=id_, version=7))[1]["code"] == "STALE_VERSION"
    assert (await put(id=id_, version=1, kind="DIALOGUE"))[1]["field"] == "kind"
    assert (await put(id=id_, version=1, weekday=4))[1]["version"] == 2
    assert await plan_series_due(liaison.pool, clock) == 2 * (52 + 52)
    given = {"id": id_, "ends": "2026-01-20"}
    status, ended = await put("endSeries")
    assert (status, ended["ends"]) == (200, "2026-01-20")
    await plan_series_due(liaison.pool, clock)
    ahead = await sessions(cadre, areaCode=TOWNSHIP)
    assert [each["date"] for each in ahead] == ["2026-01-08", "2026-01-08", "2026-01-15", "2026-01-15"]
    assert {each["gaps"] for each in ahead} == {1}


async def test_a_session_that_is_moved_by_hand_stays_there(liaison: Liaison, meetings: Pool, clock: FixedClock) -> None:
    cadre = liaison.as_("cadre")
    for changes, code in (
        ({"date": "2026-01-20"}, "CONFLICT"),
        ({"date": "2026-01-04"}, "INVALID_INPUT"),
        ({"reason": " "}, "INVALID_INPUT"),
        ({"version": 3}, "STALE_VERSION"),
    ):
        given: dict[str, Any] = {"date": "2026-01-14", "reason": "示例：修路", **changes}
        assert (await do(cadre, "moveSession", **given))[1]["code"] == code
    assert (await do(liaison.as_("other", areas=[BARE_VILLAGE]), "cancelSession", reason="x"))[1]["code"] == "NOT_FOUND"
    status, moved = await do(cadre, "moveSession", date="2026-01-14", opens="14:00", reason="示例：修路")
    assert (status, moved["date"], moved["opens"], moved["reason"]) == (200, "2026-01-14", "14:00", "示例：修路")
    await plan_series_due(meetings, clock)
    (session,) = await sessions(cadre, areaCode=VILLAGE, kind="GATHERING", to="2026-01-14", **{"from": "2026-01-12"})
    assert (session["date"], session["staff"][0]["subject"]) == ("2026-01-14", "example-expert-agriculture")
    (other,) = await sessions(cadre, areaCode=BARE_VILLAGE, to="2026-01-14", **{"from": "2026-01-12"})
    assert (other["date"], other["gaps"]) == ("2026-01-13", 0)
    assert [each["after"] for each in await events(meetings, "session.moved")] == ["2026-01-14"]
    status, cancelled = await do(cadre, "cancelSession", reason="示例：停电")
    assert (status, cancelled["state"]) == (200, "CANCELLED")
    await plan_series_due(meetings, clock)
    assert await sessions(cadre, areaCode=VILLAGE, to="2026-01-14", state="CANCELLED") == [cancelled]
    status, refused = await do(cadre, "setTopic", topic="x")
    assert (status, refused["code"], refused["from"]) == (409, "ILLEGAL_TRANSITION", "CANCELLED")


async def test_staff_is_chosen_by_hand_where_it_can_come(liaison: Liaison, meetings: Pool, clock: FixedClock) -> None:
    host = liaison.as_("admin", "city_admin", areas=["33"])
    async with transaction(meetings, SERVICE) as connection:
        await add_cadre(connection, "doctor", department="health", area=TOWNSHIP, base=TOWNSHIP)
    bare = key_of(GATHERING.id, BARE_VILLAGE, TUESDAY)
    for department, subject, code in (
        ("justice", "nobody", "UNKNOWN_CADRE"),
        ("justice", "doctor", "INVALID_INPUT"),
        ("justice", "example-expert-justice", "CONFLICT"),
    ):
        _, refused = await do(host, "assignStaff", bare, department=department, subject=subject)
        assert refused["code"] == code
    status, staffed = await do(host, "assignStaff", bare, department="health", subject="doctor")
    assert (status, [each["subject"] for each in staffed["staff"]]) == (200, [None, "doctor", None])
    await plan_series_due(meetings, clock)
    (found,) = await sessions(host, subject="doctor")
    assert (found["key"], found["gaps"]) == (str(bare), 2)
    assert [each["cadre"] for each in await events(meetings, "session.staff_assigned")] == ["doctor"]
    gaps = await sessions(host, gap=True, to="2026-01-14")
    assert [each["date"] for each in gaps] == ["2026-01-06", "2026-01-13"]


async def test_a_session_is_held_once_also_late_from_offline(
    liaison: Liaison, meetings: Pool, clock: FixedClock
) -> None:
    cadre = liaison.as_("cadre")
    held: dict[str, Any] = {
        "people": 31,
        "topic": "示例：茶园",
        "outcome": "示例：已答复",
        "came": ["justice"],
        "heldAt": "2026-01-13T01:10:00Z",
    }
    assert (await do(cadre, "holdSession", **{**held, "heldAt": None}))[1]["code"] == "CONFLICT"
    clock.instant += timedelta(days=10)
    cadre = liaison.as_("cadre")
    for changes, field in (
        ({"heldAt": "2026-01-14T01:10:00Z"}, "heldAt"),
        ({"heldAt": "2027-01-14T01:10:00Z"}, "heldAt"),
        ({"people": -1}, "people"),
        ({"came": ["water"]}, "came[0]"),
    ):
        assert (await do(cadre, "holdSession", **{**held, **changes}))[1]["field"] == field
    for _ in range(2):
        status, session = await do(cadre, "holdSession", **held)
        assert (status, session["state"], session["people"], session["version"]) == (200, "HELD", 31, 2)
        assert session["heldAt"] == "2026-01-13T01:10:00.000Z"
    assert [each["state"] for each in session["staff"]] == ["ABSENT", "CAME"]
    assert (await do(cadre, "holdSession", **{**held, "people": 30}))[1]["rule"] == "session.held"
    assert [(each["people"], each["came"]) for each in await events(meetings, "session.held")] == [(31, ["justice"])]


async def test_a_plan_does_not_write_over_a_deed_that_came_between(liaison: Liaison, meetings: Pool) -> None:
    async with transaction(meetings, SERVICE) as connection:
        (found,) = (each for each in await series.standing(connection, GATHERING.id, TUESDAY) if each.id == SESSION)
    assert (await do(liaison.as_("cadre"), "setTopic", topic="示例：茶园"))[0] == 200
    stale = Writing(
        add=[], change=[(found.version, replace(found, date=date(2026, 1, 15)))], drop=[], unstaff=[], staff={}
    )
    with pytest.raises(Conflict):
        async with transaction(meetings, SERVICE) as connection:
            await series.write(connection, GATHERING, stale, "示例")
    (session,) = await sessions(
        liaison.as_("cadre"), areaCode=VILLAGE, kind="GATHERING", to="2026-01-13", **{"from": "2026-01-12"}
    )
    assert (session["date"], session["topic"]) == ("2026-01-13", "示例：茶园")


async def test_planners_at_once_plan_a_series_once(
    planned: Pool, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that may plan goes on when all have asked."""
    async with transaction(planned, SERVICE) as connection:
        await add_example_series(connection)
    claim, make, asked, all_asked = series.claim, planning.make, [], threading.Event()

    async def asking(*given: Any) -> series.Claim | None:
        asked.append(given)
        if len(asked) == 3:
            all_asked.set()
        return await claim(*given)

    def patient(*given: Any) -> planning.Made:
        assert all_asked.wait(10)
        return make(*given)

    monkeypatch.setattr(series, "claim", asking)
    monkeypatch.setattr(planning, "make", patient)
    changed = await asyncio.gather(*(plan_series_due(planned, clock) for _ in range(3)))
    assert sum(changed) == 2 * (52 + 12)
    assert len(await events(planned, "sessions.planned")) == 4
    assert await due(planned) == 0


async def test_a_plan_may_take_longer_to_compute_than_others_may_idle(meetings: Pool) -> None:
    async with transaction(meetings, SERVICE) as connection:
        others = await connection.fetchval("SHOW idle_in_transaction_session_timeout")
        assert await series.claim(connection, GATHERING.id, date(2027, 12, 31)) is not None
        assert (others, await connection.fetchval("SHOW idle_in_transaction_session_timeout")) == ("20s", "5min")


async def test_a_duty_that_comes_while_sessions_are_planned_is_planned_around(
    planned: Pool, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transaction(planned, SERVICE) as connection:
        await add_example_series(connection)
    make, loop, made, go = planning.make, asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def patient(*given: Any) -> planning.Made:
        found = make(*given)
        loop.call_soon_threadsafe(made.set)
        assert go.wait(10)
        return found

    monkeypatch.setattr(planning, "make", patient)
    task = asyncio.create_task(plan_series_due(planned, clock))
    await made.wait()
    async with transaction(planned, SERVICE) as connection:
        insert = "INSERT INTO duty (area, date, subject) VALUES ($1, $2, $3)"
        await connection.execute(insert, BARE_VILLAGE, TUESDAY, "example-expert-justice")
    go.set()
    assert await task == 2 * 12, "the dialogues; the gatherings are due again"
    assert await plan_series_due(planned, clock) == 2 * 52
    async with transaction(planned, SERVICE) as connection:
        sent = "SELECT area FROM session JOIN session_staff ON session = id WHERE date = $1 AND subject = $2"
        assert await connection.fetchval(sent, TUESDAY, "example-expert-justice") == BARE_VILLAGE


async def test_a_sign_up_that_comes_while_its_session_goes_keeps_it(meetings: Pool, clock: FixedClock) -> None:
    async with transaction(meetings, SERVICE) as connection:
        (found,) = (each for each in await series.standing(connection, GATHERING.id, TUESDAY) if each.id == SESSION)

    async def drop() -> None:
        async with transaction(meetings, SERVICE) as connection:
            await series.write(connection, GATHERING, Writing([], [], [found], [], {}), "示例")

    async with transaction(meetings, Caller(subject="one", roles=("resident",))) as connection:
        made = SignUp(
            id=uuid4(),
            session=SESSION,
            area=VILLAGE,
            subject="one",
            household=None,
            topic="示例",
            signed_by="one",
            signed_at=clock.now(),
        )
        await sign_up.add(connection, made)
        task = asyncio.create_task(drop())
        await waited_for(meetings, connection)
    with pytest.raises(Conflict):
        await task
    await drop()
    async with transaction(meetings, SERVICE) as connection:
        assert await connection.fetchval("SELECT state FROM session WHERE id = $1", SESSION) == "CANCELLED"


async def waited_for(pool: Pool, connection: Connection) -> None:
    """Until somebody waits for what the connection's transaction holds."""
    pid = await connection.fetchval("SELECT pg_backend_pid()")
    waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))"
    async with asyncio.timeout(10):
        while not await pool.fetchval(waiting, pid):
            pass


async def test_two_who_change_departments_go_on_in_each_others_place(
    meetings: Pool, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where one statement does not write both."""
    monkeypatch.setattr(series, "CHUNK", 1)
    async with transaction(meetings, SERVICE) as connection:
        await connection.execute(
            "UPDATE cadre SET department = CASE department WHEN 'justice' THEN 'agriculture' ELSE 'justice' END WHERE department IS NOT NULL"
        )
    assert await plan_series_due(meetings, clock) == 52
    async with transaction(meetings, SERVICE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM engagement WHERE kind = 'SESSION'") == 2 * 52
        rows = await connection.fetch("SELECT department, subject FROM session_staff WHERE session = $1", SESSION)
    assert dict(map(tuple, rows)) == {"agriculture": "example-expert-justice", "justice": "example-expert-agriculture"}


async def test_a_dialogue_at_which_it_is_noted_who_came_is_not_moved(meetings: Pool, clock: FixedClock) -> None:
    day = date(2026, 1, 15)
    clock.instant = datetime(2026, 1, 15, 1, tzinfo=UTC)
    dialogue = key_of(DIALOGUE.id, VILLAGE, day)
    async with transaction(meetings, SERVICE) as connection:
        await connection.execute(
            "INSERT INTO dialogue (session, area, eligible, present, quorate, noted_at) VALUES ($1, $2, 9, 9, true, now())",
            *(dialogue, VILLAGE),
        )
        await connection.execute("UPDATE calendar_day SET kind = 'HOLIDAY' WHERE date = $1", day)
    await plan_series_due(meetings, clock)
    async with transaction(meetings, SERVICE) as connection:
        rows = await connection.fetch("SELECT area, date FROM session WHERE series = $1 AND due = $2", DIALOGUE.id, day)
    assert dict(map(tuple, rows)) == {VILLAGE: day, BARE_VILLAGE: date(2026, 1, 16)}
