"""The one way in which a ticket begins and changes: row, history, clocks and event, in the caller's transaction."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, today
from services.chassis.commands import Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, StaleVersion, none_such, require_version
from services.chassis.outbox import record
from services.tickets.commands.clocks import follow
from services.tickets.commands.guards import GUARDS
from services.tickets.domain.access import acting, role_for
from services.tickets.domain.catalogue import Priority
from services.tickets.domain.role import Role
from services.tickets.domain.text import NOTE
from services.tickets.domain.ticket import (
    REPORT,
    Deed,
    Source,
    Status,
    Step,
    Ticket,
    changes,
    moved,
    number,
    station_of,
)
from services.tickets.events import event_of
from services.tickets.store import attachment as attachments
from services.tickets.store import ticket as store

MOST_ATTACHMENTS = 20


class Move(Input, frozen=True, kw_only=True):
    """The input of a move. Without a version it is meant for the ticket as it stands, with one only for that.

    `attachment_ids` are documents of the ticket's that the deed brings.
    """

    id: UUID
    version: int | None = None
    note: str | None = None
    attachment_ids: tuple[UUID, ...] = ()

    @property
    def code(self) -> str | None:
        """The deed's reason."""
        reason: str | None = getattr(self, "reason", None)
        return reason


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
    priority: Priority = Priority.NORMAL,
    household_on: date | None = None,
    persons: tuple[UUID, ...] = (),
    plots: tuple[UUID, ...] = (),
    parent: UUID | None = None,
    due_on: date | None = None,
) -> UUID | None:
    """Opens a ticket; None when its source has opened one already. Household, persons and plots are meant as they stand today (in China),
    or stood on `household_on`. All of it is due when business closes on `due_on`, where that was agreed.
    """
    now = clock.now()
    ticket = Ticket(
        id=uuid7(),
        number=number(today(clock), await store.next_serial(connection)),
        title=title,
        description=description,
        category=category,
        priority=priority,
        source=source,
        source_id=source_id,
        status=Status.DRAFTED,
        area=area,
        station=station_of(area),
        household=household,
        household_on=household_on or today(clock),
        persons=persons,
        plots=plots,
        parent=parent,
        due_on=due_on,
        reported_by=actor,
        reported_at=now,
        updated_at=now,
    )
    if not await store.insert(connection, ticket):
        return None
    step = Step(
        ticket=ticket.id,
        version=ticket.version,
        at=now,
        deed=REPORT.past,
        before=None,
        after=ticket.status,
        actor=actor,
        actor_role=role,
    )
    await _tell(connection, clock, ticket, step)
    return ticket.id


async def move(
    doing: Doing,
    deed: Deed,
    given: Move,
    change: Callable[[Ticket], Ticket] = lambda ticket: ticket,
    *,
    data: Mapping[str, Any] | None = None,
) -> str:
    """Moves a ticket on by a deed, with what else `change` changes; returns its key. `data` is what its history tells beside that.

    Raises NotFound, Forbidden, StaleVersion or IllegalTransition, in this order; InvalidInput; and what the guards raise.
    """
    connection, principal, now = doing.connection, doing.principal, doing.clock.now()
    note = None if given.note is None else NOTE.check(given.note, "note")
    if deed.needs_note and note is None:
        raise InvalidInput("note is missing", field="note", rule="required")
    ticket = await store.lock(connection, given.id)
    if ticket is None:
        raise await _refused(connection, given.id, doing, deed)
    role = role_for(deed, principal, ticket)
    require_version("ticket", given.version, ticket.version)
    after = change(moved(ticket, deed, now, may=lambda each: acting(each, principal, ticket) is not None))
    await _require_attachments(connection, given)
    for guard in GUARDS:
        await guard(connection, deed, ticket, after)
    if not await store.update(connection, after, was=ticket.version):
        raise StaleVersion("ticket", current=ticket.version)
    step = Step(
        ticket=ticket.id,
        version=after.version,
        at=now,
        deed=deed.past,
        before=ticket.status,
        after=after.status,
        actor=principal.subject,
        actor_role=role,
        reason=given.code,
        note=note,
        data={**changes(ticket, after), **(data or {})},
        attachments=given.attachment_ids,
    )
    await follow(connection, doing.clock, after, deed, ticket.status)
    await _tell(connection, doing.clock, after, step)
    return str(ticket.id)


async def _refused(connection: Connection, key: UUID, doing: Doing, deed: Deed) -> Exception:
    """Why a ticket cannot be held: it is out of reach, or, for those who may read it alone, Forbidden."""
    ticket = await store.find(connection, key)
    if ticket is not None:
        role_for(deed, doing.principal, ticket)
    return none_such("ticket")


async def _require_attachments(connection: Connection, given: Move) -> None:
    if len(given.attachment_ids) > MOST_ATTACHMENTS:
        raise InvalidInput(f"attachmentIds: at most {MOST_ATTACHMENTS}", field="attachmentIds", rule="range")
    if given.attachment_ids and not await attachments.belong(connection, given.id, given.attachment_ids):
        raise InvalidInput(
            "attachmentIds must name documents of this ticket, each once",
            field="attachmentIds",
            rule="known.attachment",
        )


async def _tell(connection: Connection, clock: Clock, ticket: Ticket, step: Step) -> None:
    """Adds the step to the history of the ticket, which stands as it is after it, and records its event."""
    await store.add_step(connection, step)
    event = event_of(step.deed, ticket, step.before, step.reason)
    await record(connection, clock, event, subject=str(ticket.id), area=ticket.area, department=ticket.department)
