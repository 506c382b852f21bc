"""Who signed up for a gathering, and with what."""

from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.liaison.domain.sign_up import SignUp, State

_COLUMNS = (
    "id, session, area, subject, household, topic, state, outcome, signed_by, signed_at, ended_by, ended_at, version"
)
ADD = """
INSERT INTO sign_up (id, session, area, subject, household, topic, state, signed_by, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, 'OPEN', $7, $8) ON CONFLICT DO NOTHING RETURNING id
"""
SAME = "SELECT id FROM sign_up WHERE session = $1 AND subject = $2 AND topic = $3 AND state = 'OPEN'"
OTHERS = """
SELECT count(*) FROM sign_up WHERE session = $1 AND subject = $2 AND state <> 'WITHDRAWN' AND NOT (state = 'OPEN' AND topic = $3)
"""
TAKE = f"SELECT {_COLUMNS} FROM sign_up WHERE id = $1 FOR NO KEY UPDATE"
KEEP = "UPDATE sign_up SET state = $2, outcome = $3, ended_by = $4, ended_at = $5, version = $6 WHERE id = $1"


async def add(connection: Connection, sign_up: SignUp) -> UUID:
    """Returns its id, or that of the same person's with the same topic, which is open."""
    values = (sign_up.id, sign_up.session, sign_up.area, sign_up.subject, sign_up.household, sign_up.topic)
    added: UUID | None = await connection.fetchval(ADD, *values, sign_up.signed_by, sign_up.signed_at)
    if added is not None:
        return added
    same: UUID = await connection.fetchval(SAME, sign_up.session, sign_up.subject, sign_up.topic)
    return same


async def others(connection: Connection, session: UUID, subject: str, topic: str) -> int:
    """With how many other topics somebody is signed up for a session."""
    found: int = await connection.fetchval(OTHERS, session, subject, topic)
    return found


async def take(connection: Connection, id_: UUID) -> SignUp | None:
    """Locks it for a deed; None where there is none within the caller's reach."""
    row: asyncpg.Record | None = await connection.fetchrow(TAKE, id_)
    return None if row is None else SignUp(**{**dict(row), "state": State(row["state"])})


async def keep(connection: Connection, sign_up: SignUp) -> None:
    """Of a sign-up that was taken."""
    values = (sign_up.state, sign_up.outcome, sign_up.ended_by, sign_up.ended_at, sign_up.version)
    await connection.execute(KEEP, sign_up.id, *values)
