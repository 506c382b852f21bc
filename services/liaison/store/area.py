"""The copy of the area codes, and of the days on which areas end."""

from collections.abc import Collection
from datetime import date

from services.chassis.db import Connection, Pool
from services.chassis.errors import Unavailable

PUT = """
INSERT INTO area (code, valid_to, name) VALUES ($1, $2, $3)
ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE area.name IS DISTINCT FROM coalesce(excluded.name, area.name)
"""
END = "UPDATE area SET valid_to = $2 WHERE code = $1 AND valid_to IS DISTINCT FROM $2 RETURNING code"
LAST_DAYS = "SELECT code, valid_to FROM area WHERE code = ANY ($1) AND valid_to IS NOT NULL"
KNOWN = "SELECT EXISTS (SELECT 1 FROM area WHERE code = $1)"
COMPLETE = "SELECT EXISTS (SELECT 1 FROM area WHERE length(code) = 2)"


async def put(connection: Connection, code: str, valid_to: date | None, name: str | None) -> bool:
    """Returns whether the area was there with another last day, or none."""
    ended = await connection.fetchval(END, code, valid_to) is not None
    await connection.execute(PUT, code, valid_to, name)
    return ended


async def last_days(connection: Connection, codes: Collection[str]) -> dict[str, date]:
    """Those of the areas that end."""
    return {row["code"]: row["valid_to"] for row in await connection.fetch(LAST_DAYS, list(codes))}


async def known(where: Pool | Connection, code: str) -> bool:
    return bool(await where.fetchval(KNOWN, code))


async def complete(pool: Pool) -> None:
    """Raises Unavailable until the copy is whole: the archive publishes a province after all that lies in it."""
    if not await pool.fetchval(COMPLETE):
        raise Unavailable("the archive's areas have not arrived yet")
