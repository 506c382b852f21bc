"""Reads of household sheets."""

from typing import Any
from uuid import UUID

from services.archive.domain.access import READERS, RESIDENT, own_household, reach
from services.archive.domain.area import narrowed
from services.archive.domain.search import question
from services.archive.domain.text import SEARCH
from services.archive.routes.area import KnownAreas, given
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking
from services.chassis.views import uncursor


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


async def prepare_households(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Checks area and search, narrows the area to what of it the caller reaches, and cuts the search into terms."""
    args = given(asking, "area", "search", "first", "after")
    if "area" not in args:
        raise InvalidInput("area is needed", field="area", rule="required")
    area = narrowed(await known.require(asking.pool, args["area"], "area"), reach(asking.principal).areas)
    if area is None:
        raise Forbidden("area: outside your areas")
    result = {name: args[name] for name in ("first", "after") if name in args} | {"area": area}
    if (search := args.get("search")) is not None:
        if not isinstance(search, str):
            raise InvalidInput("search must be a text", field="search", rule="form")
        asked = question(SEARCH.check(search, "search"))
        start = uncursor(args["after"], 2) if "after" in args else (area, str(UUID(int=0)))
        result |= {
            "terms": list(asked.terms),
            "patterns": list(asked.patterns),
            "from_area": start[0],
            "from_household": start[1],
        }
    return result
