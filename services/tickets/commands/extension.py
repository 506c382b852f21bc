"""requestExtension and decideExtension: the department asks for more time (延期), somebody who handles the matter decides."""

from uuid_utils.compat import uuid7

from services.chassis.commands import Command, Doing
from services.chassis.errors import Conflict
from services.tickets.commands.clocks import calendar_for, clocks_of, keep
from services.tickets.commands.transition import Move, move
from services.tickets.domain.deadline import (
    Cause,
    Clocks,
    Extension,
    Kind,
    extended,
    reckoned,
    require_grant,
    require_request,
)
from services.tickets.domain.ticket import DECIDE_EXTENSION, REQUEST_EXTENSION, ExtensionReason
from services.tickets.domain.worktime import Span
from services.tickets.store import deadline as store
from services.tickets.store import ticket as tickets


class RequestExtension(Move, frozen=True, kw_only=True):
    """For so many working days."""

    reason: ExtensionReason
    days: int


async def request_extension(doing: Doing, given: RequestExtension) -> str:
    """Raises what `move` raises; Conflict where the limit cannot be extended now; InvalidInput where it would be too long."""
    asked = Span(given.days, "d")
    key = await move(doing, REQUEST_EXTENSION, given, data={"days": given.days})
    now = doing.clock.now()
    before = await store.extensions(doing.connection, given.id)
    clocks = await clocks_of(doing.connection, given.id)
    work = clocks.last(Kind.WORK)
    own = [each for each in before if work is not None and each.deadline == work.id]
    work = require_request(work, own, asked, now)
    request = Extension(
        id=uuid7(),
        ticket=given.id,
        deadline=work.id,
        asked=asked,
        reason=given.reason,
        note=given.note,
        requested_by=doing.principal.subject,
        requested_at=now,
    )
    await store.add_extension(doing.connection, request)
    return key


class DecideExtension(Move, frozen=True, kw_only=True):
    """`days` are those that are granted, as many as were asked for if it is not said."""

    granted: bool
    days: int | None = None


async def decide_extension(doing: Doing, given: DecideExtension) -> str:
    """Decides the request that waits; raises what `move` raises, Conflict where none waits, InvalidInput where more is granted than asked."""
    connection, now = doing.connection, doing.clock.now()
    days = given.days if given.granted else None
    key = await move(doing, DECIDE_EXTENSION, given, data={"granted": given.granted, "days": days})
    clocks = await clocks_of(connection, given.id)
    waiting = next((each for each in await store.extensions(connection, given.id) if each.decided_at is None), None)
    work = clocks.last(Kind.WORK)
    if waiting is None or work is None or not work.open or waiting.deadline != work.id:
        raise Conflict("decideExtension: no request waits for a limit that runs")
    granted = None
    if given.granted:
        granted = require_grant(waiting, waiting.asked if days is None else Span(days, "d"))
    if not await store.decide(connection, waiting.id, granted, doing.principal.subject, now):
        raise Conflict("decideExtension: it has been decided meanwhile")
    if granted is not None:
        calendar = await calendar_for(connection, now, clocks.deadlines, clocks.pauses)
        longer = tuple(
            reckoned(extended(each, granted), calendar, clocks.pauses, now)
            if each.open and each.kind is not Kind.SIGN
            else each
            for each in clocks.deadlines
        )
        ticket = await tickets.lock(connection, given.id)
        if ticket is not None:
            await keep(connection, doing.clock, ticket, clocks, Clocks(longer, clocks.pauses), Cause.EXTENSION)
    return key


COMMANDS = (
    Command(REQUEST_EXTENSION.name, RequestExtension, REQUEST_EXTENSION.doers, request_extension, "ticket"),
    Command(DECIDE_EXTENSION.name, DecideExtension, DECIDE_EXTENSION.doers, decide_extension, "ticket"),
)
