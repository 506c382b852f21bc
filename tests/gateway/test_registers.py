"""Registers, the visit queue and figures of freshness through the gateway, and a workbook through its files."""

import asyncpg
import pytest

from gateway.planner.ids import global_id
from services.chassis.clock import SystemClock, today
from tests.gateway.conftest import VILLAGE, Running, key

FRESH = "query ($area: String!) { freshness(area: $area) { sheets staleSheets freshSheetsPercent parts { area { code } sheets } } }"
QUEUE = """{ visitQueue(first: 200) { edges { node { overdueDays rank needs { code days }
    staleFacts { reference name title } household { id number needs { code } staleFacts { reference } } } } pageInfo { hasNextPage } } }"""
NOTE = """mutation ($input: AddVisitNoteInput!) { addVisitNote(input: $input) {
    visitNote { text } household { id reviewOn staleFacts { reference } } } }"""


async def test_registers_and_their_lines(running: Running) -> None:
    cadre = running.as_("cadre")
    registers = (await cadre("{ registers { code title columns { name title } purposes } }"))["registers"]
    assert {"TALENTS_AWAY", "LIVING_ALONE"} <= {register["code"] for register in registers}
    text = """query ($area: String!) { register(code: "ELDERLY", area: $area, first: 3) { edges { node {
        register cells { name title value } member { name } household { number } grid { code } } } pageInfo { hasNextPage } } }"""
    lines = [edge["node"] for edge in (await cadre(text, area=VILLAGE))["register"]["edges"]]
    assert len(lines) == 3
    columns = next(register["columns"] for register in registers if register["code"] == "ELDERLY")
    for line in lines:
        assert [{"name": cell["name"], "title": cell["title"]} for cell in line["cells"]] == columns
        assert line["cells"][0]["value"] == line["member"]["name"]
    answer = await running.as_("resident").answer(text, area=VILLAGE)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_what_a_visit_confirms_leaves_the_queue(running: Running) -> None:
    key_ = "00000000-0000-7000-8000-000000000009"
    admin = await asyncpg.connect(running.databases["archive"].superuser_url)
    await admin.execute(
        "UPDATE sheet_entry SET verified_on = '2020-01-01', valid_from = '2020-01-01' WHERE household_id = $1", key_
    )
    for table, column in (("household", "id"), ("person", "household_id")):
        await admin.execute(
            f'UPDATE {table} SET sources = (SELECT jsonb_object_agg(k, \'["DECLARED", "2020-01-01"]\'::jsonb) '
            f"FROM jsonb_object_keys(sources) k) WHERE {column} = $1",
            key_,
        )
    await admin.execute(
        "UPDATE household h SET (review_on, rank_on) = (SELECT review_on, rank_on FROM freshness_of(h.id, china_today())) WHERE id = $1",
        key_,
    )
    await admin.close()
    cadre, id_ = running.as_("cadre"), global_id("Household", key_)
    (due,) = [
        edge["node"] for edge in (await cadre(QUEUE))["visitQueue"]["edges"] if edge["node"]["household"]["id"] == id_
    ]
    assert due["rank"] == due["overdueDays"] + sum(need["days"] for need in due["needs"])
    assert [fact["reference"] for fact in due["staleFacts"]] == [
        fact["reference"] for fact in due["household"]["staleFacts"]
    ]
    before = (await cadre(FRESH, area=VILLAGE))["freshness"]
    given = {"householdId": id_, "text": "示例走访", "visitedOn": today(SystemClock()).isoformat()}
    first = {**given, "clientKey": key(), "confirmed": [due["staleFacts"][0]["reference"]]}
    left = (await cadre(NOTE, input=first))["addVisitNote"]["household"]["staleFacts"]
    assert len(left) == len(due["staleFacts"]) - 1
    told = (await cadre(NOTE, input={**given, "clientKey": key(), "confirmAll": True}))["addVisitNote"]
    assert told["household"]["staleFacts"] == []
    assert id_ not in {edge["node"]["household"]["id"] for edge in (await cadre(QUEUE))["visitQueue"]["edges"]}
    after = (await cadre(FRESH, area=VILLAGE))["freshness"]
    assert after["staleSheets"] == before["staleSheets"] - 1
    assert sum(part["sheets"] for part in after["parts"]) == after["sheets"]


@pytest.mark.parametrize(("account", "status"), [("cadre", 200), ("grid-worker", 403), ("resident", 403)])
async def test_a_workbook_comes_through(running: Running, account: str, status: int) -> None:
    url = f"{running.url}/files/archive/registers/ELDERLY.xlsx"
    headers = {"Authorization": f"Bearer {running.issuer.account(account)}"}
    async with running.session.get(url, params={"area": VILLAGE, "purpose": "SERVICE"}, headers=headers) as answer:
        assert answer.status == status
        content = await answer.read()
        assert content.startswith(b"PK") == (status == 200)
        assert ("attachment" in answer.headers.get("Content-Disposition", "")) == (status == 200)
