"""Checks the arguments of the reads of suggestions and of matters that were raised."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from services.chassis.errors import InvalidInput
from services.chassis.service import Asking, Preparation
from services.liaison.domain.suggestion import State
from services.liaison.routes.arguments import argument, in_area

DEEDS = Literal["RAISED", "ACCEPTED", "ANSWERED", "SOLVED"]
MATTER_DEEDS = Literal["RAISED", "SOLVED"]


async def suggestions(asking: Asking) -> dict[str, Any]:
    """`from` and `to` are days, both included, on which `deed` was done: by default raised. `owner` is `department/<code>` or `area/<code>`."""
    args = await _on_days(asking, DEEDS)
    if "state" in args:
        argument(asking, "state", State)
    if "sessionId" in args:
        args["session"] = args.pop("sessionId")
    owner = args.pop("owner", None)
    if owner is not None:
        kind, _, code = argument(asking, "owner", str).partition("/")
        if kind not in ("department", "area") or not code:
            raise InvalidInput("owner must be department/<code> or area/<code>", field="owner", rule="form")
        args["department" if kind == "department" else "owner_area"] = code
    return args


async def raised_matters(asking: Asking) -> dict[str, Any]:
    """The same of matters: by default of when they were raised."""
    return await _on_days(asking, MATTER_DEEDS)


async def _on_days(asking: Asking, deeds: Any) -> dict[str, Any]:
    args = await in_area(asking)
    deed = argument(asking, "deed", deeds).lower() if "deed" in args else "raised"
    args.pop("deed", None)
    for end in ("from", "to"):
        if end in args:
            args[f"{deed}_{end}"] = argument(asking, end, date).isoformat()
            del args[end]
    return args


PREPARE: Mapping[str, Preparation] = {
    "suggestions": suggestions,
    "raisedMatters": raised_matters,
    "liaisonDisclosures": in_area,
}
