"""callBackTicket: the person was asked whether it is done to their satisfaction (回访)."""

from dataclasses import replace

from services.chassis.commands import Command, Doing
from services.tickets.commands.transition import Move, move
from services.tickets.domain.ticket import CALL_BACK, Satisfaction


class CallBackTicket(Move, frozen=True, kw_only=True):
    satisfaction: Satisfaction


async def call_back_ticket(doing: Doing, given: CallBackTicket) -> str:
    return await move(doing, CALL_BACK, given, lambda ticket: replace(ticket, satisfaction=given.satisfaction))


COMMAND = Command(CALL_BACK.name, CallBackTicket, frozenset(CALL_BACK.roles), call_back_ticket, "ticket")
