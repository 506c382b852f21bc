"""Working time (工作时间), exact to the instant: which days work, within which hours, and where a limit ends. Pure.

A limit in days follows articles 201 and 203 of the Civil Code (民法典): the day on which it starts is not counted, and it ends when business
closes on its last day; here the days are working days. A limit in hours starts at once and counts working hours.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from services.chassis.clock import CHINA
from services.chassis.errors import InvalidInput

DAY = timedelta(days=1)
_SPAN = re.compile(r"(0|[1-9]\d{0,2})([dhm])")
_WORDS = {"d": "个工作日", "h": "个工作小时", "m": "分钟工作时间"}

Interval = tuple[datetime, datetime]
"""From the first instant until before the second."""


class DayKind(StrEnum):
    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"

    @property
    def works(self) -> bool:
        return self in (DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY)


@dataclass(frozen=True)
class Span:
    """A length of working time: `amount` days (d), hours (h) or minutes (m). No days at all mean: the same day."""

    amount: int
    unit: str

    @classmethod
    def of(cls, text: str, field: str = "span") -> "Span":
        """Raises InvalidInput unless the text has the form 5d, 4h or 30m."""
        match = _SPAN.fullmatch(text)
        if match is None or (match[1] == "0" and match[2] != "d"):
            raise InvalidInput(f"{field} must be working time such as 5d, 4h or 30m", field=field, rule="span")
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    def times(self, factor: int) -> "Span":
        return Span(self.amount * factor, self.unit)

    @property
    def words(self) -> str:
        """In Chinese, such as 5个工作日."""
        return "当日" if self.amount == 0 else f"{self.amount}{_WORDS[self.unit]}"


@dataclass(frozen=True)
class Special:
    """A day that is not what its weekday says: a HOLIDAY or a MAKEUP_WORKDAY (调休), and for which festival, in Chinese."""

    kind: DayKind
    festival: str


@dataclass(frozen=True)
class Hours:
    """The working hours of a day, in China's time, from a day on."""

    since: date
    periods: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        marks = [mark for period in self.periods for mark in period]
        if not marks or any(earlier >= later for earlier, later in pairwise(marks)):
            raise InvalidInput(
                "hours must be periods of one day in order, such as 08:30-12:00", field="hours", rule="periods"
            )

    @property
    def length(self) -> timedelta:
        """Of a whole working day."""
        return sum((_minutes(closes) - _minutes(opens) for opens, closes in self.periods), timedelta())


def _minutes(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


@dataclass(frozen=True)
class Calendar:
    """What is known of days and hours. A year that is not `published` is provisional: it goes by weekdays alone.

    `hours` are in the order of their first days, one at least; the first holds before its day, too.
    """

    version: int
    published: frozenset[int]
    special: Mapping[date, Special]
    hours: tuple[Hours, ...]

    def kind(self, day: date) -> DayKind:
        special = self.special.get(day)
        if special is not None:
            return special.kind
        return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND

    def hours_on(self, day: date) -> Hours:
        return next((hours for hours in reversed(self.hours) if hours.since <= day), self.hours[0])

    def periods(self, day: date) -> tuple[Interval, ...]:
        """The working hours of a day; none on a day that does not work."""
        if not self.kind(day).works:
            return ()
        return tuple(
            (datetime.combine(day, opens, CHINA), datetime.combine(day, closes, CHINA))
            for opens, closes in self.hours_on(day).periods
        )

    def workday(self, day: date, nth: int) -> date:
        """The nth working day after a day; for 0 the day itself, or the next one that works."""
        found = day if nth else day - DAY
        for _ in range(max(nth, 1)):
            found += DAY
            while not self.kind(found).works:
                found += DAY
        return found

    def running(self, start: datetime, without: Iterable[Interval] = ()) -> Iterator[Interval]:
        """The working hours from an instant on, without end, save for some intervals (in order, none within another)."""
        gaps = tuple(without)
        day = start.astimezone(CHINA).date()
        while True:
            for opens, closes in self.periods(day):
                at = max(opens, start)
                for since, until in gaps:
                    if until <= at or since >= closes:
                        continue
                    if since > at:
                        yield at, since
                    at = max(at, until)
                if at < closes:
                    yield at, closes
            day += DAY

    def elapse(self, start: datetime, budget: timedelta, without: Iterable[Interval] = ()) -> datetime:
        """The instant at which so much working time has passed."""
        left = budget
        if left <= timedelta():
            return start.astimezone(UTC)
        for opens, closes in self.running(start, without):
            if closes - opens >= left:
                return (opens + left).astimezone(UTC)
            left -= closes - opens
        raise AssertionError("unreachable")

    def between(self, start: datetime, end: datetime, without: Iterable[Interval] = ()) -> timedelta:
        """The working time from one instant to another; none where the other is earlier."""
        total = timedelta()
        for opens, closes in self.running(start, without):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def add(self, start: datetime, span: Span) -> datetime:
        """Where a limit ends that starts then."""
        if span.unit != "d":
            return self.elapse(
                start, timedelta(hours=span.amount) if span.unit == "h" else timedelta(minutes=span.amount)
            )
        day = start.astimezone(CHINA).date()
        last = self.workday(day, span.amount)
        closing = self.periods(last)[-1][1]
        if closing <= start:
            closing = self.periods(self.workday(last, 1))[-1][1]
        return closing.astimezone(UTC)

    def closing(self, day: date) -> datetime:
        """When business closes on that day or, where it does not work, on the last day before it that does."""
        while not (periods := self.periods(day)):
            day -= DAY
        return periods[-1][1].astimezone(UTC)

    def unusual(self, first: date, last: date) -> Iterator[tuple[date, DayKind, str | None]]:
        """Each day, both included, that is no plain workday: the kind, and the festival of a special one."""
        for n in range((last - first).days + 1):
            day = first + n * DAY
            kind = self.kind(day)
            if kind is not DayKind.WORKDAY:
                special = self.special.get(day)
                yield day, kind, None if special is None else special.festival
