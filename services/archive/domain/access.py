"""Who may do what in the archive."""

from uuid import UUID

from services.chassis.principal import Caller, Principal

WRITERS = frozenset({"grid_worker", "village_cadre", "township_clerk", "city_admin"})
"""Revise sheets and write notes, in their areas."""
READERS = WRITERS | {"window_clerk", "hotline_agent", "errand_agent", "mediator", "auditor"}
"""Read sheets, in their areas."""
RESIDENT = "resident"
"""Reads the sheet of their own household."""


def own_household(principal: Principal) -> UUID | None:
    """A resident's household; a claim that is no UUID grants nothing."""
    if RESIDENT not in principal.roles or principal.household is None:
        return None
    try:
        return UUID(principal.household)
    except ValueError:
        return None


def reach(principal: Principal) -> Caller:
    """What of the claims counts here: areas for staff, the household for a resident; a department officer reaches no sheet."""
    own = own_household(principal)
    return Caller(
        subject=principal.subject,
        areas=principal.areas if principal.has(READERS) else (),
        household=None if own is None else str(own),
    )
