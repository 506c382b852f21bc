"""The deeds that move a ticket, with what each asks for and changes; `transition.move` does the rest."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.commands import Command, Doing
from services.chassis.errors import Conflict, InvalidInput, UnknownCode, none_such
from services.tickets.commands.catalogue import known_category, routed
from services.tickets.commands.transition import Move, move
from services.tickets.domain.access import sees
from services.tickets.domain.catalogue import Priority
from services.tickets.domain.role import CALLERS_BACK
from services.tickets.domain.text import SUBJECT
from services.tickets.domain.ticket import (
    ACCEPT,
    ASSIGN,
    CALL_BACK,
    CLOSE,
    DISPATCH,
    ENDS,
    ESCALATE,
    HAND_OVER,
    MERGE,
    MOST_ESCALATION,
    RATE,
    REFER,
    REOPEN,
    RESOLVE,
    RESUME,
    RETURN,
    REWORK,
    RULE,
    SIGN,
    START,
    SUPERVISE,
    SUSPEND,
    VERIFY,
    WITHDRAW,
    AwaitingReason,
    Deed,
    HandOverReason,
    Outcome,
    Referral,
    ReturnReason,
    ReworkReason,
    RulingReason,
    Satisfaction,
    Ticket,
    WithdrawReason,
    sent,
)
from services.tickets.store import department as departments
from services.tickets.store import ticket as store

MOST_REST = timedelta(days=366)


class AcceptTicket(Move, frozen=True, kw_only=True):
    """Whoever takes it on may put it under another category or priority than it was reported with."""

    category: str | None = None
    priority: Priority | None = None


class DispatchTicket(Move, frozen=True, kw_only=True):
    """Without a department it goes to that of the catalogue's route."""

    department_code: str | None = None
    assignee: str | None = None


class SuspendTicket(Move, frozen=True, kw_only=True):
    reason: AwaitingReason
    until: datetime


class ReturnTicket(Move, frozen=True, kw_only=True):
    reason: ReturnReason


class RuleTicket(Move, frozen=True, kw_only=True):
    reason: RulingReason
    department_code: str
    assignee: str | None = None


class ResolveTicket(Move, frozen=True, kw_only=True):
    """The note is what the person will be told; `outcome` says in one word what was done."""

    note: str
    outcome: Outcome = Outcome.DONE

    @property
    def code(self) -> str:
        return self.outcome


class ReworkTicket(Move, frozen=True, kw_only=True):
    reason: ReworkReason


class CallBackTicket(Move, frozen=True, kw_only=True):
    satisfaction: Satisfaction


class RateTicket(Move, frozen=True, kw_only=True):
    """What a superior says: SATISFIED or DISSATISFIED."""

    satisfaction: Satisfaction


class ReopenTicket(Move, frozen=True, kw_only=True):
    """At least one of them, and other than before."""

    department_code: str | None = None
    assignee: str | None = None


class MergeTicket(Move, frozen=True, kw_only=True):
    into: UUID


class WithdrawTicket(Move, frozen=True, kw_only=True):
    reason: WithdrawReason


class ReferTicket(Move, frozen=True, kw_only=True):
    to: Referral

    @property
    def code(self) -> str:
        return self.to


class AssignTicket(Move, frozen=True, kw_only=True):
    """The subject of a person's account; null for nobody in particular."""

    assignee: str | None


class HandOverTicket(Move, frozen=True, kw_only=True):
    """`station` is the village, township or county whose unit takes charge; the matter lies in it."""

    station: str
    reason: HandOverReason


async def _accept(doing: Doing, given: AcceptTicket) -> str:
    category = None if given.category is None else await known_category(doing.connection, doing.clock, given.category)

    def change(ticket: Ticket) -> Ticket:
        if category is not None:
            ticket = replace(ticket, category=category.code, priority=category.priority)
        return ticket if given.priority is None else replace(ticket, priority=given.priority)

    return await move(doing, ACCEPT, given, change)


async def _dispatch(doing: Doing, given: DispatchTicket) -> str:
    """Raises UnknownCode for a department that is not in the register, Conflict where none is named and none is the category's there."""
    department = given.department_code
    if department is None:
        ticket = await store.find(doing.connection, given.id)
        if ticket is None:
            raise none_such("ticket")
        department = await routed(doing.connection, doing.clock, ticket.category, ticket.area)
    else:
        await _require_department(doing, department)
    assignee = _subject(given.assignee)
    return await move(doing, DISPATCH, given, lambda ticket: sent(ticket, department, assignee))


async def _start(doing: Doing, given: Move) -> str:
    """Who starts is the one who does it, where nobody was named."""
    by = doing.principal.subject
    return await move(doing, START, given, lambda ticket: replace(ticket, assignee=ticket.assignee or by))


async def _suspend(doing: Doing, given: SuspendTicket) -> str:
    now = doing.clock.now()
    if given.until.tzinfo is None or not now < given.until <= now + MOST_REST:
        raise InvalidInput("until must be an instant ahead, within a year", field="until", rule="range")
    return await move(
        doing,
        SUSPEND,
        given,
        lambda ticket: replace(ticket, awaiting_reason=given.reason, awaiting_until=given.until),
    )


async def _return(doing: Doing, given: ReturnTicket) -> str:
    return await move(doing, RETURN, given, lambda ticket: replace(ticket, returns=ticket.returns + 1, assignee=None))


async def _rule(doing: Doing, given: RuleTicket) -> str:
    await _require_department(doing, given.department_code)
    assignee = _subject(given.assignee)
    return await move(
        doing,
        RULE,
        given,
        lambda ticket: replace(sent(ticket, given.department_code, assignee), ruled=given.reason),
    )


async def _call_back(doing: Doing, given: CallBackTicket) -> str:
    if given.satisfaction is Satisfaction.UNREACHED and not doing.principal.has(frozenset(CALLERS_BACK)):
        raise InvalidInput("satisfaction must be the person's own", field="satisfaction", rule="role.satisfaction")
    return await move(doing, CALL_BACK, given, lambda ticket: replace(ticket, satisfaction=given.satisfaction))


async def _rate(doing: Doing, given: RateTicket) -> str:
    if given.satisfaction is Satisfaction.UNREACHED:
        raise InvalidInput(
            "satisfaction must be SATISFIED or DISSATISFIED", field="satisfaction", rule="role.satisfaction"
        )
    return await move(doing, RATE, given, lambda ticket: replace(ticket, superior_satisfaction=given.satisfaction))


async def _reopen(doing: Doing, given: ReopenTicket) -> str:
    """Raises InvalidInput unless it gets another department, or another person of the same."""
    if given.department_code is not None:
        await _require_department(doing, given.department_code)
    assignee = _subject(given.assignee)

    def change(ticket: Ticket) -> Ticket:
        department = given.department_code or ticket.department
        other = assignee is not None and assignee != ticket.assignee
        if department is None or (department == ticket.department and not other):
            raise InvalidInput(
                "departmentCode or assignee: a matter is reopened with another department, or another person of the same",
                field="departmentCode",
                rule="ticket.new_owner",
            )
        reopened = replace(ticket, reopened=True, satisfaction=None, superior_satisfaction=None)
        return sent(reopened, department, assignee)

    return await move(doing, REOPEN, given, change)


async def _merge(doing: Doing, given: MergeTicket) -> str:
    """Raises InvalidInput unless the other ticket is open and within reach; both are held, always in the same order."""
    if given.into == given.id:
        raise InvalidInput("into must be another ticket", field="into", rule="ticket.other")
    held = {ticket.id: ticket for ticket in await store.lock_all(doing.connection, [given.id, given.into])}
    target = held.get(given.into)
    if target is None or not sees(doing.principal, target):
        raise InvalidInput("into names no ticket within your reach", field="into", rule="known.ticket")
    if target.status in ENDS:
        raise InvalidInput("into must be a ticket that is open", field="into", rule="ticket.open")
    return await move(doing, MERGE, given, lambda ticket: replace(ticket, merged_into=given.into))


async def _withdraw(doing: Doing, given: WithdrawTicket) -> str:
    return await move(doing, WITHDRAW, given, lambda ticket: replace(ticket, end_reason=given.reason))


async def _refer(doing: Doing, given: ReferTicket) -> str:
    return await move(doing, REFER, given, lambda ticket: replace(ticket, referred_to=given.to))


async def _assign(doing: Doing, given: AssignTicket) -> str:
    assignee = _subject(given.assignee)
    return await move(doing, ASSIGN, given, lambda ticket: replace(ticket, assignee=assignee))


async def _hand_over(doing: Doing, given: HandOverTicket) -> str:
    """Raises InvalidInput unless the matter lies in the station, which is another than now."""

    def change(ticket: Ticket) -> Ticket:
        if len(given.station) not in (6, 9, 12) or not ticket.area.startswith(given.station):
            raise InvalidInput(
                "station must be the code of the village, township or county in which the matter lies",
                field="station",
                rule="ticket.station",
            )
        if given.station == ticket.station:
            raise InvalidInput("station is in charge already", field="station", rule="ticket.other")
        return replace(ticket, station=given.station, assignee=None)

    return await move(doing, HAND_OVER, given, change)


async def _supervise(doing: Doing, given: Move) -> str:
    return await move(doing, SUPERVISE, given, lambda ticket: replace(ticket, supervised_at=ticket.updated_at))


async def _escalate(doing: Doing, given: Move) -> str:
    def change(ticket: Ticket) -> Ticket:
        if ticket.escalation >= MOST_ESCALATION:
            raise Conflict(f"escalateTicket: it is at the highest level, {MOST_ESCALATION}", rule="ticket.escalation")
        return replace(ticket, escalation=ticket.escalation + 1)

    return await move(doing, ESCALATE, given, change)


async def _require_department(doing: Doing, code: str) -> None:
    if not await departments.known(doing.connection, code):
        raise UnknownCode("department", field="departmentCode")


def _subject(subject: str | None) -> str | None:
    return None if subject is None else SUBJECT.check(subject, "assignee")


def _plain(deed: Deed) -> Callable[[Doing, Move], Awaitable[str]]:
    async def run(doing: Doing, given: Move) -> str:
        return await move(doing, deed, given)

    return run


MOVES: tuple[tuple[Deed, type[Move], Callable[[Doing, Any], Awaitable[str]]], ...] = (
    (ACCEPT, AcceptTicket, _accept),
    (DISPATCH, DispatchTicket, _dispatch),
    (SIGN, Move, _plain(SIGN)),
    (START, Move, _start),
    (SUSPEND, SuspendTicket, _suspend),
    (RESUME, Move, _plain(RESUME)),
    (RETURN, ReturnTicket, _return),
    (RULE, RuleTicket, _rule),
    (RESOLVE, ResolveTicket, _plain(RESOLVE)),
    (VERIFY, Move, _plain(VERIFY)),
    (REWORK, ReworkTicket, _plain(REWORK)),
    (CALL_BACK, CallBackTicket, _call_back),
    (REOPEN, ReopenTicket, _reopen),
    (CLOSE, Move, _plain(CLOSE)),
    (MERGE, MergeTicket, _merge),
    (WITHDRAW, WithdrawTicket, _withdraw),
    (REFER, ReferTicket, _refer),
    (ASSIGN, AssignTicket, _assign),
    (HAND_OVER, HandOverTicket, _hand_over),
    (SUPERVISE, Move, _supervise),
    (ESCALATE, Move, _escalate),
    (RATE, RateTicket, _rate),
)
COMMANDS = tuple(Command(deed.name, given, deed.doers, run, "ticket") for deed, given, run in MOVES)
