"""Tickets and their history as rows."""

from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.tickets.domain.ticket import Satisfaction, Source, Status, Step, Ticket

NEXT_SERIAL = "SELECT nextval('ticket_number')"
INSERT = """
INSERT INTO ticket (id, number, title, description, category, source, source_id, status, area, household, version,
    reported_by, reported_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (source, source_id) DO NOTHING RETURNING id
"""
LOCK = """
SELECT id, number, title, description, category, source, source_id, status, area, household, department, version,
    reported_by, reported_at, updated_at, satisfaction
FROM ticket WHERE id = $1 FOR UPDATE
"""
UPDATE = """
UPDATE ticket SET status = $3, department = $4, satisfaction = $5, version = $6, updated_at = $7
WHERE id = $1 AND version = $2 RETURNING version
"""
ADD_STEP = """
INSERT INTO step (ticket, version, at, deed, from_status, to_status, actor, actor_role, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def next_serial(connection: Connection) -> int:
    serial: int = await connection.fetchval(NEXT_SERIAL)
    return serial


async def insert(connection: Connection, ticket: Ticket) -> bool:
    """Whether the ticket was added; not when its source (with a `source_id`) has opened one already."""
    added = await connection.fetchval(
        INSERT,
        ticket.id,
        ticket.number,
        ticket.title,
        ticket.description,
        ticket.category,
        ticket.source,
        ticket.source_id,
        ticket.status,
        ticket.area,
        ticket.household,
        ticket.version,
        ticket.reported_by,
        ticket.reported_at,
        ticket.updated_at,
    )
    return added is not None


async def lock(connection: Connection, ticket_id: UUID) -> Ticket | None:
    """The ticket, held until the transaction ends; None when there is none that the caller may change."""
    row = await connection.fetchrow(LOCK, ticket_id)
    return None if row is None else _ticket(row)


async def update(connection: Connection, ticket: Ticket, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    changed = await connection.fetchval(
        UPDATE,
        ticket.id,
        was,
        ticket.status,
        ticket.department,
        ticket.satisfaction,
        ticket.version,
        ticket.updated_at,
    )
    return changed is not None


async def add_step(connection: Connection, step: Step) -> None:
    await connection.execute(
        ADD_STEP,
        step.ticket,
        step.version,
        step.at,
        step.deed,
        step.before,
        step.after,
        step.actor,
        step.actor_role,
        step.note,
    )


def _ticket(row: asyncpg.Record) -> Ticket:
    columns = dict(row)
    satisfaction = columns.pop("satisfaction")
    return Ticket(
        **columns
        | {
            "source": Source(columns["source"]),
            "status": Status(columns["status"]),
            "satisfaction": None if satisfaction is None else Satisfaction(satisfaction),
        }
    )
