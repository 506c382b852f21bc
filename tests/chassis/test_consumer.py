"""The consumer between the broker's queue and the inbox: batches, pauses, and what the broker gave up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import aio_pika
import asyncpg
import pytest

from services.chassis import broker, consumer, operations
from services.chassis.clock import SystemClock
from services.chassis.db import Pool, transaction
from services.chassis.inbox import Inbox
from tests.chassis.probe import Listener, probe
from tests.chassis.wire import AREA, KEY, SELF, event, finished
from tests.support.databases import Database

CLOCK = SystemClock()


@pytest.fixture
async def subjects(pool: Pool) -> list[UUID]:
    keys = [uuid4() for _ in range(3)]
    async with transaction(pool, SELF) as connection:
        await connection.executemany("INSERT INTO note VALUES ($1, $2, 'heard')", [(key, AREA) for key in keys])
    return keys


@asynccontextmanager
async def consuming(pool: Pool, amqp_url: str, prefix: str, listener: Listener) -> AsyncIterator[None]:
    service = probe(listener)
    inbox = Inbox(pool, SELF, service.reactions, CLOCK)
    topology, stop = service.topology(prefix), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(consumer.consume(inbox, pool, amqp_url, topology, stop=stop))
        group.create_task(consumer.bury_dead(inbox, pool, amqp_url, topology.queues[0].name, stop))
        try:
            yield
        finally:
            stop.set()


@pytest.fixture
async def channel(amqp_url: str, prefix: str) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    async with await broker.connect(amqp_url) as connection:
        opened = await connection.channel()
        await broker.declare(opened, probe().topology(prefix))
        yield opened


async def publish(channel: aio_pika.abc.AbstractChannel, prefix: str, *bodies: bytes) -> None:
    exchange = await channel.get_exchange(f"{prefix}.events")
    for body in bodies:
        await exchange.publish(aio_pika.Message(body, delivery_mode=2), KEY)


async def consumed_by(channel: aio_pika.abc.AbstractChannel, prefix: str, consumers: int) -> int:
    """Waits until the inbox's queue is there and so many consume it; returns how many messages wait in it."""
    async with asyncio.timeout(20):
        while True:
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
                if channel.is_closed:
                    await channel.reopen()
                declared = (await channel.declare_queue(f"{prefix}.probe.inbox", passive=True)).declaration_result
                if declared.consumer_count == consumers:
                    return declared.message_count or 0
            await asyncio.sleep(0.05)


async def texts(pool: Pool, subject: UUID) -> list[str]:
    return [row["text"] for row in await pool.fetch("SELECT text FROM line WHERE note_id = $1 ORDER BY place", subject)]


async def test_a_batch_is_taken_in_once_and_in_order(pool: Pool, subjects: list[UUID]) -> None:
    taker = Inbox(pool, SELF, probe().reactions, CLOCK)
    bodies = [event(subject) for subject in subjects * 3]
    stranger = event(subjects[0], type="probe.note.erased.v1")
    outcomes = await taker.take_all([*bodies, bodies[0], stranger])
    assert outcomes == ["done"] * 9 + ["repeated", "ignored"]
    assert await taker.take_all([*bodies, stranger]) == ["repeated"] * 9 + ["ignored"]
    assert await pool.fetchval("SELECT count(*) FROM line") == 9


async def test_one_bad_event_spoils_no_batch(pool: Pool, subjects: list[UUID]) -> None:
    listener = Listener()
    taker = Inbox(pool, SELF, probe(listener).reactions, CLOCK)
    good, bad, later = event(subjects[0]), event(subjects[1], data={"note": "no uuid"}), event(subjects[2])
    assert await taker.take_all([good, b"no event", bad, later]) == ["done", "dead", "dead", "done"]
    listener.failures = 2
    first, behind, other = event(subjects[0]), event(subjects[0]), event(subjects[1])
    assert await taker.take_all([first, behind, other]) == ["waiting", "waiting", "done"]
    assert await taker.take_all([event(subjects[0]), event(subjects[2])]) == ["waiting", "done"]
    assert len(await texts(pool, subjects[0])) == 1


async def test_a_paused_consumer_leaves_events_on_the_broker(
    pool: Pool, amqp_url: str, prefix: str, channel: aio_pika.abc.AbstractChannel, subjects: list[UUID]
) -> None:
    async with consuming(pool, amqp_url, prefix, Listener()):
        await publish(channel, prefix, event(subjects[0]))
        await finished(pool, "SELECT count(*) FROM line", 1)
        await operations.pause(pool, CLOCK, consumer.INBOX, "示例:维护")
        await consumed_by(channel, prefix, 0)
        await publish(channel, prefix, event(subjects[0]), event(subjects[1]))
        assert await consumed_by(channel, prefix, 0) == 2
        assert [row["reason"] for row in await pool.fetch(operations.PAUSES)] == ["示例:维护"]
        assert [await operations.resume(pool, consumer.INBOX) for _ in range(2)] == [True, False]
        await finished(pool, "SELECT count(*) FROM line", 3)


async def test_what_the_broker_gave_up_becomes_a_letter_that_can_be_redriven(
    pool: Pool, amqp_url: str, prefix: str, channel: aio_pika.abc.AbstractChannel, subjects: list[UUID]
) -> None:
    await publish(channel, prefix, event(subjects[0]), b"no event")
    queue = await channel.get_queue(f"{prefix}.probe.inbox")
    async with queue.iterator() as messages, asyncio.timeout(20):
        for _ in range(2):
            await (await anext(messages)).reject()
    async with consuming(pool, amqp_url, prefix, Listener()):
        await finished(pool, "SELECT count(*) FROM inbox WHERE state = 'dead'", 2)
        letters = await operations.letters(pool)
        assert {letter["reason"] for letter in letters} == {"given up by the broker: rejected"}
        (letter,) = [letter for letter in letters if letter["subject"] == str(subjects[0])]
        assert await operations.redrive(pool, CLOCK, [letter["id"]]) == 1
        taker = Inbox(pool, SELF, probe().reactions, CLOCK)
        assert await taker.retry_one() == "done"
    assert len(await texts(pool, subjects[0])) == 1


async def test_no_delivery_is_used_up_while_the_database_is_away(
    pool: Pool, database: Database, amqp_url: str, prefix: str, channel: aio_pika.abc.AbstractChannel
) -> None:
    """The queue gives a message up after DELIVERY_LIMIT deliveries; a consumer without its database takes none."""
    await publish(channel, prefix, event(uuid4()))
    service = probe()
    owner = await asyncpg.connect(database.owner_url)
    inbox = Inbox(pool, SELF, service.reactions, CLOCK)
    await owner.execute("ALTER TABLE consumer_pause RENAME TO consumer_pause_away")
    for _ in range(broker.DELIVERY_LIMIT + 1):
        with pytest.raises(Exception, match="consumer_pause"):
            await consumer.consume(inbox, pool, amqp_url, service.topology(prefix), stop=asyncio.Event())
    await owner.execute("ALTER TABLE consumer_pause_away RENAME TO consumer_pause")
    await owner.close()
    async with consuming(pool, amqp_url, prefix, Listener()):
        await finished(pool, "SELECT count(*) FROM inbox", 1)
    declared = await channel.declare_queue(f"{prefix}.probe.inbox.dead", passive=True)
    assert declared.declaration_result.message_count == 0


async def test_a_queue_that_somebody_deletes_is_made_anew(
    pool: Pool, amqp_url: str, prefix: str, channel: aio_pika.abc.AbstractChannel, subjects: list[UUID]
) -> None:
    """The broker then ends the consumer and leaves its channel open; whoever supervises runs `consume` again."""
    service = probe()
    inbox = Inbox(pool, SELF, service.reactions, CLOCK)
    run = asyncio.create_task(consumer.consume(inbox, pool, amqp_url, service.topology(prefix), stop=asyncio.Event()))
    await publish(channel, prefix, event(subjects[0]))
    await finished(pool, "SELECT count(*) FROM line", 1)
    await channel.queue_delete(f"{prefix}.probe.inbox")
    with pytest.raises(ConnectionError, match="queue is gone"):
        await asyncio.wait_for(run, 20)
    async with consuming(pool, amqp_url, prefix, Listener()):
        await consumed_by(channel, prefix, 1)
        await publish(channel, prefix, event(subjects[0]))
        await finished(pool, "SELECT count(*) FROM line", 2)
