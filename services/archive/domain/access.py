"""Who may do what in the archive, and which reads are written down."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.principal import Caller, Principal

WRITERS = frozenset({"grid_worker", "village_cadre", "township_clerk", "city_admin"})
"""Revise sheets and write notes, in their areas."""
VILLAGE_WRITERS = WRITERS - {"grid_worker"}
"""Write on village sheets, in their areas."""
READERS = WRITERS | {"window_clerk", "hotline_agent", "errand_agent", "mediator", "auditor"}
"""Read sheets, in their areas."""
RESIDENT = "resident"
"""Reads the sheet of their own household."""
AUDITORS = frozenset({"auditor", "city_admin"})
"""See who opened a sheet, in their areas."""

ROLE_NAMES: Mapping[str, str] = {
    "resident": "居民",
    "grid_worker": "网格员",
    "village_cadre": "村干部",
    "township_clerk": "乡镇工作人员",
    "window_clerk": "窗口工作人员",
    "hotline_agent": "热线话务员",
    "department_officer": "部门工作人员",
    "errand_agent": "代办员",
    "mediator": "调解员",
    "city_admin": "市级管理员",
    "auditor": "审计员",
}

PUBLIC = frozenset(
    {
        "area",
        "areaChange",
        "areaChanges",
        "areas",
        "areasByCode",
        "areasOn",
        "freshness",
        "import",
        "imports",
        "outlinedArea",
        "registers",
        "villageReconciliation",
        "villageSheet",
    }
)
"""Roots that tell of no household and no person."""
SUBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "household": ("household", ("id",)),
    "householdsById": ("household", ("keys",)),
    "member": ("person", ("id",)),
    "visitNote": ("visit_note", ("id",)),
    "plot": ("plot", ("id",)),
    "removedPlot": ("plot", ("id",)),
    "mediationPack": ("plot", ("a", "b")),
    "correction": ("correction", ("id",)),
    "attachment": ("attachment", ("id",)),
    "duplicate": ("person", ("id",)),
    "personMerge": ("person_merge", ("id",)),
    "householdAccess": ("household", ("id",)),
}
"""Roots that tell of one household or person: what their arguments name. All others are lists."""


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
        name=principal.name,
        roles=tuple(sorted(principal.roles)),
    )


def noted(principal: Principal, root: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the audit log is told of a read by staff: whose sheet, or which area's list. Residents' reads of their own sheet are not told.

    `kind` and `subject` are as in SUBJECTS, a list has the kind `list`.
    """
    if root in PUBLIC or not principal.has(READERS):
        return None
    kind, names = SUBJECTS.get(root, ("", ()))
    given = [args[name] for name in names if name in args]
    if given and isinstance(given[0], list):
        given = given[0] if len(given[0]) == 1 else []
    given = [key for one in given for key in str(one).split("/")]
    area = args.get("area", args.get("code"))
    return {
        "kind": kind if given else "list",
        "subject": given,
        "area": area if isinstance(area, str) else None,
        "by": principal.subject,
        "name": principal.name,
        "roles": sorted(principal.roles),
        "areas": principal.areas,
        "department": principal.department,
    }
