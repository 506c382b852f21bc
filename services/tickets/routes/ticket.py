"""What is checked of a read before the read model answers it."""

import re
from typing import Any

from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking
from services.tickets.domain.access import reach
from services.tickets.domain.ticket import Status
from services.tickets.store import area as areas

PUBLIC = frozenset({"area", "status", "owner", "assignee", "open", "first", "after"})
OWNER = re.compile(r"department/[a-z][a-z0-9-]{0,39}|area/[0-9]{6,16}")


async def prepare_tickets(asking: Asking) -> dict[str, Any]:
    """Checks area, status and owner, and adds the condition that the caller's reach implies anyway, so that an index fits it.

    Whose move it is and who does it have indexes of their own, in the order of the list, so nothing is added there.
    """
    given = {name: value for name, value in asking.args.items() if value is not None}
    for name in given.keys() - PUBLIC:
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    status, area = given.get("status"), given.get("area")
    if status is not None and (not isinstance(status, str) or status not in Status.__members__):
        raise InvalidInput("status names no state of a ticket", field="status", rule="known.status")
    if area is not None and (not isinstance(area, str) or await areas.find(asking.pool, area) is None):
        raise UnknownCode("area", field="area")
    owner = given.get("owner")
    if owner is not None and (not isinstance(owner, str) or not OWNER.fullmatch(owner)):
        raise InvalidInput("owner must have the form department/<code> or area/<code>", field="owner", rule="form")
    if given.get("open") is False:
        del given["open"]
        given["ended"] = True
    return given | _narrowing(asking, area)


def _narrowing(asking: Asking, area: str | None) -> dict[str, Any]:
    caller = reach(asking.principal)
    if not caller.areas:
        return {"own": True}
    if caller.household is not None or asking.args.get("owner") or asking.args.get("assignee"):
        return {}
    if caller.department is not None:
        return {"department": caller.department}
    return {"within": caller.areas[0]} if area is None and len(caller.areas) == 1 else {}
