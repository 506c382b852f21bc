"""Market days by rule and exceptions, and stalls planned again on them: pure."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidInput
from services.liaison.domain.lunar import lunar
from services.liaison.domain.market import (
    KNOWN_DAYS,
    ExceptionKind,
    MarketDay,
    MarketException,
    Rule,
    RuleKind,
    ShortMonth,
    check_exception,
    in_words,
    market_days,
    rule_days,
)
from services.liaison.domain.stall import Cause, Plan, Stall, State, replan, stall_days

NEW_YEAR = date(2026, 1, 1)
FIRST, LAST = date(2020, 1, 1), date(2030, 12, 31)
SPANS = st.tuples(st.dates(FIRST, LAST), st.integers(0, 120)).map(lambda s: (s[0], s[0] + timedelta(days=s[1])))


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    kind = draw(st.sampled_from(RuleKind))
    days = draw(st.sets(st.sampled_from(KNOWN_DAYS[kind]), min_size=1, max_size=4))
    since = draw(st.dates(FIRST, LAST))
    until = draw(st.none() | st.integers(0, 400).map(lambda n: since + timedelta(days=n)))
    return Rule(kind, tuple(sorted(days)), since, until, draw(st.sampled_from(ShortMonth)))


def held(rule: Rule, first: date, last: date, *exceptions: MarketException) -> list[str]:
    return [f"{day.day:%m-%d}" for day in market_days(rule, first, last, exceptions)]


@pytest.mark.parametrize(
    ("kind", "days", "span", "expected", "words"),
    [
        (RuleKind.SOLAR, (0, 5), (1, 31), "01-05 01-10 01-15 01-20 01-25 01-30", "阳历逢五、十"),
        (RuleKind.LUNAR, (3, 8), (1, 31), "01-01 01-06 01-11 01-16 01-21 01-26 01-31", "农历逢三、八"),
        (RuleKind.WEEKDAY, (2,), (1, 15), "01-06 01-13", "每周二"),
        (RuleKind.BRANCH, (1,), (1, 31), "01-02 01-14 01-26", "逢子日"),
    ],
)
def test_each_kind_of_rule(
    kind: RuleKind, days: tuple[int, ...], span: tuple[int, int], expected: str, words: str
) -> None:
    rule = Rule(kind, days, NEW_YEAR)
    if kind is RuleKind.LUNAR:
        expected = " ".join(
            f"{day:%m-%d}" for day in days_between(NEW_YEAR, date(2026, 1, 31)) if lunar(day).day % 5 == 3
        )
    assert held(rule, date(2026, 1, span[0]), date(2026, 1, span[1])) == expected.split()
    assert in_words(rule) == words


def test_a_day_explains_itself() -> None:
    def why(kind: RuleKind, digit: int, day: date) -> str:
        return market_days(Rule(kind, (digit,), NEW_YEAR), day, day)[0].text

    assert why(RuleKind.LUNAR, 3, date(2026, 9, 13)) == "农历八月初三，逢三"
    assert why(RuleKind.SOLAR, 0, date(2026, 9, 20)) == "阳历9月20日，逢十"
    assert why(RuleKind.WEEKDAY, 7, date(2026, 9, 20)) == "每周日"
    assert why(RuleKind.BRANCH, 11, date(2026, 2, 17)) == "壬戌日，逢戌"


def test_what_a_short_month_does_is_data() -> None:
    """腊月 of the year 乙巳 has 29 days: its last is 2026-02-16."""
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    skip, on_last = (Rule(RuleKind.LUNAR, (0,), NEW_YEAR, None, each) for each in ShortMonth)
    assert "02-16" not in held(skip, first, last)
    (day,) = market_days(on_last, date(2026, 2, 16), date(2026, 2, 16))
    assert day.text == "农历腊月廿九，逢十，本月无三十，以月末为市"
    ends = Rule(RuleKind.SOLAR, (9, 0), NEW_YEAR, None, ShortMonth.LAST_DAY)
    assert held(ends, date(2026, 2, 20), last) == ["02-20", "02-28"]
    assert held(ends, date(2028, 2, 20), date(2028, 2, 29)) == ["02-20", "02-29"]
    assert market_days(ends, last, last)[0].text == "阳历2月28日，逢九，本月无29日，以月末为市"
    only_first = Rule(RuleKind.SOLAR, (1,), NEW_YEAR, None, ShortMonth.LAST_DAY)
    assert held(only_first, date(2026, 4, 20), date(2026, 5, 31)) == ["04-21", "05-01", "05-11", "05-21", "05-31"]


@settings(max_examples=60, deadline=None)
@given(rules(), SPANS)
def test_a_rule_holds_on_its_days_and_no_others(rule: Rule, span: tuple[date, date]) -> None:
    first, last = rule.span(*span)
    found = [day.day for day in market_days(rule, *span)]
    short = rule.short_month is ShortMonth.LAST_DAY

    def expected(day: date) -> bool:
        if rule.kind is RuleKind.WEEKDAY:
            return day.isoweekday() in rule.days
        if rule.kind is RuleKind.BRANCH:
            return any((day - date(2026, 1, 2)).days % 12 == place - 1 for place in rule.days)
        tomorrow = day + timedelta(days=1)
        if rule.kind is RuleKind.LUNAR:
            number, ends = lunar(day).day, lunar(tomorrow).day == 1
        else:
            number, ends = day.day, tomorrow.day == 1
        thirds = {20 + (digit or 10) for digit in rule.days}
        return number % 10 in rule.days or (short and ends and max(thirds) > number)

    assert found == [day for day in days_between(first, last) if expected(day)]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 9), min_size=1), st.integers(2021, 2029))
def test_a_lunar_digit_counts_its_days_in_a_year(digits: set[int], year: int) -> None:
    """A digit has three days a month, 逢十 two in a month of 29 days: unless the last day stands for the third."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    starts = [day for day in days_between(first, last) if lunar(day).day == 1]
    first, last = starts[0], starts[-1] - timedelta(days=1)
    months = len(starts) - 1
    short = sum(day.ends_month and day.day == 29 for day in map(lunar, days_between(first, last)))
    plain = Rule(RuleKind.LUNAR, tuple(digits), first)
    assert len(market_days(plain, first, last)) == 3 * months * len(digits) - short * (0 in digits)
    full = Rule(RuleKind.LUNAR, tuple(digits), first, None, ShortMonth.LAST_DAY)
    assert len(market_days(full, first, last)) == 3 * months * len(digits) - short * ({0, 9} <= digits)


@settings(max_examples=60, deadline=None)
@given(rules(), SPANS, st.data())
def test_exceptions_change_just_their_days(rule: Rule, span: tuple[date, date], data: st.DataObject) -> None:
    today, (first, last) = FIRST, rule.span(*span)
    exceptions: list[MarketException] = []
    plain = {day.day for day in market_days(rule, first, last)}
    expected = set(plain)
    for day in data.draw(st.sets(st.sampled_from(days_between(*span)), max_size=6)):
        kind = ExceptionKind.DROPPED if day in plain else ExceptionKind.ADDED
        exception = MarketException(day, kind, "示例")
        if not first <= day <= last:
            with pytest.raises(InvalidInput):
                check_exception(rule, exceptions, exception, today)
            continue
        check_exception(rule, exceptions, exception, today)
        exceptions.append(exception)
        expected ^= {day}
    found = market_days(rule, first, last, exceptions)
    assert [day.day for day in found] == sorted(expected)
    assert all(day.turn == (day.day if day.day in plain else None) for day in found)


SUNDAYS = Rule(RuleKind.WEEKDAY, (7,), NEW_YEAR, date(2026, 12, 31))
MOVED = MarketException(date(2026, 1, 10), ExceptionKind.ADDED, "示例：庙会", instead_of=date(2026, 1, 11))


def test_a_market_is_moved() -> None:
    days = market_days(SUNDAYS, NEW_YEAR, date(2026, 1, 20), [MOVED])
    assert [(day.day.day, day.turn and day.turn.day) for day in days] == [(4, 4), (10, 11), (18, 18)]
    assert days[1].text == "加市（由1月11日改期）：示例：庙会"


@pytest.mark.parametrize(
    ("exception", "rule"),
    [
        (MarketException(date(2026, 1, 3), ExceptionKind.DROPPED, "示例"), "market.day"),
        (MarketException(date(2026, 1, 4), ExceptionKind.ADDED, "示例"), "market.day"),
        (MarketException(date(2026, 1, 1), ExceptionKind.ADDED, "示例"), "not.past"),
        (MarketException(date(2027, 1, 3), ExceptionKind.DROPPED, "示例"), "market.validity"),
        (MarketException(date(2026, 1, 6), ExceptionKind.ADDED, "示例", date(2026, 1, 5)), "market.day"),
        (MarketException(date(2026, 1, 6), ExceptionKind.ADDED, "示例", date(2026, 1, 11)), "market.day"),
        (MarketException(date(2026, 1, 4), ExceptionKind.DROPPED, "示例", date(2026, 1, 18)), "market.moved"),
    ],
)
def test_an_exception_that_changes_nothing_is_refused(exception: MarketException, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_exception(SUNDAYS, [MOVED], exception, date(2026, 1, 2))
    assert refused.value.extra["rule"] == rule


@pytest.mark.parametrize(("kind", "days"), [(RuleKind.SOLAR, (10,)), (RuleKind.WEEKDAY, (0,)), (RuleKind.BRANCH, ())])
def test_a_rule_that_names_no_days_is_refused(kind: RuleKind, days: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="days must name one"):
        Rule(kind, days, NEW_YEAR)


# --- Stalls ------------------------------------------------------------------------------------------------------------


def plan(every_nth: int = 1, **changes: date) -> Plan:
    span = {"first": NEW_YEAR, "last": date(2026, 3, 31), **changes}
    who = ("example-cadre",)
    return Plan(UUID(int=1), UUID(int=2), "339999100", "a", who, "示例", time(8), time(11), every_nth=every_nth, **span)


def standing(days: Sequence[date], state: State = State.PLANNED, cause: Cause | None = None) -> list[Stall]:
    return [Stall(uuid4(), day, state, cause, 1) for day in days]


def days_of(found: Sequence[MarketDay]) -> list[date]:
    return [day.day for day in found]


def test_every_second_market_day_stays_so_when_one_is_dropped() -> None:
    days = days_of(stall_days(plan(2), SUNDAYS, []))
    assert days[:3] == [date(2026, 1, 4), date(2026, 1, 18), date(2026, 2, 1)]
    for day in days[:2]:
        dropped = MarketException(day, ExceptionKind.DROPPED, "示例")
        assert days_of(stall_days(plan(2), SUNDAYS, [dropped])) == [each for each in days if each != day]
    extra = MarketException(date(2026, 1, 20), ExceptionKind.ADDED, "示例")
    assert days_of(stall_days(plan(2), SUNDAYS, [extra])) == days
    assert date(2026, 1, 20) in days_of(stall_days(plan(), SUNDAYS, [extra]))


def test_a_stall_moves_with_its_market_and_one_without_a_market_is_cancelled() -> None:
    before = standing(days_of(stall_days(plan(), SUNDAYS, [])))
    dropped = MarketException(date(2026, 1, 4), ExceptionKind.DROPPED, "示例")
    change = replan(stall_days(plan(), SUNDAYS, [dropped, MOVED]), before, NEW_YEAR)
    assert (change.add, change.move, change.cancel) == ((), ((before[1], date(2026, 1, 10)),), (before[0],))
    mondays = Rule(RuleKind.WEEKDAY, (1,), NEW_YEAR)
    change = replan(stall_days(plan(), mondays, []), before, NEW_YEAR)
    assert [(stall.date, day) for stall, day in change.move] == [
        (stall.date, stall.date + timedelta(days=1)) for stall in before
    ]
    assert (change.add, change.cancel) == ((), ())


@settings(max_examples=60, deadline=None)
@given(rules(), rules(), st.integers(1, 4), st.dates(FIRST, LAST), st.data())
def test_planned_again_the_stalls_stand_on_the_market_days(
    old: Rule, new: Rule, every_nth: int, first: date, data: st.DataObject
) -> None:
    """What is past, held or taken back by the team stays; after it nothing is left to do."""
    wide = plan(every_nth, first=first, last=first + timedelta(days=120))
    today = first + timedelta(days=data.draw(st.integers(0, 90)))
    days = days_of(stall_days(wide, old, []))
    kinds = [(State.PLANNED, None), (State.HELD, None), (State.CANCELLED, Cause.TEAM), (State.CANCELLED, Cause.MARKET)]
    before = [standing([day], *data.draw(st.sampled_from(kinds)))[0] for day in days]
    wanted = stall_days(wide, new, [])
    change = replan(wanted, before, today)
    touched = {stall.id for stall, _ in change.move} | {stall.id for stall in change.cancel}
    assert all(stall.state is State.PLANNED and stall.date >= today for stall in before if stall.id in touched)
    after = [stall for stall in before if stall.id not in touched]
    after += standing([*change.add, *(day for _, day in change.move)])
    open_ = [stall.date for stall in after if stall.state is State.PLANNED and stall.date >= today]
    settled = {stall.date for stall in before if stall.state is State.HELD or stall.cause is Cause.TEAM}
    assert sorted(open_) == [day for day in days_of(wanted) if day >= today and day not in settled]
    assert not any((again := replan(wanted, after, today)).add + again.move + again.cancel)


def test_the_seed_s_team_is_there_on_each_traditional_market_day() -> None:
    """峡口镇的党员民生服务队在每个传统墟日风雨无阻地摆摊设点."""
    rule = Rule(RuleKind.LUNAR, (1, 6), NEW_YEAR, None, ShortMonth.SKIP)
    year = plan(first=NEW_YEAR, last=date(2026, 12, 31))
    change = replan(stall_days(year, rule, []), [], NEW_YEAR)
    assert list(change.add) == days_of(rule_days(rule, NEW_YEAR, date(2026, 12, 31)))
