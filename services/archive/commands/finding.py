"""Keeps all sheets findable as this version finds them, and their members compared with everybody else."""

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import Gauge

from services.archive.store import finding as store
from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself

BATCH = 200
"""Sheets a transaction."""
PAUSE_SECONDS = 30

NOT_FINDABLE = Gauge(
    "sanmin_archive_sheets_not_findable", "Sheets that were made findable by an older version, or not yet"
)
log = structlog.get_logger()


async def reindex(pool: Pool, tell: Callable[[int], None], *, going_on: Callable[[], bool] = lambda: True) -> int:
    """Makes what is old findable, batch by batch, each a transaction; several may do so at once. Tells after each how many it did; returns all."""
    done = 0
    while going_on():
        async with transaction(pool, itself("archive")) as connection:
            count = await store.make_old_findable(connection, BATCH)
        if not count:
            break
        done += count
        tell(count)
    return done


async def how_many_old(pool: Pool) -> int:
    async with transaction(pool, itself("archive")) as connection:
        return await store.how_many_old(connection)


async def make_all_old(pool: Pool) -> None:
    async with transaction(pool, itself("archive")) as connection:
        await store.make_all_old(connection)


async def keep_findable(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """The worker's part: whatever a new version or an import leaves to do."""
    while not stop.is_set():
        waiting = await how_many_old(pool)
        NOT_FINDABLE.set(waiting)
        if waiting:
            log.warning("search.not_current", sheets=waiting)
            done = await reindex(pool, NOT_FINDABLE.dec, going_on=lambda: not stop.is_set())
            log.info("search.current", sheets=done)
        if await stopped_within(stop, PAUSE_SECONDS):
            return
