"""A dialogue is written down: its agenda, who came, what was studied. What changes is in its minutes at once, if there are any."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from uuid_utils.compat import uuid7

from services.chassis import outbox
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.db import Connection, acting
from services.chassis.envelope import EventData
from services.chassis.errors import Conflict, InvalidInput, NotFound, none_such, require_version
from services.chassis.text import Text
from services.liaison.commands.voting_body import Named, who_of
from services.liaison.domain.access import CALLER
from services.liaison.domain.dialogue import (
    MATERIAL,
    MOST_ATTENDEES,
    MOST_ITEMS,
    MOST_PEOPLE,
    PRESENTER,
    STUDIED,
    TITLE,
    AgendaKind,
    Attendee,
    AttendeeKind,
    Body,
    Item,
    people_by_kind,
    standing,
)
from services.liaison.domain.minutes import canonical, digest
from services.liaison.domain.role import HOSTS
from services.liaison.domain.session import CANCEL, HOLD, MOVE, Deed, Kind, Session
from services.liaison.events import AgendaSet, AttendanceNoted, StudyNoted
from services.liaison.store import dialogue as store
from services.liaison.store import minutes, proposal, voting_body
from services.liaison.store import session as sessions
from services.liaison.store.dialogue import Dialogue
from services.liaison.store.minutes import Draft

DECIDED = "a vote was decided by the attendance that is noted: more can have come, but not fewer"
Duration = Annotated[int, Meta(ge=1, le=600)]
People = Annotated[int, Meta(ge=0, le=MOST_PEOPLE)]


class ItemGiven(Part, frozen=True, kw_only=True):
    kind: AgendaKind
    title: str
    minutes: Duration
    presenter: str | None = None


class SetAgenda(Input, frozen=True, kw_only=True):
    """All items in order. `version` is the dialogue's, 0 where nothing was written down yet. `body_id`: which body meets."""

    session_id: UUID
    version: int
    items: Annotated[Sequence[ItemGiven], Meta(min_length=1, max_length=MOST_ITEMS)]
    body_id: UUID | None = None


class CountGiven(Part, frozen=True, kw_only=True):
    kind: AttendeeKind
    people: People


class AttendeeGiven(Named, frozen=True, kw_only=True):
    kind: AttendeeKind
    present: bool = True
    proxy_for: Named | None = None


class NoteAttendance(Input, frozen=True, kw_only=True):
    """Everything anew. Names are no duty: `counts` by kind are enough. `entitled` says how many of the body came, where it does not follow."""

    session_id: UUID
    version: int
    counts: Annotated[Sequence[CountGiven], Meta(max_length=len(AttendeeKind))] = ()
    people: Annotated[Sequence[AttendeeGiven], Meta(max_length=MOST_ATTENDEES)] = ()
    entitled: People | None = None


class NoteStudy(Input, frozen=True, kw_only=True):
    """`item` is a place of the agenda; `people` took part."""

    session_id: UUID
    item: int
    title: str
    material: str | None = None
    minutes: Duration
    presenter: str | None = None
    people: Annotated[int, Meta(ge=1, le=MOST_PEOPLE)]


async def held(doing: Doing, session: UUID, version: int | None = None, *, ahead: bool = False) -> Dialogue:
    """The dialogue of a session in the caller's areas, held for a change; before its day only where `ahead`.

    Raises NotFound, InvalidInput for a gathering, StaleVersion, or Conflict where it is cancelled, still ahead, or its minutes are published.
    """
    connection = doing.connection
    found = await sessions.find(connection, session)
    if found is None or not doing.principal.covers(found.area):
        raise none_such("dialogue")
    if found.kind is not Kind.DIALOGUE:
        raise InvalidInput("sessionId must name a dialogue, not a gathering", field="sessionId", rule="session.kind")
    await store.begin(connection, session)
    dialogue = await store.lock(connection, session)
    assert dialogue is not None  # noqa: S101  it was begun
    require_version("dialogue", version, dialogue.version)
    if dialogue.state not in ("PLANNED", "HELD"):
        raise Conflict(f"the session is {dialogue.state}: nothing happens at it", rule="session.state")
    if not ahead and dialogue.date > today(doing.clock):
        raise Conflict(f"the session is on {dialogue.date.isoformat()}, which lies ahead", rule="session.ahead")
    if dialogue.published is not None:
        raise Conflict("the minutes are published: nothing changes any more", rule="minutes.published")
    return dialogue


async def meeting(doing: Doing, dialogue: Dialogue) -> Body | None:
    """The body that meets, with its members on that day."""
    return None if dialogue.body is None else await voting_body.on(doing.connection, dialogue.body, dialogue.date)


async def written(doing: Doing, dialogue: Dialogue, event: EventData | None = None) -> None:
    """After each deed: one version on, the minutes follow, the event is told."""
    await store.changed(doing.connection, dialogue.session, dialogue.body)
    await redraft(doing, dialogue)
    if event is not None:
        await outbox.record(doing.connection, doing.clock, event, subject=str(dialogue.session), area=dialogue.area)


async def redraft(doing: Doing, dialogue: Dialogue, text: str | None = None) -> None:
    """Minutes that differ from the newest, or have another recorder, are a new version, which nobody has signed.

    Without `text` that of the newest stays, as does the recorder.
    """
    newest = await minutes.newest(doing.connection, dialogue.session)
    by = doing.principal.subject
    if text is None:
        if newest is None:
            return
        by, text = newest.drafted_by, newest.text
    record = await record_of(doing.connection, dialogue.session, text)
    sum_of = digest(record)
    if newest is not None and (sum_of, by) == (newest.digest, newest.drafted_by):
        return
    version = 1 if newest is None else newest.version + 1
    await minutes.add(
        doing.connection, dialogue.session, version, dialogue.area, record, sum_of, by=by, at=doing.clock.now()
    )


async def record_of(connection: Connection, session: UUID, text: str | None) -> str:
    """Canonical JSON of all that is written down, the same whoever asks."""
    async with acting(connection, CALLER):
        found: dict[str, Any] = await minutes.record(connection, session)
    return canonical({**found, "text": text})


async def require_fresh(connection: Connection, session: UUID, draft: Draft) -> None:
    """Raises Conflict where something has changed that the minutes do not have, such as the session's outcome."""
    if digest(await record_of(connection, session, draft.text)) != draft.digest:
        raise Conflict("what is written down has changed since: draft the minutes again", rule="minutes.stale")


async def set_agenda(doing: Doing, given: SetAgenda) -> str:
    """Raises as `held` does, InvalidInput, or Conflict where a study record or a vote hangs on what would change."""
    dialogue = await held(doing, given.session_id, given.version, ahead=True)
    if dialogue.state != "PLANNED":
        raise Conflict("the agenda is set before or during the dialogue, not when it was held", rule="session.state")
    items = [
        Item(
            kind=each.kind,
            title=TITLE.check(each.title, f"items[{n}].title"),
            minutes=each.minutes,
            presenter=_optional(PRESENTER, each.presenter, f"items[{n}].presenter"),
        )
        for n, each in enumerate(given.items)
    ]
    for place in await store.studied(doing.connection, dialogue.session):
        if place > len(items) or items[place - 1].kind not in STUDIED:
            raise Conflict(f"items: place {place} has a study record, and must stay a study", rule="agenda.studied")
    if given.body_id != dialogue.body:
        await _change_body(doing, dialogue, given.body_id)
    await store.put_agenda(doing.connection, dialogue.session, items)
    event = AgendaSet(session=dialogue.session, area=dialogue.area, body=given.body_id, items=[i.kind for i in items])
    await written(doing, replace(dialogue, body=given.body_id), event)
    return str(dialogue.session)


async def _change_body(doing: Doing, dialogue: Dialogue, body: UUID | None) -> None:
    """Who may vote becomes another question, so attendance must be noted anew."""
    if await proposal.any_voted(doing.connection, dialogue.session):
        raise Conflict("bodyId: a vote was opened or decided by the body that meets", rule="body.voted")
    if body is not None:
        found = await voting_body.on(doing.connection, body, dialogue.date)
        if found is None or found.area != dialogue.area:
            raise NotFound("bodyId: none such in that village", field="bodyId")
    await store.unnote(doing.connection, dialogue.session)


async def note_attendance(doing: Doing, given: NoteAttendance) -> str:
    """Who comes late is noted as well. Raises as `held` does, InvalidInput, or Conflict for fewer than those by whom a vote was decided."""
    dialogue = await held(doing, given.session_id, given.version)
    counted = {each.kind: each.people for each in given.counts}
    if len(counted) < len(given.counts):
        raise InvalidInput("counts names a kind twice", field="counts", rule="unique")
    attendees = [
        Attendee(
            who=who_of(each, f"people[{n}]"),
            kind=each.kind,
            present=each.present,
            proxy_for=None if each.proxy_for is None else who_of(each.proxy_for, f"people[{n}].proxyFor"),
        )
        for n, each in enumerate(given.people)
    ]
    people = people_by_kind(attendees, counted)
    now, before = standing(await meeting(doing, dialogue), people, attendees, given.entitled), dialogue.standing
    fewer = before is not None and now.present < before.present
    if fewer and await proposal.any_decided(doing.connection, dialogue.session):
        raise Conflict(DECIDED, rule="attendance.voted")
    await store.put_attendance(
        doing.connection, dialogue, people, attendees, now, by=doing.principal.subject, at=doing.clock.now()
    )
    event = AttendanceNoted(
        session=dialogue.session,
        area=dialogue.area,
        people=sum(people.values()),
        eligible=now.eligible,
        present=now.present,
        quorate=now.quorate,
    )
    await written(doing, dialogue, event)
    return str(dialogue.session)


async def note_study(doing: Doing, given: NoteStudy) -> str:
    """Raises as `held` does, or InvalidInput."""
    dialogue = await held(doing, given.session_id)
    if await store.item_kind(doing.connection, dialogue.session, given.item) not in STUDIED:
        raise InvalidInput("item must be a study's place in the agenda", field="item", rule="agenda.study")
    if dialogue.standing is not None and given.people > await store.people(doing.connection, dialogue.session):
        raise InvalidInput("people are more than came", field="people", rule="study.people")
    await store.add_study(
        doing.connection,
        uuid7(),
        dialogue.session,
        given.item,
        TITLE.check(given.title, "title"),
        material=_optional(MATERIAL, given.material, "material"),
        minutes=given.minutes,
        presenter=_optional(PRESENTER, given.presenter, "presenter"),
        people=given.people,
        by=doing.principal.subject,
        at=doing.clock.now(),
    )
    event = StudyNoted(session=dialogue.session, area=dialogue.area, minutes=given.minutes, people=given.people)
    await written(doing, dialogue, event)
    return str(dialogue.session)


async def guard(doing: Doing, deed: Deed, before: Session, _after: Session) -> None:
    """A dialogue is held when it is noted who came; it took place, and is neither moved nor cancelled, once that is noted or a vote was opened.

    Raises Conflict.
    """
    if before.kind is not Kind.DIALOGUE:
        return
    if deed is HOLD and not await store.noted(doing.connection, before.id):
        raise Conflict("note attendance first: numbers by kind are enough", rule="dialogue.attendance")
    if deed in (MOVE, CANCEL) and await store.begun(doing.connection, before.id):
        raise Conflict("it is noted who came, or a vote was opened: the dialogue took place", rule="dialogue.begun")


def _optional(form: Text, value: str | None, name: str) -> str | None:
    return None if value is None else form.check(value, name)


COMMANDS = (
    Command("setAgenda", SetAgenda, HOSTS, set_agenda, "dialogue"),
    Command("noteAttendance", NoteAttendance, HOSTS, note_attendance, "dialogue"),
    Command("noteStudy", NoteStudy, HOSTS, note_study, "dialogue"),
)
