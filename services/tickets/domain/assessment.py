"""Assessment (考核): what of a period counts for whom, and what it is worth. Pure.

A scheme is data: whom it assesses, by which indicators, with which weights. What counts are cases, each an event of the history within the
period, so that the same period yields the same result whenever it is reckoned. `store/assessment.py` says what each indicator's cases are.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import msgspec

from services.chassis.errors import InvalidInput
from services.chassis.text import Text

NAME = Text(60)
REASON = Text(1000, lines=True)
CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
MOST_INDICATORS = 20
EXCLUDABLE = ("MERGED", "WITHDRAWN", "REFERRED_OUT")
"""The ends of a ticket whose cases a scheme may leave out, where they came within the period."""
_PERIOD = re.compile(r"(?P<year>20\d\d)-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))")
_CENT = Decimal("0.01")


class UnitKind(StrEnum):
    DEPARTMENT = "DEPARTMENT"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"
    WORKER = "WORKER"


class PeriodKind(StrEnum):
    MONTH = "MONTH"
    QUARTER = "QUARTER"


class Direction(StrEnum):
    HIGHER = "HIGHER"
    LOWER = "LOWER"


class Indicator(StrEnum):
    """Of each the numerator are the cases that count, the denominator all of them; VOLUME is their number, the others are percent."""

    SIGN_ON_TIME = "SIGN_ON_TIME"
    WORK_ON_TIME = "WORK_ON_TIME"
    OVERALL_ON_TIME = "OVERALL_ON_TIME"
    SATISFACTION = "SATISFACTION"
    SUPERIOR_SATISFACTION = "SUPERIOR_SATISFACTION"
    FIRST_CONTACT = "FIRST_CONTACT"
    RETURNS = "RETURNS"
    REOPENED = "REOPENED"
    SUPERVISED = "SUPERVISED"
    VOLUME = "VOLUME"


TITLES: Mapping[Indicator, str] = {
    Indicator.SIGN_ON_TIME: "按时签收率",
    Indicator.WORK_ON_TIME: "按时办结率",
    Indicator.OVERALL_ON_TIME: "总时限按时率",
    Indicator.SATISFACTION: "群众满意率",
    Indicator.SUPERIOR_SATISFACTION: "上级满意率",
    Indicator.FIRST_CONTACT: "一次办成率",
    Indicator.RETURNS: "退单率",
    Indicator.REOPENED: "重办率",
    Indicator.SUPERVISED: "督办率",
    Indicator.VOLUME: "办结量",
}


@dataclass(frozen=True)
class Period:
    """A month (2026-01) or a quarter (2026-Q1) of China's calendar; both days are in it."""

    name: str
    kind: PeriodKind
    first: date
    last: date

    @classmethod
    def of(cls, name: str) -> "Period":
        """Raises InvalidInput for another form."""
        if (found := _PERIOD.fullmatch(name)) is None:
            raise InvalidInput(
                "period must be a month such as 2026-01 or a quarter such as 2026-Q1", field="period", rule="form"
            )
        year = int(found["year"])
        month, months = (int(found["month"]), 1) if found["month"] else (3 * int(found["quarter"]) - 2, 3)
        after = year * 12 + month - 1 + months
        last = date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
        return cls(name, PeriodKind.MONTH if months == 1 else PeriodKind.QUARTER, date(year, month, 1), last)

    @classmethod
    def holding(cls, day: date, kind: PeriodKind) -> "Period":
        part = f"{day.month:02}" if kind is PeriodKind.MONTH else f"Q{(day.month + 2) // 3}"
        return cls.of(f"{day.year}-{part}")

    @classmethod
    def before(cls, day: date, kind: PeriodKind) -> "Period":
        """The last one that is over on that day."""
        return cls.holding(cls.holding(day, kind).first - timedelta(days=1), kind)

    def require_over(self, today: date) -> None:
        """Raises InvalidInput while the period lasts: what is still to come cannot be assessed."""
        if today <= self.last:
            raise InvalidInput("period must be over before it is assessed", field="period", rule="over")


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an indicator counts: at `target` or better it earns 100 points, at `floor` or worse none, between them in proportion."""

    indicator: Indicator
    weight: int
    direction: Direction
    target: float
    floor: float


class Scheme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds from `since` until the next one of its code begins. One without indicators ends the scheme.

    `minimum` is the number of cases below which an indicator (but VOLUME) says nothing and its weight falls to the others. `exclude` are
    ends of tickets whose cases do not count.
    """

    code: str
    since: date
    name: str
    unit: UnitKind
    period: PeriodKind
    minimum: int
    exclude: tuple[str, ...] = ()
    indicators: tuple[Measure, ...] = ()

    def check(self) -> "Scheme":
        """Itself; raises InvalidInput that names what will not do."""
        if not CODE.fullmatch(self.code):
            raise InvalidInput("code must have the form [a-z][a-z0-9-]{0,39}", field="code", rule="form")
        NAME.check(self.name, "name")
        if not 1 <= self.minimum <= 1000:
            raise InvalidInput("minimum must be from 1 to 1000", field="minimum", rule="range")
        if not set(self.exclude) <= set(EXCLUDABLE):
            raise InvalidInput(f"exclude may name {', '.join(EXCLUDABLE)}", field="exclude", rule="known.status")
        if len({each.indicator for each in self.indicators}) != len(self.indicators):
            raise InvalidInput("indicators must not name one twice", field="indicators", rule="unique")
        for place, measure in enumerate(self.indicators):
            _check_measure(measure, f"indicators[{place}]")
        return self

    @property
    def definition(self) -> bytes:
        return msgspec.json.encode(self, order="sorted")


def _check_measure(measure: Measure, field: str) -> None:
    if not 1 <= measure.weight <= 100:
        raise InvalidInput(f"{field}.weight must be from 1 to 100", field=f"{field}.weight", rule="range")
    most = 1_000_000 if measure.indicator is Indicator.VOLUME else 100
    for name in ("target", "floor"):
        if not 0 <= getattr(measure, name) <= most:
            raise InvalidInput(f"{field}.{name} must be from 0 to {most}", field=f"{field}.{name}", rule="range")
    better = measure.target > measure.floor if measure.direction is Direction.HIGHER else measure.target < measure.floor
    if not better:
        raise InvalidInput(
            f"{field}.target must be better than floor, in its direction", field=f"{field}.target", rule="order"
        )


def in_force(schemes: Iterable[Scheme], period: Period) -> tuple[Scheme, ...]:
    """Of each code the newest of the period's last day, of those that assess periods of this kind; by code."""
    newest: dict[str, Scheme] = {}
    for scheme in sorted(schemes, key=lambda each: each.since):
        if scheme.since <= period.last:
            newest[scheme.code] = scheme
    fitting = (each for each in newest.values() if each.indicators and each.period is period.kind)
    return tuple(sorted(fitting, key=lambda each: each.code))


@dataclass(frozen=True, order=True)
class Tally:
    """How many cases of an indicator a unit has, and how many of them count."""

    unit: str
    indicator: Indicator
    counted: int
    cases: int


@dataclass(frozen=True)
class Mark:
    """What an indicator comes to. `value` is percent or, of VOLUME, a number; `points` of 100, None where there are too few cases."""

    indicator: Indicator
    counted: int
    cases: int
    value: Decimal | None
    points: Decimal | None
    weight: int


@dataclass(frozen=True)
class Result:
    """What a unit comes to: the weighted mean of its points, None where no indicator says anything; who are equal share a place."""

    unit: str
    marks: tuple[Mark, ...]
    points: Decimal | None
    place: int | None


def mark(measure: Measure, counted: int, cases: int, minimum: int) -> Mark:
    if measure.indicator is Indicator.VOLUME:
        value: Decimal | None = Decimal(counted)
        told = True
    else:
        value = _rounded(Decimal(100 * counted) / cases) if cases else None
        told = cases >= minimum
    points = None
    if told and value is not None:
        target, floor = Decimal(str(measure.target)), Decimal(str(measure.floor))
        points = min(Decimal(100), max(Decimal(0), _rounded(100 * (value - floor) / (target - floor))))
    return Mark(measure.indicator, counted, cases, value, points, measure.weight)


def results(scheme: Scheme, tallies: Iterable[Tally]) -> tuple[Result, ...]:
    """Of every unit that has a case, the best first, then by code."""
    found: dict[str, dict[Indicator, Tally]] = {}
    for tally in tallies:
        found.setdefault(tally.unit, {})[tally.indicator] = tally
    marked = {unit: _marks(scheme, of) for unit, of in found.items()}
    totals = {unit: _total(marks) for unit, marks in marked.items()}
    told = [total for total in totals.values() if total is not None]
    ranked = [
        Result(unit, marks, total, None if total is None else 1 + sum(other > total for other in told))
        for unit, marks in marked.items()
        for total in [totals[unit]]
    ]
    return tuple(sorted(ranked, key=lambda each: (each.place is None, each.place, each.unit)))


def _marks(scheme: Scheme, tallies: Mapping[Indicator, Tally]) -> tuple[Mark, ...]:
    marks = []
    for measure in scheme.indicators:
        tally = tallies.get(measure.indicator)
        counted, cases = (tally.counted, tally.cases) if tally else (0, 0)
        marks.append(mark(measure, counted, cases, scheme.minimum))
    return tuple(marks)


def _total(marks: Sequence[Mark]) -> Decimal | None:
    told = [(each.weight, each.points) for each in marks if each.points is not None]
    weight = sum(each for each, _ in told)
    return _rounded(sum((each * points for each, points in told), Decimal(0)) / weight) if weight else None


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def digest(period: Period, schemes: Sequence[Scheme], cases: bytes) -> bytes:
    """Of all that a result depends on; `cases` is the digest of the cases, and of which objections leave out."""
    hashed = hashlib.sha256(period.name.encode())
    for part in (*(scheme.definition for scheme in schemes), cases):
        hashed.update(hashlib.sha256(part).digest())
    return hashed.digest()


def read_schemes(lines: Sequence[Mapping[str, Any]]) -> tuple[Scheme, ...]:
    """The schemes of a data file, checked; raises InvalidInput."""
    try:
        return tuple(scheme.check() for scheme in msgspec.convert(lines, tuple[Scheme, ...]))
    except msgspec.ValidationError as error:
        raise InvalidInput(f"scheme: {error}", field="scheme", rule="form") from None
