"""Reads of areas."""

from typing import Any

from services.archive.store import area as areas
from services.chassis.db import Pool
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking


class KnownAreas:
    """Remembers which codes exist: areas are never deleted, so only what is not known yet is asked for."""

    def __init__(self) -> None:
        self._codes: set[str] = set()

    async def require(self, pool: Pool, code: Any, field: str) -> str:
        """The code; raises UnknownCode."""
        if isinstance(code, str) and code in self._codes:
            return code
        if not isinstance(code, str) or await areas.find(pool, code) is None:
            raise UnknownCode("area", field=field)
        self._codes.add(code)
        return code


def given(asking: Asking, *names: str) -> dict[str, Any]:
    """The arguments that are not null; raises InvalidInput for one that is not public here."""
    for name in asking.args:
        if name not in names:
            raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    return {name: value for name, value in asking.args.items() if value is not None}


async def prepare_area(asking: Asking) -> dict[str, Any]:
    args = given(asking, "code", "asOf")
    return {"code": args.get("code"), "as_of": args.get("asOf")}


async def prepare_areas(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Without a parent, the areas that have none."""
    args = given(asking, "parent", "asOf")
    if "parent" not in args:
        return {"top": True, "as_of": args.get("asOf")}
    return {"parent": await known.require(asking.pool, args["parent"], "parent"), "as_of": args.get("asOf")}


async def prepare_areas_on(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """The code must be one that there is, or was; raises UnknownCode."""
    args = given(asking, "code", "on")
    if "on" not in args:
        raise InvalidInput("on is needed", field="on", rule="required")
    return {"code": await known.require(asking.pool, args.get("code"), "code"), "as_of": args["on"]}


async def prepare_area_changes(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    args = given(asking, "area", "first", "after")
    if "area" in args:
        await known.require(asking.pool, args["area"], "area")
    return args
