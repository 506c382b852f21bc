"""Reads of plots."""

from typing import Any
from uuid import UUID

from services.archive.domain.access import READERS, reach
from services.archive.domain.area import VILLAGE_DIGITS, narrowed
from services.archive.domain.plot import CATEGORIES
from services.archive.routes.area import KnownAreas, given
from services.archive.routes.household import at_time
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking

LIMITS = {
    "overlapMu": ("overlap", 0.01),
    "gapMetres": ("width", 1.0),
    "gapFromMu": ("smallest", 0.001),
    "gapToMu": ("largest", 0.5),
}
"""Argument → the read model's, and what it is by default. Metres, mu."""
MOST_LIMIT = 100.0


def key_in(args: dict[str, Any], name: str) -> str:
    """An argument that must be a plot's UUID; raises InvalidInput."""
    try:
        return str(UUID(args.get(name)))
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(f"{name} must be a plot's UUID", field=name, rule="form") from None


async def prepare_plot(asking: Asking) -> dict[str, Any]:
    """What lies out of reach is not found; a resident reaches the plots of their own household."""
    args = given(asking, "id", "asOf", "knownAt")
    return {"id": key_in(args, "id"), **at_time(args)}


async def prepare_plots(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    args = given(asking, "area", "category", "disputed", "common", "first", "after")
    if "area" not in args:
        raise InvalidInput("area is needed", field="area", rule="required")
    area = narrowed(await known.require(asking.pool, args["area"], "area"), reach(asking.principal).areas)
    if area is None:
        raise Forbidden("area: outside your areas")
    if args.get("category", "10") not in CATEGORIES:
        raise InvalidInput(f"category must be one of {', '.join(CATEGORIES)}", field="category", rule="plot.category")
    return {**args, "area": area}


async def prepare_report(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Raises Forbidden unless the whole village is in reach: half a village's plots would show gaps that are none."""
    args = given(asking, "code", "asOf", "knownAt", *LIMITS)
    code = await known.require(asking.pool, args.get("code"), "code")
    if len(code) != VILLAGE_DIGITS:
        raise InvalidInput("code must be that of a village", field="code", rule="area.kind")
    if not (asking.principal.has(READERS) and asking.principal.covers(code)):
        raise Forbidden("code: outside your areas")
    limits = {name: _limit(args.get(public, usual), public) for public, (name, usual) in LIMITS.items()}
    return {"code": code, **at_time(args), **limits}


def _limit(value: Any, name: str) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= MOST_LIMIT:
        raise InvalidInput(f"{name} must be a number from 0 to {MOST_LIMIT:g}", field=name, rule="range")
    return str(value)


async def prepare_mediation(asking: Asking) -> dict[str, Any]:
    """Two plots and a day; raises Forbidden for who reads no sheets of others."""
    args = given(asking, "a", "b", "asOf", "knownAt")
    if not asking.principal.has(READERS):
        raise Forbidden("mediation is for those who read both sheets")
    a, b = key_in(args, "a"), key_in(args, "b")
    if a == b:
        raise InvalidInput("b must be another plot than a", field="b", rule="mediation.two")
    if "asOf" not in args:
        raise InvalidInput("asOf is needed", field="asOf", rule="required")
    return {"a": a, "b": b, **at_time(args)}
