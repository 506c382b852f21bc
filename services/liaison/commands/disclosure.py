"""revealLiaisonContact: a contact in clear, to a role, for a purpose. The log is written first, in the same transaction."""

from typing import Any
from uuid import UUID

from services.chassis.commands import Doing, Input, Secret
from services.chassis.disclosure import NOTE, Purpose, require_purpose, require_within_limits
from services.chassis.errors import Forbidden, InvalidInput, NotFound
from services.chassis.text import without_numbers
from services.chassis.vault import Vault
from services.liaison.domain.access import works_in
from services.liaison.domain.disclosure import ROLES, RULES
from services.liaison.store import contact as contacts
from services.liaison.store import disclosure as store


class RevealLiaisonContact(Input, frozen=True, kw_only=True):
    """Of a visit to a station, or of a suggestion."""

    visit_id: UUID | None = None
    suggestion_id: UUID | None = None
    purpose: Purpose
    note: str | None = None


def reveal_liaison_contact(vault: Vault) -> Secret:
    """The command revealLiaisonContact. FORBIDDEN is what the roles are not shown for the purpose, TOO_MANY_REQUESTS what is over the limit."""

    async def run(doing: Doing, given: RevealLiaisonContact) -> dict[str, Any]:
        note = None if given.note is None else without_numbers(NOTE.check(given.note, "note"), "note")
        kind: contacts.Kind = "SUGGESTION" if given.visit_id is None else "VISIT"
        owner = given.suggestion_id if given.visit_id is None else given.visit_id
        if owner is None or (given.visit_id is not None and given.suggestion_id is not None):
            raise InvalidInput("give visitId or suggestionId, not both", field="visitId", rule="required")
        found = await contacts.in_clear(doing.connection, vault, owner, kind)
        if found is None:
            raise NotFound("contact: none there, or outside your reach")
        area, contact = found
        principal = doing.principal
        if not works_in(principal, area):
            raise Forbidden("contacts are shown to staff in the area")
        require_purpose(RULES, principal.roles, given.purpose)
        now = doing.clock.now()
        require_within_limits(now, await store.earlier(doing.connection, principal.subject, now))
        values = {"name": contact.name, "phone": contact.phone}
        await store.record(
            doing.connection,
            by=principal.subject,
            roles=principal.roles,
            at=now,
            purpose=given.purpose,
            kind=kind,
            owner=owner,
            area=area,
            fields=[field for field, value in values.items() if value is not None],
            note=note,
        )
        return {"contact": values}

    return Secret("revealLiaisonContact", RevealLiaisonContact, ROLES, run)
