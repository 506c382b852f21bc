"""Intakes as rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.chassis.db import Connection
from services.tickets.domain.intake import Handed, IntakeStatus, Missing

_COLUMNS = """id, centre, area, status, title, description, household, items, day, handed, missing, limit_days, due_on, ticket, number,
    created_by, created_at, updated_at, version"""
INSERT = f"INSERT INTO intake ({_COLUMNS}) VALUES ({', '.join(f'${n}' for n in range(1, 20))})"
LOCK = f"SELECT {_COLUMNS} FROM intake WHERE id = $1 FOR UPDATE"
LIMIT_DAYS = "SELECT limit_days FROM intake WHERE ticket = $1"
DRAFT = "SELECT EXISTS (SELECT 1 FROM intake WHERE ticket = $1 AND status = 'DRAFT')"
SEEN = "SELECT count(DISTINCT id) FROM attachment WHERE id = ANY ($1)"
PARTS = "SELECT number, status FROM ticket WHERE parent = $1 ORDER BY number"
FIND = f"SELECT {_COLUMNS} FROM intake WHERE id = $1"
UPDATE = """
UPDATE intake SET status = $3, handed = $4, missing = $5, due_on = $6, updated_at = $7, version = $8
WHERE id = $1 AND version = $2 RETURNING version
"""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """`items` are codes as of `day`; a draft has what is missing, an opened one its due date; `ticket` is the parent."""

    id: UUID
    centre: str
    area: str
    status: IntakeStatus
    title: str
    description: str
    household: UUID | None
    items: tuple[str, ...]
    day: date
    handed: tuple[Handed, ...]
    missing: tuple[Missing, ...]
    limit_days: int
    due_on: date | None = None
    ticket: UUID
    number: UUID | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1


async def insert(connection: Connection, intake: Intake) -> None:
    await connection.execute(
        INSERT,
        *(intake.id, intake.centre, intake.area, intake.status, intake.title, intake.description, intake.household),
        *(list(intake.items), intake.day, msgspec.to_builtins(intake.handed), msgspec.to_builtins(intake.missing)),
        *(
            intake.limit_days,
            intake.due_on,
            intake.ticket,
            intake.number,
            intake.created_by,
            intake.created_at,
            intake.updated_at,
        ),
        intake.version,
    )


async def lock(connection: Connection, intake_id: UUID) -> Intake | None:
    """The intake, held until the transaction ends; None when there is none that the caller may change."""
    return await _one(connection, LOCK, intake_id)


async def find(connection: Connection, intake_id: UUID) -> Intake | None:
    return await _one(connection, FIND, intake_id)


async def limit_days(connection: Connection, ticket: UUID) -> int | None:
    """The working days promised for the intake of a parent ticket; None where that is of no intake."""
    days: int | None = await connection.fetchval(LIMIT_DAYS, ticket)
    return days


async def draft(connection: Connection, ticket: UUID) -> bool:
    """Whether the ticket is the parent of an intake that waits for papers."""
    found: bool = await connection.fetchval(DRAFT, ticket)
    return found


async def documents_seen(connection: Connection, ids: Iterable[UUID]) -> bool:
    """Whether all of these documents are there, in the caller's reach."""
    wanted = set(ids)
    found: int = await connection.fetchval(SEEN, list(wanted))
    return found == len(wanted)


async def parts(connection: Connection, ticket: UUID) -> list[tuple[str, str]]:
    """Number and state of each part of a ticket."""
    return [(row["number"], row["status"]) for row in await connection.fetch(PARTS, ticket)]


async def update(connection: Connection, intake: Intake, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    changed = await connection.fetchval(
        UPDATE,
        *(intake.id, was, intake.status, msgspec.to_builtins(intake.handed), msgspec.to_builtins(intake.missing)),
        *(intake.due_on, intake.updated_at, intake.version),
    )
    return changed is not None


async def _one(connection: Connection, statement: str, intake_id: UUID) -> Intake | None:
    row = await connection.fetchrow(statement, intake_id)
    if row is None:
        return None
    columns = dict(row)
    return Intake(
        **columns
        | {
            "status": IntakeStatus(columns["status"]),
            "items": tuple(columns["items"]),
            "handed": msgspec.convert(columns["handed"], tuple[Handed, ...]),
            "missing": msgspec.convert(columns["missing"], tuple[Missing, ...]),
        }
    )
