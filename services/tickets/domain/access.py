"""Who reaches which ticket. The same reach is given to the database as its second fence: `sees` and the row policy agree, a test says so."""

from collections.abc import Iterable
from uuid import UUID

from services.chassis.errors import Forbidden, NotFound, none_such
from services.chassis.principal import Caller, Principal
from services.tickets.domain.role import HANDLERS, OFFICERS, READERS, Role
from services.tickets.domain.ticket import REPORT, WITH_DEPARTMENT, Deed, Ticket


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
        name=principal.name if staff or officer else None,
        roles=tuple(sorted(principal.roles & set(Role))) if staff or officer else (),
    )


def sees(principal: Principal, ticket: Ticket) -> bool:
    """Whether the caller may read the ticket; whoever reported it may."""
    if ticket.reported_by == principal.subject:
        return True
    if principal.covers(ticket.area) and (_any(principal, READERS) or _of_department(principal, ticket)):
        return True
    return _of_family(principal, ticket)


def _of_family(principal: Principal, ticket: Ticket) -> bool:
    return ticket.household is not None and ticket.household == _household(principal)


def _of_department(principal: Principal, ticket: Ticket) -> bool:
    return _any(principal, OFFICERS) and principal.department is not None and ticket.department == principal.department


def acting(deed: Deed, principal: Principal, ticket: Ticket) -> Role | None:
    """The role under which the caller may do the deed to a ticket that they see; None where no role of theirs fits.

    Officers act for their department, in their areas; handlers where their areas hold the unit in charge; others where they hold the area.
    """
    for role in deed.roles:
        if role in principal.roles and _in_charge(deed, role, principal, ticket):
            return role
    reported = ticket.reported_by == principal.subject
    for role in deed.own:
        if role in principal.roles and (
            reported or (deed.family and role is Role.RESIDENT and _of_family(principal, ticket))
        ):
            return role
    return None


def _in_charge(deed: Deed, role: Role, principal: Principal, ticket: Ticket) -> bool:
    if deed.owner and (role in OFFICERS) is not (ticket.status in WITH_DEPARTMENT):
        return False
    if role in OFFICERS:
        return _of_department(principal, ticket) and principal.covers(ticket.area)
    if deed.above and role is not Role.CITY_ADMIN:
        return any(ticket.station.startswith(area) and area != ticket.station for area in principal.areas)
    return principal.covers(ticket.station if role in HANDLERS else ticket.area)


def role_for(deed: Deed, principal: Principal, ticket: Ticket) -> Role:
    """The role under which the caller does the deed; raises NotFound out of reach and Forbidden where no role of theirs fits."""
    if not sees(principal, ticket):
        raise none_such("ticket")
    role = acting(deed, principal, ticket)
    if role is None:
        who = [*deed.roles, *(["whose own matter it is"] if deed.own else [])]
        where = "above the unit in charge" if deed.above else "in charge of the ticket"
        raise Forbidden(f"{deed.name} is for {', '.join(who)}, where they are {where}")
    return role


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
