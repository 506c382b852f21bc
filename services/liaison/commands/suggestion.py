"""The ledger of suggestions: raised, accepted with an owner and a due day, answered, called back, solved."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.contact import contact_of
from services.chassis.db import Connection, Pool, acting, transaction
from services.chassis.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    UnknownCode,
    none_such,
    require_version,
)
from services.chassis.outbox import Telling, record, record_all
from services.chassis.principal import Principal
from services.chassis.text import checked_code
from services.chassis.vault import Vault
from services.liaison.commands.area import known_station
from services.liaison.commands.matter import raise_matter
from services.liaison.domain.access import CALLER, household_of, works_in
from services.liaison.domain.disclosure import KEPT_DAYS
from services.liaison.domain.matter import Source
from services.liaison.domain.role import EVERYBODY, HOSTS, Role
from services.liaison.domain.suggestion import (
    ACCEPT,
    ANSWER,
    ANSWER_IT,
    CALL_BACK,
    DECLINE,
    DISSATISFY,
    MATTER_DEEDS,
    MERGE,
    NOTE,
    PUBLISH,
    REASON,
    REMIND_DAYS,
    SOLVE,
    TEXT,
    Deed,
    Person,
    Satisfaction,
    State,
    Suggestion,
    check_due,
    check_owner,
    check_raised,
    checked_public,
    day_of,
    is_in_office,
    moved,
    require_may,
    require_no_matter_open,
)
from services.liaison.events import suggestion_event
from services.liaison.store import contact as contacts
from services.liaison.store import matter as matters
from services.liaison.store import session as sessions
from services.liaison.store import suggestion as store

LOOK_SECONDS = 60
BATCH = 200
RAISERS = HOSTS | {Role.GRID_WORKER, Role.RESIDENT}


class ContactInput(Part, frozen=True, kw_only=True):
    """Whom to call back: name, phone, or both."""

    name: str | None = None
    phone: str | None = None


class RaiseSuggestion(Input, frozen=True, kw_only=True):
    """In a session, at the duty station or by the app. `id` and `raised_at` are given by a phone that was offline at the time."""

    id: UUID | None = None
    area_code: str
    text: str
    category: str
    session_id: UUID | None = None
    source: Literal["DUTY", "APP"] | None = None
    household_id: UUID | None = None
    contact: ContactInput | None = None
    anonymous: bool = False
    raised_at: Annotated[datetime, Meta(tz=True)] | None = None


class Step(Input, frozen=True, kw_only=True):
    """The input of a deed. Without a version it is meant for the suggestion as it stands, with one only for that."""

    id: UUID
    version: int | None = None


class AcceptSuggestion(Step, frozen=True, kw_only=True):
    """The owner is a department, or the unit of an area: by default of the village. `opens_matter`: tickets see to it."""

    due: date
    department_code: str | None = None
    owner_area_code: str | None = None
    opens_matter: bool = True


class DeclineSuggestion(Step, frozen=True, kw_only=True):
    reason: str


class MergeSuggestion(Step, frozen=True, kw_only=True):
    into: UUID


class AnswerSuggestion(Step, frozen=True, kw_only=True):
    answer: str


class SolveSuggestion(Step, frozen=True, kw_only=True):
    evidence: str


class NoteSuggestionCallback(Step, frozen=True, kw_only=True):
    satisfaction: Satisfaction
    note: str | None = None


class PublishSuggestion(Step, frozen=True, kw_only=True):
    """`public_text` are its words as they may be read by everybody; by default as they were said."""

    public_text: str | None = None


class SupportSuggestion(Input, frozen=True, kw_only=True):
    id: UUID


def raise_suggestion(vault: Vault) -> Command:
    """The command raiseSuggestion. One of the same id that the caller raised before stays as it is."""

    async def run(doing: Doing, given: RaiseSuggestion) -> str:
        connection, principal, now = doing.connection, doing.principal, doing.clock.now()
        text = TEXT.check(given.text, "text")
        category = checked_code(given.category, "category")
        said = given.contact or ContactInput()
        contact = contact_of(said.name, said.phone, None, field_of="contact.")
        area = await known_station(connection, given.area_code)
        role = _raising(principal, area, given.household_id)
        raised_at = check_raised(given.raised_at, now)
        suggestion = Suggestion(
            id=given.id or uuid7(),
            area=area,
            source=await _source(connection, given, role, area, day_of(raised_at)),
            session=given.session_id,
            category=category,
            anonymous=given.anonymous,
            raised_at=raised_at,
            updated_at=now,
        )
        by = principal.subject
        if not await store.add(connection, suggestion, Person(by, given.household_id), text):
            earlier = await store.person(connection, suggestion.id)
            if earlier is None or earlier.by != by:
                raise Conflict("id is taken: choose a new UUID")
            return str(suggestion.id)
        if contact is not None:
            await contacts.keep(connection, vault, suggestion.id, "SUGGESTION", area, contact, by=by, at=now)
        # What staff does on behalf of somebody is theirs to answer for; an anonymous resident's name stands nowhere.
        known = None if given.anonymous and role is Role.RESIDENT else by
        await store.add_step(connection, suggestion, deed="raised", before=None, by=known, note=None)
        await _tell(connection, doing.clock, "raised", suggestion, None, raised_at)
        return str(suggestion.id)

    return Command("raiseSuggestion", RaiseSuggestion, RAISERS, run, "suggestion")


async def accept_suggestion(doing: Doing, given: AcceptSuggestion) -> str:
    """Raises InvalidInput for owner or due. One that is accepted again keeps its matter, which tickets open once."""
    due = check_due(given.due, today(doing.clock))
    before = await _held(doing, ACCEPT, given)
    department = None if given.department_code is None else checked_code(given.department_code, "departmentCode")
    department, owner_area = check_owner(before.area, department, given.owner_area_code)
    after = await _move(doing, ACCEPT, before, department=department, owner_area=owner_area, due=due)
    if given.opens_matter:
        person = None if before.anonymous else await store.person(doing.connection, before.id)
        await raise_matter(
            doing.connection,
            doing.clock,
            source=before.source,
            source_id=before.id,
            area=before.area,
            category=before.category,
            household=None if person is None else person.household,
            department=after.department,
            due=due,
            actor=doing.principal.subject,
        )
    return str(before.id)


async def decline_suggestion(doing: Doing, given: DeclineSuggestion) -> str:
    reason = REASON.check(given.reason, "reason")
    await _move(doing, DECLINE, await _held(doing, DECLINE, given), reason=reason)
    return str(given.id)


async def merge_suggestion(doing: Doing, given: MergeSuggestion) -> str:
    """Raises InvalidInput unless the other is one of the same village that goes on. Both are held, so that no two go into each other."""
    for key in sorted((given.id, given.into)):
        await store.lock(doing.connection, key)
    before = await _held(doing, MERGE, given)
    other = await store.stands(doing.connection, given.into)
    if other is None or given.into == before.id or other[0] != before.area:
        raise InvalidInput("into must be another suggestion of the village", field="into", rule="known.suggestion")
    if other[1] in (State.DUPLICATE, State.DECLINED):
        raise InvalidInput("into must be a suggestion that goes on", field="into", rule="suggestion.open")
    await _move(doing, MERGE, before, duplicate_of=given.into)
    return str(given.id)


async def answer_suggestion(doing: Doing, given: AnswerSuggestion) -> str:
    """Other words than those that were published are for whoever publishes them to review."""
    answer = ANSWER.check(given.answer, "answer")
    before = await _held(doing, ANSWER_IT, given)
    await _move(doing, ANSWER_IT, before, answer=answer, public_text=None, published_at=None)
    return str(given.id)


async def solve_suggestion(doing: Doing, given: SolveSuggestion) -> str:
    """Raises Conflict while its matter is under way."""
    evidence = NOTE.check(given.evidence, "evidence")
    before = await _held(doing, SOLVE, given)
    matter = await matters.standing(doing.connection, before.id)
    require_no_matter_open(None if matter is None else matter.ticket_state, raised=matter is not None)
    await _move(doing, SOLVE, before, evidence)
    return str(given.id)


async def note_callback(doing: Doing, given: NoteSuggestionCallback) -> str:
    """Raises InvalidInput where a person says of themselves that they were not reached."""
    deed = DISSATISFY if given.satisfaction is Satisfaction.DISSATISFIED else CALL_BACK
    note = None if given.note is None else NOTE.check(given.note, "note")
    if given.satisfaction is Satisfaction.UNREACHED and doing.principal.roles == {Role.RESIDENT}:
        raise InvalidInput("satisfaction must be your own", field="satisfaction", rule="role.satisfaction")
    await _move(doing, deed, await _held(doing, deed, given), note, satisfaction=given.satisfaction)
    return str(given.id)


async def publish_suggestion(doing: Doing, given: PublishSuggestion) -> str:
    """Its words come before everybody as reviewed here; raises InvalidInput where they hold an ID number or a phone number."""
    before = await _held(doing, PUBLISH, given)
    said = given.public_text or before.public_text or await store.words(doing.connection, before.id)
    public_text = checked_public(said)
    for answered in (before.answer, before.reason):
        if answered is not None:
            checked_public(answered)
    at = before.published_at or doing.clock.now()
    await _move(doing, PUBLISH, before, public_text=public_text, published_at=at)
    return str(given.id)


async def support_suggestion(doing: Doing, given: SupportSuggestion) -> str:
    """Counts each account once: a repetition changes nothing. Raises NotFound, or Conflict for one that does not go on."""
    connection, subject, now = doing.connection, doing.principal.subject, doing.clock.now()
    found = await store.stands(connection, given.id)
    if found is None:
        raise none_such("suggestion")
    if found[1] in (State.DECLINED, State.DUPLICATE):
        raise Conflict(f"supportSuggestion is not possible while the suggestion is {found[1]}")
    if await store.support(connection, given.id, subject, now):
        async with acting(connection, CALLER):
            suggestion = await store.lock(connection, given.id)
            supports = await store.count_support(connection, given.id)
            if suggestion is None:
                raise none_such("suggestion")
            event = suggestion_event("supported", suggestion, suggestion.state, now, supports=supports)
            await record(connection, doing.clock, event, subject=str(suggestion.id), area=suggestion.area)
    return str(given.id)


async def follow_matter(connection: Connection, clock: Clock, key: UUID, satisfaction: str | None) -> None:
    """What the callback of its ticket found: it is solved, or opened anew. Does nothing where the state of the suggestion does not fit.

    For the service itself.
    """
    found = next((each for each in MATTER_DEEDS if each == satisfaction), None)
    before = None if found is None else await store.lock(connection, key)
    if found is None or before is None or before.state not in (deed := MATTER_DEEDS[found]).moves:
        return
    after = moved(before, deed, clock.now(), satisfaction=found)
    await _save(connection, clock, deed, before, after, CALLER.subject, None)


async def keep_ledger(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks each minute for suggestions whose answer is due soon or overdue, and for contacts that were kept long enough, until stopped."""
    while not stop.is_set():
        while await ring(pool, clock) == BATCH:
            pass
        await tidy(pool, clock)
        await stopped_within(stop, LOOK_SECONDS)


async def tidy(pool: Pool, clock: Clock) -> int:
    """Forgets contacts that were kept long enough; returns how many."""
    ends = [State.SOLVED.value, State.DECLINED.value, State.DUPLICATE.value]
    async with transaction(pool, CALLER) as connection:
        return await contacts.forget(connection, clock.now() - timedelta(days=KEPT_DAYS), ends)


async def ring(pool: Pool, clock: Clock) -> int:
    """Tells once of each that is due soon, and once of each that is overdue; returns the greater number of the two, BATCH at most."""
    now, day = clock.now(), today(clock)
    async with transaction(pool, CALLER) as connection:
        found = {
            "reminded": await store.near(connection, day, REMIND_DAYS, BATCH),
            "alarmed": await store.past(connection, day, BATCH),
        }
        tellings = [
            Telling(suggestion_event(past, each, each.state, now), str(each.id), each.area, each.department)
            for past, some in found.items()
            for each in some
        ]
        await record_all(connection, clock, tellings)
    return max(len(some) for some in found.values())


def _raising(principal: Principal, area: str, household: UUID | None) -> Role:
    """The role under which the caller raises it: who is on staff there acts as such.

    Raises NotFound for staff outside their areas, Forbidden for another household.
    """
    for role in RAISERS:
        if role is not Role.RESIDENT and role in principal.roles and works_in(principal, area):
            return role
    if Role.RESIDENT not in principal.roles:
        raise NotFound("areaCode: outside your areas")
    if household is not None and household != household_of(principal):
        raise Forbidden("householdId: a resident speaks for their own household or for none")
    return Role.RESIDENT


async def _source(connection: Connection, given: RaiseSuggestion, role: Role, area: str, day: date) -> Source:
    """Where it was raised: in the session, at the station by its staff, or by the app. Raises InvalidInput, UnknownCode or Conflict."""
    if given.session_id is None:
        if role is Role.RESIDENT and given.source == "DUTY":
            raise InvalidInput("source: a resident raises by APP", field="source", rule="role.source")
        return Source(given.source or ("APP" if role is Role.RESIDENT else "DUTY"))
    if given.source is not None:
        raise InvalidInput("source is the session's own where sessionId is given", field="source", rule="role.source")
    session = await sessions.find(connection, given.session_id)
    if session is None:
        raise UnknownCode("session", field="sessionId")
    if session.area != area:
        raise InvalidInput("sessionId must be of a session in this village", field="sessionId", rule="session.area")
    if session.state in ("SKIPPED", "CANCELLED") or session.date > day:
        raise Conflict("sessionId: nothing can be raised in a session that is not held, or not yet")
    return Source(session.kind)


async def _held(doing: Doing, deed: Deed, given: Step) -> Suggestion:
    """Raises NotFound, Forbidden or StaleVersion, in this order."""
    suggestion = await store.lock(doing.connection, given.id)
    if suggestion is None:
        if await store.stands(doing.connection, given.id) is None:
            raise none_such("suggestion")
        raise Forbidden(f"{deed.name} is for those who see to the suggestion")
    require_may(deed, doing.principal, suggestion, await store.person(doing.connection, suggestion.id))
    require_version("suggestion", given.version, suggestion.version)
    return suggestion


async def _move(doing: Doing, deed: Deed, before: Suggestion, note: str | None = None, **changes: Any) -> Suggestion:
    """Raises IllegalTransition."""
    after, by = moved(before, deed, doing.clock.now(), **changes), doing.principal.subject
    known = by if not before.anonymous or is_in_office(deed, doing.principal, before) else None
    await _save(doing.connection, doing.clock, deed, before, after, known, note)
    return after


async def _save(
    connection: Connection,
    clock: Clock,
    deed: Deed,
    before: Suggestion,
    after: Suggestion,
    by: str | None,
    note: str | None,
) -> None:
    if not await store.save(connection, before, after):
        raise StaleVersion("suggestion", current=before.version)
    await store.add_step(connection, after, deed=deed.past, before=before.state, by=by, note=note)
    await _tell(connection, clock, deed.past, after, before.state, after.updated_at)


async def _tell(
    connection: Connection, clock: Clock, past: str, suggestion: Suggestion, previous: State | None, at: datetime
) -> None:
    event = suggestion_event(past, suggestion, previous, at)
    subject, department = str(suggestion.id), suggestion.department
    await record(connection, clock, event, subject=subject, area=suggestion.area, department=department)


def suggestion_commands(vault: Vault) -> tuple[Command, ...]:
    """The commands about suggestions."""
    return (
        raise_suggestion(vault),
        Command(ACCEPT.name, AcceptSuggestion, ACCEPT.roles, accept_suggestion, "suggestion"),
        Command(DECLINE.name, DeclineSuggestion, DECLINE.roles, decline_suggestion, "suggestion"),
        Command(MERGE.name, MergeSuggestion, MERGE.roles, merge_suggestion, "suggestion"),
        Command(ANSWER_IT.name, AnswerSuggestion, ANSWER_IT.roles, answer_suggestion, "suggestion"),
        Command(SOLVE.name, SolveSuggestion, SOLVE.roles, solve_suggestion, "suggestion"),
        Command(CALL_BACK.name, NoteSuggestionCallback, CALL_BACK.roles, note_callback, "suggestion"),
        Command(PUBLISH.name, PublishSuggestion, PUBLISH.roles, publish_suggestion, "suggestion"),
        Command("supportSuggestion", SupportSuggestion, EVERYBODY, support_suggestion, "suggestion"),
    )
