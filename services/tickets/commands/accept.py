"""acceptTicket: the village or the township takes the matter on."""

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import ACCEPT


async def accept_ticket(doing: Doing, given: Move) -> str:
    return await move(doing, ACCEPT, given)


COMMAND = Command(ACCEPT.name, Move, frozenset(ACCEPT.roles), accept_ticket, "ticket")
