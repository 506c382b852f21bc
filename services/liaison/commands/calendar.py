"""The working calendar: loads what is published, and provisional years as far as rosters reach; finds a day."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from services.chassis import outbox
from services.chassis.clock import Clock
from services.chassis.db import Connection, Pool
from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import Day, Notice, days_of
from services.liaison.events import CalendarDay, CalendarPublished
from services.liaison.store import calendar, rule
from services.liaison.store.calendar import LoadedYear


async def load_years(
    connection: Connection, clock: Clock, notices: Mapping[int, Notice], until: date, *, correcting: bool
) -> list[int]:
    """Adds years from the first notice on to `until`, one provisional year at least, and puts a notice in the place of a provisional year.

    A year that was loaded otherwise is corrected only when `correcting`, so that workers of two versions do not undo each other; a published
    year never becomes provisional again. Rosters become due for planning when anything has changed. Returns the years that did.
    """
    await calendar.lock(connection)
    present = await calendar.years(connection)
    changed = []
    for year in range(min(notices), max(max(notices) + 1, until.year) + 1):
        notice, old = notices.get(year), present.get(year)
        if old is not None and (notice is None or old.published) and not correcting:
            continue
        days = days_of(year, notice)
        loaded = LoadedYear(notice is not None, _digest(days))
        if loaded == old or (old is not None and old.published and not loaded.published):
            continue
        await calendar.put_year(connection, year, loaded, days, clock.now())
        changed.append(year)
    if changed:
        await rule.unplan(connection)
    return changed


async def tell_years(connection: Connection, clock: Clock) -> list[int]:
    """Tells of each year that was loaded since it was last told of; returns them."""
    await calendar.lock(connection)
    untold = await calendar.untold(connection)
    for year, published in untold.items():
        days = await calendar.days(connection, date(year, 1, 1), date(year, 12, 31))
        special = [
            CalendarDay(date=day.date, kind="MAKEUP_WORKDAY" if day.works else "HOLIDAY", festival=day.festival)
            for day in days
            if day.festival is not None
        ]
        event = CalendarPublished(year=year, published=published, days=special)
        await outbox.record(connection, clock, event, subject=str(year), area="")
    await calendar.told(connection, untold)
    return list(untold)


def _digest(days: Sequence[Day]) -> str:
    return hashlib.sha256(msgspec.json.encode(days)).hexdigest()


async def known_day(where: Pool | Connection, day: date) -> Day:
    """The day of the calendar; raises InvalidInput outside of its years."""
    found = await calendar.days(where, day, day)
    if not found:
        years = await calendar.reach(where)
        reach = "is empty" if years is None else f"reaches from {years[0]}-01-01 to {years[1]}-12-31"
        raise InvalidInput(f"date lies outside the working calendar, which {reach}", field="date", rule="calendar")
    return found[0]
