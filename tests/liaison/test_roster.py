"""The roster as a function, for random pools, spans, calendars and sign-ins."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import Day, DayKind, days_of
from services.liaison.domain.notice import published
from services.liaison.domain.roster import Cadre, Rule, Shift, Standing, horizon, revise, roster

AREA = "339999100200"


def cadre(n: int) -> Cadre:
    return Cadre(f"example-{n}", f"示例干部{n}")


rules = st.builds(
    lambda starts, size: Rule(AREA, starts, tuple(cadre(n) for n in range(size))),
    st.dates(date(2004, 1, 1), date(2027, 12, 31)),
    st.integers(1, 30),
)


def calendar(first: date, last: date) -> list[Day]:
    """The real calendar, provisional where it is not published."""
    years = range(first.year, last.year + 1)
    return [day for year in years for day in days_of(year, published().get(year)) if first <= day.date <= last]


@st.composite
def random_calendars(draw: st.DrawFn, starts: date) -> list[Day]:
    """Any sequence of day kinds: holds for calendars that nobody has thought of."""
    drawn = draw(st.lists(st.sampled_from(DayKind), max_size=200))
    return [Day(starts + timedelta(days=n), kind, "") for n, kind in enumerate(drawn)]


def check(rule: Rule, days: list[Day], shifts: list[Shift]) -> None:
    working = [day.date for day in days if day.works]
    assert [shift.date for shift in shifts] == working, "one cadre each working day, never on another"
    assert all(shift.cadre in rule.pool for shift in shifts)
    counts = Counter(shift.cadre for shift in shifts)
    numbers = [counts[cadre] for cadre in rule.pool]
    assert max(numbers) - min(numbers) <= 1
    assert all(a.cadre != b.cadre for a, b in pairwise(shifts)) or len(rule.pool) == 1


@given(rules, st.integers(0, 500))
def test_each_working_day_has_the_next_cadre(rule: Rule, length: int) -> None:
    days = calendar(rule.starts, rule.starts + timedelta(days=length))
    check(rule, days, roster(rule, days))


@given(st.data(), rules)
def test_it_holds_for_any_calendar(data: st.DataObject, rule: Rule) -> None:
    days = data.draw(random_calendars(rule.starts))
    check(rule, days, roster(rule, days))


@given(rules, st.integers(0, 200), st.integers(0, 200))
def test_a_longer_roster_begins_with_the_shorter_one(rule: Rule, length: int, more: int) -> None:
    days = calendar(rule.starts, rule.starts + timedelta(days=length + more))
    assert roster(rule, days[: length + 1]) == roster(rule, days)[: len(roster(rule, days[: length + 1]))]


def test_days_before_the_start_have_none() -> None:
    rule = Rule(AREA, date(2026, 1, 4), (cadre(1), cadre(2)))
    shifts = roster(rule, calendar(date(2026, 1, 1), date(2026, 1, 6)))
    assert shifts == [
        Shift(date(2026, 1, 4), cadre(1)),
        Shift(date(2026, 1, 5), cadre(2)),
        Shift(date(2026, 1, 6), cadre(1)),
    ]


@given(st.data(), rules)
def test_a_revision_touches_neither_what_was_signed_nor_what_is_past(data: st.DataObject, rule: Rule) -> None:
    before = roster(rule, data.draw(random_calendars(rule.starts)))
    days = data.draw(random_calendars(rule.starts))
    wanted = roster(rule, days)
    today = rule.starts + timedelta(days=data.draw(st.integers(0, 200)))
    signed = data.draw(st.sets(st.sampled_from([shift.date for shift in before]))) if before else set()
    standing = {shift.date: Standing(shift, shift.date in signed) for shift in before}

    revision = revise(wanted, standing, today)

    assert signed.isdisjoint(revision.drop)
    assert signed.isdisjoint(shift.date for shift in revision.put)
    assert all(shift.date >= today or shift.date not in standing for shift in revision.put)
    after = {shift.date: shift for shift in before if shift.date not in revision.drop}
    after |= {shift.date: shift for shift in revision.put}
    working = {day.date for day in days if day.works}
    assert set(after) - working <= signed, "who signed on a day that proved to be none did duty all the same"
    assert working <= set(after)
    assert all(after[shift.date] == shift for shift in wanted if shift.date >= today and shift.date not in signed)
    settled = {day: Standing(shift, day in signed) for day, shift in after.items()}
    assert not revise(wanted, settled, today), "a second time there is nothing to do"


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2026, 1, 5), date(2026, 12, 31)),
        (date(2026, 9, 30), date(2026, 12, 31)),
        (date(2026, 10, 1), date(2027, 1, 31)),
        (date(2026, 11, 24), date(2027, 2, 28)),
    ],
)
def test_rosters_reach_a_quarter_ahead_at_least(today: date, until: date) -> None:
    assert horizon(today, date(2026, 12, 31)) == until


@pytest.mark.parametrize("pool", [(), (cadre(1), cadre(2), cadre(1))])
def test_a_pool_names_each_cadre_once_and_one_at_least(pool: tuple[Cadre, ...]) -> None:
    with pytest.raises(InvalidInput):
        Rule(AREA, date(2026, 1, 1), pool)
