"""Working time told minute by minute, without a line of the code under test: slow, and plain enough to be believed.

Where nothing runs it goes on by the half hours at which working time begins.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

OFF = {
    date(2026, *start) + timedelta(days=n)
    for start, days in (((1, 1), 3), ((2, 15), 9), ((4, 4), 3), ((5, 1), 5), ((6, 19), 3), ((9, 25), 3), ((10, 1), 7))
    for n in range(days)
}
MADE_UP = {date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
MINUTE = timedelta(minutes=1)
CLOSING = time(17, 30)

Rest = tuple[datetime, datetime | None]


def works(day: date, *, published: bool = True) -> bool:
    if published and day in OFF:
        return False
    return day.weekday() < 5 or (published and day in MADE_UP)


def runs(at: datetime, *, published: bool = True) -> bool:
    """Whether the minute that begins then is working time."""
    minute = at.hour * 60 + at.minute
    return works(at.date(), published=published) and (510 <= minute < 720 or 840 <= minute < 1050)


def target(start: datetime, spans: Iterable[str], *, published: bool = True) -> datetime:
    at = start
    for span in spans:
        amount, unit = int(span[:-1]), span[-1]
        if unit == "d":
            day, left = at.date(), amount
            while left:
                day += timedelta(days=1)
                left -= works(day, published=published)
            while not works(day, published=published) or datetime.combine(day, CLOSING) <= at:
                day += timedelta(days=1)
            at = datetime.combine(day, CLOSING)
        else:
            left = amount * (60 if unit == "h" else 1)
            while left:
                left -= runs(at, published=published)
                at += MINUTE
    return at


def due(
    start: datetime,
    spans: Sequence[str],
    rests: Sequence[Rest],
    cap: int,
    *,
    published: bool = True,
    checked: Sequence[Rest] = (),
) -> datetime:
    """`cap` is in minutes, of the rests; what is `checked` is left out without a cap."""
    end, left, at = target(start, spans, published=published), 0, start
    while at < end:
        running = runs(at, published=published)
        left += running
        at += MINUTE if running else timedelta(minutes=30 - at.minute % 30)
    at = min([start, *(since for since, _ in rests)])
    while left:
        if runs(at, published=published):
            if cap and within(at, rests):
                cap -= 1
            elif at >= start and not within(at, checked):
                left -= 1
            at += MINUTE
        else:
            at += timedelta(minutes=30 - at.minute % 30)
    return at


def within(at: datetime, rests: Sequence[Rest]) -> bool:
    return any(since <= at and (until is None or at < until) for since, until in rests)
