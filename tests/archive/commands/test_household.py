"""reviseHousehold, over HTTP on a real database."""

import asyncio
from typing import Any

import pytest

from tests.archive.conftest import GRID, OTHER_GRID, Archive, household, key, person

SHEET = [
    ["key", "key"],
    ["version", "version"],
    ["address", "address"],
    ["house", "house"],
    ["grid", "grid", None, [["code", "code"]]],
    [
        "members",
        "members",
        None,
        [
            ["key", "key"],
            ["name", "name"],
            ["idNumber", "idNumber"],
            ["sex", "sex"],
            ["birthDate", "birthDate"],
            ["relation", "relation"],
            ["phone", "phone"],
            ["isHead", "isHead"],
        ],
    ],
]
DAUGHTER = {"name": "示例甲六", "relation": "42", "idNumber": "339999201809081121", "phone": "13800001234"}
"""Valid, and nobody's in the example."""


def revision(version: int = 1, number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"clientKey": key(), "id": household(number), "version": version, **fields}


async def test_a_revision_changes_the_sheet_and_tells_what_changed(archive: Archive) -> None:
    given = revision(
        address="示例路99号",
        house="",
        gridCode=OTHER_GRID,
        members=[DAUGHTER, {"id": person(1), "name": "示例甲一", "relation": "02", "phone": "13900001234"}],
    )
    status, sheet = await archive.as_("cadre").command("reviseHousehold", given, SHEET)
    assert status == 200, sheet
    assert (sheet["version"], sheet["address"], sheet["house"]) == (2, "示例路99号", None)
    assert sheet["grid"] == {"code": OTHER_GRID}
    assert len(sheet["members"]) == 6
    assert sheet["members"][0] == {
        "key": person(1),
        "name": "示例甲一",
        "idNumber": "339999********1033",
        "sex": "MALE",
        "birthDate": "1962-03-12",
        "relation": "02",
        "phone": "139****1234",
        "isHead": True,
    }
    joined = next(member for member in sheet["members"] if member["relation"] == "42")
    assert joined | {"key": ""} == {
        "key": "",
        "name": "示例甲六",
        "idNumber": "339999********1121",
        "sex": "FEMALE",
        "birthDate": "2018-09-08",
        "relation": "42",
        "phone": "138****1234",
        "isHead": False,
    }
    assert await archive.events("archive.household.revised.v1") == [
        {
            "household": household(1),
            "area": OTHER_GRID,
            "version": 2,
            "changed": ["address", "area", "house", "members", "members.phone"],
        }
    ]
    for table in ("person", "membership", "household_term"):
        rows = await archive.admin.fetch(
            f"SELECT DISTINCT area_code FROM {table} WHERE household_id = $1", household(1)
        )
        assert [row["area_code"] for row in rows] == [OTHER_GRID], table


async def test_the_same_values_change_nothing(archive: Archive) -> None:
    given = revision(address="示例镇示例村示例路1号", members=[{"id": person(1), "name": "示例甲一", "relation": "02"}])
    status, sheet = await archive.as_("cadre").command("reviseHousehold", given, SHEET)
    assert (status, sheet["version"]) == (200, 1)
    assert await archive.events("archive.household.revised.v1") == []


async def test_two_members_exchange_the_head(archive: Archive) -> None:
    swap = [
        {"id": person(2), "name": "示例甲二", "relation": "02"},
        {"id": person(1), "name": "示例甲一", "relation": "11"},
    ]
    status, sheet = await archive.as_("grid-worker").command("reviseHousehold", revision(members=swap), SHEET)
    assert status == 200, sheet
    assert {member["key"]: member["isHead"] for member in sheet["members"]}[person(2)]
    rows = await archive.admin.fetch(
        "SELECT person_id::text, relation FROM membership WHERE household_id = $1 AND until IS NULL", household(1)
    )
    assert (person(2), "02") in [tuple(row) for row in rows]
    assert len(rows) == 5


async def test_an_override_stands_with_its_reason(archive: Archive) -> None:
    wrong = DAUGHTER | {"idNumber": "339999201809081122", "sex": "FEMALE", "idNumberOverride": "证件如此，待更正"}
    status, sheet = await archive.as_("clerk").command("reviseHousehold", revision(members=[wrong]), SHEET)
    assert status == 200, sheet
    reason = await archive.admin.fetchval(
        "SELECT id_number_override FROM person WHERE id_number_masked = '339999********1122'"
    )
    assert reason == "证件如此，待更正"


@pytest.mark.parametrize(
    ("fields", "code", "field", "rule"),
    [
        ({"version": 7}, "STALE_VERSION", None, None),
        ({"gridCode": "3399991002009999"}, "UNKNOWN_AREA", "gridCode", "known.area"),
        ({"gridCode": "339999100200"}, "INVALID_INPUT", "gridCode", "area.kind"),
        ({"address": " "}, "INVALID_INPUT", "address", "required"),
        ({"members": [DAUGHTER | {"idNumber": "339999201809081122"}]}, "INVALID_INPUT", "members[0].idNumber", "gb11643.check_digit"),
        ({"members": [DAUGHTER | {"idNumber": "3399992018"}]}, "INVALID_INPUT", "members[0].idNumber", "gb11643.form"),
        ({"members": [DAUGHTER | {"birthDate": "2018-09-09"}]}, "INVALID_INPUT", "members[0].idNumber", "gb11643.birth_date"),
        ({"members": [DAUGHTER | {"sex": "MALE"}]}, "INVALID_INPUT", "members[0].idNumber", "gb11643.sex"),
        ({"members": [DAUGHTER | {"relation": "41"}]}, "INVALID_INPUT", "members[0].relation", "relation.sex"),
        ({"members": [DAUGHTER | {"relation": "02"}]}, "INVALID_INPUT", "members", "household.one_head"),
        ({"members": [DAUGHTER | {"phone": "1234"}]}, "INVALID_INPUT", "members[0].phone", "phone"),
        ({"members": [DAUGHTER | {"id": person(6)}]}, "NOT_FOUND", "members[0].id", None),
        ({"members": [DAUGHTER | {"sex": "male"}]}, "INVALID_INPUT", "members[0].sex", "form"),
        ({"members": [DAUGHTER | {"income": 1}]}, "INVALID_INPUT", None, None),
        ({"members": [DAUGHTER, DAUGHTER | {"relation": "42"}]}, "CONFLICT", "members[1].idNumber", "id_number.unique"),
        ({"members": [DAUGHTER | {"idNumber": "339999194801301123", "relation": "97"}]}, "CONFLICT", "members[0].idNumber", "id_number.unique"),
        ({"id": household(4711)}, "NOT_FOUND", None, None),
        ({"id": "1"}, "INVALID_INPUT", "id", "form"),
        ({"clientKey": "1"}, "INVALID_INPUT", "clientKey", "form"),
    ],
)  # fmt: skip
async def test_bad_input_has_a_code_and_writes_nothing(
    archive: Archive, fields: dict[str, Any], code: str, field: str | None, rule: str | None
) -> None:
    before = await archive.everything()
    _, problem = await archive.as_("cadre").command("reviseHousehold", revision() | fields, SHEET)
    assert problem["code"] == code, problem
    if field is not None:
        assert problem["field"] == field
    if rule is not None:
        assert problem["rule"] == rule
    if code == "STALE_VERSION":
        assert problem["current"] == 1
    assert await archive.everything() == before
    assert "3399992018" not in str(problem)


@pytest.mark.parametrize(
    ("account", "number", "code"),
    [
        ("resident", 1, "FORBIDDEN"),
        ("auditor", 1, "FORBIDDEN"),
        ("officer", 1, "FORBIDDEN"),
        ("grid-worker", 5, "NOT_FOUND"),
    ],
)
async def test_who_may_not_revise(archive: Archive, account: str, number: int, code: str) -> None:
    before = await archive.everything()
    given = revision(number=number, address="示例路99号")
    _, problem = await archive.as_(account).command("reviseHousehold", given, SHEET)
    assert problem["code"] == code
    assert await archive.everything() == before


async def test_staff_who_live_elsewhere_read_their_own_sheet_but_do_not_revise_it(archive: Archive) -> None:
    client = archive.with_(roles=["resident", "grid_worker"], areas=[OTHER_GRID], household=household(1))
    assert (await client.read("household", {"id": household(1)}, [["version", "version"]])) == (200, {"version": 1})
    _, problem = await client.command("reviseHousehold", revision(address="示例路99号"), SHEET)
    assert problem["code"] == "NOT_FOUND"
    _, problem = await client.command("reviseHousehold", revision(number=5, gridCode=GRID), SHEET)
    assert (problem["code"], problem["field"]) == ("NOT_FOUND", "gridCode")


async def test_of_two_revisions_at_once_one_counts(archive: Archive) -> None:
    client = archive.as_("cadre")
    outcomes = await asyncio.gather(
        *(client.command("reviseHousehold", revision(address=f"示例路{n}号"), SHEET) for n in range(90, 96))
    )
    assert sorted(status for status, _ in outcomes) == [200] + [409] * 5
    assert await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(1)) == 2
    assert len(await archive.events("archive.household.revised.v1")) == 1


async def test_a_repeated_client_key_has_one_effect(archive: Archive) -> None:
    given = revision(address="示例路99号")
    client = archive.as_("cadre")
    first, again = [await client.command("reviseHousehold", given, SHEET) for _ in range(2)]
    assert first == again
    assert len(await archive.events("archive.household.revised.v1")) == 1
    status, problem = await client.command("reviseHousehold", given | {"address": "示例路98号"}, SHEET)
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")


async def test_what_a_household_is_found_by_follows_its_sheet(archive: Archive) -> None:
    client = archive.as_("cadre")

    async def found(search: str) -> list[str]:
        select = [["edges", "edges", None, [["node", "node", None, [["number", "number"]]]]]]
        _, page = await client.read("households", {"area": "339999", "search": search}, select)
        return [edge["node"]["number"] for edge in page["edges"]]

    assert await found("示例路1号") == ["0001"]
    change = revision(address="新示例街7号", members=[{"id": person(3), "name": "新名", "relation": "21"}])
    assert (await client.command("reviseHousehold", change, SHEET))[0] == 200
    assert await found("示例路1号") == await found("示例甲三") == []
    assert await found("新示例街7号") == await found("新名") == await found("新 示例甲一") == ["0001"]
    assert (await client.command("reviseHousehold", revision(2, gridCode=OTHER_GRID), SHEET))[0] == 200
    assert await found("新名") == ["0001"]
