"""Every event that tickets publish: ids, codes and states; no title, no note, nobody's name.

Each goes out under the ticket's area and, from its dispatch on, under its department, whose queue thus receives it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from services.chassis.envelope import EventData
from services.tickets.domain.ticket import Source, Status, Ticket

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


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
    at: Instant
    source: Source
    source_id: str | None


class Reported(TicketChanged, frozen=True, kw_only=True):
    """Somebody has told of a matter."""

    type = "tickets.ticket.reported.v1"


class Accepted(TicketChanged, frozen=True, kw_only=True):
    """The village or the township has taken the matter on."""

    type = "tickets.ticket.accepted.v1"


class Dispatched(TicketChanged, frozen=True, kw_only=True):
    """The matter has gone to a department; this and all later events reach the department's queue."""

    type = "tickets.ticket.dispatched.v1"


class Signed(TicketChanged, frozen=True, kw_only=True):
    """The department has signed for the matter."""

    type = "tickets.ticket.signed.v1"


class Resolved(TicketChanged, frozen=True, kw_only=True):
    """The department says that it is done."""

    type = "tickets.ticket.resolved.v1"


class Verified(TicketChanged, frozen=True, kw_only=True):
    """Who took the matter on has seen that it is done."""

    type = "tickets.ticket.verified.v1"


class CalledBack(TicketChanged, frozen=True, kw_only=True):
    """The person has been asked whether it is done to their satisfaction."""

    type = "tickets.ticket.called_back.v1"


class Closed(TicketChanged, frozen=True, kw_only=True):
    """The matter has ended."""

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
