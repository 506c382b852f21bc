"""What the stories of faults share: waiting for a state, writing, and the ledgers' verdict."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from bench.soak import writer
from bench.soak.stand import Stand

SETTLE_SECONDS = 60.0
WAIT_SECONDS = 30.0


def subjects(count: int, times: int = 1) -> list[str]:
    """`times` entries each of so many new subjects, in turn."""
    return [str(uuid4()) for _ in range(count)] * times


async def write(stand: Stand, about: list[str], *, rate: float | None = None) -> writer.Writing:
    return await writer.write(stand.source, about, rate=rate)


async def until(state: Callable[[], Awaitable[bool]]) -> None:
    """Waits for it; raises TimeoutError after WAIT_SECONDS."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not await state():
            await asyncio.sleep(0.02)


async def effects_of(stand: Stand, about: list[str]) -> int:
    """How many different events of the subjects have had their effect."""
    query = "SELECT count(DISTINCT event) FROM effect WHERE subject = ANY($1)"
    count: int = await stand.sink.fetchval(query, about)
    return count


async def published_of(stand: Stand, about: list[str]) -> int:
    """How many events of the subjects the relay has marked as published."""
    query = "SELECT count(*) FROM outbox WHERE subject = ANY($1) AND published_at IS NOT NULL"
    count: int = await stand.source.fetchval(query, about)
    return count


async def copies_of(stand: Stand, about: list[str]) -> int:
    """How many messages about the subjects the log has, repeats among them."""
    return sum(line.subject in about for line in await stand.log.read())


async def assert_ledgers_are_clean(stand: Stand, *, seconds: float = SETTLE_SECONDS) -> None:
    settled = await stand.settle(seconds)
    findings = await stand.findings()
    unclean = {name: found for name, found in findings.items() if not found.clean}
    assert not unclean, unclean
    assert settled, {name: stand.tail(name) for name in stand.running}
    assert all(found.lines for found in findings.values())
