"""reportTicket: a resident or somebody on staff tells of a matter; and a promise made at a visit opens a ticket of itself."""

from datetime import date
from uuid import UUID

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.principal import itself
from services.tickets.commands.transition import begin
from services.tickets.domain.access import reporting_role
from services.tickets.domain.role import Role
from services.tickets.domain.text import CATEGORY, DESCRIPTION, TITLE
from services.tickets.domain.ticket import REPORT, Source
from services.tickets.store import area as areas


class ReportTicket(Input, frozen=True, kw_only=True):
    """`area_code` is a county's or one below it; a resident's source is the app."""

    title: str
    description: str
    category: str
    area_code: str
    household_id: UUID | None = None
    source: Source = Source.APP


async def report_ticket(doing: Doing, given: ReportTicket) -> str:
    """Opens a ticket; returns its key. Raises InvalidInput, UnknownCode, NotFound (area out of reach) or Forbidden (household)."""
    title, description = TITLE.check(given.title, "title"), DESCRIPTION.check(given.description, "description")
    category = CATEGORY.check(given.category, "category")
    area = await areas.find(doing.connection, given.area_code)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    role = reporting_role(doing.principal, area.code, given.household_id)
    area.require_place(today(doing.clock))
    if role is Role.RESIDENT and given.source is not Source.APP:
        raise InvalidInput("source: a resident reports by APP", field="source", rule="role.source")
    opened = await begin(
        doing.connection,
        doing.clock,
        title=title,
        description=description,
        category=category,
        source=given.source,
        area=area.code,
        household=given.household_id,
        actor=doing.principal.subject,
        role=role,
    )
    return str(opened)


async def open_promised(
    connection: Connection, clock: Clock, *, visit: UUID, household: UUID, area: str, visited_on: date, category: str
) -> None:
    """Opens the ticket of a visit's promise; does nothing where the visit has one. The archive, which owns areas, vouches for the area."""
    category = CATEGORY.check(category, "category")
    await begin(
        connection,
        clock,
        title=f"走访承诺：{category}",
        description=f"{visited_on:%Y-%m-%d} 走访时承诺办理的事项，类别：{category}。详见该户的民情日记。",
        category=category,
        source=Source.VISIT,
        source_id=str(visit),
        area=area,
        household=household,
        actor=itself("tickets").subject,
        role=Role.SERVICE,
    )


COMMAND = Command(REPORT.name, ReportTicket, frozenset(REPORT.roles), report_ticket, "ticket")
