"""Series of meetings: on which days they are due, and on which they are when a day is no workday. Pure.

A session is due on each weekday of the series, or on a day of each month that has it. On a workday it is on that day. Else the policy says:
SKIP leaves it out, with its reason; NEXT_WORKDAY and PREVIOUS_WORKDAY take the nearest workday after or before it on which the village has
no other session of the series, from the first day that can still be planned on. Where none is left within MOST_DAYS_OFF, it is skipped.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import InvalidInput
from services.chassis.text import Text, checked_code
from services.liaison.domain.calendar import Day
from services.liaison.domain.session import Kind, Session, State, check_time, key_of

TITLE = Text(100)
MOST_DEPARTMENTS = 20
MOST_DAYS_OFF = 40
"""Longer than any holidays are."""


class Policy(StrEnum):
    SKIP = "SKIP"
    NEXT_WORKDAY = "NEXT_WORKDAY"
    PREVIOUS_WORKDAY = "PREVIOUS_WORKDAY"


class Why(StrEnum):
    """Why a session is not on the day on which it was, or would be."""

    HOLIDAY = "HOLIDAY"
    WEEKEND = "WEEKEND"
    TAKEN = "TAKEN"
    CALENDAR = "CALENDAR"
    SERIES = "SERIES"
    AREA = "AREA"


@dataclass(frozen=True, kw_only=True)
class Series:
    """Either `weekday` (ISO: 1 is Monday) or `day` of the month. Each of `departments` sends one of its cadres to every session.

    From `starts` to `ends`, both included. There is a session in each village of `area`.
    """

    id: UUID
    kind: Kind
    area: str
    title: str
    weekday: int | None = None
    day: int | None = None
    policy: Policy
    opens: time
    minutes: int
    departments: tuple[str, ...] = ()
    starts: date
    ends: date | None = None
    version: int = 1


def check(series: Series) -> None:
    """Raises InvalidInput that names the field."""
    if (series.weekday is None) == (series.day is None):
        raise InvalidInput("give weekday or day, not both", field="weekday", rule="series.rule")
    for name, value, most in (("weekday", series.weekday, 7), ("day", series.day, 31)):
        if value is not None and not 1 <= value <= most:
            raise InvalidInput(f"{name} must be from 1 to {most}", field=name, rule="range")
    check_time(series.opens, series.minutes, "opens")
    if len(series.departments) > MOST_DEPARTMENTS:
        raise InvalidInput(f"departments: at most {MOST_DEPARTMENTS}", field="departments", rule="size")
    for n, code in enumerate(series.departments):
        checked_code(code, f"departments[{n}]")
    if len(set(series.departments)) < len(series.departments):
        raise InvalidInput("departments names one twice", field="departments", rule="unique")
    if series.ends is not None and series.ends < series.starts:
        raise InvalidInput("ends must not lie before starts", field="ends", rule="order")


def dues(series: Series, first: date, last: date) -> list[date]:
    """The days on which the series is due, from first to last, both included; a month without its day has none."""
    first, last = max(first, series.starts), min(last, series.ends or last)
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [each for each in span if series.weekday == each.isoweekday() or series.day == each.day]


@dataclass(frozen=True)
class Place:
    """Where a due session is: `date` is that of `due` unless it was moved; `why` and `reason` say why it is not on its day, or not at all."""

    due: date
    date: date
    state: State
    why: Why | None = None
    reason: str | None = None


def places(
    policy: Policy, wanted: Iterable[date], calendar: Mapping[date, Day], taken: Iterable[date], first: date, last: date
) -> dict[date, Place]:
    """A place for each wanted due day, from first to last, both included. `taken` are the days of what stays as it is."""
    held, off = set(taken), []
    result: dict[date, Place] = {}
    for due in sorted(wanted):
        if calendar[due].works and due >= first and due not in held:
            result[due] = Place(due, due, State.PLANNED)
        else:
            off.append(due)
    days = {day.date for day in calendar.values() if day.works and first <= day.date <= last} - held - result.keys()
    for due in off:
        why, reason = _why(calendar[due], first)
        free = _nearest(policy, due, days)
        days.discard(free or due)
        result[due] = Place(due, free or due, State.SKIPPED if free is None else State.PLANNED, why, reason)
    return result


def _why(day: Day, first: date) -> tuple[Why, str]:
    if not day.works:
        return Why(day.kind), day.explanation
    if day.date < first:
        return Why.CALENDAR, "its day is over (原定日期已过)"
    return Why.TAKEN, "another session of the series is on that day (当日已有同系列活动)"


def _nearest(policy: Policy, due: date, days: Collection[date]) -> date | None:
    if policy is Policy.SKIP:
        return None
    way = timedelta(days=1 if policy is Policy.NEXT_WORKDAY else -1)
    return next((each for n in range(1, MOST_DAYS_OFF + 1) if (each := due + n * way) in days), None)


@dataclass(frozen=True)
class Change:
    """A session before and after planning: None where there was none, or where it goes. `why` it is not on its day, or not as before."""

    before: Session | None
    after: Session | None
    why: Why | None

    @property
    def session(self) -> Session:
        """The later of the two."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  one of them is there
        return found

    @property
    def moves(self) -> bool:
        """Whether its day is another than it was, or than the series says."""
        before = None if self.before is None or self.before.state is not State.PLANNED else self.before.date
        after = None if self.after is None or self.after.state is not State.PLANNED else self.after.date
        return after != (self.session.due if self.before is None else before)


@dataclass(frozen=True)
class Arrangement:
    """What planning changes, and all sessions that are ahead then: they need staff."""

    changes: Sequence[Change]
    ahead: Sequence[Session]


def arrange(
    series: Series,
    villages: Mapping[str, date | None],
    calendar: Mapping[date, Day],
    standing: Iterable[Session],
    first: date,
    last: date,
    begun: Collection[UUID] = (),
) -> Arrangement:
    """The series' sessions from first to last over its villages, which map to their last days.

    What was held, has `begun`, is past, or was moved or cancelled by hand while series and village last stays. `standing` has all sessions of
    the series that are due or on a day from MOST_DAYS_OFF before `first` on. What is not due any more is taken away, or cancelled where somebody
    may have counted on it.
    """
    of: dict[str, dict[date, Session]] = {area: {} for area in sorted(villages)}
    for each in standing:
        of.setdefault(each.area, {})[each.due] = each
    due = dues(series, first - timedelta(days=MOST_DAYS_OFF), last)
    known: dict[tuple[frozenset[date], frozenset[date], date], dict[date, Place]] = {}
    changes: list[Change] = []
    ahead: list[Session] = []
    for area, own in of.items():
        end = villages.get(area, date.min) or date.max
        fixed = [each for each in own.values() if each.id in begun or _stays(series, each, first, end)]
        settled = {each.due for each in fixed}
        open_ = {each.due: each for each in own.values() if each.due not in settled}
        wanted = frozenset(
            day for day in due if day <= end and day not in settled and (day >= first or _moved_on(open_.get(day)))
        )
        taken = frozenset(each.date for each in fixed if each.state in (State.PLANNED, State.HELD))
        if (found := known.get((wanted, taken, end))) is None:
            found = places(
                series.policy, wanted, calendar, taken, first, min(end, last + timedelta(days=MOST_DAYS_OFF))
            )
            known[wanted, taken, end] = found
        ahead += [each for each in fixed if each.state is State.PLANNED and each.date >= first]
        for place in found.values():
            before = open_.pop(place.due, None)
            after = _placed(series, area, place, before)
            if after != before:
                changes.append(Change(before, after, place.why or (None if before is None else _cause(before, after))))
            if after.state is State.PLANNED:
                ahead.append(after)
        changes += [
            Change(each, None, Why.AREA if end < max(each.due, each.date) else Why.SERIES)
            for each in open_.values()
            if each.state is not State.CANCELLED
        ]
    return Arrangement(changes, ahead)


def _stays(series: Series, session: Session, first: date, end: date) -> bool:
    by_hand = session.by_hand and session.date <= end and series.starts <= session.due <= (series.ends or session.due)
    return session.state is State.HELD or session.date < first or by_hand


def _moved_on(session: Session | None) -> bool:
    """Whether it was due before, and is ahead on another day."""
    return session is not None and session.state is State.PLANNED


def _placed(series: Series, area: str, place: Place, before: Session | None) -> Session:
    """As it is to be; the same as before where nothing changes."""
    if before is None:
        return Session(
            id=key_of(series.id, area, place.due),
            series=series.id,
            kind=series.kind,
            area=area,
            due=place.due,
            date=place.date,
            opens=series.opens,
            minutes=series.minutes,
            state=place.state,
            reason=place.reason,
        )
    after = replace(
        before,
        date=place.date,
        opens=series.opens,
        minutes=series.minutes,
        state=place.state,
        reason=place.reason,
        by_hand=False,
    )
    return after if after == before else replace(after, version=before.version + 1)


def _cause(before: Session, after: Session) -> Why:
    """Why a session that is on its own day again was not, or has another time."""
    same = (before.date, before.state) == (after.date, after.state)
    return Why.SERIES if same or before.state is State.CANCELLED else Why.CALENDAR
