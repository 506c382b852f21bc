"""The matters that liaison raised, and what tickets have told of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.db import Connection
from services.liaison.domain.matter import Matter, Source

PUT = """
INSERT INTO matter (source_id, source, area, category, household, department, due, by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING source_id
"""
FOLLOW = """
UPDATE matter SET ticket = $3, ticket_state = $4, ticket_version = $5, satisfaction = coalesce($6, satisfaction),
    solved_at = CASE WHEN $7::boolean IS NULL THEN solved_at WHEN $7 THEN coalesce(solved_at, $8) END
WHERE source = $1 AND source_id = $2 AND (ticket_version IS NULL OR ticket_version < $5)
RETURNING source_id
"""
STANDING = """
SELECT source_id, source, area, category, household, department, due, ticket, ticket_state FROM matter WHERE source_id = $1
"""


@dataclass(frozen=True)
class Told:
    """What tickets have told of a matter's ticket. `solved`: whether its callback says so; None where it says nothing of that."""

    ticket: UUID
    state: str
    version: int
    satisfaction: str | None
    solved: bool | None
    at: datetime


async def put(connection: Connection, matter: Matter, *, by: str, at: datetime) -> bool:
    """Adds the matter; False where its source has raised one."""
    added = await connection.fetchval(
        PUT,
        matter.source_id,
        matter.source,
        matter.area,
        matter.category,
        matter.household,
        matter.department,
        matter.due,
        by,
        at,
    )
    return added is not None


async def standing(connection: Connection, source_id: UUID) -> Matter | None:
    """The matter as it stands; None where none was raised, or it is out of reach."""
    row = await connection.fetchrow(STANDING, source_id)
    return None if row is None else Matter(**dict(row) | {"source": Source(row["source"])})


async def follow(connection: Connection, source: str, source_id: UUID, told: Told) -> bool:
    """Keeps what was told; False where it is not liaison's matter, or something later was told of it."""
    return (
        await connection.fetchval(
            FOLLOW,
            source,
            source_id,
            told.ticket,
            told.state,
            told.version,
            told.satisfaction,
            told.solved,
            told.at,
        )
        is not None
    )
