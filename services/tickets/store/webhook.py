"""Webhooks and their deliveries as rows. Whoever changes a delivery holds the webhook's row, so one sender claims at a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.envelope import Event
from services.tickets.domain.webhook import State

REGISTER = "INSERT INTO webhook (department) VALUES ($1) ON CONFLICT DO NOTHING"
LOCK = "SELECT failures, since, paused_until, disabled_at FROM webhook WHERE department = $1 FOR UPDATE"
SAVE = """
UPDATE webhook SET failures = $2, since = $3, paused_until = $4, disabled_at = $5,
    reason = CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE coalesce(reason, $6) END
WHERE department = $1
"""
KEEP = """
INSERT INTO delivery (department, event, type, subject, envelope, next_attempt_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING event
"""
CLAIM = """
UPDATE delivery SET attempts = attempts + 1, next_attempt_at = $3 WHERE received IN (
    SELECT d.received FROM delivery d
    WHERE d.department = $1 AND d.delivered_at IS NULL AND d.next_attempt_at <= $2 AND NOT EXISTS (
        SELECT 1 FROM delivery e
        WHERE e.department = d.department AND e.subject = d.subject AND e.delivered_at IS NULL AND e.received < d.received)
    ORDER BY d.received LIMIT $4)
AND department = $1 AND delivered_at IS NULL RETURNING event, envelope, attempts
"""
DELIVERED = """
UPDATE delivery SET delivered_at = $3, next_attempt_at = NULL, outcome = $4 WHERE department = $1 AND event = $2
"""
FAILED = """
UPDATE delivery SET next_attempt_at = $3, outcome = $4 WHERE department = $1 AND event = $2 AND delivered_at IS NULL
"""
REDELIVER_WAITING = (
    "UPDATE delivery SET next_attempt_at = $2 WHERE department = $1 AND delivered_at IS NULL RETURNING event"
)
REDELIVER_EVENT = """
UPDATE delivery SET attempts = 0, next_attempt_at = $2, delivered_at = NULL WHERE department = $1 AND event = $3 RETURNING event
"""
REDELIVER_SINCE = """
UPDATE delivery SET attempts = 0, next_attempt_at = $2, delivered_at = NULL
WHERE department = $1 AND received_at >= $3 RETURNING event
"""
WAITING = """
SELECT count(*) AS waiting, min(received_at) AS oldest FROM delivery WHERE department = $1 AND delivered_at IS NULL
"""
LIST = """
SELECT w.department, w.failures, w.since, w.paused_until, w.disabled_at, w.reason, d.waiting, d.oldest FROM webhook w,
    LATERAL (SELECT count(*) AS waiting, min(received_at) AS oldest FROM delivery
        WHERE department = w.department AND delivered_at IS NULL) d
ORDER BY w.department
"""
DELIVERIES = """
SELECT event, type, subject, attempts, next_attempt_at, outcome, received_at, delivered_at FROM delivery
WHERE department = $1 ORDER BY delivered_at IS NOT NULL, received LIMIT 1000
"""
FORGET = "DELETE FROM delivery WHERE department = $1 AND delivered_at < $2"


@dataclass(frozen=True)
class Claimed:
    """An event to be sent now, and the how manieth attempt that is."""

    event: UUID
    envelope: bytes
    attempt: int


async def register(connection: Connection, department: str) -> None:
    await connection.execute(REGISTER, department)


async def lock(connection: Connection, department: str) -> State | None:
    """The webhook's state, held until the transaction ends; None when the department has none."""
    row = await connection.fetchrow(LOCK, department)
    return None if row is None else State(**dict(row))


async def save(connection: Connection, department: str, state: State, reason: str | None = None) -> None:
    """`reason` says why it is disabled, where it was not before."""
    await connection.execute(
        SAVE, department, state.failures, state.since, state.paused_until, state.disabled_at, reason
    )


async def keep(connection: Connection, department: str, event: Event, envelope: bytes, now: datetime) -> bool:
    """Whether the event was added; not when it was there."""
    kept = await connection.fetchval(KEEP, department, event.id, event.type, event.subject, envelope, now)
    return kept is not None


async def claim(connection: Connection, department: str, now: datetime, lease: datetime, most: int) -> list[Claimed]:
    """Up to `most` events that are due, the first of each subject; by `lease` an attempt of which nothing was heard is lost."""
    rows = await connection.fetch(CLAIM, department, now, lease, most)
    return [Claimed(row["event"], row["envelope"], row["attempts"]) for row in rows]


async def delivered(connection: Connection, department: str, event: UUID, now: datetime, outcome: str) -> None:
    await connection.execute(DELIVERED, department, event, now, outcome)


async def failed(connection: Connection, department: str, event: UUID, again: datetime, outcome: str) -> None:
    await connection.execute(FAILED, department, event, again, outcome)


async def redeliver(
    connection: Connection, department: str, now: datetime, event: UUID | None, since: datetime | None
) -> int:
    """Makes deliveries due now: one event, all that came since, or all that wait. Returns how many."""
    if event is not None:
        return len(await connection.fetch(REDELIVER_EVENT, department, now, event))
    if since is not None:
        return len(await connection.fetch(REDELIVER_SINCE, department, now, since))
    return len(await connection.fetch(REDELIVER_WAITING, department, now))


async def waiting(connection: Connection, department: str) -> tuple[int, datetime | None]:
    """How many deliveries wait, and since when the oldest does."""
    row = await connection.fetchrow(WAITING, department)
    assert row is not None  # noqa: S101  an aggregate always yields a row
    return row["waiting"], row["oldest"]


async def webhooks(connection: Connection) -> list[asyncpg.Record]:
    return list(await connection.fetch(LIST))


async def deliveries(connection: Connection, department: str) -> list[asyncpg.Record]:
    """Those that wait, in order, then those that were delivered."""
    return list(await connection.fetch(DELIVERIES, department))


async def forget(connection: Connection, department: str, before: datetime) -> None:
    """Forgets what was delivered before then."""
    await connection.execute(FORGET, department, before)
