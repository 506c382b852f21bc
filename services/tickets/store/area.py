"""The copy of the areas."""

from datetime import datetime

from services.chassis.db import Connection, Pool
from services.chassis.errors import Unavailable
from services.tickets.domain.area import Area

FIND = "SELECT code, name, kind, valid_from, valid_to FROM area WHERE code = $1"
KEEP = """
INSERT INTO area AS known (code, name, kind, valid_from, valid_to, published_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to, published_at = excluded.published_at
WHERE known.published_at <= excluded.published_at
"""
COMPLETE = "SELECT EXISTS (SELECT 1 FROM area WHERE kind = 'PROVINCE')"


async def find(where: Connection | Pool, code: str) -> Area | None:
    row = await where.fetchrow(FIND, code)
    return None if row is None else Area(**dict(row))


async def keep(connection: Connection, area: Area, published_at: datetime) -> None:
    """Adds or renews the copy; what was published later stays."""
    await connection.execute(KEEP, area.code, area.name, area.kind, area.valid_from, area.valid_to, published_at)


async def complete(pool: Pool) -> None:
    """Raises Unavailable until the copy is whole: the archive publishes a province after all that lies in it."""
    if not await pool.fetchval(COMPLETE):
        raise Unavailable("the archive's areas have not arrived yet")
