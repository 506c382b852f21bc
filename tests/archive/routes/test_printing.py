"""Sheets in print: what stands on the page, what never does, who may print, and how long ones break."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.archive.domain.history import Change
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.plot import Plot
from services.archive.routes.press import words
from services.archive.store import sheet as store
from services.chassis import press as printing
from services.chassis.db import transaction
from services.chassis.errors import Unavailable
from services.chassis.press import Press
from services.chassis.principal import itself
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key, person

CLEAR = re.compile(r"339999\d{11}[\dX]|1[3-9]\d{9}")
"""An ID number or a mobile phone of the example, in clear; plots have 19 digits."""


async def document(archive: Archive, account: str, path: str) -> tuple[int, Any, bytes]:
    client = archive.as_(account)
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(f"{client.base_url}/files/{path}", headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


def texts(pdf: bytes) -> list[str]:
    """Each page's text, without blanks: where a form breaks its lines is no matter."""
    return ["".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(pdf)).pages]


def plot(number: int) -> Plot:
    return Plot(
        id=UUID(person(9000 + number)),
        code=f"33999910020001{number:05d}",
        name=f"示例畈{number}",
        category="10",
        contract_mu=Decimal("1.25"),
        measured_mu=Decimal("1.31"),
        east="示例乙一承包田",
        south="示例路",
        west="机耕路",
        north="示例溪",
    )


async def fill(archive: Archive, *, members: int = 0, plots: int = 2) -> None:
    """Gives the first example household something under each heading."""
    son = UUID(person(3))
    items: list[tuple[str, dict[str, Any], UUID | None]] = [
        ("INCOME", {"year": 2024, "source": "WAGES", "amount": 62000.0}, son),
        ("BENEFIT", {"benefit": "PENSION", "certificate": "SL-778899", "note": "示例说明"}, UUID(person(1))),
        ("SKILL", {"skill": "示例木工"}, son),
        ("NEED", {"need": "示例修房"}, None),
        ("MIGRATION", {"place": "示例省示例市", "work": "木工", "emergencyContact": "13912345678"}, son),
    ]
    async with transaction(archive.pool, itself("archive")) as connection:
        sheet = await store.lock(connection, archive.vault, UUID(household(1)))
        assert sheet is not None
        fuller = replace(
            sheet,
            version=sheet.version + 1,
            members=(
                *sheet.members,
                *(Member(id=UUID(person(8000 + n)), name=f"示例亲戚{n}", relation="97") for n in range(members)),
            ),
            items=tuple(
                Item(UUID(person(7000 + n)), kind, data, of, date(2024, 1, 1))
                for n, (kind, data, of) in enumerate(items)
            ),
            plots=tuple(map(plot, range(plots))),
        )
        change = Change("example", datetime.now(UTC), date(2024, 3, 1))
        assert await store.save(connection, archive.vault, sheet, fuller, change)
    note = {"clientKey": key(), "householdId": household(1), "text": "示例走访所见", "visitedOn": "2024-05-01"}
    assert (await archive.as_("grid-worker").command("addVisitNote", note, [["key", "key"]]))[0] == 200


async def test_a_household_in_print(archive: Archive) -> None:
    await fill(archive)
    status, headers, pdf = await document(archive, "cadre", f"households/{household(1)}/sheet.pdf")
    assert status == 200, pdf
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert headers["Content-Disposition"] == f"inline; filename*=UTF-8''{VILLAGE}-0001.pdf"
    text = "".join(texts(pdf))
    for shown in (
        *("户情单", f"编号：{VILLAGE}-0001", "示例甲一", "339999********1033", "138****0001", "1962-03-12", "砖混二层"),
        *(
            "儿媳",
            "示例网格员138****0901",
            "务工工资",
            "2024",
            "养老金",
            "示例说明",
            "示例木工",
            "示例修房",
            "示例省示例市",
        ),
        *("3399991002000100000", "承包地块", "1.25", "示例乙一承包田", "机耕路", "合同面积2.50亩，实测面积2.62亩"),
        *("示例走访所见", "打印：示例村干部甲（村干部）", "第1页", "户主：", "网格员："),
    ):
        assert shown in text, shown
    status, _, html = await document(archive, "cadre", f"households/{household(1)}/sheet.html")
    assert status == 200
    for content in (text.replace("3399991002000100", ""), html.decode().replace("3399991002000100", "")):
        assert CLEAR.search(content) is None
        for hidden in ("62000", "62,000", "SL-778899", "13912345678"):
            assert hidden not in content
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert {font.get_object()["/BaseFont"][7] for font in fonts} == {"+"}, "fonts are cut down to what is used"


async def test_a_sheet_is_printed_as_of_a_day_and_a_time_of_knowing(archive: Archive) -> None:
    await fill(archive)
    before = archive.as_("cadre")
    given = {"clientKey": key(), "id": household(1), "version": 2, "address": "示例路99号"}
    assert (await before.command("reviseHousehold", given, [["key", "key"]]))[0] == 200
    path = f"households/{household(1)}/sheet.html"
    pages = {
        query: (await document(archive, "cadre", path + query))[2].decode()
        for query in ("", "?asOf=2024-02-01", "?asOf=2024-02-01&knownAt=2999-01-01T00:00:00Z")
    }
    assert "示例路99号" in pages[""]
    assert "示例畈1" in pages[""]
    for query in ("?asOf=2024-02-01", "?asOf=2024-02-01&knownAt=2999-01-01T00:00:00Z"):
        assert "截至：2024-02-01" in pages[query]
        assert "示例路1号" in pages[query]
        assert "示例畈1" not in pages[query]
    assert "按 2999-01-01 08:00 的记录" in pages["?asOf=2024-02-01&knownAt=2999-01-01T00:00:00Z"]
    for query in ("?asOf=2024-13-01", "?knownAt=yesterday", "?knownAt=2024-01-01T00:00:00", "?purpose=x"):
        assert (await document(archive, "cadre", path + query))[0] == 422, query
    assert (await document(archive, "cadre", path + "?asOf=1990-01-01"))[0] == 404


async def test_a_long_sheet_breaks_between_rows_and_repeats_its_heads(archive: Archive) -> None:
    await fill(archive, members=45, plots=40)
    _, _, pdf = await document(archive, "clerk", f"households/{household(1)}/sheet.pdf")
    pages = texts(pdf)
    assert 3 <= len(pages) <= 6
    for number, text in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in text
        assert "打印：示例镇干部（乡镇工作人员）" in text
        assert f"编号：{VILLAGE}-0001" in text
    with_members = [text for text in pages if "示例亲戚" in text]
    with_plots = [text for text in pages if "示例畈" in text]
    assert len(with_members) > 1
    assert len(with_plots) > 1
    assert all("身份证号" in text for text in with_members)
    assert all("东至" in text for text in with_plots)
    whole = "".join(pages)
    assert [whole.count(f"示例亲戚{n}其他") for n in range(45)] == [1] * 45
    for number in range(40):  # a row stands whole on one page
        assert sum(f"示例畈{number}{plot(number).code}" in text for text in pages) == 1


FIGURE = {"code": VILLAGE, "year": 2024, "figure": "POPULATION", "value": 40}
SHEET = [["code", "code"], ["version", "version"]]


async def test_a_village_in_print(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    facts = {
        "roads": "村道硬化4公里",
        "cultivatedMu": 812.5,
        "market": {"rule": "LUNAR", "days": [3, 8]},
        "villageRules": "一、示例",
    }
    deeds: list[tuple[str, dict[str, Any]]] = [
        ("reviseVillage", {"code": VILLAGE, "version": 0, "facts": facts}),
        ("recordFigure", FIGURE | {"source": "示例年报"}),
        ("startTerm", {"code": VILLAGE, "name": "示例书记", "office": "PARTY_SECRETARY", "since": "2020-01-01"}),
        (
            "startTerm",
            {"code": VILLAGE, "name": "示例前任", "office": "DIRECTOR", "since": "2019-01-01", "until": "2020-01-01"},
        ),
        (
            "recordAssetEntry",
            {
                "code": VILLAGE,
                "kind": "ASSET_IN",
                "title": "示例厂房",
                "amount": 500000,
                "bookedOn": "2023-05-01",
                "document": "示例凭证",
            },
        ),
        (
            "recordAgreement",
            {
                "code": VILLAGE,
                "title": "示例协议",
                "parties": ["甲方示例", "乙方示例"],
                "agreedOn": "2022-03-04",
                "text": "示例",
            },
        ),
    ]
    for name, given in deeds:
        status, answer = await cadre.command(name, {"clientKey": key(), **given}, SHEET)
        assert status == 200, answer
    status, headers, pdf = await document(archive, "cadre", f"villages/{VILLAGE}/sheet.pdf")
    assert status == 200, pdf
    assert headers["Content-Disposition"] == f"inline; filename*=UTF-8''{VILLAGE}.pdf"
    text = "".join(texts(pdf))
    for shown in (
        *(
            "村情单",
            f"编号：{VILLAGE}",
            "示例村(example)",
            "村道硬化4公里",
            "812.50亩",
            "农历逢三、八",
            "村党组织书记示例书记2020-01-01",
        ),
        *(
            "2024人口数40人示例年报未确认",
            "与户情单核对",
            "示例厂房500,000示例凭证",
            "2022-03-04示例协议甲方示例、乙方示例",
            "一、示例",
        ),
    ):
        assert shown in text, shown
    assert "示例前任" not in text
    persons = await archive.admin.fetchval("SELECT count(*) FROM person WHERE household_id IS NOT NULL")
    assert f"人口数202440{persons}{40 - persons}人" in text
    # A resident's page has neither what is unconfirmed nor the sums over the others' sheets.
    status, _, html = await document(archive, "resident", f"villages/{VILLAGE}/sheet.html")
    assert (status, "示例厂房" in html.decode(), "与户情单核对" in html.decode()) == (200, True, False)
    assert "示例年报" not in html.decode()
    assert (await cadre.read("villageSheet", {"code": VILLAGE}, [["sheetUrl", "sheetUrl"]]))[1] == {
        "sheetUrl": f"/files/archive/villages/{VILLAGE}/sheet.pdf"
    }


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        ("resident", f"households/{household(1)}/sheet.html", 200),
        ("resident", f"households/{household(2)}/sheet.html", 403),
        ("officer", f"households/{household(1)}/sheet.html", 404),
        ("grid-worker", f"households/{household(5)}/sheet.pdf", 404),
        ("auditor", f"households/{household(5)}/sheet.html", 200),
        ("cadre", f"households/{household(1)}/sheet.docx", 404),
        ("cadre", "households/1/sheet.html", 422),
        ("grid-worker", f"villages/{VILLAGE}/sheet.html", 200),
        ("officer", f"villages/{VILLAGE}/sheet.html", 403),
        ("cadre", "villages/330881001001/sheet.html", 404),
        ("cadre", f"villages/{GRID}/sheet.html", 404),
        ("cadre", "villages/77/sheet.html", 422),
    ],
)
async def test_who_may_print(archive: Archive, account: str, path: str, status: int) -> None:
    assert (await document(archive, account, path))[0] == status
    prints = await archive.admin.fetch("SELECT by, roles, household_id, area_code FROM audit WHERE deed = 'PRINT'")
    assert len(prints) == (1 if status == 200 else 0)
    if status == 200:
        assert str(prints[0]["household_id"] or prints[0]["area_code"]) in path


async def test_without_a_token_nothing_is_printed(archive: Archive) -> None:
    client = archive.as_("cadre")
    async with client.session.get(f"{client.base_url}/files/households/{household(1)}/sheet.pdf") as answer:
        assert answer.status == 401


async def test_names_are_text_whatever_they_hold(archive: Archive) -> None:
    given = {"clientKey": key(), "id": household(1), "version": 1, "address": "<img src='file:///etc/passwd'>&\"一号"}
    assert (await archive.as_("cadre").command("reviseHousehold", given, [["key", "key"]]))[0] == 200
    _, _, html = await document(archive, "cadre", f"households/{household(1)}/sheet.html")
    assert "<img" not in html.decode()
    status, _, pdf = await document(archive, "cadre", f"households/{household(1)}/sheet.pdf")
    assert status == 200
    assert "<imgsrc='file:///etc/passwd'>&\"一号" in "".join(texts(pdf))


async def test_the_same_page_gives_the_same_bytes() -> None:
    press = Press()
    html = "<html lang=zh-CN><title>示例</title><p>示例"
    assert await press.pdf(html) == await press.pdf(html)


async def test_what_a_page_names_is_not_fetched(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    picture.write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text y='9'>KEPT</text></svg>")
    (text,) = texts(await Press().pdf(f"<p>示例<img src='{picture.as_uri()}'>"))
    assert text == "示例"


async def test_who_comes_when_many_wait_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST_WAITING", 0)
    with pytest.raises(Unavailable):
        await Press().pdf("<p>示例")


async def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "SECONDS", 0.01)
    press = Press()
    with pytest.raises(Unavailable):
        await press.pdf("<p>示例")
    monkeypatch.undo()
    assert (await press.pdf("<p>示例")).startswith(b"%PDF")


def test_amounts_and_gaps_in_words() -> None:
    assert [words(value) for value in (None, 0, 500000, 1.5, -1200.25, "x")] == [
        "",
        "0",
        "500,000",
        "1.50",
        "-1,200.25",
        "x",
    ]
