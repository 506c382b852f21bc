"""The lunar calendar against another library that reckons it from astronomy (sxtwl, 寿星天文历), each day of eleven years."""

from datetime import date, timedelta

import pytest
import sxtwl

from services.chassis.errors import InvalidInput
from services.liaison.domain.lunar import FIRST, LAST, branch, lunar, lunar_text, sexagenary

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
MONTHS = ["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"]
TENS, ONES = ["初", "十", "廿", "三"], "十一二三四五六七八九"


def in_characters(month: int, day: int, *, leap: bool) -> str:
    number = {10: "初十", 20: "二十", 30: "三十"}.get(day, TENS[day // 10] + ONES[day % 10])
    return f"{'闰' if leap else ''}{MONTHS[month - 1]}月{number}"


def test_each_day_of_2020_to_2030_is_as_astronomy_reckons_it() -> None:
    lengths, leaps = set(), set()
    for n in range((date(2031, 1, 1) - date(2020, 1, 1)).days):
        day = date(2020, 1, 1) + timedelta(days=n)
        other = sxtwl.fromSolar(day.year, day.month, day.day)
        there = lunar(day)
        place = (other.getLunarMonth(), other.getLunarDay(), other.isLunarLeap())
        assert (there.month, there.day, there.leap) == place, day
        assert there.text == in_characters(place[0], place[1], leap=place[2]), day
        length = sxtwl.getLunarMonthNum(other.getLunarYear(), other.getLunarMonth(), other.isLunarLeap())
        assert there.ends_month == (there.day == length), day
        cycle = other.getDayGZ()
        assert (branch(day), sexagenary(day)) == (cycle.dz + 1, STEMS[cycle.tg] + BRANCHES[cycle.dz]), day
        lengths.add(length)
        if there.leap:
            leaps.add((other.getLunarYear(), there.month))
    assert lengths == {29, 30}
    assert leaps == {(2020, 4), (2023, 2), (2025, 6), (2028, 5)}


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 17), "正月初一"),
        (date(2023, 3, 22), "闰二月初一"),
        (date(2025, 10, 6), "八月十五"),
        (date(2026, 2, 16), "腊月廿九"),
    ],
)
def test_days_that_are_known(day: date, text: str) -> None:
    assert lunar_text(day) == text


def test_beyond_the_tables_it_says_so() -> None:
    assert lunar_text(FIRST) == "正月初一"
    assert lunar(LAST).month == 11
    for day in (FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        with pytest.raises(InvalidInput, match="1900-01-31 to 2100-12-30"):
            lunar(day)
