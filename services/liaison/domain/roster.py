"""The duty roster (一日一值班): each working day of a village station has the next cadre of the pool, make-up workdays included."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import Day

AHEAD_DAYS = 92


@dataclass(frozen=True)
class Cadre:
    """Someone who does duty; `subject` is the name of their account."""

    subject: str
    name: str


@dataclass(frozen=True)
class Rule:
    """From `starts` on, until the village's next rule starts, the pool does duty in its order."""

    area: str
    starts: date
    pool: tuple[Cadre, ...]

    def __post_init__(self) -> None:
        subjects = {cadre.subject for cadre in self.pool}
        if not subjects or len(subjects) < len(self.pool):
            raise InvalidInput("pool must name at least one cadre, each once", field="pool", rule="pool.distinct")


@dataclass(frozen=True)
class Shift:
    date: date
    cadre: Cadre


@dataclass(frozen=True)
class Standing:
    """A shift that was planned before; who signed in has done it."""

    shift: Shift
    signed: bool


@dataclass(frozen=True)
class Revision:
    """What to change so that the standing shifts become the roster."""

    put: tuple[Shift, ...]
    drop: tuple[date, ...]

    def __bool__(self) -> bool:
        return bool(self.put or self.drop)


def horizon(today: date, published_until: date) -> date:
    """Up to where rosters reach: the published calendar, and at least a quarter ahead to the end of that month."""
    ahead = today + timedelta(days=AHEAD_DAYS)
    return max(published_until, ahead.replace(day=monthrange(ahead.year, ahead.month)[1]))


def roster(rule: Rule, days: Iterable[Day]) -> list[Shift]:
    """The rule's shifts over the days, which are all days in order from its start: the nth working day is the (n mod size)th cadre's."""
    working = (day.date for day in days if day.works and day.date >= rule.starts)
    return [Shift(day, rule.pool[n % len(rule.pool)]) for n, day in enumerate(working)]


def revise(wanted: Iterable[Shift], standing: Mapping[date, Standing], today: date) -> Revision:
    """Brings what stands to what is wanted. A signed day stays; so does a past one, unless it proved to be no working day."""
    by_date = {shift.date: shift for shift in wanted}

    def settled(day: date) -> bool:
        before = standing.get(day)
        return before is not None and (before.signed or day < today)

    put = [
        shift
        for day, shift in by_date.items()
        if not settled(day) and (day not in standing or standing[day].shift != shift)
    ]
    drop = [day for day, before in standing.items() if day not in by_date and not before.signed]
    return Revision(tuple(put), tuple(sorted(drop)))
