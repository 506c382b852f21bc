"""A file of sheets through the gateway: handed in, watched, and what was not taken in fetched."""

import asyncio
import io

import python_calamine

from tests.gateway.conftest import GRID, Running, key

FILE = f"""网格代码,户号,住址,姓名,与户主关系,出生日期
{GRID},gw1,示例村9号,示例甲,户主,1950-01-02
{GRID},gw1,示例村9号,示例乙,配偶,1952-01-02
{GRID},gw2,示例村10号,示例丙,户主,1950-13-02
"""
WATCH = "{ imports(first: 1) { edges { node { id state percent } } pageInfo { hasNextPage } } }"
ONE = """query ($id: ID!) { import(id: $id) { kind kindName dryRun state rowsTotal rowsGood rowsBad householdsOpened
    rejectedUrl faults { row column field rule } area { code } submittedBy } node(id: $id) { id __typename } }"""


async def test_a_file_goes_in_and_what_is_bad_comes_back(running: Running) -> None:
    clerk = running.as_("clerk")
    url = f"{running.url}/files/archive/imports"
    query = {"kind": "members", "clientKey": key()}
    async with running.session.put(url, params=query, data=FILE.encode(), headers=clerk.headers) as answer:
        assert answer.status == 202
        job = (await answer.json())["id"]
    async with asyncio.timeout(60):
        while (node := (await clerk(WATCH))["imports"]["edges"][0]["node"])["state"] in ("WAITING", "RUNNING"):
            await asyncio.sleep(0.1)
    assert node == {"id": job, "state": "DONE", "percent": 100}
    found = await clerk(ONE, id=job)
    path = found["import"].pop("rejectedUrl")
    assert found == {
        "import": {
            "kind": "MEMBERS",
            "kindName": "家庭成员",
            "dryRun": False,
            "state": "DONE",
            "rowsTotal": 3,
            "rowsGood": 2,
            "rowsBad": 1,
            "householdsOpened": 1,
            "faults": [{"row": 4, "column": "出生日期", "field": "birthDate", "rule": "date"}],
            "area": {"code": GRID[:9]},
            "submittedBy": "example-clerk",
        },
        "node": {"id": job, "__typename": "Import"},
    }
    async with running.session.get(running.url + path, headers=clerk.headers) as answer:
        assert answer.status == 200
        book = python_calamine.load_workbook(io.BytesIO(await answer.read()))
    assert [line[-2:] for line in book.get_sheet_by_index(0).to_python()] == [
        ["错误列", "错误规则"],
        ["出生日期", "date"],
    ]
