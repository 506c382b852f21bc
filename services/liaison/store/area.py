"""The copy of the area codes."""

from services.chassis.db import Connection, Pool
from services.chassis.errors import Unavailable

PUT = "INSERT INTO area (code) VALUES ($1) ON CONFLICT DO NOTHING"
KNOWN = "SELECT EXISTS (SELECT 1 FROM area WHERE code = $1)"
COMPLETE = "SELECT EXISTS (SELECT 1 FROM area WHERE length(code) = 2)"


async def put(connection: Connection, code: str) -> None:
    await connection.execute(PUT, code)


async def known(where: Pool | Connection, code: str) -> bool:
    return bool(await where.fetchval(KNOWN, code))


async def complete(pool: Pool) -> None:
    """Raises Unavailable until the copy is whole: the archive publishes a province after all that lies in it."""
    if not await pool.fetchval(COMPLETE):
        raise Unavailable("the archive's areas have not arrived yet")
