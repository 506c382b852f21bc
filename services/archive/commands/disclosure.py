"""Reveals what views mask: to a role, for a purpose, some fields of people in reach. The audit log is written first, in the same transaction."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from services.archive.domain.access import RESIDENT, own_household
from services.archive.domain.disclosure import (
    NOTE,
    ROLES,
    Revealed,
    require_allowed,
    require_within_limits,
)
from services.archive.domain.purpose import checked_purpose
from services.archive.store import audit
from services.archive.store import disclosure as store
from services.chassis.commands import Doing, Input, Secret
from services.chassis.errors import InvalidInput, none_such
from services.chassis.text import without_numbers
from services.chassis.vault import Vault


class Reveal(Input, frozen=True, kw_only=True):
    """Of a household with all its members, or of one member."""

    household_id: UUID | None = None
    member_id: UUID | None = None
    fields: Annotated[Sequence[str], msgspec.Meta(max_length=20)]
    purpose: str
    note: str | None = None


def reveal(vault: Vault) -> Secret:
    """The command reveal. Refused: FORBIDDEN what the roles may not see for the purpose, TOO_MANY_REQUESTS over the account's limit."""

    async def run(doing: Doing, given: Reveal) -> dict[str, Any]:
        if (given.household_id is None) == (given.member_id is None):
            raise InvalidInput("give householdId or memberId, not both", field="householdId", rule="required")
        purpose = checked_purpose(given.purpose)
        note = None if given.note is None else without_numbers(NOTE.check(given.note, "note"), "note")
        persons = await store.persons(doing.connection, given.household_id, given.member_id)
        household = next((row["household_id"] for row in persons), None)
        if household is None:
            raise none_such("household or member")
        fields = require_allowed(_roles(doing, household, persons[0]["area_code"]), purpose, given.fields)
        now = doing.clock.now()
        require_within_limits(now, await store.earlier(doing.connection, doing.principal.subject, now), len(persons))
        for row in persons:
            await audit.record(
                doing.connection,
                by=doing.principal.subject,
                roles=doing.principal.roles,
                deed="REVEAL",
                at=now,
                purpose=purpose,
                household=household,
                person=row["id"],
                fields=sorted(fields),
                note=note,
            )
        values = [value for row in persons for value in store.in_clear(vault, row, fields)]
        values += await store.items(doing.connection, household, given.member_id, fields)
        return {"values": [_told(value) for value in values]}

    return Secret("reveal", Reveal, ROLES, run)


def _roles(doing: Doing, household: UUID, area: str) -> frozenset[str]:
    """Those that count here: a resident's only at home, the others only in their areas."""
    principal = doing.principal
    roles = principal.roles - {RESIDENT} if principal.covers(area) else frozenset[str]()
    return roles | ({RESIDENT} if household == own_household(principal) else frozenset())


def _told(value: Revealed) -> dict[str, str | None]:
    member = None if value.person is None else base64.b64encode(f"Member:{value.person}".encode()).decode()
    return {"memberId": member, "label": value.label, "field": value.field, "value": value.value}
