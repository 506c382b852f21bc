"""Areas as liaison knows them: noted when archive publishes them, and checked where a caller names one."""

from datetime import date

from services.chassis.db import Connection, Pool
from services.chassis.errors import UnknownCode
from services.liaison.domain.duty import station
from services.liaison.store import area, market, rule


async def note_area(connection: Connection, code: str, valid_to: date | None = None, name: str | None = None) -> None:
    """When the last day becomes another, roster and markets are due for planning: they end with the area, and go on when that is taken back."""
    await rule.hold(connection, code)
    if await area.put(connection, code, valid_to, name):
        await rule.unplan_area(connection, code)
        await market.unplan_area(connection, code)


async def known_station(where: Pool | Connection, code: str, field: str = "area") -> str:
    """The village whose station serves the area; raises UnknownCode, or InvalidInput for an area that no one station serves."""
    if not await area.known(where, code):
        raise UnknownCode("area", field=field)
    return station(code, field)
