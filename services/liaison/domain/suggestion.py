"""A suggestion (意见建议) and its state machine, which is data: errors, `Suggestion.allowed`, the ledger and tests are all made from DEEDS. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from services.chassis.principal import Principal
from services.chassis.text import Text, without_numbers
from services.liaison.domain.access import household_of
from services.liaison.domain.matter import Source
from services.liaison.domain.role import HOSTS, Role

TEXT = Text(2000, lines=True)
ANSWER = Text(4000, lines=True)
REASON = Text(500)
NOTE = Text(2000, lines=True)
LONGEST_DUE_DAYS = 366
LATEST_ARRIVAL = timedelta(days=31)
"""A phone that was offline may bring a suggestion so late."""
REMIND_DAYS = 3
"""So many days before it is due its owner is reminded."""


class State(StrEnum):
    """Where a suggestion stands: 待受理, 已受理, 不予受理, 并入同类, 已答复, 已解决, 重新办理."""

    RAISED = "RAISED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    DUPLICATE = "DUPLICATE"
    ANSWERED = "ANSWERED"
    SOLVED = "SOLVED"
    REOPENED = "REOPENED"


class Satisfaction(StrEnum):
    """What the person says when they are called back (回访)."""

    SATISFIED = "SATISFIED"
    DISSATISFIED = "DISSATISFIED"
    UNREACHED = "UNREACHED"


S = State
DUE = (S.ACCEPTED, S.REOPENED)
"""Somebody has it, and its answer is due."""
_ALL = tuple(State)


@dataclass(frozen=True)
class Deed:
    """What can be done. `name` is the mutation, `past` the verb of history and events, `moves` lead from state to state.

    `hosts` may do it where they host; `owner` says that officers of the department whose it is may, `person` that who raised it may.
    """

    name: str
    past: str
    moves: Mapping[State, State]
    hosts: bool = True
    owner: bool = False
    person: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """All who may, somewhere."""
        officers = (Role.DEPARTMENT_OFFICER,) if self.owner else ()
        people = (Role.RESIDENT, Role.GRID_WORKER) if self.person else ()
        return frozenset((*(HOSTS if self.hosts else ()), *officers, *people))


def _stays(states: Iterable[State]) -> dict[State, State]:
    return {state: state for state in states}


ACCEPT = Deed("acceptSuggestion", "accepted", {S.RAISED: S.ACCEPTED, S.REOPENED: S.ACCEPTED})
DECLINE = Deed("declineSuggestion", "declined", {S.RAISED: S.DECLINED})
MERGE = Deed("mergeSuggestion", "merged", {S.RAISED: S.DUPLICATE})
ANSWER_IT = Deed(
    "answerSuggestion",
    "answered",
    {S.ACCEPTED: S.ANSWERED, S.REOPENED: S.ANSWERED, **_stays((S.ANSWERED, S.SOLVED))},
    owner=True,
)
SOLVE = Deed("solveSuggestion", "solved", {S.ANSWERED: S.SOLVED})
CALL_BACK = Deed("noteSuggestionCallback", "called_back", _stays((S.ANSWERED, S.SOLVED)), owner=True, person=True)
DISSATISFY = replace(CALL_BACK, moves={S.ANSWERED: S.REOPENED, S.SOLVED: S.REOPENED})
"""The same with somebody who is dissatisfied."""
PUBLISH = Deed("publishSuggestion", "published", _stays(state for state in _ALL if state is not S.RAISED))
DEEDS = (ACCEPT, DECLINE, MERGE, ANSWER_IT, SOLVE, CALL_BACK, PUBLISH)

MATTER_DEEDS: Mapping[Satisfaction, Deed] = {
    Satisfaction.SATISFIED: Deed("matter", "solved", dict.fromkeys((*DUE, S.ANSWERED), S.SOLVED), hosts=False),
    Satisfaction.DISSATISFIED: Deed(
        "matter", "reopened", dict.fromkeys((S.ACCEPTED, S.ANSWERED, S.SOLVED), S.REOPENED), hosts=False
    ),
}
"""What its ticket's callback does to it."""
MATTER_OVER = frozenset({"CALLED_BACK", "CLOSED", "MERGED", "WITHDRAWN", "REFERRED_OUT"})
"""States of a ticket after which nobody works at it any more."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One line of the ledger. `area` is a village; a day is China's. `accepted_on` and `answered_on` are the first time, `solved_on` stands for
    as long as it is solved. The owner is a department or the unit of an area, neither before it was accepted.
    """

    id: UUID
    area: str
    source: Source
    session: UUID | None = None
    category: str
    state: State = State.RAISED
    anonymous: bool = False
    department: str | None = None
    owner_area: str | None = None
    due: date | None = None
    reason: str | None = field(default=None, repr=False)
    duplicate_of: UUID | None = None
    answer: str | None = field(default=None, repr=False)
    satisfaction: Satisfaction | None = None
    public_text: str | None = field(default=None, repr=False)
    published_at: datetime | None = None
    raised_at: datetime
    accepted_on: date | None = None
    answered_on: date | None = None
    solved_on: date | None = None
    updated_at: datetime
    version: int = 1


@dataclass(frozen=True)
class Person:
    """Who raised it: the account, and the household if one was named."""

    by: str
    household: UUID | None


def day_of(at: datetime) -> date:
    """The day in China."""
    return at.astimezone(CHINA).date()


def moved(suggestion: Suggestion, deed: Deed, at: datetime, **changes: Any) -> Suggestion:
    """The suggestion after the deed, one version on, with what else changes; raises IllegalTransition where its state does not allow it."""
    state = deed.moves.get(suggestion.state)
    if state is None:
        left = [each.name for each in DEEDS if suggestion.state in each.moves]
        raise IllegalTransition(
            f"{deed.name} is not possible while the suggestion is {suggestion.state}: it allows {', '.join(left) or 'nothing more'}",
            state=suggestion.state,
            allowed=left,
        )
    day = day_of(at)
    days: dict[str, Any] = {}
    if state is S.ACCEPTED and suggestion.accepted_on is None:
        days["accepted_on"] = day
    if deed is ANSWER_IT and suggestion.answered_on is None:
        days["answered_on"] = day
    if (state is S.SOLVED) != (suggestion.state is S.SOLVED):
        days["solved_on"] = day if state is S.SOLVED else None
    return replace(suggestion, state=state, version=suggestion.version + 1, updated_at=at, **days, **changes)


def require_may(deed: Deed, principal: Principal, suggestion: Suggestion, person: Person | None) -> None:
    """Raises Forbidden where no role of the caller's fits. `person` is None where the caller does not reach who raised it."""
    if is_in_office(deed, principal, suggestion):
        return
    if deed.person and person is not None and is_theirs(principal, person, anonymous=suggestion.anonymous):
        return
    who = ["who hosts in its village"]
    who += ["officers of the department whose it is"] if deed.owner else []
    who += ["whoever raised it"] if deed.person else []
    raise Forbidden(f"{deed.name} is for {', and for '.join(who)}")


def is_in_office(deed: Deed, principal: Principal, suggestion: Suggestion) -> bool:
    """Whether the caller does it as who hosts there, or as an officer of the department whose it is: by name, whoever raised it."""
    if not principal.covers(suggestion.area):
        return False
    if deed.hosts and principal.has(HOSTS):
        return True
    officer = Role.DEPARTMENT_OFFICER in principal.roles and principal.department is not None
    return deed.owner and officer and principal.department == suggestion.department


def is_theirs(principal: Principal, person: Person, *, anonymous: bool) -> bool:
    """Whether it is the caller's own, or of their household: an anonymous one is the person's alone."""
    household = household_of(principal)
    return person.by == principal.subject or (not anonymous and household is not None and person.household == household)


def check_due(due: date, today: date) -> date:
    """Raises InvalidInput for a day that is past, or over a year ahead."""
    if not 0 <= (due - today).days <= LONGEST_DUE_DAYS:
        raise InvalidInput(f"due must lie 0 to {LONGEST_DUE_DAYS} days ahead", field="due", rule="range")
    return due


def check_raised(at: datetime | None, now: datetime) -> datetime:
    """When it was said: now, or earlier where a phone was offline. Raises InvalidInput."""
    if at is None:
        return now
    if not now - LATEST_ARRIVAL <= at <= now:
        raise InvalidInput(
            f"raisedAt must be an instant of the last {LATEST_ARRIVAL.days} days", field="raisedAt", rule="range"
        )
    return at


def check_owner(area: str, department: str | None, owner_area: str | None) -> tuple[str | None, str | None]:
    """Department or area of whoever is to see to it: by default the village. Raises InvalidInput."""
    if department is not None and owner_area is not None:
        raise InvalidInput("give departmentCode or ownerAreaCode, not both", field="departmentCode", rule="required")
    if department is not None:
        return department, None
    if owner_area is not None and (not area.startswith(owner_area) or len(owner_area) not in (6, 9, 12)):
        raise InvalidInput(
            "ownerAreaCode must be the village, its township or its county", field="ownerAreaCode", rule="known.area"
        )
    return None, owner_area or area


def require_no_matter_open(ticket_state: str | None, *, raised: bool) -> None:
    """Raises Conflict while a matter is being seen to: its callback says whether it is solved. `ticket_state` as tickets told it last."""
    if raised and ticket_state not in MATTER_OVER:
        raise Conflict(
            "solveSuggestion: its matter is under way, and is solved when the person is called back about it"
        )


def checked_public(text: str) -> str:
    """Words that everybody may read; raises InvalidInput, also where they hold what looks like an ID number or a phone number."""
    return without_numbers(TEXT.check(text, "publicText"), "publicText")
