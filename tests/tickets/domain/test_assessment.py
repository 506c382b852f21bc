"""Assessment by hand: periods, points, places, schemes that will not do, and the example's."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.chassis.errors import InvalidInput
from services.tickets.app import SCHEMES
from services.tickets.domain.assessment import (
    Direction,
    Indicator,
    Measure,
    Period,
    PeriodKind,
    Scheme,
    Tally,
    UnitKind,
    digest,
    in_force,
    mark,
    read_schemes,
    results,
)

ON_TIME = Measure(indicator=Indicator.WORK_ON_TIME, weight=30, direction=Direction.HIGHER, target=98.0, floor=80.0)
RETURNS = Measure(indicator=Indicator.RETURNS, weight=10, direction=Direction.LOWER, target=2.0, floor=12.0)
VOLUME = Measure(indicator=Indicator.VOLUME, weight=10, direction=Direction.HIGHER, target=20.0, floor=0.0)


def scheme(**changes: Any) -> Scheme:
    fields: dict[str, Any] = {
        "code": "departments",
        "since": date(2026, 1, 1),
        "name": "示例",
        "unit": UnitKind.DEPARTMENT,
        "period": PeriodKind.MONTH,
        "minimum": 5,
        "indicators": (ON_TIME, RETURNS, VOLUME),
    }
    return Scheme(**fields | changes)


@pytest.mark.parametrize(
    ("name", "kind", "first", "last"),
    [
        ("2026-02", PeriodKind.MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", PeriodKind.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", PeriodKind.MONTH, date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", PeriodKind.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", PeriodKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_a_month_or_a_quarter(name: str, kind: PeriodKind, first: date, last: date) -> None:
    period = Period.of(name)
    assert (period.kind, period.first, period.last) == (kind, first, last)
    assert Period.holding(last, kind) == Period.holding(first, kind) == period
    period.require_over(date.fromordinal(last.toordinal() + 1))
    with pytest.raises(InvalidInput, match="over"):
        period.require_over(last)


@pytest.mark.parametrize("name", ["2026-13", "2026-Q5", "2026", "2026-1", "26-01", "2026-01 "])
def test_another_form_is_none(name: str) -> None:
    with pytest.raises(InvalidInput):
        Period.of(name)


def test_the_last_period_that_is_over() -> None:
    assert Period.before(date(2026, 1, 1), PeriodKind.MONTH).name == "2025-12"
    assert Period.before(date(2026, 1, 1), PeriodKind.QUARTER).name == "2025-Q4"
    assert Period.before(date(2026, 3, 31), PeriodKind.MONTH).name == "2026-02"
    assert Period.before(date(2026, 4, 30), PeriodKind.QUARTER).name == "2026-Q1"


@pytest.mark.parametrize(
    ("measure", "counted", "cases", "value", "points"),
    [
        (ON_TIME, 49, 50, "98.00", "100"),
        (ON_TIME, 50, 50, "100.00", "100"),
        (ON_TIME, 40, 50, "80.00", "0"),
        (ON_TIME, 10, 50, "20.00", "0"),
        (ON_TIME, 89, 100, "89.00", "50.00"),
        (ON_TIME, 5, 6, "83.33", "18.50"),  # (83.33 − 80) ÷ 18
        (ON_TIME, 4, 4, "100.00", None),  # too few
        (ON_TIME, 0, 0, None, None),
        (RETURNS, 1, 50, "2.00", "100"),
        (RETURNS, 0, 50, "0.00", "100"),
        (RETURNS, 7, 100, "7.00", "50.00"),
        (RETURNS, 6, 50, "12.00", "0"),
        (VOLUME, 3, 3, "3", "15.00"),
        (VOLUME, 40, 40, "40", "100"),
    ],
)
def test_a_mark(measure: Measure, counted: int, cases: int, value: str | None, points: str | None) -> None:
    found = mark(measure, counted, cases, minimum=5)
    assert found.value == (None if value is None else Decimal(value))
    assert found.points == (None if points is None else Decimal(points))


def test_the_weight_of_what_says_nothing_falls_to_the_others_and_equals_share_a_place() -> None:
    tallies = [
        Tally("a", Indicator.WORK_ON_TIME, 89, 100),  # 50 points × 30
        Tally("a", Indicator.RETURNS, 0, 4),  # too few
        Tally("a", Indicator.VOLUME, 20, 20),  # 100 points × 10
        Tally("b", Indicator.WORK_ON_TIME, 178, 200),
        Tally("b", Indicator.VOLUME, 30, 30),
        Tally("c", Indicator.WORK_ON_TIME, 0, 9),
    ]
    found = results(scheme(), tallies)
    assert [(each.unit, each.points, each.place) for each in found] == [
        ("a", Decimal("62.50"), 1),
        ("b", Decimal("62.50"), 1),
        ("c", Decimal("0.00"), 3),
    ]
    told = results(
        scheme(indicators=(RETURNS,)), [Tally("a", Indicator.RETURNS, 0, 4), Tally("b", Indicator.RETURNS, 0, 5)]
    )
    assert [(each.unit, each.points, each.place) for each in told] == [("b", Decimal(100), 1), ("a", None, None)]
    assert results(scheme(), reversed(tallies)) == found


def test_the_newest_scheme_of_the_periods_last_day_holds() -> None:
    old, new, ended = scheme(), scheme(since=date(2026, 2, 28)), scheme(since=date(2026, 4, 1), indicators=())
    other = scheme(code="another", period=PeriodKind.QUARTER)
    for name, expected in (
        ("2026-01", (old,)),
        ("2026-02", (new,)),
        ("2026-03", (new,)),
        ("2026-04", ()),
        ("2025-12", ()),
    ):
        assert in_force((ended, new, old, other), Period.of(name)) == expected
    assert in_force((old, other), Period.of("2026-Q1")) == (other,)


def test_the_digest_is_of_everything() -> None:
    period = Period.of("2026-01")
    same = digest(period, (scheme(),), b"cases")
    assert digest(Period.of("2026-01"), (scheme(),), b"cases") == same
    others = {
        digest(Period.of("2026-02"), (scheme(),), b"cases"),
        digest(period, (scheme(minimum=6),), b"cases"),
        digest(period, (scheme(), scheme(code="b")), b"cases"),
        digest(period, (scheme(),), b"case"),
    }
    assert len(others) == 4
    assert same not in others


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "A"}, "code"),
        ({"name": " "}, "name"),
        ({"minimum": 0}, "minimum"),
        ({"exclude": ("CLOSED",)}, "exclude"),
        ({"indicators": (ON_TIME, ON_TIME)}, "indicators"),
        (
            {
                "indicators": (
                    Measure(indicator=Indicator.RETURNS, weight=0, direction=Direction.LOWER, target=0, floor=1),
                )
            },
            "indicators[0].weight",
        ),
        (
            {
                "indicators": (
                    Measure(indicator=Indicator.RETURNS, weight=1, direction=Direction.HIGHER, target=0, floor=1),
                )
            },
            "indicators[0].target",
        ),
        (
            {
                "indicators": (
                    Measure(indicator=Indicator.RETURNS, weight=1, direction=Direction.LOWER, target=0, floor=101),
                )
            },
            "indicators[0].floor",
        ),
    ],
)
def test_a_scheme_that_will_not_do_names_what(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        scheme(**changes).check()
    assert refused.value.extra["field"] == field


def test_the_examples_schemes() -> None:
    lines = tomllib.loads(SCHEMES.read_text(encoding="utf-8"))["scheme"]
    schemes = read_schemes(lines)
    assert {each.unit for each in schemes} == set(UnitKind)
    with pytest.raises(InvalidInput):
        read_schemes([{**lines[0], "weights": 1}])
