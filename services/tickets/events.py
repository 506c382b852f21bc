"""Every event that tickets publish: ids, codes and states; no title, no note, nobody's name.

Each goes out under the ticket's area and, from its dispatch on, under its department, whose queue thus receives it.
"""

import re
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData
from services.tickets.domain.ticket import Source, Status, Ticket

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")

Instant = Annotated[datetime, Meta(tz=True)]


class TicketChanged(EventData, frozen=True, kw_only=True):
    """What every event of a ticket says: the state after the deed, and the one before it."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The ticket's id; who may see it asks the gateway with it.")]
    number: Annotated[str, Meta(description="The number that people quote.")]
    area: Annotated[str, Meta(description="The code of the area where the matter is.")]
    household: Annotated[UUID | None, Meta(description="The household concerned; null when there is none.")]
    department: Annotated[
        str | None, Meta(description="The code of the department that it was dispatched to; null before.")
    ]
    category: Annotated[
        str | None,
        Meta(
            description="The category where it has a code's form; null where it is free words, which could name somebody."
        ),
    ]
    status: Annotated[Status, Meta(description="The state after the deed.")]
    previous: Annotated[Status | None, Meta(description="The state before it; null at the report.")]
    version: Annotated[int, Meta(description="The ticket's version after the deed, one on with each.")]
    at: Annotated[Instant, Meta(description="When it was done.")]
    source: Annotated[Source, Meta(description="How the matter came in.")]
    source_id: Annotated[
        str | None, Meta(description="The key of what it came from, such as a visit's id; null for most.")
    ]


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


class WebhookDisabled(EventData, frozen=True, kw_only=True):
    """A department's webhook has failed too often in a row: nothing more is sent to it, but everything kept, until an operator enables it."""

    type = "tickets.webhook.disabled.v1"
    personal_data: ClassVar[PersonalData] = "none"

    department: Annotated[str, Meta(description="The department's code.")]
    failures: Annotated[int, Meta(description="How often in a row it has failed.")]
    since: Annotated[Instant, Meta(description="When the first of these failed.")]
    at: Annotated[Instant, Meta(description="When it was disabled.")]


_OF_TICKETS: tuple[type[TicketChanged], ...] = (
    Reported,
    Accepted,
    Dispatched,
    Signed,
    Resolved,
    Verified,
    CalledBack,
    Closed,
)
EVENTS: tuple[type[EventData], ...] = (*_OF_TICKETS, WebhookDisabled)
_BY_VERB = {event.type.split(".")[2]: event for event in _OF_TICKETS}


def code_of(category: str) -> str | None:
    """The category where it has the form of a code; None where it is free words: events carry no free text."""
    return category if CODE.fullmatch(category) else None


def event_of(past: str, ticket: Ticket, previous: Status | None) -> TicketChanged:
    """The event of the deed with that verb in the past tense, about the ticket as it stands after it."""
    return _BY_VERB[past](
        ticket=ticket.id,
        number=ticket.number,
        area=ticket.area,
        household=ticket.household,
        department=ticket.department,
        category=code_of(ticket.category),
        status=ticket.status,
        previous=previous,
        version=ticket.version,
        at=ticket.updated_at,
        source=ticket.source,
        source_id=ticket.source_id,
    )
