"""What one service does because of another's event; and a day's duty, seen and signed through the gateway."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from services.chassis.clock import CHINA
from tests.e2e.conftest import As
from tests.support.system import System

VILLAGE = "339999100200"
NOTE = """
mutation ($input: AddVisitNoteInput!) {
  addVisitNote(input: $input) { clientKey visitNote { id text promise } household { id visitNotes(first: 1) { id } } }
}
"""
TICKETS = "query ($id: ID!) { household(id: $id) { tickets { number category source status household { id } area { name } } } }"
DUTY = 'query ($date: Date!) { dutyOn(area: "339999100200", date: $date) { dayKind explanation cadre { subject } signedInAt } }'
SIGN_IN = (
    "mutation ($input: SignInForDutyInput!) { signInForDuty(input: $input) { duty { signedInAt cadre { subject } } } }"
)


async def test_a_promise_made_at_a_visit_becomes_a_ticket(as_: As, system: System) -> None:
    worker = as_("grid-worker")
    worker.correlation = f"visit-{uuid4().hex}"
    found = await worker('{ households(area: "3399991002000001", first: 1) { edges { node { id } } } }')
    household = found["households"]["edges"][0]["node"]["id"]
    today = datetime.now(UTC).astimezone(CHINA).date().isoformat()
    given = {
        "clientKey": str(uuid4()), "householdId": household, "text": "示例:答应联系农技员", "visitedOn": today, "promise": "farming-advice",
    }  # fmt: skip
    noted = (await worker(NOTE, input=given))["addVisitNote"]
    assert noted == (await worker(NOTE, input=given))["addVisitNote"]
    assert noted["household"]["visitNotes"] == [{"id": noted["visitNote"]["id"]}]

    async def promised() -> list[dict[str, Any]]:
        tickets = (await as_("cadre")(TICKETS, id=household))["household"]["tickets"]
        return [ticket for ticket in tickets if ticket["category"] == "farming-advice"]

    async with asyncio.timeout(20):
        while not await promised():
            await asyncio.sleep(0.05)
    (ticket,) = await promised()
    assert (ticket["source"], ticket["status"]) == ("VISIT", "DRAFTED")
    assert ticket["household"] == {"id": household}
    for service, kind in (("archive", "archive.visit.noted.v1"), ("tickets", "tickets.ticket.reported.v1")):
        connection = await asyncpg.connect(system.stack.postgres_url(service, f"{service}_app"))
        kinds = await connection.fetch("SELECT type FROM outbox WHERE correlation_id = $1", worker.correlation)
        await connection.close()
        assert [row["type"] for row in kinds] == [kind], "the correlation id crosses HTTP and the broker"


async def test_the_day_s_cadre_signs_in_and_nobody_else(as_: As) -> None:
    today = datetime.now(UTC).astimezone(CHINA).date().isoformat()
    duty = (await as_("resident")(DUTY, date=today))["dutyOn"]
    working = duty["dayKind"] in ("WORKDAY", "MAKEUP_WORKDAY")
    assert (duty["cadre"] is not None) is working
    on_duty = duty["cadre"]["subject"].removeprefix("example-") if working else "cadre"
    other = {"cadre": "cadre-2", "cadre-2": "cadre"}[on_duty]

    def given() -> dict[str, Any]:
        return {"input": {"clientKey": str(uuid4()), "area": VILLAGE, "date": today}}

    refused = await as_(other).answer(SIGN_IN, **given())
    assert refused["errors"][0]["extensions"]["code"] in ("FORBIDDEN", "CONFLICT")
    answer = await as_(on_duty).answer(SIGN_IN, **given())
    if working:
        signed = answer["data"]["signInForDuty"]["duty"]
        assert signed["signedInAt"]
        assert (await as_(on_duty)(SIGN_IN, **given()))["signInForDuty"]["duty"] == signed
    else:
        assert answer["errors"][0]["extensions"]["code"] == "CONFLICT"


async def test_make_up_days_have_duty_and_holidays_have_none(as_: As) -> None:
    for date, kind in (("2026-02-14", "MAKEUP_WORKDAY"), ("2026-02-17", "HOLIDAY"), ("2026-02-07", "WEEKEND")):
        duty = (await as_("auditor")(DUTY, date=date))["dutyOn"]
        assert duty["dayKind"] == kind
        assert (duty["cadre"] is not None) is (kind == "MAKEUP_WORKDAY")


async def test_edges_cross_services(as_: As) -> None:
    document = """{ area(code: "339999100200") {
        name duty(date: "2026-03-02") { cadre { name } } children { code gridWorkers { name phone } } } }"""
    area = (await as_("cadre")(document))["area"]
    assert area["duty"]["cadre"]["name"].startswith("示例")
    assert [child["code"] for child in area["children"]] == ["3399991002000001", "3399991002000002"]
    counts = await as_("admin")('{ areas(parent: "330881") { code children { code } } }')
    assert len(counts["areas"]) == 19
    assert sum(len(township["children"]) for township in counts["areas"]) == 323
