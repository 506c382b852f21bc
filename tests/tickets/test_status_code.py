"""Where a matter stands, asked without an account: by number and secret code, in a page or as JSON, and not by trying."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.tickets.domain.status_code import LENGTH, LOCKED, MOST_FAILURES
from tests.tickets.matters import GRID, HOUSEHOLD, SELECT, Tickets, given_for, report
from tests.tickets.network import Outside

JSON = {"Accept": "application/json"}
WITH_CODE: list[Any] = [["key", "key"], ["number", "number"], ["c", "statusCode"]]


async def reported(tickets: Tickets, **more: Any) -> dict[str, str]:
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    status, told = await resident.command("reportTicket", report(**more), WITH_CODE)
    assert status == 200, told
    return dict(told)


async def ask(tickets: Tickets, number: str, code: str) -> tuple[int, Any, Any]:
    return await Outside(tickets).ask("GET", f"/open/status/{number}", params={"code": code}, headers=JSON)


async def test_a_report_brings_a_code_by_which_anybody_sees_where_it_stands(tickets: Tickets) -> None:
    told = await reported(tickets)
    assert re.fullmatch(r"[A-Z0-9]{4} [A-Z0-9]{4}", told["c"])
    status, stands, headers = await ask(tickets, told["number"], told["c"])
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert stands == {
        "number": told["number"],
        "status": "DRAFTED",
        "statusName": "待受理",
        "owner": "示例村便民服务点",
        "dueAt": None,
        "updatedAt": "2026-01-05T04:00:00Z",
        "note": None,
    }
    cadre, officer = tickets.as_("village_cadre"), tickets.as_("department_officer")
    for client, deed, note in (
        (cadre, "acceptTicket", "示例：内部备注"),
        (cadre, "dispatchTicket", None),
        (officer, "signTicket", None),
        (officer, "resolveTicket", "示例：已疏通\n<b>水渠</b>"),
    ):
        tickets.clock.instant += timedelta(minutes=1)
        given = given_for(deed, told["key"]) | ({"note": note} if note else {})
        assert (await client.command(deed, given, SELECT))[0] == 200
    status, stands, _ = await ask(tickets, told["number"].lower(), told["c"].lower().replace(" ", "-"))
    assert (status, stands["status"], stands["note"]) == (200, "RESOLVED", "示例：已疏通\n<b>水渠</b>")
    assert stands["dueAt"] > "2026-01-05"


async def test_the_code_is_kept_nowhere_and_made_only_where_it_is_asked_for(tickets: Tickets) -> None:
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    given = report()
    _, first = await resident.command("reportTicket", given, WITH_CODE)
    _, again = await resident.command("reportTicket", given, WITH_CODE)
    assert (first["number"], len(again["c"])) == (again["number"], LENGTH + 1)
    assert first["c"] != again["c"]
    assert [(await ask(tickets, first["number"], code))[0] for code in (first["c"], again["c"])] == [404, 200]
    async with tickets.pool.acquire() as connection:
        kept = str([tuple(row) for row in await connection.fetch("SELECT answer, data FROM client_key, outbox")])
    assert again["c"].replace(" ", "") not in kept.replace(" ", "")
    await resident.command("reportTicket", report(), SELECT)
    assert await tickets.count("status_code") == 1


async def test_a_lost_code_is_made_anew_by_a_handler_or_whoever_reported_it(tickets: Tickets) -> None:
    told = await reported(tickets, householdId=str(HOUSEHOLD))

    async def renew(role: str, **claims: Any) -> tuple[int, Any]:
        given = {"clientKey": str(uuid4()), "ticketId": told["key"]}
        return await tickets.as_(role, **claims).command("newStatusCode", given, [["statusCode", "statusCode"]])

    for role, claims, status in (
        ("grid_worker", {}, 403),
        ("village_cadre", {"areas": ("339998",)}, 404),
        ("resident", {"subject": "another"}, 404),
        ("resident", {"subject": "another", "household": str(HOUSEHOLD)}, 403),
        ("department_officer", {}, 403),
    ):
        assert (await renew(role, **claims))[0] == status, role
    codes = [told["c"]]
    for role in ("village_cadre", "resident"):
        status, renewed = await renew(role)
        assert status == 200
        assert (await ask(tickets, told["number"], codes[-1]))[0] == 404
        codes.append(renewed["statusCode"])
        assert (await ask(tickets, told["number"], codes[-1]))[0] == 200


async def test_a_number_is_locked_after_wrong_codes_whether_there_is_such_a_ticket_or_not(tickets: Tickets) -> None:
    told = await reported(tickets)
    nowhere = "T20990101-999999"
    answers = []
    for number in (told["number"], nowhere):
        answers.append([await ask(tickets, number, "AAAA AAAA") for _ in range(MOST_FAILURES + 1)])
    for real, invented in zip(*answers, strict=True):
        assert real[0] == invented[0]
        assert real[1] | {"correlationId": ""} == invented[1] | {"correlationId": ""}
    assert [status for status, _, _ in answers[0]] == [404] * MOST_FAILURES + [429]
    status, locked, headers = await ask(tickets, told["number"], told["c"])
    assert (status, locked["code"], headers["Retry-After"]) == (
        429,
        "TOO_MANY_REQUESTS",
        str(int(LOCKED.total_seconds())),
    )
    tickets.clock.instant += LOCKED - timedelta(seconds=1)
    assert (await ask(tickets, told["number"], told["c"]))[0] == 429
    tickets.clock.instant += timedelta(seconds=1)
    assert (await ask(tickets, told["number"], told["c"]))[0] == 200
    assert await tickets.count("status_attempt") == 0
    for _ in range(2):
        for code in ["AAAA AAAA"] * (MOST_FAILURES - 1) + [told["c"]]:
            status, _, _ = await ask(tickets, told["number"], code)
        assert status == 200


async def test_the_page_needs_nothing_but_a_browser(tickets: Tickets) -> None:
    outside = Outside(tickets)
    told = await reported(tickets, areaCode=GRID)
    status, form, headers = await outside.get("/open/status")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert 'action="status"' in form
    assert not re.search(r"<script|src=|href=.https?:", form)
    _, page, headers = await outside.ask("POST", "/open/status", data={"number": told["number"], "code": told["c"]})
    assert headers["Cache-Control"] == "no-store"
    for shown in (told["number"], "待受理", "示例村便民服务点", "2026-01-05 12:00"):
        assert shown in page
    for hidden in ("水渠", told["key"], str(HOUSEHOLD), "example-resident", told["c"]):
        assert hidden not in page
    status, page, _ = await outside.get(f"/open/status/{told['number']}", code=told["c"])
    assert (status, 'action="../status"' in page or 'href="../status"' in page) == (200, True)
    for given, status in (({"number": '"><b>', "code": "AAAA"}, 404), ({"number": told["number"]}, 422)):
        answer = await outside.ask("POST", "/open/status", data=given)
        assert answer[0] == status
        assert '"><b>' not in answer[1]
