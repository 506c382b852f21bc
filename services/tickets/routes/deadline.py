"""What is checked of a read of limits and of the catalogue before the read model answers it."""

from collections.abc import Mapping
from typing import Any

from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking, Preparation
from services.tickets.domain.access import reach
from services.tickets.domain.deadline import Kind
from services.tickets.store import area as areas


async def prepare_deadlines(asking: Asking) -> dict[str, Any]:
    """Checks area and kind; one that reaches a single area reads through its index."""
    given = {name: value for name, value in asking.args.items() if value is not None}
    await _require_area(asking, given)
    kind = given.get("kind")
    if kind is not None and (not isinstance(kind, str) or kind not in Kind.__members__):
        raise InvalidInput("kind names no kind of limit", field="kind", rule="known.kind")
    reached = reach(asking.principal).areas
    return given if "area" in given or len(reached) != 1 else given | {"area": reached[0]}


async def prepare_places(asking: Asking) -> dict[str, Any]:
    """Checks the area."""
    await _require_area(asking, asking.args)
    return asking.args


async def _require_area(asking: Asking, given: Mapping[str, Any]) -> None:
    area = given.get("area")
    if area is not None and (not isinstance(area, str) or await areas.find(asking.pool, area) is None):
        raise UnknownCode("area", field="area")


PREPARE: Mapping[str, Preparation] = {
    "deadlines": prepare_deadlines,
    "routeFor": prepare_places,
    "routes": prepare_places,
}
