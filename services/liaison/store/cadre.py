"""Who serves, and who is away when."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.liaison.domain.cadre import Cadre

_COLUMNS = "subject, name, area, base, department, since, until, version"
FIND = f"SELECT {_COLUMNS} FROM cadre WHERE subject = ANY ($1)"
LOCK = f"SELECT {_COLUMNS} FROM cadre WHERE subject = $1 FOR NO KEY UPDATE"
ADD = f"INSERT INTO cadre ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (subject) DO NOTHING RETURNING subject"
REVISE = """
UPDATE cadre SET name = $2, area = $3, base = $4, department = $5, since = $6, until = $7, version = $8
WHERE subject = $1 AND version = $8 - 1 RETURNING subject
"""
ADD_LEAVE = "INSERT INTO leave (id, subject, first, last, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5, $6)"
ADD_REASON = "INSERT INTO leave_reason (leave, subject, area, reason) VALUES ($1, $2, $3, $4)"
LEAVE = "SELECT subject, first, last, withdrawn_at FROM leave WHERE id = $1"
WITHDRAW = "UPDATE leave SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL RETURNING id"
LEAVES = """
SELECT subject, first, last FROM leave
WHERE subject = ANY ($1) AND first <= $3 AND last >= $2 AND withdrawn_at IS NULL ORDER BY subject, first
"""


async def find(connection: Connection, subjects: Collection[str]) -> dict[str, Cadre]:
    """Those that are known, by subject."""
    return {row["subject"]: Cadre(**dict(row)) for row in await connection.fetch(FIND, list(subjects))}


async def lock(connection: Connection, subject: str) -> Cadre | None:
    """None for one who is unknown or serves beyond the caller's areas."""
    row = await connection.fetchrow(LOCK, subject)
    return None if row is None else Cadre(**dict(row))


async def keep(connection: Connection, cadre: Cadre) -> bool:
    """Adds the cadre (version 1) or writes them anew; False where they are there already, or changed meanwhile."""
    values = (
        *(cadre.subject, cadre.name, cadre.area, cadre.base, cadre.department),
        *(cadre.since, cadre.until, cadre.version),
    )
    return await connection.fetchval(ADD if cadre.version == 1 else REVISE, *values) is not None


async def add_leave(
    connection: Connection, key: UUID, cadre: Cadre, first: date, last: date, reason: str, *, by: str, at: datetime
) -> None:
    """Raises Conflict where it overlaps another leave of theirs."""
    try:
        await connection.execute(ADD_LEAVE, key, cadre.subject, first, last, by, at)
    except asyncpg.ExclusionViolationError:
        raise Conflict("they are on leave already on some of these days", field="first", rule="leave.once") from None
    await connection.execute(ADD_REASON, key, cadre.subject, cadre.area, reason)


async def leave(connection: Connection, key: UUID) -> asyncpg.Record | None:
    """subject, first, last, withdrawn_at."""
    row: asyncpg.Record | None = await connection.fetchrow(LEAVE, key)
    return row


async def withdraw(connection: Connection, key: UUID, at: datetime) -> bool:
    """False where it was withdrawn before."""
    return await connection.fetchval(WITHDRAW, key, at) is not None


async def leaves(
    connection: Connection, subjects: Collection[str], first: date, last: date
) -> Sequence[tuple[str, date, date]]:
    """Subject, first and last day of each leave that touches the span."""
    rows = await connection.fetch(LEAVES, list(subjects), first, last)
    return [(row["subject"], row["first"], row["last"]) for row in rows]
