"""Suggestions as rows: what may be public, their words, who raised them, and their history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.liaison.domain.matter import Source
from services.liaison.domain.suggestion import DUE, Person, Satisfaction, State, Suggestion

_FIXED = ("id", "area", "source", "session", "category", "anonymous", "raised_at")
_WRITTEN = (
    *("state", "department", "owner_area", "due", "reason", "duplicate_of", "answer", "satisfaction", "public_text"),
    *("published_at", "accepted_on", "answered_on", "solved_on", "updated_at", "version"),
)
_ALL = (*_FIXED, *_WRITTEN)
ADD_PERSON = """
INSERT INTO suggestion_person (suggestion, area, anonymous, by, household) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING suggestion
"""
ADD_WORDS = "INSERT INTO suggestion_words (suggestion, area, text) VALUES ($1, $2, $3)"
ADD = f"INSERT INTO suggestion ({', '.join(_ALL)}) VALUES ({', '.join(f'${n}' for n in range(1, len(_ALL) + 1))})"
LOCK = f"SELECT {', '.join(_ALL)} FROM suggestion WHERE id = $1 FOR UPDATE"
UPDATE = f"""
UPDATE suggestion SET {", ".join(f"{name} = ${n}" for n, name in enumerate(_WRITTEN, 3))} WHERE id = $1 AND version = $2 RETURNING id
"""
HAND_OVER_WORDS = "UPDATE suggestion_words SET department = $2 WHERE suggestion = $1"
HAND_OVER_PERSON = "UPDATE suggestion_person SET department = $2 WHERE suggestion = $1"
PERSON = "SELECT by, household FROM suggestion_person WHERE suggestion = $1"
WORDS = "SELECT text FROM suggestion_words WHERE suggestion = $1"
ADD_STEP = """
INSERT INTO suggestion_step (suggestion, version, at, deed, before, after, by, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
STANDS = "SELECT area, state FROM suggestion WHERE id = $1"
SUPPORT = (
    "INSERT INTO suggestion_support (suggestion, subject, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING at"
)
COUNT = "UPDATE suggestion SET supports = supports + 1 WHERE id = $1 RETURNING supports"
_DUE = ", ".join(f"'{state}'" for state in DUE)


def _ring(column: str, when: str) -> str:
    """Notes in the column of which due day it was told."""
    return f"""
UPDATE suggestion SET {column} = due
WHERE id IN (SELECT id FROM suggestion WHERE state IN ({_DUE}) AND due {when} AND {column} IS DISTINCT FROM due
             ORDER BY due, id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING {", ".join(_ALL)}
"""


NEAR = _ring("reminded", "BETWEEN $1::date AND $1::date + $3::int")
PAST = _ring("alarmed", "< $1::date")


async def add(connection: Connection, suggestion: Suggestion, person: Person, text: str) -> bool:
    """Adds what was raised; False where there is one of that id."""
    key, area = suggestion.id, suggestion.area
    added = await connection.fetchval(ADD_PERSON, key, area, suggestion.anonymous, person.by, person.household)
    if added is None:
        return False
    await connection.execute(ADD_WORDS, key, area, text)
    await connection.execute(ADD, *(getattr(suggestion, name) for name in _ALL))
    return True


async def lock(connection: Connection, key: UUID) -> Suggestion | None:
    """The suggestion, held until the transaction ends; None where the caller may not change it."""
    row = await connection.fetchrow(LOCK, key)
    return None if row is None else _suggestion(row)


async def save(connection: Connection, before: Suggestion, after: Suggestion) -> bool:
    """Whether it was changed: only where it still had its version. Words and person follow to another department."""
    changed = await connection.fetchval(UPDATE, before.id, before.version, *(getattr(after, name) for name in _WRITTEN))
    if changed is not None and after.department != before.department:
        await connection.execute(HAND_OVER_WORDS, before.id, after.department)
        await connection.execute(HAND_OVER_PERSON, before.id, after.department)
    return changed is not None


async def person(connection: Connection, key: UUID) -> Person | None:
    """Who raised it; None where the caller does not reach that."""
    row = await connection.fetchrow(PERSON, key)
    return None if row is None else Person(row["by"], row["household"])


async def words(connection: Connection, key: UUID) -> str:
    """As they were said, of a suggestion whose words the caller reaches."""
    text: str = await connection.fetchval(WORDS, key)
    return text


async def add_step(
    connection: Connection, suggestion: Suggestion, *, deed: str, before: State | None, by: str | None, note: str | None
) -> None:
    """The line of its history for the version that it has now."""
    await connection.execute(
        ADD_STEP,
        suggestion.id,
        suggestion.version,
        suggestion.updated_at,
        deed,
        before,
        suggestion.state,
        by,
        note,
    )


async def stands(connection: Connection, key: UUID) -> tuple[str, State] | None:
    """Area and state; None for a suggestion that is out of reach."""
    row = await connection.fetchrow(STANDS, key)
    return None if row is None else (row["area"], State(row["state"]))


async def support(connection: Connection, key: UUID, subject: str, at: datetime) -> bool:
    """False where they support it already."""
    return await connection.fetchval(SUPPORT, key, subject, at) is not None


async def count_support(connection: Connection, key: UUID) -> int:
    """One more; returns how many there are. For the service itself, as whoever supports it may not change it."""
    supports: int = await connection.fetchval(COUNT, key)
    return supports


async def near(connection: Connection, today: date, days: int, most: int) -> list[Suggestion]:
    """Those of which it was not told yet that they are due within so many days; from now on it was."""
    return [_suggestion(row) for row in await connection.fetch(NEAR, today, most, days)]


async def past(connection: Connection, today: date, most: int) -> list[Suggestion]:
    """Those of which it was not told yet that they are overdue; from now on it was."""
    return [_suggestion(row) for row in await connection.fetch(PAST, today, most)]


def _suggestion(row: asyncpg.Record) -> Suggestion:
    columns: dict[str, Any] = dict(row)
    satisfaction = columns["satisfaction"]
    return Suggestion(
        **columns
        | {
            "source": Source(columns["source"]),
            "state": State(columns["state"]),
            "satisfaction": None if satisfaction is None else Satisfaction(satisfaction),
        }
    )
