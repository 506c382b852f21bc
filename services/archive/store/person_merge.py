"""Persons who turned out to be one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.chassis.db import Connection

PLACES = """
SELECT p.id, p.area_code, p.household_id, p.merged_into, h.version FROM person p LEFT JOIN household h ON h.id = p.household_id
WHERE p.id = ANY($1::uuid[])
"""
LAST_ENTRY = "SELECT coalesce(max(id), 0) FROM sheet_entry WHERE household_id = ANY($1::uuid[])"
ENTRIES_SINCE = "SELECT array_agg(id ORDER BY id) FROM sheet_entry WHERE household_id = ANY($1::uuid[]) AND id > $2"
MARK = "UPDATE person SET merged_into = $2 WHERE id = $1"
ADD = """
INSERT INTO person_merge (id, kept, area_code, dropped, dropped_area, reason, valid_from, merged_at, merged_by, filled, sheets, entries)
SELECT $1, k.id, k.area_code, d.id, d.area_code, $4, $5, $6, $7, $8, $9, $10 FROM person k CROSS JOIN person d WHERE k.id = $2 AND d.id = $3
"""
FIND = """
SELECT m.id, m.kept, m.dropped, m.valid_from, m.filled, m.sheets, m.entries, m.undone_at IS NOT NULL AS undone,
    p.merged_into IS NOT NULL AS kept_merged
FROM person_merge m JOIN person p ON p.id = m.kept WHERE m.id = $1 FOR UPDATE OF m
"""
VERSIONS = "SELECT id, version FROM household WHERE id = ANY($1::uuid[])"
UNDO = "UPDATE person_merge SET undone_at = $2, undone_by = $3, undone_reason = $4 WHERE id = $1"


@dataclass(frozen=True)
class Place:
    """Where a person stands at present. `version` is that of the household's sheet."""

    id: UUID
    area: str
    household: UUID | None
    merged_into: UUID | None
    version: int | None


@dataclass(frozen=True)
class Merge:
    """`filled` are facts that the kept person lacked, with what stood there; `sheets` were changed in that order, by these entries.

    `kept_merged`: the kept person has been merged into another since.
    """

    id: UUID
    kept: UUID
    dropped: UUID
    valid_from: date
    filled: Mapping[str, str | None]
    sheets: Sequence[UUID]
    entries: Sequence[int]
    undone: bool
    kept_merged: bool


async def places(connection: Connection, persons: Sequence[UUID]) -> dict[UUID, Place]:
    """Of those of the persons whom the caller may see."""
    return {row["id"]: Place(*row) for row in await connection.fetch(PLACES, persons)}


async def last_entry(connection: Connection, sheets: Sequence[UUID]) -> int:
    last: int = await connection.fetchval(LAST_ENTRY, sheets)
    return last


async def mark(connection: Connection, dropped: UUID, kept: UUID | None) -> None:
    """Says who a person turned out to be; None takes it back."""
    await connection.execute(MARK, dropped, kept)


async def add(
    connection: Connection,
    key: UUID,
    *,
    kept: UUID,
    dropped: UUID,
    reason: str,
    valid_from: date,
    at: datetime,
    by: str,
    filled: Mapping[str, str | None],
    sheets: Sequence[UUID],
    after: int,
) -> None:
    """Notes a merge, with all entries of the sheets that were written after the given one."""
    entries = await connection.fetchval(ENTRIES_SINCE, sheets, after) or []
    await connection.execute(ADD, key, kept, dropped, reason, valid_from, at, by, filled, sheets, entries)


async def find(connection: Connection, key: UUID) -> Merge | None:
    """Locked until the transaction ends; None when there is none that the caller may see."""
    row = await connection.fetchrow(FIND, key)
    return None if row is None else Merge(*row)


async def versions(connection: Connection, sheets: Sequence[UUID]) -> dict[UUID, int]:
    return {row["id"]: row["version"] for row in await connection.fetch(VERSIONS, sheets)}


async def undo(connection: Connection, key: UUID, at: datetime, by: str, reason: str) -> None:
    await connection.execute(UNDO, key, at, by, reason)
