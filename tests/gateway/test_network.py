"""The network through the gateway: units and their staff, and where a matter stands for somebody without an account."""

import pytest

from gateway.planner.ids import global_id
from tests.gateway.conftest import VILLAGE, Running, key
from tests.gateway.test_mutations import do, document, matter, refused
from tests.gateway.test_reads import household

UNIT = "unit { id code level name phone hours items active staff { subject name items deputy deputyName } }"
TOWNSHIP, COUNTY = VILLAGE[:9], VILLAGE[:6]


async def test_the_lowest_unit_for_an_item_and_who_does_it(running: Running) -> None:
    admin, resident = running.as_("admin"), running.as_("resident")
    set_up = {
        "code": TOWNSHIP,
        "name": "示例镇便民服务中心",
        "phone": "0570-4000001",
        "hours": "工作日",
        "items": ["permit", "road"],
    }
    unit = (await do(admin, "reviseUnit", UNIT, **set_up))["unit"]
    assert (unit["id"], unit["level"], unit["active"]) == (global_id("Unit", TOWNSHIP), "TOWNSHIP", True)
    staff = {
        "unitCode": TOWNSHIP,
        "subject": "example-clerk",
        "name": "示例",
        "items": ["permit"],
        "deputy": "example-cadre",
    }
    await do(admin, "reviseUnitStaff", UNIT, **staff)
    asked = """query ($item: String!, $area: String!) { unitFor(item: $item, area: $area) { code staff { name deputy } } }"""
    found = (await resident(asked, item="permit", area=VILLAGE))["unitFor"]
    assert found == {"code": TOWNSHIP, "staff": [{"name": "示例", "deputy": "example-cadre"}]}
    assert (await resident(asked, item="lighting", area=VILLAGE))["unitFor"]["code"] == VILLAGE
    listed = await resident("query ($a: String!) { units(area: $a) { edges { node { code } } } }", a=TOWNSHIP)
    assert [edge["node"]["code"] for edge in listed["units"]["edges"]] == [TOWNSHIP, VILLAGE]
    node = "query ($id: ID!, $code: String!) { node(id: $id) { ... on Unit { name } } unit(code: $code) { name } }"
    assert await resident(node, id=unit["id"], code=TOWNSHIP) == {
        "node": {"name": unit["name"]},
        "unit": {"name": unit["name"]},
    }
    assert (await refused(running.as_("cadre"), "reviseUnit", UNIT, **set_up))["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "ticket", ["ticket { id number unit { name } }", "ticket { number household { id } } again: statusCode", ""]
)
async def test_a_report_brings_the_code_that_opens_its_status(running: Running, ticket: str) -> None:
    """Whichever way the gateway answers it; asked again it brings another, which is valid."""
    cadre = running.as_("cadre")
    given = {"clientKey": key(), **matter(householdId=household(1))}
    text = document("reportTicket", f"statusCode __typename {ticket}")
    first, second = [(await cadre(text, input=given))["reportTicket"] for _ in range(2)]
    assert (first["clientKey"], first["__typename"]) == (given["clientKey"], "ReportTicketPayload")
    assert first["statusCode"] != second["statusCode"]
    assert "ticket" not in first or first["ticket"] == second["ticket"]
    plain = (await cadre(document("reportTicket", "ticket { id number }"), input=given))["reportTicket"]["ticket"]
    code = second["statusCode"]
    assert second.get("again", code) == code
    for tried, status in ((first["statusCode"], 404), (code, 200)):
        assert (await ask(running, plain["number"], tried))[0] == status
    renewed = await do(cadre, "newStatusCode", "c: statusCode", ticketId=plain["id"])
    status, stands = await ask(running, plain["number"], renewed["c"])
    assert (status, stands["number"], stands["statusName"]) == (200, plain["number"], "待受理")
    assert (await ask(running, plain["number"], code))[0] == 404
    refusal = await refused(running.as_("resident-2"), "newStatusCode", "statusCode", ticketId=plain["id"])
    assert refusal["code"] == "NOT_FOUND"


async def ask(running: Running, number: str, code: str) -> tuple[int, dict[str, str]]:
    url = f"{running.url}/open/tickets/status/{number}"
    async with running.session.get(url, params={"code": code}, headers={"Accept": "application/json"}) as answer:
        return answer.status, await answer.json(content_type=None)
