"""The calendar and the limits of the clocks' tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from services.chassis.clock import CHINA
from services.tickets.domain.deadline import Deadline, Kind, Pause, PauseKind
from services.tickets.domain.limits import Limits
from services.tickets.domain.worktime import Calendar, DayKind, Hours, Span, Special
from tests.tickets.domain.slow import MADE_UP, OFF

TICKET = UUID("00000000-0000-7000-8000-0000000000a1")
CLOCK = UUID("00000000-0000-7000-8000-0000000000b1")
HOURS = (Hours(date(2020, 1, 1), ((time(8, 30), time(12)), (time(14), time(17, 30)))),)
FESTIVALS = {1: "元旦", 2: "春节", 4: "清明", 5: "劳动节", 6: "端午", 9: "国庆节", 10: "国庆节"}
SPECIAL = {day: Special(DayKind.HOLIDAY, FESTIVALS[day.month]) for day in OFF} | {
    day: Special(DayKind.MAKEUP_WORKDAY, FESTIVALS[day.month]) for day in MADE_UP
}
PUBLISHED = Calendar(2, frozenset({2025, 2026}), SPECIAL, HOURS)
UNPUBLISHED = Calendar(1, frozenset({2025}), {}, HOURS)
LIMITS = Limits(
    category="",
    priority="",
    since=date(2020, 1, 1),
    name="示例",
    sign=Span(4, "h"),
    work=Span(5, "d"),
    overall=Span(7, "d"),
    return_within=Span(2, "d"),
    extension=Span(10, "d"),
    extensions=1,
    pause=15,
    warn=80,
    escalate=Span(1, "d"),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def told(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M}"


def work(start: datetime, limits: Limits = LIMITS, **columns: object) -> Deadline:
    """A WORK clock that has just begun and is not reckoned yet."""
    begun = Deadline(
        id=CLOCK,
        ticket=TICKET,
        kind=Kind.WORK,
        round=1,
        department="water",
        area="339999100200",
        limits=limits,
        started_at=start,
        due_at=start,
    )
    return replace(begun, **columns)  # type: ignore[arg-type]


def rests(pairs: Sequence[tuple[datetime, datetime | None]]) -> list[Pause]:
    return [Pause(since, until, PauseKind.AWAITING, "MATERIALS") for since, until in pairs]
