"""Takes in the events of other services: each in effect once, a subject's events in order, failures retried and then set aside.

An event is claimed by its id in the transaction of its effect, and acknowledged after the commit (consumer.py). A reaction that fails leaves the
event waiting in the inbox, with its reason, for another try after a growing delay; later events of the same subject wait behind it, other subjects
flow on. After the last try, or at once when the event makes no sense, it is dead: an operator lists, shows, redrives or parks it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
import structlog

from services.chassis import envelope
from services.chassis.clock import Clock
from services.chassis.db import Connection, Pool, savepoint, transaction
from services.chassis.envelope import Event
from services.chassis.errors import Problem
from services.chassis.principal import Caller
from services.chassis.telemetry import INBOX_DEAD, INBOX_PARKED, INBOX_WAITING, correlation

RETRY_AFTER_SECONDS = (1, 5, 30, 120, 600, 3600)
MALFORMED = UUID("5a4d1c0b-0000-8000-8000-000000000001")
HELD_UP_REASON = "waits behind an earlier event of the same subject"

CLAIM = """
INSERT INTO inbox (id, type, subject, state, received_at) VALUES ($1, $2, $3, 'done', $4) ON CONFLICT (id) DO NOTHING RETURNING id
"""
CLAIM_ALL = """
INSERT INTO inbox (id, type, subject, state, received_at)
SELECT id, type, subject, 'done', $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS given (id, type, subject, place)
ORDER BY place ON CONFLICT (id) DO NOTHING RETURNING id
"""
HELD_UP = "SELECT EXISTS (SELECT 1 FROM inbox WHERE subject = $1 AND state = 'waiting' AND id <> $2)"
ANY_HELD_UP = "SELECT EXISTS (SELECT 1 FROM inbox WHERE subject = ANY($1) AND state = 'waiting')"
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


class _Singly(Exception):
    """A batch that cannot be taken in as one: it is taken in event by event."""


class Inbox:
    """Applies events. `caller` is the service's own, which row-level security knows."""

    def __init__(self, pool: Pool, caller: Caller, reactions: Mapping[str, Reaction], clock: Clock) -> None:
        self._pool = pool
        self._caller = caller
        self._reactions = reactions
        self._clock = clock

    async def take_all(self, bodies: Sequence[bytes]) -> list[str]:
        """Takes in message bodies in their order, in one transaction if all goes well, else one by one; returns the outcomes of `take`."""
        if len(bodies) > 1:
            try:
                return await self._take_together(bodies)
            except _Singly:
                pass
        return [await self.take(body) for body in bodies]

    async def _take_together(self, bodies: Sequence[bytes]) -> list[str]:
        """Raises _Singly, with nothing done, when an event makes no sense, is held up, or fails."""
        try:
            events = [envelope.decode(body) for body in bodies]
        except ValueError:
            raise _Singly from None
        known = [event for event in events if event.type in self._reactions]
        subjects = [event.subject for event in known]
        async with transaction(self._pool, self._caller) as connection:
            ids = [event.id for event in known]
            now = self._clock.now()
            claimed = await connection.fetch(CLAIM_ALL, ids, [event.type for event in known], subjects, now)
            fresh = {row["id"] for row in claimed}
            if fresh and await connection.fetchval(ANY_HELD_UP, subjects):
                raise _Singly
            outcomes = []
            for event in events:
                if event.type not in self._reactions:
                    outcomes.append("ignored")
                elif event.id not in fresh:
                    outcomes.append("repeated")
                else:
                    fresh.remove(event.id)
                    try:
                        await self._react(connection, event)
                    except Exception:
                        if connection.is_closed():
                            raise
                        raise _Singly from None
                    outcomes.append("done")
        return outcomes

    async def take(self, body: bytes) -> str:
        """Takes in one message body; returns the outcome: done, repeated, ignored, waiting or dead. Raises only when the database fails."""
        now = self._clock.now()
        try:
            event = envelope.decode(body)
        except ValueError as error:
            return await self.bury(body, _reason(error))
        if event.type not in self._reactions:
            return "ignored"
        async with transaction(self._pool, self._caller) as connection:
            if not await connection.fetchval(CLAIM, event.id, event.type, event.subject, now):
                return "repeated"
            if await connection.fetchval(HELD_UP, event.subject, event.id):
                await connection.execute(SET_ASIDE, event.id, "waiting", 0, now, HELD_UP_REASON, body)
                return "waiting"
            return await self._attempt(connection, event, body, attempts=1)

    async def bury(self, body: bytes, reason: str) -> str:
        """Keeps a message as a dead letter, unless it has been taken in already; returns "dead" or "repeated"."""
        try:
            event = envelope.decode(body)
            key, kind, subject = event.id, event.type, event.subject
        except ValueError:
            key, kind, subject = uuid5(MALFORMED, body.hex()), "malformed", "malformed"
        async with transaction(self._pool, self._caller) as connection:
            if not await connection.fetchval(CLAIM, key, kind, subject, self._clock.now()):
                return "repeated"
            await connection.execute(SET_ASIDE, key, "dead", 1, None, reason, body)
        return "dead"

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
        try:
            async with savepoint(connection):
                await self._react(connection, event)
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
        return "done"

    async def _react(self, connection: Connection, event: Event) -> None:
        token = correlation.set(event.correlationid or None)
        try:
            reaction = self._reactions[event.type]
            data = msgspec.convert(event.data, reaction.data)
            await reaction.react(Reacting(connection, event, self._clock), data)
        finally:
            correlation.reset(token)

    async def gauge(self) -> None:
        async with transaction(self._pool, self._caller) as connection:
            counts = {row["state"]: row["n"] for row in await connection.fetch(COUNTS)}
        for state, gauge in (("waiting", INBOX_WAITING), ("dead", INBOX_DEAD), ("parked", INBOX_PARKED)):
            gauge.set(counts.get(state, 0))


def _reason(error: Exception) -> str:
    """The error's kind, and its message where that is known to hold no personal value."""
    safe = isinstance(error, Problem | msgspec.MsgspecError)
    return f"{type(error).__name__}: {error}"[:500] if safe else type(error).__name__


async def forget(connection: Connection, clock: Clock, days: int) -> None:
    """Forgets events done more than `days` ago; the broker keeps none that long, so no repeat can come."""
    await connection.execute(FORGET, clock.now() - timedelta(days=days))
