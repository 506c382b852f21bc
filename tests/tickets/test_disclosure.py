"""Contacts through the api: set, shown masked, shown in clear for a purpose, and who can see that they were."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from tests.support.client import Service
from tests.tickets.hotline import MASKED, PHONE
from tests.tickets.matters import COUNTY, HOUSEHOLD, OTHER_VILLAGE, SERVICE, VILLAGE, Tickets

CONTACT: list[Any] = [
    ["contact", "contact", None, [["name", "name"], ["phone", "phone"], ["email", "email"], ["by", "setBy"]]]
]
IN_CLEAR: list[Any] = [["contact", "contact", None, [["name", "name"], ["phone", "phone"], ["email", "email"]]]]
LOG: list[Any] = [
    *[[name, name] for name in ("account", "roles", "areaCodes", "purpose", "areaCode", "fields", "note")],
    ["ticket", "ticket", None, [["key", "key"]]],
]
PAGE: list[Any] = [["edges", "edges", None, [["node", "node", None, LOG]]]]
WHOLE = {"name": "示例甲", "phone": PHONE, "email": "someone@example.cn"}


async def put(client: Service, ticket: UUID, **contact: Any) -> tuple[int, Any]:
    given = {"clientKey": str(uuid4()), "ticketId": str(ticket), "contact": contact or WHOLE}
    return await client.command("setContact", given, CONTACT)


def asking(ticket: UUID, **more: Any) -> dict[str, Any]:
    return {"clientKey": str(uuid4()), "ticketId": str(ticket), "purpose": "SERVICE", **more}


async def test_a_contact_is_set_sealed_and_shown_masked(tickets: Tickets) -> None:
    key = await tickets.have(household=HOUSEHOLD, reported_by="example-resident")
    cadre, resident = tickets.as_("village_cadre"), tickets.as_("resident")
    status, ticket = await put(cadre, key)
    masked = {"name": "示**", "phone": MASKED, "email": "s***@example.cn", "by": "example-village_cadre"}
    assert (status, ticket["contact"]) == (200, masked)
    status, ticket = await put(resident, key, phone="0570-4888365")
    assert ticket["contact"] == {"name": None, "phone": "570****8365", "email": None, "by": "example-resident"}
    assert (await tickets.as_("auditor").read("ticket", {"id": str(key)}, CONTACT))[1] == ticket
    async with transaction(tickets.pool, SERVICE) as connection:
        kept = await connection.fetchval("SELECT ticket_contact::text FROM ticket_contact")
    assert "4888365" not in kept
    family = tickets.as_("resident", "example-family", household=str(HOUSEHOLD))
    assert (await put(family, key))[0] == 403
    assert (await put(tickets.as_("auditor"), key))[0] == 403
    assert (await put(tickets.as_("village_cadre", areas=(OTHER_VILLAGE,)), key))[0] == 404
    assert (await put(tickets.as_("village_cadre"), key, name=None))[1]["rule"] == "required"
    assert (await put(tickets.as_("village_cadre"), key, phone="12"))[1]["field"] == "contact.phone"


async def test_a_reveal_is_for_a_purpose_and_auditors_see_it(tickets: Tickets) -> None:
    key = await tickets.have("DISPATCHED")
    await put(tickets.as_("village_cadre"), key)
    officer = tickets.as_("department_officer")
    given = asking(key, note="示例：回拨")
    for _ in range(2):
        status, told = await officer.command("revealContact", given, IN_CLEAR)
        assert (status, told) == (200, {"contact": {**WHOLE, "phone": f"+86{PHONE}"}})
    for role in ("auditor", "city_admin"):
        client = tickets.as_(role)
        _, page = await client.read("disclosures", {"ticket": str(key)}, PAGE)
        assert [edge["node"] for edge in page["edges"]] == 2 * [
            {
                "account": "example-department_officer",
                "roles": ["department_officer"],
                "areaCodes": [VILLAGE],
                "purpose": "SERVICE",
                "areaCode": "3399991002000001",
                "fields": ["name", "phone", "email"],
                "note": "示例：回拨",
                "ticket": {"key": str(key)},
            }
        ]
    assert (await tickets.as_("auditor", areas=(OTHER_VILLAGE,)).read("disclosures", {}, PAGE))[1]["edges"] == []
    assert (await officer.read("disclosures", {}, PAGE))[0] == 403


async def test_what_is_not_revealed(tickets: Tickets) -> None:
    key, without = await tickets.have(), await tickets.have()
    await put(tickets.as_("village_cadre"), key)
    cadre = tickets.as_("village_cadre")
    for client, given, status, code in (
        (cadre, asking(key, purpose="STATISTICS"), 403, "FORBIDDEN"),
        (tickets.as_("hotline_agent"), asking(key, purpose="MEDIATION"), 403, "FORBIDDEN"),
        (tickets.as_("auditor"), asking(key), 403, "FORBIDDEN"),
        (tickets.as_("resident", "example-somebody"), asking(key), 403, "FORBIDDEN"),
        (cadre, asking(key, purpose="CURIOSITY"), 422, "INVALID_INPUT"),
        (cadre, asking(key, callId=str(uuid4())), 422, "INVALID_INPUT"),
        (cadre, asking(without), 404, "NOT_FOUND"),
        (tickets.as_("village_cadre", "example-far", areas=(OTHER_VILLAGE,)), asking(key), 404, "NOT_FOUND"),
        (tickets.as_("department_officer"), asking(key), 404, "NOT_FOUND"),
    ):
        answered, problem = await client.command("revealContact", given, IN_CLEAR)
        assert (answered, problem["code"]) == (status, code), (given, problem)
    assert await tickets.count("disclosure") == 0


async def test_a_calls_number_and_the_accounts_limit(tickets: Tickets) -> None:
    agent = tickets.as_("hotline_agent", areas=(COUNTY,))
    noted = {"clientKey": str(uuid4()), "areaCode": COUNTY, "phone": PHONE, "rungAt": "2026-01-05T03:50:00Z"}
    _, call = await agent.command("noteCall", noted, [["key", "key"]])
    given = {"clientKey": str(uuid4()), "callId": call["key"], "purpose": "SERVICE"}
    expected = {"contact": {"name": None, "phone": f"+86{PHONE}", "email": None}}
    for _ in range(30):
        assert await agent.command("revealContact", given, IN_CLEAR) == (200, expected)
    status, problem = await agent.command("revealContact", given, IN_CLEAR)
    assert (status, problem["code"], problem["retryAfter"]) == (429, "TOO_MANY_REQUESTS", 3601)
    tickets.clock.instant += timedelta(hours=1)
    agent = tickets.as_("hotline_agent", areas=(COUNTY,))
    assert (await agent.command("revealContact", given, IN_CLEAR))[0] == 200


@pytest.mark.parametrize("table", ["disclosure", "callback_attempt", "call_ticket"])
async def test_logs_cannot_be_rewritten(tickets: Tickets, table: str) -> None:
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        assert not await tickets.pool.fetchval("SELECT has_table_privilege($1, $2)", table, verb)
