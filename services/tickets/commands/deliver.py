"""The worker's tasks for webhooks: for each department one that keeps the events of its queue, and one that sends what is kept."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import aiohttp
import structlog
from aiormq.abc import AbstractChannel, DeliveredMessage
from prometheus_client import Counter, Gauge

from services.chassis import broker
from services.chassis.clock import Clock, stopped_within
from services.chassis.config import BrokerConfig
from services.chassis.consumer import Arrivals
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself
from services.chassis.service import Task
from services.tickets.commands import webhook
from services.tickets.commands.department import names_of
from services.tickets.domain.webhook import Target, headers
from services.tickets.store import webhook as store
from services.tickets.store.webhook import Claimed

PREFETCH = 100
POST_SECONDS = 10
POLL_SECONDS = 0.5
STOP_SECONDS = 3
"""How long attempts under way may take after the stop; one that is cut off is made again by the next worker."""
GAUGE_SECONDS = 15
KEEP_DAYS = 30
ITSELF = itself("tickets")

DELIVERIES = Counter("sanmin_webhook_deliveries_total", "Attempts to deliver an event", ["department", "outcome"])
WAITING = Gauge("sanmin_webhook_waiting", "Events kept and not yet delivered", ["department"])
OLDEST_SECONDS = Gauge("sanmin_webhook_oldest_seconds", "Age of the oldest event not yet delivered", ["department"])
DISABLED = Gauge("sanmin_webhook_disabled", "1 while nothing is sent until an operator enables it", ["department"])

log = structlog.get_logger()


def tasks(targets: Iterable[Target], config: BrokerConfig) -> Mapping[str, Task]:
    return {
        name: task
        for target in targets
        for name, task in (
            (f"webhook-{target.department}-keep", partial(keep, target, config)),
            (f"webhook-{target.department}-send", partial(send, target)),
        )
    }


async def keep(target: Target, config: BrokerConfig, pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Consumes the department's queue into the table until stopped; raises when the broker or the database goes away."""
    async with transaction(pool, ITSELF) as connection:
        await store.register(connection, target.department)
    queue, *_ = names_of(config.broker_prefix, target.department)
    async with await broker.connect(config.amqp_url) as link:
        opened = await link.channel(publisher_confirms=False)
        await opened.set_qos(prefetch_count=PREFETCH)
        arrivals = Arrivals()
        channel = await arrivals.consume(opened, queue)
        while messages := await arrivals.batch(stop):
            await _keep_all(target, pool, clock, channel, messages)


async def _keep_all(
    target: Target, pool: Pool, clock: Clock, channel: AbstractChannel, messages: Sequence[DeliveredMessage]
) -> None:
    """Keeps the messages in one transaction, then acknowledges them; what is no event becomes the queue's dead letter."""
    malformed = []
    async with transaction(pool, ITSELF) as connection:
        for message in messages:
            try:
                await webhook.keep(connection, clock, target.department, message.body)
            except ValueError:
                malformed.append(message)
    for message in messages:
        tag = message.delivery_tag or 0
        await (channel.basic_reject(tag, requeue=False) if message in malformed else channel.basic_ack(tag))


async def send(target: Target, pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Sends what is due until stopped; raises when the database goes away. Of two workers' senders each may send, never the same event."""
    async with transaction(pool, ITSELF) as connection:
        await store.register(connection, target.department)
    timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
    flying: set[asyncio.Task[None]] = set()
    gauged = float("-inf")
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        try:
            while not stop.is_set():
                async with transaction(pool, ITSELF) as connection:
                    due = await webhook.claim(connection, clock, target, len(flying))
                flying |= {asyncio.create_task(_deliver(session, target, pool, clock, claimed)) for claimed in due}
                flying = await _landed(flying, stop)
                if asyncio.get_running_loop().time() - gauged > GAUGE_SECONDS:
                    gauged = asyncio.get_running_loop().time()
                    await _keep_house(target, pool, clock)
            if flying:
                await asyncio.wait(flying, timeout=STOP_SECONDS)
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)


async def _landed(flying: set[asyncio.Task[None]], stop: asyncio.Event) -> set[asyncio.Task[None]]:
    """Waits for the first attempt to end, but not long; returns those still under way and raises what one has raised."""
    if not flying:
        await stopped_within(stop, POLL_SECONDS)
        return flying
    done, still = await asyncio.wait(flying, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return still


async def _deliver(session: aiohttp.ClientSession, target: Target, pool: Pool, clock: Clock, claimed: Claimed) -> None:
    good, outcome = await _post(session, target, clock, claimed)
    DELIVERIES.labels(target.department, "delivered" if good else "failed").inc()
    async with transaction(pool, ITSELF) as connection:
        state = await webhook.settle(connection, clock, target, claimed, good=good, outcome=outcome)
    if not good:
        log.warning(
            "webhook.failed",
            department=target.department,
            event_id=str(claimed.event),
            attempt=claimed.attempt,
            outcome=outcome,
            failures=state.failures,
            disabled=state.disabled_at is not None,
        )


async def _post(session: aiohttp.ClientSession, target: Target, clock: Clock, claimed: Claimed) -> tuple[bool, str]:
    """Whether the receiver has taken the event, and how the attempt ended. No redirect is followed, no answer's body read."""
    signed = headers(target, claimed.event, clock.now(), claimed.envelope)
    try:
        async with session.post(target.url, data=claimed.envelope, headers=signed, allow_redirects=False) as answer:
            return 200 <= answer.status < 300, f"status {answer.status}"
    except TimeoutError:
        return False, "timeout"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return False, type(error).__name__


async def _keep_house(target: Target, pool: Pool, clock: Clock) -> None:
    """Sets the gauges, and forgets what was delivered long ago."""
    async with transaction(pool, ITSELF) as connection:
        await store.forget(connection, target.department, clock.now() - timedelta(days=KEEP_DAYS))
        count, oldest = await store.waiting(connection, target.department)
        state = await store.lock(connection, target.department)
    WAITING.labels(target.department).set(count)
    OLDEST_SECONDS.labels(target.department).set((clock.now() - oldest).total_seconds() if oldest else 0)
    DISABLED.labels(target.department).set(state is not None and state.disabled_at is not None)
