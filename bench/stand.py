"""The system under test: the archive's api and the gateway of the local stack, and the bare endpoint beside them, as production runs them.

One process each, ENVIRONMENT=production, logs as they are by default. Workers and the other services stay off: what they would make of the county's
events is no part of a read. Everything is ended when the block is left.
"""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.loading import Access
from deploy.local import processes, tokens
from deploy.local.layout import ROOT
from deploy.local.stack import PROCESSES, Stack

PROBES = {"issuer": "/readyz", "archive-api": "/readyz", "gateway": "/livez"}
"""The parts and where each answers once it can be asked; the gateway is not ready without the services that are left out, but live."""
READY_SECONDS = 60.0
STOP_SECONDS = 12.0
BARE = "bare"


class StandError(Exception):
    """The system under test did not come up; the message says which part."""


@dataclass(frozen=True)
class Stand:
    """Where the parts answer, and the token of an account that may read the whole county."""

    gateway: str
    archive: str
    bare: str
    token: str


@contextmanager
def standing(access: Access) -> Iterator[Stand]:
    """Starts what the measurements need beside the stack's running servers. Raises StandError if a part does not get ready.

    The bare endpoint gets the same access to the archive's database as the loader: a superuser's, for whom no row-level security runs.
    """
    stack = Stack.open("run")
    started: list[int] = []
    try:
        for name in PROBES:
            started.append(
                _start(stack, name, list(PROCESSES[name]), stack.environment(name, ENVIRONMENT="production"))
            )
        started.append(_start_bare(stack, access))
        for name, probe in {**PROBES, BARE: "/readyz"}.items():
            _wait_ready(name, stack.base_url(name) + probe)
        yield Stand(
            gateway=stack.base_url("gateway") + "/graphql",
            archive=stack.base_url("archive-api") + "/read",
            bare=stack.base_url(BARE) + "/households",
            token=tokens.token(stack, "admin"),
        )
    finally:
        processes.end(started, seconds=STOP_SECONDS)


def _start_bare(stack: Stack, access: Access) -> int:
    environment = stack.environment(BARE, DATABASE_URL=access.url, PORT=str(stack.port(BARE)))
    return _start(stack, BARE, [sys.executable, "-m", "bench.bare"], environment)


def _start(stack: Stack, name: str, argv: list[str], environment: dict[str, str]) -> int:
    return processes.start(argv, environment=environment, log=stack.layout.logs / f"bench-{name}.log", cwd=ROOT)


def _wait_ready(name: str, url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except urllib.error.HTTPError as error:
            why = error.read().decode(errors="replace")
        except OSError as error:
            why = str(error)
        if time.monotonic() > deadline:
            raise StandError(f"{name} was not ready within {READY_SECONDS:.0f} s: {why}")
        time.sleep(0.1)
