"""Hand-overs of papers: collected at the door, handed in and fetched at a window, brought back; and the proof of the delivery.

Whoever changes a document holds its errand's row first, so that of two receivers one comes first and the other is told.
"""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import CHINA
from services.chassis.commands import Command, Doing, Input, Secret
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, UnknownCode
from services.chassis.outbox import record
from services.chassis.vault import Vault
from services.tickets.commands.errand import ALL, STAFF, Acting, Told, carry_out, held, require_attached, take_up
from services.tickets.domain import custody
from services.tickets.domain import errand as domain
from services.tickets.domain.custody import MOST_DOCUMENTS, PERSON, Document, Entry, Hand
from services.tickets.domain.errand import (
    CODE_DIGITS,
    COLLECT,
    DELIVER,
    OBTAIN,
    PLACE,
    RELATIONS,
    SUBMIT,
    Errand,
    Part,
    State,
    occurred,
    parts_of,
)
from services.tickets.domain.role import OFFICERS, Role
from services.tickets.domain.text import NOTE
from services.tickets.events import document_event
from services.tickets.store import calendar as calendars
from services.tickets.store import custody as store
from services.tickets.store import department as departments
from services.tickets.store import errand as errands

HANDS = frozenset({*ALL, *OFFICERS})
"""Whoever may hold a document."""


class GivenDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A paper: its kind, what it looks like, and of its number the last four characters at the most."""

    kind: str
    description: str | None = None
    last4: str | None = None


Given = Annotated[Sequence[GivenDocument], msgspec.Meta(max_length=MOST_DOCUMENTS)]
Ids = Annotated[Sequence[UUID], msgspec.Meta(max_length=MOST_DOCUMENTS)]


class CollectDocuments(Told, frozen=True, kw_only=True):
    """The person hands papers to the agent, who has them from then on. None: nothing is needed. `attachment_id`: the person's signature."""

    documents: Given | None = None
    place: str | None = None
    attachment_id: UUID | None = None


class SubmitErrand(Told, frozen=True, kw_only=True):
    """With papers that go to the department: with the picture of its receipt they are handed over, without one offered."""

    department_code: str
    document_ids: Ids | None = None
    place: str | None = None
    attachment_id: UUID | None = None


class ObtainErrand(Told, frozen=True, kw_only=True):
    """`documents` were issued by the department, `document_ids` come back from it; the agent has them all from then on."""

    documents: Given | None = None
    document_ids: Ids | None = None
    place: str | None = None
    attachment_id: UUID | None = None


class DeliverErrand(Told, frozen=True, kw_only=True):
    """All that the agent holds goes to the person, or to somebody else for them, proved by a signature on paper or by the person's code."""

    relation: str = "SELF"
    recipient_id: UUID | None = None
    signature_id: UUID | None = None
    code: str | None = None
    photo_id: UUID | None = None
    place: str | None = None


class Hands(Input, frozen=True, kw_only=True):
    """Papers of one errand; see Told."""

    id: UUID
    document_ids: Annotated[Sequence[UUID], msgspec.Meta(min_length=1, max_length=MOST_DOCUMENTS)]
    place: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None


class OfferDocuments(Hands, frozen=True, kw_only=True):
    """`to` is PERSON, AGENT or DEPARTMENT, `to_code` the agent's subject or the department's code. `attachment_id` is a picture of the
    receiver's signature, with which it is accepted, too.
    """

    to: str
    to_code: str | None = None
    attachment_id: UUID | None = None


class TellCode(Input, frozen=True, kw_only=True):
    id: UUID


# --- Deeds that move the errand ----------------------------------------------------------------------------------------


async def collect_documents(doing: Doing, given: CollectDocuments) -> str:
    """Raises Conflict without a valid mandate."""
    acting = await take_up(doing, COLLECT, given)
    await require_attached(doing, acting.before, attachmentId=given.attachment_id)
    await _require_mandate(doing, acting.before, acting.at)
    domain.require_unsettled(acting.behind.status)
    holder = custody.agent(domain.require_agent(acting.before))
    hand = acting.hand(given.place, given.attachment_id)
    await _register(acting, given.documents or (), PERSON, holder, hand)
    return await carry_out(acting)


async def submit_errand(doing: Doing, given: SubmitErrand) -> str:
    """Raises Conflict without a valid mandate, UnknownCode for a department that is not in the register."""
    acting = await take_up(doing, SUBMIT, given)
    await require_attached(doing, acting.before, attachmentId=given.attachment_id)
    await _require_mandate(doing, acting.before, acting.at)
    if not await departments.known(doing.connection, given.department_code):
        raise UnknownCode("department", field="departmentCode")
    hand, to = acting.hand(given.place, given.attachment_id), custody.department(given.department_code)
    known = await store.of_errand(doing.connection, acting.before.ticket)
    chosen = _chosen(known, given.document_ids or ())
    for document in chosen:
        _require_holder(document, custody.agent(domain.require_agent(acting.before)))
    await _offer(acting.doing, acting.before, chosen, to, hand, department=acting.behind.department)
    return await carry_out(acting, replace(acting.after, submitted_to=given.department_code))


async def obtain_errand(doing: Doing, given: ObtainErrand) -> str:
    acting = await take_up(doing, OBTAIN, given)
    await require_attached(doing, acting.before, attachmentId=given.attachment_id)
    errand = acting.before
    holder, hand = custody.agent(domain.require_agent(errand)), acting.hand(given.place, given.attachment_id)
    assert errand.submitted_to is not None  # noqa: S101  who has submitted has said to whom
    known = await store.of_errand(doing.connection, errand.ticket)
    claimed = _chosen(known, given.document_ids or ())
    for document in claimed:
        if not document.holder.startswith("department/"):
            raise Conflict("documentIds: a document is not at a department", field="documentIds", rule="custody.holder")
    due = await _due_on(doing, errand, acting.at)
    changes = [custody.accepted(document, holder, hand, due_on=due) for document in claimed]
    await _save(doing, errand, changes, acting.behind.department)
    await _register(acting, given.documents or (), custody.department(errand.submitted_to), holder, hand)
    return await carry_out(acting)


async def deliver_errand(vault: Vault, doing: Doing, given: DeliverErrand) -> str:
    """Raises InvalidInput without a proof, or for a code that is not this errand's; Conflict where the agent has offered a document elsewhere."""
    acting = await take_up(doing, DELIVER, given)
    await require_attached(doing, acting.before, signatureId=given.signature_id, photoId=given.photo_id)
    errand = acting.before
    if given.relation not in RELATIONS:
        raise InvalidInput(
            f"relation must be one of {', '.join(RELATIONS)}", field="relation", rule="delivery.relation"
        )
    if (given.signature_id is None) == (given.code is None):
        raise InvalidInput("either signatureId or code", field="signatureId", rule="delivery.proof")
    if given.code is not None and not hmac.compare_digest(_digits(given.code), code_of(vault, errand)):
        raise InvalidInput("code is not the one that the person was told", field="code", rule="delivery.code")
    hand = acting.hand(given.place, given.signature_id)
    holder = custody.agent(domain.require_agent(errand))
    due = await _due_on(doing, errand, acting.at)
    changes = [
        custody.accepted(document, PERSON, hand, due_on=due)
        for document in await store.of_errand(doing.connection, errand.ticket)
        if document.holder == holder
    ]
    await _save(doing, errand, changes, acting.behind.department)
    await errands.add_delivery(
        doing.connection,
        errand.ticket,
        given.recipient_id,
        given.relation,
        "CODE" if given.signature_id is None else "SIGNATURE",
        given.signature_id,
        given.photo_id,
        hand.place,
        acting.at,
        doing.principal.subject,
    )
    return await carry_out(acting)


async def tell_code(vault: Vault, doing: Doing, given: TellCode) -> dict[str, Any]:
    """The code that the person tells the agent at the door; for the person alone, once the errand is obtained."""
    errand = await held(doing, given.id)
    if Part.PERSON not in parts_of(doing.principal, errand):
        raise Forbidden("tellDeliveryCode is for the person the errand is for")
    if errand.state is not State.OBTAINED:
        raise Conflict(
            f"there is a code while the errand is {State.OBTAINED.value} only", field="id", rule="delivery.state"
        )
    return {"delivery": {"code": code_of(vault, errand)}}


def code_of(vault: Vault, errand: Errand) -> str:
    """Nobody can reckon it without the service's key, and nothing of it is kept."""
    number = int.from_bytes(vault.index(str(errand.ticket), field="delivery_code"))
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def _digits(code: str) -> str:
    return "".join(character for character in code if character in "0123456789")


# --- Deeds on single papers --------------------------------------------------------------------------------------------


async def offer_documents(doing: Doing, given: OfferDocuments) -> str:
    """Whoever holds them offers them. To a department nothing goes without a valid mandate, to an agent only if it is the errand's."""
    errand, chosen, at, note = await _take_up(doing, given)
    to = await _receiver(doing, errand, given)
    await require_attached(doing, errand, attachmentId=given.attachment_id)
    roles = {custody.require_acting(doing.principal, errand, document.holder, "offerDocuments") for document in chosen}
    if given.to == "DEPARTMENT":
        await _require_mandate(doing, errand, at)
    if given.attachment_id is not None and given.to == "AGENT":
        raise InvalidInput("attachmentId: an agent accepts in the app", field="attachmentId", rule="custody.proof")
    if given.attachment_id is not None and Role.RESIDENT in roles:
        raise InvalidInput("attachmentId: a resident offers in the app", field="attachmentId", rule="custody.proof")
    hand = _hand(doing, given, at, note, roles.pop(), given.attachment_id)
    await _offer(doing, errand, chosen, to, hand)
    return str(errand.ticket)


async def accept_documents(doing: Doing, given: Hands) -> str:
    """Whoever they are offered to has them from then on; the errand's agent may also take what the person or a department holds.

    Raises Conflict where somebody else was faster.
    """
    errand, chosen, at, note = await _take_up(doing, given)
    due = await _due_on(doing, errand, at)
    changes = []
    for document in chosen:
        to, role = _taker(doing, errand, document)
        if document.holder == PERSON:
            await _require_mandate(doing, errand, at)
            domain.require_unsettled((await errands.behind(doing.connection, errand.ticket)).status)
        changes.append(custody.accepted(document, to, _hand(doing, given, at, note, role), due_on=due))
    await _save(doing, errand, changes)
    return str(errand.ticket)


async def decline_documents(doing: Doing, given: Hands) -> str:
    """The receiver does not want them, or whoever holds them takes the offer back."""
    errand, chosen, at, note = await _take_up(doing, given)
    changes = []
    for document in chosen:
        offered = document.offered_to or PERSON
        receiver = custody.acts_for(doing.principal, errand, offered)
        role = receiver or custody.require_acting(doing.principal, errand, document.holder, "declineDocuments")
        hand = _hand(doing, given, at, note, role)
        changes.append(custody.declined(document, hand, by_holder=receiver is None))
    await _save(doing, errand, changes)
    return str(errand.ticket)


def _taker(doing: Doing, errand: Errand, document: Document) -> tuple[str, Role]:
    """For whom the caller takes the document, and the role; raises Conflict where it is taken, and Forbidden."""
    if document.offered_to is not None:
        role = custody.acts_for(doing.principal, errand, document.offered_to)
        if role is not None:
            return document.offered_to, role
    role = parts_of(doing.principal, errand).get(Part.AGENT)
    if role is not None and not document.holder.startswith("agent/"):
        return custody.agent(doing.principal.subject), role
    if custody.acts_for(doing.principal, errand, document.holder) is not None:
        raise Conflict("the document was accepted already", field="documentIds", rule="custody.accepted")
    raise Forbidden("acceptDocuments is for whoever the document is offered to")


async def _receiver(doing: Doing, errand: Errand, given: OfferDocuments) -> str:
    match given.to, given.to_code:
        case "PERSON", None:
            return PERSON
        case "AGENT", str(code):
            if code != errand.agent:
                raise InvalidInput("toCode must be the errand's agent", field="toCode", rule="custody.agent")
            return custody.agent(code)
        case "DEPARTMENT", str(code):
            if not await departments.known(doing.connection, code):
                raise UnknownCode("department", field="toCode")
            return custody.department(code)
    raise InvalidInput("to must be PERSON, or AGENT or DEPARTMENT with toCode", field="to", rule="custody.receiver")


# --- Parts -------------------------------------------------------------------------------------------------------------


async def _take_up(doing: Doing, given: Hands) -> tuple[Errand, list[Document], datetime, str | None]:
    """The errand and the chosen papers, held; when it was done, and the note."""
    note = None if given.note is None else NOTE.check(given.note, "note")
    errand = await held(doing, given.id)
    at = occurred(given.occurred_at, doing.clock.now())
    if errand.ended_at is not None:
        raise Conflict("the errand has ended", field="id", rule="errand.ended")
    return errand, _chosen(await store.of_errand(doing.connection, errand.ticket), given.document_ids), at, note


def _hand(
    doing: Doing, given: Hands, at: datetime, note: str | None, role: Role, attachment: UUID | None = None
) -> Hand:
    return Hand(
        at=at,
        recorded_at=doing.clock.now(),
        actor=doing.principal.subject,
        role=role,
        place=None if given.place is None else PLACE.check(given.place, "place"),
        attachment=attachment,
        note=note,
    )


def _chosen(known: Sequence[Document], ids: Sequence[UUID]) -> list[Document]:
    """The papers of these ids, each once; raises NotFound for one that is none of the errand's."""
    by_id = {document.id: document for document in known}
    for position, key in enumerate(ids):
        if key not in by_id:
            raise NotFound(f"documentIds[{position}]: none such of this errand", field=f"documentIds[{position}]")
    return [by_id[key] for key in dict.fromkeys(ids)]


def _require_holder(document: Document, holder: str) -> None:
    if document.holder != holder:
        raise Conflict("documentIds: the agent does not hold all of them", field="documentIds", rule="custody.holder")


async def _require_mandate(doing: Doing, errand: Errand, at: datetime) -> None:
    domain.require_mandate(errand, await errands.mandate(doing.connection, errand.mandate), at)


async def _register(acting: Acting, given: Sequence[GivenDocument], origin: str, holder: str, hand: Hand) -> None:
    """New papers, which come from their origin into the holder's hands."""
    doing, errand = acting.doing, acting.before
    due = await _due_on(doing, errand, acting.at)
    for position, one in enumerate(given):
        description, last4 = custody.check(one.kind, one.description, one.last4, f"documents[{position}]")
        document = Document(
            id=uuid7(),
            errand=errand.ticket,
            area=errand.area,
            kind=one.kind,
            description=description,
            last4=last4,
            origin=origin,
            holder=origin,
            handed_at=acting.at,
        )
        await store.add(doing.connection, document, custody.registered(document, hand))
        changes = [custody.accepted(document, holder, hand, due_on=due)]
        await _save(doing, errand, changes, acting.behind.department)


async def _offer(
    doing: Doing, errand: Errand, chosen: Sequence[Document], to: str, hand: Hand, department: str | None = None
) -> None:
    """Offers papers, and has them accepted at once where a picture of the receiver's signature is there."""
    hours, _ = await errands.rule(doing.connection, errand.area)
    due = await _due_on(doing, errand, hand.at)
    changes = []
    for document in chosen:
        after, entry = custody.offered(document, to, hand, until=hand.at + timedelta(hours=hours))
        changes.append((after, entry))
        if hand.attachment is not None:
            changes.append(custody.accepted(after, to, hand, due_on=due))
    await _save(doing, errand, changes, department)


async def _due_on(doing: Doing, errand: Errand, at: datetime) -> date:
    """The day by which what goes out now should be back."""
    _, days = await errands.rule(doing.connection, errand.area)
    day = at.astimezone(CHINA).date()
    return (await calendars.read(doing.connection, day.year)).workday(day, days)


async def _save(
    doing: Doing, errand: Errand, changes: Sequence[tuple[Document, Entry]], department: str | None = None
) -> None:
    if not await store.hand(doing.connection, changes):
        raise Conflict("a document has moved on meanwhile; read again", field="documentIds", rule="custody.moved")
    for document, entry in changes:
        event = document_event(errand, document, entry)
        await record(
            doing.connection, doing.clock, event, subject=str(errand.ticket), area=errand.area, department=department
        )


def custody_commands(vault: Vault) -> tuple[Command | Secret, ...]:
    return (
        Command(COLLECT.name, CollectDocuments, STAFF, collect_documents, "errand"),
        Command(SUBMIT.name, SubmitErrand, STAFF, submit_errand, "errand"),
        Command(OBTAIN.name, ObtainErrand, STAFF, obtain_errand, "errand"),
        Command(DELIVER.name, DeliverErrand, STAFF, partial(deliver_errand, vault), "errand"),
        Command("offerDocuments", OfferDocuments, HANDS, offer_documents, "errand"),
        Command("acceptDocuments", Hands, HANDS, accept_documents, "errand"),
        Command("declineDocuments", Hands, HANDS, decline_documents, "errand"),
        Secret("tellDeliveryCode", TellCode, frozenset({Role.RESIDENT}), partial(tell_code, vault)),
    )
