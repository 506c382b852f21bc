"""Reads the department's own log again: seven days of what it was sent, from any place, without taking anything away."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from subscribe.errors import Unreadable
from subscribe.event import Event, read
from subscribe.link import CLOSE_SECONDS, GONE, connected, refusals
from subscribe.mailbox import Mailbox

PREFETCH = 500
QUIET_SECONDS = 0.5
EMPTY_SECONDS = 2.0
IDLE_SECONDS = 10.0
TAIL = 500
MARGIN = timedelta(minutes=1)

Start = int | datetime | None
"""Where to begin in the log: an offset, a time (the log may give a little of what came before it), or None for its beginning."""


class Logged(NamedTuple):
    """A message of the log."""

    offset: int
    body: bytes


async def replay(
    url: str, stream: str, start: Start = None, *, idle: float = IDLE_SECONDS
) -> AsyncGenerator[list[Logged], None]:
    """The log's messages in lots, up to the one that was the newest when this began; ends early when none comes for `idle` seconds."""
    async with connected(url) as connection, refusals(url, stream):
        last = await newest(connection, stream)
        end = last[-1].offset if last else -1
        place = start - 1 if isinstance(start, int) else -1
        if place >= end:
            return
        async with aclosing(_lots(connection, stream, "first" if start is None else start, idle)) as lots:
            async for lot in lots:
                wanted = [logged for logged in lot if place < logged.offset <= end]
                if wanted:
                    yield wanted
                if lot[-1].offset >= end:
                    return


async def newest(connection: AbstractConnection, stream: str) -> list[Logged]:
    """The log's last messages, as many as came in its last chunk; none when it is empty."""
    found: list[Logged] = []
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with aclosing(_lots(connection, stream, "last", EMPTY_SECONDS, QUIET_SECONDS)) as lots:
        async for lot in lots:
            found += lot
            if loop.time() - began > EMPTY_SECONDS:  # a busy log has no end: what came by now is the newest
                break
    return found


async def tail(connection: AbstractConnection, stream: str) -> list[Logged]:
    """The log's last TAIL messages or so: enough for the newest position of each source that is at work."""
    last = await newest(connection, stream)
    if not last:
        return last
    found: list[Logged] = []
    async with aclosing(_lots(connection, stream, max(0, last[-1].offset - TAIL), EMPTY_SECONDS)) as lots:
        async for lot in lots:
            found += lot
            if lot[-1].offset >= last[-1].offset:
                break
    return found


async def _lots(
    connection: AbstractConnection, stream: str, start: int | datetime | str, first: float, later: float | None = None
) -> AsyncGenerator[list[Logged], None]:
    """Messages from `start` on, as many as there are at a time; ends when none comes for so many seconds."""
    channel: AbstractChannel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(PREFETCH)
    arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
    channel.close_callbacks.add(lambda *_: arrived.put_nowait(None))
    log = await channel.get_queue(stream, ensure=False)
    tag = await log.consume(arrived.put, arguments={"x-stream-offset": start})
    seconds = first
    try:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    messages = [await arrived.get()]
            except TimeoutError:
                return
            seconds = later or first
            messages += [arrived.get_nowait() for _ in range(arrived.qsize())]
            there = [message for message in messages if message is not None]
            if len(there) < len(messages):
                raise ConnectionResetError(None, "the broker ended the connection")
            yield [Logged(int(str(message.headers["x-stream-offset"])), message.body) for message in there]
            await there[-1].ack(multiple=True)
    finally:
        with suppress(*GONE):
            async with asyncio.timeout(CLOSE_SECONDS):
                await log.cancel(tag)
                await channel.close()


async def refill(
    url: str, stream: str, mailbox: Mailbox, start: Start, wanted: Callable[[bytes], bool] | None = None
) -> Counter[str]:
    """Replays into the mailbox, where whoever follows works off what is new; counts what became of the messages, as Mailbox.keep does."""
    tally: Counter[str] = Counter()
    async with aclosing(replay(url, stream, start)) as lots:
        async for lot in lots:
            bodies = [logged.body for logged in lot if wanted is None or wanted(logged.body)]
            mark = (stream, lot[-1].offset) if wanted is None else None
            tally += await asyncio.to_thread(mailbox.keep, bodies, mark)
    return tally


async def fill(url: str, stream: str, mailbox: Mailbox) -> Counter[str]:
    """Fills the mailbox's gaps out of the log, as far as it goes back; counts as `refill` does."""
    tally: Counter[str] = Counter()
    gaps = mailbox.gaps()
    times = [mailbox.before(gap.source, gap.first) for gap in gaps]
    known = [time for time in times if time is not None]
    start = min(known) - MARGIN if len(known) == len(times) and known else None
    async with aclosing(replay(url, stream, start)) as lots:
        async for lot in lots:
            if not mailbox.gaps():
                break
            tally += await asyncio.to_thread(mailbox.keep, [logged.body for logged in lot])
    return tally


def from_position(source: str, position: int) -> Callable[[bytes], bool]:
    """Whether a message is an event of the source, at the position or behind it."""

    def wanted(body: bytes) -> bool:
        event = _readable(body)
        return event is not None and event.source == source and int(event.position or 0) >= position

    return wanted


def positions(last: list[Logged]) -> dict[str, int]:
    """The highest position by source among messages."""
    found: dict[str, int] = {}
    for event in (_readable(logged.body) for logged in last):
        if event is not None and event.position:
            found[event.source] = max(found.get(event.source, 0), int(event.position))
    return found


def _readable(body: bytes) -> Event | None:
    try:
        return read(body)
    except Unreadable:
        return None
