"""The working calendar: loads what is published, and provisional years as far as rosters reach; finds a day."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from services.chassis import outbox
from services.chassis.clock import Clock, today
from services.chassis.db import Connection, Pool
from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import Day, Notice, Origin, days_of
from services.liaison.domain.notice import SOURCE
from services.liaison.domain.year_file import YearFile
from services.liaison.events import CalendarDay, CalendarPublished, ChangedDay
from services.liaison.store import calendar, rule
from services.liaison.store.calendar import LoadedYear, Moved


@dataclass(frozen=True)
class Taken:
    """What a year's file brought: whether anything, and the days that are of another kind now."""

    year: int
    new: bool
    moved: tuple[Moved, ...]


async def load_years(
    connection: Connection, clock: Clock, notices: Mapping[int, Notice], until: date, *, correcting: bool
) -> list[int]:
    """Adds years from the first notice on to `until`, one provisional year at least, and puts a notice in the place of a provisional year.

    A year that was loaded otherwise is corrected only when `correcting`, so that workers of two versions do not undo each other; a published
    year never becomes provisional again, and one that a file brought stays as the file says. Rosters become due for planning when anything has
    changed, and series by a trigger of the days. Returns the years that did.
    """
    await calendar.lock(connection)
    present = await calendar.years(connection)
    last = max([*notices, *(year for year, loaded in present.items() if loaded.published)])
    changed = []
    for year in range(min(notices), max(last + 1, until.year) + 1):
        notice, old = notices.get(year), present.get(year)
        if old is not None and (old.origin is Origin.FILE or ((notice is None or old.published) and not correcting)):
            continue
        days = days_of(year, notice)
        origin, source = (Origin.WEEKDAYS, None) if notice is None else (Origin.LIBRARY, SOURCE)
        loaded = LoadedYear(_digest(days), origin, source)
        if old is not None and (old.digest == loaded.digest or (old.published and not loaded.published)):
            continue
        await _put_year(connection, clock, year, loaded, days, by="load" if correcting else "worker")
        changed.append(year)
    await calendar.complete_lunar(connection)
    return changed


async def load_files(
    connection: Connection, clock: Clock, files: Iterable[YearFile], notices: Mapping[int, Notice], *, by: str
) -> list[Taken]:
    """Puts each file's year in the place of what stands, from now on before any library's, adds the provisional year that then is the next, and
    tells of what changed. `by` is the operator. Raises InvalidInput where a year would leave a gap.
    """
    await load_years(connection, clock, notices, today(clock), correcting=False)
    taken = []
    for file in sorted(files, key=lambda file: file.year):
        present = await calendar.years(connection)
        last = max(year for year, loaded in present.items() if loaded.published)
        if not min(present) <= file.year <= last + 1:
            detail = f"{file.year} would leave a gap: the calendar is published up to {last}, load {last + 1} first"
            raise InvalidInput(detail, field="year", rule="no.gap")
        days = days_of(file.year, file.notice)
        loaded, old = LoadedYear(_digest(days), Origin.FILE, file.source), present.get(file.year)
        if old is not None and old.published and old.digest == loaded.digest:
            await calendar.credit_year(connection, file.year, loaded, by=by, at=clock.now())
            taken.append(Taken(file.year, old != loaded, ()))
        else:
            await _put_year(connection, clock, file.year, loaded, days, by=by)
            taken.append(Taken(file.year, True, tuple(await calendar.moved(connection, file.year))))
    await load_years(connection, clock, notices, today(clock), correcting=False)
    await tell_years(connection, clock)
    return taken


async def _put_year(
    connection: Connection, clock: Clock, year: int, loaded: LoadedYear, days: Sequence[Day], *, by: str
) -> None:
    """Rosters are due first: planning, too, takes rules before series, which a trigger of the days makes due."""
    await rule.unplan(connection)
    await calendar.put_year(connection, year, loaded, days, by=by, at=clock.now())


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
        changed = [
            ChangedDay(date=day.date, before=day.before, after=day.after)
            for day in await calendar.moved(connection, year)
        ]
        event = CalendarPublished(year=year, published=published, days=special, changed=changed)
        await outbox.record(connection, clock, event, subject=str(year), area="")
    await calendar.told(connection, untold)
    return list(untold)


def _digest(days: Sequence[Day]) -> str:
    return hashlib.sha256(msgspec.json.encode(days)).hexdigest()


async def known_day(where: Pool | Connection, day: date, field: str = "date") -> Day:
    """The day of the calendar; raises InvalidInput outside of its years."""
    found = await calendar.days(where, day, day)
    if not found:
        years = await calendar.reach(where)
        reach = "is empty" if years is None else f"reaches from {years[0]}-01-01 to {years[1]}-12-31"
        raise InvalidInput(f"{field} lies outside the working calendar, which {reach}", field=field, rule="calendar")
    return found[0]
