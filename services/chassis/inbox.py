"""Takes in the events of other services: each in effect once, a subject's events in order, failures retried and then set aside.

An event is claimed by its id in the transaction of its effect, and acknowledged after the commit. A reaction that fails leaves the event
waiting in the inbox, with its reason, for another try after a growing delay; later events of the same subject wait behind it, other
subjects flow on. After the last try, or at once when the event makes no sense, it is dead: an operator lists, shows and redrives it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
import structlog
from aio_pika.abc import AbstractIncomingMessage

from services.chassis import broker, envelope
from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Connection, Pool, transaction
from services.chassis.envelope import Event
from services.chassis.errors import Problem
from services.chassis.principal import Caller
from services.chassis.telemetry import INBOX_DEAD, INBOX_EVENTS, INBOX_WAITING, correlation

PREFETCH = 100
RETRY_AFTER_SECONDS = (1, 5, 30, 120, 600, 3600)
SWEEP_SECONDS = 0.5
MALFORMED = UUID("5a4d1c0b-0000-8000-8000-000000000001")

CLAIM = """
INSERT INTO inbox (id, type, subject, state, received_at) VALUES ($1, $2, $3, 'done', $4) ON CONFLICT (id) DO NOTHING RETURNING id
"""
HELD_UP = "SELECT EXISTS (SELECT 1 FROM inbox WHERE subject = $1 AND state = 'waiting' AND id <> $2)"
SET_ASIDE = """
UPDATE inbox SET state = $2, attempts = $3, next_attempt_at = $4, reason = $5, envelope = $6 WHERE id = $1
"""
DUE = """
SELECT id, envelope, attempts FROM inbox i WHERE state = 'waiting' AND next_attempt_at <= $1 AND NOT EXISTS (
    SELECT 1 FROM inbox e WHERE e.subject = i.subject AND e.state = 'waiting' AND e.received < i.received)
ORDER BY received LIMIT 1 FOR UPDATE SKIP LOCKED
"""
DONE = "UPDATE inbox SET state = 'done', next_attempt_at = NULL, reason = NULL, envelope = NULL, attempts = $2 WHERE id = $1"
COUNTS = "SELECT state, count(*) AS n FROM inbox WHERE state <> 'done' GROUP BY state"
FORGET = "DELETE FROM inbox WHERE state = 'done' AND received_at < $1"
DEAD = """
SELECT id, type, subject, attempts, reason, received_at FROM inbox WHERE state = 'dead' ORDER BY received LIMIT 1000
"""
SHOW = "SELECT id, type, subject, state, attempts, reason, received_at, envelope FROM inbox WHERE id = $1"
REDRIVE = """
UPDATE inbox SET state = 'waiting', attempts = 0, next_attempt_at = $2 WHERE id = $1 AND state = 'dead' AND envelope IS NOT NULL RETURNING id
"""

log = structlog.get_logger()


@dataclass(frozen=True)
class Reacting:
    """What a reaction works with: the transaction of its effect, the event's envelope, the clock."""

    connection: Connection
    event: Event
    clock: Clock


@dataclass(frozen=True)
class Reaction:
    """One consumed event type: the small view of it that this service declares, and what it does."""

    data: type[msgspec.Struct]
    react: Callable[[Reacting, Any], Awaitable[None]]


class Inbox:
    """Applies events. `caller` is the service's own, which row-level security knows."""

    def __init__(self, pool: Pool, caller: Caller, reactions: Mapping[str, Reaction], clock: Clock) -> None:
        self._pool = pool
        self._caller = caller
        self._reactions = reactions
        self._clock = clock

    async def take(self, body: bytes) -> str:
        """Takes in one message body; returns the outcome: done, repeated, ignored, waiting or dead. Raises only when the database fails."""
        now = self._clock.now()
        try:
            event = envelope.decode(body)
        except ValueError as error:
            async with transaction(self._pool, self._caller) as connection:
                key = uuid5(MALFORMED, body.hex())
                if await connection.fetchval(CLAIM, key, "malformed", "malformed", now):
                    await connection.execute(SET_ASIDE, key, "dead", 1, None, _reason(error), body)
            return "dead"
        if event.type not in self._reactions:
            return "ignored"
        async with transaction(self._pool, self._caller) as connection:
            if not await connection.fetchval(CLAIM, event.id, event.type, event.subject, now):
                return "repeated"
            if await connection.fetchval(HELD_UP, event.subject, event.id):
                reason = "waits behind an earlier event of the same subject"
                await connection.execute(SET_ASIDE, event.id, "waiting", 0, now, reason, body)
                return "waiting"
            return await self._attempt(connection, event, body, attempts=1)

    async def retry_one(self) -> str | None:
        """Tries the oldest event that is due; None when nothing is."""
        async with transaction(self._pool, self._caller) as connection:
            row = await connection.fetchrow(DUE, self._clock.now())
            if row is None:
                return None
            attempts = row["attempts"] + 1
            try:
                event = envelope.decode(row["envelope"])
            except ValueError as error:
                await connection.execute(SET_ASIDE, row["id"], "dead", attempts, None, _reason(error), row["envelope"])
                return "dead"
            outcome = await self._attempt(connection, event, row["envelope"], attempts)
            if outcome == "done":
                await connection.execute(DONE, event.id, attempts)
            return outcome

    async def _attempt(self, connection: Connection, event: Event, body: bytes, attempts: int) -> str:
        token = correlation.set(event.correlationid)
        try:
            reaction = self._reactions[event.type]
            data = msgspec.convert(event.data, reaction.data)
            async with connection.transaction():
                await reaction.react(Reacting(connection, event, self._clock), data)
        except Exception as error:
            if connection.is_closed():
                raise
            last = isinstance(error, msgspec.ValidationError) or attempts > len(RETRY_AFTER_SECONDS)
            state = "dead" if last else "waiting"
            due = None if last else self._clock.now() + timedelta(seconds=RETRY_AFTER_SECONDS[attempts - 1])
            await connection.execute(SET_ASIDE, event.id, state, attempts, due, _reason(error), body)
            log.warning(
                "event.failed",
                event_id=str(event.id),
                type=event.type,
                outcome=state,
                attempts=attempts,
                reason=_reason(error),
            )
            return state
        finally:
            correlation.reset(token)
        return "done"

    async def gauge(self) -> None:
        async with transaction(self._pool, self._caller) as connection:
            counts = {row["state"]: row["n"] for row in await connection.fetch(COUNTS)}
        INBOX_WAITING.set(counts.get("waiting", 0))
        INBOX_DEAD.set(counts.get("dead", 0))


def _reason(error: Exception) -> str:
    """The error's kind, and its message where that is known to hold no personal value."""
    safe = isinstance(error, Problem | msgspec.MsgspecError)
    return f"{type(error).__name__}: {error}"[:500] if safe else type(error).__name__


async def consume(inbox: Inbox, amqp_url: str, topology: broker.Topology, queue: str, stop: asyncio.Event) -> None:
    """Consumes the queue until stopped; raises when the broker or the database goes away, and may then be run again."""
    connection = await broker.connect(amqp_url)
    async with connection:
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=PREFETCH)
        await broker.declare(channel, topology)
        arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        channel.close_callbacks.add(lambda *_: arrived.put_nowait(None))
        declared = await channel.get_queue(queue, ensure=False)
        tag = await declared.consume(arrived.put)
        while not stop.is_set():
            message = await _next(arrived, stop)
            if message is None:
                break
            outcome = await inbox.take(message.body)
            INBOX_EVENTS.labels(message.type or "-", outcome).inc()
            await message.ack()
        if not stop.is_set():
            raise ConnectionError("the broker closed the channel")
        await declared.cancel(tag)


async def _next(
    arrived: "asyncio.Queue[AbstractIncomingMessage | None]", stop: asyncio.Event
) -> AbstractIncomingMessage | None:
    """The next message, or None at a stop or when the channel is gone."""
    if not arrived.empty():
        return arrived.get_nowait()
    getting, stopping = asyncio.ensure_future(arrived.get()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((getting, stopping), return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()
        stopping.cancel()


async def sweep(inbox: Inbox, stop: asyncio.Event) -> None:
    """Retries what is due, until stopped."""
    while not await stopped_within(stop, SWEEP_SECONDS):
        while await inbox.retry_one() is not None and not stop.is_set():
            pass
        await inbox.gauge()


async def forget(connection: Connection, clock: Clock, days: int) -> None:
    """Forgets events done more than `days` ago; the broker keeps none that long, so no repeat can come."""
    await connection.execute(FORGET, clock.now() - timedelta(days=days))
