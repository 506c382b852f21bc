"""Files of rows: encodings, workbooks, templates."""

import io
from datetime import date, datetime
from typing import Any

import pytest
import python_calamine
import xlsxwriter

from services.archive.commands.tables import as_csv, neutral, rows, template, text_of
from services.archive.domain.imports import SHEETS, Refused

MEMBERS = SHEETS["MEMBERS"]
TEXT = "网格代码,户号,姓名,与户主关系\n3399991002000001,1, 示例甲 ,户主\n"


def book(*lines: list[Any], at: tuple[int, int] = (0, 0)) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = made.add_worksheet()
    for number, line in enumerate(lines):
        sheet.write_row(at[0] + number, at[1], line)
    made.close()
    return out.getvalue()


def read(data: bytes) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.cells)) for row in rows(MEMBERS, as_csv(data))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_any_usual_encoding(encoding: str) -> None:
    expected = {"gridCode": "3399991002000001", "number": "1", "name": "示例甲", "relation": "户主"}
    assert read(TEXT.encode(encoding)) == [(2, expected)]


def test_a_workbook_is_read_as_it_looks() -> None:
    head = ["网格代码", "户号", "姓名", "与户主关系", "出生日期", "公民身份号码"]
    line = ["3399991002000001", 12, "示例甲", "02", date(1962, 3, 12), 339999196203121033]
    assert read(book(head, line, at=(2, 0))) == [
        (
            4,
            {
                "gridCode": "3399991002000001",
                "number": "12",
                "name": "示例甲",
                "relation": "02",
                "birthDate": "1962-03-12",
                "idNumber": "3.40E+17",
            },
        )
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1"),
        (1.25, "1.25"),
        (13800001234, "13800001234"),
        (datetime.fromisoformat("2026-03-01T08:30"), "2026-03-01 08:30:00"),
        (True, "TRUE"),
        (None, ""),
    ],
)
def test_cells_as_text(cell: Any, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xff\xfe\x00\x80", "file.encoding"),
        (b"", "file.empty"),
        (b"\n,,\n", "file.empty"),
        (b"PK\x03\x04 not a workbook", "file.form"),
        (book(), "file.empty"),
        (b'a,"b', "file.form"),
        (b"," * 200, "file.columns"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert refused.value.rule == rule


def test_a_workbook_that_unpacks_to_more_than_memory_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read(_sparse())
    assert refused.value.rule in ("file.size", "file.form")


def _sparse() -> bytes:
    """Two cells, a million rows and sixteen thousand columns apart."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet()
    sheet.write(0, 0, "x")
    sheet.write(1_048_575, 16_383, "x")
    made.close()
    return out.getvalue()


@pytest.mark.parametrize("kind", SHEETS)
def test_a_template_holds_nothing_to_take_in_and_every_choice(kind: str) -> None:
    data = template(SHEETS[kind])
    assert list(rows(SHEETS[kind], as_csv(data))) == []
    sheets = python_calamine.load_workbook(io.BytesIO(data))
    head, hints, example = sheets.get_sheet_by_index(0).to_python()
    assert [str(title).rstrip("*") for title in head] == [column.title for column in SHEETS[kind].columns]
    assert str(hints[0]).startswith("说明")
    assert str(example[0]).startswith("示例")
    offered = {cell for line in sheets.get_sheet_by_name("代码").to_python() for cell in line if cell}
    for column in SHEETS[kind].columns:
        assert {f"{code} {name}" for code, name in (column.codes or {}).items()} <= offered


def test_cells_that_look_like_formulas_are_none_in_csv() -> None:
    assert [neutral(cell) for cell in ("=1+1", "+86", "-1", "@x", "示例")] == ["'=1+1", "'+86", "'-1", "'@x", "示例"]
