"""Errands from the request to the end, their mandates and visits. Hand-overs of papers are in custody.py."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
import structlog
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection, Pool, transaction
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
from services.tickets.commands.transition import begin
from services.tickets.domain import errand as domain
from services.tickets.domain.access import reporting_role
from services.tickets.domain.custody import Hand, require_in
from services.tickets.domain.errand import (
    ASSIGN,
    CANCEL,
    FINISH,
    MANDATE,
    MOST_ITEMS,
    NAME,
    PLACE,
    REQUEST,
    REVOKE,
    SOURCES,
    Agent,
    AlarmReason,
    Deed,
    Errand,
    Mandate,
    Part,
    Step,
    assigned,
    least_loaded,
    moved,
    occurred,
    parts_of,
    require_agent,
    role_for,
)
from services.tickets.domain.role import HANDLERS, REPORTERS, WRITERS, Role
from services.tickets.domain.text import NOTE, TITLE
from services.tickets.domain.ticket import Source
from services.tickets.events import CODE, ErrandAlarmed, errand_event
from services.tickets.store import area as areas
from services.tickets.store import attachment as attachments
from services.tickets.store import custody as papers
from services.tickets.store import errand as store
from services.tickets.store.errand import Behind

TRIPS = 2
"""How often somebody goes themselves where nobody has said for the item: to hand in, and to fetch."""
STAFF = frozenset(WRITERS)
ALL = frozenset(REPORTERS)
ADMINS = frozenset({Role.TOWNSHIP_CLERK, Role.CITY_ADMIN})
FARTHEST_VISIT = timedelta(days=90)
WATCH_SECONDS = 60
MOST_ALARMS = 200

log = structlog.get_logger()

Codes = Annotated[Sequence[str], msgspec.Meta(max_length=MOST_ITEMS)]


class Told(Input, frozen=True, kw_only=True):
    """What every deed on an errand may say. Without a version it is meant for the errand as it stands; `occurred_at` is when it was done, where
    a phone had no network then.
    """

    id: UUID
    version: int | None = None
    note: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class Acting:
    """A deed under way: the errand, held, as it is before and would be after it."""

    doing: Doing
    deed: Deed
    before: Errand
    after: Errand
    behind: Behind
    role: Role
    at: datetime
    note: str | None

    def hand(self, place: str | None = None, attachment: UUID | None = None) -> Hand:
        return Hand(
            at=self.at,
            recorded_at=self.doing.clock.now(),
            actor=self.doing.principal.subject,
            role=self.role,
            place=None if place is None else PLACE.check(place, "place"),
            attachment=attachment,
            note=self.note,
        )


async def held(doing: Doing, key: UUID) -> Errand:
    """The errand, held until the transaction ends; raises NotFound."""
    errand = await store.lock(doing.connection, key)
    if errand is None:
        raise none_such("errand")
    return errand


async def take_up(doing: Doing, deed: Deed, given: Told) -> Acting:
    """Holds the errand for a deed. Raises NotFound, Forbidden, StaleVersion, InvalidInput or IllegalTransition."""
    note = None if given.note is None else NOTE.check(given.note, "note")
    errand = await held(doing, given.id)
    role = role_for(deed, doing.principal, errand)
    require_version("errand", given.version, errand.version)
    at = occurred(given.occurred_at, doing.clock.now())
    after = moved(errand, deed, at)
    return Acting(doing, deed, errand, after, await store.behind(doing.connection, errand.ticket), role, at, note)


async def require_attached(doing: Doing, errand: Errand, **given: UUID | None) -> None:
    """Raises InvalidInput for an attachment, by the field that names it, which is none of the errand's ticket."""
    for field, key in given.items():
        if key is not None and not await attachments.belong(doing.connection, errand.ticket, [key]):
            raise InvalidInput(
                f"{field} names no attachment of the errand's ticket", field=field, rule="errand.attachment"
            )


async def carry_out(acting: Acting, after: Errand | None = None) -> str:
    """Saves the errand with a line of its history and the event; returns its key."""
    doing, errand = acting.doing, after or acting.after
    if not await store.update(doing.connection, errand, was=acting.before.version):
        raise StaleVersion("errand", current=acting.before.version)
    await _tell(
        doing, acting.deed, errand, acting.before, acting.role, acting.at, acting.behind.department, acting.note
    )
    return str(errand.ticket)


async def _tell(
    doing: Doing,
    deed: Deed,
    errand: Errand,
    before: Errand | None,
    role: Role,
    at: datetime,
    department: str | None = None,
    note: str | None = None,
) -> None:
    now = doing.clock.now()
    step = Step(
        errand=errand.ticket,
        version=errand.version,
        at=at,
        recorded_at=now,
        deed=deed.past,
        before=None if before is None else before.state,
        after=errand.state,
        actor=doing.principal.subject,
        actor_role=role,
        note=note,
    )
    await store.add_step(doing.connection, step)
    event = errand_event(deed.past, errand, None if before is None else before.state, at, now)
    subject = str(errand.ticket)
    await record(doing.connection, doing.clock, event, subject=subject, area=errand.area, department=department)


# --- From request to end -----------------------------------------------------------------------------------------------


class RequestErrand(Input, frozen=True, kw_only=True):
    """`item` is the code of a service item; `person` a member of the household whom it is for."""

    item: str
    area_code: str
    household_id: UUID | None = None
    person_id: UUID | None = None
    source: Source = Source.APP
    note: str | None = None


class AssignErrand(Told, frozen=True, kw_only=True):
    """Without an agent: whoever may run it and has the fewest on hand."""

    agent: str | None = None


class MandateErrand(Told, frozen=True, kw_only=True):
    """Signed by the person in the app, or on paper (`attachment_id`, its picture), or one of the household that is there (`mandate_id`).

    `items` are this errand's alone by default.
    """

    items: Codes | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    attachment_id: UUID | None = None
    mandate_id: UUID | None = None


class CancelErrand(Told, frozen=True, kw_only=True):
    note: str


async def request_errand(doing: Doing, given: RequestErrand) -> str:
    """Opens the ticket and the errand; returns its key. Raises InvalidInput, UnknownCode, NotFound or Forbidden as a report does."""
    item = checked_item(given.item, "item")
    note = None if given.note is None else NOTE.check(given.note, "note")
    if given.source not in SOURCES:
        raise InvalidInput(f"source must be one of {', '.join(sorted(SOURCES))}", field="source", rule="errand.source")
    if given.person_id is not None and given.household_id is None:
        raise InvalidInput("personId needs the householdId", field="householdId", rule="required")
    area = await areas.find(doing.connection, given.area_code)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    role = reporting_role(doing.principal, area.code, given.household_id)
    area.require_place(today(doing.clock))
    if role is Role.RESIDENT and given.source is not Source.APP:
        raise InvalidInput("source: a resident requests by APP", field="source", rule="role.source")
    known = await store.item(doing.connection, item, today(doing.clock))
    if known is None:
        raise UnknownCode("item", field="item")
    if not known["runs"]:
        raise InvalidInput("item names one that no agent runs", field="item", rule="item.agent")
    ticket = await begin(
        doing.connection,
        doing.clock,
        title=f"代办：{known['name']}"[: TITLE.most],
        description=note or f"申请代办：{known['name']}（{item}）。",
        category=known["category"],
        source=given.source,
        area=area.code,
        household=given.household_id,
        actor=doing.principal.subject,
        role=role,
        persons=() if given.person_id is None else (given.person_id,),
    )
    assert ticket is not None  # noqa: S101  only a source with an id of its own can have opened one already
    now = doing.clock.now()
    trips = await store.trips(doing.connection, item)
    errand = Errand(
        ticket=ticket,
        area=area.code,
        household=given.household_id,
        person=given.person_id,
        item=item,
        trips=TRIPS if trips is None else trips,
        requested_by=doing.principal.subject,
        requested_at=now,
        moved_at=now,
    )
    await store.insert(doing.connection, errand)
    await _tell(doing, REQUEST, errand, None, role, now, note=note)
    return str(ticket)


async def assign_errand(doing: Doing, given: AssignErrand) -> str:
    """Raises UnknownCode for nobody's subject, InvalidInput for an agent who may not run it, Conflict where nobody may."""
    acting = await take_up(doing, ASSIGN, given)
    if given.agent is None:
        agents = least_loaded(
            *await store.agents_of(doing.connection, acting.before.area, acting.before.item), acting.before
        )
        if not agents:
            raise Conflict("no agent may run this item in this area", field="agent", rule="agent.none")
        agent: Agent | None = agents[0]
    else:
        agent = await store.agent(doing.connection, given.agent)
    if agent is None:
        raise UnknownCode("agent", field="agent")
    return await carry_out(acting, assigned(acting.after, agent, "agent"))


async def mandate_errand(doing: Doing, given: MandateErrand) -> str:
    acting = await take_up(doing, MANDATE, given)
    agent = require_agent(acting.before)
    if given.mandate_id is not None:
        mandate = await store.mandate(doing.connection, given.mandate_id)
        if mandate is None or mandate.household is None or mandate.household != acting.before.household:
            raise NotFound("mandateId: none such of this household", field="mandateId")
        domain.require_mandate(acting.before, mandate, acting.at)
    else:
        mandate = await _signed(acting, agent, given)
    return await carry_out(acting, replace(acting.after, mandate=mandate.id))


async def _signed(acting: Acting, agent: str, given: MandateErrand) -> Mandate:
    doing, errand = acting.doing, acting.before
    on_paper = given.attachment_id is not None
    if not on_paper and Part.PERSON not in parts_of(doing.principal, errand):
        raise InvalidInput(
            "attachmentId: the signed paper is required, unless the person signs in the app",
            field="attachmentId",
            rule="mandate.signature",
        )
    items = [checked_item(item, f"items[{n}]") for n, item in enumerate(given.items or [errand.item])]
    if errand.item not in items:
        raise InvalidInput("items must hold the errand's item", field="items", rule="mandate.items")
    day = today(doing.clock)
    if given.valid_to is None:
        raise InvalidInput("validTo is missing", field="validTo", rule="required")
    valid_from = given.valid_from or day
    domain.check_mandate(items, valid_from, given.valid_to, day)
    await require_attached(doing, errand, attachmentId=given.attachment_id)
    mandate = Mandate(
        id=uuid7(),
        errand=errand.ticket,
        household=errand.household,
        agent=agent,
        items=items,
        valid_from=valid_from,
        valid_to=given.valid_to,
        form="PAPER" if on_paper else "APP",
        attachment=given.attachment_id,
        signed_at=acting.at,
        signed_by=doing.principal.subject,
    )
    await store.add_mandate(doing.connection, mandate)
    return mandate


async def revoke_mandate(doing: Doing, given: Told) -> str:
    acting = await take_up(doing, REVOKE, given)
    if acting.before.mandate is None:
        raise Conflict("nobody has signed a mandate yet", field="mandate", rule="mandate.missing")
    if not await store.revoke(doing.connection, acting.before.mandate, acting.at, doing.principal.subject):
        raise Conflict("the mandate was revoked already", field="mandate", rule="mandate.revoked")
    return await carry_out(acting)


async def finish_errand(doing: Doing, given: Told) -> str:
    """Raises Conflict while a document is out."""
    acting = await take_up(doing, FINISH, given)
    require_in(await papers.of_errand(doing.connection, given.id), FINISH.name)
    return await carry_out(acting)


async def cancel_errand(doing: Doing, given: CancelErrand) -> str:
    """Raises Conflict while a document is out."""
    acting = await take_up(doing, CANCEL, given)
    require_in(await papers.of_errand(doing.connection, given.id), CANCEL.name)
    return await carry_out(acting)


def checked_item(code: str, field: str) -> str:
    """Raises InvalidInput for what has not the form of a service item's code."""
    if not CODE.fullmatch(code):
        raise InvalidInput(f"{field} must be the code of a service item", field=field, rule="item.form")
    return code


# --- Visits ------------------------------------------------------------------------------------------------------------


class PlanErrandVisit(Input, frozen=True, kw_only=True):
    id: UUID
    planned_for: datetime
    place: str


class NoteErrandVisit(Input, frozen=True, kw_only=True):
    """`id` is the visit's. `outcome`: DONE, MISSED (nobody there) or CANCELLED."""

    id: UUID
    outcome: str
    note: str | None = None
    occurred_at: datetime | None = None


async def plan_visit(doing: Doing, given: PlanErrandVisit) -> str:
    """The agent will come to the door. Raises Conflict where there is no agent, or the errand has ended."""
    errand = await held(doing, given.id)
    _require_part(doing, errand, "planErrandVisit")
    now = doing.clock.now()
    if errand.ended_at is not None:
        raise Conflict("the errand has ended", rule="errand.ended")
    if given.planned_for.tzinfo is None or not now <= given.planned_for <= now + FARTHEST_VISIT:
        raise InvalidInput(
            f"plannedFor must be an instant with its time zone within the next {FARTHEST_VISIT.days} days",
            field="plannedFor",
            rule="visit.planned",
        )
    agent, place = require_agent(errand), PLACE.check(given.place, "place")
    by = doing.principal.subject
    await store.add_visit(
        doing.connection, uuid7(), errand.ticket, errand.area, agent, given.planned_for, place, by, now
    )
    return str(errand.ticket)


async def note_visit(doing: Doing, given: NoteErrandVisit) -> str:
    visit = await store.visit(doing.connection, given.id)
    if visit is None:
        raise none_such("visit")
    errand = await held(doing, visit["errand"])
    _require_part(doing, errand, "noteErrandVisit")
    if given.outcome not in ("DONE", "MISSED", "CANCELLED"):
        raise InvalidInput("outcome must be DONE, MISSED or CANCELLED", field="outcome", rule="visit.outcome")
    at = occurred(given.occurred_at, doing.clock.now())
    note = None if given.note is None else NOTE.check(given.note, "note")
    when = None if given.outcome == "CANCELLED" else at
    if not await store.note_visit(doing.connection, given.id, given.outcome, when, note):
        raise Conflict("the visit was noted already", rule="visit.noted")
    return str(errand.ticket)


def _require_part(doing: Doing, errand: Errand, name: str) -> None:
    if not {Part.AGENT, Part.HANDLER} & parts_of(doing.principal, errand).keys():
        raise Forbidden(f"{name} is for the errand's agent or a handler of its area")


# --- Agents and rules --------------------------------------------------------------------------------------------------


class ReviseErrandAgent(Input, frozen=True, kw_only=True):
    """A new agent has no version. `name` is what people are told; `items` none: every item."""

    subject: str
    version: int | None = None
    name: str
    areas: Codes
    items: Codes | None = None
    active: bool = True


class ReviseErrandRule(Input, frozen=True, kw_only=True):
    """For all areas that begin with the code."""

    area_code: str
    accept_hours: Annotated[int, msgspec.Meta(ge=1, le=720)]
    out_workdays: Annotated[int, msgspec.Meta(ge=1, le=250)]


class ReviseErrandItem(Input, frozen=True, kw_only=True):
    item: str
    trips: Annotated[int, msgspec.Meta(ge=0, le=20)]


async def revise_agent(doing: Doing, given: ReviseErrandAgent) -> str:
    """Raises Forbidden where an area is not the caller's, StaleVersion where the agent is another by now."""
    if not given.areas:
        raise InvalidInput("areas: one at least", field="areas", rule="required")
    for position, code in enumerate(given.areas):
        if await areas.find(doing.connection, code) is None:
            raise UnknownCode("area", field=f"areas[{position}]")
        if not doing.principal.covers(code):
            raise Forbidden(f"areas[{position}]: outside your areas")
    agent = Agent(
        subject=NAME.check(given.subject, "subject"),
        name=NAME.check(given.name, "name"),
        areas=given.areas,
        items=[checked_item(item, f"items[{n}]") for n, item in enumerate(given.items or ())],
        active=given.active,
    )
    known = await store.agent(doing.connection, agent.subject)
    if (None if known is None else known.version) != given.version:
        raise StaleVersion("agent", current=0 if known is None else known.version)
    if known is not None:
        if await store.lock_agent(doing.connection, agent.subject) is None:
            raise Forbidden("subject: an agent of other areas, too; somebody above revises them")
        agent = replace(agent, version=known.version + 1)
    if not await store.keep_agent(doing.connection, agent, doing.principal.subject, doing.clock.now()):
        raise StaleVersion("agent", current=1)
    return agent.subject


async def revise_rule(doing: Doing, given: ReviseErrandRule) -> str:
    if await areas.find(doing.connection, given.area_code) is None:
        raise UnknownCode("area", field="areaCode")
    if not doing.principal.covers(given.area_code):
        raise Forbidden("areaCode: outside your areas")
    by, now = doing.principal.subject, doing.clock.now()
    await store.revise_rule(doing.connection, given.area_code, given.accept_hours, given.out_workdays, by, now)
    return given.area_code


async def revise_item(doing: Doing, given: ReviseErrandItem) -> str:
    item = checked_item(given.item, "item")
    await store.revise_item(doing.connection, item, given.trips, doing.principal.subject, doing.clock.now())
    return item


async def add_agents(connection: Connection, clock: Clock, document: Mapping[str, Any]) -> None:
    """Adds the agents of a document that are not there yet; they are the service's until somebody revises them."""
    for values in document["agent"]:
        await store.keep_agent(connection, Agent(**values), itself("tickets").subject, clock.now())


ERRAND_COMMANDS = (
    Command(REQUEST.name, RequestErrand, ALL, request_errand, "errand"),
    Command(ASSIGN.name, AssignErrand, frozenset(HANDLERS), assign_errand, "errand"),
    Command(MANDATE.name, MandateErrand, ALL, mandate_errand, "errand"),
    Command(REVOKE.name, Told, ALL, revoke_mandate, "errand"),
    Command(FINISH.name, Told, STAFF, finish_errand, "errand"),
    Command(CANCEL.name, CancelErrand, ALL, cancel_errand, "errand"),
    Command("planErrandVisit", PlanErrandVisit, STAFF, plan_visit, "errand"),
    Command("noteErrandVisit", NoteErrandVisit, STAFF, note_visit, "errand"),
    Command("reviseErrandAgent", ReviseErrandAgent, ADMINS, revise_agent, "errandAgent"),
    Command("reviseErrandRule", ReviseErrandRule, ADMINS, revise_rule, "errandRule"),
    Command("reviseErrandItem", ReviseErrandItem, frozenset({Role.CITY_ADMIN}), revise_item, "errandItem"),
)


# --- Alarms ------------------------------------------------------------------------------------------------------------


async def watch(pool: Pool, clock: Clock) -> int:
    """Tells, once each, of offers that nobody accepted, papers that should be back, and mandates that expired in the middle."""
    told = 0
    now, day = clock.now(), today(clock)
    limits: dict[AlarmReason, date | datetime] = {
        "OFFER_UNACCEPTED": now,
        "DOCUMENT_OVERDUE": day,
        "MANDATE_EXPIRED": day,
    }
    async with transaction(pool, itself("tickets")) as connection:
        for reason, limit in limits.items():
            for cause in await store.due(connection, reason, limit, MOST_ALARMS):
                key, about, since = cause["errand"], cause["about"], cause["since"]
                errand = await store.find(connection, key)
                if errand is None or not await store.alarm(connection, uuid7(), key, reason, about, since, now):
                    continue
                event = ErrandAlarmed(
                    ticket=key, area=errand.area, agent=errand.agent, reason=reason, about=about, since=since, at=now
                )
                behind = await store.behind(connection, key)
                await record(connection, clock, event, subject=str(key), area=errand.area, department=behind.department)
                told += 1
    return told


async def keep_watch(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Every minute, until told to stop."""
    while not stop.is_set():
        told = await watch(pool, clock)
        if told:
            log.info("errands.alarmed", alarms=told)
        if await stopped_within(stop, 0 if told else WATCH_SECONDS):
            return
