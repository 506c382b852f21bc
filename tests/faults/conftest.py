"""One system of two small services for all tests of this folder, on servers of its own: they are killed here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bench.soak.stand import Stand
from deploy.local.stack import Stack


class _Keeper:
    """Keeps the stand from test to test, and makes a new one after a failure: each test answers for itself."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._opened = AsyncExitStack()
        self._stand: Stand | None = None
        self._failures = 0

    async def stand(self, failures: int) -> Stand:
        if self._stand is None or failures != self._failures:
            await self.close()
            self._stand = await self._opened.enter_async_context(Stand(self._stack))
            self._failures = failures
        return self._stand

    async def close(self) -> None:
        await self._opened.aclose()


@pytest.fixture(scope="session")
async def keeper() -> AsyncIterator[_Keeper]:
    stack = Stack.open("faults")
    if not (stack.postgres.private and stack.broker.private):
        pytest.skip("servers were given: they are not ours to kill and restart")
    kept = _Keeper(stack)
    yield kept
    await kept.close()


@pytest.fixture
async def stand(keeper: _Keeper, request: pytest.FixtureRequest) -> Stand:
    """Servers and both workers run, no fault is on, and what is written has its effect."""
    opened = await keeper.stand(request.session.testsfailed)
    opened.heal()
    await opened.start("source", "sink")
    assert await opened.settle(60), {name: opened.tail(name) for name in opened.running}
    return opened
