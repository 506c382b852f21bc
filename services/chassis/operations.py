"""What operators ask and do about events: the outbox's lag, dead letters, paused consumers. `cli.py` gives these their verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.chassis.clock import Clock
from services.chassis.db import Connection, Pool
from services.chassis.errors import InvalidInput, NotFound, Unavailable

STUCK_SECONDS = 30
"""So long may an event wait for its publishing before the worker says that it is not ready."""
LETTERS = 1000

OUTBOX = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS waiting,
    (SELECT recorded_at FROM outbox WHERE published_at IS NULL ORDER BY recorded LIMIT 1) AS oldest,
    newest.sequence, newest.published_at
FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
    SELECT sequence, published_at FROM outbox WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1) newest ON true
"""
OLDEST = "SELECT recorded_at FROM outbox WHERE published_at IS NULL ORDER BY recorded LIMIT 1"
FEEDS = "SELECT department, position FROM feed ORDER BY department"
LIST = f"""
SELECT id, type, subject, state, attempts, received_at, reason FROM inbox WHERE state = ANY($1) ORDER BY received LIMIT {LETTERS}
"""
SHOW = "SELECT id, type, subject, state, attempts, received_at, reason, envelope FROM inbox WHERE id = $1 AND state <> 'done'"
REDRIVE = """
UPDATE inbox SET state = 'waiting', attempts = 0, next_attempt_at = $2
WHERE state IN ('dead', 'parked') AND envelope IS NOT NULL AND CASE WHEN $1::uuid[] IS NULL THEN state = 'dead' ELSE id = ANY($1) END
RETURNING id
"""
PARK = "UPDATE inbox SET state = 'parked', reason = left($2 || '; was: ' || reason, 1000) WHERE id = $1 AND state = 'dead' RETURNING id"
PAUSE = """
INSERT INTO consumer_pause (consumer, reason, paused_at) VALUES ($1, $2, $3)
ON CONFLICT (consumer) DO UPDATE SET reason = excluded.reason RETURNING paused_at
"""
RESUME = "DELETE FROM consumer_pause WHERE consumer = $1 RETURNING consumer"
PAUSES = "SELECT consumer, reason, paused_at FROM consumer_pause ORDER BY consumer"


@dataclass(frozen=True)
class Outbox:
    """How far publishing is. `oldest` and `published_at` are None where there is none."""

    waiting: int
    oldest: datetime | None
    sequence: int | None
    published_at: datetime | None
    feeds: dict[str, int]


async def outbox(where: Connection | Pool) -> Outbox:
    row = await where.fetchrow(OUTBOX)
    assert row is not None  # noqa: S101  an aggregate always yields a row
    return Outbox(**dict(row), feeds={row["department"]: row["position"] for row in await where.fetch(FEEDS)})


async def require_flowing(pool: Pool, clock: Clock) -> None:
    """Raises Unavailable when an event has waited for its publishing longer than STUCK_SECONDS."""
    oldest = await pool.fetchval(OLDEST)
    if oldest is not None and clock.now() - oldest > timedelta(seconds=STUCK_SECONDS):
        raise Unavailable("events wait in the outbox: the broker is away or takes no messages, or the backlog is long")


async def letters(where: Connection | Pool, states: Sequence[str] = ("dead",)) -> list[asyncpg.Record]:
    """The first LETTERS letters in these states: dead, parked or waiting; oldest first."""
    return list(await where.fetch(LIST, list(states)))


async def letter(where: Connection | Pool, event: UUID) -> asyncpg.Record:
    """One letter with its envelope; raises NotFound."""
    row = await where.fetchrow(SHOW, event)
    if row is None:
        raise NotFound("no such letter: the event is unknown here, or done")
    return row


async def redrive(where: Connection | Pool, clock: Clock, events: Sequence[UUID] | None) -> int:
    """Has these letters, or with None all dead ones, tried again with a whole round of tries; returns how many. A repeat does nothing."""
    return len(await where.fetch(REDRIVE, None if events is None else list(events), clock.now()))


async def park(where: Connection | Pool, event: UUID, reason: str) -> bool:
    """Puts a dead letter aside for good, with the reason; False when it is not dead. Raises InvalidInput without a reason."""
    return await where.fetchval(PARK, event, _given(reason)) is not None


async def pause(where: Connection | Pool, clock: Clock, consumer: str, reason: str) -> datetime:
    """Pauses a consumer: messages stay on the broker. Returns since when. Raises InvalidInput without a reason."""
    since: datetime = await where.fetchval(PAUSE, consumer, _given(reason), clock.now())
    return since


async def resume(where: Connection | Pool, consumer: str) -> bool:
    """Whether the consumer had been paused."""
    return await where.fetchval(RESUME, consumer) is not None


def _given(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput("reason must not be empty", field="reason", rule="required")
    return reason.strip()[:400]
