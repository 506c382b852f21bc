"""Attachments: rows that name objects, and the sweep of objects that no row names any more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from services.archive.domain.attachment import Attachment
from services.chassis.clock import Clock
from services.chassis.db import Connection, Pool, transaction
from services.chassis.objects import Objects, lock_object
from services.chassis.principal import Caller

INCOMING = "incoming"
KEPT = "attachments"
REMOVED_DAYS = 30
"""A removed attachment's object can be brought back by hand for so long."""
YOUNG = timedelta(days=1)
"""What is younger may be an upload whose row is not committed yet."""

COLUMNS = """
id, household_id, area_code, subject, subject_id, title, taken_on, content_type, bytes, sha256, object_key, added_by, added_at
"""
ADD = f"""
INSERT INTO attachment ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (household_id, subject, subject_id, sha256) WHERE removed_at IS NULL DO NOTHING RETURNING id
"""
SAME = f"""
SELECT {COLUMNS} FROM attachment
WHERE household_id = $1 AND subject = $2 AND subject_id = $3 AND sha256 = $4 AND removed_at IS NULL
"""
FIND = f"SELECT {COLUMNS} FROM attachment WHERE id = $1 AND removed_at IS NULL"
REMOVE = "UPDATE attachment SET removed_at = $2, removed_by = $3 WHERE id = $1 AND removed_at IS NULL"
BELONGS = """
SELECT CASE $1
    WHEN 'HOUSEHOLD' THEN true
    WHEN 'MEMBER' THEN EXISTS (SELECT FROM membership m WHERE m.person_id = $2 AND m.household_id = $3)
    WHEN 'PLOT' THEN EXISTS (SELECT FROM plot p WHERE p.id = $2 AND p.household_id = $3)
    WHEN 'VISIT_NOTE' THEN EXISTS (SELECT FROM visit_note n WHERE n.id = $2 AND n.household_id = $3) END
"""
NAMED = """
SELECT EXISTS (SELECT FROM attachment a WHERE a.object_key = $1 AND (a.removed_at IS NULL OR a.removed_at > $2
    OR EXISTS (SELECT FROM legal_hold h WHERE h.household_id = a.household_id)))
"""


async def belongs(connection: Connection, subject: str, key: UUID, household: UUID) -> bool:
    """Whether the household's sheet has, or had, such a part."""
    found: bool = await connection.fetchval(BELONGS, subject, key, household)
    return found


async def add(connection: Connection, attachment: Attachment) -> Attachment:
    """Writes an attachment; returns the one that is there already where the same document is attached to the same part."""
    same = (attachment.household, attachment.subject, attachment.subject_id, attachment.sha256)
    values = (attachment.title, attachment.taken_on, attachment.content_type, attachment.size, attachment.sha256)
    added = await connection.fetchval(
        ADD,
        attachment.id,
        attachment.household,
        attachment.area,
        attachment.subject,
        attachment.subject_id,
        *values,
        attachment.object_key,
        attachment.added_by,
        attachment.added_at,
    )
    if added is not None:
        return attachment
    row = await connection.fetchrow(SAME, *same)
    assert row is not None  # noqa: S101  the conflict was with it, and rows are not deleted
    return Attachment(*row)


async def find(connection: Connection, key: UUID) -> Attachment | None:
    """None when there is none that the caller may see, or it was removed."""
    row = await connection.fetchrow(FIND, key)
    return None if row is None else Attachment(*row)


async def remove(connection: Connection, key: UUID, at: datetime, by: str) -> None:
    await connection.execute(REMOVE, key, at, by)


async def sweep(pool: Pool, caller: Caller, objects: Objects, clock: Clock, going_on: Callable[[], bool]) -> int:
    """Deletes uploads that never became an attachment, and objects that no attachment names any more; returns how many it deleted.

    Asks before each object whether to go on.
    """
    deleted = 0
    async for found in objects.list(INCOMING):
        if not going_on():
            return deleted
        if found.written_at < clock.now() - YOUNG:
            await objects.delete(found.key)
            deleted += 1
    async for found in objects.list(KEPT):
        if not going_on():
            return deleted
        if found.written_at < clock.now() - YOUNG:
            async with transaction(pool, caller) as connection:
                await lock_object(connection, found.key)
                named = await connection.fetchval(NAMED, found.key, clock.now() - timedelta(days=REMOVED_DAYS))
                written = await objects.written_at(found.key)
                if not named and written is not None and written < clock.now() - YOUNG:
                    await objects.delete(found.key)
                    deleted += 1
    return deleted
