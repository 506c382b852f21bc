"""The queue as rows: numbers, who took them, windows that are staffed, turns; what a display shows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from services.chassis.db import Connection
from services.tickets.domain.queue import Estimate, Number, Outcome, QueueStatus, Turn

_COLUMNS = """id, centre, area, day, group_code, serial, number, item, priority, status, ahead_rank, place_at, returned_at, for_window,
    window_code, calls, taken_at, waiting_since, first_called, called_at, started_at, ended_at, outcome, ticket, version"""
NEXT_SERIAL = """
INSERT INTO queue_day AS known (centre, day, group_code, last) VALUES ($1, $2, $3, 1)
ON CONFLICT (centre, day, group_code) DO UPDATE SET last = known.last + 1 RETURNING last
"""
INSERT = """
INSERT INTO queue_number (id, centre, area, day, group_code, serial, number, item, priority, status, ahead_rank, place_at, taken_at,
    waiting_since, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
HOLD = "INSERT INTO queue_holder (number, subject, area, role) VALUES ($1, $2, $3, $4)"
HOLDS = "SELECT EXISTS (SELECT 1 FROM queue_holder WHERE number = $1 AND subject = $2)"
WAITS = """
SELECT n.number FROM queue_holder h JOIN queue_number n ON n.id = h.number
WHERE h.subject = $1 AND n.centre = $2 AND n.day = $3 AND n.group_code = $4 AND n.status IN ('WAITING', 'CALLED') LIMIT 1
"""
LOCK = f"SELECT {_COLUMNS} FROM queue_number WHERE id = $1 FOR UPDATE"
CALL = f"""
SELECT {_COLUMNS} FROM queue_number n
WHERE n.centre = $1 AND n.day = $2 AND n.status = 'WAITING'
    AND CASE WHEN n.for_window IS NULL THEN n.group_code = ANY ($3) ELSE n.for_window = $4 END
ORDER BY n.ahead_rank, n.place_at, coalesce(n.returned_at, n.taken_at), n.serial LIMIT 1 FOR UPDATE SKIP LOCKED
"""
UPDATE = """
UPDATE queue_number SET group_code = $3, priority = $4, status = $5, ahead_rank = $6, place_at = $7, returned_at = $8,
    for_window = $9, window_code = $10, calls = $11, waiting_since = $12, first_called = $13, called_at = $14, started_at = $15,
    ended_at = $16, outcome = $17, ticket = $18, version = $19
WHERE id = $1 AND version = $2 RETURNING version
"""
ESTIMATE = "SELECT ahead, windows, samples, average, wait FROM queue_estimate($1, $2, $3, $4, $5, $6, $7)"
PLACES = """
SELECT ahead_rank, place_at FROM queue_number n
WHERE n.centre = $1 AND n.day = $2 AND n.status = 'WAITING' AND n.group_code = $3
ORDER BY n.ahead_rank, n.place_at, coalesce(n.returned_at, n.taken_at), n.serial LIMIT $4
"""
TURN = """
INSERT INTO queue_turn (id, number, centre, area, day, group_code, window_code, waiting_since, first_called, started_at, ended_at, ended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
SHIFT = """
SELECT id, clerk, groups FROM window_shift WHERE centre = $1 AND day = $2 AND window_code = $3 AND closed_at IS NULL FOR UPDATE
"""
OPEN_SHIFT = """
INSERT INTO window_shift (id, centre, area, day, window_code, groups, clerk, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (centre, day, window_code) WHERE closed_at IS NULL DO NOTHING RETURNING id
"""
CLOSE_SHIFT = "UPDATE window_shift SET closed_at = $2 WHERE id = $1"
AT_WINDOW = """
SELECT number FROM queue_number WHERE centre = $1 AND day = $2 AND window_code = $3 AND status IN ('CALLED', 'SERVING')
"""
SEEN = "SELECT EXISTS (SELECT 1 FROM queue_number WHERE id = $1 AND centre = $2)"
TICKET_SEEN = "SELECT EXISTS (SELECT 1 FROM ticket WHERE id = $1)"
VOID = """
UPDATE queue_number SET status = 'VOID', version = version + 1
WHERE day < $1 AND status IN ('WAITING', 'CALLED', 'SERVING', 'NO_SHOW')
"""
LATEST = """
SELECT number, window_code, status, called_at FROM queue_number
WHERE centre = $1 AND day = $2 AND called_at IS NOT NULL AND window_code IS NOT NULL AND status <> 'WAITING'
ORDER BY called_at DESC, number LIMIT $3
"""
STAFFED = """
SELECT s.window_code, n.number, n.status FROM window_shift s
LEFT JOIN queue_number n ON n.centre = s.centre AND n.day = s.day AND n.window_code = s.window_code AND n.status IN ('CALLED', 'SERVING')
WHERE s.centre = $1 AND s.day = $2 AND s.closed_at IS NULL
"""
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


async def next_serial(connection: Connection, centre: str, day: date, group: str) -> int:
    """The day's next serial of the group; who asks at the same time waits for this transaction's end."""
    serial: int = await connection.fetchval(NEXT_SERIAL, centre, day, group)
    return serial


async def insert(connection: Connection, number: Number, subject: str, role: str) -> None:
    await connection.execute(
        INSERT,
        *(number.id, number.centre, number.area, number.day, number.group_code, number.serial, number.number),
        *(number.item, number.priority, number.status, number.ahead_rank, number.place_at, number.taken_at),
        *(number.waiting_since, number.version),
    )
    await connection.execute(HOLD, number.id, subject, number.area, role)


async def holds(connection: Connection, number: UUID, subject: str) -> bool:
    found: bool = await connection.fetchval(HOLDS, number, subject)
    return found


async def waits(connection: Connection, subject: str, centre: str, day: date, group: str) -> str | None:
    """The number with which the subject waits there already."""
    number: str | None = await connection.fetchval(WAITS, subject, centre, day, group)
    return number


async def lock(connection: Connection, number: UUID) -> Number | None:
    """The number, held until the transaction ends; None when there is none that the caller may change."""
    row = await connection.fetchrow(LOCK, number)
    return None if row is None else _number(row)


async def call(connection: Connection, centre: str, day: date, groups: Sequence[str], window: str) -> Number | None:
    """The next number for the window, held until the transaction ends; what another window is just calling is passed over."""
    row = await connection.fetchrow(CALL, centre, day, list(groups), window)
    return None if row is None else _number(row)


async def update(connection: Connection, number: Number, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    changed = await connection.fetchval(
        UPDATE,
        *(number.id, was, number.group_code, number.priority, number.status, number.ahead_rank, number.place_at),
        *(number.returned_at, number.for_window, number.window_code, number.calls, number.waiting_since),
        *(
            number.first_called,
            number.called_at,
            number.started_at,
            number.ended_at,
            number.outcome,
            number.ticket,
            number.version,
        ),
    )
    return changed is not None


async def estimate(connection: Connection, centre: str, day: date, group: str, rank: int) -> Estimate:
    """For a new number of that rank."""
    row = await connection.fetchrow(ESTIMATE, centre, day, group, rank, _LAST, _LAST, 0)
    assert row is not None  # noqa: S101  an aggregate without groups has one row
    average, wait = timedelta(seconds=row["average"]), timedelta(seconds=row["wait"])
    return Estimate(row["ahead"], row["windows"], row["samples"], average, wait)


async def places(connection: Connection, centre: str, day: date, group: str, most: int) -> list[tuple[int, datetime]]:
    """Rank and place of the first that wait in the group, in order."""
    rows = await connection.fetch(PLACES, centre, day, group, most)
    return [(row["ahead_rank"], row["place_at"]) for row in rows]


async def add_turn(connection: Connection, turn: Turn) -> None:
    number = turn.number
    await connection.execute(
        TURN,
        *(uuid7(), number.id, number.centre, number.area, number.day, number.group_code, turn.window_code),
        *(number.waiting_since, turn.first_called, turn.started_at, turn.ended_at, turn.ended),
    )


async def shift(connection: Connection, centre: str, day: date, window: str) -> asyncpg.Record | None:
    """Who staffs the window (id, clerk, groups), held until the transaction ends."""
    return await connection.fetchrow(SHIFT, centre, day, window)


async def open_shift(
    connection: Connection,
    *,
    centre: str,
    area: str,
    day: date,
    window: str,
    groups: Sequence[str],
    clerk: str,
    at: datetime,
) -> bool:
    """Whether the window was opened; not where somebody else has done so meanwhile."""
    opened = await connection.fetchval(OPEN_SHIFT, uuid7(), centre, area, day, window, list(groups), clerk, at)
    return opened is not None


async def close_shift(connection: Connection, shift_id: UUID, at: datetime) -> None:
    await connection.execute(CLOSE_SHIFT, shift_id, at)


async def at_window(connection: Connection, centre: str, day: date, window: str) -> str | None:
    """The number that is called to the window or served at it."""
    number: str | None = await connection.fetchval(AT_WINDOW, centre, day, window)
    return number


async def seen(connection: Connection, number: UUID, centre: str) -> bool:
    """Whether the number is one of the centre's."""
    found: bool = await connection.fetchval(SEEN, number, centre)
    return found


async def ticket_seen(connection: Connection, ticket: UUID) -> bool:
    seen: bool = await connection.fetchval(TICKET_SEEN, ticket)
    return seen


async def void(connection: Connection, today: date) -> int:
    """Ends what earlier days have left; returns how many."""
    done = await connection.execute(VOID, today)
    return int(done.rsplit(" ", 1)[-1])


async def latest(connection: Connection, centre: str, day: date, most: int) -> list[dict[str, Any]]:
    """The numbers called last (number, window_code, status, called_at), newest first."""
    return [dict(row) for row in await connection.fetch(LATEST, centre, day, most)]


async def staffed(connection: Connection, centre: str, day: date) -> dict[str, tuple[str | None, str | None]]:
    """window → (number there, its state); windows that nobody staffs are left out."""
    rows = await connection.fetch(STAFFED, centre, day)
    return {row["window_code"]: (row["number"], row["status"]) for row in rows}


def _number(row: asyncpg.Record) -> Number:
    columns = dict(row)
    outcome = columns["outcome"]
    return Number(
        **columns | {"status": QueueStatus(columns["status"]), "outcome": None if outcome is None else Outcome(outcome)}
    )
