"""Documents and photos of sheets: added, removed, and swept away when nothing names them any more."""

import asyncio
from dataclasses import replace
from uuid import UUID

import structlog

from services.archive.domain.access import WRITERS
from services.archive.domain.attachment import Attachment
from services.archive.events import AttachmentAdded, AttachmentRemoved
from services.archive.store import attachment as store
from services.archive.store import sheet as sheets
from services.chassis.clock import Clock, stopped_within
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Pool
from services.chassis.errors import NotFound, none_such
from services.chassis.objects import Objects, lock_object
from services.chassis.outbox import record
from services.chassis.principal import itself

SWEEP_SECONDS = 3600

log = structlog.get_logger()


async def require_part(doing: Doing, household: UUID, subject: str, key: UUID) -> str:
    """The household's grid; raises NotFound unless the caller writes there and the sheet has the part."""
    area = await sheets.lock_area(doing.connection, household)
    if area is None or not doing.principal.covers(area):
        raise none_such("household")
    if not await store.belongs(doing.connection, subject, key, household):
        raise NotFound("of: no such part of this household's sheet", field="of")
    return area


async def add_attachment(doing: Doing, objects: Objects, given: Attachment, incoming: str) -> Attachment:
    """Makes an uploaded object an attachment; of the same document of the same part there is one only.

    The object is written anew even where it is there already, so that the sweep sees that it is young.
    """
    area = await require_part(doing, given.household, given.subject, given.subject_id)
    await lock_object(doing.connection, given.object_key)
    kept = await store.add(doing.connection, replace(given, area=area))
    await objects.move(incoming, given.object_key)
    if kept.id == given.id:
        event = AttachmentAdded(
            attachment=kept.id,
            household=kept.household,
            area=area,
            subject=kept.subject,
            subject_id=kept.subject_id,
            content_type=kept.content_type,
        )
        await record(doing.connection, doing.clock, event, subject=str(kept.household), area=area)
    return kept


class RemoveAttachment(Input, frozen=True, kw_only=True):
    id: UUID


async def remove_attachment(doing: Doing, given: RemoveAttachment) -> str:
    """Takes it off the sheet at once; what it holds is deleted later, by the sweep. Of one that is off already nothing changes."""
    found = await store.find(doing.connection, given.id)
    if found is None or not doing.principal.covers(found.area):
        raise none_such("attachment")
    await store.remove(doing.connection, given.id, doing.clock.now(), doing.principal.subject)
    event = AttachmentRemoved(attachment=found.id, household=found.household, area=found.area)
    await record(doing.connection, doing.clock, event, subject=str(found.household), area=found.area)
    return str(found.household)


REMOVE_ATTACHMENT = Command("removeAttachment", RemoveAttachment, WRITERS, remove_attachment, root="household")


async def sweep_attachments(objects: Objects, pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Every hour deletes what nothing names any more, until told to stop."""
    while not stop.is_set():
        deleted = await store.sweep(pool, itself("archive"), objects, clock, lambda: not stop.is_set())
        if deleted:
            log.info("attachments.swept", objects=deleted)
        if await stopped_within(stop, SWEEP_SECONDS):
            return
