"""revealContact: a contact in clear, to a role, for a purpose. The log is written first, in the same transaction."""

from typing import Any
from uuid import UUID

from services.chassis.commands import Doing, Input, Secret
from services.chassis.contact import PHONE, Contact
from services.chassis.disclosure import NOTE, Purpose, require_purpose, require_within_limits
from services.chassis.errors import Forbidden, InvalidInput, NotFound
from services.chassis.vault import Vault
from services.tickets.domain.disclosure import ROLES, RULES
from services.tickets.store import call as calls
from services.tickets.store import contact as contacts
from services.tickets.store import disclosure as store


class RevealContact(Input, frozen=True, kw_only=True):
    """Of a ticket, or the number of a call."""

    ticket_id: UUID | None = None
    call_id: UUID | None = None
    purpose: Purpose
    note: str | None = None


def reveal_contact(vault: Vault) -> Secret:
    """The command revealContact. Refused: FORBIDDEN what the roles are not shown for the purpose, TOO_MANY_REQUESTS over the account's limit."""

    async def run(doing: Doing, given: RevealContact) -> dict[str, Any]:
        if (given.ticket_id is None) == (given.call_id is None):
            raise InvalidInput("give ticketId or callId, not both", field="ticketId", rule="required")
        note = None if given.note is None else NOTE.check(given.note, "note")
        area, contact = await _found(doing, vault, given)
        principal = doing.principal
        if not principal.covers(area):
            raise Forbidden("contacts are shown to staff in the ticket's area")
        require_purpose(RULES, principal.roles, given.purpose)
        now = doing.clock.now()
        require_within_limits(now, await store.earlier(doing.connection, principal.subject, now))
        values = {"name": contact.name, "phone": contact.phone, "email": contact.email}
        await store.record(
            doing.connection,
            by=principal.subject,
            roles=principal.roles,
            at=now,
            purpose=given.purpose,
            ticket=given.ticket_id,
            call=given.call_id,
            area=area,
            fields=[field for field, value in values.items() if value is not None],
            note=note,
        )
        return {"contact": values}

    return Secret("revealContact", RevealContact, ROLES, run)


async def _found(doing: Doing, vault: Vault, given: RevealContact) -> tuple[str, Contact]:
    """The area that it is of, and the contact; raises NotFound where there is none, or none in reach."""
    if given.ticket_id is not None:
        ticket = await contacts.concerned(doing.connection, given.ticket_id)
        contact = await contacts.in_clear(doing.connection, vault, given.ticket_id)
        if contact is None:
            raise NotFound("the ticket has no contact")
        return ticket.area, contact
    call = None if given.call_id is None else await calls.find(doing.connection, given.call_id)
    if call is None or call.number is None:
        raise NotFound("call: none such, outside your reach, or its number is not known")
    return call.area, Contact(None, vault.open(call.number.sealed, owner=str(call.id), field=PHONE), None)
