"""Who was shown whose contact in clear: rows are only ever added."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.db import Connection

# One at a time for an account, so that two at once cannot pass the limit together.
IN_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('disclosure ' || $1, 0))"
EARLIER = "SELECT at FROM disclosure WHERE by = $1 AND at > $2"
RECORD = """
INSERT INTO disclosure (by, name, roles, areas, department, at, purpose, kind, owner, area, fields, note)
VALUES ($1, caller() ->> 'name', $2, caller_areas(), caller_department(), $3, $4, $5, $6, $7, $8, $9)
"""


async def earlier(connection: Connection, subject: str, now: datetime) -> list[datetime]:
    """When within the last day each contact was shown to the account; others of the same account wait until the transaction ends."""
    await connection.execute(IN_TURN, subject)
    return [row["at"] for row in await connection.fetch(EARLIER, subject, now - timedelta(days=1))]


async def record(
    connection: Connection,
    *,
    by: str,
    roles: frozenset[str],
    at: datetime,
    purpose: str,
    kind: str,
    owner: UUID,
    area: str,
    fields: Sequence[str],
    note: str | None,
) -> None:
    """Records what the caller of the connection's transaction was shown; `fields` are names."""
    await connection.execute(RECORD, by, sorted(roles), at, purpose, kind, owner, area, list(fields), note)
