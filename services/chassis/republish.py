"""Publishes events anew out of the service's own table, for when the streams have forgotten them.

They go out under their own ids, sequences and positions, marked `republished`; who has had them ignores them by their ids.
What has not been published yet is the relay's alone.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from services.chassis import broker
from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.departments import Department, copies
from services.chassis.envelope import place, source_of
from services.chassis.errors import InvalidInput
from services.chassis.publisher import Numbered, Publisher

BATCH = 500
PAGE = """
SELECT sequence, positions, recorded, id, type, subject, routing_key, data::json AS data, correlation_id, recorded_at FROM outbox
WHERE sequence > $1 AND recorded_at >= $2 AND recorded_at < $3 ORDER BY sequence LIMIT $4
"""


async def republish(
    connection: Connection,
    *,
    amqp_url: str,
    topology: broker.Topology,
    service: str,
    clock: Clock,
    since: datetime,
    until: datetime,
    departments: Sequence[Department],
    only: str | None,
) -> int:
    """Publishes what was recorded from `since` to before `until`, in the order of its sequence; returns how many events.

    Departments get their copies too; with `only` a department's code, its copies alone go out, also of events from before it had a file
    (these have no position). Raises InvalidInput when no department has the code.
    """
    receiving = [each for each in departments if only in (None, each.code)]
    if only is not None and not receiving:
        raise InvalidInput("department: no file of that code", field="department", rule="known.department")
    count, now = 0, clock.now()
    async with await broker.connect(amqp_url) as broker_connection:
        publisher = await Publisher.open(broker_connection, topology, source_of(service))
        async for rows in _pages(connection, since, until):
            batch = [_numbered(row, receiving, to_all=only is None) for row in rows]
            await publisher.publish(batch, republished=now)
            count += sum(event.to_all or bool(event.fields) for event in batch)
    return count


def _numbered(row: asyncpg.Record, receiving: Sequence[Department], *, to_all: bool) -> Numbered:
    kind = tuple(row["routing_key"].split(".", 3)[:3])
    fields = copies(receiving, kind, place(row["routing_key"]), msgspec.json.decode(row["data"]))
    return Numbered(row, row["sequence"], row["positions"], fields, to_all)


async def _pages(connection: Connection, since: datetime, until: datetime) -> AsyncIterator[list[asyncpg.Record]]:
    last = 0
    while rows := await connection.fetch(PAGE, last, since, until, BATCH):
        last = rows[-1]["sequence"]
        yield rows
