"""The working calendar: what kind of day a date is, and why.

The State Council publishes a year's holidays, and the weekend days that are worked in exchange (调休), about November of the year before.
Until then the year is provisional: weekends by weekday, no holidays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.liaison.domain.lunar import lunar

WEEKDAYS = (
    "Monday (周一)",
    "Tuesday (周二)",
    "Wednesday (周三)",
    "Thursday (周四)",
    "Friday (周五)",
    "Saturday (周六)",
    "Sunday (周日)",
)
_TENS = {"初": "初十", "十": "二十", "廿": "三十"}
LUNAR_DAYS = tuple(day for tens in _TENS for day in (*(tens + ones for ones in "一二三四五六七八九"), _TENS[tens]))
"""The days of a lunar month as they are written."""


class DayKind(StrEnum):
    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"

    @property
    def works(self) -> bool:
        return self in (DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY)


class Origin(StrEnum):
    """Where a year comes from. What a file said stays, whatever the library knows of the year."""

    WEEKDAYS = "WEEKDAYS"
    LIBRARY = "LIBRARY"
    FILE = "FILE"


@dataclass(frozen=True)
class Festival:
    """A holiday's name in English and Chinese."""

    name: str
    chinese: str


@dataclass(frozen=True)
class Notice:
    """What is published for one year. `exchanged` are the holidays that are paid for by a make-up workday."""

    year: int
    holidays: Mapping[date, Festival]
    exchanged: frozenset[date]
    makeups: Mapping[date, Festival]


@dataclass(frozen=True)
class Day:
    """One date of the calendar; `explanation` is a sentence for people, `festival` in Chinese what a day off or worked is for."""

    date: date
    kind: DayKind
    explanation: str
    provisional: bool = False
    festival: str | None = None

    @property
    def works(self) -> bool:
        return self.kind.works


def days_of(year: int, notice: Notice | None) -> list[Day]:
    """All days of a year in order, 365 or 366; without a notice they are provisional."""
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    dates = [first + timedelta(days=n) for n in range(count)]
    return [_provisional_day(day) if notice is None else _published_day(day, notice) for day in dates]


def _published_day(day: date, notice: Notice) -> Day:
    weekday = WEEKDAYS[day.weekday()]
    if (festival := notice.makeups.get(day)) is not None:
        text = f"make-up workday for {festival.name} ({festival.chinese}调休上班), {weekday}"
        return Day(day, DayKind.MAKEUP_WORKDAY, text, festival=festival.chinese)
    if (festival := notice.holidays.get(day)) is not None:
        exchanged = ", exchanged for a make-up workday (调休)" if day in notice.exchanged else ""
        text = f"holiday for {festival.name} ({festival.chinese}), {weekday}{exchanged}"
        return Day(day, DayKind.HOLIDAY, text, festival=festival.chinese)
    kind = _by_weekday(day)
    return Day(day, kind, _plain(kind, weekday))


def _provisional_day(day: date) -> Day:
    kind = _by_weekday(day)
    reason = f"provisional (暂定): the holidays of {day.year} are not published yet"
    return Day(day, kind, f"{_plain(kind, WEEKDAYS[day.weekday()])}; {reason}", provisional=True)


def _by_weekday(day: date) -> DayKind:
    return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND


def _plain(kind: DayKind, weekday: str) -> str:
    return f"workday (工作日), {weekday}" if kind is DayKind.WORKDAY else f"weekend (周末), {weekday}"


@dataclass(frozen=True)
class Outline:
    """A festival's days in a year: those off and those worked for them."""

    festival: str
    off: tuple[date, ...]
    makeups: tuple[date, ...]


def outline(days: Iterable[Day]) -> list[Outline]:
    """The festivals of a year in the order of their first days."""
    found: dict[str, tuple[list[date], list[date]]] = {}
    for day in days:
        if day.festival is not None:
            found.setdefault(day.festival, ([], []))[day.works].append(day.date)
    return [Outline(festival, tuple(off), tuple(makeups)) for festival, (off, makeups) in found.items()]


def lunar_texts(first: date, last: date) -> list[str]:
    """Each day's month and day of the lunar calendar from first to last, such as 八月初三: two questions a month to the lunar calendar."""
    texts: list[str] = []
    day = first
    while day <= last:
        begun = lunar(day)
        ends = day + timedelta(days=29 - begun.day)
        if not lunar(ends).ends_month:
            ends += timedelta(days=1)
        month = begun.text.removesuffix(LUNAR_DAYS[begun.day - 1])
        texts += [month + text for text in LUNAR_DAYS[begun.day - 1 : begun.day + (ends - day).days]]
        day = ends + timedelta(days=1)
    return texts[: (last - first).days + 1]
