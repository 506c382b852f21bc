"""Who reaches which ticket. The same reach is given to the database as its second fence: `sees` and the row policy agree, a test says so."""

from collections.abc import Iterable
from uuid import UUID

from services.chassis.errors import Forbidden, NotFound
from services.chassis.principal import Caller, Principal
from services.tickets.domain.role import OFFICERS, READERS, Role
from services.tickets.domain.ticket import REPORT, Deed, Ticket


def _any(principal: Principal, roles: Iterable[Role]) -> bool:
    return principal.has(frozenset(roles))


def _household(principal: Principal) -> UUID | None:
    """The household that a resident's token names; a claim that is no UUID names none."""
    if Role.RESIDENT not in principal.roles or principal.household is None:
        return None
    try:
        return UUID(principal.household)
    except ValueError:
        return None


def reach(principal: Principal) -> Caller:
    """What of the claims counts here: areas for staff; areas and department for an officer; the household for a resident.

    Staff who are officers too reach all of their areas, which holds their department's share.
    """
    staff = _any(principal, READERS)
    officer = _any(principal, OFFICERS) and principal.department is not None
    household = _household(principal)
    return Caller(
        subject=principal.subject,
        areas=principal.areas if staff or officer else (),
        department=None if staff or not officer else principal.department,
        household=None if household is None else str(household),
    )


def sees(principal: Principal, ticket: Ticket) -> bool:
    """Whether the caller may read the ticket; whoever reported it may."""
    if ticket.reported_by == principal.subject:
        return True
    if principal.covers(ticket.area) and (_any(principal, READERS) or _of_department(principal, ticket)):
        return True
    return ticket.household is not None and ticket.household == _household(principal)


def _of_department(principal: Principal, ticket: Ticket) -> bool:
    return _any(principal, OFFICERS) and principal.department is not None and ticket.department == principal.department


def role_for(deed: Deed, principal: Principal, ticket: Ticket) -> Role:
    """The role under which the caller does the deed; raises NotFound out of reach and Forbidden where no role of theirs fits."""
    if not sees(principal, ticket):
        raise NotFound("ticket: none such, or outside your reach")
    for role in deed.roles:
        fits = role not in OFFICERS or _of_department(principal, ticket)
        if role in principal.roles and fits and principal.covers(ticket.area):
            return role
    raise Forbidden(f"{deed.name} is for {', '.join(deed.roles)} in charge of the ticket's area")


def reporting_role(principal: Principal, area: str, household: UUID | None) -> Role:
    """The role under which the caller reports; staff must cover the area, a resident names their own household or none."""
    for role in REPORT.roles:
        if role is not Role.RESIDENT and role in principal.roles and principal.covers(area):
            return role
    if Role.RESIDENT not in principal.roles:
        raise NotFound("areaCode: outside your areas")
    if household is not None and household != _household(principal):
        raise Forbidden("householdId: a resident reports for their own household or for none")
    return Role.RESIDENT
