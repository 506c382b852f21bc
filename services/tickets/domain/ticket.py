"""A ticket and its state machine, which is data: errors, `Ticket.allowed`, events and tests are all made from DEEDS."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import IllegalTransition
from services.tickets.domain import role
from services.tickets.domain.role import Role


class Status(StrEnum):
    """Where a ticket stands. No deed leads to IN_PROGRESS yet: a signed ticket is worked on until it is resolved."""

    DRAFTED = "DRAFTED"
    ACCEPTED = "ACCEPTED"
    DISPATCHED = "DISPATCHED"
    SIGNED = "SIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    VERIFIED = "VERIFIED"
    CALLED_BACK = "CALLED_BACK"
    CLOSED = "CLOSED"


class Source(StrEnum):
    """How a matter came in."""

    APP = "APP"
    WALK_IN = "WALK_IN"
    DUTY = "DUTY"
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"
    HOTLINE = "HOTLINE"
    VISIT = "VISIT"
    MARKET_STALL = "MARKET_STALL"
    DEPARTMENT = "DEPARTMENT"


class Satisfaction(StrEnum):
    """What the person said at the callback (回访)."""

    SATISFIED = "SATISFIED"
    DISSATISFIED = "DISSATISFIED"
    UNREACHED = "UNREACHED"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A matter. `area` is a code; `household` and `department` may be missing; `source_id` is the key of what it came from."""

    id: UUID
    number: str
    title: str
    description: str
    category: str
    source: Source
    source_id: str | None = None
    status: Status
    area: str
    household: UUID | None = None
    department: str | None = None
    version: int = 1
    reported_by: str
    reported_at: datetime
    updated_at: datetime
    satisfaction: Satisfaction | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a ticket's history; its number is the ticket's version after it."""

    ticket: UUID
    version: int
    at: datetime
    deed: str
    before: Status | None
    after: Status
    actor: str
    actor_role: str
    note: str | None = None


@dataclass(frozen=True)
class Deed:
    """What can be done. `name` is the GraphQL mutation, `past` the verb of history and events, `moves` from state to state.

    `roles` may do it where the ticket is in their reach; who has several acts under the first that fits.
    """

    name: str
    past: str
    roles: tuple[Role, ...]
    moves: Mapping[Status, Status] = field(default_factory=dict)


REPORT = Deed("reportTicket", "reported", role.REPORTERS)
ACCEPT = Deed("acceptTicket", "accepted", role.HANDLERS, {Status.DRAFTED: Status.ACCEPTED})
DISPATCH = Deed("dispatchTicket", "dispatched", role.HANDLERS, {Status.ACCEPTED: Status.DISPATCHED})
SIGN = Deed("signTicket", "signed", role.OFFICERS, {Status.DISPATCHED: Status.SIGNED})
RESOLVE = Deed(
    "resolveTicket",
    "resolved",
    role.OFFICERS,
    {Status.SIGNED: Status.RESOLVED, Status.IN_PROGRESS: Status.RESOLVED},
)
VERIFY = Deed("verifyTicket", "verified", role.HANDLERS, {Status.RESOLVED: Status.VERIFIED})
CALL_BACK = Deed("callBackTicket", "called_back", role.CALLERS_BACK, {Status.VERIFIED: Status.CALLED_BACK})
CLOSE = Deed("closeTicket", "closed", role.HANDLERS, {Status.CALLED_BACK: Status.CLOSED})

MOVES = (ACCEPT, DISPATCH, SIGN, RESOLVE, VERIFY, CALL_BACK, CLOSE)
DEEDS = (REPORT, *MOVES)


def allowed(status: Status) -> tuple[str, ...]:
    """The names of the deeds that a state allows, whoever may do them."""
    return tuple(deed.name for deed in MOVES if status in deed.moves)


def moved(ticket: Ticket, deed: Deed, at: datetime) -> Ticket:
    """The ticket after the deed, one version on; raises IllegalTransition where its state does not allow it."""
    status = deed.moves.get(ticket.status)
    if status is None:
        possible = allowed(ticket.status)
        then = f"it allows {', '.join(possible)}" if possible else "nothing more can be done with it"
        raise IllegalTransition(
            f"{deed.name} is not possible while the ticket is {ticket.status.value}: {then}",
            state=ticket.status.value,
            allowed=possible,
        )
    return replace(ticket, status=status, version=ticket.version + 1, updated_at=at)


def number(day: date, serial: int) -> str:
    """The number that people quote: T, the day of the report in China, and a serial of at least six digits."""
    return f"T{day:%Y%m%d}-{serial:06d}"
