"""Carries messages from the broker's queue to the inbox: in batches as they come, acknowledged after the commit; paused when an operator says so.

A quorum queue counts how often it has delivered a message and gives it up after DELIVERY_LIMIT times. So nothing is fetched before the database
answers: however long that is away, it uses up no deliveries. What the broker gave up is taken into the inbox as a dead letter, the one place where an
operator looks.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import cast

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq import Channel
from aiormq.abc import DeliveredMessage

from services.chassis import broker
from services.chassis.clock import stopped_within, unless
from services.chassis.db import Pool
from services.chassis.inbox import Inbox
from services.chassis.telemetry import CONSUMER_PAUSED, INBOX_EVENTS

PREFETCH = 300
BATCH = 100
LOOK_SECONDS = 1.0
SWEEP_SECONDS = 0.5
BURY_SECONDS = 10.0

INBOX = "inbox"
"""The name by which operators pause a service's consumer of events."""
PAUSED = "SELECT EXISTS (SELECT 1 FROM consumer_pause WHERE consumer = $1)"


class Arrivals:
    """What a channel has delivered and nobody has taken yet, in order."""

    def __init__(self) -> None:
        self._messages: deque[DeliveredMessage] = deque()
        self._news = asyncio.Event()
        self._closed = False

    async def consume(self, channel: AbstractChannel, queue: str) -> Channel:
        """Has the queue delivered here; returns the channel below."""
        channel.close_callbacks.add(self.close)
        below = cast("Channel", await channel.get_underlay_channel())
        # A queue that is deleted ends its consumers and leaves their channel open.
        below.on_consumer_cancel_callbacks.add(self.close)
        await below.basic_consume(queue, self.add)
        return below

    async def add(self, message: DeliveredMessage) -> None:
        self._messages.append(message)
        self._news.set()

    def close(self, *_: object) -> None:
        self._closed = True
        self._news.set()

    async def batch(self, halt: asyncio.Event) -> list[DeliveredMessage]:
        """What has arrived, up to BATCH messages, at least one; none at a halt. Raises ConnectionError when the channel is closed."""
        if not self._messages and not self._closed and await unless(halt, self._news.wait()):
            return []
        if self._closed:
            raise ConnectionError("the broker closed the channel, or the queue is gone")
        batch = [self._messages.popleft() for _ in range(min(BATCH, len(self._messages)))]
        if not self._messages:
            self._news.clear()
        return batch


async def consume(inbox: Inbox, pool: Pool, amqp_url: str, topology: broker.Topology, *, stop: asyncio.Event) -> None:
    """Consumes the topology's first queue until stopped; raises when the broker or the database goes away, and may then be run again.

    It ends by closing the connection alone. Were the consumer cancelled first, a quorum queue would take back what was just on its way before the
    older messages that are not acknowledged yet, and the next consumer would have them in that order.
    """
    while not stop.is_set():
        if await _paused(pool):
            await stopped_within(stop, LOOK_SECONDS)
            continue
        async with await broker.connect(amqp_url) as connection:
            opened = await connection.channel(publisher_confirms=False)
            await broker.declare(opened, topology)
            await opened.set_qos(prefetch_count=PREFETCH)
            arrivals, halt = Arrivals(), asyncio.Event()
            watching = asyncio.create_task(_watch(pool, stop, halt))
            try:
                channel = await arrivals.consume(opened, topology.queues[0].name)
                while not halt.is_set() and (batch := await arrivals.batch(halt)):
                    outcomes = await inbox.take_all([message.body for message in batch])
                    await channel.basic_ack(batch[-1].delivery_tag or 0, multiple=True)
                    for message, outcome in zip(batch, outcomes, strict=True):
                        INBOX_EVENTS.labels(message.header.properties.message_type or "-", outcome).inc()
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching


async def _paused(pool: Pool) -> bool:
    paused: bool = await pool.fetchval(PAUSED, INBOX)
    CONSUMER_PAUSED.labels(INBOX).set(paused)
    return paused


async def _watch(pool: Pool, stop: asyncio.Event, halt: asyncio.Event) -> None:
    """Sets `halt` at a stop, when an operator pauses the consumer, and when the database cannot be asked."""
    try:
        while not await stopped_within(stop, LOOK_SECONDS) and not await _paused(pool):
            pass
    finally:
        halt.set()


async def bury_dead(inbox: Inbox, pool: Pool, amqp_url: str, queue: str, stop: asyncio.Event) -> None:
    """Takes what the broker gave up out of the queue's dead letters into the inbox, with the broker's reason."""
    while not stop.is_set():
        await pool.fetchval("SELECT 1")
        async with await broker.connect(amqp_url) as connection:
            channel = await connection.channel(publisher_confirms=False)
            letters = await channel.get_queue(f"{queue}.dead", ensure=False)
            while (message := await letters.get(fail=False)) is not None and not stop.is_set():
                outcome = await inbox.bury(message.body, f"given up by the broker: {_death(message)}")
                await message.ack()
                INBOX_EVENTS.labels(message.type or "-", outcome).inc()
        await stopped_within(stop, BURY_SECONDS)


def _death(message: AbstractIncomingMessage) -> str:
    """Why the broker gave a message up: rejected, delivery_limit, expired or maxlen."""
    deaths = message.headers.get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    return str(first.get("reason", "unknown")) if isinstance(first, dict) else "unknown"


async def sweep(inbox: Inbox, stop: asyncio.Event) -> None:
    """Retries what is due, until stopped."""
    while not await stopped_within(stop, SWEEP_SECONDS):
        while await inbox.retry_one() is not None and not stop.is_set():
            pass
        await inbox.gauge()
