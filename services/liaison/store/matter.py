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
UPDATE matter m SET ticket = $3, ticket_version = greatest(m.ticket_version, $5),
    ticket_state = CASE WHEN later THEN $4 ELSE m.ticket_state END,
    outcome_version = CASE WHEN outcome THEN $5 ELSE m.outcome_version END,
    satisfaction = CASE WHEN outcome THEN coalesce($6, m.satisfaction) ELSE m.satisfaction END,
    solved_at = CASE WHEN NOT outcome THEN m.solved_at WHEN $7 THEN coalesce(m.solved_at, $8) END
FROM (SELECT source_id, coalesce(ticket_version < $5, true) AS later, $7::boolean IS NOT NULL AND coalesce(outcome_version < $5, true) AS outcome
      FROM matter WHERE source = $1 AND source_id = $2 FOR UPDATE) known
WHERE m.source_id = known.source_id AND (later OR outcome)
RETURNING outcome
"""
STANDING = """
SELECT source_id, source, area, category, household, department, due, ticket, ticket_state FROM matter WHERE source_id = $1
"""


@dataclass(frozen=True)
class Told:
    """What tickets have told of a matter's ticket. `solved`: whether its outcome is that; None of a deed that says nothing of the outcome."""

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
    """Keeps what was told of the ticket last, and of its outcome last; returns whether what is told now is the outcome."""
    return bool(
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
    )
