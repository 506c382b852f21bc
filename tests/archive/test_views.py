"""What is read, over HTTP on a real database: fields, pages, searches, and who sees what."""

from typing import Any

import pytest

from services.archive.views import VIEWS
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive, household, person

NUMBER = [["number", "number"]]
SET_CALLER = "SELECT set_config('sanmin.caller', $1, true)"
PAGE = [
    ["edges", "edges", None, [["cursor", "cursor"], ["node", "node", None, NUMBER]]],
    ["pageInfo", "pageInfo", None, [["hasNextPage", "hasNextPage"], ["endCursor", "endCursor"]]],
]
EVERYONE = (
    "resident",
    "resident-2",
    "grid-worker",
    "cadre",
    "cadre-2",
    "clerk",
    "officer",
    "officer-water",
    "admin",
    "auditor",
)


async def numbers(archive: Archive, account: str, **args: Any) -> list[str]:
    status, page = await archive.as_(account).read("households", args, PAGE)
    assert status == 200, page
    return [edge["node"]["number"] for edge in page["edges"]]


async def code(archive: Archive, account: str, root: str, **args: Any) -> str:
    _, problem = await archive.as_(account).read(root, args, NUMBER if root == "household" else PAGE)
    return str(problem["code"])


def select_all(view: str, depth: int = 2, above: frozenset[str] = frozenset()) -> list[Any]:
    """All fields, and the edges so deep; of a view that leads back to itself the fields only."""
    declared, here = VIEWS.views[view], above | {view}
    nodes: list[Any] = [["__typename", "__typename"], *([name, name] for name in declared.fields)]
    if depth:
        for name, edge in declared.edges.items():
            nodes.append([name, name, None, select_all(edge.to, 0 if edge.to in here else depth - 1, here)])
    return nodes


async def test_a_sheet_with_all_its_fields(archive: Archive) -> None:
    status, sheet = await archive.as_("cadre").read("household", {"id": household(1)}, select_all("Household"))
    assert status == 200, sheet
    assert sheet["__typename"] == "Household"
    assert sheet["area"]["code"] == VILLAGE
    assert sheet["grid"]["gridWorkers"] == [{"__typename": "GridWorker", "name": "示例网格员", "phone": "138****0901"}]
    assert sheet["revisedAt"].endswith("Z")
    head = sheet["members"][0]
    assert (head["relationName"], head["isHead"], head["sex"]) == ("户主", True, "MALE")
    assert [member["relationName"] for member in sheet["members"]] == ["户主", "妻", "独生子", "儿媳", "孙子"]


async def test_areas_are_there_for_everybody(archive: Archive) -> None:
    for account in EVERYONE:
        client = archive.as_(account)
        select = [["code", "code"], ["parent", "parent", None, [["code", "code"]]]]
        assert await client.read("areas", {}, select) == (200, [{"code": "33", "parent": None}])
        assert await client.read("areas", {"parent": "33"}, [["kind", "kind"], ["code", "code"]]) == (
            200,
            [{"kind": "PREFECTURE", "code": "3308"}, {"kind": "COUNTY", "code": "339999"}],
        )
        status, area = await client.read("area", {"code": "330881"}, select_all("Area", 1))
        assert (status, len(area["children"])) == (200, 19)
        assert (area["validFrom"], area["validTo"]) == ("2023-06-30", None)
    assert (await archive.as_("cadre").read("areas", {"parent": "77"}, [["code", "code"]]))[1]["code"] == "UNKNOWN_AREA"
    assert (await archive.as_("cadre").read("area", {"code": "77"}, [["code", "code"]]))[0] == 404


async def test_lists_by_key_keep_step(archive: Archive) -> None:
    client = archive.as_("grid-worker")
    codes = [GRID, "nowhere", VILLAGE]
    assert await client.read("areasByCode", {"keys": codes}, [["code", "code"]]) == (
        200,
        [{"code": GRID}, None, {"code": VILLAGE}],
    )
    keys = [household(2), household(5), household(1)]
    assert await client.read("householdsById", {"keys": keys}, NUMBER) == (
        200,
        [{"number": "0002"}, None, {"number": "0001"}],
    )


async def test_pages_follow_one_another(archive: Archive) -> None:
    client, after, seen = archive.as_("cadre"), None, []
    for _ in range(10):
        _, page = await client.read("households", {"area": VILLAGE, "first": 3, "after": after}, PAGE)
        seen += [edge["node"]["number"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["0001", "0002", "0003", "0004", "0010", "0005", "0006", "0007", "0008", "0009"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("示例甲", ["0001"]),
        (" 甲三 ", ["0001"]),
        ("示例路12号", ["0007"]),
        ("示例路 12号", ["0007"]),
        ("示例路1号", ["0001"]),
        ("1", ["0001"]),
        ("12", ["0007"]),
        ("砖混三层", ["0004"]),
        ("砖混二层 示例戊", ["0005"]),
        ("示", ["0001", "0002", "0003", "0004", "0010", "0005", "0006", "0007", "0008", "0009"]),
        ("甲", []),
        ("甲三 乙一", []),
        ("三甲", []),
        ("%", []),
        ("示例路_号", []),
    ],
)
async def test_search_by_name_and_address(archive: Archive, search: str, expected: list[str]) -> None:
    assert await numbers(archive, "cadre", area="33", search=search) == expected


async def test_search_pages_and_keeps_to_its_area(archive: Archive) -> None:
    client = archive.as_("clerk")
    _, page = await client.read("households", {"area": "339999", "search": "示例", "first": 4}, PAGE)
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    assert await numbers(archive, "clerk", area="339999", search="示例", after=after) == [
        "0010",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
    ]
    for cursor in ("x", "MzM=", "MzMfMQ=="):
        assert await code(archive, "clerk", "households", area=VILLAGE, search="示例", after=cursor) == "INVALID_INPUT"
        assert await code(archive, "clerk", "households", area=VILLAGE, after=cursor) == "INVALID_INPUT"
    assert await numbers(archive, "clerk", area=GRID, search="示例戊") == []
    assert await numbers(archive, "clerk", area=OTHER_GRID, search="示例戊") == ["0005"]


@pytest.mark.parametrize("search", ["", "   ", "长" * 51, "a\x00b", 7])
async def test_what_is_no_search(archive: Archive, search: Any) -> None:
    assert await code(archive, "cadre", "households", area=VILLAGE, search=search) == "INVALID_INPUT"


async def test_who_lists_what(archive: Archive) -> None:
    everything = ["0001", "0002", "0003", "0004", "0010", "0005", "0006", "0007", "0008", "0009"]
    for account in ("cadre", "clerk", "admin", "auditor"):
        assert await numbers(archive, account, area="339999") == everything
    assert await numbers(archive, "grid-worker", area="33") == everything[:5]
    assert await numbers(archive, "grid-worker", area="33", search="示例戊") == []
    assert await code(archive, "grid-worker", "households", area=OTHER_GRID) == "FORBIDDEN"
    for account in ("resident", "officer"):
        assert await code(archive, account, "households", area=VILLAGE) == "FORBIDDEN"
    assert await code(archive, "cadre", "households", area="999999") == "UNKNOWN_AREA"
    assert await code(archive, "cadre", "households") == "INVALID_INPUT"
    assert await code(archive, "cadre", "households", area=VILLAGE, terms=["示例"]) == "INVALID_INPUT"


async def test_who_reads_which_sheet(archive: Archive) -> None:
    assert await archive.as_("resident").read("household", {"id": household(1)}, NUMBER) == (200, {"number": "0001"})
    assert await code(archive, "resident", "household", id=household(2)) == "FORBIDDEN"
    assert await code(archive, "resident", "household", id=household(4711)) == "FORBIDDEN"
    assert await code(archive, "grid-worker", "household", id=household(5)) == "NOT_FOUND"
    assert await code(archive, "officer", "household", id=household(1)) == "NOT_FOUND"
    assert await code(archive, "cadre", "household", id="1") == "INVALID_INPUT"
    nobody = archive.with_(roles=["resident"], household="no-uuid")
    assert (await nobody.read("household", {"id": household(1)}, NUMBER))[1]["code"] == "FORBIDDEN"


async def test_members_and_notes_are_nodes_of_their_own(archive: Archive) -> None:
    name = [["name", "name"]]
    assert await archive.as_("resident").read("member", {"id": person(1)}, name) == (200, {"name": "示例甲一"})
    assert (await archive.as_("resident").read("member", {"id": person(6)}, name))[0] == 404
    assert (await archive.as_("officer").read("member", {"id": person(1)}, name))[0] == 404
    assert (await archive.as_("cadre").read("visitNote", {"id": person(1)}, [["text", "text"]]))[0] == 404


async def test_a_resident_sees_the_workers_of_their_own_grid(archive: Archive) -> None:
    select = [["gridWorkers", "gridWorkers", None, [["name", "name"], ["phone", "phone"]]]]
    worker = {"gridWorkers": [{"name": "示例网格员", "phone": "138****0901"}]}
    assert await archive.as_("resident").read("area", {"code": VILLAGE}, select) == (200, worker)
    assert await archive.as_("officer").read("area", {"code": VILLAGE}, select) == (200, {"gridWorkers": []})


TABLES = ("household", "person", "membership", "household_term", "grid_worker")


async def test_without_a_caller_there_are_no_rows(archive: Archive) -> None:
    for table in (*TABLES, "visit_note", "timeline"):
        assert await archive.admin.fetchval(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = $1", table
        )
    for table in TABLES:
        assert await archive.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
        assert await archive.admin.fetchval(f"SELECT count(*) FROM {table}") > 0


@pytest.mark.parametrize(
    ("setting", "households"),
    [
        ('{"subject": "a", "areas": ["339999100200"]}', 10),
        ('{"subject": "a", "areas": ["3399991002000002"]}', 5),
        ('{"subject": "a", "areas": ["330881", "33999910020"]}', 10),
        ('{"subject": "a", "areas": ["330881"]}', 0),
        ('{"subject": "a", "areas": []}', 0),
        ('{"subject": "a"}', 0),
        (f'{{"subject": "a", "household": "{household(1)}"}}', 1),
        ('{"subject": "service:archive", "service": true}', 10),
    ],
)
async def test_row_level_security_lets_a_caller_reach_their_areas(
    archive: Archive, setting: str, households: int
) -> None:
    async with archive.pool.acquire() as connection, connection.transaction():
        await connection.execute(SET_CALLER, setting)
        assert await connection.fetchval("SELECT count(*) FROM household") == households
        assert await connection.fetchval("SELECT count(DISTINCT household_id) FROM person") == households


async def test_row_level_security_refuses_writes_elsewhere(archive: Archive) -> None:
    async with archive.pool.acquire() as connection, connection.transaction():
        await connection.execute(SET_CALLER, f'{{"subject": "a", "areas": ["{GRID}"], "household": "{household(5)}"}}')
        assert await connection.fetchval("SELECT count(*) FROM household") == 6
        done = await connection.execute("UPDATE household SET house = 'x'")
        assert done == "UPDATE 5"
        done = await connection.execute("UPDATE person SET name = 'x' WHERE household_id = $1", household(5))
        assert done == "UPDATE 0"
