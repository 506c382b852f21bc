"""Every event that tickets publish: ids, codes and states; no title, no note, nobody's name.

Each goes out under the ticket's area and, from its dispatch on, under its department, whose queue thus receives it.
"""

from datetime import datetime
from uuid import UUID

from services.chassis.envelope import EventData
from services.tickets.domain.ticket import Source, Status, Ticket


class TicketChanged(EventData, frozen=True, kw_only=True):
    """What every event of a ticket says: the state after the deed, and the one before it."""

    ticket: UUID
    number: str
    area: str
    household: UUID | None
    department: str | None
    status: Status
    previous: Status | None
    version: int
    at: datetime
    source: Source
    source_id: str | None


class Reported(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.reported.v1"


class Accepted(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.accepted.v1"


class Dispatched(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.dispatched.v1"


class Signed(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.signed.v1"


class Resolved(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.resolved.v1"


class Verified(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.verified.v1"


class CalledBack(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.called_back.v1"


class Closed(TicketChanged, frozen=True, kw_only=True):
    type = "tickets.ticket.closed.v1"


EVENTS: tuple[type[TicketChanged], ...] = (
    Reported,
    Accepted,
    Dispatched,
    Signed,
    Resolved,
    Verified,
    CalledBack,
    Closed,
)
_BY_VERB = {event.type.split(".")[2]: event for event in EVENTS}


def event_of(past: str, ticket: Ticket, previous: Status | None) -> TicketChanged:
    """The event of the deed with that verb in the past tense, about the ticket as it stands after it."""
    return _BY_VERB[past](
        ticket=ticket.id,
        number=ticket.number,
        area=ticket.area,
        household=ticket.household,
        department=ticket.department,
        status=ticket.status,
        previous=previous,
        version=ticket.version,
        at=ticket.updated_at,
        source=ticket.source,
        source_id=ticket.source_id,
    )
