"""Checks the arguments of the figures of what was held."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.chassis.errors import UnknownCode
from services.chassis.service import Asking, Preparation
from services.liaison.domain.figures import By, require_period, require_reader
from services.liaison.routes.arguments import argument
from services.liaison.store import area as areas


async def liaison_figures(asking: Asking) -> dict[str, Any]:
    """Raises Forbidden for whoever does not reach all that is counted there."""
    area = argument(asking, "areaCode", str)
    first, last = argument(asking, "from", date), argument(asking, "to", date)
    by = argument(asking, "by", By) if asking.args.get("by") is not None else By.NONE
    require_period(first, last)
    if not await areas.known(asking.pool, area):
        raise UnknownCode("area", field="areaCode")
    require_reader(asking.principal, area)
    return {"area": area, "from": first.isoformat(), "to": last.isoformat(), "by": by.value}


PREPARE: Mapping[str, Preparation] = {"liaisonFigures": liaison_figures}
