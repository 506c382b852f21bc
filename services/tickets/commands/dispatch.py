"""dispatchTicket: the matter goes to the department that will do it."""

from dataclasses import replace

from services.chassis.commands import Command, Doing
from services.chassis.errors import UnknownCode
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import DISPATCH
from services.tickets.store import department as departments


class DispatchTicket(Move, frozen=True, kw_only=True):
    department_code: str


async def dispatch_ticket(doing: Doing, given: DispatchTicket) -> str:
    """Raises UnknownCode for a department that is not in the register, and what `move` raises."""
    if not await departments.known(doing.connection, given.department_code):
        raise UnknownCode("department", field="departmentCode")
    return await move(doing, DISPATCH, given, lambda ticket: replace(ticket, department=given.department_code))


COMMAND = Command(DISPATCH.name, DispatchTicket, frozenset(DISPATCH.roles), dispatch_ticket, "ticket")
