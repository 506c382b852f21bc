"""Centres, windows, items and priority classes, each as it is from a day on."""

from collections.abc import Iterable, Mapping
from datetime import date

import asyncpg
import msgspec

from services.chassis.db import Connection
from services.tickets.domain.item import Item, Material
from services.tickets.domain.window import Centre, Group, Opening, Window

CENTRE = """
SELECT code, area, name, opening, groups, calls, behind, lead, closed FROM centre
WHERE code = $1 AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1
"""
WINDOWS = """
SELECT DISTINCT ON (code) centre, code, name, groups, departments, closed FROM service_window
WHERE centre = $1 AND valid_from <= $2 ORDER BY code, valid_from DESC
"""
ITEMS = """
SELECT DISTINCT ON (code) code, name, category, legal_basis, limit_days, fee, agent, departments, levels, materials, withdrawn
FROM service_item WHERE code = ANY ($1) AND valid_from <= $2 ORDER BY code, valid_from DESC
"""
CLASS = "SELECT EXISTS (SELECT 1 FROM queue_class WHERE code = $1)"
CLASSES = "SELECT name FROM queue_class ORDER BY code"
CLASS_OF = "SELECT name, ground FROM queue_class WHERE code = $1"
UNKNOWN = (
    "SELECT array_agg(c) FROM unnest($1::text[]) AS c WHERE NOT EXISTS (SELECT 1 FROM department d WHERE d.code = c)"
)
KEEP_CENTRE = """
INSERT INTO centre (code, valid_from, area, name, opening, groups, calls, behind, lead, closed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (code, valid_from) DO UPDATE SET area = excluded.area, name = excluded.name, opening = excluded.opening,
    groups = excluded.groups, calls = excluded.calls, behind = excluded.behind, lead = excluded.lead, closed = excluded.closed
"""
KEEP_WINDOW = """
INSERT INTO service_window (centre, code, valid_from, name, groups, departments, closed) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (centre, code, valid_from) DO UPDATE SET name = excluded.name, groups = excluded.groups,
    departments = excluded.departments, closed = excluded.closed
"""
KEEP_ITEM = """
INSERT INTO service_item (code, valid_from, name, category, legal_basis, limit_days, fee, agent, departments, levels, materials,
    withdrawn)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (code, valid_from) DO UPDATE SET name = excluded.name, category = excluded.category,
    legal_basis = excluded.legal_basis, limit_days = excluded.limit_days, fee = excluded.fee, agent = excluded.agent,
    departments = excluded.departments, levels = excluded.levels, materials = excluded.materials, withdrawn = excluded.withdrawn
"""
KEEP_CLASS = """
INSERT INTO queue_class (code, name, ground) VALUES ($1, $2, $3)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, ground = excluded.ground
"""


async def centre(connection: Connection, code: str, day: date) -> Centre | None:
    """The centre as it is on the day, also a closed one."""
    row = await connection.fetchrow(CENTRE, code, day)
    if row is None:
        return None
    columns = dict(row)
    opening = msgspec.convert(columns.pop("opening"), tuple[Opening, ...])
    groups = msgspec.convert(columns.pop("groups"), tuple[Group, ...])
    return Centre(**columns, opening=opening, groups=groups)


async def windows(connection: Connection, centre_code: str, day: date) -> dict[str, Window]:
    """The windows of a centre as they are on the day, by code, also closed ones."""
    rows = await connection.fetch(WINDOWS, centre_code, day)
    return {
        row["code"]: Window(
            **dict(row) | {"groups": tuple(row["groups"]), "departments": tuple(row["departments"])},
        )
        for row in rows
    }


async def items(connection: Connection, codes: Iterable[str], day: date) -> dict[str, Item]:
    """The items of these codes as they are on the day, by code, also withdrawn ones; those unknown are left out."""
    return {row["code"]: _item(row) for row in await connection.fetch(ITEMS, list(codes), day)}


async def class_known(connection: Connection, code: str) -> bool:
    known: bool = await connection.fetchval(CLASS, code)
    return known


async def classes(connection: Connection) -> list[str]:
    """The names of the classes that go first."""
    return [row["name"] for row in await connection.fetch(CLASSES)]


async def class_of(connection: Connection, code: str) -> dict[str, str] | None:
    """Name and ground of a class."""
    row = await connection.fetchrow(CLASS_OF, code)
    return None if row is None else dict(row)


async def unknown_departments(connection: Connection, codes: Iterable[str]) -> list[str]:
    return await connection.fetchval(UNKNOWN, list(codes)) or []


async def keep_centre(connection: Connection, centre: Centre, since: date) -> None:
    await connection.execute(
        KEEP_CENTRE,
        *(centre.code, since, centre.area, centre.name),
        *(msgspec.to_builtins(centre.opening), msgspec.to_builtins(centre.groups)),
        *(centre.calls, centre.behind, centre.lead, centre.closed),
    )


async def keep_window(connection: Connection, window: Window, since: date) -> None:
    await connection.execute(
        KEEP_WINDOW,
        *(window.centre, window.code, since, window.name),
        *(list(window.groups), list(window.departments), window.closed),
    )


async def keep_item(connection: Connection, item: Item, since: date) -> None:
    await connection.execute(
        KEEP_ITEM,
        *(item.code, since, item.name, item.category, item.legal_basis, item.limit_days, item.fee, item.agent),
        *(list(item.departments), list(item.levels), msgspec.to_builtins(item.materials), item.withdrawn),
    )


async def keep_classes(connection: Connection, classes: Iterable[Mapping[str, str]]) -> None:
    """Classes of priority: code, name, ground."""
    await connection.executemany(KEEP_CLASS, [(each["code"], each["name"], each["ground"]) for each in classes])


def _item(row: asyncpg.Record) -> Item:
    columns = dict(row)
    return Item(
        **columns
        | {
            "departments": tuple(columns["departments"]),
            "levels": tuple(columns["levels"]),
            "materials": msgspec.convert(columns["materials"], tuple[Material, ...]),
        }
    )
