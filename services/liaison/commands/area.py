"""Areas as liaison knows them: noted when archive publishes them, and checked where a caller names one."""

from services.chassis.db import Connection, Pool
from services.chassis.errors import UnknownCode
from services.liaison.domain.duty import station
from services.liaison.store import area


async def note_area(connection: Connection, code: str) -> None:
    await area.put(connection, code)


async def known_station(where: Pool | Connection, code: str) -> str:
    """The village whose station serves the area; raises UnknownCode, or InvalidInput for an area that no one station serves."""
    if not await area.known(where, code):
        raise UnknownCode("area", field="area")
    return station(code)
