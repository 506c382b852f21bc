"""Reads through the gateway: everything in one question, whichever service owns it."""

import pytest

from gateway.planner.ids import global_id
from tests.gateway.conftest import GRID, VILLAGE, Running, key
from tests.support.graphql import GraphQL


def household(number: int) -> str:
    return global_id("Household", f"00000000-0000-7000-8000-{number:012d}")


NO_AREA = global_id("Area", "99")
TICKET_ID = global_id("Ticket", "1")
REPORT = "mutation ($input: ReportTicketInput!) { reportTicket(input: $input) { ticket { id number } } }"


async def report(cadre: GraphQL, number: int, title: str = "示例事项") -> str:
    given = {"clientKey": key(), "title": title, "description": "示例内容", "category": "lighting", "source": "VISIT"}
    answer = await cadre(REPORT, input={**given, "householdId": household(number)})
    return str(answer["reportTicket"]["ticket"]["id"])


async def test_who_i_am_and_where(running: Running) -> None:
    me = (await running.as_("cadre")("{ me { subject name roles department areas { code kind } household { id } } }"))[
        "me"
    ]
    assert me["subject"] == "example-cadre"
    assert (me["roles"], me["areas"]) == (["village_cadre"], [{"code": VILLAGE, "kind": "VILLAGE"}])
    assert (me["department"], me["household"]) == (None, None)


async def test_a_resident_sees_their_own_household(running: Running) -> None:
    me = (await running.as_("resident")("{ me { areas { code } household { id area { code } } } }"))["me"]
    assert me == {"areas": [], "household": {"id": household(1), "area": {"code": VILLAGE}}}


async def test_a_page_of_households_with_members(running: Running) -> None:
    text = """query ($after: String) { households(area: "339999100200", first: 3, after: $after) {
        edges { cursor node { id number members { name isHead } } } pageInfo { hasNextPage endCursor } __typename } }"""
    cadre = running.as_("cadre")
    page = (await cadre(text))["households"]
    assert page["__typename"] == "HouseholdConnection"
    assert len(page["edges"]) == 3
    assert page["pageInfo"]["hasNextPage"]
    rest = (await cadre(text, after=page["pageInfo"]["endCursor"]))["households"]
    assert not {edge["node"]["id"] for edge in page["edges"]} & {edge["node"]["id"] for edge in rest["edges"]}


async def test_a_question_over_three_services(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = await report(cadre, 3)
    text = """query ($id: ID!) { ticket(id: $id) {
        area { code duty(date: "2026-01-05") { dayKind cadre { subject } } }
        household { id number tickets(first: 20) { id household { id } } } } }"""
    found = (await cadre(text, id=ticket))["ticket"]
    assert found["area"] == {"code": VILLAGE, "duty": {"dayKind": "WORKDAY", "cadre": found["area"]["duty"]["cadre"]}}
    assert found["household"]["id"] == household(3)
    assert {"id": ticket, "household": {"id": household(3)}} in found["household"]["tickets"]


async def test_edges_are_cut_at_first(running: Running) -> None:
    cadre = running.as_("cadre")
    for _ in range(2):
        await report(cadre, 4)
    text = "query ($id: ID!, $n: Int) { household(id: $id) { tickets(first: $n) { id } } }"
    assert len((await cadre(text, id=household(4), n=1))["household"]["tickets"]) == 1
    answer = await cadre.answer(text, id=household(4), n=0)
    assert (answer["errors"][0]["extensions"]["code"], answer["errors"][0]["extensions"]["field"]) == (
        "INVALID_INPUT",
        "first",
    )


async def test_every_kind_of_node_is_found_again(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = await report(cadre, 5)
    text = 'query ($id: ID!) { household(id: $id) { id area { id duty(date: "2026-01-05") { id } } members { id } } }'
    sheet = (await cadre(text, id=household(5)))["household"]
    ids = [ticket, sheet["id"], sheet["area"]["id"], sheet["area"]["duty"]["id"], sheet["members"][0]["id"]]
    for given in ids:
        node = (
            await cadre("query ($id: ID!) { node(id: $id) { id __typename ... on Duty { explanation } } }", id=given)
        )["node"]
        assert node["id"] == given


@pytest.mark.parametrize(
    ("account", "text", "code"),
    [
        ("resident", f'{{ household(id: "{household(2)}") {{ id }} }}', "FORBIDDEN"),
        ("cadre", f'{{ household(id: "{household(999_999)}") {{ id }} }}', "NOT_FOUND"),
        ("cadre", f'{{ node(id: "{NO_AREA}") {{ id }} }}', "NOT_FOUND"),
        ("cadre", f'{{ household(id: "{TICKET_ID}") {{ id }} }}', "INVALID_INPUT"),
        ("cadre", '{ households(area: "339999100200", first: 201) { edges { cursor } } }', "INVALID_INPUT"),
        ("cadre", '{ households(area: "999999999999") { edges { cursor } } }', "UNKNOWN_AREA"),
    ],
)  # fmt: skip
async def test_refusals_have_typed_codes(running: Running, account: str, text: str, code: str) -> None:
    answer = await running.as_(account).answer(text)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code
    assert error["path"] in (["household"], ["node"], ["households"])
    assert error["locations"]
    assert error["extensions"]["correlationId"]


async def test_fields_stand_in_the_order_of_the_question(running: Running) -> None:
    text = '{ b: area(code: "33") { name code } __typename a: area(code: "3308") { code name } }'
    data = await running.as_("cadre")(text)
    assert list(data) == ["b", "__typename", "a"]
    assert list(data["b"]) == ["name", "code"]
    assert list(data["a"]) == ["code", "name"]


async def test_one_field_failing_leaves_the_others(running: Running) -> None:
    text = '{ good: area(code: "33") { code } bad: node(id: "nonsense") { id } }'
    answer = await running.as_("cadre").answer(text)
    assert answer["data"] == {"good": {"code": "33"}, "bad": None}
    assert [error["path"] for error in answer["errors"]] == [["bad"]]


async def test_a_grid_worker_is_confined_to_the_grid(running: Running) -> None:
    text = '{ households(area: "339999100200", first: 200) { edges { node { grid { code } } } } }'
    grids = {edge["node"]["grid"]["code"] for edge in (await running.as_("grid-worker")(text))["households"]["edges"]}
    assert grids == {GRID}
