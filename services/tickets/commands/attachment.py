"""Documents of matters: added, and swept away where nothing names them."""

import asyncio
from uuid import UUID

import structlog

from services.chassis.clock import Clock, stopped_within
from services.chassis.commands import Doing
from services.chassis.db import Pool
from services.chassis.errors import Conflict, none_such
from services.chassis.objects import Objects, lock_object
from services.chassis.principal import itself
from services.tickets.domain.access import sees
from services.tickets.domain.attachment import Attachment
from services.tickets.domain.ticket import ENDS
from services.tickets.store import attachment as store
from services.tickets.store import ticket as tickets

SWEEP_SECONDS = 3600

log = structlog.get_logger()


async def require_open(doing: Doing, ticket: UUID) -> None:
    """Raises NotFound for a ticket out of reach, Conflict for one that has ended."""
    found = await tickets.find(doing.connection, ticket)
    if found is None or not sees(doing.principal, found):
        raise none_such("ticket")
    if found.status in ENDS:
        raise Conflict(f"the ticket is {found.status.value}: nothing is added to it any more", rule="ticket.open")


async def add_attachment(doing: Doing, objects: Objects, given: Attachment, incoming: str) -> Attachment:
    """Makes an uploaded object an attachment; of the same document of the same ticket there is one only.

    The object is written anew even where it is there already, so that the sweep sees that it is young.
    """
    await require_open(doing, given.ticket)
    await lock_object(doing.connection, given.object_key)
    kept = await store.add(doing.connection, given)
    await objects.move(incoming, given.object_key)
    return kept


async def sweep_attachments(objects: Objects, pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Every hour deletes what nothing names, until told to stop."""
    while not stop.is_set():
        deleted = await store.sweep(pool, itself("tickets"), objects, clock, lambda: not stop.is_set())
        if deleted:
            log.info("attachments.swept", objects=deleted)
        if await stopped_within(stop, SWEEP_SECONDS):
            return
