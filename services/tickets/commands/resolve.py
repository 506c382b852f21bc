"""resolveTicket: the department says that it is done, and how."""

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import RESOLVE


class ResolveTicket(Move, frozen=True, kw_only=True):
    """The note is required here: it is what the person will be told."""

    note: str


async def resolve_ticket(doing: Doing, given: ResolveTicket) -> str:
    return await move(doing, RESOLVE, given)


COMMAND = Command(RESOLVE.name, ResolveTicket, frozenset(RESOLVE.roles), resolve_ticket, "ticket")
