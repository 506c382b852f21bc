"""The catalogue's lines as rows. They are only added to; a line of the same key and day is put in the place of the one that was there."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg
import msgspec

from services.chassis.db import Connection
from services.tickets.domain.catalogue import Category, Escalation, Priority, Route
from services.tickets.domain.limits import Limits

FIND = """
SELECT code, parent, name, since, until, priority FROM (
    SELECT * FROM category WHERE code = $1 AND since <= $2 ORDER BY since DESC LIMIT 1) line
WHERE until IS NULL OR until >= $2
"""
PATH = "SELECT code, parent, name, since, until, priority FROM category_path($1, $2)"
ROUTE = "SELECT department FROM route_for($1, $2, $3)"
LIMITS = """
SELECT category, priority, since, name, sign, work, overall, return_within, extension, extensions, pause, warn, escalate
FROM limits WHERE (category = ANY($1) OR category = '') AND priority IN ($2, '') AND since <= $3
"""
ADD_CATEGORIES = """
INSERT INTO category (code, since, until, parent, name, priority)
SELECT * FROM jsonb_to_recordset($1) AS given (code text, since date, until date, parent text, name text, priority text)
ON CONFLICT (code, since) DO NOTHING RETURNING code
"""
PUT_CATEGORY = """
INSERT INTO category (code, since, until, parent, name, priority) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code, since) DO UPDATE SET until = excluded.until, parent = excluded.parent, name = excluded.name,
    priority = excluded.priority
"""
ADD_ROUTES = """
INSERT INTO route (area, category, since, department)
SELECT area, category, since, department FROM jsonb_to_recordset($1) AS given (area text, category text, since date, department text)
WHERE EXISTS (SELECT 1 FROM department d WHERE d.code = given.department)
ON CONFLICT (area, category, since) DO NOTHING RETURNING area
"""
PUT_ROUTE = """
INSERT INTO route (area, category, since, department) VALUES ($1, $2, $3, $4)
ON CONFLICT (area, category, since) DO UPDATE SET department = excluded.department
"""
ADD_LIMITS = """
INSERT INTO limits (category, priority, since, name, sign, work, overall, return_within, extension, extensions, pause, warn, escalate)
SELECT * FROM jsonb_to_recordset($1) AS given (category text, priority text, since date, name text, sign text, work text, overall text,
    return_within text, extension text, extensions int, pause int, warn int, escalate text)
ON CONFLICT (category, priority, since) DO NOTHING RETURNING since
"""
PUT_LIMITS = ADD_LIMITS.replace(
    "DO NOTHING RETURNING since",
    """DO UPDATE SET name = excluded.name, sign = excluded.sign, work = excluded.work, overall = excluded.overall,
    return_within = excluded.return_within, extension = excluded.extension, extensions = excluded.extensions, pause = excluded.pause,
    warn = excluded.warn, escalate = excluded.escalate""",
)
ADD_ESCALATIONS = """
INSERT INTO escalation (unit, level, subjects)
SELECT * FROM jsonb_to_recordset($1) AS given (unit text, level int, subjects text[]) ON CONFLICT (unit, level) DO NOTHING RETURNING unit
"""
PUT_ESCALATION = """
INSERT INTO escalation (unit, level, subjects) VALUES ($1, $2, $3) ON CONFLICT (unit, level) DO UPDATE SET subjects = excluded.subjects
"""
ESCALATIONS = "SELECT unit, level, subjects FROM escalation"


async def find(connection: Connection, code: str, day: date) -> Category | None:
    """The category as it is on a day."""
    row = await connection.fetchrow(FIND, code, day)
    return None if row is None else _category(row)


async def path(connection: Connection, code: str, day: date) -> list[Category]:
    """The category as it is on a day and those above it, in this order; nothing for one that is not known then."""
    return [_category(row) for row in await connection.fetch(PATH, code, day)]


def _category(row: asyncpg.Record) -> Category:
    return Category(**dict(row) | {"priority": Priority(row["priority"])})


async def route(connection: Connection, code: str, area: str, day: date) -> str | None:
    """The department to which matters of the category go there; None where none is named."""
    department: str | None = await connection.fetchval(ROUTE, code, area, day)
    return department


async def limits(connection: Connection, codes: Sequence[str], priority: str, day: date) -> list[Limits]:
    return [Limits.of(dict(row)) for row in await connection.fetch(LIMITS, codes, priority, day)]


async def escalations(connection: Connection) -> dict[tuple[str, int], tuple[str, ...]]:
    rows = await connection.fetch(ESCALATIONS)
    return {(row["unit"], row["level"]): tuple(row["subjects"]) for row in rows}


async def add_categories(connection: Connection, lines: Sequence[Category]) -> int:
    """Adds those lines whose place is free; returns how many. So do the others that add."""
    return await _add(connection, ADD_CATEGORIES, lines)


async def add_routes(connection: Connection, lines: Sequence[Route]) -> int:
    """Those to a department that is not known here are left out."""
    return await _add(connection, ADD_ROUTES, lines)


async def add_limits(connection: Connection, lines: Sequence[Limits]) -> int:
    return await _add(connection, ADD_LIMITS, [line.plain for line in lines])


async def add_escalations(connection: Connection, lines: Sequence[Escalation]) -> int:
    return await _add(connection, ADD_ESCALATIONS, lines)


async def _add(connection: Connection, statement: str, lines: Sequence[Any]) -> int:
    return len(await connection.fetch(statement, msgspec.to_builtins(lines)))


async def put_category(connection: Connection, line: Category) -> None:
    await connection.execute(
        PUT_CATEGORY, line.code, line.since, line.until, line.parent, line.name, line.priority.value
    )


async def put_route(connection: Connection, line: Route) -> None:
    await connection.execute(PUT_ROUTE, line.area, line.category, line.since, line.department)


async def put_limits(connection: Connection, line: Limits) -> None:
    await connection.execute(PUT_LIMITS, [line.plain])


async def put_escalation(connection: Connection, line: Escalation) -> None:
    await connection.execute(PUT_ESCALATION, line.unit, line.level, line.subjects)
