"""Who serves is put on record, and who is away."""

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import acting
from services.chassis.errors import Conflict, StaleVersion, UnknownCode, none_such
from services.liaison.domain.access import CALLER
from services.liaison.domain.cadre import (
    NAME,
    SUBJECT,
    Cadre,
    LeaveReason,
    check_leave,
    require_arranger,
    require_own_or_arranger,
)
from services.liaison.domain.role import ARRANGERS, STAFF, Role
from services.liaison.store import area as areas
from services.liaison.store import cadre as store
from services.liaison.store import rule

SERVING = STAFF - {Role.AUDITOR}
"""Whoever may serve: to have a duty is a matter of the roster."""


class ReviseCadre(Input, frozen=True, kw_only=True):
    """A new cadre has no version. They may be sent anywhere within the area, and set out from the base, which is by default the area."""

    subject: str
    version: int | None = None
    name: str
    area_code: str
    base_code: str | None = None
    department: str | None = None
    since: date | None = None
    until: date | None = None


class NoteLeave(Input, frozen=True, kw_only=True):
    """`subject` is by default the caller."""

    subject: str | None = None
    first: date
    last: date
    reason: LeaveReason


class WithdrawLeave(Input, frozen=True, kw_only=True):
    id: UUID


async def revise_cadre(doing: Doing, given: ReviseCadre) -> str:
    """Their rosters and series are due for planning then. Raises InvalidInput, UnknownCode, Forbidden, NotFound, Conflict or StaleVersion."""
    connection, day = doing.connection, today(doing.clock)
    known = None
    if given.version is not None:
        known = await store.lock(connection, given.subject)
        if known is None:
            raise none_such("cadre")
        if known.version != given.version:
            raise StaleVersion("cadre", current=known.version)
    cadre = Cadre(
        subject=SUBJECT.check(given.subject, "subject"),
        name=NAME.check(given.name, "name"),
        area=given.area_code,
        base=given.base_code or given.area_code,
        department=given.department,
        since=given.since or (day if known is None else known.since),
        until=given.until,
        version=1 if known is None else known.version + 1,
    )
    for name, code in (("areaCode", cadre.area), ("baseCode", cadre.base)):
        if not await areas.known(connection, code):
            raise UnknownCode("area", field=name)
    require_arranger(doing.principal, cadre.area)
    await _unplan(doing, cadre)
    if not await store.keep(connection, cadre):
        raise Conflict("that cadre is on record already: give the version", field="subject", rule="cadre.new")
    return cadre.subject


async def note_leave(doing: Doing, given: NoteLeave) -> str:
    """Raises InvalidInput, UnknownCode, Forbidden, or Conflict where they are on leave already; returns the leave's key."""
    cadre = await known_cadre(doing, given.subject or doing.principal.subject, "subject")
    require_own_or_arranger(doing.principal, cadre)
    check_leave(given.first, given.last)
    await _unplan(doing, cadre)
    key, by = uuid7(), doing.principal.subject
    await store.add_leave(
        doing.connection, key, cadre, given.first, given.last, given.reason.value, by=by, at=doing.clock.now()
    )
    return str(key)


async def withdraw_leave(doing: Doing, given: WithdrawLeave) -> str:
    """Raises NotFound, Forbidden, or Conflict where it was withdrawn before."""
    leave = await store.leave(doing.connection, given.id)
    if leave is None:
        raise none_such("leave")
    cadre = await known_cadre(doing, leave["subject"], "id")
    require_own_or_arranger(doing.principal, cadre)
    await _unplan(doing, cadre)
    if not await store.withdraw(doing.connection, given.id, doing.clock.now()):
        raise Conflict("the leave was withdrawn before", rule="leave.withdrawn")
    return str(given.id)


async def known_cadre(doing: Doing, subject: str, field: str) -> Cadre:
    """Raises UnknownCode."""
    cadre = (await store.find(doing.connection, [subject])).get(subject)
    if cadre is None:
        raise UnknownCode("cadre", field=field)
    return cadre


async def _unplan(doing: Doing, cadre: Cadre) -> None:
    """Rosters that count on them are due, whoever arranges those; of series triggers see to it. Before anything is written: planning, too, takes
    rules before series."""
    async with acting(doing.connection, CALLER):
        await rule.unplan_of(doing.connection, cadre.subject, today(doing.clock))


COMMANDS = (
    Command("reviseCadre", ReviseCadre, ARRANGERS, revise_cadre, "cadre"),
    Command("noteLeave", NoteLeave, SERVING, note_leave, "leave"),
    Command("withdrawLeave", WithdrawLeave, SERVING, withdraw_leave, "leave"),
)
