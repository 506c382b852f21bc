"""The roles that liaison knows, and what each group of them may do."""

from enum import StrEnum


class Role(StrEnum):
    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    VILLAGE_CADRE = "village_cadre"
    TOWNSHIP_CLERK = "township_clerk"
    DEPARTMENT_OFFICER = "department_officer"
    CITY_ADMIN = "city_admin"
    AUDITOR = "auditor"


EVERYBODY = frozenset(Role)
HOSTS = frozenset({Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK, Role.CITY_ADMIN})
"""Hold what is held in their areas, and write down what was said there."""
ARRANGERS = frozenset({Role.TOWNSHIP_CLERK, Role.CITY_ADMIN})
"""Say by which rules duties and meetings come about in their areas, and who serves."""
STAFF = HOSTS | {Role.GRID_WORKER, Role.DEPARTMENT_OFFICER, Role.AUDITOR}
"""Read what people who are no staff may not."""
