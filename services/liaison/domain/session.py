"""One meeting in one village: a Tuesday's gathering (一周一集中) or the 15th's dialogue (一月一沟通), and what may be done with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, IllegalTransition, InvalidInput
from services.chassis.text import Text

TOPIC = Text(100)
REASON = Text(500)
OUTCOME = Text(2000, lines=True)
MOST_PEOPLE = 100_000
FARTHEST = timedelta(days=400)
"""How far ahead a session may be moved."""


class Kind(StrEnum):
    """集中, 沟通日."""

    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"


class State(StrEnum):
    """计划, 已举行, 逢假不举行, 已取消."""

    PLANNED = "PLANNED"
    HELD = "HELD"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Deed:
    name: str
    states: Sequence[State]


MOVE = Deed("moveSession", (State.PLANNED, State.SKIPPED))
CANCEL = Deed("cancelSession", (State.PLANNED, State.SKIPPED))
SET_TOPIC = Deed("setTopic", (State.PLANNED,))
ASSIGN = Deed("assignStaff", (State.PLANNED,))
HOLD = Deed("holdSession", (State.PLANNED,))
DEEDS = (MOVE, CANCEL, SET_TOPIC, ASSIGN, HOLD)


@dataclass(frozen=True, kw_only=True)
class Session:
    """`due` is the day by the series, `date` the one on which it is. Times are China's. `by_hand`: somebody has decided on its day, or
    against it. `people` came, `outcome` and `topic` are in words.
    """

    id: UUID
    series: UUID | None
    kind: Kind
    area: str
    due: date
    date: date
    opens: time
    minutes: int
    state: State
    reason: str | None = None
    topic: str | None = None
    outcome: str | None = None
    people: int | None = None
    held_by: str | None = None
    held_at: datetime | None = None
    by_hand: bool = False
    version: int = 1

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.date, self.opens, CHINA)

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(minutes=self.minutes)


def key_of(series: UUID, area: str, due: date) -> UUID:
    """The same for the same village and day by the series, so that planning again finds it."""
    return uuid5(series, f"{area}/{due.isoformat()}")


def require(deed: Deed, session: Session) -> None:
    """Raises IllegalTransition where the session's state does not allow the deed."""
    if session.state not in deed.states:
        allowed = [each.name for each in DEEDS if session.state in each.states]
        then = f"it allows {', '.join(allowed)}" if allowed else "nothing more can be done with it"
        raise IllegalTransition(
            f"{deed.name} is not possible while the session is {session.state}: {then}",
            state=session.state,
            allowed=allowed,
        )


def check_time(opens: time, minutes: int, field: str) -> None:
    """A session ends on the day on which it begins; raises InvalidInput."""
    if not 15 <= minutes <= 600:
        raise InvalidInput("minutes must be from 15 to 600", field="minutes", rule="range")
    if opens.second or opens.microsecond or opens.tzinfo is not None:
        raise InvalidInput(f"{field} must be a time such as 08:30, China's", field=field, rule="form")
    if opens.hour * 60 + opens.minute + minutes >= 24 * 60:
        raise InvalidInput(f"{field} and minutes lead over midnight", field=field, rule="session.one.day")


def moved(session: Session, day: date, opens: time | None, reason: str, now: datetime) -> Session:
    """On another day or at another time, by hand; also a skipped one is held then. Raises IllegalTransition or InvalidInput."""
    require(MOVE, session)
    after = replace(
        session,
        date=day,
        opens=opens or session.opens,
        state=State.PLANNED,
        reason=REASON.check(reason, "reason"),
        by_hand=True,
        version=session.version + 1,
    )
    check_time(after.opens, after.minutes, "opens")
    if not now < after.begins <= now + FARTHEST:
        raise InvalidInput(
            f"date and opens must lie ahead, at most {FARTHEST.days} days", field="date", rule="session.ahead"
        )
    return after


def cancelled(session: Session, reason: str) -> Session:
    require(CANCEL, session)
    return replace(
        session,
        state=State.CANCELLED,
        reason=REASON.check(reason, "reason"),
        by_hand=True,
        version=session.version + 1,
    )


def with_topic(session: Session, topic: str) -> Session:
    require(SET_TOPIC, session)
    return replace(session, topic=TOPIC.check(topic, "topic"), version=session.version + 1)


def held(
    session: Session,
    *,
    people: int,
    topic: str | None,
    outcome: str | None,
    at: datetime | None,
    by: str,
    now: datetime,
) -> Session:
    """After it was held, at a time of its day: as given, else now or, told on a later day, when it ended.

    Raises IllegalTransition, InvalidInput, or Conflict on an earlier day.
    """
    require(HOLD, session)
    if not 0 <= people <= MOST_PEOPLE:
        raise InvalidInput(f"people must be from 0 to {MOST_PEOPLE}", field="people", rule="range")
    if at is not None and at > now:
        raise InvalidInput("heldAt lies in the future", field="heldAt", rule="not.future")
    if now.astimezone(CHINA).date() < session.date:
        raise Conflict("the session's day has not come", field="id", rule="session.early")
    if at is not None and at.astimezone(CHINA).date() != session.date:
        raise InvalidInput(
            "heldAt must lie on the session's day, by China's time", field="heldAt", rule="on.the.session.day"
        )
    late = now.astimezone(CHINA).date() > session.date
    return replace(
        session,
        state=State.HELD,
        people=people,
        topic=session.topic if topic is None else TOPIC.check(topic, "topic"),
        outcome=None if outcome is None else OUTCOME.check(outcome, "outcome"),
        held_by=by,
        held_at=at or (session.ends if late else now),
        version=session.version + 1,
    )
