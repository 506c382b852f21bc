"""Who may be shown a contact in clear, and for what. What is not said here is not shown.

Purpose limitation and least access: Personal Information Protection Law (个人信息保护法) articles 6, 28 and 51. The table is an example of a
county's rules: it is data, for the county to set.
"""

from collections.abc import Mapping

from services.chassis.disclosure import Purpose
from services.tickets.domain.role import Role

_ON_THE_MATTER = frozenset(
    {
        Role.GRID_WORKER,
        Role.VILLAGE_CADRE,
        Role.TOWNSHIP_CLERK,
        Role.WINDOW_CLERK,
        Role.HOTLINE_AGENT,
        Role.DEPARTMENT_OFFICER,
        Role.ERRAND_AGENT,
    }
)
RULES: Mapping[Purpose, frozenset[str]] = {
    Purpose.SERVICE: _ON_THE_MATTER,
    Purpose.VERIFICATION: frozenset({Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK}),
    Purpose.EMERGENCY: _ON_THE_MATTER | {Role.CITY_ADMIN},
    Purpose.MEDIATION: frozenset({Role.MEDIATOR, Role.VILLAGE_CADRE}),
}
ROLES: frozenset[str] = frozenset(role for roles in RULES.values() for role in roles)
