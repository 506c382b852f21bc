"""What households and people are found by, made from their sheets: terms, texts, pinyin, and pairs of persons who may be one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.archive.domain.search import VERSION, name_text, search_terms, search_text, spelled_out
from services.chassis.db import Connection

SHEETS = """
SELECT h.id, h.area_code, h.number, h.address, h.house, h.search_text, h.search_version, p.ids, p.names, p.known
FROM household h CROSS JOIN LATERAL (
    SELECT array_agg(p.id ORDER BY p.relation, p.id) AS ids, array_agg(p.name ORDER BY p.relation, p.id) AS names,
        array_agg(p.search_text ORDER BY p.relation, p.id) AS known
    FROM person p WHERE p.household_id = h.id) p
WHERE h.id = ANY($1::uuid[])
"""
DROP_TERMS = """
DELETE FROM household_term t USING unnest($1::text[], $2::text[], $3::uuid[]) AS gone (term, area, household)
WHERE t.term = gone.term COLLATE "C" AND t.area_code = gone.area COLLATE "C" AND t.household_id = gone.household
"""
ADD_TERMS = """
INSERT INTO household_term (term, area_code, household_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
"""
KEEP_TEXTS = f"""
UPDATE household h SET search_text = found.words, search_version = {VERSION}
FROM unnest($1::uuid[], $2::text[]) AS found (id, words) WHERE h.id = found.id
"""
KEEP_NAMES = """
UPDATE person p SET search_text = found.words, pinyin = found.pinyin
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS found (id, words, pinyin) WHERE p.id = found.id
"""
NOTE_DUPLICATES = "SELECT note_duplicates($1::uuid[])"
FORGET_DUPLICATES = "DELETE FROM likely_duplicate WHERE one = $1 OR other = $1"
DISMISS = """
UPDATE likely_duplicate SET dismissed_at = $3, dismissed_by = $4, dismissed_reason = $5 WHERE one = $1 AND other = $2 RETURNING one
"""
OLD = f"""
SELECT id FROM household WHERE search_version < {VERSION} ORDER BY search_version, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
HOW_MANY_OLD = f"SELECT count(*) FROM household WHERE search_version < {VERSION}"
ALL_OLD = "UPDATE household SET search_version = 0 WHERE search_version <> 0"


async def make_findable(
    connection: Connection,
    keys: Sequence[UUID],
    *,
    persons: Sequence[UUID] | None = None,
    former_area: str | None = None,
) -> None:
    """Brings up to date what households are found by, and who of their members may be whom.

    `persons` are those of whom something changed, by default all; `former_area` is the grid that the terms were written in, where it is
    another than the households' by now.
    """
    looked = set(persons or ())
    texts: dict[UUID, str] = {}
    names: dict[UUID, tuple[str, str]] = {}
    gone: list[tuple[str, str, UUID]] = []
    fresh: list[tuple[str, str, UUID]] = []
    for row in await connection.fetch(SHEETS, keys):
        key, area, version = row["id"], row["area_code"], abs(row["search_version"])
        people = list(zip(row["ids"] or (), row["names"] or (), row["known"] or (), strict=True))
        text = search_text(row["number"], (name for _, name, _ in people), row["address"], row["house"])
        names |= {
            person: (line, spelled_out(name))
            for person, name, known in people
            if known != (line := name_text(name)) or version != VERSION
        }
        if persons is None or row["search_version"] != VERSION:
            looked |= {person for person, _, _ in people}
        before = (former_area or area, row["search_text"])
        if before == (area, text) and row["search_version"] == VERSION:
            continue
        texts[key] = text
        old = {(term, before[0], key) for term in search_terms(row["search_text"])}
        new = {(term, area, key) for term in search_terms(text)}
        gone += old - new
        fresh += new if version != VERSION else new - old
    if gone:
        await connection.execute(DROP_TERMS, *zip(*gone, strict=True))
    if fresh:
        await connection.execute(ADD_TERMS, *zip(*fresh, strict=True))
    if texts:
        await connection.execute(KEEP_TEXTS, list(texts), list(texts.values()))
    if names:
        await connection.execute(KEEP_NAMES, list(names), *(list(each) for each in zip(*names.values(), strict=True)))
    if looked:
        await connection.execute(NOTE_DUPLICATES, list(looked))


async def make_old_findable(connection: Connection, most: int) -> int:
    """Does so for at most so many households of an older version that nobody else has in hand; returns how many it did."""
    keys = [row["id"] for row in await connection.fetch(OLD, most)]
    if keys:
        await make_findable(connection, keys)
    return len(keys)


async def how_many_old(connection: Connection) -> int:
    """How many households cannot be found yet as this version finds them."""
    count: int = await connection.fetchval(HOW_MANY_OLD)
    return count


async def make_all_old(connection: Connection) -> None:
    """Has all households made findable anew."""
    await connection.execute(ALL_OLD)


async def forget_duplicates(connection: Connection, person: UUID) -> None:
    """Of somebody who is nobody of their own any more."""
    await connection.execute(FORGET_DUPLICATES, person)


async def note_duplicates(connection: Connection, persons: Sequence[UUID]) -> None:
    """Looks anew for whoever else they may be."""
    await connection.execute(NOTE_DUPLICATES, persons)


async def dismiss(connection: Connection, pair: tuple[UUID, UUID], *, at: datetime, by: str, reason: str) -> bool:
    """Notes that two persons are two, the smaller id first; False when there is no such pair that the caller may change."""
    return await connection.fetchval(DISMISS, *pair, at, by, reason) is not None
