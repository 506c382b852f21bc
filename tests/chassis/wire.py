"""Events of the probe service on their way: written with a change, tapped from the broker, made by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aio_pika

from services.chassis import broker, envelope
from services.chassis.clock import SystemClock
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event
from services.chassis.outbox import record
from services.chassis.principal import itself
from tests.chassis.probe import NoteWritten

AREA = "3399991002000001"
SELF = itself("probe")
KEY = "probe.note.written.-.339999.100.200.0001"


async def write(pool: Pool, subject: UUID, times: int = 1) -> None:
    async with transaction(pool, SELF) as connection:
        await connection.execute("INSERT INTO note VALUES ($1, $2, 'heard') ON CONFLICT DO NOTHING", subject, AREA)
        for _ in range(times):
            await record(
                connection, SystemClock(), NoteWritten(note=subject, area=AREA), subject=str(subject), area=AREA
            )


@asynccontextmanager
async def tapped(amqp_url: str, prefix: str) -> AsyncIterator[aio_pika.abc.AbstractQueueIterator]:
    """All that is published under the prefix, as it comes."""
    connection = await broker.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        await broker.declare(channel, broker.Topology(prefix))
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(f"{prefix}.events", "#")
        async with queue.iterator(no_ack=True) as messages:
            yield messages


async def finished(pool: Pool, sql: str, expected: int) -> None:
    """Waits until the query counts what is expected; the test's own time limit ends a vain wait."""
    async with asyncio.timeout(20):
        while await pool.fetchval(sql) != expected:
            await asyncio.sleep(0.02)


def event(subject: UUID, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "id": uuid4(),
        "type": "probe.note.written.v1",
        "data": {"note": str(subject), "area": AREA},
        **changes,
    }
    return envelope.encode(
        Event(
            source="urn:sanmin:probe",
            subject=str(subject),
            time=datetime.now(UTC),
            **fields,
        )
    )
