"""reportTicket: a resident or somebody on staff tells of a matter; and a promise made at a visit opens a ticket of itself."""

from datetime import date
from uuid import UUID

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.principal import itself
from services.tickets.commands.catalogue import category_or_none, known_category
from services.tickets.commands.transition import begin
from services.tickets.domain.access import reporting_role
from services.tickets.domain.catalogue import OTHER, Priority
from services.tickets.domain.role import Role
from services.tickets.domain.text import CATEGORY, DESCRIPTION, TITLE
from services.tickets.domain.ticket import REPORT, Source
from services.tickets.store import area as areas

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


COMMAND = Command(REPORT.name, ReportTicket, frozenset(REPORT.roles), report_ticket, "ticket")
