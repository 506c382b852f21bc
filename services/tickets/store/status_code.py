"""Secret codes of tickets, and the wrong ones that came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.db import Connection
from services.chassis.errors import none_such
from services.chassis.vault import Vault

FIELD = "status_code"
NUMBER = "SELECT number FROM ticket WHERE id = $1"
KEEP = """
INSERT INTO status_code (ticket, digest, by, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (ticket) DO UPDATE SET digest = excluded.digest, by = excluded.by, at = excluded.at
"""
FORGET = """
DELETE FROM status_attempt WHERE number IN (SELECT number FROM status_attempt WHERE at <= $1 FOR UPDATE SKIP LOCKED)
"""
COUNT = """
INSERT INTO status_attempt AS known (number, failures, at) VALUES ($1, 1, $2)
ON CONFLICT (number) DO UPDATE SET failures = CASE WHEN known.at <= $4 THEN 1 ELSE known.failures + 1 END,
    at = CASE WHEN known.at <= $4 OR known.failures < $3 THEN excluded.at ELSE known.at END
RETURNING failures, at
"""
CLEAR = "DELETE FROM status_attempt WHERE number = $1"
STANDS = """
SELECT t.number, t.status, t.updated_at, coalesce(d.name, u.name, a.name) AS owner,
    (SELECT l.due_at FROM deadline l WHERE l.ticket = t.id AND l.kind = 'OVERALL' AND l.ended_at IS NULL) AS due_at,
    (SELECT s.note FROM step s WHERE s.ticket = t.id AND s.deed = ANY ($2) AND s.note IS NOT NULL
        ORDER BY s.version DESC LIMIT 1) AS note
FROM status_code c JOIN ticket t ON t.id = c.ticket
    LEFT JOIN department d ON t.owner = 'department/' || d.code
    LEFT JOIN unit u ON t.owner = 'area/' || u.code
    LEFT JOIN area a ON t.owner = 'area/' || a.code
WHERE c.digest = $1
"""


@dataclass(frozen=True)
class Standing:
    """What somebody with number and code is told. `owner` is the name of a department or unit."""

    number: str
    status: str
    updated_at: datetime
    owner: str | None
    due_at: datetime | None
    note: str | None


def digest(vault: Vault, number: str, code: str) -> bytes:
    return vault.index(f"{number}/{code}", field=FIELD)


async def keep(connection: Connection, vault: Vault, ticket: UUID, code: str, *, by: str, at: datetime) -> None:
    """The code takes the place of any other. Raises NotFound for a ticket out of reach."""
    number = await connection.fetchval(NUMBER, ticket)
    if number is None:
        raise none_such("ticket")
    await connection.execute(KEEP, ticket, digest(vault, number, code), by, at)


async def count(connection: Connection, number: str, now: datetime, most: int, locked: timedelta) -> datetime | None:
    """Counts an attempt as one that failed; returns until when the number is locked, None where it is not. Others with the same number
    wait until the transaction ends.
    """
    await connection.execute(FORGET, now - locked)
    row = await connection.fetchrow(COUNT, number, now, most, now - locked)
    return row["at"] + locked if row is not None and row["failures"] > most else None


async def clear(connection: Connection, number: str) -> None:
    """The attempt was right: nothing is counted any more."""
    await connection.execute(CLEAR, number)


async def stands(connection: Connection, digest: bytes, answers: tuple[str, ...]) -> Standing | None:
    """By the digest alone, so that a wrong number costs what a wrong code does. `answers` are the deeds whose note is told."""
    row = await connection.fetchrow(STANDS, digest, answers)
    return None if row is None else Standing(**dict(row))
