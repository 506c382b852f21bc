"""Networks and servers fail without dying: silence, delay, resets, refusals, alarms; the ledgers stay clean and every process recovers by itself."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from yarl import URL

from bench.soak.stand import LOOK_SECONDS, Stand
from deploy.local.broker import Broker
from deploy.local.proxy import Proxy
from services.chassis import broker
from tests.faults.story import assert_ledgers_are_clean, published_of, subjects, until, write

CLIENTS = 500
AWAY_SECONDS = 6.0
LONG_AGO = "UPDATE outbox SET recorded_at = recorded_at - interval '1 minute' WHERE published_at IS NULL"
WORKERS = ("source", "sink")


async def test_broker_cannot_be_reached_for_a_while(stand: Stand) -> None:
    links = [stand.links[f"{name}-broker"] for name in WORKERS]
    for link in links:
        link.refusing = True
        link.reset()
    about = subjects(60, 5)
    await write(stand, about, rate=len(about) / AWAY_SECONDS)
    assert await published_of(stand, about) == 0
    for name in WORKERS:
        assert (await stand.checks(name))["checks"] == {"database": "ok", "broker": "failed", "outbox": "ok"}
    stand.heal()
    await assert_ledgers_are_clean(stand)
    await until(lambda: stand.ready("source"))


@pytest.mark.parametrize("server", ["broker", "database"])
async def test_half_open_connections_are_noticed(stand: Stand, server: str) -> None:
    """The connections of both workers fall silent without an end; new ones would work. Nobody heals the old ones."""
    for name in WORKERS:
        await stand.stop(name)
    await stand.start(*WORKERS, heartbeat=1)
    assert await stand.settle(30)
    for name in WORKERS:
        stand.links[f"{name}-{server}"].freeze(fresh=False)
    about = subjects(40, 3)
    await write(stand, about)
    await assert_ledgers_are_clean(stand)
    for name in WORKERS:
        await stand.kill(name)


async def test_slow_databases(stand: Stand) -> None:
    for name in WORKERS:
        link = stand.links[f"{name}-database"]
        link.latency, link.jitter = 0.025, 0.01
    await write(stand, subjects(10, 10))
    await assert_ledgers_are_clean(stand)


async def test_half_closed_connections(stand: Stand) -> None:
    """Servers say that they will send no more, and then take no more notice."""
    for link in stand.links.values():
        link.half_close("down")
    await write(stand, subjects(40, 3))
    await assert_ledgers_are_clean(stand)


async def test_clients_that_all_come_back_at_once(stand: Stand) -> None:
    """500 connections to the broker are reset at one instant and opened again at once, while the workers are at work."""
    direct = URL(stand.stack.amqp_url)
    async with Proxy(direct.port or 0) as link, AsyncExitStack() as opened:
        url = str(direct.with_port(link.port))

        async def client() -> None:
            """As the departments' clients do: whatever happens, try again after a moment."""
            while True:
                try:
                    connection = await broker.connect(url)
                except broker.GONE:
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    opened.push_async_callback(connection.close)
                    await connection.channel(publisher_confirms=False)
                    return

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        about = subjects(60, 5)
        writing = asyncio.create_task(write(stand, about, rate=100))
        assert link.reset() == CLIENTS
        async with asyncio.timeout(30):
            await asyncio.gather(*(client() for _ in range(CLIENTS)), writing)
        assert len(link.connections) == CLIENTS
        await assert_ledgers_are_clean(stand)
        for name in WORKERS:
            assert await stand.ready(name)


async def test_disk_alarm_of_the_broker(stand: Stand) -> None:
    """The broker takes no messages; writes go on, and nothing is lost when the disk has room again."""
    node = stand.stack.broker
    assert isinstance(node, Broker)
    about = subjects(40, 5)
    await asyncio.to_thread(node.control, "set_disk_free_limit", "1000000GB")
    try:
        await write(stand, about)
        await until(lambda: _is_blocked(node))
        assert await published_of(stand, about) < len(about)
        await stand.source.execute(LONG_AGO)
        said = await stand.checks("source")
        assert said["status"] == "not ready"
        assert {"database": "ok", "outbox": "failed"}.items() <= said["checks"].items()
    finally:
        await asyncio.to_thread(node.control, "set_disk_free_limit", "50MB")
    await assert_ledgers_are_clean(stand)
    await until(lambda: stand.ready("source"))


async def _is_blocked(node: Broker) -> bool:
    """Whether a connection has been told to publish no more."""
    return "blocked" in await asyncio.to_thread(node.control, "list_connections", "state")
