"""Webhooks on a real broker, database and HTTP server: signed, in order, again until taken, switched off when nothing helps."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import aiohttp
import pytest

from services.chassis import broker
from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event, encode
from services.chassis.principal import Caller
from services.chassis.service import build_worker
from services.tickets.app import declare
from services.tickets.commands import deliver
from services.tickets.commands.webhook import LEASE
from services.tickets.config import Worker
from services.tickets.domain.webhook import MOST_AT_ONCE, PATIENCE
from tests.support.databases import Database
from tests.support.serving import serving
from tests.tickets.matters import SERVICE
from tests.tickets.receiver import HANG, Receiver, receiver
from tests.tickets.verbs import process, verb

CODE = "example"
FILE = """
name = "示例"
credentials = "department-example"
[[binding]]
events = ["tickets.ticket.*"]
areas = ["339999100"]
fields = ["number"]
[webhook]
url = "{url}"
secret = "department-example-webhook-key"
disable_after = {disable_after}
"""


@pytest.fixture
def clock() -> FixedClock:
    """Near the real time, which the receiver's library compares with; it is moved by seconds and minutes only."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver("whsec_" + base64.b64encode(os.urandom(32)).decode()) as made:
        yield made


@dataclass
class Field:
    """The worker's settings, what stands around it, and the events that it is sent."""

    config: Worker
    pool: Pool
    clock: FixedClock
    hook: Receiver
    channel: aio_pika.abc.AbstractChannel

    @property
    def settings(self) -> dict[str, str]:
        """The environment of an operator's verb."""
        return {"DATABASE_URL": self.config.database_url, "DEPARTMENTS": self.config.departments}

    def worker(self) -> AbstractAsyncContextManager[str]:
        return serving(build_worker(declare(self.config), self.config, clock=self.clock))

    def disable_after(self, failures: int) -> None:
        file = Path(self.config.departments) / f"{CODE}.toml"
        file.write_text(FILE.format(url=self.hook.url, disable_after=failures), encoding="utf-8")

    async def send(self, *events: Event) -> None:
        """Publishes events as the relay publishes a department's copies."""
        exchange = await self.channel.get_exchange(f"{self.config.broker_prefix}.departments", ensure=False)
        for event in events:
            await exchange.publish(aio_pika.Message(encode(event)), f"{CODE}.tickets.ticket.signed.-.339999.100.-.-")

    async def ask(self, sql: str, *values: Any) -> Any:
        async with transaction(self.pool, SERVICE) as connection:
            return await connection.fetchval(sql, *values)

    async def until(self, expected: Any, sql: str) -> None:
        """Waits until the database answers so."""
        async with asyncio.timeout(20):
            while await self.ask(sql) != expected:
                await asyncio.sleep(0.02)


DELIVERED = "SELECT count(*) FROM delivery WHERE delivered_at IS NOT NULL"
KEPT = "SELECT count(*) FROM delivery"
TRIED = "SELECT count(*) FROM delivery WHERE delivered_at IS NULL AND outcome IS NOT NULL"
OUTCOMES = "SELECT string_agg(DISTINCT outcome, ',') FROM delivery WHERE delivered_at IS NULL"
TRIES_OF_SLOW = "SELECT attempts FROM delivery WHERE subject = 'slow' ORDER BY received LIMIT 1"
FAILURES = "SELECT failures FROM webhook"
DISABLED = "SELECT disabled_at IS NOT NULL FROM webhook"
TOLD = "SELECT count(*) FROM outbox WHERE type = 'tickets.webhook.disabled.v1'"


@pytest.fixture
async def field(
    *, database: Database, pool: Pool, clock: FixedClock, hook: Receiver, amqp_url: str, prefix: str, tmp_path: Path
) -> AsyncIterator[Field]:
    folders = tmp_path / "departments", tmp_path / "credentials"
    for folder in folders:
        folder.mkdir()
    (folders[1] / "department-example-webhook-key").write_text(hook.secret, encoding="utf-8")
    config = Worker(
        port=0,
        database_url=database.app_url,
        amqp_url=amqp_url,
        broker_prefix=prefix,
        departments=str(folders[0]),
        credentials=str(folders[1]),
    )
    async with await broker.connect(amqp_url) as connection:
        channel = await connection.channel()
        await broker.declare(channel, broker.Topology(prefix, broker.department_queues(prefix, CODE)))
        made = Field(config, pool, clock, hook, channel)
        made.disable_after(1000)
        yield made
        for suffix in ("", ".dead", ".log"):
            await channel.queue_delete(f"{prefix}.department.{CODE}{suffix}")


def event(number: int, subject: str = "one") -> Event:
    return Event(
        id=uuid4(),
        source="urn:sanmin:tickets",
        type="tickets.ticket.signed.v1",
        subject=subject,
        time=datetime.now(UTC),
        data={"number": number, "字": "示例"},
    )


async def test_each_event_is_delivered_once_and_signed_however_often_it_comes(field: Field) -> None:
    events = [event(number) for number in range(5)]
    async with field.worker() as url:
        await field.send(*events, *events, *events)
        await field.until(5, DELIVERED)
        async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
            assert f'sanmin_webhook_deliveries_total{{department="{CODE}",outcome="delivered"}}' in await answer.text()
    assert field.hook.numbers() == [0, 1, 2, 3, 4]
    assert len(field.hook.attempts) == 5
    assert {taken["id"] for taken in field.hook.taken} == {str(sent.id) for sent in events}


async def test_a_failing_event_holds_up_its_own_subject_only_and_nobody_overtakes(field: Field) -> None:
    field.hook.answer = lambda event: 500 if event["data"]["number"] == 0 and len(field.hook.attempts) < 8 else 200
    async with field.worker():
        await field.send(event(0, "slow"), event(1, "slow"), event(2, "slow"))
        await field.until(1, TRIED)
        await field.send(*(event(number, f"quick {number}") for number in range(10, 16)))
        await field.until(6, DELIVERED)
        assert field.hook.numbers("slow") == []
        for seconds, tries in ((5, 2), (30, 3)):
            field.clock.instant += timedelta(seconds=seconds - 1)
            await asyncio.sleep(deliver.POLL_SECONDS * 2)
            assert await field.ask(TRIES_OF_SLOW) == tries - 1
            field.clock.instant += timedelta(seconds=1)
            await field.until(tries, TRIES_OF_SLOW)
        await field.until(9, DELIVERED)
    assert field.hook.numbers("slow") == [0, 1, 2]


@pytest.mark.parametrize(
    ("status", "outcome"), [(500, "status 500"), (404, "status 404"), (302, "status 302"), (HANG, "timeout")]
)
async def test_all_but_a_2xx_in_time_is_a_failure(
    field: Field, monkeypatch: pytest.MonkeyPatch, status: int, outcome: str
) -> None:
    monkeypatch.setattr(deliver, "POST_SECONDS", 0.5)
    field.hook.answer = lambda _: status
    async with field.worker():
        await field.send(event(1))
        await field.until(outcome, OUTCOMES)
        await field.until(1, FAILURES)
        field.hook.answer = lambda _: 200
        field.clock.instant += timedelta(seconds=5)
        await field.until(1, DELIVERED)
        await field.until(0, FAILURES)
    assert field.hook.redirected == 0
    assert await field.ask("SELECT outcome FROM delivery") == "status 200"


async def test_a_receiver_that_is_away_is_left_alone_and_then_asked_with_one_event(field: Field) -> None:
    field.hook.answer = lambda _: 503
    async with field.worker():
        await field.send(*(event(number, f"subject {number}") for number in range(12)))
        await field.until(True, "SELECT paused_until IS NOT NULL FROM webhook")
        await asyncio.sleep(deliver.POLL_SECONDS * 2)
        tried = len(field.hook.attempts)
        assert PATIENCE <= tried < PATIENCE + MOST_AT_ONCE
        await asyncio.sleep(deliver.POLL_SECONDS * 2)
        assert len(field.hook.attempts) == tried
        field.clock.instant += timedelta(seconds=5)
        await field.until(tried + 1, FAILURES)
        assert len(field.hook.attempts) == tried + 1
        field.hook.answer = lambda _: 200
        field.clock.instant += timedelta(seconds=30)
        await field.until(12, DELIVERED)
        assert await field.ask(FAILURES) == 0


async def test_too_many_failures_disable_it_tell_of_it_and_keep_what_comes(field: Field) -> None:
    field.disable_after(4)
    field.hook.answer = lambda _: 500
    async with field.worker():
        await field.send(*(event(number, f"subject {number}") for number in range(4)))
        await field.until(True, DISABLED)
        await field.until(1, TOLD)
        data = await field.ask("SELECT data FROM outbox WHERE type = 'tickets.webhook.disabled.v1'")
        assert data["department"] == CODE
        assert data["failures"] == 4
        key = await field.ask("SELECT routing_key FROM outbox WHERE type = 'tickets.webhook.disabled.v1'")
        assert key == f"tickets.webhook.disabled.{CODE}.339999.-.-.-"
        field.hook.answer = lambda _: 200
        field.clock.instant += timedelta(minutes=2)
        await field.send(*(event(number, f"subject {number - 4}") for number in range(4, 8)))
        await field.until(8, KEPT)
        await asyncio.sleep(deliver.POLL_SECONDS * 2)
        assert len(field.hook.attempts) == 4
        assert "enabled; 8 events wait" in await run(field, "enable", CODE)
        await field.hook.until(lambda: len(field.hook.taken) >= 4)
        field.clock.instant = max(field.clock.instant, datetime.now(UTC))
        await field.until(8, DELIVERED)
    assert await field.ask(TOLD) == 1
    for subject in range(4):
        assert field.hook.numbers(f"subject {subject}") == [subject, subject + 4]


async def test_a_worker_that_ends_in_the_midst_of_an_attempt_is_followed_by_another(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "STOP_SECONDS", 0.1)
    field.hook.answer = lambda _: HANG
    events = [event(1), event(2)]
    async with field.worker():
        await field.send(*events)
        await field.hook.until(lambda: len(field.hook.attempts) == 1)
        await field.until(2, KEPT)
    field.hook.answer = lambda _: 200
    async with field.worker():
        await asyncio.sleep(deliver.POLL_SECONDS * 2)
        assert len(field.hook.attempts) == 1, "the attempt under way may still succeed"
        field.clock.instant += LEASE
        await field.until(2, DELIVERED)
    assert field.hook.numbers() == [1, 2]
    assert len(field.hook.attempts) == 3


async def test_two_workers_send_nothing_twice(field: Field) -> None:
    events = [event(number, f"subject {number % 7}") for number in range(70)]
    async with field.worker(), field.worker():
        await field.send(*events)
        await field.until(70, DELIVERED)
    assert len(field.hook.attempts) == 70
    for subject in range(7):
        assert field.hook.numbers(f"subject {subject}") == list(range(subject, 70, 7))


async def test_what_is_no_event_becomes_a_dead_letter_of_the_queue(field: Field) -> None:
    prefix = field.config.broker_prefix
    async with field.worker():
        exchange = await field.channel.get_exchange(f"{prefix}.departments", ensure=False)
        await exchange.publish(aio_pika.Message(b"{}"), f"{CODE}.x")
        await field.send(event(1))
        await field.until(1, DELIVERED)
        dead = await field.channel.get_queue(f"{prefix}.department.{CODE}.dead", ensure=False)
        async with asyncio.timeout(20):
            while (letter := await dead.get(no_ack=True, fail=False)) is None:
                await asyncio.sleep(0.02)
    assert letter.body == b"{}"


async def run(field: Field, *words: str) -> str:
    """What an operator's verb prints."""
    done = await verb(field.settings, "webhooks", *words)
    assert done.exit_code == 0, done.output
    return done.output


async def test_the_operators_verbs(field: Field) -> None:
    events = [event(1), event(2), event(3)]
    async with field.worker():
        await field.send(*events)
        await field.until(3, DELIVERED)
        field.clock.instant = datetime.now(UTC) + timedelta(seconds=20)  # ahead of the verbs' own clock
        assert "1 events are due" in await run(field, "redeliver", CODE, "--event", str(events[1].id))
        await field.hook.until(lambda: len(field.hook.taken) == 4)
        assert field.hook.taken[3]["id"] == str(events[1].id)
        await field.until(3, DELIVERED)
        assert "3 events are due" in await run(field, "redeliver", CODE, "--since", "2026-01-01")
        await field.hook.until(lambda: len(field.hook.taken) == 7)
        await field.until(3, DELIVERED)
        assert field.hook.numbers()[4:] == [1, 2, 3]
        assert "disabled" in await run(field, "disable", CODE, "--reason", "示例：对方停机维护")
        assert "already" in await run(field, "disable", CODE, "--reason", "示例")
        await field.send(event(4))
        await field.until(4, KEPT)
        listed = await run(field, "list")
        assert "示例：对方停机维护" in listed
        assert "127.0.0.1" in listed
        deliveries = await run(field, "deliveries", CODE)
        assert deliveries.count("status 200") == 3
        assert "0 events wait" not in await run(field, "enable", CODE)
        await field.until(4, DELIVERED)
    assert field.hook.secret not in listed + deliveries
    for words, rule in ((("enable", "nobody"), "has no webhook"), (("disable", CODE, "--reason", " "), "reason")):
        code, output = await process(field.settings, "webhooks", *words)
        assert code == 1
        assert output.startswith("stopped: ")
        assert rule in output
    assert await field.ask(TOLD) == 0


async def test_old_deliveries_are_forgotten_and_only_those(field: Field) -> None:
    async with field.worker():
        await field.send(event(1))
        await field.until(1, DELIVERED)
        field.hook.answer = lambda _: 500
        await field.send(event(2))
        await field.until(1, TRIED)
    field.clock.instant += timedelta(days=deliver.KEEP_DAYS, seconds=1)
    await field.ask("UPDATE webhook SET disabled_at = now(), reason = 'x'")
    async with field.worker():
        await field.until(0, DELIVERED)
    assert await field.ask(KEPT) == 1


@pytest.mark.parametrize(
    "caller", [Caller("example-somebody", areas=("33",)), Caller("example-officer", department=CODE)]
)
async def test_no_person_reaches_a_delivery(field: Field, caller: Caller) -> None:
    async with field.worker():
        await field.send(event(1))
        await field.until(1, DELIVERED)
    async with transaction(field.pool, caller) as connection:
        assert await connection.fetchval(KEPT) == 0
        assert await connection.fetchval("SELECT count(*) FROM webhook") == 0
