"""Units and their staff as rows."""

from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.db import Connection
from services.tickets.domain.unit import Staff, Unit
from services.tickets.store import catalogue

FIND = "SELECT code, name, phone, hours, items, active FROM unit WHERE code = $1"
KEEP = """
INSERT INTO unit (code, name, phone, hours, items, active, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, phone = excluded.phone, hours = excluded.hours, items = excluded.items,
    active = excluded.active, by = excluded.by, at = excluded.at
"""
ADD = """
INSERT INTO unit (code, name, phone, hours, items, active, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (code) DO NOTHING RETURNING code
"""
KEEP_STAFF = """
INSERT INTO unit_staff (unit, subject, name, items, deputy, active, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (unit, subject) DO UPDATE SET name = excluded.name, items = excluded.items, deputy = excluded.deputy,
    active = excluded.active, by = excluded.by, at = excluded.at
"""
ITEM = """
SELECT category, levels, withdrawn FROM service_item WHERE code = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1
"""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants done: its code with those of the categories that hold it, and the levels at which it is handled, if not at all."""

    codes: tuple[str, ...]
    levels: tuple[str, ...] | None


async def wanted(connection: Connection, code: str, day: date) -> Wanted | None:
    """By the code of a service item or category as it is on a day; None for one that is not known then."""
    item = await connection.fetchrow(ITEM, code, day)
    if item is not None and item["withdrawn"]:
        return None
    category = code if item is None else item["category"]
    codes = [each.code for each in await catalogue.path(connection, category, day)]
    if item is None:
        return Wanted(tuple(codes), None) if codes else None
    return Wanted((code, *codes), tuple(item["levels"]))


async def find(connection: Connection, code: str) -> Unit | None:
    row = await connection.fetchrow(FIND, code)
    return None if row is None else Unit(**dict(row) | {"items": tuple(row["items"])})


async def keep(connection: Connection, unit: Unit, *, by: str, at: datetime) -> None:
    """Adds the unit, or puts it in the place of what was known."""
    await connection.execute(KEEP, *_values(unit), by, at)


async def add(connection: Connection, unit: Unit, *, by: str, at: datetime) -> bool:
    """Whether the unit was new; one that is there stays as it is."""
    return await connection.fetchval(ADD, *_values(unit), by, at) is not None


async def keep_staff(connection: Connection, staff: Staff, *, by: str, at: datetime) -> None:
    """Adds them, or puts them in the place of what was known."""
    values = (staff.unit, staff.subject, staff.name, staff.items, staff.deputy, staff.active)
    await connection.execute(KEEP_STAFF, *values, by, at)


def _values(unit: Unit) -> tuple[object, ...]:
    return unit.code, unit.name, unit.phone, unit.hours, unit.items, unit.active
