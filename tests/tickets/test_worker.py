"""The worker on a real broker: departments receive their own tickets' events, and the archive's events come in."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import aio_pika
import pytest

from deploy.local.stack import DEPARTMENTS
from services.chassis.broker import connect as connect_broker
from services.chassis.db import transaction
from services.chassis.departments import departments
from services.chassis.envelope import Event, decode, encode
from services.chassis.service import build_worker
from services.tickets.app import declare
from services.tickets.config import Worker
from tests.conftest import Serve
from tests.tickets.matters import DEEDS, HOUSEHOLD, PATH, SELECT, SERVICE, VILLAGE, Tickets, given_for, report


@pytest.fixture
async def broker(amqp_url: str, prefix: str) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel; the departments' queues of this prefix are deleted afterwards."""
    connection = await connect_broker(amqp_url)
    async with connection:
        channel = await connection.channel()
        yield channel
        for department in departments(str(DEPARTMENTS)):
            for suffix in ("", ".dead", ".log"):
                await channel.queue_delete(f"{prefix}.department.{department.code}{suffix}")


@pytest.fixture
async def worker(*, tickets: Tickets, amqp_url: str, prefix: str, broker: object, serve: Serve) -> str:
    config = Worker(
        port=0,
        database_url=tickets.database.app_url,
        amqp_url=amqp_url,
        broker_prefix=prefix,
        departments=str(DEPARTMENTS),
    )
    return await serve(build_worker(declare(config), config, clock=tickets.clock))


async def received(channel: aio_pika.abc.AbstractChannel, queue: str, count: int) -> list[Event]:
    """The first `count` events of a queue; fails when they do not come in time."""
    events: list[Event] = []
    async with asyncio.timeout(20), (await channel.get_queue(queue)).iterator() as messages:
        async for message in messages:
            await message.ack()
            events.append(decode(message.body))
            if len(events) == count:
                break
    return events


async def test_a_department_receives_its_own_tickets_from_their_dispatch_on(
    tickets: Tickets, worker: str, broker: aio_pika.abc.AbstractChannel, prefix: str
) -> None:
    opened = {}
    for department in ("agriculture", "water"):
        _, ticket = await tickets.as_("resident").command("reportTicket", report(category="road"), SELECT)
        opened[department] = ticket["key"]
        for deed in DEEDS:
            role = "department_officer" if deed in ("signTicket", "resolveTicket") else "village_cadre"
            more = {"departmentCode": department} if deed == "dispatchTicket" else {}
            client = tickets.as_(role, department=department)
            status, answer = await client.command(deed, given_for(deed, ticket["key"], **more), SELECT)
            assert status == 200, answer
    for department, key in opened.items():
        events = await received(broker, f"{prefix}.department.{department}", 6)
        assert [event.type.split(".")[2] for event in events] == [past for _, past, *_ in PATH[1:]]
        assert {event.subject for event in events} == {key}
        assert [event.data["version"] for event in events] == [3, 4, 5, 6, 7, 8]
    for known in departments(str(DEPARTMENTS)):
        left = await broker.declare_queue(f"{prefix}.department.{known.code}", passive=True)
        assert left.declaration_result.message_count == 0


async def test_a_promise_comes_in_over_the_broker_once(
    tickets: Tickets, worker: str, broker: aio_pika.abc.AbstractChannel, prefix: str
) -> None:
    data = {
        "visit": str(uuid4()),
        "household": str(HOUSEHOLD),
        "area": VILLAGE,
        "visitedOn": "2026-01-04",
        "promise": "irrigation",
    }
    event = Event(
        id=uuid4(),
        source="urn:sanmin:archive",
        type="archive.visit.noted.v1",
        subject=str(data["visit"]),
        time=tickets.clock.now(),
        correlationid="a-correlation-id",
        data=data,
    )
    async with asyncio.timeout(20):
        while True:
            try:
                inbox = await broker.get_queue(f"{prefix}.tickets.inbox")
                break
            except aio_pika.exceptions.ChannelNotFoundEntity:
                await broker.reopen()
                await asyncio.sleep(0.1)
        exchange = await broker.get_exchange(f"{prefix}.events")
        for _ in range(3):
            key = "archive.visit.noted.-.339999.100.200.-"
            await exchange.publish(aio_pika.Message(encode(event), content_type="application/cloudevents+json"), key)
        while await tickets.count("ticket") == 0 or (await inbox.declare()).message_count:
            await asyncio.sleep(0.1)
    assert await tickets.count("ticket") == await tickets.count("step") == await tickets.count("inbox") == 1
    async with transaction(tickets.pool, SERVICE) as connection:
        correlation = await connection.fetchval(
            "SELECT correlation_id FROM outbox WHERE type = 'tickets.ticket.reported.v1'"
        )
    assert correlation == "a-correlation-id"
