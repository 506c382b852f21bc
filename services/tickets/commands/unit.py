"""reviseUnit, reviseUnitStaff: which matters a unit of the network takes, and who does them there."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import NotFound, UnknownCode
from services.chassis.principal import itself
from services.tickets.domain.unit import MOST_ITEMS, REVISERS, Staff, Unit, checked_staff, checked_unit, require_handled
from services.tickets.store import area as areas
from services.tickets.store import unit as store

Codes = Annotated[Sequence[str], msgspec.Meta(max_length=MOST_ITEMS)]


class ReviseUnit(Input, frozen=True, kw_only=True):
    """All of it, as it is from now on. `code` is the area's; see domain.unit.Unit."""

    code: str
    name: str
    phone: str | None = None
    hours: str | None = None
    items: Codes = ()
    active: bool = True


class ReviseUnitStaff(Input, frozen=True, kw_only=True):
    """All of it, as it is from now on. See domain.unit.Staff."""

    unit_code: str
    subject: str
    name: str
    items: Codes
    deputy: str | None = None
    active: bool = True


async def revise_unit(doing: Doing, given: ReviseUnit) -> str:
    """Raises InvalidInput, UnknownCode (area, item), or NotFound for an area out of reach."""
    unit = checked_unit(
        Unit(
            code=given.code,
            name=given.name.strip(),
            phone=given.phone and given.phone.strip(),
            hours=given.hours and given.hours.strip(),
            items=tuple(given.items),
            active=given.active,
        )
    )
    if await areas.find(doing.connection, unit.code) is None:
        raise UnknownCode("area", field="code")
    if not doing.principal.covers(unit.code):
        raise NotFound("code: outside your areas")
    await _require_known(doing, unit.items)
    await store.keep(doing.connection, unit, by=doing.principal.subject, at=doing.clock.now())
    return unit.code


async def revise_staff(doing: Doing, given: ReviseUnitStaff) -> str:
    """Raises InvalidInput, UnknownCode (unit, item), or NotFound for a unit out of reach."""
    staff = checked_staff(
        Staff(
            unit=given.unit_code,
            subject=given.subject.strip(),
            name=given.name.strip(),
            items=tuple(given.items),
            deputy=given.deputy and given.deputy.strip(),
            active=given.active,
        )
    )
    if await store.find(doing.connection, staff.unit) is None:
        raise UnknownCode("unit", field="unitCode")
    if not doing.principal.covers(staff.unit):
        raise NotFound("unitCode: outside your areas")
    await _require_known(doing, staff.items)
    await store.keep_staff(doing.connection, staff, by=doing.principal.subject, at=doing.clock.now())
    return staff.unit


async def _require_known(doing: Doing, items: Sequence[str]) -> None:
    for code in items:
        if await store.wanted(doing.connection, code, today(doing.clock)) is None:
            raise UnknownCode("item", field="items")


async def require_station(connection: Connection, station: str, category: str, day: date) -> None:
    """Raises Conflict unless the station's unit is there and handles matters of the category."""
    wanted = await store.wanted(connection, category, day)
    require_handled(await store.find(connection, station), (category,) if wanted is None else wanted.codes)


class _UnitLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    items: tuple[str, ...]
    phone: str | None = None
    hours: str | None = None


class _Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    unit: tuple[_UnitLine, ...] = ()


def _lines(file: Path) -> tuple[_UnitLine, ...]:
    return msgspec.toml.decode(file.read_bytes(), type=_Units).unit


async def add_units(connection: Connection, clock: Clock, file: Path) -> int:
    """Adds a file's units that are not there yet; returns how many. Raises InvalidInput."""
    by, at = itself("tickets").subject, clock.now()
    units = [checked_unit(Unit(**msgspec.structs.asdict(line))) for line in _lines(file)]
    return sum([await store.add(connection, unit, by=by, at=at) for unit in units])


_ROLES: frozenset[str] = frozenset(REVISERS)
COMMANDS = (
    Command("reviseUnit", ReviseUnit, _ROLES, revise_unit, "unit"),
    Command("reviseUnitStaff", ReviseUnitStaff, _ROLES, revise_staff, "unit"),
)
