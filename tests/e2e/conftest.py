"""One system for all tests of this folder: every process for itself, on a PostgreSQL and a broker of its own."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from deploy.local.stack import Stack
from tests.support.graphql import GraphQL
from tests.support.system import System

As = Callable[[str | None], GraphQL]


@pytest.fixture(scope="session")
async def system() -> AsyncIterator[System]:
    stack = Stack.open("e2e")
    if not (stack.postgres.private and stack.broker.private):
        pytest.skip("servers were given: they are not ours to kill and restart")
    opened = System(stack)
    try:
        await opened.open()
        yield opened
    finally:
        await opened.close()


@pytest.fixture(scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def as_(system: System, session: aiohttp.ClientSession) -> As:
    """`as_(account)` is a client of the gateway with that example account's token; `as_(None)` has none."""
    return lambda account: GraphQL(session, system.graphql, account and system.token(account))
