"""Tells of what is to come, once to each whom it concerns."""

import asyncio

import structlog

from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Pool, transaction
from services.chassis.outbox import Telling, record_all
from services.liaison.domain.access import CALLER
from services.liaison.domain.reminder import Reminder
from services.liaison.events import ReminderIssued
from services.liaison.store import reminder as store

LOOK_SECONDS = 30
MOST = 500

log = structlog.get_logger()


async def remind(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks twice a minute what is due, until stopped."""
    while not stop.is_set():
        if told := await remind_due(pool, clock):
            log.info("reminders.told", reminders=told)
        await stopped_within(stop, LOOK_SECONDS)


async def remind_due(pool: Pool, clock: Clock) -> int:
    """Tells all that is due, in transactions of at most MOST of each kind; returns how many."""
    count = 0
    while True:
        async with transaction(pool, CALLER) as connection:
            due = await store.claim(connection, clock.now(), MOST)
            if not due:
                await store.forget(connection, clock.now())
                return count
            await record_all(connection, clock, [Telling(_event(one), one.ref, one.area) for one in due])
        count += len(due)


def _event(one: Reminder) -> ReminderIssued:
    return ReminderIssued(
        kind="DUTY" if one.kind == "DUTY" else "SESSION",
        ref=one.ref,
        area=one.area,
        subject=one.subject or None,
        date=one.day,
        begins_at=one.begins,
        due_at=one.at,
    )
