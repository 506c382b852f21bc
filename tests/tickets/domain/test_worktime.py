"""Working time against hand-made vectors, and against a calculator that walks minute by minute."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.clock import CHINA
from services.chassis.errors import InvalidInput
from services.tickets.domain.deadline import reckoned
from services.tickets.domain.worktime import Calendar, Hours, Span
from tests.tickets.domain import slow
from tests.tickets.domain.clocks import HOURS, LIMITS, PUBLISHED, UNPUBLISHED, at, rests, told, work

VECTORS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "clock_vectors.toml").read_text(encoding="utf-8")
)["clock"]


def due_of(vector: dict[str, Any]) -> datetime:
    limits = replace(LIMITS, work=Span.of(vector["limit"]), pause=vector.get("cap", 15))
    clock = work(at(vector["start"]), limits, extensions=tuple(Span.of(span) for span in vector.get("extensions", ())))
    calendar = UNPUBLISHED if vector.get("unpublished") else PUBLISHED
    pauses = [(at(pair[0]), at(pair[1]) if len(pair) == 2 else None) for pair in vector.get("pauses", ())]
    return reckoned(clock, calendar, rests(pauses), at(vector["start"])).due_at


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['start']} {vector['limit']}")
def test_by_hand(vector: dict[str, Any]) -> None:
    assert told(due_of(vector)) == vector["due"], vector["why"]


def test_there_are_enough_of_them() -> None:
    assert len(VECTORS) >= 40


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['start']} {vector['limit']}")
def test_the_slow_calculator_agrees_with_the_hand(vector: dict[str, Any]) -> None:
    pauses = [
        (datetime.fromisoformat(pair[0]), datetime.fromisoformat(pair[1]) if len(pair) == 2 else None)
        for pair in vector.get("pauses", ())
    ]
    found = slow.due(
        datetime.fromisoformat(vector["start"]),
        [vector["limit"], *vector.get("extensions", ())],
        pauses,
        vector.get("cap", 15) * 420,
        published=not vector.get("unpublished"),
    )
    assert f"{found:%Y-%m-%d %H:%M}" == vector["due"]


MINUTES = st.integers(0, 40 * 24 * 60).map(lambda n: datetime(2026, 2, 2) + timedelta(minutes=n))  # noqa: DTZ001  China's time
SPANS = st.one_of(
    st.integers(0, 8).map(lambda n: f"{n}d"),
    st.integers(1, 20).map(lambda n: f"{n}h"),
    st.integers(1, 500).map(lambda n: f"{n}m"),
)


@settings(max_examples=150, deadline=None)
@given(
    start=MINUTES,
    spans=st.lists(SPANS, min_size=1, max_size=2),
    marks=st.lists(st.integers(-3000, 20_000), max_size=5, unique=True).map(sorted),
    cap=st.integers(0, 4),
    published=st.booleans(),
)
def test_the_fast_one_agrees_with_the_slow_one(
    start: datetime, spans: list[str], marks: list[int], cap: int, published: bool
) -> None:
    points = [start + timedelta(minutes=mark) for mark in marks]
    pauses = [(since, until) for since, until in zip(points[::2], [*points[1::2], None], strict=False)]
    expected = slow.due(start, spans, pauses, cap * 420, published=published)
    local = [
        (since.replace(tzinfo=CHINA), None if until is None else until.replace(tzinfo=CHINA)) for since, until in pauses
    ]
    first, *more = (Span.of(span) for span in spans)
    clock = work(start.replace(tzinfo=CHINA), replace(LIMITS, work=first, pause=cap), extensions=tuple(more))
    found = reckoned(clock, PUBLISHED if published else UNPUBLISHED, rests(local), clock.started_at)
    assert told(found.due_at) == f"{expected:%Y-%m-%d %H:%M}"


def test_hours_change_from_a_day_on() -> None:
    """In summer (here from 03-03) the afternoon is from 15:00 to 18:00: a day of 390 minutes."""
    summer = Hours(date(2026, 3, 3), ((time(8, 30), time(12)), (time(15), time(18))))
    calendar = replace(PUBLISHED, hours=(*HOURS, summer))
    assert told(calendar.add(at("2026-03-02 17:00"), Span(5, "h"))) == "2026-03-03 16:00"
    assert told(calendar.add(at("2026-03-02 10:00"), Span(1, "d"))) == "2026-03-03 18:00"
    assert told(calendar.add(at("2019-03-04 16:30"), Span(2, "h"))) == "2019-03-05 09:30", (
        "the first hours hold before, too"
    )


def test_what_has_no_end_is_found_by_the_working_time_between() -> None:
    calendar: Calendar = PUBLISHED
    start, end = at("2026-02-13 16:30"), at("2026-02-24 09:00")
    assert calendar.between(start, end) == timedelta(minutes=60 + 420 + 30)
    assert calendar.between(end, start) == timedelta()
    assert calendar.elapse(start, timedelta()) == start


@pytest.mark.parametrize("text", ["", "5", "d", "05d", "0h", "0m", "1000d", "5 d", "-1d", "1.5d", "5d\n", "５d"])
def test_a_span_has_a_form(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Span.of(text, "work")
    assert refused.value.extra == {"field": "work", "rule": "span"}


def test_a_span_in_words() -> None:
    assert [Span.of(text).words for text in ("5d", "4h", "30m", "0d")] == [
        "5个工作日",
        "4个工作小时",
        "30分钟工作时间",
        "当日",
    ]


@pytest.mark.parametrize("periods", [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(17)))])
def test_hours_are_periods_in_order(periods: Any) -> None:
    with pytest.raises(InvalidInput):
        Hours(date(2026, 1, 1), periods)
