"""Counting again what days that pass make of sheets: who has turned 80, which facts have grown stale."""

import asyncio
from collections.abc import AsyncIterator

import structlog
from prometheus_client import Gauge

from services.archive.store import review as store
from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself

BATCH = 200
LOOK_SECONDS = 300
CALLER = itself("archive")

SHEETS_STALE = Gauge("sanmin_archive_sheets_stale", "Open sheets that hold a fact past its review interval")

log = structlog.get_logger()


async def keep_fresh(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Counts the sheets again whose day has come, and tells how many are stale, until stopped."""
    del clock  # the database's day counts, as it does for whoever reads
    while not stop.is_set():
        counted = 0
        async for batch in batches(pool):
            counted += batch
            if stop.is_set():
                return
        if counted:
            log.info("sheets.counted", sheets=counted)
        async with transaction(pool, CALLER) as connection:
            SHEETS_STALE.set(await store.stale(connection))
        await stopped_within(stop, LOOK_SECONDS)


async def batches(pool: Pool) -> AsyncIterator[int]:
    """Counts all sheets that are due, each batch in a transaction of its own; yields how many were in it."""
    while True:
        async with transaction(pool, CALLER) as connection:
            counted = await store.recount(connection, BATCH)
        if not counted:
            return
        yield counted


async def recount_all(pool: Pool) -> int:
    """Makes all open sheets due, as after a change of intervals or weights; returns how many that are."""
    async with transaction(pool, CALLER) as connection:
        return await store.recount_all(connection)
