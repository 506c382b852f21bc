"""Reads of who saw a sheet, and of requests to correct one."""

from typing import Any
from uuid import UUID

from services.archive.domain.access import AUDITORS, READERS, RESIDENT, own_household, reach
from services.archive.domain.area import narrowed
from services.archive.routes.area import KnownAreas, given
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking

STATES = ("OPEN", "ACCEPTED", "REFUSED")


async def prepare_access(asking: Asking) -> dict[str, Any]:
    """For the household itself, and for those who audit."""
    args = given(asking, "id", "first", "after")
    key = _uuid(args.get("id"), "id")
    if not asking.principal.has(AUDITORS) and key != own_household(asking.principal):
        raise Forbidden(f"who opened a sheet is shown to the household itself and to: {', '.join(sorted(AUDITORS))}")
    return args | {"id": str(key)}


async def prepare_corrections(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Staff ask by area or household; a resident sees those of their own household, whatever they ask."""
    args = given(asking, "area", "household", "state", "first", "after")
    if not asking.principal.has(READERS):
        if RESIDENT not in asking.principal.roles:
            raise Forbidden("requests for correction are shown to the household and to staff of its area")
        args["household"] = str(own_household(asking.principal) or UUID(int=0))
    elif "household" in args:
        args["household"] = str(_uuid(args["household"], "household"))
    elif "area" not in args:
        raise InvalidInput("area or household is needed", field="area", rule="required")
    if "area" in args:
        area = narrowed(await known.require(asking.pool, args["area"], "area"), reach(asking.principal).areas)
        if area is None:
            raise Forbidden("area: outside your areas")
        args["area"] = area
    if args.get("state", "OPEN") not in STATES:
        raise InvalidInput(f"state must be one of {', '.join(STATES)}", field="state", rule="state.known")
    return args


def _uuid(value: Any, field: str) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(f"{field} must be a household's UUID", field=field, rule="form") from None
