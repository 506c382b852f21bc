"""Checks the arguments of the reads of the working calendar. Everybody who is authenticated may read it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.chassis.errors import InvalidInput
from services.chassis.service import Asking, Preparation
from services.liaison.commands.calendar import known_day
from services.liaison.routes.arguments import argument
from services.liaison.views.calendar import MOST_DAYS


async def calendar_day(asking: Asking) -> dict[str, Any]:
    day = argument(asking, "date", date)
    await known_day(asking.pool, day)
    return {"date": day.isoformat()}


async def calendar_days(asking: Asking) -> dict[str, Any]:
    """`from` and `to`, both included, both within the calendar, MOST_DAYS in all at most."""
    first, last = argument(asking, "from", date), argument(asking, "to", date)
    if last < first:
        raise InvalidInput("to must not lie before from", field="to", rule="span")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput(f"from and to must span at most {MOST_DAYS} days", field="to", rule="span")
    await known_day(asking.pool, first, "from")
    await known_day(asking.pool, last, "to")
    return {"from": first.isoformat(), "to": last.isoformat()}


PREPARE: Mapping[str, Preparation] = {"calendarDay": calendar_day, "calendarDays": calendar_days}
