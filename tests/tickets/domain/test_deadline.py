"""What starts, stops and moves the clocks of a matter, what the timer finds, and how a deadline explains itself."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import Conflict, InvalidInput
from services.tickets.domain.deadline import (
    Alarm,
    Change,
    Clocks,
    Deadline,
    Extension,
    Kind,
    concerned,
    extended,
    followed,
    reckoned,
    require_grant,
    require_request,
    rung,
)
from services.tickets.domain.ticket import ENDS, MOVES, Status
from services.tickets.domain.worktime import Span
from tests.tickets.clock_checks import Walk, local
from tests.tickets.domain.clocks import LIMITS, PUBLISHED, TICKET, UNPUBLISHED, at, rests, told, work

MATTERS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "clock_vectors.toml").read_text(encoding="utf-8")
)["matter"]


def change(before: str, after: str, **more: Any) -> Change:
    return Change(
        ticket=TICKET,
        area="339999100200",
        before=Status(before),
        after=Status(after),
        department="water",
        dispatched=more.get("dispatched", after == "DISPATCHED" and before != "DISPATCHED"),
        reason=more.get("reason"),
    )


def clocks_after(steps: list[list[str]]) -> Clocks:
    clocks, before = Clocks(), "ACCEPTED"
    for when, after in steps:
        if concerned(deed := change(before, after)):
            clocks = followed(clocks, deed, LIMITS if deed.dispatched else None, PUBLISHED, at(when))
        before = after
    return clocks


def shown(deadline: Deadline) -> str:
    state = "ended" if deadline.ended_at else "met" if deadline.met_at else "open"
    late = " late" if deadline.missed_at else ""
    return f"{deadline.kind} {deadline.round} {told(deadline.due_at)} {state}{late}"


@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: f"{matter['steps'][0][0]} {matter['steps'][-1][1]}")
def test_whole_matters_by_hand(matter: dict[str, Any]) -> None:
    found = [shown(deadline) for deadline in clocks_after(matter["steps"]).deadlines]
    assert sorted(found) == sorted(matter["clocks"]), matter["why"]


WAYS = sorted(
    {(before.value, after.value) for deed in MOVES for before, after in deed.moves.items() if before is not after}
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2500)), min_size=3, max_size=14), st.integers(0, 2))
def test_under_any_moves_each_clock_is_as_the_slow_calculator_has_it(deeds: list[tuple[int, int]], cap: int) -> None:
    limits = replace(LIMITS, pause=cap, return_within=Span(300, "d"))
    status, now, walk, clocks = Status.ACCEPTED, at("2026-02-09 08:00"), Walk(), Clocks()
    for choice, minutes in deeds:
        now += timedelta(minutes=minutes)
        end = choice % 9 == 0
        ways = [after for before, after in WAYS if before == status and (Status(after) in ENDS) is end]
        if not ways:
            break
        before, status = status, Status(ways[choice % len(ways)])
        walk.note(before.value, status.value, local(now))
        if concerned(deed := change(before, status)):
            clocks = followed(clocks, deed, limits if deed.dispatched else None, PUBLISHED, now)
        check(clocks, walk, status)
    for each in clocks.deadlines:
        if each.open:
            expected = walk.due(each.kind, each.round, cap=cap * 420, published=True)
            assert local(each.due_at) == expected, each.sentence


def check(clocks: Clocks, walk: Walk, status: Status) -> None:
    assert {each.kind for each in clocks.deadlines if each.open} == walk.running(status)
    assert sum(each.kind is Kind.OVERALL for each in clocks.deadlines) == min(len(walk.dispatches), 1)
    for kind in (Kind.SIGN, Kind.WORK):
        rounds = [each.round for each in clocks.deadlines if each.kind is kind]
        assert sorted(rounds) == list(range(1, len(walk.dispatches) + 1))
        assert sum(each.open for each in clocks.deadlines if each.kind is kind) <= 1
    assert all(local(each.started_at) == walk.dispatches[each.round - 1] for each in clocks.deadlines)


def test_a_return_is_possible_for_two_days() -> None:
    begun = clocks_after([["2026-02-13 10:00", "DISPATCHED"]])
    last = begun.last(Kind.WORK)
    assert last is not None
    assert last.return_by is not None
    assert told(last.return_by) == "2026-02-24 17:30", "Saturday 14, then Tuesday 24"
    followed(begun, change("DISPATCHED", "RETURNED"), None, PUBLISHED, last.return_by)
    with pytest.raises(Conflict, match="possible until 2026-02-24 17:30") as refused:
        followed(begun, change("DISPATCHED", "RETURNED"), None, PUBLISHED, last.return_by + timedelta(minutes=1))
    assert refused.value.extra == {"returnBy": "2026-02-24T09:30:00+00:00"}


def test_what_a_pause_says_is_kept() -> None:
    begun = clocks_after([["2026-03-02 10:00", "DISPATCHED"], ["2026-03-02 11:00", "SIGNED"]])
    resting = followed(begun, change("SIGNED", "AWAITING", reason="materials"), None, PUBLISHED, at("2026-03-03 09:00"))
    assert [(pause.reason, pause.until) for pause in resting.pauses] == [("materials", None)]


def test_a_matter_that_has_no_clocks_has_none_after() -> None:
    """It was dispatched before there were any."""
    for before, after in (("DISPATCHED", "SIGNED"), ("RESOLVED", "IN_PROGRESS"), ("SIGNED", "RETURNED")):
        assert followed(Clocks(), change(before, after), None, PUBLISHED, at("2026-03-03 09:00")).deadlines == ()


# A calendar that is published late


def test_what_was_missed_by_a_provisional_calendar_is_not_missed() -> None:
    start, now = at("2026-02-10 10:00"), at("2026-02-18 09:00")
    clock = reckoned(work(start), UNPUBLISHED, (), start)
    assert (told(clock.due_at), clock.provisional) == ("2026-02-17 17:30", True)
    missed, alarm = rung(replace(clock, warned_at=start, next_at=clock.due_at), UNPUBLISHED, now)
    assert (alarm, missed.level, missed.missed_at) == (Alarm.MISSED, 1, clock.due_at)
    anew = reckoned(missed, PUBLISHED, (), now)
    assert (told(anew.due_at), anew.missed_at, anew.level, anew.provisional) == ("2026-02-24 17:30", None, 0, False)
    assert anew.next_at is not None
    assert anew.next_at > now
    assert anew.calendar == PUBLISHED.version


def test_a_make_up_day_can_bring_a_limit_forward_so_that_it_is_missed() -> None:
    start, now = at("2026-02-13 10:00"), at("2026-02-16 09:00")
    clock = reckoned(work(start, replace(LIMITS, work=Span(1, "d"))), UNPUBLISHED, (), start)
    assert told(clock.due_at) == "2026-02-16 17:30"
    anew = reckoned(clock, PUBLISHED, (), now)
    assert told(anew.due_at) == "2026-02-14 17:30"
    assert rung(replace(anew, warned_at=start, next_at=anew.due_at), PUBLISHED, now)[1] is Alarm.MISSED


def test_a_clock_that_has_stopped_stays_as_it_is() -> None:
    done = clocks_after([["2026-02-10 10:00", "DISPATCHED"], ["2026-02-11 10:00", "SIGNED"]]).deadlines[0]
    assert reckoned(done, UNPUBLISHED, (), at("2026-02-12 10:00")) == replace(done, calendar=UNPUBLISHED.version)


# Timers


def test_a_clock_warns_is_missed_and_escalates_in_three_levels_each_once() -> None:
    start = at("2026-03-02 10:00")
    clock = reckoned(work(start), PUBLISHED, (), start)
    # 330 minutes of Monday and five days are 2430; of these 80 percent are 1944: Monday, 3 days, and 354 minutes of Friday.
    assert clock.warn_at is not None
    assert told(clock.warn_at) == "2026-03-06 16:24"
    expected = [
        (Alarm.WARNED, 0, "2026-03-06 16:24"),
        (Alarm.MISSED, 1, "2026-03-09 17:30"),
        (Alarm.ESCALATED, 2, "2026-03-10 17:30"),
        (Alarm.ESCALATED, 3, "2026-03-11 17:30"),
    ]
    for alarm, level, when in expected:
        assert clock.next_at is not None
        assert told(clock.next_at) == when
        assert rung(clock, PUBLISHED, clock.next_at) == (clock, None), "not before its time has passed"
        clock, rang = rung(clock, PUBLISHED, clock.next_at + timedelta(minutes=1))
        assert (rang, clock.level) == (alarm, level)
    assert clock.next_at is None
    assert clock.missed_at == clock.due_at


def test_a_timer_that_comes_late_does_not_warn_any_more_and_takes_one_level_at_a_time() -> None:
    start, now = at("2026-03-02 10:00"), at("2026-03-20 10:00")
    clock = reckoned(work(start), PUBLISHED, (), start)
    rang = []
    while clock.next_at is not None:
        clock, alarm = rung(clock, PUBLISHED, now)
        rang.append((alarm, clock.level))
    assert rang == [(Alarm.MISSED, 1), (Alarm.ESCALATED, 2), (Alarm.ESCALATED, 3)]


def test_without_a_share_nothing_warns() -> None:
    start = at("2026-03-02 10:00")
    clock = reckoned(work(start, replace(LIMITS, warn=0)), PUBLISHED, (), start)
    assert (clock.warn_at, clock.next_at) == (None, clock.due_at)


# Extensions


def asked(days: int, **decided: Any) -> Extension:
    return Extension(
        id=uuid4(),
        ticket=TICKET,
        deadline=uuid4(),
        asked=Span(days, "d"),
        reason="示例",
        note=None,
        requested_by="example-officer",
        requested_at=at("2026-03-03 10:00"),
        **decided,
    )


NOW = at("2026-03-03 10:00")
GRANTED = {"granted": Span(2, "d"), "decided_by": "example-clerk", "decided_at": NOW}
REFUSED = GRANTED | {"granted": None}


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([asked(3)], NOW, "waits for its decision"),
        ([asked(3, **GRANTED)], NOW, "may be extended 1 times"),
        ([], at("2026-03-09 17:31"), "has run out"),
    ],
)
def test_when_no_extension_may_be_asked_for(before: list[Extension], now: datetime, words: str) -> None:
    clock = reckoned(work(at("2026-03-02 10:00")), PUBLISHED, (), NOW)
    with pytest.raises(Conflict, match=words):
        require_request(clock, before, Span(3, "d"), now)


def test_an_extension_needs_a_clock_that_runs() -> None:
    stopped = replace(work(at("2026-03-02 10:00")), met_at=NOW)
    for clock in (None, stopped):
        with pytest.raises(Conflict, match="no department's limit runs"):
            require_request(clock, [], Span(3, "d"), NOW)


def test_how_long_an_extension_may_be() -> None:
    clock = reckoned(work(at("2026-03-02 10:00")), PUBLISHED, (), NOW)
    assert require_request(clock, [asked(3, **REFUSED)], Span(10, "d"), NOW) is clock, "a refused one does not count"
    for days in (0, -1, 11):
        with pytest.raises(InvalidInput, match="from 1 to 10"):
            require_request(clock, [], Span(days, "d"), NOW)
    with pytest.raises(InvalidInput, match="from 1 to 3"):
        require_grant(asked(3), Span(4, "d"))
    anew = reckoned(extended(clock, require_grant(asked(3), Span(2, "d"))), PUBLISHED, (), NOW)
    assert told(anew.due_at) == "2026-03-11 17:30"


# Explanation


def test_a_deadline_explains_itself() -> None:
    start = at("2026-02-10 10:00")
    pauses = rests([(at("2026-02-14 14:00"), at("2026-02-24 14:00"))])
    clock = reckoned(work(start, extensions=(Span(1, "d"),)), PUBLISHED, pauses, start)
    assert clock.sentence == (
        "承办时限：依“示例”（2020-01-01起施行）为5个工作日；经批准延期1个工作日；自2026年2月10日10:00派遣起算，当日不计；"
        "不计2026年2月15日（周日）至2026年2月23日（周一）春节放假；2026年2月14日（周六）为春节调休上班，照计；"
        "2026年2月14日14:00至2026年2月24日14:00挂起（待补材料），扣除420分钟工作时间；截止2026年2月26日17:30。"
    )
    assert [(str(day.date), day.kind.value, day.festival) for day in clock.skipped] == [
        ("2026-02-14", "MAKEUP_WORKDAY", "春节"),
        *((f"2026-02-{day}", "HOLIDAY", "春节") for day in range(15, 24)),
    ]
    assert [(pause.minutes, pause.reason, pause.capped) for pause in clock.pauses] == [(420, "MATERIALS", False)]


def test_it_says_what_is_provisional_and_what_the_cap_left_out() -> None:
    start = at("2026-02-13 10:00")
    pauses = rests([(at("2026-02-16 08:30"), None)])
    clock = reckoned(work(start, replace(LIMITS, pause=1)), UNPUBLISHED, pauses, start)
    assert "（周六）至2026年2月15日（周日）周末、" in clock.sentence
    assert (
        "2026年2月16日08:30至2026年2月16日17:30挂起（待补材料），扣除420分钟工作时间（挂起已达上限，此后照计）"
        in clock.sentence
    )
    assert "暂按周一至周五计" in clock.sentence
    assert "示例" in clock.sentence


@pytest.mark.parametrize(
    ("kind", "words"), [(Kind.SIGN, "签收时限"), (Kind.WORK, "承办时限"), (Kind.OVERALL, "总时限")]
)
def test_each_kind_has_its_name(kind: Kind, words: str) -> None:
    start = at("2026-03-02 10:00")
    assert reckoned(work(start, kind=kind), PUBLISHED, (), start).sentence.startswith(words)


def test_an_agreed_day_takes_the_place_of_the_limits_of_the_work_and_of_the_whole() -> None:
    """Saturday 10 October 2026 works, the Sunday after it does not: what is agreed for the Sunday is due when business closes before."""
    for agreed, closes, told_as in (
        (date(2026, 10, 10), "2026-10-10 17:30", "约定2026年10月10日（周六）下班前办结"),
        (date(2026, 10, 11), "2026-10-10 17:30", "约定2026年10月11日（周日）下班前办结"),
    ):
        deed = replace(change("ACCEPTED", "DISPATCHED"), due_on=agreed)
        clocks = followed(Clocks(), deed, LIMITS, PUBLISHED, at("2026-09-29 10:00"))
        assert [(each.kind, each.due_on) for each in clocks.deadlines] == [
            (Kind.SIGN, None),
            (Kind.WORK, agreed),
            (Kind.OVERALL, agreed),
        ]
        overall = clocks.last(Kind.OVERALL)
        assert overall is not None
        assert (overall.due_at, told_as in overall.sentence) == (at(closes), True)
        assert "国庆节放假" in overall.sentence
        moved = reckoned(overall, UNPUBLISHED, (), at("2026-09-29 10:00"))
        assert moved.due_at == at("2026-10-09 17:30")


def test_after_the_agreed_day_the_whole_is_late_and_a_new_department_has_its_own_limit() -> None:
    deed = replace(change("ACCEPTED", "DISPATCHED"), due_on=date(2026, 1, 5))
    clocks = followed(Clocks(), deed, LIMITS, PUBLISHED, at("2026-01-06 09:00"))
    work, overall = clocks.last(Kind.WORK), clocks.last(Kind.OVERALL)
    assert work is not None
    assert overall is not None
    assert (work.due_on, work.due_at) == (None, at("2026-01-13 17:30"))
    assert overall.due_at == overall.started_at
