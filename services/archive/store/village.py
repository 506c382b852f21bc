"""Village sheets: their entries, and what they add up to as of any day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.archive.domain.history import Change
from services.archive.domain.village import State, Word
from services.chassis.db import Connection

OPEN = "INSERT INTO village_sheet (area_code) VALUES ($1) ON CONFLICT DO NOTHING"
LOCK = "SELECT version FROM village_sheet WHERE area_code = $1 FOR UPDATE"
VILLAGE_OF = "SELECT area_code FROM village_entry WHERE key = $1 LIMIT 1"
PARTS = "SELECT key, state FROM village_parts_as_of($1, $2, $3, NULL)"
RECORD = """
INSERT INTO village_entry
    (area_code, kind, key, open, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
SELECT $1, kind, key, open, valid_from, $2, $3, $4, patch, $5, $6
FROM unnest($7::text[], $8::text[], $9::boolean[], $10::date[], $11::jsonb[]) AS given (kind, key, open, valid_from, patch)
"""
SAVE = "UPDATE village_sheet SET version = version + 1, revised_at = $2 WHERE area_code = $1 RETURNING version"


async def lock(connection: Connection, code: str) -> int:
    """The version of the village's sheet, locked until the transaction ends; 0 where it says nothing yet. The village must be there."""
    await connection.execute(OPEN, code)
    version: int = await connection.fetchval(LOCK, code)
    return version


async def village_of(connection: Connection, key: str) -> str | None:
    """The code of the village whose sheet has a part of this key; None when there is none that the caller may see."""
    code: str | None = await connection.fetchval(VILLAGE_OF, key)
    return code


async def parts(connection: Connection, code: str, kind: str, as_of: date | None = None) -> dict[str, State]:
    """The sheet's parts of a kind by their keys, at present or as of a day."""
    rows = await connection.fetch(PARTS, code, kind, as_of)
    return {row["key"]: row["state"] for row in rows}


async def save(connection: Connection, code: str, words: Iterable[Word], change: Change) -> int:
    """Adds words to a locked sheet; returns its new version. Of the change its day is not asked: each word has its own."""
    columns: list[tuple[Any, ...]] = [
        (word.kind, word.key, word.open, word.valid_from, dict(word.patch)) for word in words
    ]
    await connection.execute(
        RECORD,
        code,
        change.provenance,
        change.verified_on or change.valid_from,
        change.reason,
        change.at,
        change.by,
        *(list(column) for column in zip(*columns, strict=True)),
    )
    version: int = await connection.fetchval(SAVE, code, change.at)
    return version
