"""The worker on a real broker, and the verbs' reference data."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import aio_pika

from services.chassis.clock import FixedClock
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.envelope import Event, encode
from services.chassis.service import build_worker
from services.liaison.app import declare, load_data
from services.liaison.commands.example import add_example
from services.liaison.config import Worker
from tests.conftest import Serve
from tests.liaison.conftest import SERVICE
from tests.support.databases import Database


def area_published(code: str) -> Event:
    return Event(
        id=uuid4(),
        source="urn:sanmin:archive",
        type="archive.area.published.v1",
        subject=code,
        time=datetime.now(UTC),
        data={"code": code, "name": "示例村", "kind": "VILLAGE", "validFrom": "2026-01-01", "validTo": None},
    )


async def until_true(pool: Pool, sql: str) -> None:
    async with asyncio.timeout(20):
        while not await pool.fetchval(sql):
            await asyncio.sleep(0.05)


async def test_a_worker_plans_tells_of_it_and_takes_in_areas(
    bare: Pool, bare_database: Database, amqp_url: str, prefix: str, serve: Serve
) -> None:
    async with transaction(bare, SERVICE) as connection:
        await add_example(connection)
    config = Worker(port=0, database_url=bare_database.app_url, amqp_url=amqp_url, broker_prefix=prefix)
    clock = FixedClock(datetime(2026, 11, 24, tzinfo=UTC))
    await serve(build_worker(declare(config), config, clock=clock))
    await until_true(bare, "SELECT bool_and(published_at IS NOT NULL) FROM outbox")

    async with await aio_pika.connect(amqp_url) as broker:
        channel = await broker.channel()
        exchange = await channel.get_exchange(f"{prefix}.events")
        code = "339999100200"
        message = aio_pika.Message(encode(area_published(code)), type="archive.area.published.v1")
        await exchange.publish(message, "archive.area.published.-.339999.100.200.-")
        await until_true(bare, f"SELECT EXISTS (SELECT FROM area WHERE code = '{code}')")

    async with transaction(bare, SERVICE) as connection:
        last = await connection.fetchval("SELECT max(date) FROM duty_sheet WHERE signed_in_at IS NULL AND provisional")
        count = await connection.fetchval("SELECT count(*) FROM duty")
    assert (str(last), count) == ("2027-12-31", 289)


async def test_load_may_be_repeated_and_needs_no_area(bare: Pool) -> None:
    config = DatabaseConfig(database_url="")
    assert "calendar years (2004–" in await load_data(bare, config, False)
    assert "no new calendar year, 1 rosters planned, example rule added" in await load_data(bare, config, True)
    assert "no new calendar year, 0 rosters planned" in await load_data(bare, config, True)
    assert await bare.fetchval("SELECT count(*) FROM area") == 0
