"""Lists that are taken away: how long they are."""

from services.chassis.db import Connection

COUNTS = {
    noun: f"SELECT count(*) FROM {table} t WHERE t.area_code >= $1 AND t.area_code < $1 || ':'{only}"
    for noun, table, only in (
        ("households", "household", ""),
        ("members", "person", " AND t.household_id IS NOT NULL"),
        ("plots", "plot", ""),
    )
}


async def count(connection: Connection, noun: str, area: str) -> int:
    """How many lines the list of an area has for the caller."""
    number: int = await connection.fetchval(COUNTS[noun], area)
    return number
