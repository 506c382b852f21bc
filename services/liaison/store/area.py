"""The copy of the area codes."""

from services.chassis.db import Connection, Pool

PUT = "INSERT INTO area (code) VALUES ($1) ON CONFLICT DO NOTHING"
KNOWN = "SELECT EXISTS (SELECT 1 FROM area WHERE code = $1)"


async def put(connection: Connection, code: str) -> None:
    await connection.execute(PUT, code)


async def known(where: Pool | Connection, code: str) -> bool:
    return bool(await where.fetchval(KNOWN, code))
