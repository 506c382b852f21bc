"""People sign up for a gathering with a topic; what came is answered there, or raised as a matter."""

from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import Conflict, Forbidden, none_such
from services.chassis.outbox import record
from services.chassis.text import without_numbers
from services.liaison.commands.cadre import SERVING
from services.liaison.commands.matter import raise_matter
from services.liaison.domain.access import household_of, works_in
from services.liaison.domain.matter import Source
from services.liaison.domain.role import EVERYBODY, HOSTS, Role
from services.liaison.domain.session import TOPIC, Session
from services.liaison.domain.sign_up import MOST_OF_ONE, SignUp, State, ended, require_begun, require_open
from services.liaison.events import SignedUp, SignUpEnded
from services.liaison.store import session as sessions
from services.liaison.store import sign_up as store


class MakeSignUp(Input, frozen=True, kw_only=True):
    """A resident signs up for themselves, by default with their household; staff of the area for somebody, with a household or without.

    Everybody reads the topic.
    """

    session_id: UUID
    topic: str
    household_id: UUID | None = None


class WithdrawSignUp(Input, frozen=True, kw_only=True):
    id: UUID


class AnswerSignUp(Input, frozen=True, kw_only=True):
    id: UUID
    outcome: str


class RaiseSignUp(Input, frozen=True, kw_only=True):
    """`category` and `department` are codes of tickets, `due` the day by whose end all of it is to be done."""

    id: UUID
    category: str
    department: str | None = None
    due: date | None = None
    outcome: str | None = None


async def sign_up(doing: Doing, given: MakeSignUp) -> str:
    """The same topic again stays one. Raises NotFound, InvalidInput, Forbidden, or Conflict where it is over or too much."""
    session = await sessions.find(doing.connection, given.session_id)
    if session is None:
        raise none_such("session")
    require_open(session, doing.clock.now())
    principal = doing.principal
    own = not principal.has(SERVING)
    household = household_of(principal) if own and given.household_id is None else given.household_id
    if own and household != household_of(principal):
        raise Forbidden("householdId: a resident signs up with their own household")
    if not own and not works_in(principal, session.area):
        raise Forbidden("staff signs people up in their own areas")
    topic = without_numbers(TOPIC.check(given.topic, "topic"), "topic")
    if own and await store.others(doing.connection, session.id, principal.subject, topic) >= MOST_OF_ONE:
        raise Conflict(f"one signs up with at most {MOST_OF_ONE} topics", field="topic", rule="sign_up.most")
    made = SignUp(
        id=uuid7(),
        session=session.id,
        area=session.area,
        subject=principal.subject if own else None,
        household=household,
        topic=topic,
        signed_by=principal.subject,
        signed_at=doing.clock.now(),
    )
    key = await store.add(doing.connection, made)
    if key == made.id:
        event = SignedUp(sign_up=key, session=session.id, area=session.area, household=household, at=made.signed_at)
        await record(doing.connection, doing.clock, event, subject=str(key), area=session.area)
    return str(key)


async def _taken(doing: Doing, id_: UUID) -> tuple[SignUp, Session]:
    found = await store.take(doing.connection, id_)
    session = None if found is None else await sessions.find(doing.connection, found.session)
    if found is None or session is None:
        raise none_such("sign-up")
    return found, session


async def _end(doing: Doing, before: SignUp, state: State, outcome: str | None = None) -> str:
    after = ended(before, state, doing.principal.subject, doing.clock.now(), outcome)
    await store.keep(doing.connection, after)
    event = SignUpEnded(sign_up=after.id, session=after.session, area=after.area, state=state, at=doing.clock.now())
    await record(doing.connection, doing.clock, event, subject=str(after.id), area=after.area)
    return str(after.id)


async def withdraw_sign_up(doing: Doing, given: WithdrawSignUp) -> str:
    """By the person, who signed them up, or a host."""
    before, _ = await _taken(doing, given.id)
    return await _end(doing, before, State.WITHDRAWN)


async def answer_sign_up(doing: Doing, given: AnswerSignUp) -> str:
    """They came, and this was the answer."""
    before, session = await _hosted(doing, given.id)
    require_begun(session, doing.clock.now())
    return await _end(doing, before, State.ANSWERED, given.outcome)


async def raise_sign_up(doing: Doing, given: RaiseSignUp) -> str:
    """They came, and it is for tickets to see to."""
    before, session = await _hosted(doing, given.id)
    require_begun(session, doing.clock.now())
    key = await _end(doing, before, State.RAISED, given.outcome)
    await raise_matter(
        doing.connection,
        doing.clock,
        source=Source.GATHERING,
        source_id=before.id,
        area=before.area,
        category=given.category,
        household=before.household,
        department=given.department,
        due=given.due,
        actor=doing.principal.subject,
    )
    return key


async def _hosted(doing: Doing, id_: UUID) -> tuple[SignUp, Session]:
    found, session = await _taken(doing, id_)
    if not doing.principal.covers(session.area):
        raise Forbidden("this is for those who host the gathering")
    return found, session


COMMANDS = (
    Command("signUp", MakeSignUp, SERVING | {Role.RESIDENT}, sign_up, "signUp"),
    Command("withdrawSignUp", WithdrawSignUp, EVERYBODY, withdraw_sign_up, "signUp"),
    Command("answerSignUp", AnswerSignUp, HOSTS, answer_sign_up, "signUp"),
    Command("raiseSignUp", RaiseSignUp, HOSTS, raise_sign_up, "signUp"),
)
