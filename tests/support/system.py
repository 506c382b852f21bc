"""The whole system as separate processes on servers of its own, for tests that stop, kill and restart its parts."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.layout import ROOT
from deploy.local.provision import prepare
from deploy.local.stack import PROCESSES, Stack
from deploy.local.tokens import token
from tests.support import scan

READY_SECONDS = 60
STOP_SECONDS = 10
SETTINGS = {"gateway": {"PATIENCE_SECONDS": "9"}}
"""A service that restarts beside other tests takes its time."""


@dataclass
class System:
    """Processes are known by their names in `deploy.local.stack.PROCESSES`."""

    stack: Stack
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def open(self) -> None:
        """Servers, databases and example data from nothing, and all processes, ready."""
        await asyncio.to_thread(self.stack.erase)
        await asyncio.to_thread(self.stack.start)
        await prepare(self.stack)
        await self.start(PROCESSES)

    async def close(self) -> None:
        for process in self.running.values():
            process.kill()
            await asyncio.to_thread(process.wait)
        await asyncio.to_thread(self.stack.stop)
        for file in self.stack.layout.logs.glob("*.log"):
            scan.look(file.read_bytes(), f"the log {file.name}")

    async def start(self, names: Iterable[str]) -> None:
        """Starts processes and waits until they are ready."""
        names = list(names)
        for name in names:
            self._launch(name)
        await self.ready(names)

    async def start_beside(self, name: str) -> str:
        """Starts a second process of a kind, on a port of its own, and waits until it is ready. Returns its name."""
        second = f"{name}-2"
        self._launch(name, second)
        await self.ready([second])
        return second

    def _launch(self, name: str, called: str | None = None) -> None:
        called = called or name
        with (self.stack.layout.logs / f"{called}.log").open("ab") as log:
            settings = {"PORT": str(self.stack.port(called)), **SETTINGS.get(name, {})}
            environment = self.stack.environment(name, **settings)
            self.running[called] = subprocess.Popen(PROCESSES[name], env=environment, cwd=ROOT, stdout=log, stderr=log)

    async def outcomes(self, worker: str) -> dict[str, int]:
        """How many events a worker has taken in since its start, by outcome."""
        counts: dict[str, int] = {}
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.stack.base_url(worker) + "/metrics") as answer,
        ):
            for family in text_string_to_metric_families(await answer.text()):
                for sample in family.samples:
                    if sample.name == "sanmin_inbox_events_total":
                        outcome = sample.labels["outcome"]
                        counts[outcome] = counts.get(outcome, 0) + int(sample.value)
        return counts

    async def ready(self, names: Iterable[str]) -> None:
        """Waits until each process answers /readyz with 200."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_SECONDS):
            for name in names:
                while not await self._is_ready(session, name):
                    code = self.running[name].poll()
                    assert code is None, f"{name} ended with {code}: see {self.stack.layout.logs / name}.log"
                    await asyncio.sleep(0.05)

    async def _is_ready(self, session: aiohttp.ClientSession, name: str) -> bool:
        try:
            async with session.get(self.stack.base_url(name) + "/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self, names: Iterable[str]) -> dict[str, float]:
        """SIGTERM to each at once; returns how many seconds each took, and fails when one needs more than it may."""
        names, started = list(names), time.monotonic()
        for name in names:
            self.running[name].send_signal(signal.SIGTERM)

        async def ended(name: str) -> float:
            await asyncio.to_thread(self.running.pop(name).wait, STOP_SECONDS)
            return time.monotonic() - started

        return dict(zip(names, await asyncio.gather(*map(ended, names)), strict=True))

    async def kill(self, name: str) -> None:
        """SIGKILL, as a crash would."""
        process = self.running.pop(name)
        process.kill()
        await asyncio.to_thread(process.wait)

    def token(self, account: str) -> str:
        return token(self.stack, account)

    @property
    def graphql(self) -> str:
        return self.stack.base_url("gateway") + "/graphql"
