"""The system under fault: two worker processes on a private PostgreSQL and broker, each reaching either through a fault proxy of its own.

Whoever looks at the ledgers goes to the servers directly.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from bench.soak import writer
from bench.soak.books import Log, count_effects, count_entries, effects, entries, unpublished
from bench.soak.ledger import Findings, Line, check
from bench.soak.parts import SERVICES
from deploy.local import processes
from deploy.local.layout import ROOT
from deploy.local.proxy import Proxy
from deploy.local.stack import Stack
from services.chassis import broker
from services.chassis.db import open_pool
from services.chassis.departments import Department, department
from services.chassis.migrations import migrate, migrations_of

PREFIX = "sanmin"
FOLLOWER = "follower"
CODE = "soak"
DEPARTMENT = """
name = "示例局"
credentials = "department-soak"

[[binding]]
events = ["source.entry.written"]
areas = ["339999"]
dispatched = false
fields = ["entry", "subject", "number"]
"""
"""The department's file: it gets a copy of every entry."""

READY_SECONDS = 60.0
STOP_SECONDS = 12.0
LOOK_SECONDS = 0.05


class Stand:
    """`links` are the proxies: `source-database`, `source-broker`, `sink-database`, `sink-broker`, `follower-broker`, `writer-database`.

    `source` and `sink` are pools on their databases, `log` and `feed` what the log stream and the department's hold; `others` are events
    that are no entries, by the ledger that has them.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.links: dict[str, Proxy] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.others: dict[str, list[Line]] = {"log": [], "department": []}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Servers, databases and queues from nothing; no process is started yet."""
        async with AsyncExitStack() as opened:
            await asyncio.to_thread(self.stack.erase)
            opened.push_async_callback(asyncio.to_thread, self.stack.stop)
            await asyncio.to_thread(self.stack.start)
            for left in self.stack.layout.directory.glob(f"{self.mailbox.name}*"):
                left.unlink()
            self.departments.mkdir(exist_ok=True)
            (self.departments / f"{CODE}.toml").write_text(DEPARTMENT, encoding="utf-8")
            database, amqp = urlsplit(self.stack.superuser_url).port, urlsplit(self.stack.amqp_url).port
            for name, service in SERVICES.items():
                await _provision(self.stack, name)
                await migrate(self.stack.postgres_url(name, f"{name}_owner"), migrations_of(name, service.migrations))
                self.links[f"{name}-database"] = await opened.enter_async_context(Proxy(database or 0))
                self.links[f"{name}-broker"] = await opened.enter_async_context(Proxy(amqp or 0))
            self.links[f"{FOLLOWER}-broker"] = await opened.enter_async_context(Proxy(amqp or 0))
            self.links["writer-database"] = await opened.enter_async_context(Proxy(database or 0))
            await _declare(self.stack.amqp_url)
            pools = [await open_pool(self.stack.postgres_url(name, f"{name}_app"), 4) for name in SERVICES]
            for pool in pools:
                opened.callback(pool.terminate)
            self.source, self.sink = pools
            self.log = Log(self.stack.amqp_url, f"{PREFIX}.log")
            self.feed = Log(self.stack.amqp_url, f"{PREFIX}.department.{CODE}.log", "position")
            opened.callback(self._kill_all)
            self._open = opened.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, trace)

    @property
    def departments(self) -> Path:
        return self.stack.layout.directory / "departments"

    # --- processes ---------------------------------------------------------------------------------------------------

    def launch(self, name: str, *, heartbeat: int | None = None) -> None:
        """Starts a worker, or the department's client, without waiting for it; `heartbeat` of its AMQP connections in seconds."""
        amqp = self.through("broker", name, self.stack.amqp_url)
        if heartbeat is not None:
            amqp += f"?heartbeat={heartbeat}"
        module, environment = ("parts", self._worker(name, amqp)) if name in SERVICES else (name, self._client(amqp))
        with self.log_file(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", f"bench.soak.{module}", name], env=environment, cwd=ROOT, stdout=log, stderr=log
            )

    def _worker(self, name: str, amqp: str) -> dict[str, str]:
        return self.stack.environment(
            f"{name}-worker",
            DATABASE_URL=self.through("database", name, self.stack.postgres_url(name, f"{name}_app")),
            AMQP_URL=amqp,
            DEPARTMENTS=str(self.departments),
            BROKER_PREFIX=PREFIX,
            PORT=str(self.stack.layout.port(f"{name}-worker")),
        )

    def _client(self, amqp: str) -> dict[str, str]:
        return self.stack.environment(
            FOLLOWER,
            SUBSCRIBE_URL=amqp,
            SUBSCRIBE_DEPARTMENT=CODE,
            SUBSCRIBE_PREFIX=PREFIX,
            SUBSCRIBE_MAILBOX=str(self.mailbox),
        )

    @property
    def mailbox(self) -> Path:
        return self.stack.layout.directory / "mailbox.db"

    def log_file(self, name: str) -> Path:
        return self.stack.layout.logs / f"{name}.log"

    def through(self, server: str, name: str, url: str) -> str:
        """The address by way of that party's proxy."""
        parts = urlsplit(url)
        user, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.links[f'{name}-{server}'].port}"))

    async def start(self, *names: str, heartbeat: int | None = None) -> None:
        """Starts workers that do not run and waits until all named are ready."""
        for name in names:
            if name not in self.running:
                self.launch(name, heartbeat=heartbeat)
        async with asyncio.timeout(READY_SECONDS):
            for name in names:
                while not await self.ready(name):
                    if (code := self.running[name].poll()) is not None:
                        raise RuntimeError(f"{name} ended with {code}: {self.tail(name)}")
                    await asyncio.sleep(LOOK_SECONDS)

    def tail(self, name: str) -> str:
        return processes.tail(self.log_file(name))

    async def ready(self, name: str) -> bool:
        return (await self.checks(name)).get("status") == "ready"

    async def checks(self, name: str) -> dict[str, Any]:
        """What a worker's /readyz says, empty while it does not answer."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self._url(name, "readyz")) as answer:
                said: dict[str, Any] = await answer.json()
                return said
        except aiohttp.ClientError:
            return {}

    async def outcomes(self, name: str) -> dict[str, int]:
        """How many events a worker's inbox has taken in since its start, by outcome."""
        async with aiohttp.ClientSession() as session, session.get(self._url(name, "metrics")) as answer:
            families = text_string_to_metric_families(await answer.text())
            samples = [sample for family in families for sample in family.samples]
        counts: dict[str, int] = {}
        for sample in samples:
            if sample.name == "sanmin_inbox_events_total":
                outcome = sample.labels["outcome"]
                counts[outcome] = counts.get(outcome, 0) + int(sample.value)
        return counts

    def _url(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self.stack.layout.port(f'{name}-worker')}/{path}"

    async def kill(self, name: str) -> None:
        """SIGKILL, as a crash would."""
        process = self.running.pop(name)
        process.kill()
        await asyncio.to_thread(process.wait)

    async def stop(self, name: str) -> None:
        """SIGTERM, and waits for its end; raises subprocess.TimeoutExpired after STOP_SECONDS, and kills it then."""
        process = self.running.pop(name)
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)

    def _kill_all(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()

    def heal(self) -> None:
        """Ends every fault of the proxies; what was held is lost."""
        for link in self.links.values():
            link.heal()

    @asynccontextmanager
    async def owner(self, name: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection to a database as its owner."""
        connection = await asyncpg.connect(self.stack.postgres_url(name, f"{name}_owner"))
        try:
            yield connection
        finally:
            await connection.close()

    # --- ledgers -----------------------------------------------------------------------------------------------------

    async def settle(self, seconds: float, *, closing: str = "closing") -> bool:
        """Waits until all is published and has its effect, then for one entry more, behind which nothing can be on its way.

        Returns whether it came to that; the ledgers say what is missing.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._level()
                await writer.write(self.source, [closing], lanes=1)
                await self._level()
        except TimeoutError:
            return False
        return True

    async def findings(self) -> dict[str, Findings]:
        """What is wrong with each ledger, over everything since the stand was made."""
        written = await entries(self.source)
        return {
            "effects": check(written, await effects(self.sink), once=True),
            "log": check([*written, *self.others["log"]], await self.log.read(), once=False, placed=True),
            "department": check(
                [*written, *self.others["department"]], await self.feed.read(), once=False, placed=True
            ),
        }

    async def _level(self) -> None:
        while True:
            try:
                if not await unpublished(self.source) and await count_entries(self.source) <= await count_effects(
                    self.sink
                ):
                    return
            except writer.GONE:
                pass
            await asyncio.sleep(LOOK_SECONDS * 4)


async def _provision(stack: Stack, service: str) -> None:
    """An empty database of the service's own, with its two roles."""
    server = await asyncpg.connect(stack.superuser_url)
    try:
        for role in (f"{service}_owner", f"{service}_app"):
            await server.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{stack.layout.secret(f'{role}-password')}'")
        await server.execute(f"CREATE DATABASE {service} OWNER {service}_owner")
        await server.execute(f"REVOKE ALL ON DATABASE {service} FROM PUBLIC")
        await server.execute(f"GRANT CONNECT ON DATABASE {service} TO {service}_app")
    finally:
        await server.close()
    own = await asyncpg.connect(stack.superuser_url, database=service)
    try:
        await own.execute(f"ALTER SCHEMA public OWNER TO {service}_owner; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    finally:
        await own.close()


def known() -> tuple[Department, ...]:
    return (department(CODE, DEPARTMENT),)


async def _declare(amqp_url: str) -> None:
    """All queues, as `migrate` does, before anything is published."""
    async with await broker.connect(amqp_url) as connection:
        channel = await connection.channel()
        for service in SERVICES.values():
            await broker.declare(channel, service.topology(PREFIX, known()))
