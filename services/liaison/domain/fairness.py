"""What duties weigh: the last working day before days off that hold a holiday (节前) weighs more than another. Pure."""

from collections.abc import Iterable
from datetime import date

from services.liaison.domain.calendar import Day, DayKind

LOOK_AHEAD_DAYS = 30
"""So far beyond a span one must look to know which of its days are eves; the longest run of days off is shorter."""


def eves(days: Iterable[Day]) -> frozenset[date]:
    """The working days after which the next working day comes only after a holiday."""
    found = set()
    last: date | None = None
    holiday = False
    for day in days:
        if day.works:
            if last is not None and holiday:
                found.add(last)
            last, holiday = day.date, False
        elif day.kind is DayKind.HOLIDAY:
            holiday = True
    return frozenset(found)
