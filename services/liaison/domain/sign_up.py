"""Who will come to a gathering, and with what: signed up, withdrawn, answered there or raised as a matter. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import Conflict, IllegalTransition, InvalidInput
from services.liaison.domain.session import OUTCOME, Kind, Session
from services.liaison.domain.session import State as SessionState

MOST_OF_ONE = 5
"""Topics with which one account may be signed up for one gathering."""


class State(StrEnum):
    """已报名, 已撤回, 已答复, 已转办."""

    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"
    ANSWERED = "ANSWERED"
    RAISED = "RAISED"


@dataclass(frozen=True, kw_only=True)
class SignUp:
    """`subject` signed up for themselves; None where staff (`signed_by`) did it for somebody. `area` is the session's village."""

    id: UUID
    session: UUID
    area: str
    subject: str | None
    household: UUID | None
    topic: str
    state: State = State.OPEN
    outcome: str | None = None
    signed_by: str
    signed_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    version: int = 1


def require_open(session: Session, now: datetime) -> None:
    """Raises InvalidInput for a session that is no gathering, Conflict where it is over or will not be."""
    if session.kind is not Kind.GATHERING:
        raise InvalidInput("sessionId: one signs up for gatherings only", field="sessionId", rule="session.gathering")
    if session.state is not SessionState.PLANNED or session.ends <= now:
        raise Conflict("the gathering is over, or will not be held", field="sessionId", rule="session.ahead")


def require_begun(session: Session, now: datetime) -> None:
    """Raises Conflict where nobody can have come yet."""
    if now < session.begins or session.state in (SessionState.SKIPPED, SessionState.CANCELLED):
        raise Conflict("the gathering has not begun, or was not held", field="id", rule="session.early")


def ended(sign_up: SignUp, state: State, by: str, at: datetime, outcome: str | None = None) -> SignUp:
    """After its end; what was answered may be raised as a matter as well. Raises IllegalTransition or InvalidInput."""
    allowed = {
        State.OPEN: (State.WITHDRAWN, State.ANSWERED, State.RAISED),
        State.ANSWERED: (State.RAISED,),
    }.get(sign_up.state, ())
    if state not in allowed:
        raise IllegalTransition(
            f"a sign-up that is {sign_up.state} cannot become {state}", state=sign_up.state, allowed=allowed
        )
    text = sign_up.outcome if outcome is None else OUTCOME.check(outcome, "outcome")
    return replace(sign_up, state=state, outcome=text, ended_by=by, ended_at=at, version=sign_up.version + 1)
