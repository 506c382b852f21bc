"""The duty roster (一日一值班): each working day of a village station has one cadre of the pool, make-up workdays included.

ROTATION: the pool stands in a queue. A day goes to the first who is free, who then goes to its end; so whoever was skipped is still in front
and has the next day on which they are free. FAIR: a day goes to the one who is most behind. Each day's weight (1, on the eve of a holiday more)
is owed in equal parts by those who are not on leave that day, and is done by whose turn it is; who is behind has done the least of what they
owe. WEEKDAYS: a day goes to those of its weekday, and where none of them is free, or it has none, to the one who is most behind.

What was agreed counts as the turn of the one whom the rule had chosen: favours are between the two, and planning again changes nothing by them.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from services.chassis.errors import InvalidInput
from services.liaison.domain.cadre import Span, absent
from services.liaison.domain.calendar import Day
from services.liaison.domain.fairness import eves

AHEAD_DAYS = 92
MOST_IN_POOL = 60
WEIGHTS = (1.0, 10.0)
LATE_MINUTES = (0, 240)
ALARM_DAYS = (0, 20)


class Pattern(StrEnum):
    ROTATION = "ROTATION"
    WEEKDAYS = "WEEKDAYS"
    FAIR = "FAIR"


@dataclass(frozen=True)
class Member:
    """Someone of a pool by the subject of their account; `weekdays` (ISO: 1 is Monday) are theirs by the pattern WEEKDAYS."""

    subject: str
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rule:
    """From `starts` on, until the village's next rule starts. Who signs in more than `late_minutes` after `opens` is late; a gap is told of
    `alarm_days` working days ahead."""

    area: str
    starts: date
    pool: tuple[Member, ...]
    pattern: Pattern = Pattern.ROTATION
    eve_weight: float = 1.5
    opens: time = time(8, 30)
    late_minutes: int = 15
    alarm_days: int = 3
    version: int = 1

    def __post_init__(self) -> None:
        subjects = {member.subject for member in self.pool}
        if not 0 < len(subjects) == len(self.pool) <= MOST_IN_POOL:
            raise InvalidInput(
                f"pool must name at least one cadre and at most {MOST_IN_POOL}, each once",
                field="pool",
                rule="pool.distinct",
            )
        for n, member in enumerate(self.pool):
            if len(set(member.weekdays)) < len(member.weekdays) or not set(member.weekdays) <= set(range(1, 8)):
                name = f"pool[{n}].weekdays"
                raise InvalidInput(f"{name} must be from 1 (Monday) to 7, each once", field=name, rule="weekday")
        for name, value, (least, most) in (
            ("eveWeight", self.eve_weight, WEIGHTS),
            ("lateMinutes", self.late_minutes, LATE_MINUTES),
            ("alarmDays", self.alarm_days, ALARM_DAYS),
        ):
            if not least <= value <= most:
                raise InvalidInput(f"{name} must be from {least:g} to {most:g}", field=name, rule="range")


@dataclass(frozen=True)
class Shift:
    """Who has the duty of a day. Of one that was `agreed`, `turn` is whose it was by the rule; None where nobody's."""

    date: date
    subject: str
    agreed: bool = False
    turn: str | None = None

    @property
    def by_rule(self) -> str | None:
        return self.turn if self.agreed else self.subject


@dataclass(frozen=True)
class Standing:
    """What was planned for a day before; who signed in has done it."""

    shift: Shift
    signed: bool = False


@dataclass(frozen=True)
class Absences:
    """`away`: when who is on leave or not in office; `engaged`: the days on which who is in another village."""

    away: Mapping[str, Sequence[Span]]
    engaged: Mapping[str, Set[date]]

    def free(self, subject: str, day: date) -> bool:
        return not absent(self.away, subject, day) and day not in self.engaged.get(subject, ())


@dataclass(frozen=True)
class Revision:
    """What to change so that the standing shifts become the roster; `added` are those of `put` where nobody was."""

    put: tuple[Shift, ...]
    drop: tuple[date, ...]
    added: tuple[date, ...]

    def __bool__(self) -> bool:
        return bool(self.put or self.drop)

    @property
    def changed(self) -> tuple[date, ...]:
        return tuple(shift.date for shift in self.put if shift.date not in self.added)


NOBODY_ABSENT = Absences({}, {})


def horizon(today: date, published_until: date) -> date:
    """Up to where rosters reach: the published calendar, and at least a quarter ahead to the end of that month."""
    ahead = today + timedelta(days=AHEAD_DAYS)
    return max(published_until, ahead.replace(day=monthrange(ahead.year, ahead.month)[1]))


class _Turns:
    """Whose turn it is: the queue, and how far each is ahead of what they owe."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._queue = [member.subject for member in rule.pool]
        self._ahead = dict.fromkeys(self._queue, 0.0)

    def next(self, free: Set[str], weekday: int) -> str | None:
        """Of those who are free; None when nobody is."""
        waiting = [subject for subject in self._queue if subject in free]
        if not waiting or self._rule.pattern is Pattern.ROTATION:
            return waiting[0] if waiting else None
        if self._rule.pattern is Pattern.WEEKDAYS:
            theirs = {member.subject for member in self._rule.pool if weekday in member.weekdays}
            waiting = [subject for subject in waiting if subject in theirs] or waiting
        return min(waiting, key=lambda subject: round(self._ahead[subject], 6))

    def took(self, subject: str | None, present: Sequence[str], weight: float) -> None:
        """What somebody outside of the pool does is nobody's turn, and owed by nobody."""
        if subject is None or subject not in self._ahead:
            return
        self._queue.remove(subject)
        self._queue.append(subject)
        if self._rule.pattern is not Pattern.ROTATION:
            for owing in present:
                self._ahead[owing] -= weight / len(present)
            self._ahead[subject] += weight


def roster(
    rule: Rule,
    days: Iterable[Day],
    last: date = date.max,
    *,
    standing: Mapping[date, Standing] | None = None,
    absences: Absences = NOBODY_ABSENT,
    today: date = date.min,
    reached: date = date.min,
) -> list[Shift]:
    """The rule's shifts up to `last`; a working day without one is a gap: nobody was free.

    `days` are all days in order from the rule's start, and some beyond `last`, which tell eves of holidays. What is past or signed stays, also
    a past day without anybody, as far as an earlier planning `reached`; and what was agreed, or is today's, while the one who has it is free:
    they may be at the station already, and their sign-in on its way.
    """
    days, standing = list(days), standing or {}
    before_holidays = eves(days)
    turns = _Turns(rule)
    pool = [member.subject for member in rule.pool]
    sometimes = _sometimes_absent(pool, days, absences)
    shifts = []
    for day in days:
        if not day.works or not rule.starts <= day.date <= last:
            continue
        before = standing.get(day.date)
        if before is None and day.date < today and day.date <= reached:
            continue
        present = pool
        if sometimes:
            present = [subject for subject in pool if not absent(sometimes, subject, day.date)]
        if before is not None and _settled(before, day.date, today, absences):
            shift: Shift | None = before.shift
        else:
            free = {subject for subject in present if day.date not in absences.engaged.get(subject, ())}
            subject = turns.next(free, day.date.isoweekday())
            shift = None if subject is None else Shift(day.date, subject)
        if shift is not None:
            weight = rule.eve_weight if day.date in before_holidays else 1.0
            turns.took(shift.by_rule, present, weight)
            shifts.append(shift)
    return shifts


def _sometimes_absent(pool: Sequence[str], days: Sequence[Day], absences: Absences) -> dict[str, list[Span]]:
    """Of the absences those that touch the days: mostly none, and then nobody need be looked up day by day."""
    if not days:
        return {}
    first, last = days[0].date, days[-1].date
    found = {
        subject: [span for span in absences.away.get(subject, ()) if span[0] <= last and span[1] >= first]
        for subject in pool
    }
    return {subject: spans for subject, spans in found.items() if spans}


def _settled(before: Standing, day: date, today: date, absences: Absences) -> bool:
    if before.signed or day < today:
        return True
    return (before.shift.agreed or day == today) and absences.free(before.shift.subject, day)


def revise(wanted: Iterable[Shift], standing: Mapping[date, Standing]) -> Revision:
    """Brings what stands to what is wanted, which `roster` made with regard to it. A signed day stays even where it proved to be no working day."""
    by_date = {shift.date: shift for shift in wanted}
    put = tuple(shift for day, shift in by_date.items() if day not in standing or standing[day].shift != shift)
    drop = sorted(day for day, was in standing.items() if day not in by_date and not was.signed)
    return Revision(put, tuple(drop), tuple(shift.date for shift in put if shift.date not in standing))
