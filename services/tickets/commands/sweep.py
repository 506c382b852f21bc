"""The worker's timer: warns before limits end, notes which were missed, escalates, and reckons anew what a new calendar moves.

All in batches of one transaction each. A batch's deadlines are held while it works, and others pass them over: of several workers, and over
restarts, each finds a thing once.
"""

import asyncio
from dataclasses import replace

import structlog
from prometheus_client import Counter, Gauge

from services.chassis.clock import Clock, stopped_within
from services.chassis.db import Connection, Pool, transaction
from services.chassis.outbox import Telling, record_all
from services.chassis.principal import itself
from services.tickets.commands.clocks import calendar_for, reckoned_anew, tell
from services.tickets.domain.catalogue import whom
from services.tickets.domain.deadline import Alarm, Cause, Deadline, Kind, rung
from services.tickets.domain.role import Role
from services.tickets.domain.ticket import ESCALATE, Step, Ticket, moved
from services.tickets.events import deadline_rung, event_of
from services.tickets.store import calendar, catalogue
from services.tickets.store import deadline as store
from services.tickets.store import ticket as tickets

BATCH = 500
POLL_SECONDS = 2
ITSELF = itself("tickets")

RUNG = Counter("sanmin_deadlines_rung_total", "What the timer found of deadlines", ["alarm"])
MOVED = Counter("sanmin_deadlines_reckoned_total", "Deadlines reckoned anew for a changed calendar")
LAG_SECONDS = Gauge("sanmin_deadlines_lag_seconds", "How long the oldest deadline waits for the timer")

log = structlog.get_logger()


async def keep_time(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks until stopped; raises when the database goes away."""
    while not stop.is_set():
        done = await reckon_some(pool, clock) + await ring_some(pool, clock)
        if not done:
            async with transaction(pool, ITSELF) as connection:
                due = await store.next_at(connection)
            LAG_SECONDS.set(0 if due is None else max(0.0, (clock.now() - due).total_seconds()))
            await stopped_within(stop, POLL_SECONDS)


async def reckon_some(pool: Pool, clock: Clock, most: int = BATCH) -> int:
    """Reckons up to so many open deadlines anew that an older calendar made; returns how many."""
    async with transaction(pool, ITSELF) as connection:
        version = await calendar.version(connection)
        outdated = await store.outdated(connection, version, most)
        if not outdated:
            return 0
        ids = list({each.ticket for each in outdated})
        pauses = await store.pauses(connection, ids)
        known = await calendar_for(connection, clock.now(), outdated, [one for each in pauses.values() for one in each])
        anew = reckoned_anew(outdated, known, pauses, clock.now())
        await store.save(connection, anew)
        was = {each.id: each for each in outdated}
        await tell(connection, clock, await tickets.numbers(connection, ids), was, anew, Cause.CALENDAR)
        MOVED.inc(len(anew))
    return len(outdated)


async def ring_some(pool: Pool, clock: Clock, most: int = BATCH) -> int:
    """Does what is due with up to so many deadlines; returns how many."""
    async with transaction(pool, ITSELF) as connection:
        now = clock.now()
        due = await store.due(connection, now, most)
        if not due:
            return 0
        known = await calendar_for(connection, now, due)
        rang = [(after, alarm) for after, alarm in (rung(each, known, now) for each in due) if alarm is not None]
        await store.ring(connection, [after for after, _ in rang])
        await _escalate(connection, clock, rang)
        for _, alarm in rang:
            RUNG.labels(alarm.value).inc()
    return len(due)


async def _escalate(connection: Connection, clock: Clock, rang: list[tuple[Deadline, Alarm]]) -> None:
    """Tells of the alarms, and moves the tickets of what is late up by a step of their history."""
    now = clock.now()
    held = {ticket.id: ticket for ticket in await tickets.lock_all(connection, list({each.ticket for each, _ in rang}))}
    people = await catalogue.escalations(connection)
    before = dict(held)
    steps: list[Step] = []
    tellings: list[Telling] = []
    for deadline, alarm in rang:
        ticket = held[deadline.ticket]
        department = None if deadline.kind is Kind.OVERALL else deadline.department
        subjects = () if alarm is Alarm.WARNED else whom(people, department, ticket.station, deadline.level)
        event = deadline_rung(alarm, deadline, ticket.number, now, subjects)
        tellings.append(Telling(event, str(ticket.id), ticket.area, deadline.department))
        if alarm is Alarm.WARNED:
            continue
        after = replace(moved(ticket, ESCALATE, now), escalation=max(ticket.escalation, deadline.level))
        held[ticket.id] = after
        steps.append(_step(ticket, after, deadline))
        told = event_of(ESCALATE.past, after, ticket.status)
        tellings.append(Telling(told, str(ticket.id), ticket.area, ticket.department))
    changed = [ticket for ticket in held.values() if ticket is not before[ticket.id]]
    await tickets.escalate_all(connection, changed)
    await tickets.add_steps(connection, steps)
    await record_all(connection, clock, tellings)


def _step(before: Ticket, after: Ticket, deadline: Deadline) -> Step:
    return Step(
        ticket=after.id,
        version=after.version,
        at=after.updated_at,
        deed=ESCALATE.past,
        before=before.status,
        after=after.status,
        actor=ITSELF.subject,
        actor_role=Role.SERVICE,
        data={"deadline": deadline.kind.value, "round": deadline.round, "level": deadline.level},
    )
