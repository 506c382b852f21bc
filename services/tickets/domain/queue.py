"""The queue before the windows (叫号): numbers, their order and states as data, and how long one will wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from uuid import UUID

from services.chassis.errors import Conflict, IllegalTransition


class QueueStatus(StrEnum):
    """Where a number stands. VOID: it was not served on its day."""

    WAITING = "WAITING"
    CALLED = "CALLED"
    SERVING = "SERVING"
    FINISHED = "FINISHED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    VOID = "VOID"


class Outcome(StrEnum):
    """What came of it: done at once, accepted as a matter, papers missing (一次性告知), advised, sent elsewhere."""

    DONE = "DONE"
    ACCEPTED = "ACCEPTED"
    MATERIALS_MISSING = "MATERIALS_MISSING"
    ADVISED = "ADVISED"
    ELSEWHERE = "ELSEWHERE"


_S = QueueStatus
DEEDS: Mapping[str, Mapping[QueueStatus, QueueStatus]] = {
    "callNext": {_S.WAITING: _S.CALLED},
    "recallNumber": {_S.CALLED: _S.CALLED},
    "startServing": {_S.CALLED: _S.SERVING},
    "transferNumber": {_S.CALLED: _S.WAITING, _S.SERVING: _S.WAITING},
    "markNoShow": {_S.CALLED: _S.NO_SHOW},
    "returnNumber": {_S.NO_SHOW: _S.WAITING},
    "finishServing": {_S.SERVING: _S.FINISHED},
    "cancelNumber": {_S.WAITING: _S.CANCELLED},
}
"""deed → state before → state after"""
PER = ("CENTRE", "GROUP", "WINDOW", "DAY")
"""What figures are made for: centres as a whole, or each of their groups, windows, days."""
LIVE = (_S.WAITING, _S.CALLED, _S.SERVING, _S.NO_SHOW)


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of a day. `ahead_rank` is 0 for who goes first, else 1; see `queue_number` for the order."""

    id: UUID
    centre: str
    area: str
    day: date
    group_code: str
    serial: int
    number: str
    item: str | None
    priority: str | None
    status: QueueStatus = QueueStatus.WAITING
    ahead_rank: int
    place_at: datetime
    returned_at: datetime | None = None
    for_window: str | None = None
    window_code: str | None = None
    calls: int = 0
    taken_at: datetime
    waiting_since: datetime
    first_called: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    ticket: UUID | None = None
    version: int = 1

    def after(self, deed: str) -> QueueStatus:
        """The state after the deed; raises IllegalTransition."""
        after = DEEDS[deed].get(self.status)
        if after is None:
            possible = tuple(name for name, moves in DEEDS.items() if self.status in moves)
            then = f"it allows {', '.join(possible)}" if possible else "nothing more can be done with it"
            raise IllegalTransition(
                f"{deed} is not possible while the number is {self.status.value}: {then}",
                state=self.status.value,
                allowed=possible,
            )
        return after

    def require_day(self, today: date) -> None:
        """Raises Conflict for a number of an earlier day."""
        if self.day < today or self.status is QueueStatus.VOID:
            raise Conflict("the number was for an earlier day and is void: take a new one")


@dataclass(frozen=True)
class Turn:
    """A number's time at a window, which ended SERVED, TRANSFERRED or NO_SHOW."""

    number: Number
    window_code: str
    first_called: datetime
    started_at: datetime | None
    ended_at: datetime
    ended: str


@dataclass(frozen=True)
class Estimate:
    """How long a place waits, and of what that was made: who is ahead, windows, and the average of `samples` of today's services.

    No samples: the average is what the centre states as usual.
    """

    ahead: int
    windows: int
    samples: int
    average: timedelta
    wait: timedelta

    @property
    def minutes(self) -> int:
        return ceil(self.wait / timedelta(minutes=1))


def label(group: str, serial: int) -> str:
    """The number that people quote: A001; a serial over 999 has more digits."""
    return f"{group}{serial:03d}"
