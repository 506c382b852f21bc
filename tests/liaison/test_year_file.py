"""A year's file: what it yields, and every fault that it is refused for."""

from datetime import date
from pathlib import Path

import pytest

from services import liaison
from services.liaison.domain.calendar import Festival, days_of, lunar_texts, outline
from services.liaison.domain.lunar import lunar_text
from services.liaison.domain.notice import published
from services.liaison.domain.year_file import YearFile, read_year

EXAMPLE = Path(liaison.__file__).parent / "data" / "2026.toml"
HEAD = 'year = 2027\nsource = "示例文号"\n'
NEW_YEAR = '[[holiday]]\nfestival = "元旦"\nfrom = 2027-01-01\nto = 2027-01-03\n'


def read(text: str) -> YearFile:
    found = read_year(text.encode())
    assert isinstance(found, YearFile), found
    return found


def faults(content: str | bytes) -> list[tuple[str, str]]:
    found = read_year(content.encode() if isinstance(content, str) else content)
    assert not isinstance(found, YearFile)
    assert all(fault.detail for fault in found)
    return [(fault.field, fault.rule) for fault in found]


def test_the_example_yields_the_days_of_the_library() -> None:
    file = read(EXAMPLE.read_text(encoding="utf-8"))
    assert (file.year, file.source) == (2026, "国办发明电〔2025〕7号")
    assert days_of(2026, file.notice) == days_of(2026, published()[2026])


def test_single_dates_names_with_and_without_their_last_word_and_own_festivals() -> None:
    file = read(
        "\ufeff" + HEAD + '[[holiday]]\nfestival = "清明节"\ndays = [2027-04-05]\n'
        '[[holiday]]\nfestival = "示例节"\nenglish = "Example Day"\ndays = [2027-06-10, 2027-06-08]\nmakeup = [2027-06-05]\n'
    )
    assert file.notice.holidays == {
        date(2027, 4, 5): published()[2026].holidays[date(2026, 4, 5)],
        date(2027, 6, 8): Festival("Example Day", "示例节"),
        date(2027, 6, 10): Festival("Example Day", "示例节"),
    }
    assert file.notice.makeups == {date(2027, 6, 5): Festival("Example Day", "示例节")}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("year = ", [("file", "toml")]),
        (HEAD.encode("gb18030"), [("file", "encoding")]),
        ("year = 2027\n" + HEAD + NEW_YEAR, [("file", "once")]),
        ("", [("year", "required"), ("source", "required"), ("holiday", "required")]),
        (HEAD, [("holiday", "required")]),
        (HEAD + 'holiday = ["2027-01-01"]', [("holiday", "required")]),
        (HEAD.replace("2027", "true") + NEW_YEAR, [("year", "form")]),
        (HEAD.replace("2027", "1999") + NEW_YEAR, [("year", "form")]),
        (HEAD.replace('"示例文号"', '" "') + NEW_YEAR, [("source", "required")]),
        (HEAD.replace('"示例文号"', "7") + NEW_YEAR, [("source", "form")]),
        (HEAD.replace("文号", "文" * 200) + NEW_YEAR, [("source", "length")]),
        (HEAD.replace("文号", r"\u0007") + NEW_YEAR, [("source", "characters")]),
        (HEAD + "shifts = 3\n" + NEW_YEAR + "off = 1\n", [("shifts", "known.key"), ("holiday[1].off", "known.key")]),
        (HEAD + NEW_YEAR.replace("元旦", "元宵"), [("holiday[1].english", "required")]),
        (HEAD + NEW_YEAR.replace('"元旦"', "1"), [("holiday[1].festival", "form")]),
        (HEAD + NEW_YEAR.replace("from = 2027-01-01\n", ""), [("holiday[1].from", "required")]),
        (HEAD + NEW_YEAR + "days = [2027-01-04]\n", [("holiday[1].days", "span")]),
        (HEAD + '[[holiday]]\nfestival = "元旦"\n', [("holiday[1].days", "span")]),
        (HEAD + NEW_YEAR.replace("2027-01-03", "2027-02-01"), [("holiday[1].to", "span")]),
        (HEAD + NEW_YEAR.replace("2027-01-01", "2027-01-04"), [("holiday[1].to", "span")]),
        (HEAD + NEW_YEAR.replace("2027-01-03", '"2027-01-03"'), [("holiday[1].to", "form")]),
        (HEAD + NEW_YEAR.replace("2027-01-03", "2027-01-03T00:00:00"), [("holiday[1].to", "form")]),
        (HEAD + NEW_YEAR.replace("2027-01-01", "2026-12-31"), [("holiday[1].from", "in.the.year")]),
        (HEAD + NEW_YEAR + "makeup = 2027-01-09\n", [("holiday[1].makeup", "form")]),
        (HEAD + NEW_YEAR + "makeup = [2027-01-08]\n", [("holiday[1].makeup", "weekend")]),
        (HEAD + NEW_YEAR + "makeup = [2028-01-08]\n", [("holiday[1].makeup", "in.the.year")]),
        (HEAD + NEW_YEAR + "makeup = [2027-01-03]\n", [("holiday[1].makeup", "once")]),
        (HEAD + NEW_YEAR + "makeup = [2027-01-09, 2027-01-09]\n", [("holiday[1].makeup", "once")]),
        (HEAD + NEW_YEAR + "exchanged = [2027-01-04]\n", [("holiday[1].exchanged", "of.the.holiday")]),
        (HEAD + NEW_YEAR + "exchanged = [2027-01-02]\n", [("holiday[1].exchanged", "weekday")]),
        (HEAD + NEW_YEAR + NEW_YEAR.replace("01-03", "01-01"), [("holiday[2].from", "once")]),
        (
            HEAD.replace("source", "soruce") + NEW_YEAR.replace("2027-01-01", "1"),
            [("soruce", "known.key"), ("source", "required"), ("holiday[1].from", "form")],
        ),
    ],
)  # fmt: skip
def test_a_fault_names_field_and_rule(content: str | bytes, found: list[tuple[str, str]]) -> None:
    assert faults(content) == found


def test_the_festivals_of_a_year_with_their_make_up_workdays() -> None:
    found = {each.festival: each for each in outline(days_of(2026, published()[2026]))}
    assert len(found["春节"].off) == 9
    assert found["国庆节"].makeups == (date(2026, 9, 20), date(2026, 10, 10))
    assert found["中秋"].makeups == ()


def test_lunar_dates_of_a_span_with_a_leap_month_are_those_of_each_day() -> None:
    first, last = date(2025, 6, 20), date(2025, 10, 3)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    assert lunar_texts(first, last) == [lunar_text(day) for day in days]
    assert lunar_texts(date(2025, 7, 25), date(2025, 7, 25)) == ["闰六月初一"]
