"""Sessions and whom the departments send, deed by deed; store/series.py writes whole plans."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection, savepoint
from services.chassis.errors import Conflict
from services.liaison.domain.session import Kind, Session, State

COLUMNS = """id, series, kind, area, due, date, opens, minutes, state, reason, topic, outcome, people, held_by, held_at, by_hand, version"""
TAKE = f"SELECT {COLUMNS} FROM session WHERE id = $1 FOR NO KEY UPDATE"
FIND = f"SELECT {COLUMNS} FROM session WHERE id = $1"
KEEP = """
UPDATE session SET date = $3, opens = $4, state = $5, reason = $6, topic = $7, outcome = $8, people = $9, held_by = $10, held_at = $11,
    by_hand = $12, version = $13
WHERE id = $1 AND version = $2 RETURNING id
"""
FREE = """
UPDATE session_staff f SET subject = NULL, gap_told_at = NULL FROM session s
WHERE s.id = $1 AND f.session = s.id AND f.subject IS NOT NULL AND (
    EXISTS (SELECT FROM leave l WHERE l.subject = f.subject AND l.withdrawn_at IS NULL AND $2 BETWEEN l.first AND l.last)
    OR EXISTS (SELECT FROM engagement e WHERE e.subject = f.subject AND e.area <> s.area AND e.ref <> s.id::text
               AND e.during && tstzrange(in_china($2, $3), in_china($2, $3) + make_interval(mins => s.minutes))))
RETURNING f.department
"""
FIT = """
SELECT c.department = $2 AS sent, $3 ^@ c.area AS within, c.since <= $4 AND coalesce(c.until, $4) >= $4 AS serving,
    EXISTS (SELECT FROM leave l WHERE l.subject = c.subject AND l.withdrawn_at IS NULL AND $4 BETWEEN l.first AND l.last) AS away
FROM cadre c WHERE c.subject = $1
"""
ASSIGN = """
INSERT INTO session_staff (session, department, subject, by_hand) VALUES ($1, $2, $3, true)
ON CONFLICT (session, department) DO UPDATE SET subject = excluded.subject, by_hand = true, gap_told_at = NULL
"""
STAFFED = "SELECT department, subject, state FROM session_staff WHERE session = $1 ORDER BY department"
CAME = """
UPDATE session_staff SET state = CASE WHEN department = ANY ($2) THEN 'CAME' ELSE 'ABSENT' END WHERE session = $1 AND subject IS NOT NULL
"""


def session_of(row: asyncpg.Record) -> Session:
    values = dict(row)
    return Session(**{**values, "kind": Kind(values["kind"]), "state": State(values["state"])})


async def take(connection: Connection, id_: UUID) -> Session | None:
    """Locks it for a deed; None where there is none that the caller hosts."""
    row = await connection.fetchrow(TAKE, id_)
    return None if row is None else session_of(row)


async def find(connection: Connection, id_: UUID) -> Session | None:
    row = await connection.fetchrow(FIND, id_)
    return None if row is None else session_of(row)


@asynccontextmanager
async def one_place(connection: Connection) -> AsyncIterator[None]:
    """A part of a transaction in which somebody may turn out to be elsewhere, or a day to be taken; raises Conflict."""
    try:
        async with savepoint(connection):
            yield
    except asyncpg.ExclusionViolationError as error:
        if error.constraint_name == "session_one_a_day":
            raise Conflict(
                "the village has another session of the series on that day", field="date", rule="session.one.a.day"
            ) from None
        raise Conflict(
            "who was chosen is in another village at that time", field="subject", rule="engagement.one.place"
        ) from None


async def keep(connection: Connection, session: Session, *, was: int) -> bool:
    """Saves it over its version `was`; False where that is not there any more. Raises Conflict as `one_place` does."""
    values: tuple[Any, ...] = (
        *(session.date, session.opens, session.state, session.reason, session.topic, session.outcome),
        *(session.people, session.held_by, session.held_at, session.by_hand, session.version),
    )
    async with one_place(connection):
        return await connection.fetchval(KEEP, session.id, was, *values) is not None


async def free(connection: Connection, session: Session) -> list[str]:
    """Takes out who cannot come at its time; returns the departments that then have nobody."""
    return [row["department"] for row in await connection.fetch(FREE, session.id, session.date, session.opens)]


async def fit(connection: Connection, subject: str, department: str, area: str, day: date) -> dict[str, bool] | None:
    """Whether the department sends them (`sent`), as far as the area (`within`), that day (`serving`), and they are `away`. None: nobody."""
    row = await connection.fetchrow(FIT, subject, department, area, day)
    return None if row is None else {name: bool(value) for name, value in row.items()}


async def assign(connection: Connection, id_: UUID, department: str, subject: str) -> None:
    """Raises Conflict where they are in another village at that time."""
    async with one_place(connection):
        await connection.execute(ASSIGN, id_, department, subject)


async def staffed(connection: Connection, id_: UUID) -> dict[str, tuple[str | None, str]]:
    """Departments to whom they send and whether that one came."""
    return {row["department"]: (row["subject"], row["state"]) for row in await connection.fetch(STAFFED, id_)}


async def came(connection: Connection, id_: UUID, departments: Sequence[str]) -> None:
    """Who was sent by these came, the others did not."""
    await connection.execute(CAME, id_, departments)
