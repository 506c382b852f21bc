"""What events can be like: poisonous, repeated and shuffled, newer than their consumer, many; and workers that are told to stop meanwhile."""

import asyncio
import random
from typing import ClassVar
from uuid import UUID, uuid4

import aio_pika
import pytest

from bench.soak import writer
from bench.soak.ledger import Line
from bench.soak.parts import EntryWritten
from bench.soak.stand import PREFIX, Stand
from services.chassis import broker, envelope
from services.chassis.db import transaction
from services.chassis.envelope import EventData
from services.chassis.outbox import record
from tests.faults.story import assert_ledgers_are_clean, effects_of, published_of, subjects, until, write

BACKLOG = 20_000
NOTED = "source.entry.noted.v1"
"""An event that only the log takes."""
FILL = """
INSERT INTO outbox (id, type, subject, routing_key, data, recorded_at)
SELECT gen_random_uuid(), $3, subject, $4, jsonb_build_object('subject', subject, 'number', number), now()
FROM generate_series(1, $2::bigint) AS number, unnest($1::text[]) AS subject ORDER BY number
RETURNING id AS event, subject, (data ->> 'number')::bigint AS number
"""


class NewerEntryWritten(EntryWritten, frozen=True):
    """As a later version may publish it: a field more, with values that no one knows yet."""

    grade: str


class NextEntryWritten(EventData, frozen=True):
    """The next version of the type, which is another one."""

    type: ClassVar[str] = "source.entry.written.v2"

    entry: UUID


async def test_poison_holds_up_its_own_subject_only(stand: Stand) -> None:
    poison, *others = about = subjects(20)
    async with stand.owner("sink") as owner:
        await owner.execute(f"ALTER TABLE effect ADD CONSTRAINT poison CHECK (subject <> '{poison}') NOT VALID")
        await write(stand, about * 5)
        await until(lambda: _effects(stand, others, 5 * len(others)))
        assert await effects_of(stand, [poison]) == 0
        await owner.execute("ALTER TABLE effect DROP CONSTRAINT poison")
    await assert_ledgers_are_clean(stand)


async def test_every_event_three_times_in_any_order(stand: Stand) -> None:
    """New events of many subjects, each thrice and shuffled; then all of them and some older ones, shuffled again."""
    await stand.stop("sink")
    about = subjects(150)
    await write(stand, about)
    await until(lambda: _published(stand, about, len(about)))
    lines = await stand.log.read()
    fresh = [body for line, body in zip(lines, stand.log.bodies, strict=True) if line.subject in about]
    assert len(fresh) == len(about)
    await _send(stand, fresh * 2)
    await stand.start("sink")
    await assert_ledgers_are_clean(stand)
    assert (await stand.outcomes("sink"))["repeated"] >= 2 * len(fresh)
    await write(stand, about)
    await _send(stand, stand.log.bodies[-500:] * 3)
    await assert_ledgers_are_clean(stand)


@pytest.mark.parametrize("name", ["source", "sink"])
async def test_sigterm_under_load_repeats_nothing_that_was_done(stand: Stand, name: str) -> None:
    await stand.stop("sink")
    await stand.start("sink")
    before = (await stand.outcomes("sink")).get("repeated", 0)
    about = subjects(50, 12)
    writing = asyncio.create_task(write(stand, about, rate=300))
    await until(lambda: _effects(stand, about, 100))
    await stand.stop(name)
    await stand.start(name)
    await writing
    await assert_ledgers_are_clean(stand)
    assert (await stand.outcomes("sink")).get("repeated", 0) == before == 0


async def test_a_newer_schema_meets_an_older_consumer(stand: Stand) -> None:
    async with transaction(stand.source, writer.CALLER) as connection:
        for subject in subjects(5):
            number = await connection.fetchval(writer.NEXT, subject)
            key = uuid4()
            newer = NewerEntryWritten(entry=key, subject=subject, number=number, grade="unheard-of")
            event = await record(connection, writer.CLOCK, newer, subject=subject, area=writer.AREA)
            await connection.execute(writer.INSERT, key, event, subject, number)
            later = await record(
                connection, writer.CLOCK, NextEntryWritten(entry=key), subject=str(key), area=writer.AREA
            )
            for ledger in ("log", "department"):
                stand.others[ledger].append(Line(later, str(key), 0))
    await assert_ledgers_are_clean(stand)
    assert (await stand.outcomes("sink"))["ignored"] >= 5
    assert await stand.sink.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0


async def test_a_full_outbox_drains(stand: Stand) -> None:
    link = stand.links["source-broker"]
    link.refusing = True
    link.reset()
    about = subjects(500)
    key = envelope.routing_key(NOTED, None, writer.AREA)
    rows = await stand.source.fetch(FILL, about, BACKLOG // len(about), NOTED, key)
    stand.others["log"] += [Line(**row) for row in rows]
    assert await published_of(stand, about) == 0
    stand.heal()
    await assert_ledgers_are_clean(stand)
    assert await published_of(stand, about) == BACKLOG


async def _send(stand: Stand, bodies: list[bytes]) -> None:
    """Puts raw copies of events into the sink's inbox, shuffled."""
    random.Random(7).shuffle(bodies)
    async with await broker.connect(stand.stack.amqp_url) as connection:
        exchange = (await connection.channel()).default_exchange
        messages = [aio_pika.Message(body, type=envelope.decode(body).type) for body in bodies]
        await asyncio.gather(*(exchange.publish(message, f"{PREFIX}.sink.inbox") for message in messages))


async def _effects(stand: Stand, about: list[str], count: int) -> bool:
    return await effects_of(stand, about) >= count


async def _published(stand: Stand, about: list[str], count: int) -> bool:
    return await published_of(stand, about) >= count
