"""Plans rosters from their rules, and keeps them planned a quarter ahead."""

import asyncio
from collections.abc import Mapping
from datetime import date

import structlog

from services.chassis import outbox
from services.chassis.clock import Clock, stopped_within, today
from services.chassis.db import Connection, Pool, transaction
from services.chassis.principal import itself
from services.liaison.commands.calendar import load_years, tell_years
from services.liaison.domain.calendar import Notice
from services.liaison.domain.notice import published
from services.liaison.domain.roster import horizon, revise, roster
from services.liaison.events import RosterPlanned
from services.liaison.store import area as areas
from services.liaison.store import calendar, duty, rule

CALLER = itself("liaison")
LOOK_SECONDS = 60

log = structlog.get_logger()


async def keep_horizon(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks each minute whether a year or a roster is due, until stopped."""
    while not stop.is_set():
        years, changed = await plan_due(pool, clock, published(), correcting=False)
        if years or changed:
            log.info("rosters.planned", years=years, rosters=changed)
        await stopped_within(stop, LOOK_SECONDS)


async def plan_due(
    pool: Pool, clock: Clock, notices: Mapping[int, Notice], *, correcting: bool
) -> tuple[list[int], int]:
    """Loads the years that are due, tells of them, and plans each roster that is due, in transactions of their own.

    `correcting`: also a year that was loaded otherwise is due. Returns the years loaded and the number of rosters that changed.
    """
    until = horizon(today(clock), date(max(notices), 12, 31))
    async with transaction(pool, CALLER) as connection:
        years = await load_years(connection, clock, notices, until, correcting=correcting)
        await tell_years(connection, clock)
        until = horizon(today(clock), await calendar.published_until(connection) or until)
        due = await rule.due(connection, until)
    changed = 0
    for area, starts in due:
        async with transaction(pool, CALLER) as connection:
            changed += await plan(connection, clock, area, starts, until)
    return years, changed


async def plan(connection: Connection, clock: Clock, area: str, starts: date, until: date) -> bool:
    """Brings one rule's roster up to `until` and tells of it when it changed; returns whether it did."""
    claimed = await rule.claim(connection, area, starts, until)
    if claimed is None:
        return False
    last = min(until, claimed.last or until)
    end = await areas.last_day(connection, area)
    days = await calendar.days(connection, starts, last if end is None else min(last, end))
    shifts = roster(claimed.rule, days)
    standing = await duty.standing(connection, area, starts, last)
    revision = revise(shifts, standing, today(clock))
    await duty.drop(connection, area, revision.drop)
    await duty.put(connection, area, revision.put)
    await rule.planned(connection, claimed.rule, until)
    if revision:
        event = RosterPlanned(area=area, from_=starts, until=last, days=len(shifts))
        await outbox.record(connection, clock, event, subject=area, area=area)
    return bool(revision)
