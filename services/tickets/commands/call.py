"""Calls: told by a telephone system over its hook or noted by an agent; the tickets that they are about; what is forgotten in time."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within
from services.chassis.commands import Command, Doing, Input
from services.chassis.contact import PHONE, Contact, checked_phone, contact_of, seal_phone
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import InvalidInput, NotFound, UnknownCode, none_such
from services.chassis.outbox import record
from services.chassis.principal import itself
from services.chassis.vault import Vault
from services.tickets.commands.contact import ContactInput
from services.tickets.commands.report import ReportTicket, report_ticket
from services.tickets.commands.transition import Move, move
from services.tickets.domain.call import Call, Direction, Notice, completed
from services.tickets.domain.role import Role
from services.tickets.domain.telephone import Heard
from services.tickets.domain.ticket import ACCEPT, DISPATCH, ENDS, PRESS, Source, sent
from services.tickets.events import CallAnswered, CallEnded, CallLinked, CallReceived
from services.tickets.store import area as areas
from services.tickets.store import call as store
from services.tickets.store import contact as contacts

AGENTS: frozenset[str] = frozenset({Role.HOTLINE_AGENT})
FORGET_SECONDS = 3600


class NoteCall(Input, frozen=True, kw_only=True):
    """A call that no telephone system told of. The agent is who notes it; the times are those that are known."""

    area_code: str
    phone: str | None = None
    direction: Direction = Direction.IN
    rung_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    notice: Notice | None = None


class ReportByPhone(Input, frozen=True, kw_only=True):
    """A matter that a caller tells of. The contact's phone is by default the caller's number; `item_code` is the permit or certificate that
    it is about, where the category does not say so already.
    """

    call_id: UUID
    title: str
    description: str
    category: str
    area_code: str
    item_code: str | None = None
    household_id: UUID | None = None
    contact: ContactInput | None = None


class LinkCall(Input, frozen=True, kw_only=True):
    """With `press`, what the caller urges, the ticket's history says so (催办)."""

    call_id: UUID
    ticket_id: UUID
    press: str | None = None


async def take_call(connection: Connection, clock: Clock, vault: Vault, heard: Heard) -> UUID:
    """Keeps what was told of a call, in whatever order and however often, and tells what is new of it. Returns the call's key."""
    more = heard.call
    new = await store.begin(connection, more)
    call = await store.lock(connection, more.id)
    if call is None:
        raise NotFound("the call is on record for another area than its trunk's")
    if heard.number is not None and call.number is None:
        more = replace(more, number=seal_phone(vault, heard.number, owner=more.id))
    after = completed(call, more)
    await store.save(connection, after)
    told = [
        event(call=after.id, trunk=after.trunk, area=after.area, direction=after.direction, agent=after.agent, at=at)
        for event, at, known in (
            (CallReceived, after.rung_at or after.told_at, None if new else call.told_at),
            (CallAnswered, after.answered_at, call.answered_at),
            (CallEnded, after.ended_at, call.ended_at),
        )
        if at is not None and known is None
    ]
    for event in told:
        await record(connection, clock, event, subject=str(after.id), area=after.area)
    return after.id


def call_commands(vault: Vault) -> tuple[Command, ...]:
    """The deeds that know a caller's number."""

    async def note_call(doing: Doing, given: NoteCall) -> str:
        """Raises InvalidInput, UnknownCode, or NotFound for an area out of reach."""
        if await areas.find(doing.connection, given.area_code) is None:
            raise UnknownCode("area", field="areaCode")
        if not doing.principal.covers(given.area_code):
            raise NotFound("areaCode: outside your areas")
        times = {"rungAt": given.rung_at, "answeredAt": given.answered_at, "endedAt": given.ended_at}
        _require_past(times, doing.clock.now())
        call = Call(
            id=uuid7(),
            trunk=None,
            area=given.area_code,
            direction=given.direction,
            agent=doing.principal.subject,
            told_at=given.rung_at,
            rung_at=given.rung_at,
            answered_at=given.answered_at,
            ended_at=given.ended_at,
            notice=given.notice,
        )
        number = None if given.phone is None else checked_phone(given.phone, "phone")
        return str(await take_call(doing.connection, doing.clock, vault, Heard(call, number)))

    async def report_by_phone(doing: Doing, given: ReportByPhone) -> str:
        """Opens a ticket of a call, with whom to call back; where the item has a clerk of its own it is with them at once.

        Raises what reportTicket raises, and NotFound for a call out of reach.
        """
        call = await _held(doing, given.call_id)
        said = given.contact or ContactInput()
        contact = contact_of(said.name, said.phone, said.email, field_of="contact.")
        report = ReportTicket(
            client_key=given.client_key,
            title=given.title,
            description=given.description,
            category=given.category,
            area_code=given.area_code,
            household_id=given.household_id,
            source=Source.HOTLINE,
        )
        serial = await store.opened(doing.connection, call.id) + 1
        opened = UUID(await report_ticket(doing, report, source_id=f"{call.id}/{serial}"))
        if call.number is not None and (contact is None or contact.phone is None):
            number = vault.open(call.number.sealed, owner=str(call.id), field=PHONE)
            contact = replace(contact or Contact(None, None, None), phone=number)
        if contact is not None:
            by, at = doing.principal.subject, doing.clock.now()
            await contacts.keep(doing.connection, vault, opened, contact, by=by, at=at)
        await _link(doing, call, opened, opened=True)
        clerk = await store.clerk(doing.connection, given.item_code or given.category, given.area_code)
        if clerk is not None:
            department, subject = clerk
            step = Move(client_key=given.client_key, id=opened)
            await move(doing, ACCEPT, step)
            await move(doing, DISPATCH, step, lambda ticket: sent(ticket, department, subject))
        return str(opened)

    return (
        Command("noteCall", NoteCall, AGENTS, note_call, "call"),
        Command("reportByPhone", ReportByPhone, AGENTS, report_by_phone, "ticket"),
    )


async def link_call(doing: Doing, given: LinkCall) -> str:
    """Notes that a call is about a ticket that is there already."""
    call = await _held(doing, given.call_id)
    await contacts.concerned(doing.connection, given.ticket_id)
    if given.press is not None:
        await move(doing, PRESS, Move(client_key=given.client_key, id=given.ticket_id, note=given.press))
    await _link(doing, call, given.ticket_id, opened=False)
    return str(call.id)


LINK_CALL = Command("linkCall", LinkCall, AGENTS, link_call, "call")


async def _held(doing: Doing, key: UUID) -> Call:
    call = await store.lock(doing.connection, key)
    if call is None:
        raise none_such("call")
    return call


async def _link(doing: Doing, call: Call, ticket: UUID, *, opened: bool) -> None:
    now, by = doing.clock.now(), doing.principal.subject
    if await store.link(doing.connection, call.id, ticket, opened=opened, by=by, at=now):
        event = CallLinked(call=call.id, ticket=ticket, area=call.area, opened=opened, agent=by, at=now)
        await record(doing.connection, doing.clock, event, subject=str(call.id), area=call.area)


def _require_past(times: dict[str, datetime | None], now: datetime) -> None:
    """Raises InvalidInput for a time without time zone, one that is yet to come, or one before the one above it."""
    earlier = None
    for name, at in times.items():
        if at is None:
            continue
        if at.tzinfo is None or at > now:
            raise InvalidInput(f"{name} must be a past time with its time zone", field=name, rule="past")
        if earlier is not None and at < earlier:
            raise InvalidInput(f"{name} is before the call began", field=name, rule="order")
        earlier = at


async def forget_past(connection: Connection, clock: Clock) -> tuple[int, int]:
    """Forgets of calls, and of tickets that have ended, what may be kept no longer; returns how many calls and contacts that were."""
    now = clock.now()
    return await store.forget(connection, now), await contacts.forget(connection, now, [end.value for end in ENDS])


async def keep_hotline_short(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """The worker's task: forgets in time, hour by hour, until stopped."""
    while not stop.is_set():
        async with transaction(pool, itself("tickets")) as connection:
            await forget_past(connection, clock)
        if await stopped_within(stop, FORGET_SECONDS):
            return
