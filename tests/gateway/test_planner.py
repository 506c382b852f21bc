"""What the planner asks of services for a document."""

from typing import Any

import msgspec
import pytest

from gateway.planner.documents import Bound, Documents, Refused
from gateway.planner.ids import global_id
from gateway.planner.plan import Deed, Fetch, Own
from gateway.schema import build_schema
from services.chassis.errors import InvalidInput, NotFound, Problem

SCHEMA = build_schema()
KEY = "00000000-0000-7000-8000-000000000001"
HOUSEHOLD = global_id("Household", KEY)


def bind(text: str, **variables: Any) -> Bound:
    return Documents(SCHEMA, development=True).get(text).operation(None).bind(variables)


def fetch(bound: Bound, position: int = 0) -> Fetch:
    plan = bound.roots[position].plan
    assert isinstance(plan, Fetch)
    return plan


def select(bound: Bound, position: int = 0) -> Any:
    return msgspec.json.decode(fetch(bound, position).select)


def args(bound: Bound, position: int = 0) -> dict[str, Any]:
    return fetch(bound, position).args(bound.selector)


def test_aliases_and_type_names_are_response_keys() -> None:
    bound = bind('{ a: area(code: "33") { n: name __typename } }')
    assert bound.roots[0].key == "a"
    assert select(bound) == [["n", "name"], ["__typename", "__typename"]]
    assert args(bound) == {"code": "33"}


def test_fields_are_merged_over_fragments() -> None:
    text = """
    { household(id: "%s") { ...One members { name } ... on Household { members { phone } } } }
    fragment One on Household { members { name idNumber } address }
    """
    members = ["members", "members", None, [["name", "name"], ["idNumber", "idNumber"], ["phone", "phone"]]]
    assert select(bind(text % HOUSEHOLD)) == [members, ["address", "address"]]


@pytest.mark.parametrize(("yes", "expected"), [(True, [["name", "name"]]), (False, [["code", "code"]])])
def test_skip_and_include_are_decided_by_variables(yes: bool, expected: list[Any]) -> None:
    text = 'query ($yes: Boolean!) { area(code: "33") { name @include(if: $yes) code @skip(if: $yes) } }'
    documents = Documents(SCHEMA, development=True)
    for value in (not yes, yes):
        bound = documents.get(text).operation(None).bind({"yes": value})
    assert select(bound) == expected


def test_a_plan_without_variables_in_selections_is_made_once() -> None:
    operation = (
        Documents(SCHEMA, development=True).get("query ($c: String!) { area(code: $c) { name } }").operation(None)
    )
    one, two = operation.bind({"c": "33"}), operation.bind({"c": "3308"})
    assert one.roots is two.roots
    assert (args(one), args(two)) == ({"code": "33"}, {"code": "3308"})


def test_arguments_of_edges_go_into_the_selection() -> None:
    bound = bind("query ($n: Int) { areas { children(first: $n) { code } } }", n=3)
    assert select(bound) == [["children", "children", {"first": 3}, [["code", "code"]]]]


def test_enums_go_by_name_and_nulls_stay_away() -> None:
    bound = bind("{ tickets(status: SIGNED, area: null) { edges { node { number } } } }")
    assert args(bound) == {"status": "SIGNED", "first": 50}


def test_an_edge_to_another_service_reads_its_key_in_place() -> None:
    bound = bind(
        'query ($id: ID!) { household(id: $id) { mine: tickets { number } area { duty(date: "2025-06-03") { dayKind } } } }',
        id=HOUSEHOLD,
    )
    assert select(bound) == [["mine", "key"], ["area", "area", None, [["duty", "code"]]]]
    assert fetch(bound).executes


def test_an_object_whose_fields_are_all_skipped_is_executed() -> None:
    bound = bind('{ area(code: "33") { parent { name @skip(if: true) } } }')
    assert select(bound) == [["parent", "parent", None, [["_", "__typename"]]]]
    assert fetch(bound).executes


def test_node_is_planned_by_the_type_in_its_id() -> None:
    text = '{ node(id: "%s") { id ... on Area { name } ... on Household { number } } }'
    area = bind(text % global_id("Area", "33"))
    assert (select(area), args(area)) == ([["id", "id"], ["name", "name"]], {"code": "33"})
    assert select(bind(text % HOUSEHOLD)) == [["id", "id"], ["number", "number"]]


def test_me_is_answered_from_the_token() -> None:
    plan = bind("{ me { who: subject areas { name } } }").roots[0].plan
    assert plan == Own([["who", "subject"], ["areas", "areas"]], True)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (global_id("Nothing", "1"), NotFound),
        ("nonsense", InvalidInput),
    ],
)
def test_a_field_whose_plan_fails_keeps_its_problem(given: str, problem: type[Problem]) -> None:
    assert isinstance(bind("query ($id: ID!) { node(id: $id) { id } }", id=given).roots[0].plan, problem)


@pytest.mark.parametrize("value", ["nonsense", global_id("Ticket", KEY), "", "Household:1", "é"])
def test_ids_of_another_form_or_type_are_refused(value: str) -> None:
    bound = bind("query ($id: ID!) { household(id: $id) { id } }", id=value)
    with pytest.raises(InvalidInput) as refused:
        args(bound)
    assert refused.value.extra["field"] == "id"


def deed(document: str, /, **given: Any) -> tuple[Deed, Bound]:
    bound = bind(document, input=given)
    plan = bound.roots[0].plan
    assert isinstance(plan, Deed)
    return plan, bound


def test_a_mutation_asks_the_command_for_its_payload() -> None:
    text = "mutation ($input: SignTicketInput!) { signTicket(input: $input) { k: clientKey ticket { number } } }"
    plan, bound = deed(text, clientKey=KEY, id=global_id("Ticket", KEY))
    assert plan.input(bound.selector) == {"clientKey": KEY, "id": KEY}
    assert (plan.service, msgspec.json.decode(plan.select), plan.direct) == ("tickets", [["number", "number"]], True)


def test_a_payload_with_several_objects_is_one_selection() -> None:
    text = """mutation ($input: AddVisitNoteInput!) { addVisitNote(input: $input) {
        visitNote { text } again: visitNote { text id } household { number } } }"""
    plan, _ = deed(text, clientKey=KEY, householdId=HOUSEHOLD, text="x", visitedOn="2025-06-03")
    assert not plan.direct
    assert msgspec.json.decode(plan.select) == [
        ["_0_text", "text"],
        ["_1_text", "text"],
        ["_1_id", "id"],
        ["_2", "household", None, [["number", "number"]]],
    ]


def test_ids_inside_lists_are_taken_apart() -> None:
    text = "mutation ($input: ReviseHouseholdInput!) { reviseHousehold(input: $input) { clientKey } }"
    members = [{"id": global_id("Member", KEY), "name": "示例", "relation": "01"}, {"name": "新", "relation": "20"}]
    plan, bound = deed(text, clientKey=KEY, id=HOUSEHOLD, version=1, members=members)
    given = plan.input(bound.selector)
    assert (given["id"], given["members"][0]["id"], "id" in given["members"][1]) == (KEY, KEY, False)


def code_of(text: str, **variables: Any) -> str:
    with pytest.raises(Refused) as refused:
        bind(text, **variables)
    return str(refused.value.errors[0]["extensions"]["code"])


def test_requests_that_cannot_run_have_typed_codes() -> None:
    assert code_of("{ me {") == "GRAPHQL_PARSE_FAILED"
    assert code_of("{ nothing }") == "GRAPHQL_VALIDATION_FAILED"
    assert code_of("query A { me { name } } query B { me { name } }") == "GRAPHQL_VALIDATION_FAILED"
    assert code_of("query ($id: ID!) { household(id: $id) { id } }") == "INVALID_INPUT"
    assert code_of('{ dutyOn(area: "339999100200", date: "2025-02-30") { id } }') == "GRAPHQL_VALIDATION_FAILED"
