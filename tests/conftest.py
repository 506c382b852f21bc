"""Fixtures on real servers: SANMIN_TEST_DATABASE_URL (a superuser) and SANMIN_TEST_AMQP_URL, which `make test` sets."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import aio_pika
import aiohttp
import pytest
from starlette.types import ASGIApp

from tests.support.client import Service
from tests.support.databases import Database, Databases
from tests.support.scan import (  # noqa: F401  hooks
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from tests.support.serving import serving
from tests.support.tokens import Issuer

MakeDatabase = Callable[[str], Awaitable[Database]]
Serve = Callable[[ASGIApp], Awaitable[str]]
Connect = Callable[[str, str | None], Service]


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.exit(f"{name} is not set: run the tests with `make test`", returncode=2)
    return value


@pytest.fixture(scope="session")
async def databases() -> AsyncIterator[Databases]:
    made = Databases(_required("SANMIN_TEST_DATABASE_URL"))
    yield made
    await made.close()


@pytest.fixture
async def make_database(databases: Databases) -> AsyncIterator[MakeDatabase]:
    """Clones a migrated database of the named service."""
    made: list[Database] = []

    async def make(service: str) -> Database:
        made.append(await databases.clone(service))
        return made[-1]

    yield make
    databases.let_go(*made)


@pytest.fixture(scope="session")
def amqp_url() -> str:
    return _required("SANMIN_TEST_AMQP_URL")


@pytest.fixture
async def prefix(amqp_url: str) -> AsyncIterator[str]:
    """A broker prefix of this test's own; what it declared is deleted afterwards."""
    name = f"test{uuid4().hex[:12]}"
    yield name
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        for queue in ("log", *(f"{service}.inbox" for service in ("archive", "liaison", "tickets"))):
            for suffix in ("", ".dead"):
                await (await connection.channel()).queue_delete(f"{name}.{queue}{suffix}")
        for exchange in ("events", "departments", "dead"):
            await (await connection.channel()).exchange_delete(f"{name}.{exchange}")


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves an app until the test ends; returns its base URL."""
    async with AsyncExitStack() as stack:

        async def start(app: ASGIApp) -> str:
            return await stack.enter_async_context(serving(app))

        yield start


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """`connect(base_url, token)` is a client of a service."""
    async with aiohttp.ClientSession() as session:
        yield lambda base_url, token: Service(session, base_url, token)
