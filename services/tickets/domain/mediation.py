"""Mediation (调解, 老娘舅): who mediates between whom, what came of it, and whether what was promised is done. Pure.

The law is the People's Mediation Law (人民调解法): art. 28 and 29 (an agreement in writing or by word of mouth, and what it says), 30 (when it
takes effect), 33 (judicial confirmation, asked for together within 30 days of that).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput, NotFound
from services.chassis.principal import Principal
from services.chassis.text import Text
from services.tickets.domain.role import Role

DISPUTE = "dispute"
"""The category under which a matter can be mediated."""
MEDIATORS: frozenset[str] = frozenset({Role.MEDIATOR})
CONFIRM_DAYS = 30
"""Judicial confirmation (司法确认): within so many days of the day on which the agreement takes effect."""
EFFECT = (
    "经人民调解委员会调解达成的调解协议，具有法律约束力，当事人应当按照约定履行。双方当事人认为有必要的，"
    "可以自调解协议生效之日起三十日内共同向人民法院申请司法确认（《人民调解法》第三十一条、第三十三条）。"
)
TRIED = Text(4000, lines=True)
FACTS = Text(4000, lines=True)
TERMS = Text(8000, lines=True)
WHAT = Text(500)
PROOF = Text(500)
PLACE = Text(100)
COMMITTEE = Text(60)
MOST_PARTIES = 20
MOST_MEDIATORS = 7
MOST_PLOTS = 10
MOST_OBLIGATIONS = 50
MOST_COPIES = 20
FARTHEST_DUE = timedelta(days=3660)
LATE = timedelta(days=30)
"""How long ago a session or a signature may have been when it is told of."""


class State(StrEnum):
    RUNNING = "RUNNING"
    AGREED = "AGREED"
    PARTLY = "PARTLY"
    FAILED = "FAILED"


STATES: Mapping[State, str] = {
    State.RUNNING: "调解中",
    State.AGREED: "达成协议",
    State.PARTLY: "部分达成协议",
    State.FAILED: "调解不成",
}


class Side(StrEnum):
    APPLICANT = "APPLICANT"
    RESPONDENT = "RESPONDENT"
    OTHER = "OTHER"


SIDES: Mapping[Side, str] = {Side.APPLICANT: "申请人", Side.RESPONDENT: "被申请人", Side.OTHER: "其他当事人"}


class Elsewhere(StrEnum):
    """Where a matter goes that mediation could not settle."""

    COURT = "COURT"
    ARBITRATION = "ARBITRATION"


FAILING: Mapping[str, str] = {
    "NO_AGREEMENT": "未能达成一致",
    "UNWILLING": "当事人不愿调解",
    "ABSENT": "当事人未到场",
    "OUT_OF_SCOPE": "不属于人民调解范围",
    "DANGER": "可能激化，需另行处理",
}


@dataclass(frozen=True)
class Deed:
    """`moves` from state to the states that it may lead to."""

    name: str
    past: str
    moves: Mapping[State, tuple[State, ...]] = field(default_factory=dict)


_SETTLED = (State.AGREED, State.PARTLY)
_STAYS: Mapping[State, tuple[State, ...]] = {state: (state,) for state in (State.RUNNING, *_SETTLED)}
OPEN = Deed("openMediation", "opened")
REVISE = Deed("reviseMediation", "revised", {State.RUNNING: (State.RUNNING,)})
SESSION = Deed("noteMediationSession", "noted", {State.RUNNING: (State.RUNNING,)})
DRAFT = Deed("draftAgreement", "drafted", _STAYS)
CONCLUDE = Deed(
    "concludeMediation",
    "concluded",
    {
        State.RUNNING: (*_SETTLED, State.FAILED),
        State.AGREED: _SETTLED,
        State.PARTLY: _SETTLED,
    },
)
PERFORM = Deed("performObligation", "performed", {state: (state,) for state in _SETTLED})
MOVES = (REVISE, SESSION, DRAFT, CONCLUDE, PERFORM)


@dataclass(frozen=True, kw_only=True)
class Mediation:
    """A case; `ticket` is its key. `open` obligations of the signed agreement are not performed, `overdue` of these are late."""

    ticket: UUID
    area: str
    state: State = State.RUNNING
    reason: str | None = None
    referred_to: Elsewhere | None = None
    signed_version: int | None = None
    open: int = 0
    overdue: int = 0
    version: int = 1
    opened_by: str
    opened_at: datetime
    concluded_by: str | None = None
    concluded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Mediator:
    """Somebody who mediates, in which areas (codes that begin the case's), for which committee (人民调解委员会), and of which household they are."""

    subject: str
    name: str
    areas: Sequence[str]
    committee: str
    household: UUID | None = None
    active: bool = True
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Party:
    """A household on record, and whom of it, or somebody from outside by name."""

    id: UUID
    side: Side
    household: UUID | None = None
    person: UUID | None = None
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """Who owes what by when."""

    party: UUID
    side: Side
    what: str
    due_on: date


def allowed(state: State) -> tuple[str, ...]:
    """The names of the deeds that a state allows, whoever may do them."""
    return tuple(deed.name for deed in MOVES if state in deed.moves)


def moved(mediation: Mediation, deed: Deed, to: State | None = None) -> Mediation:
    """The case after the deed, one version on, in the same state unless another is named; raises IllegalTransition."""
    to = to or mediation.state
    if to not in deed.moves.get(mediation.state, ()):
        possible = allowed(mediation.state)
        then = f"it allows {', '.join(possible)}" if possible else "nothing more can be done with it"
        raise IllegalTransition(
            f"{deed.name} to {to} is not possible while the mediation is {mediation.state}: {then}",
            state=mediation.state,
            allowed=possible,
        )
    return replace(mediation, state=to, version=mediation.version + 1)


def require_dispute(path: Sequence[str]) -> None:
    """`path` is the ticket's category and those above it. Raises Conflict unless it is a dispute's."""
    if DISPUTE not in path:
        raise Conflict(
            f"only a matter of the category {DISPUTE}, or of one below it, can be mediated",
            field="id",
            rule="mediation.dispute",
        )


def check_parties(parties: Sequence[Party]) -> None:
    """Raises InvalidInput that names the party by its place."""
    if not 2 <= len(parties) <= MOST_PARTIES:
        raise InvalidInput(f"parties: 2 to {MOST_PARTIES}", field="parties", rule="size")
    for side in (Side.APPLICANT, Side.RESPONDENT):
        if all(party.side is not side for party in parties):
            raise InvalidInput(f"parties must hold one that is {side}", field="parties", rule="mediation.sides")
    check_party_forms(parties, ())


def check_party_forms(parties: Sequence[Party], known: Sequence[Party]) -> None:
    """Raises InvalidInput for a party without household and name, one that is there already, or a household that is on two sides as a whole."""
    for n, party in enumerate(parties):
        name = f"parties[{n}]"
        if party.household is None and party.name is None:
            raise InvalidInput(f"{name}: give householdId or name", field=name, rule="required")
        if party.household is None and party.person is not None:
            raise InvalidInput(f"{name}.personId needs the householdId", field=f"{name}.householdId", rule="required")
        for other in (*known, *parties[:n]):
            if party.household is None or other.household != party.household:
                continue
            if other.person == party.person:
                raise InvalidInput(f"{name} is a party already", field=name, rule="unique")
            if other.side is not party.side and None in (other.person, party.person):
                raise InvalidInput(
                    f"{name}: a household that is on both sides needs the personId on each",
                    field=f"{name}.personId",
                    rule="mediation.sides",
                )


def check_mediators(mediators: Sequence[Mediator], area: str, households: Collection[UUID]) -> None:
    """Raises InvalidInput for one who does not mediate here, or whose own household is a party's (conflict of interest)."""
    if not 1 <= len(mediators) <= MOST_MEDIATORS:
        raise InvalidInput(f"mediators: 1 to {MOST_MEDIATORS}", field="mediators", rule="size")
    for n, mediator in enumerate(mediators):
        name = f"mediators[{n}]"
        if not mediator.active:
            raise InvalidInput(f"{name} does not mediate at present", field=name, rule="mediator.active")
        if not any(area.startswith(code) for code in mediator.areas):
            raise InvalidInput(f"{name} does not mediate in this area", field=name, rule="mediator.area")
        if mediator.household is not None and mediator.household in households:
            raise InvalidInput(f"{name} is of a party's household", field=name, rule="mediator.conflict")


def require_mediator(
    principal: Principal, mediation: Mediation, mediators: Collection[str], households: Collection[UUID]
) -> None:
    """Raises Forbidden for all but the case's mediators, and for one who turns out to be of a party's household."""
    if not principal.has(MEDIATORS) or not principal.covers(mediation.area):
        raise Forbidden("this is for the mediators of the area")
    if principal.household is not None and principal.household in {str(household) for household in households}:
        raise Forbidden("whoever is of a party's household does not mediate")
    if principal.subject not in mediators:
        raise Forbidden("this is for the mediators of the case: reviseMediation names them")


def check_obligations(obligations: Sequence[Obligation], today: date) -> None:
    if len(obligations) > MOST_OBLIGATIONS:
        raise InvalidInput(f"obligations: at most {MOST_OBLIGATIONS}", field="obligations", rule="size")
    for n, obligation in enumerate(obligations):
        if not today - LATE <= obligation.due_on <= today + FARTHEST_DUE:
            raise InvalidInput(
                f"obligations[{n}].dueOn: at most {LATE.days} days back and ten years ahead",
                field=f"obligations[{n}].dueOn",
                rule="obligation.due",
            )


def party_of(parties: Mapping[UUID, Side], key: UUID, name: str) -> Side:
    """The side of the party; raises NotFound for one that is none of the case."""
    if key not in parties:
        raise NotFound(f"{name}: no party of this mediation", field=name)
    return parties[key]


def check_day(day: date, today: date, name: str) -> date:
    """Raises InvalidInput for a day that lies ahead, or long back."""
    if not today - LATE <= day <= today:
        raise InvalidInput(f"{name}: today, or at most {LATE.days} days back", field=name, rule="day.span")
    return day


def check_time(at: datetime, now: datetime, name: str) -> datetime:
    if at.tzinfo is None:
        raise InvalidInput(f"{name} must have a time zone", field=name, rule="form")
    if at > now:
        raise InvalidInput(f"{name} lies ahead", field=name, rule="day.span")
    check_day(at.astimezone(CHINA).date(), now.astimezone(CHINA).date(), name)
    return at


def confirm_by(signed_on: date) -> date:
    """The last day on which the parties can together ask the court to confirm; the day of the signature does not count (民法典 art. 201)."""
    return signed_on + timedelta(days=CONFIRM_DAYS)
