"""The contacts of tickets, sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.contact import Contact, open_contact, seal_contact
from services.chassis.db import Connection
from services.chassis.errors import none_such
from services.chassis.vault import Vault

KEEP = """
INSERT INTO ticket_contact (ticket, name_sealed, name_masked, phone_sealed, phone_index, phone_masked, email_sealed, email_masked, by, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (ticket) DO UPDATE SET name_sealed = excluded.name_sealed, name_masked = excluded.name_masked,
    phone_sealed = excluded.phone_sealed, phone_index = excluded.phone_index, phone_masked = excluded.phone_masked,
    email_sealed = excluded.email_sealed, email_masked = excluded.email_masked, by = excluded.by, at = excluded.at
"""
CONCERNED = "SELECT area, reported_by FROM ticket WHERE id = $1"
OPEN = "SELECT name_sealed, phone_sealed, email_sealed FROM ticket_contact WHERE ticket = $1"
FORGET = """
DELETE FROM ticket_contact c USING ticket t, hotline_rule r
WHERE t.id = c.ticket AND t.status = ANY ($2) AND t.updated_at + make_interval(days => r.contact_days) <= $1 RETURNING c.ticket
"""


@dataclass(frozen=True)
class Concerned:
    """Of a ticket, what says who may know whom to call about it."""

    area: str
    reported_by: str


async def concerned(connection: Connection, ticket: UUID) -> Concerned:
    """Raises NotFound for a ticket out of reach."""
    row = await connection.fetchrow(CONCERNED, ticket)
    if row is None:
        raise none_such("ticket")
    return Concerned(**dict(row))


async def keep(connection: Connection, vault: Vault, ticket: UUID, contact: Contact, *, by: str, at: datetime) -> None:
    """Seals the contact for the ticket, in the place of any other."""
    sealed = seal_contact(vault, contact, owner=ticket)
    await connection.execute(
        KEEP,
        ticket,
        *(sealed.name_sealed, sealed.name_masked),
        *(sealed.phone_sealed, sealed.phone_index, sealed.phone_masked),
        *(sealed.email_sealed, sealed.email_masked),
        by,
        at,
    )


async def in_clear(connection: Connection, vault: Vault, ticket: UUID) -> Contact | None:
    """The ticket's contact; None where there is none in reach."""
    row = await connection.fetchrow(OPEN, ticket)
    return None if row is None else open_contact(vault, dict(row), owner=ticket)


async def forget(connection: Connection, now: datetime, ends: list[str]) -> int:
    """Forgets the contacts of tickets that came to one of these ends long enough ago; returns how many."""
    return len(await connection.fetch(FORGET, now, ends))
