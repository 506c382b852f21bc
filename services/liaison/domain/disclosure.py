"""Who may be shown the contact of a visit or a suggestion in clear, and for what. What is not said here is not shown.

Purpose limitation and least access: Personal Information Protection Law (个人信息保护法) articles 6, 28 and 51. The table is an example of a
county's rules: it is data, for the county to set.
"""

from collections.abc import Mapping

from services.chassis.disclosure import Purpose
from services.liaison.domain.role import Role

_ON_THE_MATTER = frozenset({Role.GRID_WORKER, Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK, Role.DEPARTMENT_OFFICER})
RULES: Mapping[Purpose, frozenset[str]] = {
    Purpose.SERVICE: _ON_THE_MATTER,
    Purpose.VERIFICATION: frozenset({Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK}),
    Purpose.EMERGENCY: _ON_THE_MATTER | {Role.CITY_ADMIN},
}
ROLES: frozenset[str] = frozenset(role for roles in RULES.values() for role in roles)
KEPT_DAYS = 180
"""So long after its visit, or after its suggestion has come to an end, a contact is kept."""
