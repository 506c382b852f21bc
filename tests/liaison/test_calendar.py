"""The working calendar against what the State Council published."""

from datetime import date

import chinese_calendar
import pytest

from services.liaison.domain.calendar import Day, DayKind, days_of
from services.liaison.domain.notice import FIRST_YEAR, published

YEARS = sorted(published())


def calendar(year: int) -> dict[date, Day]:
    return {day.date: day for day in days_of(year, published().get(year))}


def kinds(year: int, kind: DayKind) -> list[str]:
    return [day.date.strftime("%m-%d") for day in calendar(year).values() if day.kind is kind]


def test_2026_has_248_workdays_and_six_of_them_are_made_up() -> None:
    assert sum(day.works for day in calendar(2026).values()) == 248
    assert kinds(2026, DayKind.MAKEUP_WORKDAY) == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_2026_tuesdays_that_are_holidays() -> None:
    tuesdays = [day for day in calendar(2026).values() if day.date.weekday() == 1]
    assert [day.date for day in tuesdays if day.kind is DayKind.HOLIDAY] == [
        date(2026, 2, 17),
        date(2026, 5, 5),
        date(2026, 10, 6),
    ]


def test_2026_fifteenths_that_are_no_workdays() -> None:
    days = calendar(2026)
    assert [month for month in range(1, 13) if not days[date(2026, month, 15)].works] == [2, 3, 8, 11]


def test_2025_tuesdays_that_are_holidays_and_fifteenths_that_are_no_workdays() -> None:
    days = calendar(2025)
    off = [day.date for day in days.values() if day.date.weekday() == 1 and not day.works]
    assert off == [date(2025, 1, 28), date(2025, 2, 4), date(2025, 10, 7)]
    assert [month for month in range(1, 13) if not days[date(2025, month, 15)].works] == [2, 3, 6, 11]


def test_2025_make_up_workdays_and_count() -> None:
    assert sum(day.works for day in calendar(2025).values()) == 248
    assert kinds(2025, DayKind.MAKEUP_WORKDAY) == ["01-26", "02-08", "04-27", "09-28", "10-11"]
    assert len(kinds(2025, DayKind.HOLIDAY)) == 28


@pytest.mark.parametrize("year", YEARS)
def test_every_published_day_works_as_the_library_says(year: int) -> None:
    for day in calendar(year).values():
        assert day.works is chinese_calendar.is_workday(day.date)
        assert not day.provisional


def test_years_are_published_without_a_gap_from_2004() -> None:
    assert list(range(2004, YEARS[-1] + 1)) == YEARS
    assert FIRST_YEAR == 2004
    assert YEARS[-1] >= 2026


def test_an_unpublished_year_is_provisional_by_weekday() -> None:
    days = days_of(2027, None)
    assert len(days) == 365
    assert all(day.provisional for day in days)
    assert {day.kind for day in days} == {DayKind.WORKDAY, DayKind.WEEKEND}
    assert all(day.works is (day.date.weekday() < 5) for day in days)


def test_a_leap_year_has_all_its_days() -> None:
    assert len(calendar(2024)) == 366


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 9, 20), "make-up workday for National Day (国庆节调休上班), Sunday (周日)"),
        (date(2026, 2, 17), "holiday for Spring Festival (春节), Tuesday (周二)"),
        (
            date(2026, 2, 20),
            "holiday for Spring Festival (春节), Friday (周五), exchanged for a make-up workday (调休)",
        ),
        (date(2026, 3, 15), "weekend (周末), Sunday (周日)"),
        (date(2026, 1, 5), "workday (工作日), Monday (周一)"),
    ],
)
def test_a_day_explains_itself(day: date, sentence: str) -> None:
    assert calendar(2026)[day].explanation == sentence


def test_a_provisional_day_says_so() -> None:
    explanation = days_of(2027, None)[0].explanation
    assert (
        explanation == "workday (工作日), Friday (周五); provisional (暂定): the holidays of 2027 are not published yet"
    )
