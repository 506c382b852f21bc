"""What the relay adds to an event on its way: numbers that survive a crash, departments' own copies, no waiting behind a backlog."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import aio_pika
import asyncpg
import pytest

from services.chassis import broker, envelope, publisher, relay
from services.chassis.clock import SystemClock
from services.chassis.db import Pool
from services.chassis.departments import Department, department
from services.chassis.envelope import Event, number
from tests.chassis.wire import finished, tapped, write
from tests.support.databases import Database

WATER = """
name = "示例局"
credentials = "department-water"
[[binding]]
events = ["probe.note.*"]
areas = ["339999100"]
dispatched = false
fields = ["note"]
"""


def relay_of(
    database: Database, amqp_url: str, topology: broker.Topology, departments: Sequence[Department] = ()
) -> relay.Relay:
    return relay.Relay(
        "probe",
        database_url=database.app_url,
        amqp_url=amqp_url,
        topology=topology,
        clock=SystemClock(),
        departments=departments,
    )


@asynccontextmanager
async def relaying(one: relay.Relay) -> AsyncIterator[None]:
    stop = asyncio.Event()
    run = asyncio.create_task(one.run(stop))
    try:
        yield
    finally:
        stop.set()
        await run


async def first(messages: aio_pika.abc.AbstractQueueIterator, count: int) -> list[Event]:
    async with asyncio.timeout(20):
        return [envelope.decode((await anext(messages)).body) for _ in range(count)]


def sequences(events: Iterable[Event]) -> list[int]:
    return [int(event.sequence or 0) for event in events]


@pytest.fixture
async def fed(amqp_url: str, prefix: str) -> AsyncIterator[broker.Topology]:
    """A topology with the queues of the department `water`, which are deleted afterwards."""
    topology = broker.Topology(prefix, broker.department_queues(prefix, "water"))
    yield topology
    async with await broker.connect(amqp_url) as connection:
        for queue in topology.queues:
            for name in (queue.name, f"{queue.name}.dead"):
                await (await connection.channel()).queue_delete(name)


async def test_a_department_gets_its_own_copies(
    pool: Pool, database: Database, amqp_url: str, prefix: str, fed: broker.Topology
) -> None:
    subjects = [uuid4(), uuid4()]
    for subject in subjects:
        await write(pool, subject, times=2)
    async with tapped(amqp_url, prefix) as messages:
        async with relaying(relay_of(database, amqp_url, fed, [department("water", WATER)])):
            whole = await first(messages, 4)
            await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NULL", 0)
        async with await broker.connect(amqp_url) as connection:
            queue = await (await connection.channel()).get_queue(fed.queues[0].name)
            async with queue.iterator(no_ack=True) as received, asyncio.timeout(20):
                copies = [await anext(received) for _ in range(4)]
    events = [envelope.decode(copy.body) for copy in copies]
    assert [event.position for event in events] == [number(n) for n in (1, 2, 3, 4)]
    assert [(event.id, event.sequence, event.subject) for event in events] == [
        (event.id, event.sequence, event.subject) for event in whole
    ]
    assert all(event.data == {"note": event.subject} for event in events)
    assert {copy.routing_key for copy in copies} == {"water.probe.note.written.-.339999.100.200.0001"}
    stored = await pool.fetch("SELECT sequence, positions FROM outbox ORDER BY sequence")
    assert [(row["sequence"], row["positions"]) for row in stored] == [(n, {"water": n}) for n in (1, 2, 3, 4)]


async def test_an_area_or_a_department_that_is_not_bound_gets_nothing(
    pool: Pool, database: Database, amqp_url: str, fed: broker.Topology
) -> None:
    elsewhere = department("water", WATER.replace("339999100", "339999101"))
    await write(pool, uuid4(), times=2)
    async with relaying(relay_of(database, amqp_url, fed, [elsewhere])):
        await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NULL", 0)
    async with await broker.connect(amqp_url) as connection:
        for queue in fed.queues:
            declared = await (await connection.channel()).declare_queue(queue.name, passive=True)
            assert declared.declaration_result.message_count == 0


async def test_a_planned_batch_goes_out_again_under_its_own_numbers(
    pool: Pool, database: Database, amqp_url: str, prefix: str, fed: broker.Topology
) -> None:
    """A predecessor planned a batch, perhaps published it, and was killed before it could mark it."""
    for _ in range(3):
        await write(pool, uuid4())
    rows = [row["recorded"] for row in await pool.fetch("SELECT recorded FROM outbox ORDER BY recorded DESC")]
    await pool.execute(relay.PLAN, rows[:2], 7, [{"water": 3}, {"water": 4}])
    async with (
        tapped(amqp_url, prefix) as messages,
        relaying(relay_of(database, amqp_url, fed, [department("water", WATER)])),
    ):
        events = await first(messages, 3)
        await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NULL", 0)
    assert sequences(events) == [7, 8, 9]
    stored = await pool.fetch("SELECT recorded, positions FROM outbox ORDER BY sequence")
    assert [row["recorded"] for row in stored] == rows
    assert [row["positions"]["water"] for row in stored] == [3, 4, 5]
    assert await pool.fetchval("SELECT count(*) FROM flight") == 0


async def test_what_is_new_does_not_wait_behind_a_backlog(
    pool: Pool, database: Database, amqp_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 10)
    busy = uuid4()
    await write(pool, busy)
    for _ in range(60):
        await write(pool, uuid4())
    await pool.execute("UPDATE outbox SET recorded_at = recorded_at - interval '1 hour'")
    fresh = uuid4()
    await write(pool, fresh)
    await write(pool, busy)
    async with tapped(amqp_url, prefix) as messages, relaying(relay_of(database, amqp_url, broker.Topology(prefix))):
        events = await first(messages, 63)
    assert sequences(events) == list(range(1, 64))
    order = [event.subject for event in events]
    assert order.index(str(fresh)) < 30
    assert order.index(str(busy)) == 0
    assert order.count(str(busy)) == 2


async def test_a_commit_that_comes_late_is_not_overtaken(
    pool: Pool, database: Database, amqp_url: str, prefix: str
) -> None:
    """A row with a lower serial that commits later is published, and before what its subject's next commit tells."""
    early, late = uuid4(), uuid4()
    slow = await asyncpg.connect(database.superuser_url)
    insert = (
        "INSERT INTO outbox (id, type, subject, routing_key, data, recorded_at) VALUES "
        "(gen_random_uuid(), 'probe.note.written.v1', $1, 'probe.note.written.-.1.2.3.4', '{}', now())"
    )
    async with tapped(amqp_url, prefix) as messages, relaying(relay_of(database, amqp_url, broker.Topology(prefix))):
        pending = slow.transaction()
        await pending.start()
        await slow.execute(insert, str(late))
        await write(pool, early)
        assert [event.subject for event in await first(messages, 1)] == [str(early)]
        await pending.commit()
        await slow.execute(insert, str(late))
        events = await first(messages, 2)
    await slow.close()
    assert [event.subject for event in events] == [str(late)] * 2
    stored = await pool.fetch("SELECT recorded FROM outbox WHERE subject = $1 ORDER BY sequence", str(late))
    assert [row["recorded"] for row in stored] == sorted(row["recorded"] for row in stored)


@pytest.mark.parametrize("subjects", [[], ["a"], ["a", "b", "a", "a", "c"]])
def test_waves_keep_a_subjects_order(subjects: list[str]) -> None:
    events = list(enumerate(subjects))
    split = publisher.waves(events, lambda event: event[1])
    assert sorted(event for wave in split for event in wave) == events
    for wave in split:
        assert len({subject for _, subject in wave}) == len(wave)
    for subject in set(subjects):
        own = [n for wave in split for n, name in wave if name == subject]
        assert own == sorted(own)
