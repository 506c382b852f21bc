"""Follows the department's queue into a mailbox until stopped, whatever the broker does meanwhile.

One task receives and connects anew, with a growing pause; another keeps what came, works off what is due, and acknowledges. Neither waits for
the other, so a failed event is tried again also while the broker is away, and a slow handler costs no heartbeat: the mailbox has a thread of its own.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from aio_pika.abc import AbstractIncomingMessage

from subscribe.errors import Abort
from subscribe.event import Event
from subscribe.link import CLOSE_SECONDS, GONE, connected, reason_of, refusals
from subscribe.mailbox import Handler, Mailbox

PREFETCH = 1000
BATCH = 500
PAUSE_SECONDS = (0.5, 30.0)
LOOK_SECONDS = 1.0
KEEP_DAYS = 30.0
FORGET_SECONDS = 3600.0

T = TypeVar("T")

Tell = Callable[[Counter[str]], None]
Take = Callable[[list[bytes]], Counter[str]]

Outside = Callable[[Event], Awaitable[None]]
"""Has an event's effect outside of the mailbox: at least once, so it must know an id that it has seen. An error is a failure."""

log = logging.getLogger("subscribe")


@dataclass(frozen=True)
class _Post:
    """What the tasks of one following share. `idle` is set when nothing is left to acknowledge."""

    mailbox: Mailbox
    stop: asyncio.Event
    tell: Tell
    thread: ThreadPoolExecutor
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Queue[AbstractIncomingMessage] = field(default_factory=asyncio.Queue)

    def run(self, call: Callable[..., T], *arguments: object) -> Awaitable[T]:
        """Runs a call in the mailbox's thread."""
        return asyncio.get_running_loop().run_in_executor(self.thread, call, *arguments)


async def follow(
    url: str,
    queue: str,
    mailbox: Mailbox,
    handler: Handler | None = None,
    *,
    outside: Outside | None = None,
    stop: asyncio.Event | None = None,
    keep_days: float = KEEP_DAYS,
    tell: Tell = lambda _: None,
) -> None:
    """Keeps each event of the queue and gives it to `handler` (its effect once) or `outside` (at least once), a subject's in order.

    Ends when `stop` is set: what was done is acknowledged by then. Raises Refused where trying again is no use, and Abort as a handler
    raises it. `keep_days`: how long an event that is done stays known. `tell` is told what became of events, as Mailbox.take counts.
    """
    stop = stop or asyncio.Event()

    def take(bodies: list[bytes]) -> Counter[str]:
        return mailbox.keep(bodies) if outside else mailbox.take(bodies, handler, stop.is_set)

    with ThreadPoolExecutor(1, "mailbox") as thread:
        post = _Post(mailbox, stop, tell, thread)
        working = [_keep(post, take), _forget(post, keep_days), *([_work(post, outside)] if outside else [])]
        receiver, *workers = tasks = [asyncio.create_task(each) for each in (_receive(post, url, queue), *working)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            outcomes = await asyncio.gather(*workers, return_exceptions=True)
            post.idle.set()
            outcomes += await asyncio.gather(receiver, return_exceptions=True)
        finally:
            stop.set()
            for task in tasks:
                task.cancel()
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


async def _receive(post: _Post, url: str, queue: str) -> None:
    pause, loop = PAUSE_SECONDS[0], asyncio.get_running_loop()
    while not post.stop.is_set():
        started = loop.time()
        try:
            await _session(post, url, queue)
        except (*GONE, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _cancelled():
                raise
            if loop.time() - started > PAUSE_SECONDS[1]:
                pause = PAUSE_SECONDS[0]
            seconds = pause * random.uniform(0.5, 1.0)  # noqa: S311  spreads those who come back at once
            log.warning("the broker is away (%s); trying again in %.1f s", reason_of(error), seconds)
            await within(post.stop, seconds)
            pause = min(pause * 2, PAUSE_SECONDS[1])


def _cancelled() -> bool:
    """Whether this very task is: a connection that breaks cancels whoever waits for an answer on it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _session(post: _Post, url: str, queue: str) -> None:
    """One connection, until the stop; raises when it ends before.

    The consumer is not cancelled before the channel is closed: a quorum queue would take back what was just on its way before the older messages
    that are not acknowledged yet, and they would come in that order the next time.
    """
    async with connected(url) as connection, refusals(url, queue):
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(PREFETCH)
        ended = asyncio.Event()
        channel.close_callbacks.add(lambda *_: ended.set())
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(lambda *_: ended.set())
        consumed = await channel.get_queue(queue, ensure=False)
        await consumed.consume(post.arrived.put)
        log.info("following %s", queue)
        await first_of(post.stop, ended)
        if ended.is_set():
            raise ConnectionResetError(None, "the connection or the queue has ended")
        await post.idle.wait()
        with suppress(*GONE):
            async with asyncio.timeout(CLOSE_SECONDS):
                await channel.close()  # answered after every acknowledgement before it


async def _keep(post: _Post, take: Take) -> None:
    while not post.stop.is_set():
        due = await post.run(post.mailbox.due_in)
        messages = await _some(post, LOOK_SECONDS if due is None else min(due, LOOK_SECONDS))
        if not post.stop.is_set():
            tally = await post.run(take, [message.body for message in messages])
            await _acknowledge(messages)
            post.tell(tally)


async def _work(post: _Post, outside: Outside) -> None:
    while not post.stop.is_set():
        job = await post.run(post.mailbox.job)
        if job is None:
            await within(post.stop, LOOK_SECONDS / 10)
            continue
        error: Exception | None = None
        try:
            await outside(job.event)
        except Abort:
            raise
        except Exception as failure:  # whatever it is, it is the event's failure, and its reason is kept
            error = failure
        post.tell(Counter([await post.run(post.mailbox.settle, job, error)]))


async def _forget(post: _Post, days: float) -> None:
    while not post.stop.is_set():
        await post.run(post.mailbox.forget, days)
        await within(post.stop, FORGET_SECONDS)


async def _some(post: _Post, seconds: float) -> list[AbstractIncomingMessage]:
    """Up to BATCH messages that are there; waits so long for the first of them, or until the stop."""
    arrived, first = post.arrived, []
    if arrived.empty() and seconds > 0:
        getting, stopping = asyncio.ensure_future(arrived.get()), asyncio.ensure_future(post.stop.wait())
        try:
            await asyncio.wait((getting, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            first = [getting.result()] if getting.done() else []
        finally:
            getting.cancel()
            stopping.cancel()
    return first + [arrived.get_nowait() for _ in range(min(arrived.qsize(), BATCH - len(first)))]


async def _acknowledge(messages: Iterable[AbstractIncomingMessage]) -> None:
    """All up to the last of each channel; on one that is gone they come again, and are known then."""
    last: dict[int, AbstractIncomingMessage] = {}
    for message in messages:
        with suppress(*GONE):  # asking a message for a channel that has ended raises
            last[id(message.channel)] = message
    for message in last.values():
        with suppress(*GONE):
            await message.ack(multiple=True)


async def within(stop: asyncio.Event, seconds: float) -> None:
    """Waits so long, or until the stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
