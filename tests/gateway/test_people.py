"""People and attachments through the public schema and /files."""

from typing import Any

import pytest

from tests.archive.pictures import PLACE, jpeg
from tests.gateway.conftest import VILLAGE, Running, key
from tests.gateway.test_reads import household
from tests.support.graphql import GraphQL, GraphQLFailed

PEOPLE = """query ($area: String!, $search: String) {
  people(area: $area, search: $search) { edges { node { id name household { id number version members { id name } } } } pageInfo { hasNextPage } }
}"""
REVISE = """mutation ($input: ReviseHouseholdInput!) { reviseHousehold(input: $input) { household { version members { id name } } } }"""
OF = """query ($area: String!, $birth: Date) {
  duplicatesOf(area: $area, name: "示例辛一", birthDate: $birth, sex: MALE) { score reasons person { id name household { number } } }
}"""
PAIRS = (
    "query ($area: String!) { duplicates(area: $area) { edges { node { score reasons one { id } other { id } } } } }"
)
MERGE = """mutation ($input: MergePersonsInput!) {
  mergePersons(input: $input) { clientKey merge { id kept { id household { number } } dropped { id household { id } } undoneAt } }
}"""
UNMERGE = "mutation ($input: UnmergePersonsInput!) { unmergePersons(input: $input) { merge { undoneAt } } }"
DISMISS = (
    "mutation ($input: DismissDuplicateInput!) { dismissDuplicate(input: $input) { duplicate { dismissedReason } } }"
)
ATTACHMENTS = """query ($id: ID!) { household(id: $id) { uploadUrl attachments { id title subject contentType url household { id } } } }"""


async def find(client: GraphQL, search: str) -> list[dict[str, Any]]:
    found = await client(PEOPLE, area=VILLAGE, search=search)
    return [edge["node"] for edge in found["people"]["edges"]]


@pytest.fixture
async def twice(running: Running) -> tuple[str, str]:
    """Somebody who stands on two sheets: the ids, the second that on the sheet 0009."""
    client = running.as_("cadre")
    first, *_ = sorted(await find(client, "slxy"), key=lambda one: one["household"]["number"])
    (sheet,) = {each["household"]["id"]: each["household"] for each in await find(client, "0009")}.values()
    existing = [member for member in sheet["members"] if member["name"] == first["name"]]
    if not existing:
        given = {"id": sheet["id"], "version": sheet["version"], "clientKey": key()}
        member = {"name": first["name"], "relation": "97", "birthDate": await birth_date(client, first["id"])}
        revised = await client(REVISE, input={**given, "members": [member]})
        members = revised["reviseHousehold"]["household"]["members"]
        existing = [member for member in members if member["name"] == first["name"]]
    return first["id"], existing[0]["id"]


async def birth_date(client: GraphQL, member: str) -> str:
    found = await client("query ($id: ID!) { node(id: $id) { ... on Member { birthDate } } }", id=member)
    return str(found["node"]["birthDate"])


async def test_a_person_who_is_there_twice_is_found_merged_and_parted(running: Running, twice: tuple[str, str]) -> None:
    client, (first, second) = running.as_("cadre"), twice
    found = await client(OF, area=VILLAGE, birth=await birth_date(client, first))
    assert {one["person"]["id"] for one in found["duplicatesOf"]} == {first, second}
    assert {tuple(one["reasons"]) for one in found["duplicatesOf"]} == {("SAME_NAME_AND_BIRTH_DATE",)}
    pairs = (await client(PAIRS, area=VILLAGE))["duplicates"]["edges"]
    assert [{pair["node"]["one"]["id"], pair["node"]["other"]["id"]} for pair in pairs] == [{first, second}]
    (sheet,) = [one["household"] for one in await find(client, "slxy") if one["id"] == second]
    asked = {"keepId": first, "dropId": second, "reason": "示例：同一人", "endsIn": sheet["id"], "clientKey": key()}
    merged = (await client(MERGE, input=asked))["mergePersons"]
    assert merged["clientKey"] == asked["clientKey"]
    assert (await client(MERGE, input=asked))["mergePersons"] == merged
    assert merged["merge"]["dropped"] == {"id": second, "household": None}
    resolved = await client(
        "query ($id: ID!) { node(id: $id) { id ... on Member { merges { dropped { id } } } } }", id=second
    )
    assert resolved["node"] == {"id": first, "merges": [{"dropped": {"id": second}}]}
    assert (await client(PAIRS, area=VILLAGE))["duplicates"]["edges"] == []
    undone = await client(UNMERGE, input={"id": merged["merge"]["id"], "reason": "示例：两个人", "clientKey": key()})
    assert undone["unmergePersons"]["merge"]["undoneAt"]
    assert {one["id"] for one in await find(client, "slxy")} == {first, second}
    given = {"oneId": second, "otherId": first, "reason": "示例：已核实", "clientKey": key()}
    assert await client(DISMISS, input=given) == {
        "dismissDuplicate": {"duplicate": {"dismissedReason": "示例：已核实"}}
    }
    assert (await client(PAIRS, area=VILLAGE))["duplicates"]["edges"] == []


async def test_a_whole_number_finds_its_owner(running: Running) -> None:
    client = running.as_("cadre")
    for search in ("339999196203121033", "13800000001"):
        assert [one["name"] for one in await find(client, search)] == ["示例甲一"]


async def test_errors_name_the_field(running: Running, twice: tuple[str, str]) -> None:
    client, (first, second) = running.as_("cadre"), twice
    for given, field in (({"keepId": household(1)}, "keepId"), ({"endsIn": first}, "endsIn"), ({}, "endsIn")):
        asked = {"keepId": first, "dropId": second, "reason": "示例", "clientKey": key(), **given}
        with pytest.raises(GraphQLFailed) as failed:
            await client(MERGE, input=asked)
        assert failed.value.errors[0]["extensions"]["field"] == field


async def test_a_photo_goes_through_the_gateway_and_comes_back(running: Running) -> None:
    client = running.as_("grid-worker")
    sheet = (await client(ATTACHMENTS, id=household(3)))["household"]
    url = running.url + sheet["uploadUrl"]
    async with running.session.put(
        f"{url}&title=%E7%A4%BA%E4%BE%8B%E9%97%A8%E7%89%8C", data=jpeg(), headers=client.headers
    ) as answer:
        assert answer.status == 201, await answer.text()
        added = await answer.json()
    (shown,) = (await client(ATTACHMENTS, id=household(3)))["household"]["attachments"]
    assert shown == {
        "id": added["id"],
        "title": "示例门牌",
        "subject": "HOUSEHOLD",
        "contentType": "image/jpeg",
        "url": added["url"],
        "household": {"id": household(3)},
    }
    async with running.session.get(
        running.url + shown["url"], headers={**client.headers, "Range": "bytes=0-1"}
    ) as answer:
        assert (answer.status, await answer.read()) == (206, b"\xff\xd8")
        assert answer.headers["Content-Range"] == f"bytes 0-1/{added['bytes']}"
    async with running.session.get(running.url + shown["url"], headers=client.headers) as answer:
        assert answer.headers["ETag"] == f'"{added["sha256"]}"'
        assert PLACE not in await answer.read()
    found = await client("query ($id: ID!) { node(id: $id) { id ... on Attachment { title } } }", id=shown["id"])
    assert found["node"]["title"] == "示例门牌"
    removed = "mutation ($input: RemoveAttachmentInput!) { removeAttachment(input: $input) { household { attachments { id } } } }"
    gone = await client(removed, input={"id": shown["id"], "clientKey": key()})
    assert gone == {"removeAttachment": {"household": {"attachments": []}}}
