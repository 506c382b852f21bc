"""The note of a visit. A promise in it opens a ticket, which tickets learn from the event; what was found to be so is verified anew."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.domain.access import WRITERS
from services.archive.domain.review import confirmation, names
from services.archive.domain.visit import VisitNote, checked_day, checked_promise, checked_text
from services.archive.events import HouseholdConfirmed, VisitNoted
from services.archive.store import review
from services.archive.store import sheet as sheets
from services.archive.store import visit as store
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import none_such
from services.chassis.outbox import record

MOST_CONFIRMED = 2000
"""More facts than the largest sheet has."""


class AddVisitNote(Input, frozen=True, kw_only=True):
    """`promise` is the category of what was promised. `confirmed` are references of facts that were found to be so, `confirm_all` means all."""

    household_id: UUID
    text: str
    visited_on: date
    promise: str | None = None
    confirmed: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_CONFIRMED)] | None = None
    confirm_all: bool = False


async def add_visit_note(doing: Doing, given: AddVisitNote) -> str:
    area = await sheets.lock_area(doing.connection, given.household_id)
    if area is None or not doing.principal.covers(area):
        raise none_such("household")
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
    if given.confirm_all or given.confirmed:
        await _confirm(doing, note, None if given.confirm_all else given.confirmed)
    return str(note.id)


async def _confirm(doing: Doing, note: VisitNote, references: Sequence[str] | None) -> None:
    """Says again what the visit found to be so: all facts, or those that are named. The sheet's version stays, since no value changes."""
    spoken = await review.spoken(doing.connection, note.household)
    facts = confirmation(spoken, references, note.visited_on)
    if not facts:
        return
    kinds = await review.kinds(doing.connection, note.household)
    version = await review.say_again(
        doing.connection,
        note.household,
        facts,
        visited_on=note.visited_on,
        at=note.created_at,
        by=note.author,
    )
    event = HouseholdConfirmed(
        household=note.household,
        area=note.area,
        version=version,
        visited_on=note.visited_on,
        confirmed=names(facts, kinds),
    )
    await record(doing.connection, doing.clock, event, subject=str(note.household), area=note.area)


ADD_VISIT_NOTE = Command("addVisitNote", AddVisitNote, WRITERS, add_visit_note, root="visitNote")
