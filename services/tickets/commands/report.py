"""reportTicket: a resident or somebody on staff tells of a matter. A visit's promise opens a ticket of itself, and so does what liaison raises."""

from datetime import date
from functools import partial
from uuid import UUID

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.principal import Principal, itself
from services.tickets.commands.catalogue import category_or_none, known_category
from services.tickets.commands.transition import Move, begin, move
from services.tickets.domain.access import reporting_role
from services.tickets.domain.catalogue import OTHER, Priority
from services.tickets.domain.figures import SOURCE_NAMES
from services.tickets.domain.role import Role
from services.tickets.domain.text import CATEGORY, DESCRIPTION, TITLE
from services.tickets.domain.ticket import REPORT, Deed, Source, Status, sent
from services.tickets.store import area as areas
from services.tickets.store import department as departments

MOST_CONCERNED = 50
"""Persons, and plots, that one matter names."""


class ReportTicket(Input, frozen=True, kw_only=True):
    """`area_code` is a county's or one below it; a resident's source is the app.

    Household, persons and plots are meant as they stood on `household_on`, today without it.
    """

    title: str
    description: str
    category: str
    area_code: str
    household_id: UUID | None = None
    household_on: date | None = None
    person_ids: tuple[UUID, ...] = ()
    plot_ids: tuple[UUID, ...] = ()
    source: Source = Source.APP


async def report_ticket(doing: Doing, given: ReportTicket, source_id: str | None = None) -> str:
    """Opens a ticket; returns its key. Raises InvalidInput, UnknownCode, NotFound (area out of reach) or Forbidden (household)."""
    title, description = TITLE.check(given.title, "title"), DESCRIPTION.check(given.description, "description")
    category = await known_category(doing.connection, doing.clock, given.category)
    area = await areas.find(doing.connection, given.area_code)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    role = reporting_role(doing.principal, area.code, given.household_id)
    area.require_place(today(doing.clock))
    if role is Role.RESIDENT and given.source is not Source.APP:
        raise InvalidInput("source: a resident reports by APP", field="source", rule="role.source")
    if given.household_on is not None and given.household_on > today(doing.clock):
        raise InvalidInput("householdOn lies ahead", field="householdOn", rule="range")
    for field, keys in (("personIds", given.person_ids), ("plotIds", given.plot_ids)):
        if len(keys) > MOST_CONCERNED or len(set(keys)) < len(keys):
            raise InvalidInput(f"{field}: at most {MOST_CONCERNED}, each once", field=field, rule="unique")
    opened = await begin(
        doing.connection,
        doing.clock,
        title=title,
        description=description,
        category=category.code,
        priority=category.priority,
        source=given.source,
        source_id=source_id,
        area=area.code,
        household=given.household_id,
        household_on=given.household_on,
        persons=given.person_ids,
        plots=given.plot_ids,
        actor=doing.principal.subject,
        role=role,
    )
    return str(opened)


async def open_promised(
    connection: Connection, clock: Clock, *, visit: UUID, household: UUID, area: str, visited_on: date, category: str
) -> None:
    """Opens the ticket of a visit's promise; does nothing where the visit has one. The archive, which owns areas, vouches for the area.

    A promise that the catalogue does not know is of the category for all others, and keeps its words.
    """
    promised = CATEGORY.check(category, "category")
    known = await category_or_none(connection, clock, promised)
    words = promised if known is None else known.name
    await begin(
        connection,
        clock,
        title=f"走访承诺：{words}",
        description=f"{visited_on:%Y-%m-%d} 走访时承诺办理的事项，类别：{words}。详见该户的民情日记。",
        category=OTHER if known is None else known.code,
        priority=Priority.NORMAL if known is None else known.priority,
        source=Source.VISIT,
        source_id=str(visit),
        area=area,
        household=household,
        actor=itself("tickets").subject,
        role=Role.SERVICE,
    )


ACCEPT_RAISED = Deed("raiseMatter", "accepted", "受理", (Role.SERVICE,), {Status.DRAFTED: Status.ACCEPTED})
DISPATCH_RAISED = Deed("raiseMatter", "dispatched", "派遣", (Role.SERVICE,), {Status.ACCEPTED: Status.DISPATCHED})
"""What was agreed on duty or at a meeting needs nobody's acceptance any more."""


async def open_raised(
    connection: Connection,
    clock: Clock,
    *,
    source: Source,
    source_id: UUID,
    area: str,
    category: str,
    household: UUID | None,
    department: str | None,
    due_on: date | None,
) -> None:
    """Opens the ticket of what liaison raised; does nothing where it has one. Its words stay with liaison.

    With a department it is accepted and dispatched at once; where the register has no such department it is accepted alone, and its history
    says why. A category that the catalogue does not know is that for all others.
    """
    known = await category_or_none(connection, clock, category)
    service = itself("tickets").subject
    opened = await begin(
        connection,
        clock,
        title=f"{SOURCE_NAMES[source]}事项：{category if known is None else known.name}",
        description=f"{SOURCE_NAMES[source]}时提出的事项，内容见其来源记录。",
        category=OTHER if known is None else known.code,
        priority=Priority.NORMAL if known is None else known.priority,
        source=source,
        source_id=str(source_id),
        area=area,
        household=household,
        actor=service,
        role=Role.SERVICE,
        due_on=due_on,
    )
    if opened is None or department is None:
        return
    doing = Doing(connection, Principal(service, roles=frozenset({Role.SERVICE}), areas=(area,)), clock)
    if await departments.known(connection, department):
        await move(doing, ACCEPT_RAISED, Move(client_key=source_id, id=opened))
        change = partial(sent, department=department, assignee=None)
        await move(doing, DISPATCH_RAISED, Move(client_key=source_id, id=opened), change)
    else:
        note = f"未派遣：部门代码 {department} 未登记，须另行派遣。"
        await move(doing, ACCEPT_RAISED, Move(client_key=source_id, id=opened, note=note))


COMMAND = Command(REPORT.name, ReportTicket, frozenset(REPORT.roles), report_ticket, "ticket")
