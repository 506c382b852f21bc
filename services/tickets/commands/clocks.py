"""The clocks of a matter follow what is done with it, in the transaction of the deed; and the calendar, when it changes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from services.chassis.clock import CHINA, Clock
from services.chassis.db import Connection
from services.chassis.outbox import Telling, record_all
from services.tickets.commands.catalogue import limits_for
from services.tickets.domain.deadline import (
    Alarm,
    Cause,
    Change,
    Clocks,
    Deadline,
    Pause,
    concerned,
    followed,
    reckoned,
)
from services.tickets.domain.intake import promised
from services.tickets.domain.ticket import Deed, Status, Ticket
from services.tickets.domain.worktime import Calendar, Special
from services.tickets.events import deadline_moved, deadline_rung
from services.tickets.store import calendar as calendars
from services.tickets.store import deadline as store
from services.tickets.store import intake as intakes

DISPATCHING = frozenset({"dispatched", "ruled", "reopened"})
"""Deeds after which a matter has gone to a department, be it the same again."""


async def follow(connection: Connection, clock: Clock, ticket: Ticket, deed: Deed, before: Status | None) -> None:
    """Brings the clocks of the ticket, which stands as it is after the deed and is held, in line.

    Raises Conflict for a return after its time.
    """
    change = Change(
        ticket=ticket.id,
        area=ticket.area,
        before=before or ticket.status,
        after=ticket.status,
        department=ticket.department,
        dispatched=ticket.status is Status.DISPATCHED and (before is not ticket.status or deed.past in DISPATCHING),
        reason=ticket.awaiting_reason,
        due_on=ticket.due_on,
    )
    if not concerned(change):
        return
    now = clock.now()
    limits = None
    if change.dispatched:
        limits = await limits_for(connection, clock, ticket.category, ticket.priority)
    if limits is not None and ticket.parent is not None:
        days = await intakes.limit_days(connection, ticket.parent)
        limits = limits if days is None else promised(limits, days)
    clocks = await clocks_of(connection, ticket.id)
    calendar = await calendar_for(connection, now, clocks.deadlines, clocks.pauses)
    after = followed(clocks, change, limits, calendar, now)
    await keep(connection, clock, ticket, clocks, after, Cause.PAUSE)


async def clocks_of(connection: Connection, ticket: UUID) -> Clocks:
    deadlines = await store.of_ticket(connection, ticket)
    pauses = await store.pauses(connection, [ticket]) if deadlines else {}
    return Clocks(tuple(deadlines), pauses.get(ticket, ()))


async def calendar_for(
    connection: Connection, now: datetime, deadlines: Sequence[Deadline], pauses: Sequence[Pause] = ()
) -> Calendar:
    """What is known of the days that these clocks run over."""
    first = min([now, *(each.started_at for each in deadlines), *(each.since for each in pauses)])
    return await calendars.read(connection, first.astimezone(CHINA).year)


async def keep(
    connection: Connection, clock: Clock, ticket: Ticket, before: Clocks, after: Clocks, cause: Cause
) -> None:
    """Saves what has changed, and tells which limits have moved and which were found missed."""
    was = {each.id: each for each in before.deadlines}
    changed = [each for each in after.deadlines if each != was.get(each.id)]
    for place, pause in enumerate(after.pauses):
        if place >= len(before.pauses) or pause != before.pauses[place]:
            await store.save_pause(connection, ticket.id, place, pause)
    if changed:
        await store.save(connection, changed)
    await tell(connection, clock, {ticket.id: ticket.number}, was, changed, cause)


async def tell(
    connection: Connection,
    clock: Clock,
    numbers: Mapping[UUID, str],
    was: Mapping[UUID, Deadline],
    deadlines: Sequence[Deadline],
    cause: Cause,
) -> None:
    now = clock.now()
    tellings = []
    for each in deadlines:
        old, number = was.get(each.id), numbers[each.ticket]
        if old is not None and each.open and each.due_at != old.due_at:
            event = deadline_moved(each, number, now, previous=old.due_at, cause=cause)
            tellings.append(Telling(event, str(each.ticket), each.area, each.department))
        if old is not None and old.missed_at is None and each.missed_at is not None:
            late = deadline_rung(Alarm.MISSED, each, number, now, ())
            tellings.append(Telling(late, str(each.ticket), each.area, each.department))
    await record_all(connection, clock, tellings)


async def note_year(
    connection: Connection, year: int, special: Mapping[date, Special], told_at: datetime, *, published: bool
) -> None:
    """Keeps what liaison tells of a year; where that changes anything, all open deadlines are due to be reckoned anew."""
    await calendars.lock(connection)
    if await calendars.put_year(connection, year, special, told_at, published=published):
        await calendars.changed(connection)


def reckoned_anew(
    deadlines: Sequence[Deadline], calendar: Calendar, pauses: Mapping[UUID, tuple[Pause, ...]], now: datetime
) -> list[Deadline]:
    return [reckoned(each, calendar, pauses.get(each.ticket, ()), now) for each in deadlines]
