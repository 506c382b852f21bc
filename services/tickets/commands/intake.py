"""openIntake, completeIntake, resolveIntake: one form for several items, a parent ticket with one sub-application an item and department."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    StaleVersion,
    UnknownCode,
    none_such,
    require_version,
)
from services.chassis.outbox import record
from services.tickets.commands.queue import place_of
from services.tickets.commands.transition import Move, begin, move
from services.tickets.domain.intake import (
    ACCEPT,
    DISPATCH,
    MOST_ITEMS,
    RESOLVE,
    Handed,
    Incomplete,
    IntakeStatus,
    missing,
    parts,
    wanted,
)
from services.tickets.domain.item import MOST_MATERIALS, Item, require_level
from services.tickets.domain.role import Role
from services.tickets.domain.text import DESCRIPTION, TITLE
from services.tickets.domain.ticket import Source, sent
from services.tickets.domain.window import CLERKS
from services.tickets.events import IntakeOpened
from services.tickets.store import calendar, queue
from services.tickets.store import intake as store
from services.tickets.store import window as windows
from services.tickets.store.intake import Intake


class GivenMaterial(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A paper: the original was seen, so many copies were handed in, these documents attached."""

    code: str
    original_seen: bool = False
    copies: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    attachment_ids: Annotated[Sequence[UUID], msgspec.Meta(max_length=20)] | None = None


Materials = Annotated[Sequence[GivenMaterial], msgspec.Meta(max_length=MOST_MATERIALS)]


class OpenIntake(Input, frozen=True, kw_only=True):
    """`draft` keeps it where papers are missing; `number_id` is the number with which the person came."""

    centre_code: str
    item_codes: Annotated[Sequence[str], msgspec.Meta(min_length=1, max_length=MOST_ITEMS)]
    title: str
    description: str
    household_id: UUID | None = None
    materials: Materials = ()
    number_id: UUID | None = None
    draft: bool = False


class CompleteIntake(Input, frozen=True, kw_only=True):
    """Papers that a draft still wants; `draft` keeps it where some are missing even so."""

    id: UUID
    version: int | None = None
    materials: Materials
    draft: bool = False


async def open_intake(doing: Doing, given: OpenIntake) -> str:
    """Raises InvalidInput, UnknownCode, NotFound (centre or number out of reach), or Incomplete with all that is missing."""
    title, description = TITLE.check(given.title, "title"), DESCRIPTION.check(given.description, "description")
    place = await place_of(doing.connection, doing.clock, given.centre_code)
    if not doing.principal.covers(place.centre.area):
        raise NotFound("centreCode: outside your areas")
    if len(set(given.item_codes)) < len(given.item_codes):
        raise InvalidInput("itemCodes must be named once each", field="itemCodes", rule="unique")
    items = await _items(doing.connection, given.item_codes, place.day)
    for item in items:
        require_level(item, place.centre.level)
    if given.number_id is not None and not await queue.seen(doing.connection, given.number_id, place.centre.code):
        raise NotFound("numberId: no such number of this centre")
    handed = await _handed(doing.connection, items, given.materials)
    lacking = missing(items, handed)
    if lacking and not given.draft:
        raise Incomplete(lacking)
    now = doing.clock.now()
    intake = Intake(
        id=uuid7(),
        centre=place.centre.code,
        area=place.centre.area,
        status=IntakeStatus.DRAFT,
        title=title,
        description=description,
        household=given.household_id,
        items=tuple(given.item_codes),
        day=place.day,
        handed=handed,
        missing=lacking,
        limit_days=max(item.limit_days for item in items),
        ticket=await _begin(doing, place.centre.area, given, title=title, category=items[0].category),
        number=given.number_id,
        created_by=doing.principal.subject,
        created_at=now,
        updated_at=now,
    )
    await store.insert(doing.connection, intake)
    if not lacking:
        await _opened(doing, intake, items)
    return str(intake.id)


async def complete_intake(doing: Doing, given: CompleteIntake) -> str:
    """Raises NotFound, StaleVersion, Conflict (opened already), InvalidInput, or Incomplete with all that is missing still."""
    intake = await store.lock(doing.connection, given.id)
    if intake is None:
        raise none_such("intake")
    require_version("intake", given.version, intake.version)
    if intake.status is IntakeStatus.OPENED:
        raise Conflict("the intake is complete: its tickets are opened")
    items = await _items(doing.connection, intake.items, intake.day)
    handed = (*intake.handed, *await _handed(doing.connection, items, given.materials))
    lacking = missing(items, handed)
    if lacking and not given.draft:
        raise Incomplete(lacking)
    after = replace(intake, handed=handed, missing=lacking)
    if lacking:
        await _save(doing, intake, after)
    else:
        await _opened(doing, after, items)
    return str(intake.id)


async def resolve_intake(doing: Doing, given: Move) -> str:
    """The parent is done, once all of its parts are; raises NotFound for what is no parent, and what `move` raises."""
    if not await store.parts(doing.connection, given.id):
        raise NotFound("id: no ticket with parts, or outside your reach")
    return await move(doing, RESOLVE, given)


async def _items(connection: Connection, codes: Sequence[str], day: date) -> list[Item]:
    known = await windows.items(connection, codes, day)
    if len(known) < len(codes):
        raise UnknownCode("item", field="itemCodes")
    return [known[code] for code in codes]


async def _handed(connection: Connection, items: Sequence[Item], given: Sequence[GivenMaterial]) -> tuple[Handed, ...]:
    """Raises InvalidInput for a paper that none of the items asks for, and for a document that is not there."""
    known = wanted(items)
    for each in given:
        if each.code not in known:
            raise InvalidInput(
                "materials.code names no material of these items", field="materials.code", rule="known.material"
            )
    documents = [key for each in given for key in each.attachment_ids or ()]
    if documents and not await store.documents_seen(connection, documents):
        raise InvalidInput(
            "materials.attachmentIds names a document that is not there, or outside your reach",
            field="materials.attachmentIds",
            rule="known.attachment",
        )
    return tuple(Handed(each.code, each.original_seen, each.copies, tuple(each.attachment_ids or ())) for each in given)


async def _save(doing: Doing, was: Intake, intake: Intake) -> None:
    after = replace(intake, updated_at=doing.clock.now(), version=was.version + 1)
    if not await store.update(doing.connection, after, was=was.version):
        raise StaleVersion("intake", current=was.version)


async def _opened(doing: Doing, intake: Intake, items: Sequence[Item]) -> None:
    """Accepts the parent and opens the parts, each at its department, due on one day. The intake is saved before its parts, whose clocks ask it."""
    day = today(doing.clock)
    due = (await calendar.read(doing.connection, day.year)).workday(day, intake.limit_days)
    await move(doing, ACCEPT, Move(client_key=intake.id, id=intake.ticket))
    await _save(doing, intake, replace(intake, status=IntakeStatus.OPENED, missing=(), due_on=due))
    opened = []
    for part in parts(items):
        title = f"{part.item.name}（{intake.title}）"[: TITLE.most]
        ticket = await _begin(
            doing, intake.area, intake, title=title, category=part.item.category, parent=intake.ticket
        )
        await move(doing, ACCEPT, Move(client_key=intake.id, id=ticket))
        await move(
            doing,
            DISPATCH,
            Move(client_key=intake.id, id=ticket),
            partial(sent, department=part.department, assignee=None),
        )
        opened.append(ticket)
    event = IntakeOpened(
        intake=intake.id,
        ticket=intake.ticket,
        parts=opened,
        centre=intake.centre,
        area=intake.area,
        items=list(intake.items),
        departments=list(dict.fromkeys(part.department for part in parts(items))),
        due_on=due,
        at=doing.clock.now(),
    )
    await record(doing.connection, doing.clock, event, subject=str(intake.id), area=intake.area)


async def _begin(
    doing: Doing,
    area: str,
    form: OpenIntake | Intake,
    *,
    title: str,
    category: str,
    parent: UUID | None = None,
) -> UUID:
    ticket = await begin(
        doing.connection,
        doing.clock,
        title=title,
        description=form.description.strip(),
        category=category,
        source=Source.WALK_IN,
        area=area,
        household=form.household_id if isinstance(form, OpenIntake) else form.household,
        actor=doing.principal.subject,
        role=next(Role(role) for role in CLERKS if role in doing.principal.roles),
        parent=parent,
    )
    assert ticket is not None  # noqa: S101  without a key of its source a ticket is always opened
    return ticket


_CLERKS = frozenset(CLERKS)
COMMANDS = (
    Command("openIntake", OpenIntake, _CLERKS, open_intake, "intake"),
    Command("completeIntake", CompleteIntake, _CLERKS, complete_intake, "intake"),
    Command("resolveIntake", Move, _CLERKS, resolve_intake, "ticket"),
)
