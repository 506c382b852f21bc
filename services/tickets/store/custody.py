"""Documents in custody and their chains as rows."""

from collections.abc import Iterable
from dataclasses import astuple
from uuid import UUID

from services.chassis.db import Connection
from services.tickets.domain.custody import Document, Entry

_COLUMNS = """
id, errand, area, kind, description, last4, origin, holder, offered_to, offer_until, handed_at, out_since, due_on, seq
"""
ADD = f"""
INSERT INTO errand_document ({_COLUMNS}, registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $11)
"""
OF_ERRAND = f"SELECT {_COLUMNS} FROM errand_document WHERE errand = $1 ORDER BY registered_at, id FOR NO KEY UPDATE"
UPDATE = """
UPDATE errand_document SET holder = $3, offered_to = $4, offer_until = $5, handed_at = $6, out_since = $7, due_on = $8, seq = $2 + 1
WHERE id = $1 AND seq = $2 RETURNING seq
"""
ADD_ENTRY = """
INSERT INTO custody (document, seq, deed, before, holder, offered_to, at, recorded_at, place, attachment, actor, actor_role, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""


async def of_errand(connection: Connection, errand: UUID) -> list[Document]:
    """The errand's documents, held until the transaction ends."""
    return [Document(**dict(row)) for row in await connection.fetch(OF_ERRAND, errand)]


async def add(connection: Connection, document: Document, entry: Entry) -> None:
    """Writes a new document with the first entry of its chain."""
    await connection.execute(ADD, *astuple(document))
    await connection.execute(ADD_ENTRY, *astuple(entry))


async def hand(connection: Connection, changes: Iterable[tuple[Document, Entry]]) -> bool:
    """Writes a step of each document's chain; False as soon as one has moved on meanwhile."""
    for document, entry in changes:
        moved = await connection.fetchval(
            UPDATE,
            document.id,
            document.seq - 1,
            document.holder,
            document.offered_to,
            document.offer_until,
            document.handed_at,
            document.out_since,
            document.due_on,
        )
        if moved is None:
            return False
        await connection.execute(ADD_ENTRY, *astuple(entry))
    return True
