"""The copy of the area codes, and of the days on which areas end."""

from datetime import date

from services.chassis.db import Connection, Pool
from services.chassis.errors import Unavailable

PUT = "INSERT INTO area (code, valid_to) VALUES ($1, $2) ON CONFLICT DO NOTHING"
END = "UPDATE area SET valid_to = $2 WHERE code = $1 AND valid_to IS DISTINCT FROM $2 RETURNING code"
LAST_DAY = "SELECT valid_to FROM area WHERE code = $1"
KNOWN = "SELECT EXISTS (SELECT 1 FROM area WHERE code = $1)"
COMPLETE = "SELECT EXISTS (SELECT 1 FROM area WHERE length(code) = 2)"


async def put(connection: Connection, code: str, valid_to: date | None) -> bool:
    """Returns whether the area was there with another last day, or none."""
    ended = await connection.fetchval(END, code, valid_to) is not None
    await connection.execute(PUT, code, valid_to)
    return ended


async def last_day(connection: Connection, code: str) -> date | None:
    day: date | None = await connection.fetchval(LAST_DAY, code)
    return day


async def known(where: Pool | Connection, code: str) -> bool:
    return bool(await where.fetchval(KNOWN, code))


async def complete(pool: Pool) -> None:
    """Raises Unavailable until the copy is whole: the archive publishes a province after all that lies in it."""
    if not await pool.fetchval(COMPLETE):
        raise Unavailable("the archive's areas have not arrived yet")
