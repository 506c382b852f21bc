"""setContact: whom to call or write to about a ticket."""

from uuid import UUID

import msgspec

from services.chassis.commands import Command, Doing, Input
from services.chassis.contact import contact_of
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.vault import Vault
from services.tickets.domain.role import REPORTERS, Role
from services.tickets.store import contact as store


class ContactInput(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """At least one of the three."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


class SetContact(Input, frozen=True, kw_only=True):
    ticket_id: UUID
    contact: ContactInput


def set_contact(vault: Vault) -> Command:
    """The command setContact, for staff in their areas and for whoever reported. The contact takes the place of the one that was there."""

    async def run(doing: Doing, given: SetContact) -> str:
        said = given.contact
        contact = contact_of(said.name, said.phone, said.email, field_of="contact.")
        if contact is None:
            raise InvalidInput("contact: give name, phone or email", field="contact", rule="required")
        principal = doing.principal
        ticket = await store.concerned(doing.connection, given.ticket_id)
        staff = not principal.roles.isdisjoint(set(REPORTERS) - {Role.RESIDENT}) and principal.covers(ticket.area)
        if not staff and ticket.reported_by != principal.subject:
            raise Forbidden("setContact is for staff in the ticket's area, or for whoever reported it")
        await store.keep(doing.connection, vault, given.ticket_id, contact, by=principal.subject, at=doing.clock.now())
        return str(given.ticket_id)

    return Command("setContact", SetContact, frozenset(REPORTERS), run, "ticket")
