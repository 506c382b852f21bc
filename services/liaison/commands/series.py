"""Series of meetings, set by those who arrange them, and the planning of their sessions, which is the worker's."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.chassis.clock import CHINA, Clock, clock_time, stopped_within, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import Conflict, InvalidInput, NotFound, UnknownCode, none_such, require_version
from services.chassis.outbox import Telling, record_all
from services.liaison.domain.access import CALLER
from services.liaison.domain.calendar import Day
from services.liaison.domain.role import ARRANGERS
from services.liaison.domain.roster import horizon
from services.liaison.domain.series import (
    MOST_DAYS_OFF,
    TITLE,
    Arrangement,
    Change,
    Policy,
    Series,
    arrange,
    check,
)
from services.liaison.domain.session import Kind, Session, State
from services.liaison.domain.staffing import Engagement, Expert, Meeting, Staff, staff
from services.liaison.events import SessionGapFound, SessionMoved, SessionsPlanned
from services.liaison.store import area as areas
from services.liaison.store import cadre, calendar
from services.liaison.store import series as store
from services.liaison.store.series import Placed, Writing

LOOK_SECONDS = 60
GAP_DAYS = 7
"""So many days ahead it is told that nobody is free."""
GIVEN_UP = "the series does not have it any more (系列已调整，不再安排)"

log = structlog.get_logger()


# --- Deeds -------------------------------------------------------------------------------------------------------------


class SetSeries(Input, frozen=True, kw_only=True):
    """A new one has no id; else `version` is the one that the caller saw. `opens` is China's time, 08:30."""

    id: UUID | None = None
    version: int | None = None
    kind: Kind
    area_code: str
    title: str
    weekday: int | None = None
    day: int | None = None
    policy: Policy
    opens: str
    minutes: int
    departments: Sequence[str] = ()
    starts: date
    ends: date | None = None


class EndSeries(Input, frozen=True, kw_only=True):
    """`ends` is the last day on which it is due; by default today."""

    id: UUID
    version: int | None = None
    ends: date | None = None


async def set_series(doing: Doing, given: SetSeries) -> str:
    """Its sessions are planned by the worker. Raises InvalidInput, UnknownCode, NotFound outside of the caller's areas, StaleVersion."""
    if not await areas.known(doing.connection, given.area_code):
        raise UnknownCode("area", field="areaCode")
    if len(given.area_code) > 12:
        raise InvalidInput("areaCode must be a division, not a grid", field="areaCode", rule="area.division")
    if not doing.principal.covers(given.area_code):
        raise NotFound("areaCode: outside your areas", field="areaCode")
    before = None if given.id is None else await _taken(doing, given.id, given.version)
    series = Series(
        id=uuid7() if before is None else before.id,
        kind=given.kind,
        area=given.area_code,
        title=TITLE.check(given.title, "title"),
        weekday=given.weekday,
        day=given.day,
        policy=given.policy,
        opens=clock_time(given.opens, "opens"),
        minutes=given.minutes,
        departments=tuple(given.departments),
        starts=given.starts,
        ends=given.ends,
        version=1 if before is None else before.version + 1,
    )
    check(series)
    if before is None:
        await store.add(doing.connection, series)
    elif before.kind is not series.kind:
        raise InvalidInput("kind of a series cannot change: end it, and set another", field="kind", rule="series.kind")
    else:
        await store.revise(doing.connection, series)
    return str(series.id)


async def end_series(doing: Doing, given: EndSeries) -> str:
    """What is planned after its end goes. Raises InvalidInput, NotFound or StaleVersion."""
    before = await _taken(doing, given.id, given.version)
    series = replace(before, ends=given.ends or today(doing.clock), version=before.version + 1)
    check(series)
    await store.revise(doing.connection, series)
    return str(series.id)


async def _taken(doing: Doing, id_: UUID, version: int | None) -> Series:
    series = await store.take(doing.connection, id_)
    if series is None:
        raise none_such("series")
    require_version("series", version, series.version)
    return series


COMMANDS = (
    Command("setSeries", SetSeries, ARRANGERS, set_series, "seriesById"),
    Command("endSeries", EndSeries, ARRANGERS, end_series, "seriesById"),
)


# --- Planning ----------------------------------------------------------------------------------------------------------


async def keep_sessions(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks each minute whether a series is due for planning, or a gap to be told of, until stopped."""
    while not stop.is_set():
        changed, gaps = await plan_series_due(pool, clock), await tell_gaps(pool, clock)
        if changed or gaps:
            log.info("sessions.planned", changed=changed, gaps=gaps)
        await stopped_within(stop, LOOK_SECONDS)


async def plan_series_due(pool: Pool, clock: Clock) -> int:
    """Plans each series that is due, in a transaction of its own; returns how many sessions changed.

    One into which somebody's deed came stays due.
    """
    async with transaction(pool, CALLER) as connection:
        published = await calendar.published_until(connection)
        reach = await calendar.reach(connection)
        if published is None or reach is None:
            return 0
        until = min(horizon(today(clock), published), date(reach[1], 12, 31))
        due = await store.due(connection, until)
    changed = 0
    for id_ in due:
        try:
            async with transaction(pool, CALLER) as connection:
                changed += await plan(connection, clock, id_, until)
        except Conflict as conflict:
            log.info("sessions.plan_raced", series=str(id_), detail=conflict.detail)
    return changed


async def plan(connection: Connection, clock: Clock, id_: UUID, until: date) -> int:
    """Brings a series' sessions and their staff up to `until` and tells each village's; returns how many changed. Raises Conflict."""
    claimed = await store.claim(connection, id_, until)
    if claimed is None:
        return 0
    series = claimed.series
    now = clock.now().astimezone(CHINA)
    first = now.date() + timedelta(days=0 if now.time() < series.opens else 1)
    since = first - timedelta(days=MOST_DAYS_OFF)
    days = await calendar.days(connection, since, until + timedelta(days=MOST_DAYS_OFF))
    placed = await store.places(connection, id_, first)
    departments = {*series.departments, *(name for each in placed.values() for name in each)}
    experts = await store.experts(connection, sorted(departments))
    subjects = [each.subject for each in experts]
    ground = Ground(
        series,
        await store.villages(connection, series.area),
        {day.date: day for day in days},
        await store.standing(connection, id_, since),
        placed,
        experts,
        await cadre.leaves(connection, subjects, first, date.max),
        await store.engaged(connection, subjects, first),
        await store.served(connection, id_, subjects, first),
        await store.begun(connection, id_, first),
    )
    made = await asyncio.to_thread(make, ground, first, until)
    await store.write(connection, series, made.writing, GIVEN_UP)
    await record_all(connection, clock, made.tellings)
    await store.planned(connection, claimed, until)
    return made.changed


@dataclass(frozen=True)
class Ground:
    """All that a plan is made from. `engaged` has the kind and reference of each engagement."""

    series: Series
    villages: Mapping[str, date | None]
    calendar: Mapping[date, Day]
    standing: Sequence[Session]
    placed: Mapping[UUID, Mapping[str, Placed]]
    experts: Sequence[Expert]
    away: Sequence[tuple[str, date, date]]
    engaged: Sequence[tuple[str, str, Engagement]]
    served: Mapping[int, Mapping[str, int]]
    begun: Collection[UUID] = ()


@dataclass(frozen=True)
class Made:
    writing: Writing
    tellings: Sequence[Telling]
    changed: int


def make(ground: Ground, first: date, until: date) -> Made:
    """The plan and what is to be told of it. The same ground makes the same plan; from a plan that stands it makes no change."""
    arranged = arrange(
        ground.series, ground.villages, ground.calendar, ground.standing, first, until, begun=ground.begun
    )
    meetings = [_meeting(ground, session) for session in arranged.ahead]
    own = {str(meeting.id) for meeting in meetings} | {
        str(change.before.id) for change in arranged.changes if change.before is not None
    }
    elsewhere = [each for kind, ref, each in ground.engaged if kind != "SESSION" or ref not in own]
    wanted = staff(meetings, ground.experts, ground.away, elsewhere, ground.served)
    nobody = Placed(None, by_hand=False)
    put = {
        (id_, department): subject
        for (id_, department), subject in wanted.items()
        if department not in (there := ground.placed.get(id_, {})) or there.get(department, nobody).subject != subject
    }
    ahead = {session.id for session in arranged.ahead}
    going = {change.session.id for change in arranged.changes} - ahead
    unstaff = [
        (id_, department)
        for id_, there in ground.placed.items()
        for department in there
        if id_ in going or (id_ in ahead and (id_, department) not in wanted)
    ]
    restaffed = {id_ for id_, _ in (*put, *unstaff)}
    changes = {change.session.id: change for change in arranged.changes}
    unmoved = restaffed - changes.keys()
    touched = {session.id: session for session in arranged.ahead if session.id in unmoved}
    writing = Writing(
        add=[each.after for each in changes.values() if each.before is None and each.after is not None],
        change=[
            *((each.before.version, each.after) for each in changes.values() if each.before and each.after),
            *((session.version, session) for session in touched.values()),
        ],
        drop=[each.before for each in changes.values() if each.before is not None and each.after is None],
        unstaff=unstaff,
        staff=put,
    )
    tellings = _tellings(ground.series, arranged, wanted, touched, first, until)
    return Made(writing, tellings, len(changes) + len(touched))


def _meeting(ground: Ground, session: Session) -> Meeting:
    there = ground.placed.get(session.id, {})
    needs = {name: None if (place := there.get(name)) is None else place.subject for name in ground.series.departments}
    needs |= {name: place.subject for name, place in there.items() if place.by_hand}
    return Meeting(session.id, session.area, session.date, session.opens, session.minutes, needs)


def _tellings(
    series: Series, arranged: Arrangement, wanted: Staff, touched: Mapping[UUID, Session], first: date, until: date
) -> list[Telling]:
    """An event a village in which something has changed."""
    changes: dict[str, list[Change]] = {session.area: [] for session in touched.values()}
    for each in arranged.changes:
        changes.setdefault(each.session.area, []).append(each)
    area = {session.id: session.area for session in arranged.ahead}
    count = Counter(area.values())
    restaffed = Counter(session.area for session in touched.values())
    gaps = Counter(area[id_] for (id_, _), subject in wanted.items() if subject is None)
    return [
        Telling(
            SessionsPlanned(
                series=series.id,
                kind=series.kind,
                area=code,
                from_=first,
                until=until,
                count=count[code],
                changed=len(these) + restaffed[code],
                gaps=gaps[code],
                moved=[_moved(each) for each in sorted(these, key=lambda each: each.session.due) if each.moves],
            ),
            subject=str(series.id),
            area=code,
        )
        for code, these in sorted(changes.items())
    ]


def _moved(change: Change) -> SessionMoved:
    before = change.before
    assert change.why is not None  # noqa: S101  what is moved has a reason
    return SessionMoved(
        due=change.session.due,
        before=None if before is None or before.state is not State.PLANNED else before.date,
        after=None if change.after is None or change.after.state is not State.PLANNED else change.after.date,
        reason=change.why,
    )


async def tell_gaps(pool: Pool, clock: Clock) -> int:
    """Tells once of each department that has nobody free for a session of the next days; returns how many."""
    day = today(clock)
    async with transaction(pool, CALLER) as connection:
        gaps = await store.take_gaps(connection, day, day + timedelta(days=GAP_DAYS), clock.now())
        tellings = [
            Telling(
                SessionGapFound(
                    session=gap.session, kind=gap.kind, area=gap.area, date=gap.date, department=gap.department
                ),
                subject=str(gap.session),
                area=gap.area,
                department=gap.department,
            )
            for gap in gaps
        ]
        await record_all(connection, clock, tellings)
    return len(gaps)
