"""closeTicket: the matter ends, after the person was called back."""

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import CLOSE


async def close_ticket(doing: Doing, given: Move) -> str:
    return await move(doing, CLOSE, given)


COMMAND = Command(CLOSE.name, Move, frozenset(CLOSE.roles), close_ticket, "ticket")
