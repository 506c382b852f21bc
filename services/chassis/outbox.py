"""Events are recorded in the transaction of the change that they tell of; the relay publishes them after the commit.

Lock or write the row first, then record: the order of events of one subject then follows the order of its commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.envelope import EventData, routing_key
from services.chassis.telemetry import correlation

RECORD = """
INSERT INTO outbox (id, type, subject, routing_key, data, correlation_id, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
RECORD_ALL = """
INSERT INTO outbox (id, type, subject, routing_key, data, correlation_id, recorded_at)
SELECT id, type, subject, routing_key, data, $6, $7
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
    WITH ORDINALITY AS given (id, type, subject, routing_key, data, place)
ORDER BY place
"""


@dataclass(frozen=True)
class Telling:
    """An event about `subject` in `area` (a code)."""

    event: EventData
    subject: str
    area: str
    department: str | None = None


async def record_all(connection: Connection, clock: Clock, tellings: Sequence[Telling]) -> None:
    """Records many events at once, in their order; of none nothing."""
    if not tellings:
        return
    await connection.execute(
        RECORD_ALL,
        [uuid7() for _ in tellings],
        [telling.event.type for telling in tellings],
        [telling.subject for telling in tellings],
        [routing_key(telling.event.type, telling.department, telling.area) for telling in tellings],
        [msgspec.to_builtins(telling.event) for telling in tellings],
        correlation.get(),
        clock.now(),
    )


async def record(
    connection: Connection, clock: Clock, event: EventData, *, subject: str, area: str, department: str | None = None
) -> UUID:
    """Records an event about `subject` in `area` (a code); returns the event's id."""
    event_id = uuid7()
    await connection.execute(
        RECORD,
        event_id,
        event.type,
        subject,
        routing_key(event.type, department, area),
        msgspec.to_builtins(event),
        correlation.get(),
        clock.now(),
    )
    return event_id
