"""The clocks of matters, their pauses and extensions as rows."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.chassis.db import Connection
from services.tickets.domain.deadline import Counted, Deadline, Extension, Kind, Pause, PauseKind, Skipped
from services.tickets.domain.limits import Limits
from services.tickets.domain.worktime import Span

_COLUMNS = """id, ticket, kind, round, department, area, limits, due_on, extensions, started_at, due_at, warn_at, return_by, met_at, missed_at,
    ended_at, warned_at, level, next_at, calendar, provisional, skipped, pauses, sentence"""
_NAMES = tuple(name.strip() for name in _COLUMNS.split(","))

OF_TICKET = f"SELECT {_COLUMNS} FROM deadline WHERE ticket = $1 ORDER BY started_at, kind"
PAUSES = "SELECT ticket, since, until, kind, reason FROM pause WHERE ticket = ANY($1) ORDER BY ticket, place"
SAVE = f"""
INSERT INTO deadline ({_COLUMNS}) SELECT {_COLUMNS} FROM jsonb_to_recordset($1) AS given (
    id uuid, ticket uuid, kind text, round int, department text, area text, limits jsonb, due_on date, extensions text[], started_at timestamptz,
    due_at timestamptz, warn_at timestamptz, return_by timestamptz, met_at timestamptz, missed_at timestamptz, ended_at timestamptz,
    warned_at timestamptz, level int, next_at timestamptz, calendar int, provisional boolean, skipped jsonb, pauses jsonb, sentence text)
ON CONFLICT (id) DO UPDATE SET extensions = excluded.extensions, due_at = excluded.due_at, warn_at = excluded.warn_at,
    return_by = excluded.return_by, met_at = excluded.met_at, missed_at = excluded.missed_at, ended_at = excluded.ended_at,
    warned_at = excluded.warned_at, level = excluded.level, next_at = excluded.next_at, calendar = excluded.calendar,
    provisional = excluded.provisional, skipped = excluded.skipped, pauses = excluded.pauses, sentence = excluded.sentence
"""
RING = """
UPDATE deadline d SET warned_at = g.warned_at, missed_at = g.missed_at, level = g.level, next_at = g.next_at
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::int[], $5::timestamptz[])
    AS g (id, warned_at, missed_at, level, next_at)
WHERE d.id = g.id
"""
SAVE_PAUSE = """
INSERT INTO pause (ticket, place, since, until, kind, reason) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (ticket, place) DO UPDATE SET until = excluded.until
"""
DUE = f"""
SELECT {", ".join(f"d.{name}" for name in _NAMES if name not in ("skipped", "pauses", "sentence"))} FROM deadline d JOIN ticket t ON t.id = d.ticket
WHERE d.next_at < $1 ORDER BY d.next_at LIMIT $2 FOR UPDATE OF t, d SKIP LOCKED
"""
OUTDATED = f"""
SELECT {", ".join(f"d.{name}" for name in _NAMES)} FROM deadline d JOIN ticket t ON t.id = d.ticket
WHERE d.calendar < $1 AND d.met_at IS NULL AND d.ended_at IS NULL ORDER BY d.calendar, d.ticket LIMIT $2
FOR UPDATE OF t, d SKIP LOCKED
"""
NEXT = "SELECT min(next_at) FROM deadline WHERE next_at IS NOT NULL"
INSERT_EXTENSION = """
INSERT INTO extension (id, ticket, deadline, asked, reason, note, requested_by, requested_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
EXTENSIONS = """
SELECT id, ticket, deadline, asked, reason, note, requested_by, requested_at, granted, decided_by, decided_at
FROM extension WHERE ticket = $1 ORDER BY requested_at, id
"""
DECIDE = "UPDATE extension SET granted = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND decided_at IS NULL RETURNING id"


async def of_ticket(connection: Connection, ticket: UUID) -> list[Deadline]:
    """All clocks of a matter, whose row the caller holds."""
    return [_deadline(row) for row in await connection.fetch(OF_TICKET, ticket)]


async def pauses(connection: Connection, tickets: Sequence[UUID]) -> dict[UUID, tuple[Pause, ...]]:
    """Of each of the matters that has any, in order."""
    found: dict[UUID, tuple[Pause, ...]] = {}
    for row in await connection.fetch(PAUSES, tickets):
        pause = Pause(row["since"], row["until"], PauseKind(row["kind"]), row["reason"])
        found[row["ticket"]] = (*found.get(row["ticket"], ()), pause)
    return found


async def save(connection: Connection, deadlines: Sequence[Deadline]) -> None:
    await connection.execute(SAVE, [_plain(deadline) for deadline in deadlines])


async def save_pause(connection: Connection, ticket: UUID, place: int, pause: Pause) -> None:
    await connection.execute(SAVE_PAUSE, ticket, place, pause.since, pause.until, pause.kind, pause.reason)


async def due(connection: Connection, now: datetime, most: int) -> list[Deadline]:
    """Up to so many at which the timer has to look, without their explanations, with their tickets held; those that others hold are left
    to them.
    """
    return [_deadline(row) for row in await connection.fetch(DUE, now, most)]


async def outdated(connection: Connection, version: int, most: int) -> list[Deadline]:
    """Up to so many open ones that were reckoned by an older calendar, with their tickets held."""
    return [_deadline(row) for row in await connection.fetch(OUTDATED, version, most)]


async def ring(connection: Connection, deadlines: Sequence[Deadline]) -> None:
    """Saves what the timer changes."""
    await connection.execute(
        RING,
        [deadline.id for deadline in deadlines],
        [deadline.warned_at for deadline in deadlines],
        [deadline.missed_at for deadline in deadlines],
        [deadline.level for deadline in deadlines],
        [deadline.next_at for deadline in deadlines],
    )


async def next_at(connection: Connection) -> datetime | None:
    """When the timer has to look next."""
    found: datetime | None = await connection.fetchval(NEXT)
    return found


async def add_extension(connection: Connection, extension: Extension) -> None:
    await connection.execute(
        INSERT_EXTENSION,
        extension.id,
        extension.ticket,
        extension.deadline,
        str(extension.asked),
        extension.reason,
        extension.note,
        extension.requested_by,
        extension.requested_at,
    )


async def extensions(connection: Connection, ticket: UUID) -> list[Extension]:
    """All that were asked for of a matter, in order."""
    return [
        Extension(
            **dict(row)
            | {
                "asked": Span.of(row["asked"]),
                "granted": None if row["granted"] is None else Span.of(row["granted"]),
            }
        )
        for row in await connection.fetch(EXTENSIONS, ticket)
    ]


async def decide(connection: Connection, extension: UUID, granted: Span | None, by: str, at: datetime) -> bool:
    """Whether the request was open until now."""
    return await connection.fetchval(DECIDE, extension, None if granted is None else str(granted), by, at) is not None


def _plain(deadline: Deadline) -> dict[str, Any]:
    plain = {field.name: getattr(deadline, field.name) for field in fields(deadline)}
    plain["limits"] = deadline.limits.plain
    plain["extensions"] = [str(span) for span in deadline.extensions]
    result: dict[str, Any] = msgspec.to_builtins(plain)
    return result


def _deadline(row: asyncpg.Record) -> Deadline:
    columns = dict(row)
    return Deadline(
        **columns
        | {
            "kind": Kind(columns["kind"]),
            "limits": Limits.of(columns["limits"]),
            "extensions": tuple(Span.of(text) for text in columns["extensions"]),
            "skipped": tuple(msgspec.convert(columns.get("skipped", []), list[Skipped])),
            "pauses": tuple(msgspec.convert(columns.get("pauses", []), list[Counted])),
        }
    )
