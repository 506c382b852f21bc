"""The operators' verbs, as an operator types them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from services.chassis import broker, envelope, operations
from services.chassis.clock import FixedClock, SystemClock
from services.chassis.db import Pool
from services.chassis.departments import departments
from services.chassis.errors import InvalidInput, NotFound, Unavailable
from services.chassis.inbox import Inbox
from services.chassis.operations_cli import add_operations
from tests.chassis.probe import probe
from tests.chassis.test_relay import WATER, first, relay_of, relaying
from tests.chassis.wire import SELF, event, finished, tapped, write
from tests.support.databases import Database

Say = Callable[..., "asyncio.Future[Result]"]


@pytest.fixture
def say(database: Database, amqp_url: str, prefix: str, tmp_path: Path) -> Say:
    """`await say("outbox", "--json")`: the verb on the test's own database and broker, with the department `water`."""
    (tmp_path / "water.toml").write_text(WATER, encoding="utf-8")
    settings = {
        "SANMIN_DATABASE_URL": database.app_url,
        "SANMIN_AMQP_URL": amqp_url,
        "SANMIN_BROKER_PREFIX": prefix,
        "SANMIN_DEPARTMENTS": str(tmp_path),
    }
    cli = typer.Typer()
    add_operations(cli, lambda _: probe())

    def run(*words: str) -> "asyncio.Future[Result]":
        invoke = CliRunner().invoke
        return asyncio.get_running_loop().run_in_executor(None, lambda: invoke(cli, words, env=settings))

    return run


async def dead(pool: Pool) -> UUID:
    body = event(uuid4(), data={"note": "no uuid"})
    assert await Inbox(pool, SELF, probe().reactions, SystemClock()).take(body) == "dead"
    return envelope.decode(body).id


async def test_dead_letters_are_listed_shown_redriven_and_parked(pool: Pool, say: Say) -> None:
    assert (await say("dead-letters", "list")).output == "no dead letters\n"
    letter, other = str(await dead(pool)), str(await dead(pool))
    listed = [msgspec.json.decode(line) for line in (await say("dead-letters", "list", "--json")).output.splitlines()]
    assert [row["id"] for row in listed] == [letter, other]
    assert all("ValidationError" in row["reason"] for row in listed)
    assert letter in (await say("dead-letters", "list")).output
    shown = (await say("dead-letters", "show", letter)).output
    assert "probe.note.written.v1" in shown
    assert '"note":"no uuid"' in shown
    assert [(await say("dead-letters", "redrive", letter)).output for _ in range(2)] == [
        "redriven: 1\n",
        "not dead: nothing done\n",
    ]
    parked = ("dead-letters", "park", other, "--reason", "示例:来源已更正")
    assert [(await say(*parked)).output for _ in range(2)] == ["parked\n", "not dead: nothing done\n"]
    (row,) = await operations.letters(pool, ["parked"])
    assert row["reason"].startswith("示例:来源已更正; was: ValidationError")
    assert (await say("dead-letters", "redrive", "--all")).output == "not dead: nothing done\n"
    assert (await say("dead-letters", "redrive", other)).output == "redriven: 1\n"
    assert isinstance((await say("dead-letters", "redrive")).exception, InvalidInput)
    assert isinstance((await say("dead-letters", "show", str(uuid4()))).exception, NotFound)
    assert isinstance((await say("dead-letters", "park", letter, "--reason", " ")).exception, InvalidInput)


async def test_a_consumer_is_paused_with_a_reason_and_resumed(say: Say) -> None:
    assert (await say("consumer", "pause", "--reason", "示例:维护")).output.startswith("paused since 20")
    (row,) = [msgspec.json.decode(line) for line in (await say("consumer", "list", "--json")).output.splitlines()]
    assert (row["consumer"], row["reason"]) == ("inbox", "示例:维护")
    assert [(await say("consumer", "resume")).output for _ in range(2)] == ["resumed\n", "not paused: nothing done\n"]
    assert (await say("consumer", "list")).output == "nothing is paused\n"


async def test_the_outbox_tells_what_waits(
    pool: Pool, database: Database, amqp_url: str, prefix: str, say: Say
) -> None:
    assert "waiting" in (await say("outbox")).output
    await write(pool, uuid4(), times=3)
    told = msgspec.json.decode((await say("outbox", "--json")).output)
    assert (told["waiting"], told["sequence"], told["feeds"]) == (3, None, {})
    async with relaying(relay_of(database, amqp_url, probe().topology(prefix))):
        await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NULL", 0)
    told = msgspec.json.decode((await say("outbox", "--json")).output)
    assert (told["waiting"], told["oldest"], told["sequence"]) == (0, None, 3)


async def test_a_worker_whose_outbox_stands_still_is_not_ready(pool: Pool) -> None:
    now = datetime.now(UTC)
    await write(pool, uuid4())
    await operations.require_flowing(pool, FixedClock(now + timedelta(seconds=operations.STUCK_SECONDS - 5)))
    with pytest.raises(Unavailable, match="outbox"):
        await operations.require_flowing(pool, FixedClock(now + timedelta(seconds=operations.STUCK_SECONDS + 5)))


async def test_events_are_published_anew_out_of_the_table(
    *, pool: Pool, database: Database, amqp_url: str, prefix: str, say: Say, tmp_path: Path
) -> None:
    topology = probe().topology(prefix, departments(str(tmp_path)))
    for _ in range(3):
        await write(pool, uuid4())
    async with tapped(amqp_url, prefix) as messages:
        async with relaying(relay_of(database, amqp_url, topology, departments(str(tmp_path)))):
            before = await first(messages, 3)
            await finished(pool, "SELECT count(*) FROM outbox WHERE published_at IS NULL", 0)
        await pool.execute("UPDATE outbox SET recorded_at = '2026-03-02T08:00:00Z' WHERE sequence = 1")
        again = await say("republish", "--since", "2026-03-03")
        assert again.output == "republished: 2\n"
        after = await first(messages, 2)
        assert [(event.id, event.sequence) for event in after] == [(event.id, event.sequence) for event in before[1:]]
        assert all(event.republished for event in after)
    async with await broker.connect(amqp_url) as connection:
        channel = await connection.channel()
        only = await say("republish", "--since", "2026-03-02", "--until", "2026-03-03", "--department", "water")
        assert only.output == "republished: 1\n"
        queue = await channel.get_queue(topology.queues[1].name)
        async with queue.iterator(no_ack=True) as received, asyncio.timeout(20):
            copies = [envelope.decode((await anext(received)).body) for _ in range(6)]
        for each in topology.queues[1:]:
            for name in (each.name, f"{each.name}.dead"):
                await channel.queue_delete(name)
    assert [int(copy.position or 0) for copy in copies] == [1, 2, 3, 2, 3, 1]
    assert [bool(copy.republished) for copy in copies] == [False] * 3 + [True] * 3
    unknown = await say("republish", "--since", "2026-03-02", "--department", "nobody")
    assert isinstance(unknown.exception, InvalidInput)
