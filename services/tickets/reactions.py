"""Every event that tickets consume, each in the small view that is needed here."""

from collections.abc import Mapping
from datetime import date, time
from uuid import UUID

import msgspec

from services.chassis.inbox import Reacting, Reaction
from services.tickets.commands.clocks import note_year
from services.tickets.commands.report import open_promised, open_raised
from services.tickets.commands.stall import Stall, drop_stall, follow_stall
from services.tickets.domain.area import Area
from services.tickets.domain.ticket import Source
from services.tickets.domain.worktime import DayKind, Special
from services.tickets.store import area as areas


class AreaPublished(msgspec.Struct, frozen=True, rename="camel"):
    """archive.area.published.v1"""

    code: str
    name: str
    kind: str
    valid_from: date
    valid_to: date | None = None


class VisitNoted(msgspec.Struct, frozen=True, rename="camel"):
    """archive.visit.noted.v1; `promise` is a category, or None when nothing was promised."""

    visit: UUID
    household: UUID
    area: str
    visited_on: date
    promise: str | None = None


async def copy_area(reacting: Reacting, area: AreaPublished) -> None:
    copy = Area(area.code, area.name, area.kind, area.valid_from, area.valid_to)
    await areas.keep(reacting.connection, copy, reacting.event.time)


class CalendarDay(msgspec.Struct, frozen=True, rename="camel"):
    """A day that is not what its weekday says."""

    date: date
    kind: str
    festival: str


class CalendarPublished(msgspec.Struct, frozen=True, rename="camel"):
    """liaison.calendar.published.v1"""

    year: int
    published: bool
    days: list[CalendarDay]


async def copy_calendar(reacting: Reacting, year: CalendarPublished) -> None:
    """A kind of day that is not known here is none that changes whether it works."""
    special = {
        day.date: Special(DayKind(day.kind), day.festival)
        for day in year.days
        if day.kind in ("HOLIDAY", "MAKEUP_WORKDAY")
    }
    await note_year(reacting.connection, year.year, special, reacting.event.time, published=year.published)


async def open_promise(reacting: Reacting, noted: VisitNoted) -> None:
    if noted.promise is not None:
        await open_promised(
            reacting.connection,
            reacting.clock,
            visit=noted.visit,
            household=noted.household,
            area=noted.area,
            visited_on=noted.visited_on,
            category=noted.promise,
        )


class MatterRaised(msgspec.Struct, frozen=True, rename="camel"):
    """liaison.matter.raised.v1"""

    source: Source
    source_id: UUID
    area: str
    category: str
    household: UUID | None = None
    department: str | None = None
    due: date | None = None


async def open_matter(reacting: Reacting, raised: MatterRaised) -> None:
    await open_raised(
        reacting.connection,
        reacting.clock,
        source=raised.source,
        source_id=raised.source_id,
        area=raised.area,
        category=raised.category,
        household=raised.household,
        department=raised.department,
        due_on=raised.due,
    )


class StallChanged(msgspec.Struct, frozen=True, rename="camel"):
    """liaison.stall.planned.v1 and liaison.stall.moved.v1"""

    stall: UUID
    team: str
    area: str
    date: date
    begins: str
    ends: str
    version: int

    def told(self) -> Stall:
        begins, ends = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
        return Stall(self.stall, self.team, self.area, self.date, begins, ends, self.version)


class StallCancelled(StallChanged, frozen=True, rename="camel"):
    """liaison.stall.cancelled.v1"""

    cause: str


async def keep_activity(reacting: Reacting, stall: StallChanged) -> None:
    await follow_stall(reacting.connection, reacting.clock, stall.told())


async def drop_activity(reacting: Reacting, stall: StallCancelled) -> None:
    await drop_stall(reacting.connection, reacting.clock, stall.told(), stall.cause)


REACTIONS: Mapping[str, Reaction] = {
    "archive.area.published.v1": Reaction(AreaPublished, copy_area),
    "archive.visit.noted.v1": Reaction(VisitNoted, open_promise),
    "liaison.calendar.published.v1": Reaction(CalendarPublished, copy_calendar),
    "liaison.matter.raised.v1": Reaction(MatterRaised, open_matter),
    "liaison.stall.planned.v1": Reaction(StallChanged, keep_activity),
    "liaison.stall.moved.v1": Reaction(StallChanged, keep_activity),
    "liaison.stall.cancelled.v1": Reaction(StallCancelled, drop_activity),
}
