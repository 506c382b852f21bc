"""Special registers: whom they list, what they show, to whom, and how they are taken away."""

import asyncio
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from python_calamine import CalamineWorkbook

from services.archive.domain.item import checked_data
from services.archive.domain.purpose import PURPOSES
from services.archive.domain.register import REGISTERS, TALENT_POINTS
from services.archive.routes import register as routes
from services.archive.routes.workbook import Layout
from services.archive.views.register import FIELDS
from services.chassis.errors import InvalidInput
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive
from tests.archive.sheets import TODAY, add, household, item, person

CELLS = ["cells", "cells", None, [["name", "name"], ["value", "value"]]]
MEMBER = ["member", "member", None, [["name", "name"], ["phone", "phone"]]]
NODE = [
    CELLS,
    MEMBER,
    ["household", "household", None, [["number", "number"]]],
    ["grid", "grid", None, [["code", "code"]]],
]
PAGE = [
    ["edges", "edges", None, [["cursor", "cursor"], ["node", "node", None, NODE]]],
    ["pageInfo", "pageInfo", None, [["hasNextPage", "hasNextPage"], ["endCursor", "endCursor"]]],
]
PHONE = "+8615400000001"
"""Begins with 1540, which belongs to no operator."""


async def lines(
    archive: Archive, code: str, account: str = "cadre", area: str = VILLAGE, **args: Any
) -> list[dict[str, Any]]:
    """Each line's cells by name, with the household's number."""
    status, page = await archive.as_(account).read("register", {"code": code, "area": area, **args}, PAGE)
    assert status == 200, page
    return [
        {cell["name"]: cell["value"] for cell in edge["node"]["cells"]}
        | {
            "number": edge["node"]["household"]["number"],
            "grid": edge["node"]["grid"]["code"],
            "member": edge["node"]["member"],
        }
        for edge in page["edges"]
    ]


async def problem(archive: Archive, account: str, **args: Any) -> str:
    _, told = await archive.as_(account).read("register", args, PAGE)
    return str(told["code"])


async def scene(archive: Archive) -> None:
    """示例: a family whose middle generation is away, an old woman alone, a benefit of a household, a talent, a skilled woman."""
    elder, son, wife, child = (
        person("示例老一", age=67, phone=PHONE),
        person("示例老二", "22", age=40),
        person("示例老三", "38", age=38),
        person("示例老四", "41", age=9),
    )
    away = [
        item("MIGRATION", son, TODAY - timedelta(days=90), place="示例市", employer="示例厂", work="电工"),
        item("MIGRATION", wife, None, place="示例市 15400000001"),
    ]
    await add(archive, household("0101", (elder, son, wife, child), away))
    alone = person("示例独一", age=83)
    await add(
        archive, household("0102", (alone,), [item("BENEFIT", None, benefit="MINIMUM_LIVING", certificate="示例证1")])
    )
    head, guest = person("示例才一", age=50), person("示例才二", "12", age=48)
    points = {"employer": "示例公司", "contact": "15400000001"}
    talent = item("TALENT", head, points=points)
    ended = item("MIGRATION", guest, TODAY - timedelta(days=90), TODAY - timedelta(days=1), place="示例省")
    ahead = item("BENEFIT", guest, TODAY + timedelta(days=1), benefit="DISABILITY")
    pension = item("BENEFIT", guest, benefit="PENSION")
    skill = item("SKILL", guest, skill="缝纫", level="示例三级")
    await add(archive, household("0103", (head, guest), [talent, ended, ahead, pension, skill], grid=OTHER_GRID))


async def test_each_register_lists_its_own(archive: Archive) -> None:
    await scene(archive)
    migrants = await lines(archive, "MIGRANT_WORKERS")
    assert [(line["member_name"], line["item_place"]) for line in migrants] == [
        ("示例老二", "示例市"),
        ("示例老三", "示例市 154****0001"),
    ]
    assert (migrants[0]["item_employer"], migrants[0]["item_work"], migrants[0]["member_age"]) == (
        "示例厂",
        "电工",
        "40",
    )
    assert (migrants[0]["household_head"], migrants[0]["area_grid"]) == ("示例老一", "示例村(example)第一网格")
    (benefit,) = await lines(archive, "BENEFITS")
    assert (benefit["item_benefitName"], benefit["member_name"], benefit["member"]) == (
        "最低生活保障",
        "示例独一",
        None,
    )
    (talent,) = await lines(archive, "TALENTS_AWAY")
    assert {name for name in talent if name.startswith("point_")} == {f"point_{code}" for code in TALENT_POINTS}
    assert (talent["point_employer"], talent["point_contact"], talent["point_family"]) == (
        "示例公司",
        "154****0001",
        None,
    )
    (skill,) = await lines(archive, "SKILLS")
    assert (skill["item_skill"], skill["item_level"], skill["grid"]) == ("缝纫", "示例三级", OTHER_GRID)
    (alone,) = [line for line in await lines(archive, "LIVING_ALONE") if line["number"] == "0102"]
    assert (alone["member_name"], alone["member_ageBand"], alone["household_size"]) == ("示例独一", "80岁以上", "1")
    elders = {line["member_name"]: line for line in await lines(archive, "ELDERLY") if line["number"].startswith("01")}
    assert set(elders) == {"示例老一", "示例独一"}
    assert (elders["示例老一"]["member_ageBand"], elders["示例老一"]["member_phone"]) == ("65岁以上", "154****0001")
    assert (elders["示例老一"]["household_livingAlone"], elders["示例独一"]["household_livingAlone"]) == (None, "是")
    (minor,) = await lines(archive, "MINORS_LEFT_BEHIND")
    assert (minor["member_name"], minor["household_headPhone"]) == ("示例老四", "154****0001")
    assert minor["household_away"] == "示例老二：示例市，示例老三：示例市 154****0001"


async def test_who_has_left_is_on_no_register(archive: Archive) -> None:
    await scene(archive)
    await archive.admin.execute("UPDATE person SET household_id = NULL, relation = NULL WHERE name = '示例老二'")
    assert [line["member_name"] for line in await lines(archive, "MIGRANT_WORKERS")] == ["示例老三"]
    await archive.admin.execute("UPDATE household SET closed_on = current_date WHERE number IN ('0101', '0102')")
    for code in ("MIGRANT_WORKERS", "BENEFITS", "MINORS_LEFT_BEHIND"):
        assert await lines(archive, code) == []
    assert "0102" not in {line["number"] for line in await lines(archive, "LIVING_ALONE")}


async def test_pages_and_search(archive: Archive) -> None:
    await scene(archive)
    client, seen, after = archive.as_("cadre"), [], None
    for _ in range(20):
        args = {"code": "ELDERLY", "area": VILLAGE, "first": 2, "after": after}
        _, page = await client.read("register", args, PAGE)
        seen += [edge["node"]["member"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    whole = [line["member_name"] for line in await lines(archive, "ELDERLY")]
    assert seen == whole
    assert len(whole) == len(set(whole)) > 4
    assert [line["member_name"] for line in await lines(archive, "ELDERLY", search="示例独")] == ["示例独一"]
    assert await lines(archive, "MIGRANT_WORKERS", search="示例独") == []
    assert [line["number"] for line in await lines(archive, "BENEFITS", area=GRID)] == ["0102"]
    assert await lines(archive, "BENEFITS", area=OTHER_GRID) == []


async def test_who_lists_what(archive: Archive) -> None:
    await scene(archive)
    assert len(await lines(archive, "TALENTS_AWAY", "admin", "33")) == 1
    assert await lines(archive, "TALENTS_AWAY", "grid-worker", "33") == []
    assert [line["number"] for line in await lines(archive, "MINORS_LEFT_BEHIND", "grid-worker", "33")] == ["0101"]
    for account in ("resident", "officer"):
        assert await problem(archive, account, code="BENEFITS", area=VILLAGE) == "FORBIDDEN"
    assert await problem(archive, "auditor", code="TALENTS_AWAY", area=VILLAGE) == "FORBIDDEN"
    assert len(await lines(archive, "BENEFITS", "auditor")) == 1
    assert await problem(archive, "grid-worker", code="BENEFITS", area=OTHER_GRID) == "FORBIDDEN"
    assert await problem(archive, "cadre", code="KEY_PERSONS", area=VILLAGE) == "UNKNOWN_REGISTER"
    assert await problem(archive, "cadre", code="BENEFITS", area="77") == "UNKNOWN_AREA"
    assert await problem(archive, "cadre", code="BENEFITS") == "INVALID_INPUT"
    assert await problem(archive, "cadre", code="BENEFITS", area=VILLAGE, terms=["示例"]) == "INVALID_INPUT"
    assert await problem(archive, "cadre", code="BENEFITS", area=VILLAGE, search=" ") == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("account", "codes"),
    [("cadre", set(REGISTERS)), ("auditor", {"BENEFITS"}), ("resident", set()), ("officer", set())],
)
async def test_which_registers_there_are(archive: Archive, account: str, codes: set[str]) -> None:
    select = [["code", "code"], ["columns", "columns", None, [["name", "name"], ["title", "title"]]]]
    status, told = await archive.as_(account).read("registers", {}, select)
    assert (status, {register["code"] for register in told}) == (200, codes)
    for register in told:
        assert [column["name"] for column in register["columns"]] == [
            column.name for column in REGISTERS[register["code"]].columns
        ]


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_a_register_is_sound_data(register: Any) -> None:
    names = [column.name for column in register.columns]
    assert len(names) == len(set(names))
    assert all(column.field in FIELDS or column.field.startswith("point.") for column in register.columns)
    assert set(register.purposes) <= set(PURPOSES)
    assert register.exporters <= register.roles
    assert (register.population == "ITEM") == (register.kind is not None)


# Taking one away


async def fetch(archive: Archive, code: str, account: str = "cadre", **query: str) -> tuple[int, bytes, Any]:
    elsewhere = archive.issuer.token(roles=["village_cadre"], areas=["330881001001"])
    token = elsewhere if account == "elsewhere" else archive.issuer.account(account)
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{archive.base_url}/files/registers/{code}.xlsx",
            params=query,
            headers={"Authorization": f"Bearer {token}"},
        ) as answer,
    ):
        return answer.status, await answer.read(), answer.headers


def table(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


async def test_a_workbook_shows_what_the_screen_shows(archive: Archive) -> None:
    await scene(archive)
    status, content, headers = await fetch(archive, "MINORS_LEFT_BEHIND", area=VILLAGE, purpose="SERVICE")
    assert status == 200, content
    assert headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert "attachment" in headers["Content-Disposition"]
    assert headers["Cache-Control"] == "no-store"
    title, stamp, header, *rows = table(content)
    register = REGISTERS["MINORS_LEFT_BEHIND"]
    assert title[0] == "示例村(example)留守未成年人名册"
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d  用途：办理事项", stamp[0])
    assert header == [column.title for column in register.columns]
    (line,) = await lines(archive, "MINORS_LEFT_BEHIND")
    wanted = [line[column.name] or "" for column in register.columns]
    wanted[[column.name for column in register.columns].index("area_grid")] = "示例村(example)第一网格"
    assert rows == [wanted]


async def test_every_printed_page_says_whose_it_is(archive: Archive) -> None:
    for number in range(40):
        await add(archive, household(f"02{number:02}", [person(f"示例页{number}", age=70)]))
    _, content, _ = await fetch(archive, "ELDERLY", area=VILLAGE, purpose="SERVICE")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
    account = "example-cadre"
    assert account in sheet[sheet.index("<headerFooter") :]
    marks = re.findall(rf"{account}[^<]*用途：办理事项", drawing)
    lines_there = sheet.count("<row ")
    starts = sorted(int(row) for row in re.findall(r"<xdr:from>.*?<xdr:row>(\d+)</xdr:row>", drawing))
    page = Layout(REGISTERS["ELDERLY"].columns).page_rows
    assert len(marks) == len(starts) >= 2
    assert all(later - earlier <= page for earlier, later in zip([0, *starts], [*starts, lines_there], strict=True))
    assert "<f>" not in sheet


@pytest.mark.parametrize(
    "words", ["=1+1", "+1", "-1", "@示例", '=HYPERLINK("http://示例","x")', "{=1}", "http://example.org", "007"]
)
async def test_nothing_in_a_cell_is_a_formula(archive: Archive, words: str) -> None:
    who = person("示例式一", age=40)
    await add(archive, household("0301", [who], [item("SKILL", who, skill=words)]))
    _, content, _ = await fetch(archive, "SKILLS", area=VILLAGE, purpose="SERVICE")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f" not in sheet.replace("<formula", "")
    assert "hyperlink" not in sheet
    skill = [column.name for column in REGISTERS["SKILLS"].columns].index("item_skill")
    assert table(content)[3][skill] == words


async def test_taking_one_away_is_recorded(archive: Archive) -> None:
    await scene(archive)
    await fetch(archive, "MIGRANT_WORKERS", area="33", purpose="STATISTICS")
    rows = await archive.admin.fetch(
        "SELECT by, roles, purpose, area_code, fields, count FROM audit WHERE deed = 'EXPORT'"
    )
    columns = [column.name for column in REGISTERS["MIGRANT_WORKERS"].columns]
    assert [dict(row) for row in rows] == [
        {
            "by": "example-cadre",
            "roles": ["village_cadre"],
            "purpose": "STATISTICS",
            "area_code": VILLAGE,
            "fields": ["MIGRANT_WORKERS", *columns],
            "count": 2,
        }
    ]


@pytest.mark.parametrize(
    ("account", "code", "query", "wanted"),
    [
        ("grid-worker", "BENEFITS", {"area": GRID, "purpose": "SERVICE"}, "FORBIDDEN"),
        ("auditor", "BENEFITS", {"area": VILLAGE, "purpose": "SERVICE"}, "FORBIDDEN"),
        ("resident", "BENEFITS", {"area": VILLAGE, "purpose": "SERVICE"}, "FORBIDDEN"),
        ("elsewhere", "BENEFITS", {"area": VILLAGE, "purpose": "SERVICE"}, "FORBIDDEN"),
        ("cadre", "BENEFITS", {"area": VILLAGE}, "INVALID_INPUT"),
        ("cadre", "BENEFITS", {"area": VILLAGE, "purpose": "MEDIATION"}, "INVALID_INPUT"),
        ("cadre", "BENEFITS", {"purpose": "SERVICE"}, "UNKNOWN_AREA"),
        ("cadre", "NOTHING", {"area": VILLAGE, "purpose": "SERVICE"}, "UNKNOWN_REGISTER"),
    ],
)
async def test_who_may_not_take_it_away(
    archive: Archive, account: str, code: str, query: dict[str, str], wanted: str
) -> None:
    _, content, _ = await fetch(archive, code, account, **query)
    assert f'"code":"{wanted}"'.encode() in content
    assert await archive.admin.fetchval("SELECT count(*) FROM audit WHERE deed = 'EXPORT'") == 0


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("register-*")]


async def test_the_limit_of_lines_and_no_file_left(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(routes, "MOST_ROWS", 3)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _, content, _ = await fetch(archive, "ELDERLY", area=VILLAGE, purpose="SERVICE")
    assert b'"rule":"rows.limit"' in content
    assert left_in(tmp_path) == []
    monkeypatch.setattr(routes, "MOST_ROWS", 30)
    status, _, _ = await fetch(archive, "ELDERLY", area=VILLAGE, purpose="SERVICE")
    assert status == 200
    async with asyncio.timeout(5):
        while left_in(tmp_path):
            await asyncio.sleep(0.01)


def test_a_talent_has_points_of_the_ten_only() -> None:
    assert len(TALENT_POINTS) == 10
    given = {"points": dict.fromkeys(TALENT_POINTS, "示例")}
    assert checked_data("TALENT", given, "item") == given
    with pytest.raises(InvalidInput) as refused:
        checked_data("TALENT", {"points": {"secret": "示例"}}, "item")
    assert refused.value.extra == {"field": "item.data.points", "rule": "talent.point"}
