"""Reads of the visit queue and of figures of freshness."""

from typing import Any

from services.archive.domain.access import READERS, reach
from services.archive.domain.area import narrowed
from services.archive.routes.area import KnownAreas, given
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking


async def prepare_visit_queue(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Without an area, all that the caller reaches."""
    args = given(asking, "area", "first", "after")
    area = await within_reach(known, asking, args.get("area"))
    return {name: args[name] for name in ("first", "after") if name in args} | {"area": area}


async def prepare_freshness(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Of an area that the caller reaches in part, that part."""
    args = given(asking, "area")
    if "area" not in args:
        raise InvalidInput("area is needed", field="area", rule="required")
    return {"area": await within_reach(known, asking, args["area"])}


async def within_reach(known: KnownAreas, asking: Asking, area: Any) -> str:
    """The code that holds all of the area, or of everything, that staff reach; raises Forbidden when that is nothing."""
    if not asking.principal.has(READERS):
        raise Forbidden("this is for staff, in their areas")
    code = "" if area is None else await known.require(asking.pool, area, "area")
    found = narrowed(code, reach(asking.principal).areas)
    if found is None:
        raise Forbidden("area: outside your areas")
    return found
