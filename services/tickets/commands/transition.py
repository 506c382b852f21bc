"""The one way in which a ticket begins and changes: row, history and event, in the caller's transaction."""

from collections.abc import Callable
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, today
from services.chassis.commands import Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import NotFound, StaleVersion
from services.chassis.outbox import record
from services.tickets.domain.access import role_for
from services.tickets.domain.role import Role
from services.tickets.domain.text import NOTE
from services.tickets.domain.ticket import REPORT, Deed, Source, Status, Step, Ticket, moved, number
from services.tickets.events import event_of
from services.tickets.store import ticket as store


class Move(Input, frozen=True, kw_only=True):
    """The input of a move. Without a version it is meant for the ticket as it stands, with one only for that."""

    id: UUID
    version: int | None = None
    note: str | None = None


async def begin(
    connection: Connection,
    clock: Clock,
    *,
    title: str,
    description: str,
    category: str,
    source: Source,
    area: str,
    household: UUID | None,
    actor: str,
    role: Role,
    source_id: str | None = None,
) -> UUID | None:
    """Opens a ticket; None when its source has opened one already."""
    now = clock.now()
    ticket = Ticket(
        id=uuid7(),
        number=number(today(clock), await store.next_serial(connection)),
        title=title,
        description=description,
        category=category,
        source=source,
        source_id=source_id,
        status=Status.DRAFTED,
        area=area,
        household=household,
        reported_by=actor,
        reported_at=now,
        updated_at=now,
    )
    if not await store.insert(connection, ticket):
        return None
    await _tell(connection, clock, ticket, REPORT, before=None, actor=actor, role=role)
    return ticket.id


async def move(
    doing: Doing, deed: Deed, given: Move, change: Callable[[Ticket], Ticket] = lambda ticket: ticket
) -> str:
    """Moves a ticket on by a deed, with what else `change` changes; returns its key.

    Raises NotFound, Forbidden, StaleVersion or IllegalTransition, in this order.
    """
    note = None if given.note is None else NOTE.check(given.note, "note")
    ticket = await store.lock(doing.connection, given.id)
    if ticket is None:
        raise NotFound("ticket: none such, or outside your reach")
    role = role_for(deed, doing.principal, ticket)
    if given.version is not None and given.version != ticket.version:
        raise StaleVersion("ticket", current=ticket.version)
    after = change(moved(ticket, deed, doing.clock.now()))
    if not await store.update(doing.connection, after, was=ticket.version):
        raise StaleVersion("ticket", current=ticket.version)
    actor = doing.principal.subject
    await _tell(doing.connection, doing.clock, after, deed, before=ticket.status, actor=actor, role=role, note=note)
    return str(ticket.id)


async def _tell(
    connection: Connection,
    clock: Clock,
    ticket: Ticket,
    deed: Deed,
    *,
    before: Status | None,
    actor: str,
    role: Role,
    note: str | None = None,
) -> None:
    """Adds the deed to the history of the ticket, which stands as it is after it, and records its event."""
    step = Step(
        ticket=ticket.id,
        version=ticket.version,
        at=ticket.updated_at,
        deed=deed.past,
        before=before,
        after=ticket.status,
        actor=actor,
        actor_role=role,
        note=note,
    )
    await store.add_step(connection, step)
    event = event_of(deed.past, ticket, before)
    await record(connection, clock, event, subject=str(ticket.id), area=ticket.area, department=ticket.department)
