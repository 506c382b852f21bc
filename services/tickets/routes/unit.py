"""What is checked of reads about units."""

from typing import Any

from services.chassis.clock import SystemClock, today
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking, Preparation
from services.tickets.store import area as areas
from services.tickets.store import unit as store


async def prepare_unit_for(asking: Asking) -> dict[str, Any]:
    """Adds what the item's code means. Raises InvalidInput or UnknownCode (item, area)."""
    item, area = (asking.args.get(name) for name in ("item", "area"))
    for name in asking.args.keys() - {"item", "area"}:
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    if not isinstance(area, str) or await areas.find(asking.pool, area) is None:
        raise UnknownCode("area", field="area")
    async with asking.pool.acquire() as connection:
        wanted = await store.wanted(connection, item, today(SystemClock())) if isinstance(item, str) else None
    if wanted is None:
        raise UnknownCode("item", field="item")
    return {"area": area, "codes": list(wanted.codes), "levels": wanted.levels and list(wanted.levels)}


PREPARE: dict[str, Preparation] = {"unitFor": prepare_unit_for}
