"""Whom to call about a visit or a suggestion, sealed for it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.chassis.contact import Contact, open_contact, seal_contact
from services.chassis.db import Connection
from services.chassis.vault import Vault

Kind = Literal["VISIT", "SUGGESTION"]

KEEP = """
INSERT INTO contact (owner, kind, area, name_sealed, name_masked, phone_sealed, phone_masked, by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
OPEN = "SELECT area, name_sealed, phone_sealed FROM contact WHERE owner = $1 AND kind = $2"
FORGET = """
DELETE FROM contact c WHERE c.at <= $1 AND NOT EXISTS (
    SELECT FROM suggestion s WHERE s.id = c.owner AND (s.state <> ALL ($2) OR s.updated_at > $1)) RETURNING c.owner
"""


async def keep(
    connection: Connection, vault: Vault, owner: UUID, kind: Kind, area: str, contact: Contact, *, by: str, at: datetime
) -> None:
    """Seals the contact (name and phone) of the owner, which is a visit or a suggestion in the area and has none yet."""
    sealed = seal_contact(vault, contact, owner=owner)
    await connection.execute(
        KEEP,
        owner,
        kind,
        area,
        sealed.name_sealed,
        sealed.name_masked,
        sealed.phone_sealed,
        sealed.phone_masked,
        by,
        at,
    )


async def in_clear(connection: Connection, vault: Vault, owner: UUID, kind: Kind) -> tuple[str, Contact] | None:
    """The owner's area, and the contact; None where there is none in reach."""
    row = await connection.fetchrow(OPEN, owner, kind)
    return None if row is None else (row["area"], open_contact(vault, dict(row), owner=owner))


async def forget(connection: Connection, before: datetime, ends: list[str]) -> int:
    """Forgets contacts of visits before an instant, and of suggestions that have come to one of these ends before it; returns how many."""
    return len(await connection.fetch(FORGET, before, ends))
