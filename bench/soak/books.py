"""Reads the ledgers' lines: what was written, what came of it, what the log streams hold."""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import aio_pika
from aiormq.abc import DeliveredMessage

from bench.soak.ledger import Line
from services.chassis import broker, envelope
from services.chassis.db import Pool

ENTRIES = "SELECT event, subject, number FROM entry"
EFFECTS = "SELECT event, subject, number FROM effect ORDER BY received"
COUNT_ENTRIES = "SELECT count(*) FROM entry"
COUNT_EFFECTS = "SELECT count(DISTINCT event) FROM effect"
UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
RECEIVED = "SELECT event, subject, number, position FROM effect ORDER BY rowid"
READ_SECONDS = 120.0
PREFETCH = 2000
ACKNOWLEDGE_EVERY = 500
MARK = "mark"


async def entries(pool: Pool) -> list[Line]:
    return [Line(**row) for row in await pool.fetch(ENTRIES)]


async def effects(pool: Pool) -> list[Line]:
    """In the order in which they came about."""
    return [Line(**row) for row in await pool.fetch(EFFECTS)]


async def count_entries(pool: Pool) -> int:
    count: int = await pool.fetchval(COUNT_ENTRIES)
    return count


async def count_effects(pool: Pool) -> int:
    """How many different events had their effect."""
    count: int = await pool.fetchval(COUNT_EFFECTS)
    return count


async def unpublished(pool: Pool) -> int:
    count: int = await pool.fetchval(UNPUBLISHED)
    return count


def received(mailbox: Path) -> list[Line]:
    """What the department's client brought in effect, in that order."""
    database = sqlite3.connect(mailbox)
    try:
        return [Line(UUID(event), *rest) for event, *rest in database.execute(RECEIVED)]
    finally:
        database.close()


@dataclass
class Log:
    """What a log stream holds. Each reading goes on where the last one ended, and up to a mark that it puts at the end.

    `placed_by`: the attribute that numbers the events, `sequence` or `position`.
    """

    amqp_url: str
    queue: str
    placed_by: str = "sequence"
    lines: list[Line] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    _next: int = 0

    async def read(self) -> list[Line]:
        """All lines so far."""
        async with await broker.connect(self.amqp_url) as connection, asyncio.timeout(READ_SECONDS):
            channel = await connection.channel()
            await channel.set_qos(PREFETCH)
            mark = str(uuid4())
            await channel.default_exchange.publish(aio_pika.Message(b"", message_id=mark, type=MARK), self.queue)
            arrived: asyncio.Queue[DeliveredMessage] = asyncio.Queue()
            below = await channel.get_underlay_channel()
            await below.basic_consume(self.queue, arrived.put, arguments={"x-stream-offset": self._next})
            while True:
                message = await arrived.get()
                if (tag := message.delivery_tag or 0) % ACKNOWLEDGE_EVERY == 0:
                    await below.basic_ack(tag, multiple=True)
                properties = message.header.properties
                offset = (properties.headers or {})["x-stream-offset"]
                # A stream delivers whole chunks, so also what lies before the wanted offset.
                if not isinstance(offset, int) or offset < self._next:
                    continue
                self._next = offset + 1
                if properties.message_id == mark:
                    return self.lines
                if properties.message_type != MARK:
                    self._add(bytes(message.body))

    def _add(self, body: bytes) -> None:
        event = envelope.decode(body)
        place = getattr(event, self.placed_by)
        self.bodies.append(body)
        self.lines.append(
            Line(
                event.id,
                event.subject,
                int(event.data.get("number", 0)),
                int(place) if isinstance(place, str) else None,
            )
        )
