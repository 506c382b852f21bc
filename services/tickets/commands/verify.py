"""verifyTicket: who took the matter on has seen that it is done."""

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import VERIFY


async def verify_ticket(doing: Doing, given: Move) -> str:
    return await move(doing, VERIFY, given)


COMMAND = Command(VERIFY.name, Move, frozenset(VERIFY.roles), verify_ticket, "ticket")
