"""Tickets and their history as rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.tickets.domain.catalogue import Priority
from services.tickets.domain.ticket import Satisfaction, Source, Status, Step, Ticket, station_of

FIXED = (
    *(
        "id",
        "number",
        "title",
        "description",
        "source",
        "source_id",
        "area",
        "household",
        "household_on",
        "persons",
        "plots",
        "parent",
        "due_on",
    ),
    *("reported_by", "reported_at"),
)
WRITTEN = (
    *(
        "status",
        "category",
        "priority",
        "department",
        "assignee",
        "handed_to",
        "version",
        "updated_at",
        "returns",
        "ruled",
        "reopened",
    ),
    *(
        "awaiting_reason",
        "awaiting_until",
        "supervised_at",
        "escalation",
        "satisfaction",
        "superior_satisfaction",
        "merged_into",
    ),
    *("referred_to", "end_reason"),
)
"""What deeds change."""
_ALL = (*FIXED, *WRITTEN)
_READ = ", ".join("station" if name == "handed_to" else name for name in _ALL)

NEXT_SERIAL = "SELECT nextval('ticket_number')"
INSERT = f"""
INSERT INTO ticket ({", ".join(_ALL)}) VALUES ({", ".join(f"${n}" for n in range(1, len(_ALL) + 1))})
ON CONFLICT (source, source_id) DO NOTHING RETURNING id
"""
FIND = f"SELECT {_READ} FROM ticket WHERE id = $1"
LOCK = f"SELECT {_READ} FROM ticket WHERE id = $1 FOR UPDATE"
LOCK_ALL = f"SELECT {_READ} FROM ticket WHERE id = ANY($1) ORDER BY id FOR UPDATE"
UPDATE = f"""
UPDATE ticket SET {", ".join(f"{name} = ${n}" for n, name in enumerate(WRITTEN, 3))}
WHERE id = $1 AND version = $2 RETURNING version
"""
ESCALATE_ALL = """
UPDATE ticket t SET escalation = g.escalation, version = g.version, updated_at = g.updated_at
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::timestamptz[]) AS g (id, escalation, version, updated_at) WHERE t.id = g.id
"""
NUMBERS = "SELECT id, number FROM ticket WHERE id = ANY($1)"
ADD_STEP = """
INSERT INTO step (ticket, version, at, deed, from_status, to_status, actor, actor_role, reason, note, data, attachments)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_STEP = (
    *("ticket", "version", "at", "deed", "from_status", "to_status", "actor", "actor_role", "reason", "note", "data"),
    "attachments",
)
ADD_STEPS = f"""
INSERT INTO step ({", ".join(_STEP)})
SELECT {", ".join(_STEP)} FROM jsonb_to_recordset($1) AS given (ticket uuid, version int, at timestamptz, deed text, from_status text,
    to_status text, actor text, actor_role text, reason text, note text, data jsonb, attachments uuid[])
"""


async def next_serial(connection: Connection) -> int:
    serial: int = await connection.fetchval(NEXT_SERIAL)
    return serial


async def insert(connection: Connection, ticket: Ticket) -> bool:
    """Whether the ticket was added; not when its source (with a `source_id`) has opened one already."""
    return await connection.fetchval(INSERT, *_values(ticket, _ALL)) is not None


async def find(connection: Connection, ticket_id: UUID) -> Ticket | None:
    """The ticket as it stands; None when there is none that the caller may see."""
    row = await connection.fetchrow(FIND, ticket_id)
    return None if row is None else _ticket(row)


async def lock(connection: Connection, ticket_id: UUID) -> Ticket | None:
    """The ticket, held until the transaction ends; None when there is none that the caller may change."""
    row = await connection.fetchrow(LOCK, ticket_id)
    return None if row is None else _ticket(row)


async def lock_all(connection: Connection, ids: Sequence[UUID]) -> list[Ticket]:
    """Those of the tickets that the caller may change, held, always in the same order."""
    return [_ticket(row) for row in await connection.fetch(LOCK_ALL, ids)]


async def update(connection: Connection, ticket: Ticket, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    return await connection.fetchval(UPDATE, ticket.id, was, *_values(ticket, WRITTEN)) is not None


async def escalate_all(connection: Connection, tickets: Sequence[Ticket]) -> None:
    """Saves the level of tickets that the caller holds."""
    await connection.execute(
        ESCALATE_ALL,
        [ticket.id for ticket in tickets],
        [ticket.escalation for ticket in tickets],
        [ticket.version for ticket in tickets],
        [ticket.updated_at for ticket in tickets],
    )


async def numbers(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    return {row["id"]: row["number"] for row in await connection.fetch(NUMBERS, ids)}


async def add_step(connection: Connection, step: Step) -> None:
    await connection.execute(ADD_STEP, *_step(step))


async def add_steps(connection: Connection, steps: Sequence[Step]) -> None:
    """Adds many at once."""
    await connection.execute(ADD_STEPS, [dict(zip(_STEP, _step(step), strict=True)) for step in steps])


def _step(step: Step) -> tuple[Any, ...]:
    return (
        step.ticket,
        step.version,
        step.at,
        step.deed,
        step.before,
        step.after,
        step.actor,
        step.actor_role,
        step.reason,
        step.note,
        dict(step.data),
        step.attachments,
    )


def _values(ticket: Ticket, names: Sequence[str]) -> list[Any]:
    handed_to = None if ticket.station == station_of(ticket.area) else ticket.station
    return [handed_to if name == "handed_to" else getattr(ticket, name) for name in names]


def _satisfaction(code: str | None) -> Satisfaction | None:
    return None if code is None else Satisfaction(code)


def _ticket(row: asyncpg.Record) -> Ticket:
    columns = dict(row)
    return Ticket(
        **columns
        | {
            "source": Source(columns["source"]),
            "status": Status(columns["status"]),
            "priority": Priority(columns["priority"]),
            "persons": tuple(columns["persons"]),
            "plots": tuple(columns["plots"]),
            "satisfaction": _satisfaction(columns["satisfaction"]),
            "superior_satisfaction": _satisfaction(columns["superior_satisfaction"]),
        }
    )
