"""The roles that tickets know, and what each group of them may do."""

from enum import StrEnum


class Role(StrEnum):
    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    VILLAGE_CADRE = "village_cadre"
    TOWNSHIP_CLERK = "township_clerk"
    WINDOW_CLERK = "window_clerk"
    HOTLINE_AGENT = "hotline_agent"
    DEPARTMENT_OFFICER = "department_officer"
    ERRAND_AGENT = "errand_agent"
    MEDIATOR = "mediator"
    CITY_ADMIN = "city_admin"
    AUDITOR = "auditor"
    KIOSK = "kiosk"
    SERVICE = "service"


OFFICERS = (Role.DEPARTMENT_OFFICER,)
"""Reach the tickets of their department, in their areas."""
HANDLERS = (Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK, Role.HOTLINE_AGENT, Role.CITY_ADMIN)
"""Move the matters of which their unit is in charge."""
SUPERIORS = (Role.TOWNSHIP_CLERK, Role.CITY_ADMIN)
CALLERS_BACK = (*HANDLERS, Role.GRID_WORKER)
WRITERS = (*CALLERS_BACK, Role.WINDOW_CLERK, Role.ERRAND_AGENT, Role.MEDIATOR)
READERS = (*WRITERS, Role.AUDITOR)
"""Reach every ticket in their areas."""
REPORTERS = (*WRITERS, Role.RESIDENT)
"""A resident comes last: who is on staff where the matter is acts as such."""
