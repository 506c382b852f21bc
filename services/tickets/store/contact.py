"""The contacts of tickets, sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis import phone
from services.chassis.db import Connection
from services.chassis.errors import NotFound
from services.chassis.vault import Sealed, Vault
from services.tickets.domain.contact import EMAIL, NAME, PHONE, Contact, mask_email, mask_name

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
        raise NotFound("ticket: none such, or outside your reach")
    return Concerned(**dict(row))


def seal_phone(vault: Vault, number: str, *, owner: UUID) -> Sealed:
    """The number (in E.164 form) of a ticket's contact or of a call."""
    return vault.seal(number, owner=str(owner), field=PHONE, masked=phone.mask(number))


async def keep(connection: Connection, vault: Vault, ticket: UUID, contact: Contact, *, by: str, at: datetime) -> None:
    """Seals the contact for the ticket, in the place of any other."""
    owner = str(ticket)
    number = None if contact.phone is None else seal_phone(vault, contact.phone, owner=ticket)
    await connection.execute(
        KEEP,
        ticket,
        None if contact.name is None else vault.close(contact.name, owner=owner, field=NAME),
        None if contact.name is None else mask_name(contact.name),
        number and number.sealed,
        number and number.index,
        number and number.masked,
        None if contact.email is None else vault.close(contact.email, owner=owner, field=EMAIL),
        None if contact.email is None else mask_email(contact.email),
        by,
        at,
    )


async def in_clear(connection: Connection, vault: Vault, ticket: UUID) -> Contact | None:
    """The ticket's contact; None where there is none in reach."""
    row = await connection.fetchrow(OPEN, ticket)
    if row is None:
        return None
    values = {
        field: None
        if row[f"{field}_sealed"] is None
        else vault.open(row[f"{field}_sealed"], owner=str(ticket), field=field)
        for field in (NAME, PHONE, EMAIL)
    }
    return Contact(**values)


async def forget(connection: Connection, now: datetime, ends: list[str]) -> int:
    """Forgets the contacts of tickets that came to one of these ends long enough ago; returns how many."""
    return len(await connection.fetch(FORGET, now, ends))
