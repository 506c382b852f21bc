"""Calls, what tickets they are about, the clerks of items, and the hotline's rules, as rows."""

from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.vault import Sealed
from services.tickets.domain.call import Call, Direction, Notice, Recording

BEGIN = """
INSERT INTO call (id, trunk, area, direction, told_at, keep_until)
SELECT $1, $2, $3, $4, $5::timestamptz, $5::timestamptz + make_interval(days => keep_days) FROM hotline_rule
ON CONFLICT (id) DO NOTHING RETURNING id
"""
COLUMNS = """
id, trunk, area, direction, agent, told_at, rung_at, answered_at, ended_at, number_sealed, number_index, number_masked, notice,
recording_uri, recording_sha256, transcript, forgotten_at
"""
FIND = f"SELECT {COLUMNS} FROM call WHERE id = $1"
LOCK = f"SELECT {COLUMNS} FROM call WHERE id = $1 FOR UPDATE"
SAVE = """
UPDATE call SET direction = $2, agent = $3, rung_at = $4, answered_at = $5, ended_at = $6, number_sealed = $7, number_index = $8,
    number_masked = $9, notice = $10, recording_uri = $11, recording_sha256 = $12, transcript = $13
WHERE id = $1
"""
LINK = """
INSERT INTO call_ticket (call, ticket, opened, by, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING call
"""
OPENED = "SELECT count(*) FROM call_ticket WHERE call = $1 AND opened"
CLERK = """
SELECT department, subject FROM item_clerk WHERE item = $1 AND $2 ^@ area AND active ORDER BY length(area) DESC LIMIT 1
"""
KEEP_CLERK = """
INSERT INTO item_clerk (item, area, department, subject, active, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (item, area) DO UPDATE SET department = excluded.department, subject = excluded.subject, active = excluded.active,
    by = excluded.by, at = excluded.at
"""
FORGET = """
UPDATE call SET number_sealed = NULL, number_index = NULL, number_masked = NULL, recording_uri = NULL, recording_sha256 = NULL,
    transcript = NULL, forgotten_at = $1
WHERE keep_until <= $1 AND forgotten_at IS NULL RETURNING id
"""


async def begin(connection: Connection, call: Call) -> bool:
    """Whether the call was added, with no more than where and when; not when it was there."""
    added = await connection.fetchval(BEGIN, call.id, call.trunk, call.area, call.direction, call.told_at)
    return added is not None


async def find(connection: Connection, key: UUID) -> Call | None:
    row = await connection.fetchrow(FIND, key)
    return None if row is None else _call(row)


async def lock(connection: Connection, key: UUID) -> Call | None:
    """The call, held until the transaction ends; None when there is none that the caller may complete."""
    row = await connection.fetchrow(LOCK, key)
    return None if row is None else _call(row)


async def save(connection: Connection, call: Call) -> None:
    number, recording = call.number, call.recording
    await connection.execute(
        SAVE,
        call.id,
        call.direction,
        call.agent,
        call.rung_at,
        call.answered_at,
        call.ended_at,
        number and number.sealed,
        number and number.index,
        number and number.masked,
        call.notice,
        recording and recording.uri,
        recording and recording.sha256,
        call.transcript,
    )


async def link(connection: Connection, call: UUID, ticket: UUID, *, opened: bool, by: str, at: datetime) -> bool:
    """Whether the ticket is the call's only now."""
    return await connection.fetchval(LINK, call, ticket, opened, by, at) is not None


async def opened(connection: Connection, call: UUID) -> int:
    """How many tickets the call has opened."""
    count: int = await connection.fetchval(OPENED, call)
    return count


async def clerk(connection: Connection, item: str, area: str) -> tuple[str, str] | None:
    """Department and subject of who does the item for the area; None when nobody is named."""
    row = await connection.fetchrow(CLERK, item, area)
    return None if row is None else (row["department"], row["subject"])


async def keep_clerk(
    connection: Connection, *, item: str, area: str, department: str, subject: str, active: bool, by: str, at: datetime
) -> None:
    await connection.execute(KEEP_CLERK, item, area, department, subject, active, by, at)


async def forget(connection: Connection, now: datetime) -> int:
    """Forgets numbers, recordings and transcripts whose time is over; returns of how many calls."""
    return len(await connection.fetch(FORGET, now))


def _call(row: asyncpg.Record) -> Call:
    columns = dict(row)
    sealed, index, masked = (columns.pop(f"number_{part}") for part in ("sealed", "index", "masked"))
    uri, sha256, notice = columns.pop("recording_uri"), columns.pop("recording_sha256"), columns.pop("notice")
    return Call(
        **columns | {"direction": Direction(columns["direction"])},
        number=None if sealed is None else Sealed(sealed, index, masked),
        notice=None if notice is None else Notice(notice),
        recording=None if uri is None else Recording(uri, sha256),
    )
