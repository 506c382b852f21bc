"""Reads of household sheets."""

from typing import Any
from uuid import UUID

from services.archive.domain.access import READERS, RESIDENT, own_household, reach
from services.archive.domain.area import narrowed
from services.archive.routes.area import KnownAreas, given
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking


async def prepare_household(asking: Asking) -> dict[str, Any]:
    """Raises Forbidden when a resident asks for another household; what else lies out of reach is not found."""
    args = given(asking, "id", "asOf", "knownAt")
    try:
        key = UUID(args.get("id"))
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput("id must be a household's UUID", field="id", rule="form") from None
    principal = asking.principal
    if RESIDENT in principal.roles and not principal.has(READERS) and key != own_household(principal):
        raise Forbidden("id: residents read the sheet of their own household")
    return {"id": str(key), **at_time(args)}


def at_time(args: dict[str, Any]) -> dict[str, Any]:
    """The arguments asOf (a day, today if only the other is given) and knownAt (an instant) as the read model takes them."""
    if "asOf" not in args and "knownAt" not in args:
        return {}
    return {"as_of": args.get("asOf", "infinity"), "known_at": args.get("knownAt")}


async def within_reach(known: KnownAreas, asking: Asking, args: dict[str, Any]) -> str:
    """The code that holds what of the argument `area` the caller reaches; raises InvalidInput, UnknownCode, Forbidden."""
    if "area" not in args:
        raise InvalidInput("area is needed", field="area", rule="required")
    area = narrowed(await known.require(asking.pool, args["area"], "area"), reach(asking.principal).areas)
    if area is None:
        raise Forbidden("area: outside your areas")
    return area


async def prepare_unattached(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Persons of an area who belong to no household: narrowed to what the caller reaches."""
    args = given(asking, "area", "first", "after")
    return args | {"area": await within_reach(known, asking, args)}
