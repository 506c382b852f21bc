"""Deeds through the gateway: one matter's life, repeats, refusals, what a report takes for granted."""

from typing import Any

import pytest

from gateway.planner.ids import global_id
from tests.gateway.conftest import VILLAGE, Running, key
from tests.gateway.test_reads import household
from tests.support.graphql import GraphQL

TICKET = "ticket { id status version areaCode household { id } department { code } allowed }"


def document(name: str, payload: str) -> str:
    return f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ clientKey {payload} }} }}"


async def do(client: GraphQL, name: str, payload: str = TICKET, /, **given: Any) -> Any:
    return (await client(document(name, payload), input={"clientKey": key(), **given}))[name]


async def refused(client: GraphQL, name: str, payload: str = TICKET, /, **given: Any) -> dict[str, Any]:
    answer = await client.answer(document(name, payload), input={"clientKey": key(), **given})
    assert answer["data"] == {name: None}
    (error,) = answer["errors"]
    assert error["path"] == [name]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


def matter(**changed: Any) -> dict[str, Any]:
    return {"title": "示例路灯坏了", "description": "示例：村口路灯不亮", "category": "lighting", **changed}


async def test_a_matter_from_report_to_close(running: Running) -> None:
    resident, cadre, officer = running.as_("resident"), running.as_("cadre"), running.as_("officer")
    ticket = (await do(resident, "reportTicket", **matter(householdId=household(1))))["ticket"]
    assert (ticket["areaCode"], ticket["household"]["id"]) == (VILLAGE, household(1))
    here = {"id": ticket["id"]}
    await do(cadre, "acceptTicket", **here, version=ticket["version"])
    dispatched = (await do(cadre, "dispatchTicket", **here, departmentCode="agriculture"))["ticket"]
    assert dispatched["department"] == {"code": "agriculture"}
    await do(officer, "signTicket", **here)
    await do(officer, "resolveTicket", **here, note="示例：已修好")
    await do(cadre, "verifyTicket", **here)
    await do(cadre, "callBackTicket", **here, satisfaction="SATISFIED")
    closed = (await do(cadre, "closeTicket", **here))["ticket"]
    assert (closed["status"], closed["allowed"]) == ("CLOSED", [])
    history = (await cadre("query ($id: ID!) { ticket(id: $id) { history { deed toStatus } } }", id=ticket["id"]))[
        "ticket"
    ]["history"]
    assert len(history) == 8
    illegal = await refused(cadre, "acceptTicket", **here)
    assert (illegal["code"], illegal["from"], illegal["allowed"]) == ("ILLEGAL_TRANSITION", "CLOSED", [])


@pytest.mark.parametrize(
    "payload", ["ticket { id number }", "ticket { id household { id } }", "a: ticket { id } b: ticket { number }"]
)
async def test_a_repeat_has_one_effect_and_the_same_answer(running: Running, payload: str) -> None:
    cadre = running.as_("cadre")
    given = {"clientKey": key(), **matter(householdId=household(2))}
    text = document("reportTicket", payload)
    assert await cadre(text, input=given) == await cadre(text, input=given)
    answer = await cadre.answer(text, input={**given, "title": "另一件示例"})
    assert answer["errors"][0]["extensions"]["code"] == "CLIENT_KEY_REUSED"


async def test_mutations_run_one_after_the_other_and_fail_apart(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(2))))["ticket"]
    text = """mutation ($a: AcceptTicketInput!, $s: SignTicketInput!, $d: DispatchTicketInput!) {
        acceptTicket(input: $a) { ticket { status } } signTicket(input: $s) { ticket { status } }
        dispatchTicket(input: $d) { ticket { status } } }"""
    move = {"id": ticket["id"]}
    answer = await cadre.answer(
        text,
        a={"clientKey": key(), **move},
        s={"clientKey": key(), **move},
        d={"clientKey": key(), **move, "departmentCode": "water"},
    )
    assert answer["data"] == {
        "acceptTicket": {"ticket": {"status": "ACCEPTED"}},
        "signTicket": None,
        "dispatchTicket": {"ticket": {"status": "DISPATCHED"}},
    }
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["signTicket"], "FORBIDDEN")
    ]


async def test_what_a_report_takes_for_granted(running: Running) -> None:
    resident, cadre, officer = running.as_("resident"), running.as_("cadre"), running.as_("officer")
    mine = (await do(resident, "reportTicket", **matter()))["ticket"]
    assert (mine["areaCode"], mine["household"]) == (VILLAGE, None)
    placed = (await do(cadre, "reportTicket", **matter(areaCode=VILLAGE)))["ticket"]
    assert (placed["areaCode"], placed["household"]) == (VILLAGE, None)
    other = await refused(resident, "reportTicket", **matter(householdId=household(2)))
    assert other["code"] == "FORBIDDEN"
    nowhere = await refused(cadre, "reportTicket", **matter())
    assert (nowhere["code"], nowhere["field"], nowhere["rule"]) == ("INVALID_INPUT", "areaCode", "required")
    unknown = await refused(cadre, "reportTicket", **matter(householdId=household(999_999), areaCode=VILLAGE))
    assert unknown["code"] == "NOT_FOUND"
    sheetless = await refused(officer, "reportTicket", **matter(householdId=household(2)))
    assert sheetless["code"] in ("NOT_FOUND", "FORBIDDEN")


async def test_bad_input_has_typed_codes(running: Running) -> None:
    cadre = running.as_("cadre")
    assert (await refused(cadre, "reportTicket", **matter(areaCode="999999999999")))["code"] == "UNKNOWN_AREA"
    ticket = (await do(cadre, "reportTicket", **matter(areaCode=VILLAGE)))["ticket"]
    stale = await refused(cadre, "acceptTicket", id=ticket["id"], version=77)
    assert (stale["code"], stale["current"]) == ("STALE_VERSION", ticket["version"])
    wrong = await refused(cadre, "acceptTicket", id=household(1))
    assert (wrong["code"], wrong["field"]) == ("INVALID_INPUT", "id")
    away = await refused(cadre, "acceptTicket", id=global_id("Ticket", key()))
    assert away["code"] == "NOT_FOUND"
    form = await cadre.answer(document("acceptTicket", TICKET), input={"clientKey": key()})
    assert form["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert "data" not in form


async def test_a_visit_note_and_its_household(running: Running) -> None:
    given = {"householdId": household(6), "text": "示例走访", "visitedOn": "2026-01-05"}
    payload = "visitNote { id text author } household { id visitNotes(first: 1) { text } }"
    cadre = running.as_("cadre")
    added = await do(cadre, "addVisitNote", payload, **given)
    assert added["visitNote"]["text"] == "示例走访"
    assert added["household"] == {"id": household(6), "visitNotes": [{"text": "示例走访"}]}
    only = await do(cadre, "addVisitNote", "household { id }", **given)
    assert only["household"] == {"id": household(6)}


async def test_a_sheet_is_revised(running: Running) -> None:
    cadre = running.as_("cadre")
    sheet = (await cadre("query ($id: ID!) { household(id: $id) { version } }", id=household(7)))["household"]
    revised = await do(
        cadre,
        "reviseHousehold",
        "household { version house }",
        id=household(7),
        version=sheet["version"],
        house="示例砖房",
    )
    assert revised["household"] == {"version": sheet["version"] + 1, "house": "示例砖房"}
    stale = await refused(
        cadre, "reviseHousehold", "household { version }", id=household(7), version=sheet["version"], house="x"
    )
    assert (stale["code"], stale["current"]) == ("STALE_VERSION", sheet["version"] + 1)


async def test_only_who_is_on_duty_signs_in(running: Running) -> None:
    code = (
        await refused(running.as_("auditor"), "signInForDuty", "duty { signedInAt }", area=VILLAGE, date="2026-01-05")
    )["code"]
    assert code == "FORBIDDEN"
