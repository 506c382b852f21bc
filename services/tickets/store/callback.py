"""Callbacks: claims and attempts."""

from datetime import datetime
from uuid import UUID

from services.chassis.db import Connection
from services.tickets.domain.callback import Attempt, HotlineRule, Outcome

RULE = "SELECT claim_minutes, attempts_a_day, unreached_after FROM hotline_rule"
CLAIM = """
INSERT INTO callback AS c (ticket, claimed_by, claimed_until) VALUES ($1, $2, $3)
ON CONFLICT (ticket) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
WHERE c.claimed_by = excluded.claimed_by OR c.claimed_until <= $4
RETURNING ticket
"""
CLAIMED = "SELECT claimed_by, claimed_until FROM callback WHERE ticket = $1"
LET_GO = "UPDATE callback SET claimed_until = $2 WHERE ticket = $1"
ATTEMPTS = """
SELECT at, outcome FROM callback_attempt
WHERE ticket = $1 AND at >= coalesce((SELECT max(s.at) FROM step s WHERE s.ticket = $1 AND s.deed = 'verified'), '-infinity')
ORDER BY id
"""
ADD = "INSERT INTO callback_attempt (ticket, at, by, outcome) VALUES ($1, $2, $3, $4)"


async def rule(connection: Connection) -> HotlineRule:
    row = await connection.fetchrow(RULE)
    assert row is not None  # noqa: S101  the migration adds the one row
    return HotlineRule(**dict(row))


async def claim(connection: Connection, ticket: UUID, by: str, until: datetime, now: datetime) -> bool:
    """Whether the callback is the account's now; not while another has it."""
    return await connection.fetchval(CLAIM, ticket, by, until, now) is not None


async def claimed(connection: Connection, ticket: UUID) -> tuple[str, datetime] | None:
    """Who claimed the callback last, and until when."""
    row = await connection.fetchrow(CLAIMED, ticket)
    return None if row is None else (row["claimed_by"], row["claimed_until"])


async def let_go(connection: Connection, ticket: UUID, now: datetime) -> None:
    await connection.execute(LET_GO, ticket, now)


async def attempts(connection: Connection, ticket: UUID) -> list[Attempt]:
    """Those since the ticket was verified last, in order."""
    return [Attempt(row["at"], Outcome(row["outcome"])) for row in await connection.fetch(ATTEMPTS, ticket)]


async def add(connection: Connection, ticket: UUID, attempt: Attempt, by: str) -> None:
    await connection.execute(ADD, ticket, attempt.at, by, attempt.outcome)
