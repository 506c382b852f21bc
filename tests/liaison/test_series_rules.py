"""On which days a series' sessions are: 2026's Tuesdays and 15ths by each policy, what stands, what goes."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import Day, DayKind, days_of
from services.liaison.domain.notice import published
from services.liaison.domain.series import Policy, Series, Why, arrange, check, dues
from services.liaison.domain.session import Kind, Session, State

VILLAGE = "339999100200"
CALENDAR = {day.date: day for year in (2025, 2026, 2027) for day in days_of(year, published().get(year))}
TUESDAYS = Series(
    id=UUID(int=1),
    kind=Kind.GATHERING,
    area="339999100",
    title="示例",
    weekday=2,
    policy=Policy.SKIP,
    opens=time(9),
    minutes=180,
    starts=date(2026, 1, 1),
)
FIFTEENTHS = replace(TUESDAYS, id=UUID(int=2), kind=Kind.DIALOGUE, weekday=None, day=15)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def plan(
    series: Series,
    standing: list[Session] | None = None,
    *,
    calendar: dict[date, Day] | None = None,
    villages: dict[str, date | None] | None = None,
    span: tuple[date, date] = YEAR,
) -> list[tuple[Session | None, Session | None, Why | None]]:
    made = arrange(series, villages or {VILLAGE: None}, calendar or CALENDAR, standing or [], *span)
    return [(each.before, each.after, each.why) for each in made.changes]


def sessions(series: Series, **given: Any) -> list[Session]:
    return [after for _, after, _ in plan(series, **given) if after is not None]


@pytest.mark.parametrize(
    ("policy", "moved"),
    [
        (Policy.SKIP, {"02-17": None, "05-05": None, "10-06": None}),
        (Policy.NEXT_WORKDAY, {"02-17": "02-25", "05-05": "05-06", "10-06": "10-08"}),
        (Policy.PREVIOUS_WORKDAY, {"02-17": "02-14", "05-05": "04-30", "10-06": "09-30"}),
    ],
)
def test_the_tuesdays_of_2026(policy: Policy, moved: dict[str, str | None]) -> None:
    """24 February is a Tuesday with a session of its own, so the next workday after the Spring Festival is the 25th; 14 February is a make-up
    workday."""
    made = sessions(replace(TUESDAYS, policy=policy))
    assert len(made) == 52
    off = {f"{each.due:%m-%d}": each for each in made if each.state is not State.PLANNED or each.date != each.due}
    assert {due: f"{each.date:%m-%d}" if each.state is State.PLANNED else None for due, each in off.items()} == moved
    assert all(each.reason is not None and "holiday" in each.reason for each in off.values())
    planned = [each.date for each in made if each.state is State.PLANNED]
    assert len(planned) == len(set(planned))
    assert all(CALENDAR[day].works for day in planned)


@pytest.mark.parametrize(
    ("policy", "moved"),
    [
        (Policy.SKIP, dict.fromkeys(("02-15", "03-15", "08-15", "11-15"))),
        (
            Policy.NEXT_WORKDAY,
            {"02-15": "02-24", "03-15": "03-16", "08-15": "08-17", "11-15": "11-16"},
        ),
        (
            Policy.PREVIOUS_WORKDAY,
            {"02-15": "02-14", "03-15": "03-13", "08-15": "08-14", "11-15": "11-13"},
        ),
    ],
)
def test_the_fifteenths_of_2026(policy: Policy, moved: dict[str, str | None]) -> None:
    made = sessions(replace(FIFTEENTHS, policy=policy))
    assert len(made) == 12
    off = {f"{each.due:%m-%d}": each for each in made if each.state is not State.PLANNED or each.date != each.due}
    assert {due: f"{each.date:%m-%d}" if each.state is State.PLANNED else None for due, each in off.items()} == moved


def test_a_month_without_the_day_has_none() -> None:
    assert [f"{due:%m-%d}" for due in dues(replace(FIFTEENTHS, day=31), *YEAR)] == [
        *("01-31", "03-31", "05-31", "07-31", "08-31", "10-31", "12-31")
    ]


def test_a_series_and_a_village_have_first_and_last_days() -> None:
    series = replace(TUESDAYS, starts=date(2026, 3, 2), ends=date(2026, 3, 31))
    ended = {VILLAGE: None, "339999100201": date(2026, 3, 10)}
    made = sessions(series, villages=ended)
    days = {area: [each.date.day for each in made if each.area == area] for area in ended}
    assert days == {VILLAGE: [3, 10, 17, 24, 31], "339999100201": [3, 10]}


def test_planning_again_changes_nothing() -> None:
    for policy in Policy:
        series = replace(TUESDAYS, policy=policy)
        assert plan(series, sessions(series)) == []


def test_what_is_past_held_or_moved_by_hand_stays() -> None:
    """The year after is published: what is ahead and was planned moves, and says why."""
    series = replace(TUESDAYS, policy=Policy.NEXT_WORKDAY, starts=date(2026, 9, 1))
    open_days = {
        day.date: replace(day, kind=DayKind.WORKDAY) if day.date.month == 10 else day for day in CALENDAR.values()
    }
    made = {each.due: each for each in sessions(series, calendar=open_days)}
    tuesdays = [date(2026, 9, 29), date(2026, 10, 6), date(2026, 10, 13), date(2026, 10, 20), date(2026, 10, 27)]
    past, holiday, by_hand, held, dropped = (made[day] for day in tuesdays)
    by_hand = replace(by_hand, date=date(2026, 10, 8), by_hand=True)
    held = replace(held, state=State.HELD, people=1)
    cancelled = replace(dropped, state=State.CANCELLED, by_hand=True)
    standing = [past, holiday, by_hand, held, cancelled]
    changed = plan(series, standing, span=(date(2026, 10, 1), date(2026, 10, 31)))
    assert [(before, after and after.date, why) for before, after, why in changed] == [
        (holiday, date(2026, 10, 9), Why.HOLIDAY)
    ]


def test_what_is_not_due_any_more_goes() -> None:
    standing = sessions(TUESDAYS)
    changed = plan(replace(TUESDAYS, ends=date(2026, 12, 15)), standing)
    assert [(before and before.due, after, why) for before, after, why in changed] == [
        (date(2026, 12, 22), None, Why.SERIES),
        (date(2026, 12, 29), None, Why.SERIES),
    ]
    changed = plan(TUESDAYS, standing, villages={VILLAGE: date(2026, 12, 22)})
    assert [(before and before.due, why) for before, _, why in changed] == [(date(2026, 12, 29), Why.AREA)]


def test_what_was_moved_by_hand_goes_with_the_series_that_had_it() -> None:
    made = {each.due: each for each in sessions(TUESDAYS)}
    moved = {
        due: replace(made[due], date=due + timedelta(days=1), by_hand=True)
        for due in (date(2026, 12, 15), date(2026, 12, 22))
    }
    standing = [*(made | moved).values()]
    changed = plan(replace(TUESDAYS, ends=date(2026, 12, 15)), standing)
    assert [(before and before.due, after) for before, after, _ in changed] == [
        (date(2026, 12, 22), None),
        (date(2026, 12, 29), None),
    ]


def test_each_that_goes_says_why() -> None:
    """The series ends on the 8th, and the village on the 22nd: the last would have gone with the village anyway."""
    changed = plan(
        replace(TUESDAYS, ends=date(2026, 12, 8)), sessions(TUESDAYS), villages={VILLAGE: date(2026, 12, 22)}
    )
    assert [(before and before.due.day, why) for before, _, why in changed] == [
        (15, Why.SERIES),
        (22, Why.SERIES),
        (29, Why.AREA),
    ]


def test_what_was_given_up_comes_back_with_the_series() -> None:
    span = (date(2026, 12, 28), date(2026, 12, 31))
    gone = [replace(each, state=State.CANCELLED, reason="示例") for each in sessions(TUESDAYS, span=span)]
    ((_, after, why),) = plan(TUESDAYS, gone, span=span)
    assert (after and after.state, why) == (State.PLANNED, Why.SERIES)


def test_a_dialogue_that_has_begun_stays_on_its_day() -> None:
    """It was written down in the morning who came, and the day became a holiday before its hour."""
    day = date(2026, 1, 15)
    series, calendar = replace(FIFTEENTHS, policy=Policy.NEXT_WORKDAY), CALENDAR | {}
    (session,) = sessions(series, span=(day, day))
    calendar[day] = replace(calendar[day], kind=DayKind.HOLIDAY)
    for begun, moved in (((), 1), ((session.id,), 0)):
        made = arrange(series, {VILLAGE: None}, calendar, [session], day, day, begun=begun)
        assert (len(made.changes), len(made.ahead)) == (moved, 1)


def test_no_day_left_before_the_first_is_skipped() -> None:
    series = replace(TUESDAYS, policy=Policy.PREVIOUS_WORKDAY)
    (skipped, *_) = sessions(series, span=(date(2026, 5, 1), date(2026, 5, 8)))
    assert (skipped.due, skipped.state) == (date(2026, 5, 5), State.SKIPPED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": 15}, "weekday"),
        ({"weekday": None}, "weekday"),
        ({"weekday": 8}, "weekday"),
        ({"minutes": 5}, "minutes"),
        ({"opens": time(23)}, "opens"),
        ({"departments": ("a", "a")}, "departments"),
        ({"departments": ("A",)}, "departments[0]"),
        ({"ends": date(2025, 1, 1)}, "ends"),
    ],
)
def test_a_series_that_will_not_do(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(replace(TUESDAYS, **changes))
    assert refused.value.extra["field"] == field


def test_a_session_that_was_moved_on_stays_where_its_holidays_are_over() -> None:
    """On 6 May, the day to which the 5th was moved, it is not moved again."""
    series = replace(TUESDAYS, policy=Policy.NEXT_WORKDAY)
    standing = sessions(series)
    assert plan(series, standing, span=(date(2026, 5, 6), YEAR[1] - timedelta(days=2))) == []
