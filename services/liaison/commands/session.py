"""What is done with a session by those who host it: moved, cancelled, given a topic, staffed, held."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from services.chassis.clock import clock_time
from services.chassis.commands import Command, Doing, Input
from services.chassis.envelope import EventData
from services.chassis.errors import Conflict, InvalidInput, StaleVersion, UnknownCode, none_such, require_version
from services.chassis.outbox import record
from services.chassis.text import checked_code
from services.liaison.commands.guards import GUARDS
from services.liaison.domain.role import HOSTS
from services.liaison.domain.session import (
    ASSIGN,
    CANCEL,
    HOLD,
    MOVE,
    SET_TOPIC,
    Deed,
    Session,
    State,
    cancelled,
    held,
    moved,
    require,
    with_topic,
)
from services.liaison.events import SessionCancelled, SessionHeld, SessionMovedByHand, SessionStaffAssigned
from services.liaison.store import series as plans
from services.liaison.store import session as store


class ChangeSession(Input, frozen=True, kw_only=True):
    """`version` is the one that the caller saw; without it the present one is meant."""

    id: UUID
    version: int | None = None


class MoveSession(ChangeSession, frozen=True, kw_only=True):
    """`opens` in China's time, 08:30; without it the time of the day stays."""

    date: calendar_date
    opens: str | None = None
    reason: str


class CancelSession(ChangeSession, frozen=True, kw_only=True):
    reason: str


class SetTopic(ChangeSession, frozen=True, kw_only=True):
    topic: str


class AssignStaff(ChangeSession, frozen=True, kw_only=True):
    """A department that is not required comes as well then."""

    department: str
    subject: str


class HoldSession(ChangeSession, frozen=True, kw_only=True):
    """`came` are the departments whose cadre came; without it nothing is said of them. `held_at` is given by a phone that was offline."""

    people: int
    topic: str | None = None
    outcome: str | None = None
    came: Annotated[Sequence[str], Meta(max_length=50)] | None = None
    held_at: Annotated[datetime, Meta(tz=True)] | None = None


async def taken(doing: Doing, given: ChangeSession) -> Session:
    """The session, locked; raises NotFound outside of what the caller hosts, or StaleVersion."""
    session = await store.take(doing.connection, given.id)
    if session is None:
        raise none_such("session")
    require_version("session", given.version, session.version)
    return session


async def change(doing: Doing, deed: Deed, before: Session, after: Session) -> None:
    """Saves it, unless a guard objects. Raises Conflict where somebody, or the day, is taken."""
    for guard in GUARDS:
        await guard(doing, deed, before, after)
    if not await store.keep(doing.connection, after, was=before.version):
        raise StaleVersion("session", current=before.version)


async def _tell(doing: Doing, session: Session, event: EventData) -> None:
    await record(doing.connection, doing.clock, event, subject=str(session.id), area=session.area)


async def move_session(doing: Doing, given: MoveSession) -> str:
    """To another day or time, and there it stays when the series is planned again. Who cannot come then is replaced by planning."""
    before = await taken(doing, given)
    now = doing.clock.now()
    opens = None if given.opens is None else clock_time(given.opens, "opens")
    after = moved(before, given.date, opens, given.reason, now)
    await store.free(doing.connection, after)
    await change(doing, MOVE, before, after)
    await plans.concern(doing.connection, after.series)
    event = SessionMovedByHand(
        session=after.id,
        kind=after.kind,
        area=after.area,
        due=after.due,
        before=before.date,
        after=after.date,
        opens=f"{after.opens:%H:%M}",
        at=now,
    )
    await _tell(doing, after, event)
    return str(after.id)


async def cancel_session(doing: Doing, given: CancelSession) -> str:
    """It will not be held; planning does not bring it back."""
    before = await taken(doing, given)
    after = cancelled(before, given.reason)
    await change(doing, CANCEL, before, after)
    await plans.concern(doing.connection, after.series)
    event = SessionCancelled(session=after.id, kind=after.kind, area=after.area, date=after.date, at=doing.clock.now())
    await _tell(doing, after, event)
    return str(after.id)


async def set_topic(doing: Doing, given: SetTopic) -> str:
    before = await taken(doing, given)
    await change(doing, SET_TOPIC, before, with_topic(before, given.topic))
    return str(before.id)


async def assign_staff(doing: Doing, given: AssignStaff) -> str:
    """Chooses whom a department sends. Raises UnknownCode, InvalidInput for who cannot be sent, Conflict for who is away or elsewhere."""
    before = await taken(doing, given)
    require(ASSIGN, before)
    department = checked_code(given.department, "department")
    fit = await store.fit(doing.connection, given.subject, department, before.area, before.date)
    if fit is None:
        raise UnknownCode("cadre", field="subject")
    if not (fit["sent"] and fit["within"] and fit["serving"]):
        raise InvalidInput(
            "subject: not a cadre of this department who may be sent to the village on that day",
            field="subject",
            rule="cadre.fit",
        )
    if fit["away"]:
        raise Conflict("subject is on leave on that day", field="subject", rule="cadre.leave")
    await store.assign(doing.connection, before.id, department, given.subject)
    await change(doing, ASSIGN, before, replace(before, version=before.version + 1))
    await plans.concern(doing.connection, before.series)
    event = SessionStaffAssigned(
        session=before.id,
        kind=before.kind,
        area=before.area,
        date=before.date,
        department=department,
        cadre=given.subject,
        at=doing.clock.now(),
    )
    await _tell(doing, before, event)
    return str(before.id)


async def hold_session(doing: Doing, given: HoldSession) -> str:
    """Writes down once that it was held; told again in the same words nothing changes. Raises Conflict where it was told otherwise."""
    before = await store.take(doing.connection, given.id)
    if before is None:
        raise none_such("session")
    staffed = await store.staffed(doing.connection, before.id)
    for n, department in enumerate(given.came or ()):
        if staffed.get(department, (None, ""))[0] is None:
            raise InvalidInput(
                f"came[{n}] names no department that sends somebody", field=f"came[{n}]", rule="session.staff"
            )
    if before.state is State.HELD:
        _require_same(before, given, {name for name, (_, state) in staffed.items() if state == "CAME"})
        return str(before.id)
    require_version("session", given.version, before.version)
    after = held(
        before,
        people=given.people,
        topic=given.topic,
        outcome=given.outcome,
        at=given.held_at,
        by=doing.principal.subject,
        now=doing.clock.now(),
    )
    await change(doing, HOLD, before, after)
    if given.came is not None:
        await store.came(doing.connection, after.id, list(given.came))
    assert after.held_at is not None  # noqa: S101  held just now
    event = SessionHeld(
        session=after.id,
        kind=after.kind,
        area=after.area,
        date=after.date,
        people=given.people,
        came=sorted(given.came or ()),
        held_at=after.held_at,
    )
    await _tell(doing, after, event)
    return str(after.id)


def _require_same(session: Session, given: HoldSession, came: set[str]) -> None:
    same = (
        given.people == session.people
        and (given.topic is None or given.topic.strip() == session.topic)
        and (given.outcome is None or given.outcome.strip() == session.outcome)
        and (given.came is None or set(given.came) == came)
    )
    if not same:
        raise Conflict("that it was held is written down already, otherwise", field="id", rule="session.held")


COMMANDS = (
    Command("moveSession", MoveSession, HOSTS, move_session, "session"),
    Command("cancelSession", CancelSession, HOSTS, cancel_session, "session"),
    Command("setTopic", SetTopic, HOSTS, set_topic, "session"),
    Command("assignStaff", AssignStaff, HOSTS, assign_staff, "session"),
    Command("holdSession", HoldSession, HOSTS, hold_session, "session"),
)
