"""What happens to tickets, from the broker to the subscribers.

One exclusive queue a process takes every ticket event, and an event does no more than mark its ticket's subscribers: each then reads the
state anew with its own token, so that nobody sees by subscription what they could not read. However slow a subscriber is, it costs one mark.
After a lost connection every subscriber is marked, since events may have been missed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import msgspec
import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from prometheus_client import Gauge

from gateway.calls import Calls
from gateway.planner.plan import Fetch
from gateway.planner.select import Selector
from services.chassis import broker, envelope
from services.chassis.broker import Topology
from services.chassis.errors import Unavailable

BINDING = "tickets.ticket.#"
PAUSE_SECONDS = (0.1, 5.0)
VERSION = "__version"

CONNECTED = Gauge("sanmin_feed_connected", "Whether the broker's events reach this gateway")
SUBSCRIBERS = Gauge("sanmin_feed_subscribers", "Subscriptions that are open")

log = structlog.get_logger()


class Feed:
    """Runs beside the app; `states` is what a subscription iterates over."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = prefix
        self._exchange = Topology(prefix).exchange
        self._marks: dict[str, set[asyncio.Event]] = {}
        self.connection: AbstractConnection | None = None

    @property
    def watched(self) -> frozenset[str]:
        """The keys that somebody subscribes to."""
        return frozenset(self._marks)

    async def run(self) -> None:
        """Feeds subscribers until it is cancelled; connects anew with a growing pause."""
        pause = PAUSE_SECONDS[0]
        while True:
            try:
                await self._consume()
                pause = PAUSE_SECONDS[0]
            except broker.GONE as error:
                log.warning("feed.interrupted", error=type(error).__name__, again_in_seconds=pause)
            finally:
                CONNECTED.set(0)
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_SECONDS[1])

    async def _consume(self) -> None:
        """Returns when a connection that stood is lost."""
        self.connection = connection = await broker.connect(self._url)
        async with connection:
            lost = asyncio.Event()
            connection.close_callbacks.add(lambda *_: lost.set())
            channel = await connection.channel()
            channel.close_callbacks.add(lambda *_: lost.set())
            exchange = await channel.get_exchange(self._exchange)
            # Named after the prefix, so that a broker's user needs no right outside of it.
            queue = await channel.declare_queue(f"{self._prefix}.gateway.{uuid4()}", exclusive=True, auto_delete=True)
            await queue.bind(exchange, BINDING)
            await queue.consume(self._take, no_ack=True)
            CONNECTED.set(1)
            for key in self._marks:
                self._mark(key)
            await lost.wait()
        log.warning("feed.lost")

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            event = envelope.decode(message.body)
        except ValueError:
            log.error("feed.unreadable", routing_key=message.routing_key)
            return
        self._mark(event.subject)

    def _mark(self, key: str) -> None:
        for mark in self._marks.get(key, ()):
            mark.set()

    @contextmanager
    def _watched(self, key: str) -> Iterator[asyncio.Event]:
        mark = asyncio.Event()
        self._marks.setdefault(key, set()).add(mark)
        SUBSCRIBERS.inc()
        try:
            yield mark
        finally:
            SUBSCRIBERS.dec()
            self._marks[key].discard(mark)
            if not self._marks[key]:
                del self._marks[key]

    async def states(self, plan: Fetch, selector: Selector, calls: Calls) -> AsyncIterator[dict[str, Any]]:
        """The object's present state, then each later one; several changes in a row may come as one. Raises Problem but waits while
        the service is unavailable.
        """
        key = plan.args(selector)["id"]
        select = msgspec.json.encode([*msgspec.json.decode(plan.select), [VERSION, "version"]])
        versioned = Fetch(plan.read, plan.args, select, plan.executes)
        seen = None
        with self._watched(key) as mark:
            while True:
                mark.clear()
                state = await self._read(versioned, selector, calls)
                if state[VERSION] != seen:
                    seen = state[VERSION]
                    yield state
                await mark.wait()

    @staticmethod
    async def _read(plan: Fetch, selector: Selector, calls: Calls) -> dict[str, Any]:
        pause = PAUSE_SECONDS[0]
        while True:
            try:
                state: dict[str, Any] = msgspec.json.decode(await calls.fetch(plan, selector))
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_SECONDS[1])
            else:
                return state
