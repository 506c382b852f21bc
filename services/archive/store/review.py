"""The freshness of sheets: counting it, and saying again what a visit confirms."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.archive.domain.review import Fact
from services.chassis.db import Connection

FRESHNESS = """(review_on, needs, rank_on, facts, stale_facts, recount_on) = (
    SELECT f.review_on, f.needs, f.rank_on, f.facts, f.stale_facts, f.recount_on FROM freshness_of(h.id, china_today()) f)"""
"""What an UPDATE of `household h` sets after a sheet's facts have changed, or a day has passed that changes what they mean."""

SPOKEN = """
SELECT DISTINCT ON (e.kind, e.key, f.fact) e.kind, e.key, f.fact, e.valid_from, e.verified_on
FROM sheet_entry e CROSS JOIN LATERAL jsonb_object_keys(e.patch) AS f (fact)
WHERE e.household_id = $1 AND e.key IN (
    SELECT $1 UNION ALL SELECT id FROM person WHERE household_id = $1 UNION ALL SELECT id FROM sheet_item WHERE household_id = $1
    UNION ALL SELECT id FROM plot WHERE household_id = $1)
ORDER BY e.kind, e.key, f.fact, e.valid_from DESC, e.id DESC
"""
SAY_AGAIN = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
SELECT s.kind, s.key, h.id, h.area_code, s.valid_from, 'VISITED', $5, jsonb_object_agg(s.fact, s.value), $6, $7
FROM household h CROSS JOIN (
    SELECT DISTINCT ON (e.kind, e.key, f.fact) e.kind, e.key, f.fact, f.value, e.valid_from
    FROM sheet_entry e CROSS JOIN LATERAL jsonb_each(e.patch) AS f (fact, value)
    WHERE e.household_id = $1 ORDER BY e.kind, e.key, f.fact, e.valid_from DESC, e.id DESC
) s JOIN unnest($2::text[], $3::uuid[], $4::text[]) AS confirmed (kind, key, fact) USING (kind, key, fact)
WHERE h.id = $1 GROUP BY h.id, s.kind, s.key, s.valid_from
"""
KINDS = "SELECT id, kind FROM sheet_item WHERE household_id = $1"
SOURCES = {
    table: f"UPDATE {table} t SET sources = f.sources FROM {function}($1, NULL, NULL) f WHERE t.id = f.id AND t.id = ANY($2::uuid[])"
    for table, function in (
        ("household", "household_as_of"),
        ("person", "members_as_of"),
        ("sheet_item", "items_as_of"),
        ("plot", "plots_as_of"),
    )
}
FRESHEN = f"UPDATE household h SET {FRESHNESS} WHERE h.id = $1 RETURNING h.version"

STALE_ALL = (
    "UPDATE household SET recount_on = '-infinity' WHERE closed_on IS NULL AND recount_on IS DISTINCT FROM '-infinity'"
)
DUE = "SELECT count(*) FROM household WHERE closed_on IS NULL AND recount_on <= china_today()"
RECOUNT = f"""
UPDATE household h SET {FRESHNESS} WHERE h.id IN (
    SELECT d.id FROM household d WHERE d.closed_on IS NULL AND d.recount_on <= china_today()
    ORDER BY d.recount_on LIMIT $1 FOR UPDATE SKIP LOCKED)
"""
STALE = "SELECT count(*) FROM household WHERE closed_on IS NULL AND review_on <= china_today()"


async def spoken(connection: Connection, household: UUID) -> list[Fact]:
    """The word that is true at present of each fact of the sheet; no value is read."""
    return [
        Fact(row["kind"], row["key"], row["fact"], row["valid_from"], row["verified_on"])
        for row in await connection.fetch(SPOKEN, household)
    ]


async def kinds(connection: Connection, household: UUID) -> dict[UUID, str]:
    """Kind of each item of the sheet."""
    return {row["id"]: row["kind"] for row in await connection.fetch(KINDS, household)}


async def say_again(
    connection: Connection, household: UUID, facts: Sequence[Fact], *, visited_on: date, at: datetime, by: str
) -> int:
    """Writes the facts' values again as seen on that day; sealed ones stay sealed. Returns the sheet's version, which stays."""
    parts = [(fact.part, fact.key, fact.column) for fact in facts]
    await connection.execute(SAY_AGAIN, household, *map(list, zip(*parts, strict=True)), visited_on, at, by)
    keys = list({fact.key for fact in facts})
    for sources in SOURCES.values():
        await connection.execute(sources, household, keys)
    version: int = await connection.fetchval(FRESHEN, household)
    return version


async def recount(connection: Connection, most: int) -> int:
    """Counts up to `most` sheets again whose day has come, those that somebody is changing left for later; returns how many."""
    return int((await connection.execute(RECOUNT, most)).split()[-1])


async def recount_all(connection: Connection) -> int:
    """Makes every open sheet due to be counted; returns how many are due."""
    await connection.execute(STALE_ALL)
    return await due(connection)


async def due(connection: Connection) -> int:
    """How many sheets are due to be counted."""
    found: int = await connection.fetchval(DUE)
    return found


async def stale(connection: Connection) -> int:
    """How many open sheets hold a fact that is past its review interval."""
    found: int = await connection.fetchval(STALE)
    return found
