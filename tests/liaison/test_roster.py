"""The roster as a function, for random pools, spans, calendars, leaves, engagements, sign-ins and agreements."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidInput
from services.liaison.domain.cadre import absent
from services.liaison.domain.calendar import Day, DayKind, days_of
from services.liaison.domain.fairness import eves
from services.liaison.domain.notice import published
from services.liaison.domain.roster import (
    NOBODY_ABSENT,
    Absences,
    Member,
    Pattern,
    Rule,
    Shift,
    Standing,
    horizon,
    revise,
    roster,
)

AREA = "339999100200"
START = date(2026, 1, 1)


def rule(starts: date, size: int, pattern: Pattern = Pattern.ROTATION, **given: Any) -> Rule:
    """Each of the pool has a weekday, the first two Monday."""
    pool = tuple(Member(f"example-{n}", (max(1, n % 5),)) for n in range(size))
    return Rule(AREA, starts, pool, pattern, **given)


def calendar(first: date, last: date) -> list[Day]:
    """The real calendar, provisional where it is not published."""
    years = range(first.year, last.year + 1)
    return [day for year in years for day in days_of(year, published().get(year)) if first <= day.date <= last]


def random_days(draw: st.DrawFn) -> list[Day]:
    """Any sequence of day kinds: holds for calendars that nobody has thought of."""
    kinds = draw(st.lists(st.sampled_from(DayKind), max_size=120))
    return [Day(START + timedelta(days=n), kind, "") for n, kind in enumerate(kinds)]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Rule, list[Day], Absences]:
    """A rule, a calendar, and who is away or elsewhere."""
    made = rule(START, draw(st.integers(1, 6)), draw(st.sampled_from(Pattern)))
    days = random_days(draw)
    moments = st.integers(0, max(len(days) - 1, 0)).map(lambda n: START + timedelta(days=n))
    who = st.sampled_from([member.subject for member in made.pool])
    away: dict[str, list[tuple[date, date]]] = {}
    for subject, first, length in draw(st.lists(st.tuples(who, moments, st.integers(0, 40)), max_size=6)):
        away.setdefault(subject, []).append((first, first + timedelta(days=length)))
    engaged = draw(st.dictionaries(who, st.sets(moments, max_size=10), max_size=4))
    return made, days, Absences(away, engaged)


@given(
    st.sampled_from(Pattern), st.dates(date(2004, 1, 1), date(2027, 12, 31)), st.integers(1, 30), st.integers(0, 500)
)
@settings(max_examples=50)
def test_each_working_day_has_one_cadre_and_each_cadre_a_fair_part(
    pattern: Pattern, starts: date, size: int, length: int
) -> None:
    made = rule(starts, size, pattern, eve_weight=1.0)
    days = calendar(starts, starts + timedelta(days=length))
    shifts = roster(made, days)
    assert [shift.date for shift in shifts] == [day.date for day in days if day.works]
    assert {shift.subject for shift in shifts} <= {member.subject for member in made.pool}
    if pattern is not Pattern.WEEKDAYS:
        counts = Counter(shift.subject for shift in shifts)
        numbers = [counts[member.subject] for member in made.pool]
        assert max(numbers) - min(numbers) <= 1
    if pattern is Pattern.ROTATION:
        assert all(a.subject != b.subject for a, b in pairwise(shifts)) or size == 1


@given(worlds())
@settings(max_examples=60)
def test_nobody_is_planned_who_is_not_free_and_nothing_is_empty_but_for_that(
    world: tuple[Rule, list[Day], Absences],
) -> None:
    made, days, absences = world
    shifts = {shift.date: shift.subject for shift in roster(made, days, absences=absences)}
    for day in days:
        free = {member.subject for member in made.pool if absences.free(member.subject, day.date)}
        if not day.works:
            assert day.date not in shifts, "no duty on a weekend or holiday"
        elif free:
            assert shifts[day.date] in free
            theirs = {member.subject for member in made.pool if day.date.isoweekday() in member.weekdays} & free
            assert made.pattern is not Pattern.WEEKDAYS or not theirs or shifts[day.date] in theirs
        else:
            assert day.date not in shifts, "a gap"


@given(worlds())
@settings(max_examples=50)
def test_who_is_skipped_is_first_and_nobody_falls_far_behind(world: tuple[Rule, list[Day], Absences]) -> None:
    made, days, absences = world
    shifts = {shift.date: shift.subject for shift in roster(made, days, absences=absences)}
    before_holidays = eves(days)
    ahead = dict.fromkeys((member.subject for member in made.pool), 0.0)
    last: dict[str, date] = {}
    for day in sorted(shifts):
        present = [member.subject for member in made.pool if not absent(absences.away, member.subject, day)]
        free = [subject for subject in present if absences.free(subject, day)]
        weight = made.eve_weight if day in before_holidays else 1.0
        if made.pattern is Pattern.ROTATION:
            assert all(last.get(shifts[day], date.min) <= last.get(subject, date.min) for subject in free)
        if made.pattern is Pattern.FAIR:
            assert ahead[shifts[day]] <= min(ahead[subject] for subject in free) + 1e-5
        for subject in present:
            ahead[subject] -= weight / len(present)
        ahead[shifts[day]] += weight
        last[shifts[day]] = day
    assert abs(sum(ahead.values())) < 1e-6
    if made.pattern is Pattern.FAIR and not absences.engaged:
        assert max(ahead.values()) - min(ahead.values()) <= 3 * made.eve_weight


@given(worlds(), st.data())
@settings(max_examples=60)
def test_planned_again_it_keeps_what_stands(world: tuple[Rule, list[Day], Absences], data: st.DataObject) -> None:
    made, days, absences = world
    first = roster(made, days)
    today = START + timedelta(days=data.draw(st.integers(0, 130)))
    dates = st.sampled_from([shift.date for shift in first] or [date.min])
    signed, agreed = data.draw(st.sets(dates, max_size=5)), data.draw(st.sets(dates, max_size=5))
    shifts = [
        Shift(shift.date, "example-other", agreed=True, turn=shift.subject) if shift.date in agreed else shift
        for shift in first
    ]
    standing = {shift.date: Standing(shift, shift.date in signed) for shift in shifts}
    gaps = data.draw(st.sets(dates, max_size=5)) & standing.keys()
    for day in gaps:
        del standing[day]
    signed -= gaps
    ground: dict[str, Any] = {"absences": absences, "today": today, "reached": days[-1].date if days else START}

    after = roster(made, days, standing=standing, **ground)
    assert after == roster(made, days, standing=standing, **ground), "the same from the same"
    by_date = {shift.date: shift for shift in after}
    for day, was in standing.items():
        here = was.shift.agreed or (day == today and absences.free(was.shift.subject, day))
        if was.signed or day < today or here:
            assert by_date.get(day) == was.shift
    assert not [day for day in gaps if day < today and day in by_date], "nobody has a day that is past"
    revision = revise(after, standing)
    assert signed.isdisjoint(revision.drop)
    assert all(day >= today for day in revision.changed)
    settled = {shift.date: Standing(shift, shift.date in signed) for shift in after}
    assert not revise(roster(made, days, standing=settled, **ground), settled), "a second time there is nothing to do"


@given(
    st.sampled_from(Pattern), st.dates(date(2004, 1, 1), date(2027, 6, 30)), st.integers(0, 200), st.integers(0, 200)
)
@settings(max_examples=30)
def test_a_longer_roster_begins_with_the_shorter_one(pattern: Pattern, starts: date, length: int, more: int) -> None:
    made, last = rule(starts, 4, pattern), starts + timedelta(days=length)
    days = calendar(starts, last + timedelta(days=more + 30))
    shorter = roster(made, days, last)
    assert roster(made, days, last + timedelta(days=more))[: len(shorter)] == shorter


def test_an_agreement_ends_where_the_one_who_took_it_is_away() -> None:
    made, day = rule(START, 2), date(2026, 1, 6)
    standing = {day: Standing(Shift(day, "example-other", agreed=True, turn="example-0"))}
    days = calendar(START, date(2026, 1, 9))
    kept = roster(made, days, standing=standing, today=START)
    assert kept[2] == standing[day].shift
    away = Absences({"example-other": [(day, day)]}, {})
    again = roster(made, days, standing=standing, absences=away, today=START)
    assert again[2] == Shift(day, "example-0")
    assert [shift.subject for shift in again if shift.date != day] == [
        shift.subject for shift in kept if shift.date != day
    ], "the turns of the others stay"


def test_a_make_up_workday_without_a_weekday_of_its_own_goes_to_who_is_behind() -> None:
    made = Rule(AREA, START, (Member("example-a", (1, 2, 3, 4)), Member("example-b", (5,))), Pattern.WEEKDAYS)
    by_date = {shift.date: shift.subject for shift in roster(made, calendar(START, date(2026, 5, 10)))}
    assert by_date[date(2026, 5, 9)] == "example-b", "a Saturday that is worked"
    assert by_date[date(2026, 5, 6)] == "example-a"


def test_eves_are_the_last_working_days_before_a_holiday() -> None:
    days = calendar(date(2026, 1, 1), date(2026, 12, 31))
    found = sorted(eves(days))
    assert date(2026, 2, 14) in found, "a make-up workday before the Spring Festival"
    assert date(2026, 9, 30) in found
    assert date(2026, 1, 9) not in found, "a Friday before a plain weekend"
    assert len(found) == 6


def test_days_before_the_start_have_none() -> None:
    shifts = roster(rule(date(2026, 1, 4), 2), calendar(date(2026, 1, 1), date(2026, 1, 6)), absences=NOBODY_ABSENT)
    assert shifts == [
        Shift(date(2026, 1, 4), "example-0"),
        Shift(date(2026, 1, 5), "example-1"),
        Shift(date(2026, 1, 6), "example-0"),
    ]


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


@pytest.mark.parametrize(
    ("pool", "given"),
    [
        ((), {}),
        ((Member("a"), Member("b"), Member("a")), {}),
        ((Member("a", (0,)),), {}),
        ((Member("a", (1, 1)),), {}),
        ((Member("a"),), {"eve_weight": 0.5}),
        ((Member("a"),), {"late_minutes": 1000}),
        ((Member("a"),), {"alarm_days": -1}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(pool: tuple[Member, ...], given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Rule(AREA, START, pool, **given)
