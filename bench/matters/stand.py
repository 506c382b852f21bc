"""The tickets service on servers of its own, as production runs it, with the areas that the archive published; and django-helpdesk beside it."""

import asyncio
import json
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from bench.stand import READY_SECONDS, StandError
from deploy.local import processes
from deploy.local.layout import LOCAL, ROOT
from deploy.local.provision import prepare
from deploy.local.stack import PROCESSES, Stack
from deploy.local.tokens import token

HELPDESK = "helpdesk"
LOCK = ROOT / "requirements-helpdesk.lock"
THREADS = 8
STOP_SECONDS = 12.0


@dataclass(frozen=True)
class Helpdesk:
    """Where it answers, the agent's token, and the keys of the queue and the agent."""

    url: str
    token: str
    queue: int
    agent: int


class Stand:
    """Servers and processes from nothing; all are ended when the block is left."""

    def __init__(self) -> None:
        self.stack = Stack.open("matters")
        self._running: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self.stack.erase)
            await asyncio.to_thread(self.stack.start)
            await prepare(self.stack)
            # The archive's worker publishes the areas and the tickets' takes them in; the api is ready when they are there.
            self.start("issuer", "archive-worker", "tickets-worker", "tickets-api")
            await self.ready("issuer", "tickets-api")
            self.stop("archive-worker", "tickets-worker")
        except BaseException:
            await asyncio.to_thread(self._end)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self.stop(*self._running)
        self.stack.stop()

    def start(self, *names: str) -> None:
        """Processes of the stack; `tickets-worker-2` is a second one of its kind."""
        for name in names:
            kind = name.removesuffix("-2")
            settings = {"ENVIRONMENT": "production", "PORT": str(self.stack.port(name))}
            self._start(name, list(PROCESSES[kind]), self.stack.environment(kind, **settings))

    def stop(self, *names: str) -> None:
        processes.end([self._running.pop(name) for name in names], seconds=STOP_SECONDS)

    async def ready(self, *names: str) -> None:
        await asyncio.gather(*(asyncio.to_thread(self._wait, name, "/readyz") for name in names))

    def url(self, name: str, path: str) -> str:
        return self.stack.base_url(name) + path

    def token(self, account: str) -> str:
        return token(self.stack, account)

    async def database(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The tickets' database as a superuser, for whom no row-level security runs."""
        url = self.stack.superuser_url.rsplit("/", 1)[0] + "/tickets"
        return await asyncpg.connect(url)

    async def helpdesk(self, tickets: int) -> Helpdesk:
        """Installs django-helpdesk where it is not yet, and starts it with so many tickets: one process of gunicorn with threads."""
        python = await asyncio.to_thread(_installed)
        server = await asyncpg.connect(self.stack.superuser_url)
        await server.execute(f"CREATE DATABASE {HELPDESK} OWNER tickets_owner")
        await server.close()
        environment = {
            "DATABASE_URL": self.stack.postgres_url(HELPDESK, "tickets_owner"),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        }
        prepared = await asyncio.to_thread(_prepared, python, tickets, environment)
        serve = ["-m", "gunicorn", "bench.helpdesk.wsgi:application", "--workers", "1", "--worker-class", "gthread"]
        serve += ["--threads", str(THREADS), "--keep-alive", "60", "--no-control-socket"]
        serve += ["--bind", f"127.0.0.1:{self.stack.port(HELPDESK)}"]
        self._start(HELPDESK, [str(python), *serve], environment)
        await asyncio.to_thread(self._wait, HELPDESK, "/api/tickets/", 401)
        return Helpdesk(url=self.url(HELPDESK, "/api/tickets/"), **json.loads(prepared))

    def _start(self, name: str, argv: Sequence[str], environment: dict[str, str]) -> None:
        log = self.stack.layout.logs / f"{name}.log"
        self._running[name] = processes.start(list(argv), environment=environment, log=log, cwd=ROOT)

    def _wait(self, name: str, path: str, status: int = 200) -> None:
        """Raises StandError unless it answers with this status within READY_SECONDS."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.url(name, path), timeout=5):  # noqa: S310  our own address
                    return
            except urllib.error.HTTPError as error:
                if error.code == status:
                    return
                why = f"status {error.code}"
            except OSError as error:
                why = str(error)
            if time.monotonic() > deadline:
                raise StandError(f"{name} was not ready within {READY_SECONDS:.0f} s: {why}")
            time.sleep(0.1)


def _installed() -> Path:
    """The Python of a virtual environment that has what the lock file says."""
    home = LOCAL / "helpdesk-venv"
    python, stamp = home / "bin" / "python", home / ".lock-installed"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        venv.create(home, clear=True, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--quiet", "--require-hashes", "-r", LOCK],
            check=True,
            stdout=sys.stderr,
        )
        stamp.write_bytes(LOCK.read_bytes())
    return python


def _prepared(python: Path, tickets: int, environment: dict[str, str]) -> str:
    """What bench.helpdesk.prepare tells."""
    argv = [str(python), "-m", "bench.helpdesk.prepare", str(tickets)]
    done = subprocess.run(argv, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout
