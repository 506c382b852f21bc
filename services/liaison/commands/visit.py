"""Who is on duty writes down who came and what for, and what of it becomes a matter."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from services.chassis.clock import CHINA
from services.chassis.commands import Command, Doing, Input
from services.chassis.contact import contact_of
from services.chassis.errors import Conflict
from services.chassis.outbox import record
from services.chassis.text import checked_code
from services.chassis.vault import Vault
from services.liaison.commands.area import known_station
from services.liaison.commands.cadre import SERVING
from services.liaison.commands.matter import raise_matter
from services.liaison.domain.matter import Source
from services.liaison.domain.visit import NOTE, Purpose, check_at, require_keeper
from services.liaison.events import DutyVisitNoted
from services.liaison.store import contact as contacts
from services.liaison.store import duty
from services.liaison.store import visit as store


class NoteDutyVisit(Input, frozen=True, kw_only=True):
    """`id` is chosen by the phone that wrote it down, perhaps offline: what arrives twice counts once. With a category it becomes a matter."""

    id: UUID
    area_code: str
    at: Annotated[datetime, Meta(tz=True)] | None = None
    purpose: Purpose
    note: str
    household_id: UUID | None = None
    visitor_name: str | None = None
    visitor_phone: str | None = None
    category: str | None = None


def note_duty_visit(vault: Vault) -> Command:
    """The vault seals who came."""

    async def run(doing: Doing, given: NoteDutyVisit) -> str:
        """Returns the visit's key. Raises InvalidInput, UnknownCode, Forbidden, or Conflict for an id that is another visit's."""
        connection, by, now = doing.connection, doing.principal.subject, doing.clock.now()
        area = await known_station(connection, given.area_code, "areaCode")
        at = given.at or now
        check_at(at, now)
        note = NOTE.check(given.note, "note")
        visitor = contact_of(given.visitor_name, given.visitor_phone, None, field_of="visitor.")
        category = None if given.category is None else checked_code(given.category, "category")
        rostered = await duty.on_duty(connection, area, at.astimezone(CHINA).date())
        require_keeper(doing.principal, area, None if rostered is None else rostered.subject)
        values = (given.id, area, at, given.purpose.value, note, given.household_id, category)
        if not await store.add(connection, *values, by=by, received=now):
            if not await store.kept(connection, given.id, area, by):
                raise Conflict("id is that of another visit: choose a new UUID", field="id", rule="visit.once")
            return str(given.id)
        if visitor is not None:
            await contacts.keep(connection, vault, given.id, "VISIT", area, visitor, by=by, at=now)
        event = DutyVisitNoted(
            visit=given.id, area=area, purpose=given.purpose, household=given.household_id, visited_at=at, at=now
        )
        await record(connection, doing.clock, event, subject=str(given.id), area=area)
        if category is not None:
            await raise_matter(
                connection,
                doing.clock,
                source=Source.DUTY,
                source_id=given.id,
                area=area,
                category=category,
                household=given.household_id,
                actor=by,
            )
        return str(given.id)

    return Command("noteDutyVisit", NoteDutyVisit, SERVING, run, "dutyVisit")
