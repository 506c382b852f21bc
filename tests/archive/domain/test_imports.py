"""What rows of a file say, and what a household becomes by them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.archive.domain.imports import (
    SHEETS,
    Broken,
    Fault,
    Refused,
    Row,
    applied,
    fields_of,
    for_reader,
    said,
)
from services.archive.domain.relation import HEAD, SEX_OF

DAY = date(2026, 3, 1)
GRID, OTHER_GRID = "3399991002000001", "3399991002000002"
MEMBERS, PLOTS, HOUSEHOLDS = SHEETS["MEMBERS"], SHEETS["PLOTS"], SHEETS["HOUSEHOLDS"]
HEAD_ROW = {
    "gridCode": GRID,
    "number": "1",
    "address": "示例村1号",
    "name": "示例甲",
    "relation": "户主",
    "birthDate": "1962-03-12",
}
PLOT_ROW = {
    "gridCode": GRID,
    "number": "1",
    "code": "3399991002000100001",
    "name": "门前田",
    "category": "承包地块",
    "contractMu": "1.25",
    "east": "路",
    "south": "沟",
    "west": "山",
    "north": "田",
}


def rows(*cells: Mapping[str, str]) -> list[Row]:
    return [Row(number, given) for number, given in enumerate(cells, start=2)]


def faults(*cells: Mapping[str, str], household: Any = None, kind: str = "MEMBERS") -> set[tuple[int, str, str]]:
    """Row, field and rule of what is wrong in the rows of one household."""
    found: list[Fault] = []
    told = []
    for row in rows(*cells):
        try:
            told.append(said(SHEETS[kind], row))
        except Broken as broken:
            found += broken.faults
    if not found:
        with pytest.raises(Broken) as error:
            applied(SHEETS[kind], household, told, DAY, uuid7)
        found += error.value.faults
    return {(fault.row, fault.field, fault.rule) for fault in found}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("birthDate", "1962-03-12", date(1962, 3, 12)),
        ("birthDate", "1962/3/12", date(1962, 3, 12)),
        ("birthDate", "19620312", date(1962, 3, 12)),
        ("birthDate", "1962年3月12日", date(1962, 3, 12)),
        ("birthDate", "1962-03-12 00:00:00", date(1962, 3, 12)),
        ("relation", "02", "02"),
        ("relation", "02 户主", "02"),
        ("relation", "户主", "02"),
        ("sex", "男", "1"),
        ("sex", "女性", "2"),
        ("ethnicity", "1", "01"),
        ("ethnicity", "畲族", "22"),
    ],
)
def test_cells_are_read_as_people_write_them(field: str, text: str, value: Any) -> None:
    assert said(MEMBERS, Row(2, {**HEAD_ROW, field: text})).facts[field] == value


@pytest.mark.parametrize(
    ("field", "text", "rule"),
    [
        ("birthDate", "1962-13-12", "date"),
        ("birthDate", "12.3.62", "date"),
        ("birthDate", "196203", "date"),
        ("relation", "朋友", "relation.known"),
        ("sex", "X", "sex.known"),
        ("gridCode", "339999100200", "grid.form"),
        ("number", "1" * 21, "length"),
        ("name", "", "required"),
    ],
)
def test_a_cell_of_another_form_is_told_by_field_and_rule(field: str, text: str, rule: str) -> None:
    given = {name: cell for name, cell in {**HEAD_ROW, field: text}.items() if cell}
    assert faults(given) == {(2, field, rule)}


@pytest.mark.parametrize(
    ("field", "text", "rule"),
    [("contractMu", "1,25", "mu.form"), ("contractMu", "NaN", "mu.form"), ("contractMu", "-1", "mu.range")],
)
def test_areas_are_numbers(field: str, text: str, rule: str) -> None:
    household = applied(MEMBERS, None, [said(MEMBERS, Row(2, HEAD_ROW))], DAY, uuid7)
    assert faults({**PLOT_ROW, field: text}, household=household, kind="PLOTS") == {(2, field, rule)}


def test_every_bad_row_of_a_household_is_told() -> None:
    son = {"gridCode": GRID, "number": "1", "name": "示例乙", "relation": "20"}
    wrong = faults(HEAD_ROW, {**son, "sex": "女"}, {**son, "idNumber": "339999196203121034"}, {**son, "phone": "12"})
    assert wrong == {
        (3, "relation", "relation.sex"),
        (4, "idNumber", "gb11643.check_digit"),
        (5, "phone", "phone"),
    }


def test_what_only_the_rows_together_break() -> None:
    assert faults(HEAD_ROW, {**HEAD_ROW, "name": "示例乙"}) == {(2, "relation", "household.one_head")}
    assert faults({**HEAD_ROW, "relation": "20"}) == {(2, "relation", "household.one_head")}
    assert faults(HEAD_ROW, {**HEAD_ROW, "gridCode": OTHER_GRID}) == {
        (2, "gridCode", "grid.same_household"),
        (3, "gridCode", "grid.same_household"),
    }
    assert faults(HEAD_ROW, {**HEAD_ROW, "address": "示例村2号"}) == {
        (2, "address", "household.same"),
        (3, "address", "household.same"),
    }
    assert faults({name: cell for name, cell in HEAD_ROW.items() if name != "address"}) == {(2, "address", "required")}


def test_plots_need_a_household_and_are_found_by_their_code() -> None:
    assert faults(PLOT_ROW, kind="PLOTS") == {(2, "number", "household.known")}
    household = applied(MEMBERS, None, [said(MEMBERS, Row(2, HEAD_ROW))], DAY, uuid7)
    told = [said(PLOTS, Row(2, PLOT_ROW))]
    once = applied(PLOTS, household, told, DAY, uuid7)
    assert [(plot.code, plot.contract_mu) for plot in once.plots] == [(PLOT_ROW["code"], Decimal("1.25"))]
    assert applied(PLOTS, once, told, DAY, uuid7) == once
    larger = applied(PLOTS, once, [said(PLOTS, Row(2, {**PLOT_ROW, "contractMu": "1.5"}))], DAY, uuid7)
    assert [plot.id for plot in larger.plots] == [plot.id for plot in once.plots]
    assert larger.version == once.version + 1
    assert faults({**PLOT_ROW, "code": "3399991002010100001"}, household=once, kind="PLOTS") == {
        (2, "code", "plot_code.village")
    }


def test_a_row_of_households_is_its_head() -> None:
    household = applied(HOUSEHOLDS, None, [said(HOUSEHOLDS, Row(2, {**HEAD_ROW, "relation": ""}))], DAY, uuid7)
    assert [(member.name, member.relation) for member in household.members] == [("示例甲", HEAD)]


def test_who_is_there_is_known_by_number_else_by_name_and_birth_date() -> None:
    household = applied(MEMBERS, None, [said(MEMBERS, Row(2, HEAD_ROW))], DAY, uuid7)
    head = household.members[0].id
    with_number = {**HEAD_ROW, "idNumber": "339999196203121033"}
    numbered = applied(MEMBERS, household, [said(MEMBERS, Row(2, with_number))], DAY, uuid7)
    assert [(member.id, member.id_number) for member in numbered.members] == [(head, "339999196203121033")]
    renamed = applied(MEMBERS, numbered, [said(MEMBERS, Row(2, {**with_number, "name": "示例丙"}))], DAY, uuid7)
    assert [(member.id, member.name) for member in renamed.members] == [(head, "示例丙")]


@st.composite
def households(draw: st.DrawFn) -> list[dict[str, str]]:
    """A head and others, with and without numbers."""
    result = []
    for serial in range(draw(st.integers(1, 6))):
        relation = HEAD if serial == 0 else draw(st.sampled_from(["12", "20", "30", "41", "97"]))
        row = {
            "gridCode": GRID,
            "number": "7",
            "address": "示例村7号",
            "name": f"示例{draw(st.sampled_from('甲乙丙'))}{serial}",
            "relation": relation,
            "sex": SEX_OF.get(relation, draw(st.sampled_from(["1", "2", "0"]))),
        }
        if draw(st.booleans()):
            row["birthDate"] = draw(st.dates(date(1940, 1, 1), date(2025, 12, 31))).isoformat()
        if draw(st.booleans()):
            row["phone"] = f"1540000{serial:04d}"
        result.append(row)
    return result


@given(households(), st.randoms())
def test_the_same_rows_again_change_nothing(given_rows: list[dict[str, str]], random: Any) -> None:
    told = [said(MEMBERS, row) for row in rows(*given_rows)]
    once = applied(MEMBERS, None, told, DAY, uuid7)
    assert once.version == 1
    assert len(once.members) == len(told)
    random.shuffle(told)
    assert applied(MEMBERS, once, told, DAY, uuid7) == once


def test_the_header_says_which_columns_there_are() -> None:
    titles = ["姓名 *", "与户主关系*", "户号", "网格代码", "", "错误列", "错误规则", "住址"]
    assert fields_of(MEMBERS, titles) == ["name", "relation", "number", "gridCode", "", "", "", "address"]
    for wrong, rule, column in (
        ([*titles, "备注"], "column.known", "备注"),
        ([*titles, "姓名"], "column.once", "姓名"),
        (titles[1:], "column.required", "姓名"),
    ):
        with pytest.raises(Refused) as refused:
            fields_of(MEMBERS, wrong)
        assert (refused.value.rule, refused.value.column) == (rule, column)


def test_examples_hints_and_empty_rows_are_for_the_reader() -> None:
    assert for_reader(["示例：3399991002000001", "1"])
    assert for_reader(["说明：16位数字"])
    assert for_reader(["", ""])
    assert not for_reader([GRID, "1"])
