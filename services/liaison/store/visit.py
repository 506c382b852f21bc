"""The station's log."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Connection

ADD = """
INSERT INTO duty_visit (id, area, at, purpose, note, household, category, by, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING RETURNING id
"""
KEPT = "SELECT EXISTS (SELECT FROM duty_visit WHERE id = $1 AND area = $2 AND by = $3)"


async def add(
    connection: Connection,
    key: UUID,
    area: str,
    at: datetime,
    purpose: str,
    note: str,
    household: UUID | None,
    category: str | None,
    *,
    by: str,
    received: datetime,
) -> bool:
    """False where there is one of that id already."""
    values = (key, area, at, purpose, note, household, category, by, received)
    return await connection.fetchval(ADD, *values) is not None


async def kept(connection: Connection, key: UUID, area: str, by: str) -> bool:
    """Whether the one of that id is the same person's, in the same village."""
    return bool(await connection.fetchval(KEPT, key, area, by))
