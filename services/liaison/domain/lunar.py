"""The lunar calendar (农历) of a day, and its place in the sexagenary cycle (干支).

Months and leap months come from the borax library (1900–2100, after the tables of the Hong Kong Observatory). The cycle of days has run without
a break for over two thousand years, so it is counted.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate

from services.chassis.errors import InvalidInput

FIRST, LAST = date(1900, 1, 31), date(2100, 12, 30)
"""What the library knows, but for the last days, whose tomorrow it does not know."""
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
JIA_ZI = date(2000, 1, 7).toordinal()
"""A day 甲子, the first of the cycle."""


@dataclass(frozen=True)
class LunarDay:
    """`text` is such as 八月初三 or 闰二月初一; `ends_month` says that it is the month's last day, the 29th or the 30th."""

    month: int
    day: int
    leap: bool
    ends_month: bool
    text: str


@lru_cache(maxsize=2048)
def lunar(day: date) -> LunarDay:
    """Raises InvalidInput outside of FIRST and LAST."""
    if not FIRST <= day <= LAST:
        raise InvalidInput(f"the lunar calendar is known from {FIRST} to {LAST}", field="date", rule="lunar.reach")
    found = LunarDate.from_solar(day)
    ends = LunarDate.from_solar(day + timedelta(days=1)).day == 1
    return LunarDay(found.month, found.day, bool(found.leap), ends, found.cn_md)


def lunar_text(day: date) -> str:
    """As it stands in calendars: 八月初三, 闰二月初一. Raises InvalidInput outside of FIRST and LAST."""
    return lunar(day).text


def branch(day: date) -> int:
    """The earthly branch (地支) of the day, 1 for 子 to 12 for 亥."""
    return (day.toordinal() - JIA_ZI) % 12 + 1


def sexagenary(day: date) -> str:
    """Stem and branch of the day, such as 甲子."""
    place = day.toordinal() - JIA_ZI
    return STEMS[place % 10] + BRANCHES[place % 12]
