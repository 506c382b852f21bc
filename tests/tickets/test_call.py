"""The hotline's calls through the api: the signed hook, the form, tickets of a call, the caller's matters, measures, what is forgotten."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import transaction
from services.tickets.commands.call import forget_past
from services.tickets.config import Api
from tests.tickets.hotline import MASKED, PHONE, SECRET, TRUNK, Telephone
from tests.tickets.matters import COUNTY, NOON, OTHER_VILLAGE, SERVICE, VILLAGE, Tickets, report

CALL: list[Any] = [
    *[
        [name, name]
        for name in ("key", "trunk", "areaCode", "direction", "agent", "number", "rungAt", "answeredAt", "endedAt")
    ],
    *[
        [name, name]
        for name in ("waitSeconds", "talkSeconds", "notice", "recorded", "transcribed", "keepUntil", "forgottenAt")
    ],
    ["tickets", "tickets", None, [["key", "key"]]],
]
TICKET: list[Any] = [
    *[[name, name] for name in ("key", "status", "source", "number")],
    ["department", "department", None, [["code", "code"]]],
    ["contact", "contact", None, [["name", "name"], ["phone", "phone"], ["email", "email"]]],
    ["history", "history", None, [["deed", "deed"], ["note", "note"], ["actorRole", "actorRole"]]],
]
RECORDING = {"uri": "s3://example-recordings/7.ogg", "sha256": "ab" * 32}


@pytest.fixture
def config(config: Api, tmp_path: Path) -> Api:
    folder = tmp_path / "trunks"
    folder.mkdir()
    (folder / "county-1.toml").write_text(TRUNK)
    return Api(**vars(config) | {"telephone_secrets": str(folder)})


@pytest.fixture
def telephone(tickets: Tickets) -> Telephone:
    return Telephone(f"{tickets.url}/open")


def agent(tickets: Tickets, subject: str = "example-hotline", **claims: Any) -> Any:
    return tickets.as_("hotline_agent", subject, **{"areas": (COUNTY,), **claims})


async def told(tickets: Tickets) -> list[tuple[str, dict[str, Any]]]:
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(
            "SELECT type, data FROM outbox WHERE type LIKE 'tickets.call.%' ORDER BY recorded"
        )
    return [(row["type"].split(".")[2], row["data"]) for row in rows]


async def ring(telephone: Telephone, call: str = "7", at: datetime = NOON, **more: Any) -> str:
    _, answer = await telephone.tell("ringing", at, call=call, now=NOON, **{"number": PHONE, **more})
    return str(answer["call"])


def by_phone(call: str, **more: Any) -> dict[str, Any]:
    return report(**{"callId": call, "category": "road", "areaCode": VILLAGE, **more})


async def test_what_a_telephone_system_tells_in_any_order_adds_up(tickets: Tickets, telephone: Telephone) -> None:
    tickets.clock.instant = NOON + timedelta(minutes=5)
    events: list[tuple[str, int, dict[str, Any]]] = [
        ("ringing", 0, {"number": PHONE, "notice": "PLAYED"}),
        ("answered", 9, {"agent": "example-hotline"}),
        ("ended", 189, {}),
        ("recorded", 200, {"recording": RECORDING, "transcript": "示例：路灯不亮"}),
    ]
    order = [*events, *events]
    random.Random(7).shuffle(order)
    for kind, second, data in order:
        at = NOON + timedelta(seconds=second)
        status, answer = await telephone.tell(kind, at, now=tickets.clock.instant, call="7", **data)
        assert status == 200
    assert await tickets.count("call") == 1
    _, call = await agent(tickets).read("call", {"id": answer["call"]}, CALL)
    assert call == {
        "key": answer["call"],
        "trunk": "county-1",
        "areaCode": COUNTY,
        "direction": "IN",
        "agent": "example-hotline",
        "number": MASKED,
        "rungAt": "2026-01-05T04:00:00.000Z",
        "answeredAt": "2026-01-05T04:00:09.000Z",
        "endedAt": "2026-01-05T04:03:09.000Z",
        "waitSeconds": 9,
        "talkSeconds": 180,
        "notice": "PLAYED",
        "recorded": True,
        "transcribed": True,
        "keepUntil": call["keepUntil"],
        "forgottenAt": None,
        "tickets": [],
    }
    events_told = await told(tickets)
    assert sorted(kind for kind, _ in events_told) == ["answered", "ended", "received"]
    assert not any("5678" in str(data) or "示例" in str(data) for _, data in events_told)


async def test_told_at_once_it_is_one_call(tickets: Tickets, telephone: Telephone) -> None:
    kinds = ("ringing", "answered", "ended")
    answers = await asyncio.gather(*(telephone.tell(kind, NOON, call="7", number=PHONE) for kind in (*kinds, *kinds)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["call"] for _, answer in answers}) == 1
    assert sorted(kind for kind, _ in await told(tickets)) == ["answered", "ended", "received"]


async def test_what_is_not_signed_or_old_leaves_nothing(tickets: Tickets, telephone: Telephone) -> None:
    stranger = Telephone(telephone.url, secret=SECRET[:-2] + "A=")
    old = NOON - timedelta(minutes=6)
    for answer, rule in (
        (await stranger.tell("ringing", NOON, call="7", number=PHONE), "webhook.signature"),
        (await telephone.tell("ringing", old, call="7", number=PHONE), "webhook.timestamp"),
    ):
        status, problem = answer
        assert (status, problem["code"], problem["rule"]) == (401, "UNAUTHENTICATED", rule)
    status, problem = await telephone.tell("ringing", NOON, call="")
    assert (status, problem["field"]) == (422, "data.call")
    status, problem = await telephone.tell("sung", NOON, call="7")
    assert (status, problem["field"]) == (422, "type")
    assert (await tickets.count("call"), await told(tickets)) == (0, [])


async def test_recording_and_transcript_are_for_agents_of_the_area(tickets: Tickets, telephone: Telephone) -> None:
    call = await ring(telephone)
    await telephone.tell("recorded", NOON, call="7", recording=RECORDING, transcript="示例：路灯不亮")
    select: list[Any] = [["uri", "recordingUri"], ["sha256", "recordingSha256"], ["text", "transcript"]]
    _, record = await agent(tickets).read("callRecord", {"id": call}, select)
    assert record == {**RECORDING, "text": "示例：路灯不亮"}
    page: list[Any] = [["edges", "edges", None, [["node", "node", None, [["key", "key"], ["number", "number"]]]]]]
    for role, areas, record_status, listed in (
        ("hotline_agent", (OTHER_VILLAGE,), 404, []),
        ("auditor", (COUNTY,), 403, [{"key": call, "number": MASKED}]),
        ("city_admin", (COUNTY,), 403, [{"key": call, "number": MASKED}]),
        ("village_cadre", (COUNTY,), 403, None),
        ("resident", (), 403, None),
    ):
        client = tickets.as_(role, areas=areas)
        assert (await client.read("callRecord", {"id": call}, select))[0] == record_status
        status, answer = await client.read("calls", {}, page)
        assert status == (200 if listed is not None else 403)
        if listed is not None:
            assert [edge["node"] for edge in answer["edges"]] == listed
        assert (await client.read("call", {"id": call}, CALL))[0] == (200 if listed else 404)
    status, problem = await agent(tickets).read(
        "calls", {}, [["edges", "edges", None, [["node", "node", None, [["t", "transcript"]]]]]]
    )
    assert (status, problem["rule"]) == (422, "known.field")


async def test_a_call_is_noted_by_hand(tickets: Tickets) -> None:
    given = {"clientKey": str(uuid4()), "areaCode": COUNTY, "phone": PHONE, "rungAt": "2026-01-05T03:50:00Z"}
    client = agent(tickets)
    status, call = await client.command("noteCall", given | {"answeredAt": "2026-01-05T03:50:04Z"}, CALL)
    assert status == 200, call
    assert (call["trunk"], call["agent"], call["number"], call["waitSeconds"]) == (None, "example-hotline", MASKED, 4)
    for changes, field in (
        ({"phone": "12"}, "phone"),
        ({"rungAt": "2026-01-05T04:50:00Z"}, "rungAt"),
        ({"answeredAt": "2026-01-05T03:40:00Z"}, "answeredAt"),
        ({"areaCode": "339998"}, "areaCode"),
    ):
        status, problem = await client.command("noteCall", given | changes | {"clientKey": str(uuid4())}, CALL)
        assert (status, problem["field"]) == (422, field)
        assert "12" not in problem["detail"] or field != "phone"
    assert (await client.command("noteCall", given | {"areaCode": VILLAGE, "clientKey": str(uuid4())}, CALL))[0] == 200
    away = agent(tickets, areas=(OTHER_VILLAGE,))
    assert (await away.command("noteCall", given | {"clientKey": str(uuid4())}, CALL))[0] == 404
    assert (await tickets.as_("village_cadre").command("noteCall", given, CALL))[0] == 403


async def test_a_call_opens_several_tickets_with_the_callers_number(tickets: Tickets, telephone: Telephone) -> None:
    call = await ring(telephone)
    client = agent(tickets)
    status, first = await client.command("reportByPhone", by_phone(call, contact={"name": "示例甲"}), TICKET)
    assert status == 200, first
    assert first["contact"] == {"name": "示**", "phone": MASKED, "email": None}
    assert (first["source"], first["status"]) == ("HOTLINE", "DRAFTED")
    status, second = await client.command("reportByPhone", by_phone(call, contact={"phone": "13900001111"}), TICKET)
    assert second["contact"]["phone"] == "139****1111"
    _, read = await client.read("call", {"id": call}, CALL)
    assert [ticket["key"] for ticket in read["tickets"]] == [first["key"], second["key"]]
    linked = [data for kind, data in await told(tickets) if kind == "linked"]
    assert [(data["ticket"], data["opened"]) for data in linked] == [(first["key"], True), (second["key"], True)]
    unlinked = await ring(telephone, "8")
    page: list[Any] = [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]]
    for asked, found in ((True, [unlinked]), (False, [call])):
        _, answer = await client.read("calls", {"unlinked": asked}, page)
        assert [edge["node"]["key"] for edge in answer["edges"]] == found
    status, problem = await client.command("reportByPhone", by_phone(str(uuid4())), TICKET)
    assert (status, problem["code"]) == (404, "NOT_FOUND")
    assert (await client.command("reportByPhone", by_phone(call, contact={"phone": "12"}), TICKET))[1][
        "field"
    ] == "contact.phone"
    assert await tickets.count("ticket") == 2


async def test_a_permit_goes_straight_to_its_clerk(tickets: Tickets, telephone: Telephone) -> None:
    call = await ring(telephone)
    admin = tickets.as_("city_admin", areas=(COUNTY,))
    clerk: list[Any] = [["s", "subject"], ["active", "active"], ["d", "department", None, [["code", "code"]]]]

    def named(area: str, department: str, subject: str, **more: Any) -> dict[str, Any]:
        codes = {"itemCode": "building-permit", "areaCode": area, "departmentCode": department}
        return {"clientKey": str(uuid4()), **codes, "subject": subject, **more}

    _, kept = await admin.command("reviseItemClerk", named(COUNTY, "water", "example-county"), clerk)
    assert kept == {"s": "example-county", "active": True, "d": {"code": "water"}}
    await admin.command("reviseItemClerk", named(VILLAGE, "agriculture", "example-officer"), clerk)
    client = agent(tickets)
    given = by_phone(call, itemCode="building-permit")
    status, ticket = await client.command("reportByPhone", given, TICKET)
    assert status == 200, ticket
    assert (ticket["status"], ticket["department"]) == ("DISPATCHED", {"code": "agriculture"})
    assert [step["deed"] for step in ticket["history"]] == ["reported", "accepted", "dispatched"]
    assert {step["actorRole"] for step in ticket["history"]} == {"hotline_agent"}
    async with transaction(tickets.pool, SERVICE) as connection:
        assert await connection.fetchval("SELECT assignee FROM ticket") == "example-officer"
    _, elsewhere = await client.command(
        "reportByPhone", by_phone(call, itemCode="building-permit", areaCode=OTHER_VILLAGE), TICKET
    )
    assert elsewhere["department"] == {"code": "water"}
    await admin.command("reviseItemClerk", named(COUNTY, "water", "example-county", active=False), clerk)
    _, nobody = await client.command(
        "reportByPhone", by_phone(call, itemCode="building-permit", areaCode=OTHER_VILLAGE), TICKET
    )
    assert nobody["status"] == "DRAFTED"
    for changes, expected in (
        ({"itemCode": "Building permit"}, "INVALID_INPUT"),
        ({"areaCode": "339998"}, "UNKNOWN_AREA"),
        ({"departmentCode": "unheard-of"}, "UNKNOWN_DEPARTMENT"),
    ):
        _, problem = await admin.command("reviseItemClerk", named(COUNTY, "water", "x") | changes, clerk)
        assert problem["code"] == expected
    assert (await agent(tickets).command("reviseItemClerk", named(COUNTY, "water", "x"), clerk))[0] == 403


async def test_a_caller_who_calls_again_presses_on_what_is_open(tickets: Tickets, telephone: Telephone) -> None:
    client = agent(tickets)
    first = await ring(telephone, "7")
    _, opened = await client.command("reportByPhone", by_phone(first), TICKET)
    ended = await tickets.have("CLOSED")
    again = await ring(telephone, "8")
    await client.command("linkCall", {"clientKey": str(uuid4()), "callId": again, "ticketId": str(ended)}, CALL)
    select: list[Any] = [["number", "number"], ["n", "callCount"], ["open", "openTickets", None, [["key", "key"]]]]
    for asked in ({"callId": again}, {"phone": "138 0000 5678"}):
        _, caller = await client.read("caller", asked, select)
        assert caller == {"number": MASKED, "n": 2, "open": [{"key": opened["key"]}]}
    _, nobody = await client.read("caller", {"phone": "13900001111"}, select)
    assert nobody == {"number": None, "n": 0, "open": []}
    press = {"callId": again, "ticketId": opened["key"], "press": "示例：还没有人来"}
    status, _ = await client.command("linkCall", {"clientKey": str(uuid4()), **press}, CALL)
    assert status == 200
    _, ticket = await client.read("ticket", {"id": opened["key"]}, TICKET)
    assert [(step["deed"], step["note"]) for step in ticket["history"]] == [
        ("reported", None),
        ("pressed", "示例：还没有人来"),
    ]
    assert ticket["status"] == "DRAFTED"
    _, problem = await client.command("linkCall", {"clientKey": str(uuid4()), **press, "ticketId": str(ended)}, CALL)
    assert problem["code"] == "ILLEGAL_TRANSITION"
    for asked, status in (({}, 422), ({"phone": "12"}, 422), ({"callId": str(uuid4())}, 404)):
        assert (await client.read("caller", asked, select))[0] == status
    assert (await tickets.as_("village_cadre").read("caller", {"phone": PHONE}, select))[0] == 403
    other = agent(tickets, "example-other", areas=(OTHER_VILLAGE,))
    _, caller = await other.read("caller", {"phone": PHONE}, select)
    assert caller["open"] == []


async def test_measures(tickets: Tickets, telephone: Telephone) -> None:
    """Of ten calls nine are answered, seven of them within 15 seconds; the day and the hour are China's."""
    tickets.clock.instant = NOON
    for n in range(10):
        rung = NOON - timedelta(minutes=4) + timedelta(seconds=n)
        await ring(telephone, str(n), rung, agent="example-hotline" if n < 9 else None)
        if n < 9:
            await telephone.tell("answered", rung + timedelta(seconds=15 if n < 7 else 16), now=NOON, call=str(n))
        await telephone.tell("ended", rung + timedelta(seconds=75), now=NOON, call=str(n))
    await telephone.tell("answered", NOON, call="out", direction="OUT")
    auditor = tickets.as_("auditor", areas=(COUNTY,))
    names = ("key", "calls", "answered", "answeredInTime", "connectRate", "inTimeRate", "goalMet", "meanWaitSeconds")
    select: list[Any] = [[name, name] for name in names]
    span = {"from": "2026-01-05", "to": "2026-01-06"}
    _, total = await auditor.read("hotlineMeasures", span, select)
    assert [list(row.values()) for row in total] == [["all", 10, 9, 7, 0.9, 0.7, False, 15.2]]
    _, hours = await auditor.read("hotlineMeasures", {**span, "by": "HOUR"}, select)
    assert [row["key"] for row in hours] == [f"{hour:02}" for hour in range(24)]
    assert {row["key"]: row["calls"] for row in hours if row["calls"]} == {"11": 10}
    _, days = await auditor.read("hotlineMeasures", {**span, "by": "DAY"}, select)
    assert [(row["key"], row["calls"], row["connectRate"]) for row in days] == [
        ("2026-01-05", 10, 0.9),
        ("2026-01-06", 0, None),
    ]
    for by, keys in (("AGENT", {"-": 1, "example-hotline": 9}), ("TRUNK", {"county-1": 10})):
        _, rows = await auditor.read("hotlineMeasures", {**span, "by": by}, select)
        assert {row["key"]: row["calls"] for row in rows} == keys
    _, elsewhere = await auditor.read("hotlineMeasures", {**span, "area": VILLAGE}, select)
    assert [row["calls"] for row in elsewhere] == [0]
    for wrong in ({"from": "x"}, {"to": "2026-01-04"}, {"to": "2027-01-06"}, {"by": "YEAR"}, {"area": "339998"}):
        assert (await auditor.read("hotlineMeasures", span | wrong, select))[0] == 422
    assert (await tickets.as_("village_cadre").read("hotlineMeasures", span, select))[0] == 403


async def test_what_may_be_kept_no_longer_is_forgotten(tickets: Tickets, telephone: Telephone) -> None:
    call = await ring(telephone)
    await telephone.tell("recorded", NOON, call="7", recording=RECORDING, transcript="示例：路灯不亮")
    client = agent(tickets)
    _, ended = await client.command("reportByPhone", by_phone(call), TICKET)
    _, running = await client.command("reportByPhone", by_phone(call), TICKET)
    async with transaction(tickets.pool, SERVICE) as connection:
        await connection.execute("UPDATE ticket SET status = 'CLOSED' WHERE id = $1::text::uuid", ended["key"])
        assert await forget_past(connection, tickets.clock) == (0, 0)
    tickets.clock.instant = datetime(2026, 1, 5, 4, tzinfo=UTC) + timedelta(days=180)
    async with transaction(tickets.pool, SERVICE) as connection:
        assert await forget_past(connection, tickets.clock) == (1, 1)
        assert await forget_past(connection, tickets.clock) == (0, 0)
    client = agent(tickets)
    _, read = await client.read("call", {"id": call}, CALL)
    assert (read["number"], read["recorded"], read["transcribed"]) == (None, False, False)
    assert (read["rungAt"], read["forgottenAt"]) == ("2026-01-05T04:00:00.000Z", "2026-07-04T04:00:00.000Z")
    for key, phone in ((ended["key"], None), (running["key"], MASKED)):
        _, ticket = await client.read("ticket", {"id": key}, TICKET)
        assert (ticket["contact"] and ticket["contact"]["phone"]) == phone
    await telephone.tell("ringing", NOON, now=tickets.clock.instant, call="7", number=PHONE)
    assert (await client.read("call", {"id": call}, CALL))[1]["number"] is None
