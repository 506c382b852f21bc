"""Publishing areas, and taking a published list of divisions over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.archive.domain.area import COUNTY_DIGITS, Area
from services.archive.domain.division import Given
from services.archive.events import AreaPublished
from services.archive.store import area as store
from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.outbox import record


async def publish_areas(connection: Connection, clock: Clock, areas: Sequence[Area]) -> int:
    """Writes areas and tells of those that are new or changed, parts before the whole; returns how many were.

    Whoever keeps a copy knows by a province that all of it has arrived.
    """
    written = await store.keep(connection, areas)
    await tell(connection, clock, written)
    return len(written)


async def tell(connection: Connection, clock: Clock, areas: Sequence[Area]) -> None:
    """Tells of areas, which come those above before those below."""
    for area in reversed(areas):
        event = AreaPublished(
            code=area.code, name=area.name, kind=area.kind, valid_from=area.valid_from, valid_to=area.valid_to
        )
        await record(connection, clock, event, subject=area.code, area=area.code)


@dataclass(frozen=True)
class Taken:
    """What a list brought, by codes. `left`: ended here, or their name here begins on the list's day or later; `unlisted`: valid here, and in a
    county that the list is about, but not in it."""

    added: tuple[str, ...]
    renamed: tuple[str, ...]
    left: tuple[str, ...]
    unlisted: tuple[str, ...]


async def import_divisions(
    connection: Connection, clock: Clock, rows: Sequence[Given], *, day: date, source: str, county: str | None
) -> Taken:
    """Adds the divisions that are new, valid from the day on, and gives others the list's name from then on; one that began on the day or later
    had that name from its beginning. Ends none: changes do that."""
    known = {area.code: area for area in await store.under(connection, "")}
    added = [Area(row.code, row.name, day, None, source) for row in rows if row.code not in known]
    other = {row.code: row.name for row in rows if row.code in known and known[row.code].name != row.name}
    ended = {row.code for row in rows if row.code in known and known[row.code].valid_to is not None}
    open_ = {code: name for code, name in other.items() if code not in ended}
    later = {code: name for code, name in open_.items() if known[code].valid_from < day}
    corrected = [replace(known[code], name=open_[code]) for code in open_.keys() - later.keys()]
    renamed = await store.rename(connection, later, day, None)
    written = {area.code for area in await store.keep(connection, [*added, *corrected])}
    changed = [code for code in open_ if code in renamed or code in written]
    told = [area for code in changed if (area := await store.find(connection, code)) is not None]
    await tell(connection, clock, sorted((*added, *told), key=lambda area: (len(area.code), area.code)))
    listed = {row.code for row in rows}
    counties = {county} if county else {row.code for row in rows if len(row.code) == COUNTY_DIGITS}
    return Taken(
        added=tuple(area.code for area in added),
        renamed=tuple(changed),
        left=tuple(sorted(ended | (open_.keys() - changed))),
        unlisted=tuple(
            code
            for code, area in known.items()
            if area.valid_to is None and area.kind != "GRID" and code not in listed and code[:COUNTY_DIGITS] in counties
        ),
    )
