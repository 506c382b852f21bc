"""A department on the real broker: its queues, and a user that may read these and nothing else."""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import aiohttp
import pytest
from yarl import URL

from services.chassis import broker
from services.chassis.envelope import CONTENT_TYPE, Event, encode, routing_key

PASSWORD = "example-password"
KEY = routing_key("tickets.ticket.dispatched.v1", "water", "339999100200")
AREA_KEYS = {"water": f"water.{KEY}", "power": f"power.{KEY}"}


@dataclass(frozen=True)
class Department:
    """`url` has the department's own credentials; `admin` is the management API."""

    url: str
    prefix: str
    admin: URL
    channel: aio_pika.abc.AbstractChannel
    folder: Path

    @property
    def queue(self) -> str:
        return f"{self.prefix}.department.water"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("SANMIN_")},
            "SANMIN_SUBSCRIBE_URL": self.url,
            "SANMIN_SUBSCRIBE_DEPARTMENT": "water",
            "SANMIN_SUBSCRIBE_PREFIX": self.prefix,
            "SANMIN_SUBSCRIBE_MAILBOX": str(self.folder / "mailbox.db"),
        }

    async def publish(self, events: Iterable[Event | bytes]) -> None:
        """Copies, in order, confirmed."""
        exchange = await self.channel.get_exchange(f"{self.prefix}.departments", ensure=False)
        messages = (event if isinstance(event, bytes) else encode(event) for event in events)
        await asyncio.gather(*(exchange.publish(_message(body), AREA_KEYS["water"]) for body in messages))

    async def waiting(self, suffix: str = "") -> int:
        """Messages that the broker has not delivered, or not had acknowledged, once nobody consumes any more."""
        declared = await self.channel.declare_queue(self.queue + suffix, passive=True)
        return declared.declaration_result.message_count or 0

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """Asks the management API."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, URL(f"{self.admin}/api/{path}", encoded=True), json=body or None) as answer,
        ):
            assert answer.status < 300, (answer.status, await answer.text())
            return await answer.json() if method == "GET" else None

    async def cut(self) -> None:
        """Has the broker close the department's connections, as soon as it lists one."""
        user = URL(self.url).user
        async with asyncio.timeout(30):
            while not (found := [each for each in await self.ask("GET", "connections") if each.get("user") == user]):
                await asyncio.sleep(0.1)
        for each in found:
            await self.ask("DELETE", f"connections/{URL.build(path=each['name']).raw_path.replace('/', '%2F')}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Reads the mailbox beside whoever writes it; nothing while there is none."""
        path = self.folder / "mailbox.db"
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []

    async def until(self, sql: str, least: int) -> int:
        """Waits until the query counts so many in the mailbox."""
        async with asyncio.timeout(60):
            while (count := (self.rows(sql) or [(0,)])[0][0]) < least:
                await asyncio.sleep(0.01)
        return int(count)


def _message(body: bytes) -> aio_pika.Message:
    return aio_pika.Message(body, content_type=CONTENT_TYPE, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)


@pytest.fixture
async def department(amqp_url: str, prefix: str, tmp_path: Path) -> AsyncIterator[Department]:
    admin = os.environ.get("SANMIN_TEST_BROKER_ADMIN_URL", "").rstrip("/")
    if not admin:
        pytest.skip("SANMIN_TEST_BROKER_ADMIN_URL is not set: no user can be made")
    queues = [queue for code in AREA_KEYS for queue in broker.department_queues(prefix, code)]
    user = f"{prefix}.department.water"
    async with await broker.connect(amqp_url) as connection:
        channel = await connection.channel()
        await broker.declare(channel, broker.Topology(prefix, tuple(queues)))
        url = URL(amqp_url).with_user(user).with_password(PASSWORD)
        made = Department(str(url), prefix, URL(admin), channel, tmp_path)
        own = "|".join(re.escape(f"{user}{suffix}") for suffix in ("", ".dead", ".log"))
        vhost = (URL(amqp_url).path.removeprefix("/") or "/").replace("/", "%2F")
        await made.ask("PUT", f"users/{user}", password=PASSWORD, tags="")
        await made.ask("PUT", f"permissions/{vhost}/{user}", configure="^$", write="^$", read=f"^(?:{own})$")
        try:
            yield made
        finally:
            await made.ask("DELETE", f"users/{user}")
            tidying = await connection.channel()
            for queue in queues:
                for name in (queue.name, f"{queue.name}.dead"):
                    await tidying.queue_delete(name)
