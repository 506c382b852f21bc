"""An errand (代办件): a matter that an agent (代办员) runs for somebody. Its state machine is data, as a ticket's is; a ticket stands behind each.

Who does a deed is told by the parts that one may have in an errand, not by roles alone: its agent, the person it is for, a handler of the area.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from services.chassis.principal import Principal
from services.chassis.text import Text
from services.tickets.domain.role import HANDLERS, WRITERS, Role
from services.tickets.domain.ticket import UNDONE, Source

SOURCES = frozenset({Source.WALK_IN, Source.VISIT, Source.APP, Source.HOTLINE})
"""How an errand can come in."""
PLACE = Text(100)
NAME = Text(60)
LATE = timedelta(days=7)
"""How long a phone may be without a network: what was done earlier cannot be told any more."""
LONGEST_MANDATE_DAYS = 366
MOST_ITEMS = 20
CODE_DIGITS = 8
"""Of the code that proves a delivery. Whoever guesses does so as the errand's agent, under their own name, and once in 10^8."""


class State(StrEnum):
    REQUESTED = "REQUESTED"
    MANDATED = "MANDATED"
    COLLECTED = "COLLECTED"
    SUBMITTED = "SUBMITTED"
    OBTAINED = "OBTAINED"
    DELIVERED = "DELIVERED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


STATES: Mapping[State, str] = {
    State.REQUESTED: "已申请",
    State.MANDATED: "已委托",
    State.COLLECTED: "已收件",
    State.SUBMITTED: "已递交",
    State.OBTAINED: "已取件",
    State.DELIVERED: "已送达",
    State.DONE: "已办结",
    State.CANCELLED: "已取消",
}
OPEN = tuple(state for state in State if state not in (State.DONE, State.CANCELLED))


class Part(StrEnum):
    """What somebody is in an errand."""

    AGENT = "AGENT"
    PERSON = "PERSON"
    HANDLER = "HANDLER"


@dataclass(frozen=True)
class Deed:
    """`name` is the GraphQL mutation, `past` the verb of history and events, `moves` from state to state."""

    name: str
    past: str
    title: str
    parts: tuple[Part, ...]
    moves: Mapping[State, State] = field(default_factory=dict)


_STAYS: Mapping[State, State] = {state: state for state in OPEN}

REQUEST = Deed("requestErrand", "requested", "申请代办", ())
ASSIGN = Deed("assignErrand", "assigned", "指派代办员", (Part.HANDLER,), _STAYS)
MANDATE = Deed(
    "mandateErrand",
    "mandated",
    "签署委托",
    (Part.PERSON, Part.AGENT, Part.HANDLER),
    {
        State.REQUESTED: State.MANDATED,
        **{state: state for state in (State.MANDATED, State.COLLECTED, State.SUBMITTED)},
    },
)
REVOKE = Deed("revokeMandate", "revoked", "撤销委托", (Part.PERSON, Part.AGENT, Part.HANDLER), _STAYS)
COLLECT = Deed(
    "collectDocuments",
    "collected",
    "收取证件",
    (Part.AGENT,),
    {
        State.MANDATED: State.COLLECTED,
        State.COLLECTED: State.COLLECTED,
        State.SUBMITTED: State.SUBMITTED,
    },
)
SUBMIT = Deed("submitErrand", "submitted", "递交办理", (Part.AGENT,), {State.COLLECTED: State.SUBMITTED})
OBTAIN = Deed("obtainErrand", "obtained", "取得结果", (Part.AGENT,), {State.SUBMITTED: State.OBTAINED})
DELIVER = Deed("deliverErrand", "delivered", "送达", (Part.AGENT,), {State.OBTAINED: State.DELIVERED})
FINISH = Deed("finishErrand", "finished", "办结", (Part.AGENT, Part.HANDLER), {State.DELIVERED: State.DONE})
CANCEL = Deed(
    "cancelErrand",
    "cancelled",
    "取消",
    (Part.PERSON, Part.AGENT, Part.HANDLER),
    {state: State.CANCELLED for state in OPEN if state is not State.DELIVERED},
)
MOVES = (ASSIGN, MANDATE, REVOKE, COLLECT, SUBMIT, OBTAIN, DELIVER, FINISH, CANCEL)
DEEDS = (REQUEST, *MOVES)

AlarmReason = Literal["OFFER_UNACCEPTED", "DOCUMENT_OVERDUE", "MANDATE_EXPIRED"]
"""What stands still: nobody accepts, a document does not come back, the mandate expired in the middle."""
RELATIONS: Mapping[str, str] = {
    "SELF": "本人",
    "SPOUSE": "配偶",
    "CHILD": "子女",
    "PARENT": "父母",
    "OTHER_KIN": "其他亲属",
    "ENTRUSTED": "受托人",
}
"""What the recipient of a delivery is to the person."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """`ticket` is its key, too. `agent` is a subject; `mandate` the one that it goes by; `submitted_to` a department's code; `moved_at` when
    its state last changed.
    """

    ticket: UUID
    area: str
    household: UUID | None = None
    person: UUID | None = None
    item: str
    state: State = State.REQUESTED
    agent: str | None = None
    mandate: UUID | None = None
    submitted_to: str | None = None
    trips: int = 0
    version: int = 1
    requested_by: str
    requested_at: datetime
    moved_at: datetime
    mandated_at: datetime | None = None
    delivered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of an errand's history: when it was done, and when it was told of."""

    errand: UUID
    version: int
    at: datetime
    recorded_at: datetime
    deed: str
    before: State | None
    after: State
    actor: str
    actor_role: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Somebody who runs errands: in which areas (codes that begin the errand's), and which items (none: all)."""

    subject: str
    name: str
    areas: Sequence[str]
    items: Sequence[str] = ()
    active: bool = True
    version: int = 1

    def refusal(self, area: str, item: str) -> str | None:
        """Why the agent may not run such an errand: the rule that is against it."""
        if not self.active:
            return "agent.active"
        if not any(area.startswith(code) for code in self.areas):
            return "agent.area"
        return "agent.item" if self.items and item not in self.items else None


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """What the person allows the agent to do (委托): items, from and to (days in China, both included), and how it was signed."""

    id: UUID
    errand: UUID
    household: UUID | None
    agent: str
    items: Sequence[str]
    valid_from: date
    valid_to: date
    form: str
    attachment: UUID | None
    signed_at: datetime
    signed_by: str
    revoked_at: datetime | None = None

    def refusal(self, errand: Errand, at: datetime) -> str | None:
        """Why nothing may be collected or submitted by it at that time: the rule that is against it."""
        day = at.astimezone(CHINA).date()
        if self.agent != errand.agent:
            return "mandate.agent"
        if errand.item not in self.items:
            return "mandate.items"
        if self.revoked_at is not None and self.revoked_at <= at:
            return "mandate.revoked"
        if day > self.valid_to:
            return "mandate.expired"
        return "mandate.early" if day < self.valid_from else None


_WHY = {
    "agent.active": "the agent runs no errands at present",
    "agent.area": "the agent runs no errands of this area",
    "agent.item": "the agent may not run this item",
    "mandate.missing": "nobody has signed a mandate yet",
    "mandate.agent": "the mandate was given to another agent; the person must sign one for this agent",
    "mandate.items": "the mandate does not hold this errand's item",
    "mandate.revoked": "the mandate was revoked; the person must sign a new one",
    "mandate.expired": "the mandate has expired; the person must sign a new one",
    "mandate.early": "the mandate is not valid yet",
}


def allowed(state: State) -> tuple[str, ...]:
    """The names of the deeds that a state allows, whoever may do them."""
    return tuple(deed.name for deed in MOVES if state in deed.moves)


def moved(errand: Errand, deed: Deed, at: datetime) -> Errand:
    """The errand after the deed, one version on; raises IllegalTransition where its state does not allow it."""
    state = deed.moves.get(errand.state)
    if state is None:
        possible = allowed(errand.state)
        then = f"it allows {', '.join(possible)}" if possible else "nothing more can be done with it"
        raise IllegalTransition(
            f"{deed.name} is not possible while the errand is {errand.state.value}: {then}",
            state=errand.state.value,
            allowed=possible,
        )
    after = replace(errand, state=state, version=errand.version + 1)
    if state is not errand.state:
        if at < errand.moved_at:
            raise InvalidInput(
                "occurredAt lies before what was last done with the errand", field="occurredAt", rule="occurred.order"
            )
        after = replace(
            after,
            moved_at=at,
            mandated_at=at if state is State.MANDATED else errand.mandated_at,
            delivered_at=at if state is State.DELIVERED else errand.delivered_at,
            ended_at=None if state in OPEN else at,
        )
    return after


def parts_of(principal: Principal, errand: Errand) -> Mapping[Part, Role]:
    """What the caller is in the errand, each part with the role under which they have it."""
    found: dict[Part, Role] = {}
    if Role.RESIDENT in principal.roles and _concerned(principal, errand):
        found[Part.PERSON] = Role.RESIDENT
    for part, roles, fits in (
        (Part.HANDLER, HANDLERS, principal.covers(errand.area)),
        (Part.AGENT, WRITERS, principal.subject == errand.agent),
    ):
        role = next((role for role in roles if role in principal.roles), None)
        if fits and role is not None:
            found[part] = Role.ERRAND_AGENT if part is Part.AGENT and Role.ERRAND_AGENT in principal.roles else role
    return found


def _concerned(principal: Principal, errand: Errand) -> bool:
    if errand.household is None:
        return errand.requested_by == principal.subject
    return principal.household == str(errand.household)


def role_for(deed: Deed, principal: Principal, errand: Errand) -> Role:
    """The role under which the caller does the deed; raises Forbidden where no part of theirs fits."""
    parts = parts_of(principal, errand)
    for part in deed.parts:
        if part in parts:
            return parts[part]
    who = {Part.AGENT: "the errand's agent", Part.PERSON: "the person it is for", Part.HANDLER: "a handler of its area"}
    raise Forbidden(f"{deed.name} is for {' or '.join(who[part] for part in deed.parts)}")


def occurred(given: datetime | None, now: datetime) -> datetime:
    """When a deed was done: now, unless a phone without a network tells of it later. Raises InvalidInput outside the bounds."""
    if given is None:
        return now
    if given.tzinfo is None:
        raise InvalidInput("occurredAt must have a time zone", field="occurredAt", rule="form")
    if given > now:
        raise InvalidInput("occurredAt lies ahead", field="occurredAt", rule="occurred.future")
    if given < now - LATE:
        raise InvalidInput(f"occurredAt lies more than {LATE.days} days back", field="occurredAt", rule="occurred.late")
    return given


def assigned(errand: Errand, agent: Agent, field: str) -> Errand:
    """The errand with that agent; raises InvalidInput where they may not run it."""
    if (rule := agent.refusal(errand.area, errand.item)) is not None:
        raise InvalidInput(f"{field}: {_WHY[rule]}", field=field, rule=rule)
    return replace(errand, agent=agent.subject)


def require_agent(errand: Errand) -> str:
    if errand.agent is None:
        raise Conflict("the errand has no agent yet: assignErrand first", field="agent", rule="agent.missing")
    return errand.agent


def require_mandate(errand: Errand, mandate: Mandate | None, at: datetime) -> None:
    """Raises Conflict unless the errand's mandate was valid at that time."""
    rule = "mandate.missing" if mandate is None else mandate.refusal(errand, at)
    if rule is not None:
        raise Conflict(_WHY[rule], field="mandate", rule=rule)


def check_mandate(items: Collection[str], valid_from: date, valid_to: date, today: date) -> None:
    """Raises InvalidInput for a mandate that nobody could sign today."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidInput(f"items: 1 to {MOST_ITEMS}", field="items", rule="mandate.items")
    if valid_to < valid_from:
        raise InvalidInput("validTo lies before validFrom", field="validTo", rule="mandate.span")
    if valid_to < today:
        raise InvalidInput("validTo has passed", field="validTo", rule="mandate.span")
    if valid_from < today - LATE:
        raise InvalidInput(f"validFrom lies more than {LATE.days} days back", field="validFrom", rule="mandate.span")
    if (valid_to - valid_from).days >= LONGEST_MANDATE_DAYS:
        raise InvalidInput(
            f"a mandate holds for at most {LONGEST_MANDATE_DAYS} days", field="validTo", rule="mandate.span"
        )


def least_loaded(agents: Iterable[Agent], load: Mapping[str, int], errand: Errand) -> list[Agent]:
    """Who may run the errand, whoever has the fewest on hand first."""
    fit = [agent for agent in agents if agent.refusal(errand.area, errand.item) is None]
    return sorted(fit, key=lambda agent: (load.get(agent.subject, 0), agent.subject))


def require_unsettled(status: str) -> None:
    """Raises Conflict where the ticket is done: nothing more is taken from the person."""
    if status not in UNDONE:
        raise Conflict(f"the errand's ticket is {status}: nothing more is collected for it", rule="errand.settled")


def require_over(errand: Errand, doing: str) -> None:
    """Raises Conflict while the errand goes on."""
    if errand.ended_at is None:
        raise Conflict(
            f"{doing} is not possible while the errand is {errand.state.value}: finish or cancel it first",
            rule="errand.open",
        )
