"""The clocks of a matter (办理时限): what starts, stops and moves them, when they run out, and how each explains itself. Pure.

All start at the dispatch, not at the signing, or departments would bounce matters. SIGN and WORK are the department's, new at each dispatch.
OVERALL is the matter's: it never starts anew, neither by a return nor by a reopening nor by a rework.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, InvalidInput
from services.tickets.domain.catalogue import LEVELS
from services.tickets.domain.limits import Limits
from services.tickets.domain.ticket import ENDS, WITH_DEPARTMENT, AwaitingReason, Status
from services.tickets.domain.worktime import Calendar, DayKind, Interval, Span

MINUTE = timedelta(minutes=1)
DONE = (Status.RESOLVED, Status.VERIFIED, Status.CALLED_BACK)
"""The work is done, though it may be given back."""


class Kind(StrEnum):
    SIGN = "SIGN"
    WORK = "WORK"
    OVERALL = "OVERALL"


_NAMES = {Kind.SIGN: "签收时限", Kind.WORK: "承办时限", Kind.OVERALL: "总时限"}
_WEEKDAYS = "一二三四五六日"


class PauseKind(StrEnum):
    """AWAITING: the matter rests, with a reason. CHECKED: it lay with those who check the work before they gave it back."""

    AWAITING = "AWAITING"
    CHECKED = "CHECKED"


@dataclass(frozen=True)
class Pause:
    since: datetime
    until: datetime | None
    kind: PauseKind
    reason: str | None = None


@dataclass(frozen=True)
class Counted:
    """What of a pause a deadline leaves out: `minutes` of working time, from its start until it ends, or the cap does."""

    since: datetime
    until: datetime
    kind: PauseKind
    reason: str | None
    minutes: int
    capped: bool


@dataclass(frozen=True)
class Skipped:
    """A day between start and end that is no plain workday. A make-up workday counts, the others do not."""

    date: date
    kind: DayKind
    festival: str | None


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One clock. `due_at` is the last instant at which the deed is in time; while the matter rests, the latest that it can become.

    `due_on` is a day that was agreed in the place of the limit's length: the clock ends when business closes then.
    """

    id: UUID
    ticket: UUID
    kind: Kind
    round: int
    department: str | None
    area: str
    limits: Limits
    due_on: date | None = None
    extensions: tuple[Span, ...] = ()
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None = None
    return_by: datetime | None = None
    met_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    warned_at: datetime | None = None
    level: int = 0
    next_at: datetime | None = None
    calendar: int = 0
    provisional: bool = False
    skipped: tuple[Skipped, ...] = ()
    pauses: tuple[Counted, ...] = ()
    sentence: str = ""

    @property
    def open(self) -> bool:
        return self.met_at is None and self.ended_at is None

    @property
    def span(self) -> Span:
        return {Kind.SIGN: self.limits.sign, Kind.WORK: self.limits.work, Kind.OVERALL: self.limits.overall}[self.kind]


@dataclass(frozen=True)
class Clocks:
    """All clocks of one matter, and when it stood still, in order."""

    deadlines: tuple[Deadline, ...] = ()
    pauses: tuple[Pause, ...] = ()

    def last(self, kind: Kind) -> Deadline | None:
        return max((each for each in self.deadlines if each.kind is kind), key=lambda each: each.round, default=None)


@dataclass(frozen=True)
class Extension:
    """A request of the department's for more time, and what was decided."""

    id: UUID
    ticket: UUID
    deadline: UUID
    asked: Span
    reason: str
    note: str | None
    requested_by: str
    requested_at: datetime
    granted: Span | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


# Reckoning


def counted(calendar: Calendar, deadline: Deadline, pauses: Iterable[Pause]) -> Iterator[tuple[Pause, datetime, bool]]:
    """The pauses that stop this clock: each with its end, and whether the cap made that. The cap is the matter's, for all of its pauses."""
    left = deadline.limits.pause * calendar.hours_on(deadline.started_at.astimezone(CHINA).date()).length
    for pause in pauses:
        if pause.kind is PauseKind.CHECKED:
            if deadline.kind is Kind.WORK and pause.until is not None:
                yield pause, pause.until, False
            continue
        end = calendar.elapse(pause.since, left)
        capped = pause.until is None or pause.until > end
        until = end if pause.until is None or capped else pause.until
        left -= calendar.between(pause.since, until)
        yield pause, until, capped


def target(calendar: Calendar, deadline: Deadline) -> datetime:
    """Where the limit with its extensions ends, if nothing stops the clock."""
    agreed, start = deadline.due_on, deadline.started_at
    at = calendar.add(start, deadline.span) if agreed is None else max(start, calendar.closing(agreed))
    for span in deadline.extensions:
        at = calendar.add(at, span)
    return at


def reckoned(deadline: Deadline, calendar: Calendar, pauses: Sequence[Pause], now: datetime) -> Deadline:
    """The clock as the calendar, its extensions and the pauses make it. One that had run out and now has time again is not missed."""
    if not deadline.open:
        return replace(deadline, calendar=calendar.version)
    stops = [
        (pause, until, capped)
        for pause, until, capped in counted(calendar, deadline, pauses)
        if until > deadline.started_at
    ]
    gaps: list[Interval] = [(pause.since, until) for pause, until, _ in stops]
    budget = calendar.between(deadline.started_at, target(calendar, deadline))
    due = calendar.elapse(deadline.started_at, budget, gaps)
    warn = deadline.limits.warn
    warn_at = calendar.elapse(deadline.started_at, budget * warn / 100, gaps) if warn else None
    first, last = (at.astimezone(CHINA).date() for at in (deadline.started_at, due))
    after = replace(
        deadline,
        due_at=due,
        warn_at=warn_at,
        return_by=calendar.add(deadline.started_at, deadline.limits.return_within)
        if deadline.kind is Kind.WORK
        else None,
        calendar=calendar.version,
        provisional=any(year not in calendar.published for year in range(first.year, last.year + 1)),
        skipped=tuple(Skipped(*day) for day in calendar.unusual(first, last)),
        pauses=tuple(
            Counted(
                pause.since,
                until,
                pause.kind,
                pause.reason,
                calendar.between(max(pause.since, deadline.started_at), min(until, due)) // MINUTE,
                capped,
            )
            for pause, until, capped in stops
            if pause.since < due
        ),
    )
    if after.missed_at is not None:
        after = replace(after, missed_at=due) if due < now else replace(after, missed_at=None, level=0)
    if after.warned_at is not None and warn_at is not None and warn_at > now:
        after = replace(after, warned_at=None)
    late = after.missed_at is not None
    next_at = _next_level(after, after.level, calendar) if late else _next(after)
    return replace(after, sentence=sentence(after), next_at=next_at)


def _next(deadline: Deadline) -> datetime | None:
    """After which instant the timer has something to do with a clock that runs and is not missed."""
    warn = deadline.warned_at is None and deadline.warn_at is not None and deadline.warn_at < deadline.due_at
    return deadline.warn_at if warn else deadline.due_at


def _next_level(deadline: Deadline, level: int, calendar: Calendar) -> datetime | None:
    """The same of one that is missed and has been escalated to that level; to none yet, where it was done late and given back."""
    if level >= LEVELS:
        return None
    if level == 0:
        return deadline.due_at
    return calendar.add(deadline.due_at, deadline.limits.escalate.times(level))


# What the clocks do when the matter changes


@dataclass(frozen=True)
class Change:
    """What a deed made of a matter: its states before and after, and the department that has it after."""

    ticket: UUID
    area: str
    before: Status
    after: Status
    department: str | None
    dispatched: bool
    """Whether it has gone to a department, be it the same again."""
    reason: str | None = None
    due_on: date | None = None


def concerned(change: Change) -> bool:
    """Whether any clock starts, stops or moves."""
    states = {change.before, change.after}
    return change.dispatched or (len(states) > 1 and not states.isdisjoint({*WITH_DEPARTMENT, Status.RESOLVED, *ENDS}))


def followed(clocks: Clocks, change: Change, limits: Limits | None, calendar: Calendar, now: datetime) -> Clocks:
    """The clocks after a deed. `limits` are those of a dispatch. Raises Conflict for a return after its time."""
    if change.after is Status.RETURNED:
        _require_return_in_time(clocks.last(Kind.WORK), now)
    pauses = _pauses(clocks, change, now)
    deadlines = [_stopped(each, change, now) for each in clocks.deadlines]
    if change.dispatched and limits is not None:
        deadlines = [_ended(each, now) if each.kind is not Kind.OVERALL else each for each in deadlines]
        turn = 1 + max((each.round for each in deadlines if each.kind is Kind.WORK), default=0)
        for kind in Kind:
            if kind is not Kind.OVERALL or not any(each.kind is Kind.OVERALL for each in deadlines):
                deadlines.append(_begun(kind, turn, change, limits, now))
    if change.after in WITH_DEPARTMENT:
        deadlines = [_going(each, turn=_turn(deadlines)) for each in deadlines]
    return Clocks(tuple(reckoned(each, calendar, pauses, now) if each.open else each for each in deadlines), pauses)


def _turn(deadlines: Iterable[Deadline]) -> int:
    return max((each.round for each in deadlines if each.kind is Kind.WORK), default=0)


def _require_return_in_time(work: Deadline | None, now: datetime) -> None:
    if work is not None and work.open and work.return_by is not None and now > work.return_by:
        by = f"{work.return_by.astimezone(CHINA):%Y-%m-%d %H:%M}"
        raise Conflict(
            f"returnTicket was possible until {by} (China), {work.limits.return_within} after the dispatch",
            returnBy=work.return_by.isoformat(),
        )


def _pauses(clocks: Clocks, change: Change, now: datetime) -> tuple[Pause, ...]:
    pauses = list(clocks.pauses)
    if change.before is Status.AWAITING and change.after is not Status.AWAITING and pauses:
        pauses[-1] = replace(pauses[-1], until=pauses[-1].until or now)
    if change.after is Status.AWAITING and change.before is not Status.AWAITING:
        pauses.append(Pause(now, None, PauseKind.AWAITING, change.reason))
    work = clocks.last(Kind.WORK)
    given_back = change.before in DONE and change.after in WITH_DEPARTMENT and not change.dispatched
    if given_back and work is not None and work.met_at is not None:
        pauses.append(Pause(work.met_at, now, PauseKind.CHECKED))
    return tuple(pauses)


def _stopped(deadline: Deadline, change: Change, now: datetime) -> Deadline:
    """With what the new state stops."""
    if not deadline.open:
        return deadline
    if change.after in ENDS:
        return _ended(deadline, now)
    if change.after is Status.RETURNED:
        return deadline if deadline.kind is Kind.OVERALL else _ended(deadline, now)
    signed = change.after in (*WITH_DEPARTMENT, *DONE) and change.after is not Status.DISPATCHED
    met = change.after in DONE or (deadline.kind is Kind.SIGN and signed)
    return _met(deadline, now) if met else deadline


def _met(deadline: Deadline, now: datetime) -> Deadline:
    return replace(deadline, met_at=now, missed_at=_missed(deadline, now), next_at=None)


def _ended(deadline: Deadline, now: datetime) -> Deadline:
    if not deadline.open:
        return deadline
    return replace(deadline, ended_at=now, missed_at=_missed(deadline, now), next_at=None)


def _missed(deadline: Deadline, now: datetime) -> datetime | None:
    """The deed may be faster than the timer."""
    return deadline.due_at if deadline.due_at < now else None


def _going(deadline: Deadline, turn: int) -> Deadline:
    """Work that is given back goes on as if it had never been done; OVERALL has counted all the while."""
    if deadline.met_at is None or deadline.kind is Kind.SIGN or (deadline.kind is Kind.WORK and deadline.round < turn):
        return deadline
    return replace(deadline, met_at=None)


def _begun(kind: Kind, turn: int, change: Change, limits: Limits, now: datetime) -> Deadline:
    """An agreed day is the whole matter's and, while it lies ahead, that of the department's work."""
    ahead = change.due_on is not None and change.due_on > now.astimezone(CHINA).date()
    agreed = kind is Kind.OVERALL or (kind is Kind.WORK and ahead)
    return Deadline(
        id=uuid7(),
        ticket=change.ticket,
        kind=kind,
        round=1 if kind is Kind.OVERALL else turn,
        department=None if kind is Kind.OVERALL else change.department,
        area=change.area,
        limits=limits,
        due_on=change.due_on if agreed else None,
        started_at=now,
        due_at=now,
    )


# Extensions


def require_request(work: Deadline | None, before: Sequence[Extension], asked: Span, now: datetime) -> Deadline:
    """The clock that may be extended so; raises Conflict, or InvalidInput where it is too long."""
    if work is None or not work.open:
        raise Conflict("requestExtension: no department's limit runs")
    if work.due_at < now:
        raise Conflict("requestExtension: the limit has run out; it must be asked for in time")
    if any(each.decided_at is None for each in before):
        raise Conflict("requestExtension: an earlier request waits for its decision")
    if sum(each.granted is not None for each in before) >= work.limits.extensions:
        raise Conflict(f"requestExtension: the limit may be extended {work.limits.extensions} times")
    _require_length(asked, work.limits.extension, "days")
    return work


def require_grant(extension: Extension, granted: Span) -> Span:
    """Raises InvalidInput where more is granted than was asked."""
    _require_length(granted, extension.asked, "days")
    return granted


def _require_length(span: Span, most: Span, field: str) -> None:
    if not 1 <= span.amount <= most.amount:
        raise InvalidInput(f"{field} must be from 1 to {most.amount}", field=field, rule="range")


def extended(deadline: Deadline, granted: Span) -> Deadline:
    return replace(deadline, extensions=(*deadline.extensions, granted))


class Cause(StrEnum):
    """What moves the end of a limit."""

    CALENDAR = "CALENDAR"
    EXTENSION = "EXTENSION"
    PAUSE = "PAUSE"


# Timers


class Alarm(StrEnum):
    WARNED = "warned"
    MISSED = "missed"
    ESCALATED = "escalated"


def rung(deadline: Deadline, calendar: Calendar, now: datetime) -> tuple[Deadline, Alarm | None]:
    """What the timer finds due, one thing at a time, and the clock after it; nothing where it came too early."""
    if deadline.next_at is None or deadline.next_at >= now:
        return deadline, None
    if deadline.missed_at is not None:
        level = deadline.level + 1
        return replace(deadline, level=level, next_at=_next_level(deadline, level, calendar)), Alarm.ESCALATED
    if deadline.due_at < now:
        next_at = _next_level(deadline, 1, calendar)
        return replace(deadline, missed_at=deadline.due_at, level=1, next_at=next_at), Alarm.MISSED
    return replace(deadline, warned_at=now, next_at=deadline.due_at), Alarm.WARNED


# Explanation


def sentence(deadline: Deadline) -> str:
    """In Chinese: which rule, from when, which days do not count and why, which pauses do not, and the end."""
    limits = deadline.limits
    plain = deadline.due_on is None and deadline.span.unit == "d" and deadline.span.amount > 0
    rule = f"依“{limits.name}”（{limits.since:%Y-%m-%d}起施行）为{deadline.span.words}"
    if deadline.due_on is not None:
        rule = f"约定{_day(deadline.due_on)}下班前办结"
    parts = [
        f"{_NAMES[deadline.kind]}：{rule}",
        *(f"经批准延期{extension.words}" for extension in deadline.extensions),
        f"自{_at(deadline.started_at)}派遣起算" + ("，当日不计" if plain else ""),
    ]
    off = [day for day in deadline.skipped if not day.kind.works]
    if off:
        parts.append(f"不计{'、'.join(_runs(off))}")
    made_up = [day for day in deadline.skipped if day.kind.works]
    if made_up:
        parts.append("、".join(f"{_day(day.date)}为{day.festival}调休上班，照计" for day in made_up))
    parts += [_pause(pause) for pause in deadline.pauses]
    if deadline.provisional:
        parts.append("所涉年度放假安排尚未公布，暂按周一至周五计")
    return "；".join([*parts, f"截止{_at(deadline.due_at)}"]) + "。"


def _runs(days: Sequence[Skipped]) -> Iterator[str]:
    """Runs of days off with one reason, such as 2月15日至2月23日春节放假."""
    run: list[Skipped] = []
    for day in days:
        if run and ((day.date - run[-1].date).days != 1 or day.festival != run[0].festival):
            yield _run(run)
            run = []
        run.append(day)
    yield _run(run)


def _run(run: Sequence[Skipped]) -> str:
    reason = "周末" if run[0].festival is None else f"{run[0].festival}放假"
    first, last = run[0].date, run[-1].date
    return f"{_day(first)}{reason}" if first == last else f"{_day(first)}至{_day(last)}{reason}"


def _pause(pause: Counted) -> str:
    what = "办结待核实" if pause.kind is PauseKind.CHECKED else "挂起"
    reason = AwaitingReason.__members__.get(pause.reason or "")
    if reason is not None:
        what += f"（{reason.words}）"
    capped = "（挂起已达上限，此后照计）" if pause.capped else ""
    return f"{_at(pause.since)}至{_at(pause.until)}{what}，扣除{pause.minutes}分钟工作时间{capped}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def _at(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
