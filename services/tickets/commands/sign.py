"""signTicket: the department signs for what was dispatched to it."""

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import SIGN


async def sign_ticket(doing: Doing, given: Move) -> str:
    return await move(doing, SIGN, given)


COMMAND = Command(SIGN.name, Move, frozenset(SIGN.roles), sign_ticket, "ticket")
