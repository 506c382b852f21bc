"""Processes and servers are killed at the worst moments; at each the ledgers stay clean."""

import asyncio

from bench.soak.stand import Stand
from bench.soak.writer import write as write_through
from deploy.local.proxy import DOWN, UP, Direction
from services.chassis.db import open_pool
from services.chassis.relay import LOCK
from tests.faults.story import (
    assert_ledgers_are_clean,
    copies_of,
    effects_of,
    published_of,
    subjects,
    until,
    write,
)

LEADER = """
SELECT client_port FROM pg_stat_activity a JOIN pg_locks l USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND a.datname = 'source' AND (l.classid::bigint << 32 | l.objid::bigint) = $1
"""


async def test_relay_before_it_claims(stand: Stand) -> None:
    stand.links["source-database"].freeze(UP)
    about = subjects(50, 4)
    await write(stand, about)
    await stand.kill("source")
    assert await copies_of(stand, about) == 0
    stand.heal()
    await stand.start("source")
    await assert_ledgers_are_clean(stand)


async def test_relay_after_it_published_before_the_confirm(stand: Stand) -> None:
    about = subjects(50)
    await _published_unconfirmed(stand, about)
    await stand.kill("source")
    assert await published_of(stand, about) == 0
    stand.heal()
    await stand.start("source")
    await assert_ledgers_are_clean(stand)
    assert await copies_of(stand, about) == 100


async def test_relay_after_the_confirm_before_it_marks(stand: Stand) -> None:
    about = subjects(50)
    await _confirmed_but(stand, about, UP)
    leader = await stand.source.fetchval(LEADER, LOCK)
    await until(lambda: _held(stand, leader))
    await stand.kill("source")
    assert await published_of(stand, about) == 0
    stand.heal()
    await stand.start("source")
    await assert_ledgers_are_clean(stand)
    assert await copies_of(stand, about) == 100


async def test_relay_after_it_marked(stand: Stand) -> None:
    about = subjects(50)
    await _confirmed_but(stand, about, DOWN)
    await until(lambda: _published(stand, about, 50))
    await stand.kill("source")
    stand.heal()
    await stand.start("source")
    await assert_ledgers_are_clean(stand)
    assert await copies_of(stand, about) == 50


async def test_consumer_before_it_commits(stand: Stand) -> None:
    about = subjects(40)
    async with stand.owner("sink") as other, other.transaction():
        await other.execute("LOCK TABLE effect IN SHARE ROW EXCLUSIVE MODE")
        await write(stand, about * 3)
        await until(lambda: _waits_for_the_table(stand))
        await stand.kill("sink")
    await until(lambda: _no_session(stand))
    assert await effects_of(stand, about) == 0
    await stand.start("sink")
    await assert_ledgers_are_clean(stand)


async def test_consumer_after_it_commits_before_it_acknowledges(stand: Stand) -> None:
    stand.links["sink-broker"].freeze(UP)
    about = subjects(40)
    await write(stand, about * 2)
    await until(lambda: _effects(stand, about, 80))
    await stand.kill("sink")
    stand.heal()
    await stand.start("sink")
    await assert_ledgers_are_clean(stand)
    assert (await stand.outcomes("sink"))["repeated"] >= 80


async def test_postgres_in_the_midst_of_commits(stand: Stand) -> None:
    """The writer's commits arrive, their answers do not; then the server dies."""
    link = stand.links["writer-database"]
    pool = await open_pool(stand.through("database", "writer", stand.stack.postgres_url("source", "source_app")), 4)
    about = subjects(30, 20)
    writing = asyncio.create_task(write_through(pool, about, rate=200))
    await until(lambda: _written(stand, about, 100))
    link.freeze(DOWN)
    await until(lambda: _all_answers_held(stand))
    await asyncio.to_thread(stand.stack.postgres.kill)
    link.reset()
    await asyncio.to_thread(stand.stack.postgres.start)
    link.thaw()
    written = await writing
    await pool.close()
    assert written.unknown > 0
    assert written.written == len(about)
    await assert_ledgers_are_clean(stand)
    confirmed = await stand.source.fetchval("SELECT count(*) FROM entry WHERE id = ANY($1)", written.acknowledged)
    assert confirmed == len(written.acknowledged)


async def test_broker_with_a_backlog(stand: Stand) -> None:
    await stand.stop("sink")
    about = subjects(100, 4)
    await write(stand, about)
    await until(lambda: _published(stand, about, 400))
    await asyncio.to_thread(stand.stack.broker.kill)
    await asyncio.to_thread(stand.stack.broker.start)
    await stand.start("source", "sink")
    await assert_ledgers_are_clean(stand)


async def _published_unconfirmed(stand: Stand, about: list[str]) -> None:
    """One batch of events, all published, the confirms withheld."""
    database, amqp = stand.links["source-database"], stand.links["source-broker"]
    database.freeze(UP)
    await write(stand, about)
    amqp.freeze(DOWN)
    database.thaw()
    await until(lambda: _effects(stand, about, len(about)))


async def _confirmed_but(stand: Stand, about: list[str], direction: Direction) -> None:
    """The same, and then one direction of the source's link to its database withheld; only now the confirms come."""
    await _published_unconfirmed(stand, about)
    stand.links["source-database"].freeze(direction)
    stand.links["source-broker"].thaw()


async def _effects(stand: Stand, about: list[str], count: int) -> bool:
    return await effects_of(stand, about) >= count


async def _published(stand: Stand, about: list[str], count: int) -> bool:
    return await published_of(stand, about) >= count


async def _held(stand: Stand, port: int) -> bool:
    return bool(stand.links["source-database"].held(UP, port))


async def _waits_for_the_table(stand: Stand) -> bool:
    query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'effect'::regclass)"
    return bool(await stand.sink.fetchval(query))


async def _no_session(stand: Stand) -> bool:
    """Whether the killed worker's sessions have ended, and with them what they had not committed."""
    return not await _waits_for_the_table(stand)


async def _written(stand: Stand, about: list[str], count: int) -> bool:
    there: int = await stand.source.fetchval("SELECT count(*) FROM entry WHERE subject = ANY($1)", about)
    return there >= count


async def _all_answers_held(stand: Stand) -> bool:
    connections = stand.links["writer-database"].connections
    return len(connections) == 4 and all(connection.pipes[DOWN].held for connection in connections)
