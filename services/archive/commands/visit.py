"""The note of a visit. A promise in it opens a ticket, which tickets learn from the event."""

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from services.archive.domain.access import WRITERS
from services.archive.domain.visit import VisitNote, checked_day, checked_promise, checked_text
from services.archive.events import VisitNoted
from services.archive.store import sheet as sheets
from services.archive.store import visit as store
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import NotFound
from services.chassis.outbox import record


class AddVisitNote(Input, frozen=True, kw_only=True):
    """`promise` is the category of what was promised."""

    household_id: UUID
    text: str
    visited_on: date
    promise: str | None = None


async def add_visit_note(doing: Doing, given: AddVisitNote) -> str:
    area = await sheets.lock_area(doing.connection, given.household_id)
    if area is None or not doing.principal.covers(area):
        raise NotFound("household: none such, or outside your reach")
    note = VisitNote(
        id=uuid7(),
        household=given.household_id,
        area=area,
        text=checked_text(given.text),
        visited_on=checked_day(given.visited_on, today(doing.clock)),
        author=doing.principal.subject,
        promise=checked_promise(given.promise),
        created_at=doing.clock.now(),
    )
    await store.add(doing.connection, note)
    event = VisitNoted(
        visit=note.id, household=note.household, area=area, visited_on=note.visited_on, promise=note.promise
    )
    await record(doing.connection, doing.clock, event, subject=str(note.id), area=area)
    return str(note.id)


ADD_VISIT_NOTE = Command("addVisitNote", AddVisitNote, WRITERS, add_visit_note, root="visitNote")
