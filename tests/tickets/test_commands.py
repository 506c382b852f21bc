"""Deeds through the api: the whole way, refusals, versions, client keys, and what is told of them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from services.chassis.db import transaction
from services.tickets.domain.ticket import Status
from tests.support.client import Service
from tests.tickets.matters import (
    COUNTY,
    DEEDS,
    GRID,
    HOUSEHOLD,
    LEGAL,
    MAY,
    NOON,
    PATH,
    SELECT,
    SERVICE,
    TOLD,
    TOWNSHIP,
    VILLAGE,
    Tickets,
    allowed,
    given_for,
    report,
)

ACTOR = dict.fromkeys((deed for deed, roles in MAY.items() if "township_clerk" not in roles), "department_officer")
WHOLE: list[Any] = [
    *[[name, name] for name in ("__typename", "number", "title", "description", "category", "source", "status")],
    *[[name, name] for name in ("areaCode", "householdKey", "version", "reportedAt", "updatedAt", "satisfaction")],
    ["department", "department", None, [["code", "code"], ["name", "name"]]],
    [
        "history",
        "history",
        None,
        [[name, name] for name in ("at", "deed", "fromStatus", "toStatus", "actor", "actorRole", "note")],
    ],
]


def actor(tickets: Tickets, deed: str) -> Service:
    """Who may do it in the example village, or, where that is asked for, above it."""
    return tickets.as_(ACTOR.get(deed, "township_clerk"), areas=[TOWNSHIP])


async def test_the_whole_way(tickets: Tickets) -> None:
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    status, opened = await resident.command("reportTicket", report(householdId=str(HOUSEHOLD)), [["k", "key"], *SELECT])
    assert (status, opened["status"], opened["version"], opened["allowed"]) == (200, "DRAFTED", 1, ["withdrawTicket"])
    key = opened["k"]
    for version, (deed, _, _, after) in enumerate(PATH, 2):
        tickets.clock.instant += timedelta(hours=1)
        given = given_for(deed, key, version=version - 1)
        status, moved = await actor(tickets, deed).command(deed, given, SELECT)
        assert (status, moved["status"], moved["version"]) == (200, after, version), moved
        assert moved["allowed"] == allowed(ACTOR.get(deed, "township_clerk"), after)

    _, whole = await tickets.as_("resident").read("ticket", {"id": key}, WHOLE)
    history = whole.pop("history")
    assert whole == {
        "__typename": "Ticket",
        "number": "T20260105-000001",
        "title": "示例：水渠淤塞",
        "description": "示例：村口水渠淤塞，\n请派人疏通。",
        "category": "irrigation",
        "source": "APP",
        "status": "CLOSED",
        "areaCode": GRID,
        "householdKey": str(HOUSEHOLD),
        "version": 8,
        "reportedAt": "2026-01-05T04:00:00.000Z",
        "updatedAt": "2026-01-05T11:00:00.000Z",
        "satisfaction": "SATISFIED",
        "department": {"code": "agriculture", "name": "农业农村局"},
    }
    assert [(step["deed"], step["fromStatus"], step["toStatus"]) for step in history] == [
        ("reported", None, "DRAFTED"),
        *[(past, before, after) for _, past, before, after in PATH],
    ]
    assert [step["actorRole"] for step in history] == [
        "resident",
        *[ACTOR.get(deed, "township_clerk") for deed in DEEDS],
    ]
    assert [step["note"] for step in history if step["note"]] == ["示例：已办结"]
    assert history[2]["at"] == "2026-01-05T06:00:00.000Z"


async def test_each_deed_is_told_once_and_without_words(tickets: Tickets) -> None:
    _, opened = await tickets.as_("resident").command("reportTicket", report(), SELECT)
    for deed in DEEDS:
        await actor(tickets, deed).command(deed, given_for(deed, opened["key"]), SELECT)
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(f"SELECT type, subject, routing_key, data FROM {TOLD} ORDER BY recorded")
    assert [row["type"] for row in rows] == [
        f"tickets.ticket.{past}.v1" for past in ("reported", *(past for _, past, *_ in PATH))
    ]
    assert {row["subject"] for row in rows} == {opened["key"]}
    place = "339999.100.200.0001"
    assert [row["routing_key"] for row in rows[:3]] == [
        f"tickets.ticket.reported.-.{place}",
        f"tickets.ticket.accepted.-.{place}",
        f"tickets.ticket.dispatched.agriculture.{place}",
    ]
    assert all(row["routing_key"].split(".")[3] == "agriculture" for row in rows[2:])
    assert rows[2]["data"] == {
        "ticket": opened["key"],
        "category": "irrigation",
        "number": "T20260105-000001",
        "area": GRID,
        "household": None,
        "department": "agriculture",
        "status": "DISPATCHED",
        "previous": "ACCEPTED",
        "version": 3,
        "at": "2026-01-05T04:00:00Z",
        "source": "APP",
        "sourceId": None,
        "owner": "department/agriculture",
        "reason": None,
    }
    assert not any("示例" in str(row["data"]) for row in rows)


async def test_every_illegal_transition_is_refused_and_changes_nothing(tickets: Tickets) -> None:
    wrong = []
    for status in Status:
        key = await tickets.have(status.value, department="agriculture", satisfaction="SATISFIED")
        for deed in DEEDS:
            if (deed, status.value) in LEGAL:
                continue
            answered, problem = await actor(tickets, deed).command(deed, given_for(deed, key), SELECT)
            expected = (409, "ILLEGAL_TRANSITION", status.value, allowed(ACTOR.get(deed, "township_clerk"), status))
            if (answered, problem["code"], problem.get("from"), problem.get("allowed")) != expected:
                wrong.append((status, deed, problem))
        _, read = await tickets.as_("department_officer").read("ticket", {"id": str(key)}, SELECT)
        assert (read["status"], read["version"]) == (status.value, 1)
        assert read["allowed"] == allowed("department_officer", status)
    assert not wrong
    assert await tickets.count("step") == await tickets.count(TOLD) == await tickets.count("client_key") == 0


async def test_a_version_that_has_passed_is_stale(tickets: Tickets) -> None:
    key = await tickets.have()
    cadre = tickets.as_("village_cadre")
    await cadre.command("acceptTicket", given_for("acceptTicket", key, version=1), SELECT)
    for version in (1, 3, 10**12):
        status, problem = await cadre.command(
            "dispatchTicket", given_for("dispatchTicket", key, version=version), SELECT
        )
        assert (status, problem["code"], problem["current"]) == (409, "STALE_VERSION", 2)
    status, problem = await cadre.command("acceptTicket", given_for("acceptTicket", key, version=1), SELECT)
    assert problem["code"] == "STALE_VERSION"
    assert (await cadre.command("dispatchTicket", given_for("dispatchTicket", key), SELECT))[0] == 200


async def test_of_two_at_once_one_wins(tickets: Tickets) -> None:
    key = await tickets.have("DISPATCHED")
    officers = [tickets.as_("department_officer", f"officer-{n}") for n in range(4)]
    answers = await asyncio.gather(
        *(officer.command("signTicket", given_for("signTicket", key), SELECT) for officer in officers)
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    assert {answer["code"] for status, answer in answers if status == 409} == {"ILLEGAL_TRANSITION"}
    assert await tickets.count("step") == await tickets.count(TOLD) == 1

    key = await tickets.have("RESOLVED")
    cadres = [tickets.as_("village_cadre", f"cadre-{n}") for n in range(2)]
    answers = await asyncio.gather(
        *(cadre.command("verifyTicket", given_for("verifyTicket", key, version=1), SELECT) for cadre in cadres)
    )
    assert sorted((status, answer.get("code")) for status, answer in answers) == [(200, None), (409, "STALE_VERSION")]


async def test_a_client_key_has_one_effect(tickets: Tickets) -> None:
    resident = tickets.as_("resident")
    given = report()
    answers = await asyncio.gather(*(resident.command("reportTicket", given, SELECT) for _ in range(6)))
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert answers[0][0] == 200
    key = answers[0][1]["key"]
    accept = given_for("acceptTicket", key)
    cadre = tickets.as_("village_cadre")
    first = await cadre.command("acceptTicket", accept, SELECT)
    await cadre.command("dispatchTicket", given_for("dispatchTicket", key), SELECT)
    assert await cadre.command("acceptTicket", accept, SELECT) == first
    for changes in ({"note": "示例"}, {"version": 1}):
        status, problem = await cadre.command("acceptTicket", accept | changes, SELECT)
        assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")
    status, problem = await cadre.command("closeTicket", accept, SELECT)
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")
    assert await tickets.count("ticket") == 1
    assert await tickets.count("step") == await tickets.count(TOLD) == 3


WILL_NOT_DO: tuple[tuple[str, dict[str, Any], str, str, str], ...] = (
    ("reportTicket", {"title": " \n"}, "INVALID_INPUT", "title", "required"),
    ("reportTicket", {"title": "题" * 101}, "INVALID_INPUT", "title", "length"),
    ("reportTicket", {"title": "a\nb"}, "INVALID_INPUT", "title", "characters"),
    ("reportTicket", {"description": ""}, "INVALID_INPUT", "description", "required"),
    ("reportTicket", {"description": "文" * 4001}, "INVALID_INPUT", "description", "length"),
    ("reportTicket", {"description": "a\x00b"}, "INVALID_INPUT", "description", "characters"),
    ("reportTicket", {"category": "类" * 41}, "UNKNOWN_CATEGORY", "category", "known.category"),
    ("reportTicket", {"category": "水利"}, "UNKNOWN_CATEGORY", "category", "known.category"),
    ("reportTicket", {"title": None}, "INVALID_INPUT", "title", "form"),
    ("reportTicket", {"source": "13800000000"}, "INVALID_INPUT", "source", "form"),
    ("reportTicket", {"householdId": "1"}, "INVALID_INPUT", "householdId", "form"),
    ("reportTicket", {"clientKey": "1"}, "INVALID_INPUT", "clientKey", "form"),
    ("reportTicket", {"sourceId": "1"}, "INVALID_INPUT", "sourceId", "known.field"),
    ("reportTicket", {"areaCode": "339999100299"}, "UNKNOWN_AREA", "areaCode", "known.area"),
    ("reportTicket", {"areaCode": ""}, "UNKNOWN_AREA", "areaCode", "known.area"),
    ("reportTicket", {"areaCode": "33"}, "INVALID_INPUT", "areaCode", "kind.area"),
    ("acceptTicket", {"note": "注" * 2001}, "INVALID_INPUT", "note", "length"),
    ("acceptTicket", {"note": ""}, "INVALID_INPUT", "note", "required"),
    ("acceptTicket", {"id": "1"}, "INVALID_INPUT", "id", "form"),
    ("acceptTicket", {"version": "1"}, "INVALID_INPUT", "version", "form"),
    (
        "dispatchTicket",
        {"departmentCode": "unheard-of"},
        "UNKNOWN_DEPARTMENT",
        "departmentCode",
        "known.department",
    ),
    ("resolveTicket", {"note": "  "}, "INVALID_INPUT", "note", "required"),
    ("callBackTicket", {"satisfaction": "GLAD"}, "INVALID_INPUT", "satisfaction", "form"),
)
"""(deed, what is changed of a good input, code, field, rule)"""
MISSING = (
    ("reportTicket", "areaCode"),
    ("suspendTicket", "until"),
    ("returnTicket", "reason"),
    ("ruleTicket", "departmentCode"),
    ("resolveTicket", "note"),
    ("referTicket", "to"),
    ("assignTicket", "assignee"),
    ("callBackTicket", "satisfaction"),
    ("closeTicket", "clientKey"),
)


async def test_input_that_will_not_do(tickets: Tickets) -> None:
    """Each names its field and its rule, quotes nothing back, and writes nothing."""
    wrong = []
    for deed, changes, *expected in WILL_NOT_DO:
        before = next((before for name, _, before, _ in PATH if name == deed), "DRAFTED")
        given = report() if deed == "reportTicket" else given_for(deed, await tickets.have(before))
        client = tickets.as_("resident") if deed == "reportTicket" else actor(tickets, deed)
        status, problem = await client.command(deed, given | changes, SELECT)
        found = [problem.get(member) for member in ("code", "field", "rule")]
        if status != 422 or found != expected or "13800000000" in str(problem):
            wrong.append((deed, changes, problem))
    assert not wrong
    assert await tickets.count("step") == await tickets.count(TOLD) == await tickets.count("client_key") == 0


async def test_a_missing_input_names_itself(tickets: Tickets) -> None:
    for deed, missing in MISSING:
        given = report() if deed == "reportTicket" else given_for(deed, uuid4())
        del given[missing]
        client = tickets.as_("resident") if deed == "reportTicket" else actor(tickets, deed)
        status, problem = await client.command(deed, given, SELECT)
        assert (status, problem["field"], problem["rule"]) == (422, missing, "required")


async def test_an_area_is_a_place_only_while_it_is_valid(tickets: Tickets) -> None:
    cadre = tickets.as_("city_admin", areas=[COUNTY])
    for valid_from, valid_to, status in (
        ("2026-01-05", None, 200),
        ("2026-01-06", None, 422),
        ("2020-01-01", "2026-01-04", 422),
        ("2020-01-01", "2026-01-05", 200),
    ):
        async with transaction(tickets.pool, SERVICE) as connection:
            await connection.execute(
                "UPDATE area SET valid_from = $1::text::date, valid_to = $2::text::date WHERE code = $3",
                valid_from,
                valid_to,
                VILLAGE,
            )
        answered, problem = await cadre.command("reportTicket", report(areaCode=VILLAGE), SELECT)
        assert (answered, problem.get("rule")) == (status, None if status == 200 else "valid.area")


async def test_numbers_go_on_and_carry_the_day_in_china(tickets: Tickets) -> None:
    tickets.clock.instant = NOON.replace(hour=15, minute=59)
    resident = tickets.as_("resident")
    numbers = []
    for _ in range(2):
        numbers.append((await resident.command("reportTicket", report(), [["n", "number"]]))[1]["n"])
        tickets.clock.instant += timedelta(minutes=1)
    assert numbers == ["T20260105-000001", "T20260106-000002"]


async def test_a_database_that_refuses_leaves_nothing_behind(tickets: Tickets) -> None:
    """The event cannot be recorded: neither the ticket nor its history nor the key is there."""
    owner = await asyncpg.connect(tickets.database.owner_url)
    try:
        await owner.execute("ALTER TABLE outbox ADD CHECK (false) NOT VALID")
    finally:
        await owner.close()
    status, problem = await tickets.as_("resident").command("reportTicket", report(), SELECT)
    assert (status, problem["code"]) == (500, "INTERNAL")
    assert await tickets.count("ticket") == await tickets.count("step") == await tickets.count("client_key") == 0
