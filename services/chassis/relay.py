"""Publishes the outbox: one leader a service, in order, pipelined, confirmed.

The leader holds an advisory lock on the very connection that it claims and marks with, so who loses the lock can mark nothing.
A subject has at most one event in flight: what follows waits for its confirm, so a refused event is never overtaken.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import aio_pika
import asyncpg
import structlog
from aio_pika.abc import AbstractExchange

from services.chassis import broker
from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Connection, prepare_connection
from services.chassis.envelope import CONTENT_TYPE, Event, encode
from services.chassis.telemetry import OUTBOX_AGE_SECONDS, OUTBOX_PUBLISHED, OUTBOX_WAITING

BATCH = 500
PUBLISH_SECONDS = 10
IDLE_SECONDS = (0.005, 0.1)
LEADER_SECONDS = 1.0
GAUGE_SECONDS = 5.0
LOCK = 0x5A_4D_2001

TRY_LEAD = "SELECT pg_try_advisory_lock($1)"
NUMBER = """
UPDATE outbox SET sequence = (SELECT coalesce(max(sequence), 0) FROM outbox) + fresh.n
FROM (
    SELECT recorded, row_number() OVER (ORDER BY recorded) AS n FROM outbox
    WHERE published_at IS NULL AND sequence IS NULL ORDER BY recorded LIMIT $1
) fresh
WHERE outbox.recorded = fresh.recorded
"""
WAITING = """
SELECT id, type, subject, routing_key, data, correlation_id, recorded_at, sequence FROM outbox
WHERE published_at IS NULL AND sequence IS NOT NULL ORDER BY sequence LIMIT $1
"""
MARK = "UPDATE outbox SET published_at = $2 WHERE id = ANY($1)"
LAG = "SELECT count(*) AS waiting, min(recorded_at) AS oldest FROM outbox WHERE published_at IS NULL"
PURGE = "DELETE FROM outbox WHERE published_at < $1 AND sequence < (SELECT max(sequence) FROM outbox)"

log = structlog.get_logger()


def waves(rows: Iterable[asyncpg.Record]) -> list[list[asyncpg.Record]]:
    """Splits a batch so that each wave has a subject at most once and a subject's events keep their order."""
    result: list[list[asyncpg.Record]] = []
    depth: dict[str, int] = {}
    for row in rows:
        at = depth.get(row["subject"], 0)
        depth[row["subject"]] = at + 1
        if at == len(result):
            result.append([])
        result[at].append(row)
    return result


class Relay:
    """Runs until cancelled; raises when the database or the broker goes away, and may then be run again."""

    def __init__(self, service: str, database_url: str, amqp_url: str, topology: broker.Topology, clock: Clock) -> None:
        self._source = f"urn:sanmin:{service}"
        self._database_url = database_url
        self._amqp_url = amqp_url
        self._topology = topology
        self._clock = clock
        self.leading = False

    async def run(self, stop: asyncio.Event) -> None:
        database = await asyncpg.connect(self._database_url, timeout=10, command_timeout=30)
        try:
            await prepare_connection(database)
            while not await database.fetchval(TRY_LEAD, LOCK):
                if await stopped_within(stop, LEADER_SECONDS):
                    return
            self.leading = True
            connection = await broker.connect(self._amqp_url)
            async with connection:
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                await broker.declare(channel, self._topology)
                exchange = await channel.get_exchange(self._topology.exchange, ensure=False)
                await self._publish_until(stop, database, exchange)
        finally:
            self.leading = False
            database.terminate()

    async def _publish_until(
        self, stop: asyncio.Event, database: "asyncpg.Connection[asyncpg.Record]", exchange: AbstractExchange
    ) -> None:
        pause, gauged = IDLE_SECONDS[0], float("-inf")
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            published = await self.publish_batch(database, exchange)
            if loop.time() - gauged > GAUGE_SECONDS:
                gauged = loop.time()
                await self._gauge(database)
            pause = IDLE_SECONDS[0] if published else min(pause * 2, IDLE_SECONDS[1])
            if published < BATCH and await stopped_within(stop, pause):
                return

    async def publish_batch(self, database: "asyncpg.Connection[asyncpg.Record]", exchange: AbstractExchange) -> int:
        """Numbers, publishes and marks up to BATCH events; returns how many. What was not confirmed stays and raises."""
        await database.execute(NUMBER, BATCH)
        rows = await database.fetch(WAITING, BATCH)
        for wave in waves(rows):
            outcomes = await asyncio.gather(*(self._publish(exchange, row) for row in wave), return_exceptions=True)
            confirmed = [
                row["id"] for row, outcome in zip(wave, outcomes, strict=True) if not isinstance(outcome, BaseException)
            ]
            await database.execute(MARK, confirmed, self._clock.now())
            OUTBOX_PUBLISHED.inc(len(confirmed))
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
        return len(rows)

    async def _publish(self, exchange: AbstractExchange, row: asyncpg.Record) -> None:
        event = Event(
            id=row["id"],
            source=self._source,
            type=row["type"],
            subject=row["subject"],
            time=row["recorded_at"],
            sequence=str(row["sequence"]),
            correlationid=row["correlation_id"],
            data=row["data"],
        )
        message = aio_pika.Message(
            encode(event),
            content_type=CONTENT_TYPE,
            message_id=str(event.id),
            correlation_id=event.correlationid,
            type=event.type,
            timestamp=event.time,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await exchange.publish(message, row["routing_key"], mandatory=True, timeout=PUBLISH_SECONDS)

    async def _gauge(self, database: "asyncpg.Connection[asyncpg.Record]") -> None:
        row = await database.fetchrow(LAG)
        assert row is not None  # noqa: S101  an aggregate always yields a row
        OUTBOX_WAITING.set(row["waiting"])
        oldest = row["oldest"]
        OUTBOX_AGE_SECONDS.set((self._clock.now() - oldest).total_seconds() if oldest else 0)


async def purge(database: Connection, clock: Clock, days: int) -> None:
    """Forgets events that were published more than `days` ago; the newest stays, it carries the sequence on."""
    await database.execute(PURGE, clock.now() - timedelta(days=days))
