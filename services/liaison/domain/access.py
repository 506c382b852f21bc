"""Who reaches what: the reach that the database is given as its second fence."""

from uuid import UUID

from services.chassis.principal import Caller, Principal
from services.liaison.domain.role import STAFF, Role


def household_of(principal: Principal) -> UUID | None:
    """The household that a resident's token names; a claim that is no UUID names none."""
    if Role.RESIDENT not in principal.roles or principal.household is None:
        return None
    try:
        return UUID(principal.household)
    except ValueError:
        return None


def reach(principal: Principal) -> Caller:
    """Rosters and meetings are public to every authenticated caller. Areas and department count for staff, the household for a resident."""
    staff = principal.has(frozenset(STAFF))
    household = household_of(principal)
    return Caller(
        subject=principal.subject,
        areas=principal.areas if staff else (),
        department=principal.department if Role.DEPARTMENT_OFFICER in principal.roles else None,
        household=None if household is None else str(household),
        name=principal.name if staff else None,
        roles=tuple(sorted(principal.roles & set(Role))),
    )
