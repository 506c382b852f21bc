"""Who reaches what: the reach that the database is given as its second fence."""

from uuid import UUID

from services.chassis.principal import Caller, Principal, itself
from services.liaison.domain.role import STAFF, Role

CALLER = itself("liaison")
"""The service itself: plans, tells, and does what no caller may do alone."""


def household_of(principal: Principal) -> UUID | None:
    """The household that a resident's token names; a claim that is no UUID names none."""
    if Role.RESIDENT not in principal.roles or principal.household is None:
        return None
    try:
        return UUID(principal.household)
    except ValueError:
        return None


def works_in(principal: Principal, village: str) -> bool:
    """Whether the village is one of the caller's areas; a grid's worker works in its village, too."""
    grids = principal.areas if Role.GRID_WORKER in principal.roles else ()
    return principal.covers(village) or any(grid.startswith(village) for grid in grids)


def reach(principal: Principal) -> Caller:
    """Rosters and meetings are public to every authenticated caller. Areas and department count for staff, the household for a resident."""
    staff = principal.has(STAFF)
    household = household_of(principal)
    return Caller(
        subject=principal.subject,
        areas=principal.areas if staff else (),
        department=principal.department if Role.DEPARTMENT_OFFICER in principal.roles else None,
        household=None if household is None else str(household),
        name=principal.name if staff else None,
        roles=tuple(sorted(principal.roles & set(Role))),
    )
