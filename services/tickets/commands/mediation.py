"""Mediation from its opening to what was promised, and the watch over dates."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
import structlog
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.db import Pool, transaction
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
from services.chassis.outbox import record
from services.chassis.principal import itself
from services.chassis.vault import Vault
from services.tickets.commands.moves import ReferTicket
from services.tickets.commands.team import Codes, covered
from services.tickets.commands.transition import Move, move
from services.tickets.domain import mediation as domain
from services.tickets.domain.mediation import (
    COMMITTEE,
    CONCLUDE,
    DRAFT,
    FACTS,
    FAILING,
    MEDIATORS,
    MOST_COPIES,
    MOST_MEDIATORS,
    MOST_OBLIGATIONS,
    MOST_PARTIES,
    MOST_PLOTS,
    OPEN,
    PERFORM,
    PLACE,
    PROOF,
    REVISE,
    SESSION,
    TERMS,
    TRIED,
    WHAT,
    Deed,
    Elsewhere,
    Mediation,
    Mediator,
    Obligation,
    Party,
    Side,
    State,
    check_mediators,
    check_parties,
    moved,
    require_dispute,
    require_mediator,
)
from services.tickets.domain.team import ADMINS, NAME
from services.tickets.domain.text import SUBJECT
from services.tickets.domain.ticket import MEDIATE, REFER, Referral
from services.tickets.events import MediationAlarmed, MediationReminded, mediation_event
from services.tickets.store import catalogue
from services.tickets.store import mediation as store

WATCH_SECONDS = 600
MOST_TOLD = 200

log = structlog.get_logger()

Subjects = Annotated[Sequence[str], msgspec.Meta(max_length=MOST_MEDIATORS)]
Plots = Annotated[Sequence[UUID], msgspec.Meta(max_length=MOST_PLOTS)]


class PartyGiven(Part, frozen=True, kw_only=True):
    """A household on record, and whom of it, or somebody from outside; the name is kept sealed."""

    side: Side
    household_id: UUID | None = None
    person_id: UUID | None = None
    name: str | None = None


Parties = Annotated[Sequence[PartyGiven], msgspec.Meta(max_length=MOST_PARTIES)]


class ReviseMediator(Input, frozen=True, kw_only=True):
    """A new mediator has no version. `household_id` is their own: they do not mediate for it."""

    subject: str
    version: int | None = None
    name: str
    areas: Codes
    committee: str
    household_id: UUID | None = None
    active: bool = True


async def revise_mediator(doing: Doing, given: ReviseMediator) -> str:
    """Raises InvalidInput, UnknownCode, NotFound, Conflict or StaleVersion."""
    mediator = Mediator(
        subject=SUBJECT.check(given.subject, "subject"),
        name=NAME.check(given.name, "name"),
        areas=await covered(doing, given.areas),
        committee=COMMITTEE.check(given.committee, "committee"),
        household=given.household_id,
        active=given.active,
        version=1 if given.version is None else given.version + 1,
    )
    if given.version is not None:
        known = await store.lock_mediator(doing.connection, mediator.subject)
        if known is None:
            raise none_such("mediator")
        if known.version != given.version:
            raise StaleVersion("mediator", current=known.version)
    if not await store.keep_mediator(doing.connection, mediator, doing.principal.subject, doing.clock.now()):
        raise Conflict("the mediator is there already: give the version", field="subject", rule="mediator.new")
    return mediator.subject


# --- Opening and revising ----------------------------------------------------------------------------------------------


class OpenMediation(Input, frozen=True, kw_only=True):
    """`id` is the ticket's. `plots` are those in dispute, as they were `as_of` that day, by default those that the ticket concerns."""

    id: UUID
    mediators: Subjects
    parties: Parties
    plots: Plots = ()
    as_of: date | None = None


class Told(Input, frozen=True, kw_only=True):
    """What every deed on a case may say. Without a version it is meant for the case as it stands."""

    id: UUID
    version: int | None = None


class ReviseMediation(Told, frozen=True, kw_only=True):
    """`mediators` are all of them; parties and plots come to those that are there."""

    mediators: Subjects | None = None
    parties: Parties = ()
    plots: Plots = ()
    as_of: date | None = None


@dataclass(frozen=True)
class Acting:
    """A deed under way: the case, held, as it is before, and the parties."""

    doing: Doing
    deed: Deed
    before: Mediation
    parties: Sequence[Party]

    @property
    def sides(self) -> dict[UUID, Side]:
        return {party.id: party.side for party in self.parties}

    @property
    def households(self) -> set[UUID]:
        return _households(self.parties)


def _households(parties: Sequence[Party]) -> set[UUID]:
    return {party.household for party in parties if party.household is not None}


async def take_up(doing: Doing, deed: Deed, ticket: UUID, version: int | None) -> Acting:
    """Holds the case for a deed of one of its mediators. Raises NotFound, Forbidden, StaleVersion or IllegalTransition."""
    mediation = await store.lock(doing.connection, ticket)
    if mediation is None:
        if await store.find(doing.connection, ticket) is None:
            raise none_such("mediation")
        raise Forbidden(f"{deed.name} is for the mediators of the area")
    parties = await store.parties(doing.connection, ticket)
    acting = Acting(doing, deed, mediation, parties)
    require_mediator(doing.principal, mediation, await store.on_case(doing.connection, ticket), acting.households)
    require_version("mediation", version, mediation.version)
    return acting


async def carry_out(acting: Acting, after: Mediation) -> str:
    """Saves the case and records the event; returns its key."""
    doing = acting.doing
    if not await store.move(doing.connection, after, was=acting.before.version):
        raise StaleVersion("mediation", current=acting.before.version)
    await _tell(doing, acting.deed.past, after, acting.before.state)
    return str(after.ticket)


async def _tell(doing: Doing, past: str, mediation: Mediation, before: State | None) -> None:
    event = mediation_event(past, mediation, before, doing.clock.now())
    await record(doing.connection, doing.clock, event, subject=str(mediation.ticket), area=mediation.area)


def _parties(given: Sequence[PartyGiven]) -> list[Party]:
    return [
        Party(
            id=uuid7(),
            side=each.side,
            household=each.household_id,
            person=each.person_id,
            name=None if each.name is None else NAME.check(each.name, f"parties[{n}].name"),
        )
        for n, each in enumerate(given)
    ]


async def _mediators(doing: Doing, subjects: Sequence[str], area: str, parties: Sequence[Party]) -> list[str]:
    """The subjects, each of somebody who may mediate this; raises UnknownCode or InvalidInput."""
    subjects = list(dict.fromkeys(subjects))
    known = await store.mediators(doing.connection, subjects)
    for n, subject in enumerate(subjects):
        if subject not in known:
            raise UnknownCode("mediator", field=f"mediators[{n}]")
    check_mediators([known[subject] for subject in subjects], area, _households(parties))
    return subjects


def open_mediation(vault: Vault) -> Command:
    """The command openMediation."""

    async def run(doing: Doing, given: OpenMediation) -> str:
        parties = _parties(given.parties)
        check_parties(parties)
        ticket = await store.behind(doing.connection, given.id)
        if ticket is None:
            raise none_such("ticket")
        day, now = today(doing.clock), doing.clock.now()
        path = await catalogue.path(doing.connection, ticket.category, day)
        require_dispute([category.code for category in path])
        subjects = await _mediators(doing, given.mediators, ticket.area, parties)
        mediation = Mediation(ticket=given.id, area=ticket.area, opened_by=doing.principal.subject, opened_at=now)
        await move(doing, MEDIATE, Move(client_key=given.client_key, id=given.id))
        if not await store.add(doing.connection, mediation):
            raise Conflict("the matter is mediated already", field="id", rule="mediation.new")
        await store.assign(doing.connection, given.id, subjects, now, anew=False)
        await store.add_parties(doing.connection, vault, mediation, parties, now)
        plots, as_of = set(given.plots), _as_of(given.as_of, day)
        if not plots:
            plots, as_of = set(ticket.plots), ticket.household_on or as_of
        await store.put_plots(doing.connection, mediation, sorted(plots), as_of, anew=False)
        await _tell(doing, OPEN.past, mediation, None)
        return str(given.id)

    return Command(OPEN.name, OpenMediation, MEDIATE.doers, run, "mediation")


def revise_mediation(vault: Vault) -> Command:
    """The command reviseMediation: any mediator of the area may do it, so that a case whose mediator falls out goes on."""

    async def run(doing: Doing, given: ReviseMediation) -> str:
        mediation = await store.lock(doing.connection, given.id)
        if mediation is None:
            raise none_such("mediation")
        known = await store.parties(doing.connection, given.id)
        acting = Acting(doing, REVISE, mediation, known)
        require_mediator(doing.principal, mediation, {doing.principal.subject}, acting.households)
        require_version("mediation", given.version, mediation.version)
        after, now = moved(mediation, REVISE), doing.clock.now()
        parties = _parties(given.parties)
        domain.check_party_forms(parties, known)
        if len(known) + len(parties) > MOST_PARTIES:
            raise InvalidInput(f"parties: at most {MOST_PARTIES} in all", field="parties", rule="size")
        wanted = sorted(await store.on_case(doing.connection, given.id)) if given.mediators is None else given.mediators
        subjects = await _mediators(doing, wanted, mediation.area, [*known, *parties])
        await store.assign(doing.connection, given.id, subjects, now, anew=True)
        await store.add_parties(doing.connection, vault, mediation, parties, now)
        plots, as_of = sorted(set(given.plots)), _as_of(given.as_of, today(doing.clock))
        await store.put_plots(doing.connection, mediation, plots, as_of, anew=True)
        return await carry_out(acting, after)

    return Command(REVISE.name, ReviseMediation, MEDIATORS, run, "mediation")


def _as_of(given: date | None, day: date) -> date:
    if given is not None and given > day:
        raise InvalidInput("asOf lies ahead", field="asOf", rule="day.span")
    return given or day


# --- Sessions, agreement, performance ----------------------------------------------------------------------------------


class NoteMediationSession(Told, frozen=True, kw_only=True):
    """Who was there: parties by id, mediators by subject, by default the caller. `tried` is for mediators alone."""

    held_at: datetime
    place: str
    parties: Annotated[Sequence[UUID], msgspec.Meta(max_length=MOST_PARTIES)]
    mediators: Subjects = ()
    tried: str


class ObligationGiven(Part, frozen=True, kw_only=True):
    party_id: UUID
    what: str
    due_on: date


class DraftAgreement(Told, frozen=True, kw_only=True):
    """The next version. `facts` are what the dispute was about, `terms` what was agreed; `oral`, where nobody wants it in writing."""

    facts: str
    terms: str
    obligations: Annotated[Sequence[ObligationGiven], msgspec.Meta(max_length=MOST_OBLIGATIONS)] = ()
    oral: bool = False
    copies: Annotated[int, msgspec.Meta(ge=1, le=MOST_COPIES)] = 3


class ConcludeMediation(Told, frozen=True, kw_only=True):
    """AGREED and PARTLY name the agreement's version, when it was signed and the paper's attachment; FAILED its reason."""

    outcome: State
    agreement_version: int | None = None
    signed_on: date | None = None
    attachment_id: UUID | None = None
    reason: str | None = None
    refer_to: Elsewhere | None = None


class PerformObligation(Input, frozen=True, kw_only=True):
    """`id` is the obligation's."""

    id: UUID
    performed_on: date | None = None
    proof: str
    attachment_id: UUID | None = None


async def note_session(doing: Doing, given: NoteMediationSession) -> str:
    tried, place = TRIED.check(given.tried, "tried"), PLACE.check(given.place, "place")
    acting = await take_up(doing, SESSION, given.id, given.version)
    after, now = moved(acting.before, SESSION), doing.clock.now()
    at = domain.check_time(given.held_at, now, "heldAt")
    for n, party in enumerate(given.parties):
        domain.party_of(acting.sides, party, f"parties[{n}]")
    mediators = list(dict.fromkeys(given.mediators or [doing.principal.subject]))
    known = await store.on_case(doing.connection, given.id)
    for n, subject in enumerate(mediators):
        if subject not in known:
            raise UnknownCode("mediator", field=f"mediators[{n}]")
    by = doing.principal.subject
    there = sorted(set(given.parties))
    await store.add_session(doing.connection, uuid7(), acting.before, tried, at, place, there, mediators, by, now)
    return await carry_out(acting, after)


async def draft_agreement(doing: Doing, given: DraftAgreement) -> str:
    facts, terms = FACTS.check(given.facts, "facts"), TERMS.check(given.terms, "terms")
    acting = await take_up(doing, DRAFT, given.id, given.version)
    after, now = moved(acting.before, DRAFT), doing.clock.now()
    obligations = [
        Obligation(
            party=each.party_id,
            side=domain.party_of(acting.sides, each.party_id, f"obligations[{n}].partyId"),
            what=WHAT.check(each.what, f"obligations[{n}].what"),
            due_on=each.due_on,
        )
        for n, each in enumerate(given.obligations)
    ]
    domain.check_obligations(obligations, today(doing.clock))
    await store.draft(
        doing.connection,
        acting.before,
        facts,
        terms,
        given.oral,
        given.copies,
        doing.principal.subject,
        now,
        obligations=[(uuid7(), each) for each in obligations],
    )
    return await carry_out(acting, after)


async def conclude_mediation(doing: Doing, given: ConcludeMediation) -> str:
    """A failed case, with where it goes, is referred out as its ticket: the history says so."""
    acting = await take_up(doing, CONCLUDE, given.id, given.version)
    after = moved(acting.before, CONCLUDE, given.outcome)
    after = replace(
        after, concluded_by=doing.principal.subject, concluded_at=doing.clock.now(), referred_to=given.refer_to
    )
    if given.outcome is not State.FAILED:
        return await carry_out(acting, await _signed(acting, after, given))
    if given.reason is None or given.reason not in FAILING:
        raise InvalidInput(f"reason must be one of {', '.join(FAILING)}", field="reason", rule="mediation.reason")
    for name in ("agreement_version", "signed_on", "attachment_id"):
        if getattr(given, name) is not None:
            raise InvalidInput("a mediation that failed has no agreement", field=name, rule="mediation.failed")
    if given.refer_to is not None:
        to = Referral(given.refer_to)
        note = f"调解不成：{FAILING[given.reason]}"
        step = ReferTicket(client_key=given.client_key, id=given.id, note=note, to=to)
        await move(doing, REFER, step, lambda ticket: replace(ticket, referred_to=to))
    return await carry_out(acting, replace(after, reason=given.reason))


async def _signed(acting: Acting, after: Mediation, given: ConcludeMediation) -> Mediation:
    """The case with the agreement of that version signed, which takes the place of an earlier one."""
    connection, before = acting.doing.connection, acting.before
    if given.reason is not None:
        raise InvalidInput("reason is for a mediation that failed", field="reason", rule="mediation.reason")
    if given.outcome is State.AGREED and given.refer_to is not None:
        raise InvalidInput("referTo: all is agreed", field="referTo", rule="mediation.agreed")
    if given.agreement_version is None:
        raise InvalidInput("agreementVersion is missing", field="agreementVersion", rule="required")
    agreement = await store.agreement(connection, before.ticket, given.agreement_version)
    if agreement is None:
        raise NotFound("agreementVersion: none such", field="agreementVersion")
    if given.agreement_version <= (before.signed_version or 0) or agreement["signed_on"] is not None:
        raise Conflict(
            "an agreement of this version or a later one is signed", field="agreementVersion", rule="agreement.signed"
        )
    if given.attachment_id is None and not agreement["oral"]:
        raise InvalidInput(
            "attachmentId: the signed paper is required, unless the agreement is oral",
            field="attachmentId",
            rule="agreement.paper",
        )
    day = today(acting.doing.clock)
    on = domain.check_day(given.signed_on or day, day, "signedOn")
    if not await store.sign(connection, before.ticket, given.agreement_version, on, given.attachment_id):
        raise Conflict("the agreement is signed already", field="agreementVersion", rule="agreement.signed")
    if given.attachment_id is not None:
        await _keep_confidential(acting, given.attachment_id)
    open_, overdue = await store.unperformed(connection, before.ticket, given.agreement_version)
    return replace(after, signed_version=given.agreement_version, open=open_, overdue=overdue)


async def _keep_confidential(acting: Acting, attachment: UUID) -> None:
    """From now on only those who may see the agreement see the paper; raises NotFound where it is none of the matter's."""
    if not await store.keep_confidential(acting.doing.connection, acting.before.ticket, attachment):
        raise NotFound("attachmentId: no document of this matter", field="attachmentId")


async def perform_obligation(doing: Doing, given: PerformObligation) -> str:
    proof = PROOF.check(given.proof, "proof")
    found = await store.obligation(doing.connection, given.id)
    if found is None:
        raise none_such("obligation")
    acting = await take_up(doing, PERFORM, found["ticket"], None)
    after = moved(acting.before, PERFORM)
    if found["version"] != acting.before.signed_version:
        raise Conflict("the obligation is of an agreement that is not in force", field="id", rule="obligation.version")
    day = today(doing.clock)
    on = domain.check_day(given.performed_on or day, day, "performedOn")
    if not await store.perform(doing.connection, given.id, on, proof, given.attachment_id, doing.principal.subject):
        raise Conflict("the obligation is performed already", field="id", rule="obligation.performed")
    if given.attachment_id is not None:
        await _keep_confidential(acting, given.attachment_id)
    open_, overdue = await store.unperformed(doing.connection, found["ticket"], found["version"])
    return await carry_out(acting, replace(after, open=open_, overdue=overdue))


def mediation_commands(vault: Vault) -> tuple[Command, ...]:
    return (
        open_mediation(vault),
        revise_mediation(vault),
        Command("reviseMediator", ReviseMediator, ADMINS, revise_mediator, "mediator"),
        Command(SESSION.name, NoteMediationSession, MEDIATORS, note_session, "mediation"),
        Command(DRAFT.name, DraftAgreement, MEDIATORS, draft_agreement, "mediation"),
        Command(CONCLUDE.name, ConcludeMediation, MEDIATORS, conclude_mediation, "mediation"),
        Command(PERFORM.name, PerformObligation, MEDIATORS, perform_obligation, "mediation"),
    )


# --- Dates -------------------------------------------------------------------------------------------------------------


async def watch(pool: Pool, clock: Clock) -> int:
    """Tells, once each, of obligations that are due soon and of those that are overdue; returns how many."""
    now, day = clock.now(), today(clock)
    async with transaction(pool, itself("tickets")) as connection:
        soon, late = await store.due(connection, day, MOST_TOLD)
        for kind, found, overdue in ((MediationReminded, soon, False), (MediationAlarmed, late, True)):
            for row in found:
                await store.told(connection, row["id"], row["ticket"], now, overdue=overdue)
                event = kind(
                    obligation=row["id"],
                    ticket=row["ticket"],
                    area=row["area"],
                    mediators=sorted(await store.on_case(connection, row["ticket"])),
                    due_on=row["due_on"],
                    at=now,
                )
                await record(connection, clock, event, subject=str(row["ticket"]), area=row["area"])
    return len(soon) + len(late)


async def keep_promises(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Every ten minutes, until told to stop."""
    while not stop.is_set():
        told = await watch(pool, clock)
        if told:
            log.info("obligations.told", obligations=told)
        if await stopped_within(stop, 0 if told else WATCH_SECONDS):
            return
