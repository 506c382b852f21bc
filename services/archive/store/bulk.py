"""New sheets by the hundred, in one statement: entries, and all that store/sheet.py would write of each sheet alone.

PostgreSQL refuses COPY under row-level security, and the tables FORCE it. So the entries go in as arrays, once, and the tables that are read every
day are filled from them within the statement: of a part that nothing was said of before, the first patch is the whole state.

What the sheets are found by is written, too. The worker compares their members with everybody else: until it has, the search version is negative.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from services.archive.domain.history import HOUSEHOLD, Change
from services.archive.domain.household import Household
from services.archive.domain.search import VERSION, name_text, search_terms, search_text, spelled_out
from services.archive.store.review import FRESHNESS
from services.archive.store.sheet import PARTS, patches
from services.chassis.db import Connection
from services.chassis.vault import Vault

SECONDS = 120
"""Limit of the statement; a chunk of 500 sheets takes less than one."""
TERM_END = "\n"


def _part(kind: str, table: str, columns: Iterable[str]) -> str:
    """The step that fills the table of one kind of part."""
    own = ("search_text", "pinyin") if kind == "person" else ()
    names = ", ".join((*columns, *own))
    return f"""
{kind} AS (
    INSERT INTO {table} (id, household_id, area_code, sources, {names})
    SELECT g.key, g.sheet, g.area, g.sources, {", ".join([*(f"r.{name}" for name in columns), *(f"g.{name}" for name in own)])}
    FROM given g CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, g.patch) r WHERE g.kind = '{kind}' ORDER BY g.n)"""


ADD = f"""
WITH told AS MATERIALIZED (
    SELECT n, kind, key, sheet, area, patch::jsonb AS patch, search_text, pinyin
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $17::text[], $18::text[])
        WITH ORDINALITY AS t (kind, key, sheet, area, patch, search_text, pinyin, n)),
given AS MATERIALIZED (
    SELECT t.*, (SELECT jsonb_object_agg(f, jsonb_build_array($7::text, $8::date)) FROM jsonb_object_keys(t.patch) f) AS sources FROM told t),
entry AS (
    INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
    SELECT kind, key, sheet, area, $6::date, $7, $8, $9::text, patch, $10::timestamptz, $11::text FROM given ORDER BY n),
household AS (
    INSERT INTO household (id, area_code, {", ".join(HOUSEHOLD)}, sources, search_text, search_version, version, opened_at, revised_at)
    SELECT g.sheet, g.area, {", ".join(f"r.{name}" for name in HOUSEHOLD)}, g.sources, s.words, {-VERSION}, s.version, $10, $10
    FROM given g JOIN unnest($12::uuid[], $13::text[], $14::int[]) AS s (id, words, version) ON s.id = g.sheet
    CROSS JOIN LATERAL jsonb_populate_record(NULL::household, g.patch) r WHERE g.kind = 'household' ORDER BY g.n),
{",".join(_part(kind, table, columns) for kind, (table, _, columns) in PARTS.items())},
membership AS (
    INSERT INTO membership (person_id, household_id, area_code, relation, since, reason)
    SELECT key, sheet, area, patch ->> 'relation', $6, patch ->> 'why' FROM given WHERE kind = 'person' ORDER BY n)
INSERT INTO household_term (term, area_code, household_id)
SELECT term, area, id FROM unnest($12::uuid[], $15::text[], $16::text[]) AS s (id, area, terms)
CROSS JOIN LATERAL string_to_table(s.terms, E'\\n') AS term ORDER BY 1, 2, 3
"""
NUMBERED = """
SELECT id, area_code, number FROM household
WHERE area_code >= $1 AND area_code < $1 || ':' AND number = ANY($2::text[]) AND closed_on IS NULL
"""
TAKEN = "SELECT id_number_index FROM person WHERE id_number_index = ANY($1::bytea[]) AND id_number_override IS NULL"
CODES = "SELECT code, household_id FROM plot WHERE code = ANY($1::text[])"
GRIDS = """
SELECT code FROM area WHERE code = ANY($1::text[]) AND kind = 'GRID' AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
"""
FINISH = f"UPDATE household h SET {FRESHNESS} WHERE h.id = ANY($1::uuid[])"


class Taken(Exception):
    """Somebody wrote a number, a code or an id meanwhile that must be unique."""


async def numbered(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[UUID, str]]:
    """Village and number → id and grid, of the households that are there."""
    by_village: dict[str, list[str]] = {}
    for village, number in keys:
        by_village.setdefault(village, []).append(number)
    return {
        (village, row["number"]): (row["id"], row["area_code"])
        for village, numbers in by_village.items()
        for row in await connection.fetch(NUMBERED, village, numbers)
    }


async def taken_numbers(connection: Connection, indexes: Sequence[bytes]) -> set[bytes]:
    """Which ID numbers, by their blind index, are a registered person's."""
    return {row["id_number_index"] for row in await connection.fetch(TAKEN, indexes)} if indexes else set()


async def taken_codes(connection: Connection, codes: Sequence[str]) -> dict[str, UUID | None]:
    """Which codes are a plot's, and whose."""
    return {row["code"]: row["household_id"] for row in await connection.fetch(CODES, codes)} if codes else {}


async def grids(connection: Connection, codes: Iterable[str], day: date) -> set[str]:
    """Which of the codes are a grid's that is valid on the day."""
    return {row["code"] for row in await connection.fetch(GRIDS, list(codes), day)}


async def add_all(connection: Connection, vault: Vault, sheets: Sequence[Household], change: Change) -> None:
    """Writes new sheets, valid from the change's day on; no id may be there yet.

    Raises Taken, and cannot say whose; the transaction must then be undone.
    """
    told = [(*part, sheet, patch) for sheet in sheets for part, patch in patches(vault, None, sheet, change)]
    names = [
        [member.name for member in sorted(sheet.members, key=lambda member: (member.relation, member.id))]
        for sheet in sheets
    ]
    texts = [
        search_text(sheet.number, known, sheet.address, sheet.house) for known, sheet in zip(names, sheets, strict=True)
    ]
    called = [patch.get("name", "") if kind == "person" else "" for kind, *_, patch in told]
    ids = [sheet.id for sheet in sheets]
    try:
        await connection.execute(
            ADD,
            [kind for kind, *_ in told],
            [key for _, key, *_ in told],
            [sheet.id for *_, sheet, _ in told],
            [sheet.area for *_, sheet, _ in told],
            [msgspec.json.encode(patch).decode() for *_, patch in told],
            change.valid_from,
            change.provenance,
            change.verified_on or change.valid_from,
            change.reason,
            change.at,
            change.by,
            ids,
            texts,
            [sheet.version for sheet in sheets],
            [sheet.area for sheet in sheets],
            [TERM_END.join(search_terms(text)) for text in texts],
            [name_text(name) if name else "" for name in called],
            [spelled_out(name) for name in called],
            timeout=SECONDS,
        )
    except asyncpg.UniqueViolationError as error:
        raise Taken(error.constraint_name) from None
    await connection.execute(FINISH, ids, timeout=SECONDS)
