"""Plans rosters from their rules, and keeps them planned a quarter ahead."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import structlog

from services.chassis import outbox
from services.chassis.clock import Clock, stopped_within, today
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import Conflict
from services.liaison.commands.calendar import load_years, tell_years
from services.liaison.domain.access import CALLER
from services.liaison.domain.cadre import spans
from services.liaison.domain.calendar import Notice
from services.liaison.domain.duty import key_of
from services.liaison.domain.fairness import LOOK_AHEAD_DAYS
from services.liaison.domain.notice import published
from services.liaison.domain.roster import Absences, Shift, horizon, revise, roster
from services.liaison.events import DutyGapFound, RosterPlanned
from services.liaison.store import area, cadre, calendar, duty, rule

LOOK_SECONDS = 60
AT_ONCE = 50
"""Villages whose rosters are planned in one transaction."""
MOST_TRIES = 5

log = structlog.get_logger()


async def keep_horizon(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks each minute whether a year or a roster is due, and whether a gap is near, until stopped."""
    while not stop.is_set():
        years, changed = await plan_due(pool, clock, published(), correcting=False)
        gaps = await tell_gaps(pool, clock)
        if years or changed or gaps:
            log.info("rosters.planned", years=years, rosters=changed, gaps=gaps)
        await stopped_within(stop, LOOK_SECONDS)


async def plan_due(
    pool: Pool, clock: Clock, notices: Mapping[int, Notice], *, correcting: bool
) -> tuple[list[int], int]:
    """Loads the years that are due, tells of them, and plans each roster that is due, some villages a transaction.

    `correcting`: also a year that was loaded otherwise is due. Returns the years loaded and the number of rosters that changed.
    """
    until = horizon(today(clock), date(max(notices), 12, 31))
    async with transaction(pool, CALLER) as connection:
        years = await load_years(connection, clock, notices, until, correcting=correcting)
        await tell_years(connection, clock)
        until = horizon(today(clock), await calendar.published_until(connection) or until)
        due = await rule.due(connection, until)
    changed = 0
    for n in range(0, len(due), AT_ONCE):
        changed += await _plan_free(pool, clock, due[n : n + AT_ONCE], until)
    return years, changed


async def _plan_free(pool: Pool, clock: Clock, areas: Sequence[str], until: date) -> int:
    """Plans again with what has come about meanwhile where somebody was sent elsewhere while their duties were planned."""
    for tries in range(MOST_TRIES):
        try:
            async with transaction(pool, CALLER) as connection:
                return await plan(connection, clock, areas, until)
        except Conflict:
            log.info("rosters.again", areas=len(areas), tries=tries + 1)
    raise Conflict("rosters and what else is planned keep crossing each other", rule="one.place")


async def plan(connection: Connection, clock: Clock, areas: Collection[str], until: date) -> int:
    """Brings the rosters of the areas' rules up to `until` and tells of those that changed; returns how many.

    Raises Conflict where somebody was taken elsewhere while this was planned.
    """
    claimed = await rule.claim(connection, areas, until)
    if not claimed:
        return 0
    day, first = today(clock), min(due.rule.starts for due in claimed)
    villages = sorted({due.rule.area for due in claimed})
    await duty.hold(connection, villages, day)
    days = await calendar.days(connection, first, until + timedelta(LOOK_AHEAD_DAYS))
    ends = await area.last_days(connection, villages)
    standing = await duty.standing(connection, villages, first, until)
    subjects = {member.subject for due in claimed for member in due.rule.pool}
    subjects |= {was.shift.subject for roster in standing.values() for was in roster.values()}
    cadres = await cadre.find(connection, subjects)
    away = spans(cadres.values(), await cadre.leaves(connection, subjects, first, until))
    where = await duty.engaged(connection, subjects, day, until)
    put: dict[str, list[Shift]] = defaultdict(list)
    drop: dict[str, list[date]] = defaultdict(list)
    tellings = []
    for due in claimed:
        village, starts, last = due.rule.area, due.rule.starts, min(until, due.last or until)
        before = {on: was for on, was in standing[village].items() if starts <= on <= last}
        members = {member.subject for member in due.rule.pool} | {was.shift.subject for was in before.values()}
        moved = {who: [*away[who], (day, date.max)] for who in members if not cadres[who].may_serve(village)}
        engaged = {
            subject: {on for on, villages in where[subject].items() if villages - {village}}
            for subject in members & where.keys()
        }
        shifts = roster(
            due.rule,
            (each for each in days if each.date >= starts),
            min(last, ends.get(village, last)),
            standing=before,
            absences=Absences(away | moved, engaged),
            today=day,
            reached=due.reached or date.min,
        )
        revision = revise(shifts, before)
        put[village] += revision.put
        drop[village] += revision.drop
        for on in (*revision.drop, *(shift.date for shift in revision.put)):
            if on in before:
                where[before[on].shift.subject][on].discard(village)
        for shift in revision.put:
            where[shift.subject][shift.date].add(village)
        if revision:
            event = RosterPlanned(
                area=village,
                from_=starts,
                until=last,
                days=len(shifts),
                added=list(revision.added),
                removed=list(revision.drop),
                changed=list(revision.changed),
            )
            tellings.append(outbox.Telling(event, village, village))
    await duty.revise(connection, put, drop)
    await rule.planned(connection, [due.rule for due in claimed], until)
    await outbox.record_all(connection, clock, tellings)
    return len(tellings)


async def tell_gaps(pool: Pool, clock: Clock) -> int:
    """Tells of each gap that is near and was not told of; returns how many."""
    async with transaction(pool, CALLER) as connection:
        gaps = await duty.new_gaps(connection, today(clock), clock.now())
        tellings = [
            outbox.Telling(DutyGapFound(area=village, date=day), key_of(village, day), village) for village, day in gaps
        ]
        await outbox.record_all(connection, clock, tellings)
    return len(gaps)
