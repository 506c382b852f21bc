"""Checks the arguments of the reads of markets and stalls. Everybody who is authenticated may read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.chassis.clock import SystemClock, today
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking, Preparation
from services.liaison.domain.market import LONGEST_SPAN_DAYS, horizon
from services.liaison.domain.stall import State
from services.liaison.routes.arguments import argument
from services.liaison.store import area as areas


async def area_given(asking: Asking) -> dict[str, Any]:
    area = asking.args.get("area")
    if area is not None and (not isinstance(area, str) or not await areas.known(asking.pool, area)):
        raise UnknownCode("area", field="area")
    return asking.args


async def market_days(asking: Asking) -> dict[str, Any]:
    """`from` and `to` are days, both included, at most LONGEST_SPAN_DAYS apart, and not beyond next year."""
    args = await area_given(asking)
    first, last = argument(asking, "from", date), argument(asking, "to", date)
    if not 0 <= (last - first).days <= LONGEST_SPAN_DAYS:
        raise InvalidInput(f"to: at most {LONGEST_SPAN_DAYS} days after from", field="to", rule="market.span")
    if last > (end := horizon(today(SystemClock()))):
        raise InvalidInput(f"to: market days are known to {end}", field="to", rule="market.horizon")
    return args


async def stalls(asking: Asking) -> dict[str, Any]:
    args = await area_given(asking)
    if args.get("state") is not None:
        argument(asking, "state", State)
    return args


PREPARE: Mapping[str, Preparation] = {"markets": area_given, "marketDays": market_days, "stalls": stalls}
