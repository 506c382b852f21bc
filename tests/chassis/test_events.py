"""From the outbox over a real broker to the inbox: nothing lost, nothing twice, a subject's order kept."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

from services.chassis import broker, envelope, inbox, operations, relay, service
from services.chassis.clock import FixedClock, SystemClock
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event
from services.chassis.inbox import Inbox
from services.chassis.outbox import record
from services.chassis.service import build_worker
from tests.chassis.probe import Listener, NoteWritten, probe, worker_config
from tests.chassis.wire import AREA, KEY, SELF, event, finished, tapped, write
from tests.conftest import Serve
from tests.support.databases import Database


async def test_events_arrive_in_order_with_gapless_sequence(
    pool: Pool, database: Database, amqp_url: str, prefix: str, serve: Serve
) -> None:
    subjects = [uuid4() for _ in range(5)]
    async with tapped(amqp_url, prefix) as messages:
        await serve(build_worker(probe(), worker_config(database, amqp_url, prefix)))
        for subject in subjects * 4:
            await write(pool, subject, times=2)
        events: list[Event] = []
        async with asyncio.timeout(20):
            while len(events) < 40:
                message = await anext(messages)
                event = envelope.decode(message.body)
                assert (message.message_id, message.content_type) == (str(event.id), envelope.CONTENT_TYPE)
                assert message.routing_key == KEY
                events.append(event)
    assert sorted(int(event.sequence or 0) for event in events) == list(range(1, 41))
    for subject in subjects:
        own = [int(event.sequence or 0) for event in events if event.subject == str(subject)]
        assert own == sorted(own)
        assert len(own) == 8


async def test_the_worker_brings_each_event_in_effect_once(
    pool: Pool, database: Database, amqp_url: str, prefix: str, serve: Serve
) -> None:
    listener = Listener(failures=1)
    base_url = await serve(build_worker(probe(listener), worker_config(database, amqp_url, prefix)))
    for subject in (uuid4(), uuid4()):
        await write(pool, subject, times=3)
    await finished(pool, "SELECT count(*) FROM line", 6)
    await finished(pool, "SELECT count(*) FROM inbox WHERE state = 'done'", 6)
    assert await pool.fetchval("SELECT count(DISTINCT text) FROM line") == 6
    async with aiohttp.ClientSession() as session, session.get(f"{base_url}/readyz") as answer:
        assert (await answer.json())["checks"] == {"database": "ok", "broker": "ok", "outbox": "ok"}


@pytest.fixture
async def subject(pool: Pool) -> UUID:
    key = uuid4()
    async with transaction(pool, SELF) as connection:
        await connection.execute("INSERT INTO note VALUES ($1, $2, 'heard')", key, AREA)
    return key


async def test_a_repeated_event_has_one_effect(pool: Pool, subject: UUID) -> None:
    taker = Inbox(pool, SELF, probe().reactions, SystemClock())
    body = event(subject)
    assert await asyncio.gather(*(taker.take(body) for _ in range(3))) != ["done"] * 3
    assert await taker.take(body) == "repeated"
    assert await pool.fetchval("SELECT count(*) FROM line") == 1


async def test_a_failing_event_holds_up_its_subject_only(pool: Pool, subject: UUID) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    listener = Listener(failures=2)
    taker = Inbox(pool, SELF, probe(listener).reactions, clock)
    first, second = event(subject), event(subject)
    assert await taker.take(first) == "waiting"
    assert await taker.take(second) == "waiting"
    other = uuid4()
    async with transaction(pool, SELF) as connection:
        await connection.execute("INSERT INTO note VALUES ($1, $2, 'heard')", other, AREA)
    listener.failures = 0
    assert await taker.take(event(other)) == "done"
    assert await taker.retry_one() is None
    clock.instant += timedelta(seconds=inbox.RETRY_AFTER_SECONDS[0])
    assert [await taker.retry_one() for _ in range(3)] == ["done", "done", None]
    heard = await pool.fetch("SELECT text FROM line WHERE note_id = $1 ORDER BY place", subject)
    assert [row["text"] for row in heard] == [str(envelope.decode(body).id) for body in (first, second)]


async def test_a_hopeless_event_dies_with_its_reason_and_can_be_redriven(pool: Pool, subject: UUID) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    listener = Listener(failures=100)
    taker = Inbox(pool, SELF, probe(listener).reactions, clock)
    assert await taker.take(event(subject)) == "waiting"
    outcomes = []
    for seconds in inbox.RETRY_AFTER_SECONDS:
        clock.instant += timedelta(seconds=seconds)
        outcomes.append(await taker.retry_one())
    assert outcomes == ["waiting"] * (len(outcomes) - 1) + ["dead"]
    letter = (await operations.letters(pool))[0]
    assert letter["reason"] == "InvalidInput: the tests' failure"
    listener.failures = 0
    assert [await operations.redrive(pool, clock, [letter["id"]]) for _ in range(2)] == [1, 0]
    assert await taker.retry_one() == "done"
    assert await pool.fetchval("SELECT count(*) FROM line") == 1


async def test_what_makes_no_sense_is_dead_at_once(pool: Pool, subject: UUID) -> None:
    taker = Inbox(pool, SELF, probe().reactions, SystemClock())
    assert await taker.take(b"no event") == "dead"
    assert await taker.take(event(subject, data={"note": "no uuid"})) == "dead"
    assert await taker.take(event(subject, data={"note": str(subject), "area": AREA, "a newer field": 1})) == "done"
    reasons = [row["reason"].partition(":")[0] for row in await operations.letters(pool)]
    assert sorted(reasons) == ["DecodeError", "ValidationError"]


async def test_a_redriven_letter_has_a_whole_round_of_tries(pool: Pool, subject: UUID) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    taker = Inbox(pool, SELF, probe(Listener(failures=100)).reactions, clock)
    body = event(subject)
    await taker.take(body)
    for seconds in inbox.RETRY_AFTER_SECONDS:
        clock.instant += timedelta(seconds=seconds)
        await taker.retry_one()
    assert await operations.redrive(pool, clock, [envelope.decode(body).id]) == 1
    outcomes = [await taker.retry_one()]
    for seconds in inbox.RETRY_AFTER_SECONDS:
        clock.instant += timedelta(seconds=seconds)
        outcomes.append(await taker.retry_one())
    assert outcomes == ["waiting"] * len(inbox.RETRY_AFTER_SECONDS) + ["dead"]


async def test_a_redriven_letter_that_makes_no_sense_holds_up_nobody(pool: Pool, subject: UUID) -> None:
    listener = Listener(failures=1)
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    taker = Inbox(pool, SELF, probe(listener).reactions, clock)
    assert await taker.take(b"no event") == "dead"
    assert await taker.take(event(subject)) == "waiting"
    letter = (await operations.letters(pool))[0]["id"]
    assert await operations.redrive(pool, clock, [letter]) == 1
    clock.instant += timedelta(seconds=inbox.RETRY_AFTER_SECONDS[0])
    assert [await taker.retry_one() for _ in range(3)] == ["dead", "done", None]
    assert [row["id"] for row in await operations.letters(pool)] == [letter]


async def test_a_letter_that_nothing_reacts_to_any_more_holds_up_nobody(pool: Pool, subject: UUID) -> None:
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert await Inbox(pool, SELF, probe(Listener(failures=1)).reactions, clock).take(event(subject)) == "waiting"
    clock.instant += timedelta(seconds=inbox.RETRY_AFTER_SECONDS[0])
    assert await Inbox(pool, SELF, {}, clock).retry_one() == "waiting"


async def test_a_second_relay_waits_for_the_first_to_go(database: Database, amqp_url: str, prefix: str) -> None:
    topology = broker.Topology(prefix)
    relays = [
        relay.Relay("probe", database_url=database.app_url, amqp_url=amqp_url, topology=topology, clock=SystemClock())
        for _ in range(2)
    ]
    stops = [asyncio.Event(), asyncio.Event()]
    runs = [asyncio.create_task(one.run(stop)) for one, stop in zip(relays, stops, strict=True)]
    async with asyncio.timeout(20):
        while sum(one.leading for one in relays) != 1:
            await asyncio.sleep(0.01)
        leader = 0 if relays[0].leading else 1
        stops[leader].set()
        await runs[leader]
        while not relays[1 - leader].leading:
            await asyncio.sleep(0.01)
        stops[1 - leader].set()
        await runs[1 - leader]


async def test_the_log_stream_keeps_every_event(
    pool: Pool, database: Database, amqp_url: str, prefix: str, serve: Serve
) -> None:
    await serve(build_worker(probe(), worker_config(database, amqp_url, prefix)))
    await write(pool, uuid4(), times=3)
    await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL", 3)
    connection = await broker.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(10)
        log = await channel.get_queue(f"{prefix}.log", ensure=False)
        async with log.iterator(arguments={"x-stream-offset": "first"}) as messages, asyncio.timeout(20):
            sequences = []
            async for message in messages:
                sequences.append(envelope.decode(message.body).sequence)
                await message.ack()
                if len(sequences) == 3:
                    break
    assert sequences == [envelope.number(n) for n in (1, 2, 3)]


async def test_events_are_recorded_with_the_change_or_not_at_all(pool: Pool) -> None:
    subject = uuid4()
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(pool, SELF) as connection:
            await connection.execute("INSERT INTO note VALUES ($1, $2, 'first')", subject, AREA)
            await record(
                connection, SystemClock(), NoteWritten(note=subject, area=AREA), subject=str(subject), area=AREA
            )
            await connection.execute("INSERT INTO note VALUES ($1, $2, 'again')", subject, AREA)
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_task_that_a_broken_connection_cancels_is_run_again() -> None:
    """aiormq cancels whoever waits for an answer on a connection that breaks; nobody has asked the task to end."""
    stop, runs = asyncio.Event(), 0

    async def task() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            broken.cancel()
            await broken
        stop.set()

    await asyncio.wait_for(service._supervise("task", task, stop), 10)
    assert runs == 2
    supervised = asyncio.create_task(service._supervise("task", asyncio.Event().wait, asyncio.Event()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    supervised.cancel()
    with pytest.raises(asyncio.CancelledError):
        await supervised
