"""What the worker does of itself with personal data: seals the audit log every second, and erases daily what is past its time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from services.archive.domain.chain import Signer
from services.archive.store import audit, chain
from services.archive.store import retention as store
from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself

SEAL_SECONDS = 1.0
CHECKPOINT_SECONDS = 600.0
RETENTION_EVERY = timedelta(days=1)
LOOK_SECONDS = 600.0
BATCH = 500

ITSELF = itself("archive")
log = structlog.get_logger()


async def seal(pool: Pool, signer: Signer, clock: Clock, *, checkpoint_seconds: float = CHECKPOINT_SECONDS) -> int:
    """Seals what waits, batch by batch, and signs where a checkpoint is due; returns how many rows were sealed.

    Of several workers one at a time does so.
    """
    total = 0
    while True:
        async with transaction(pool, ITSELF) as connection:
            if not await chain.lead(connection):
                return total
            count = await chain.seal(connection)
            total += count
            if count < chain.BATCH:
                await chain.check(connection, signer, clock.now(), checkpoint_seconds)
                return total


def sealing(signer: Signer) -> Callable[[Pool, Clock, asyncio.Event], Awaitable[None]]:
    async def run(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
        while not await stopped_within(stop, SEAL_SECONDS):
            await seal(pool, signer, clock)

    return run


async def retain(pool: Pool, clock: Clock) -> Mapping[str, int]:
    """Applies every rule until nothing is left to erase; returns rule → how many were. What went is written down, in the log and the chain."""
    removed: dict[str, int] = {}
    async with transaction(pool, ITSELF) as connection:
        rules = [row["rule"] for row in await store.rules(connection)]
    for rule in rules:
        removed[rule] = held = 0
        while True:
            async with transaction(pool, ITSELF) as connection:
                applied = await store.apply(connection, rule, BATCH)
                if applied.removed:
                    place = [] if applied.upto is None else [str(applied.upto)]
                    await audit.record(
                        connection,
                        by=ITSELF.subject,
                        roles=frozenset(),
                        deed="RETENTION",
                        at=clock.now(),
                        fields=[rule, *place],
                        count=applied.removed,
                    )
            removed[rule] += applied.removed
            held = applied.held
            if applied.removed < BATCH:
                break
        async with transaction(pool, ITSELF) as connection:
            await store.note(connection, rule, clock.now(), removed[rule], held)
        log.info("retention.applied", rule=rule, removed=removed[rule], held=held)
    return removed


async def keep_retention(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Once a day, whichever worker looks first."""
    while True:
        async with transaction(pool, ITSELF) as connection:
            last = await store.last(connection)
        if last is None or clock.now() - last >= RETENTION_EVERY:
            await retain(pool, clock)
        if await stopped_within(stop, LOOK_SECONDS):
            return
