"""A household takes away all that is held on it: in clear, with its history, and who looked."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook

from tests.archive.conftest import Archive, household, key, person
from tests.archive.test_views import NUMBER

ID_NUMBER, PHONE = "339999196203121033", "+8613800000001"
DERIVED = {"household_term"}
TABLES = """
SELECT DISTINCT table_name FROM information_schema.columns c JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = 'public'
WHERE column_name = 'household_id'
"""


async def take(archive: Archive, account: str, form: str, number: int = 1) -> tuple[int, bytes, str]:
    client = archive.as_(account)
    url = f"{archive.base_url}/files/households/{household(number)}/personal-data.{form}"
    async with client.session.get(url, headers={"Authorization": f"Bearer {client.token}"}) as answer:
        return answer.status, await answer.read(), answer.headers.get("Cache-Control", "")


async def test_everything_is_in_it_in_clear(archive: Archive) -> None:
    given = {"clientKey": key(), "id": household(1), "version": 1, "house": "示例新房"}
    assert (await archive.as_("cadre").command("reviseHousehold", given, NUMBER))[0] == 200
    note = {"clientKey": key(), "householdId": household(1), "text": "示例走访", "visitedOn": "2025-06-01"}
    assert (await archive.as_("cadre").command("addVisitNote", note, [["text", "text"]]))[0] == 200
    assert (await archive.as_("cadre").read("household", {"id": household(1)}, NUMBER))[0] == 200
    status, content, cache = await take(archive, "resident", "json")
    assert (status, cache) == (200, "no-store")
    tables = {one["table"]: one["rows"] for one in json.loads(content)["tables"]}
    head = next(row for row in tables["person"] if row["id"] == person(1))
    assert (head["id_number"], head["phone"]) == (ID_NUMBER, PHONE)
    entries = [row["patch"] for row in tables["sheet_entry"]]
    assert any(patch.get("id_number") == ID_NUMBER for patch in entries)
    assert any(patch.get("house") == "示例新房" for patch in entries)
    assert [row["text"] for row in tables["visit_note"]] == ["示例走访"]
    assert [(row["by"], row["name"]) for row in tables["audit"]] == [("example-cadre", "示例村干部甲")]
    assert b'"\\\\x' not in content, "a value as the database keeps it"
    logged = await archive.admin.fetch(
        "SELECT by, purpose, household_id::text FROM audit WHERE deed = 'SUBJECT_EXPORT'"
    )
    assert [tuple(row) for row in logged] == [("example-resident", "SUBJECT_REQUEST", household(1))]


async def test_every_table_that_tells_of_households_is_in_it(archive: Archive) -> None:
    _, content, _ = await take(archive, "resident", "json")
    told = {one["table"] for one in json.loads(content)["tables"]}
    assert told == {row[0] for row in await archive.admin.fetch(TABLES)} - DERIVED | {"household"}
    others = [
        await archive.admin.fetchval("SELECT name FROM person WHERE id = $1", person(number)) for number in (6, 25)
    ]
    assert not any(name in content.decode() for name in others)


async def test_as_a_page_and_as_a_workbook(archive: Archive) -> None:
    await archive.admin.execute("UPDATE household SET house = '=1+1<script>' WHERE id = $1", household(1))
    status, page, _ = await take(archive, "resident", "html")
    assert status == 200
    assert ID_NUMBER in page.decode()
    assert "=1+1&lt;script&gt;" in page.decode()
    status, book, _ = await take(archive, "resident", "xlsx")
    assert status == 200
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(book))
    rows = workbook.get_sheet_by_name("person").to_python()
    assert any(ID_NUMBER in row for row in rows)
    assert any("=1+1<script>" in row for row in workbook.get_sheet_by_name("household").to_python())


@pytest.mark.parametrize(
    ("account", "number"), [("resident-2", 1), ("cadre", 1), ("admin", 1), ("officer", 1), ("resident", 2)]
)
async def test_for_the_household_itself_only(archive: Archive, account: str, number: int) -> None:
    status, content, _ = await take(archive, account, "json", number)
    assert status == 403
    assert ID_NUMBER not in content.decode()
