"""Documents of matters: rows that name objects, and the sweep of objects that no row names."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.db import Connection, Pool, transaction
from services.chassis.objects import Objects, lock_object
from services.chassis.principal import Caller
from services.tickets.domain.attachment import Attachment

INCOMING = "incoming"
KEPT = "attachments"
YOUNG = timedelta(days=1)
"""What is younger may be an upload whose row is not committed yet."""

COLUMNS = "id, ticket, title, content_type, bytes, sha256, object_key, added_by, added_at"
ADD = f"""
INSERT INTO attachment ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (ticket, sha256) DO NOTHING RETURNING id
"""
SAME = f"SELECT {COLUMNS} FROM attachment WHERE ticket = $1 AND sha256 = $2"
FIND = f"SELECT {COLUMNS} FROM attachment WHERE id = $1"
BELONG = "SELECT count(*) FROM attachment WHERE ticket = $1 AND id = ANY($2)"
NAMED = "SELECT EXISTS (SELECT FROM attachment WHERE object_key = $1)"


async def add(connection: Connection, attachment: Attachment) -> Attachment:
    """Writes an attachment; returns the one that is there already where the ticket has the same document."""
    added = await connection.fetchval(
        ADD,
        attachment.id,
        attachment.ticket,
        attachment.title,
        attachment.content_type,
        attachment.size,
        attachment.sha256,
        attachment.object_key,
        attachment.added_by,
        attachment.added_at,
    )
    if added is not None:
        return attachment
    row = await connection.fetchrow(SAME, attachment.ticket, attachment.sha256)
    assert row is not None  # noqa: S101  the conflict was with it, and rows are not deleted
    return Attachment(*row)


async def find(connection: Connection, key: UUID) -> Attachment | None:
    """None when there is none that the caller may see."""
    row = await connection.fetchrow(FIND, key)
    return None if row is None else Attachment(*row)


async def belong(connection: Connection, ticket: UUID, keys: Sequence[UUID]) -> bool:
    """Whether all of these, each once, are the ticket's."""
    found: int = await connection.fetchval(BELONG, ticket, keys)
    return found == len(keys)


async def sweep(pool: Pool, caller: Caller, objects: Objects, clock: Clock, going_on: Callable[[], bool]) -> int:
    """Deletes uploads that never became an attachment, and objects that no attachment names; returns how many it deleted.

    Asks before each object whether to go on.
    """
    deleted = 0
    for folder in (INCOMING, KEPT):
        async for found in objects.list(folder):
            if not going_on():
                return deleted
            if found.written_at >= clock.now() - YOUNG:
                continue
            async with transaction(pool, caller) as connection:
                await lock_object(connection, found.key)
                written = await objects.written_at(found.key)
                if written is None or written >= clock.now() - YOUNG or await connection.fetchval(NAMED, found.key):
                    continue
                await objects.delete(found.key)
                deleted += 1
    return deleted
