"""Checks the arguments of the reads of duty. Everybody who is authenticated may read it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from services.chassis.clock import SystemClock, today
from services.chassis.errors import InvalidInput
from services.chassis.service import Asking, Preparation
from services.liaison.commands.area import known_station
from services.liaison.commands.calendar import known_day
from services.liaison.domain.duty import key_of, read_key
from services.liaison.domain.roster import AHEAD_DAYS
from services.liaison.routes.arguments import argument, in_area

LONGEST_SPAN_DAYS = 400


async def duty_on(asking: Asking) -> dict[str, Any]:
    """`area` (a village, or a grid for its village) and `date`; both must be known."""
    code, day = argument(asking, "area", str), argument(asking, "date", date)
    village = await known_station(asking.pool, code)
    await known_day(asking.pool, day)
    return {"area": village, "date": day.isoformat()}


async def duty(asking: Asking) -> dict[str, Any]:
    return {"id": key_of(*read_key(argument(asking, "id", str), "id"))}


async def duties_by_key(asking: Asking) -> dict[str, Any]:
    """In step with `keys`; a grid's key stands for its village's."""
    keys = argument(asking, "keys", list[str])
    return {"keys": [key_of(*read_key(key, "keys")) for key in keys]}


async def span(asking: Asking) -> dict[str, Any]:
    """`areaCode` may be left out; `from` and `to` are days, both included: by default today, and a quarter on."""
    args = await in_area(asking)
    now = today(SystemClock())
    first = argument(asking, "from", date) if "from" in args else now
    last = argument(asking, "to", date) if "to" in args else first + timedelta(AHEAD_DAYS)
    if not 0 <= (last - first).days <= LONGEST_SPAN_DAYS:
        raise InvalidInput(f"to: at most {LONGEST_SPAN_DAYS} days after from", field="to", rule="duty.span")
    return args | {"from": first.isoformat(), "to": last.isoformat()}


async def fairness(asking: Asking) -> dict[str, Any]:
    """All of `areaCode`, `from` and `to` are needed."""
    for name in ("areaCode", "from", "to"):
        argument(asking, name, str)
    return await span(asking)


async def offers(asking: Asking) -> dict[str, Any]:
    """`mine` are those that the caller made, was asked by, or answered."""
    args = await in_area(asking)
    if args.pop("mine", False):
        args["subject"] = asking.principal.subject
    return args


PREPARE: Mapping[str, Preparation] = {
    "dutyOn": duty_on,
    "duty": duty,
    "dutiesByKey": duties_by_key,
    "duties": span,
    "dutyFairness": fairness,
    "dutyOffers": offers,
    **dict.fromkeys(("dutyRules", "dutyVisits", "cadres", "leaves"), in_area),
}
