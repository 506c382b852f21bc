"""Whom departments send: against a maximum matching, over random villages, pools, leaves, calendars and engagements."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.liaison.commands.series import Ground, Made, make
from services.liaison.domain.calendar import Day, DayKind
from services.liaison.domain.series import Policy, Series
from services.liaison.domain.session import Kind, Session, State
from services.liaison.domain.staffing import Engagement, Expert, Free, choose
from services.liaison.store.series import Placed

DEPARTMENTS = ("agriculture", "justice")
FIRST = date(2026, 3, 2)
LAST = FIRST + timedelta(days=24)
OPENS, MINUTES = time(9), 120
SPAN = (9 * 60, 11 * 60)


def matching(reach: Mapping[str, set[str]]) -> int:
    """The size of a maximum matching of people to villages, by augmenting paths."""
    taken: dict[str, str] = {}

    def place(person: str, seen: set[str]) -> bool:
        for village in reach[person] - seen:
            seen.add(village)
            if village not in taken or place(taken[village], seen):
                taken[village] = person
                return True
        return False

    return sum(place(person, set()) for person in reach)


def ground(rng: random.Random) -> Ground:
    villages = sorted(
        {
            f"33{rng.randint(1, 2):02}{rng.randint(1, 2):02}10{rng.randint(1, 3)}20{rng.randint(0, 3)}"
            for _ in range(rng.randint(1, 9))
        }
    )
    experts = []
    for n in range(rng.randint(0, 14)):
        base = rng.choice(villages)
        since = FIRST + timedelta(days=rng.choice((-9, -9, 10)))
        until = rng.choice((None, None, since + timedelta(days=7)))
        area = base[: rng.choice((2, 4, 6, 9, 12))]
        expert = Expert(f"e{n}", rng.choice(DEPARTMENTS), area, base[: rng.choice((len(area), 12))], since, until)
        experts.append(expert)
    subjects = [each.subject for each in experts] or ["nobody"]
    days = [FIRST + timedelta(days=n) for n in range(-40, 100)]
    calendar = {}
    for day in days:
        kind = DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND
        if rng.random() < 0.2:
            kind = rng.choice((DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY))
        calendar[day] = Day(day, kind, "a day")
    away = []
    for _ in range(rng.randint(0, 5)):
        begins = FIRST + timedelta(days=rng.randint(-3, 24))
        away.append((rng.choice(subjects), begins, begins + timedelta(days=rng.randint(0, 6))))
    engaged: dict[tuple[str, date], Engagement] = {}
    for _ in range(rng.randint(0, 12)):
        day, opens = FIRST + timedelta(days=rng.randint(0, 24)), rng.choice((420, 540, 660))
        subject = rng.choice(subjects)
        engaged[subject, day] = Engagement(subject, rng.choice(villages), day, opens, opens + 120)
    series = Series(
        id=UUID(int=1),
        kind=Kind.GATHERING,
        area="33",
        title="示例",
        weekday=rng.randint(1, 7),
        policy=rng.choice(list(Policy)),
        opens=OPENS,
        minutes=MINUTES,
        departments=DEPARTMENTS,
        starts=FIRST,
    )
    served = {2026: {subject: rng.randint(0, 3) for subject in subjects}}
    kept = [("DUTY", "x", each) for each in engaged.values()]
    return Ground(series, dict.fromkeys(villages), calendar, [], {}, experts, away, kept, served)


def after(before: Ground, made: Made) -> Ground:
    """The ground as it is once the plan is written."""
    gone = {each.id for each in made.writing.drop}
    standing = {each.id: each for each in before.standing if each.id not in gone}
    standing |= {each.id: each for each in made.writing.add} | {each.id: each for _, each in made.writing.change}
    placed = {id_: dict(there) for id_, there in before.placed.items()}
    for id_, department in made.writing.unstaff:
        del placed[id_][department]
    for (id_, department), subject in made.writing.staff.items():
        placed.setdefault(id_, {})[department] = Placed(subject, by_hand=False)
    return replace(before, standing=list(standing.values()), placed=placed)


def can(it: Ground, expert: Expert, day: date) -> set[str]:
    """The villages in which an expert can be on a day, by the words of the rule."""
    if not expert.since <= day <= (expert.until or day):
        return set()
    if any(subject == expert.subject and first <= day <= last for subject, first, last in it.away):
        return set()
    busy = [
        each.area
        for _, _, each in it.engaged
        if (each.subject, each.date) == (expert.subject, day) and each.begins < SPAN[1] and SPAN[0] < each.ends
    ]
    within = (village for village in it.villages if village.startswith(expert.area))
    return {village for village in within if all(village == each for each in busy)}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_plan_keeps_every_rule(seed: int) -> None:
    """Nobody twice at one time or away, each department wherever it can be, on workdays, always the same, and stable."""
    rng = random.Random(seed)
    empty = ground(rng)
    made = make(empty, FIRST, LAST)
    it = after(empty, made)
    planned = {each.id: each for each in it.standing if each.state is State.PLANNED}
    check_days(it, list(planned.values()))
    experts = {each.subject: each for each in it.experts}
    sent: dict[tuple[date, str], dict[str, str]] = defaultdict(dict)
    for id_, there in it.placed.items():
        assert there.keys() == set(DEPARTMENTS)
        for department, place in there.items():
            if place.subject is not None:
                at = planned[id_]
                assert experts[place.subject].department == department
                assert at.area in can(it, experts[place.subject], at.date)
                assert place.subject not in sent[at.date, department].values()
                sent[at.date, department][at.area] = place.subject
    assert it.placed.keys() == planned.keys()
    for day in {each.date for each in planned.values()}:
        open_ = {each.area for each in planned.values() if each.date == day}
        for department in DEPARTMENTS:
            pool = [each for each in it.experts if each.department == department]
            reach = {each.subject: can(it, each, day) & open_ for each in pool}
            assert len(sent[day, department]) == matching(reach)
    again = make(replace(empty, experts=list(reversed(empty.experts)), away=list(reversed(empty.away))), FIRST, LAST)
    assert again.writing == made.writing
    assert make(it, FIRST, LAST).changed == 0
    check_stays(rng, it)


def check_days(it: Ground, planned: list[Session]) -> None:
    assert all(it.calendar[each.date].works for each in planned)
    assert len({(each.area, each.date) for each in planned}) == len(planned)
    for each in it.standing:
        works = it.calendar[each.due].works
        assert each.due.isoweekday() == it.series.weekday
        assert (each.date == each.due) == (works or each.state is State.SKIPPED)
        if each.date != each.due:
            assert (each.date > each.due) == (it.series.policy is Policy.NEXT_WORKDAY)
            assert it.series.policy is not Policy.SKIP


def check_stays(rng: random.Random, it: Ground) -> None:
    """Somebody goes on leave: nobody else moves on another day, and who is free that day still goes, where as many can."""
    if not it.experts:
        return
    gone, day = rng.choice(it.experts), FIRST + timedelta(days=rng.randint(0, 24))
    made = make(replace(it, away=[*it.away, (gone.subject, day, day)]), FIRST, LAST)
    assert not made.writing.add
    assert not made.writing.drop
    on = {each.id: each.date for each in it.standing}
    assert {on[id_] for id_, _ in made.writing.staff} <= {day}
    later = after(it, made)
    for id_, there in it.placed.items():
        if on[id_] == day:
            still = {place.subject for places in later.placed.values() for place in places.values()}
            assert {place.subject for place in there.values()} - {gone.subject, None} <= still


def test_duties_are_spread_and_ways_are_short() -> None:
    """Over a year of two villages and five who may go to both, none goes more than once more than another; the first choice is at home."""
    villages = ("330881100200", "330881101200")
    pool = [Free(f"e{n}", "330881", village) for n, village in enumerate((*villages, *villages, villages[0]))]
    tally: Counter[str] = Counter()
    at_home = 0
    for _ in range(50):
        sent = choose(dict.fromkeys(villages), pool, tally)
        tally.update(sent.values())
        base = {free.subject: free.base for free in pool}
        at_home += sum(base[subject] == village for village, subject in sent.items())
    assert max(tally.values()) - min(tally.values()) <= 1
    assert at_home >= 75


def test_who_may_go_to_few_places_is_taken_first() -> None:
    """The wide one stands where only the narrow one can go: they change places, since both villages are served then."""
    pool = [Free("wide", "330881", "330881"), Free("narrow", "330881100200", "330881100200")]
    sent = choose({"330881100200": "wide", "330881100201": None}, pool, {})
    assert sent == {"330881100200": "narrow", "330881100201": "wide"}


def test_who_stands_goes_on_although_another_went_less() -> None:
    pool = [Free("stands", "330881", "330881"), Free("rested", "330881", "330881100200")]
    assert choose({"330881100200": "stands"}, pool, {"stands": 9}) == {"330881100200": "stands"}
    assert choose({"330881100200": None}, pool, {"stands": 9}) == {"330881100200": "rested"}
