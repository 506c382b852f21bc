"""Requests to correct a sheet, and holds on what would be erased."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Connection

LIMIT = "SELECT working_days FROM response_limit WHERE kind = 'correction'"
MEMBER = "SELECT 1 FROM person WHERE id = $1 AND household_id = $2"
ADD = """
INSERT INTO correction (id, household_id, area_code, person_id, field, wrong, evidence, requested_by, requested_at, due_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
LOCK = "SELECT id, household_id, area_code, field, state, version FROM correction WHERE id = $1 FOR UPDATE"
DECIDE = """
UPDATE correction SET state = $3, decided_by = $4, decided_at = $5, reason = $6, version = version + 1 WHERE id = $1 AND version = $2
"""
HOLD = """
INSERT INTO legal_hold (household_id, area_code, reason, held_by, held_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (household_id) DO NOTHING
RETURNING household_id
"""
LIFT = "DELETE FROM legal_hold WHERE household_id = $1 RETURNING household_id"


async def limit(connection: Connection) -> int:
    """Within how many working days a request is answered."""
    days: int = await connection.fetchval(LIMIT)
    return days


async def is_member(connection: Connection, person: UUID, household: UUID) -> bool:
    return await connection.fetchval(MEMBER, person, household) is not None


async def add(
    connection: Connection,
    key: UUID,
    *,
    household: UUID,
    area: str,
    person: UUID | None,
    field: str,
    wrong: str,
    evidence: str | None,
    by: str,
    at: datetime,
    due: date,
) -> None:
    await connection.execute(ADD, key, household, area, person, field, wrong, evidence, by, at, due)


async def lock(connection: Connection, key: UUID) -> Any:
    """The request's row, locked; None when there is none that the caller may change."""
    return await connection.fetchrow(LOCK, key)


async def decide(connection: Connection, row: Any, *, state: str, by: str, at: datetime, reason: str | None) -> None:
    await connection.execute(DECIDE, row["id"], row["version"], state, by, at, reason)


async def hold(connection: Connection, household: UUID, *, area: str, reason: str, by: str, at: datetime) -> bool:
    """False when the household is held already."""
    return await connection.fetchval(HOLD, household, area, reason, by, at) is not None


async def lift(connection: Connection, household: UUID) -> bool:
    """False when the household is not held."""
    return await connection.fetchval(LIFT, household) is not None
