"""Areas, and who works in the grids."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from services.archive.domain.area import Area, parent_of
from services.archive.store.sealed import seal_phone
from services.chassis.db import Connection, Pool
from services.chassis.vault import Vault

COLUMNS = "code, name, valid_from, valid_to, source"
FIND = f"SELECT {COLUMNS} FROM area WHERE code = $1"
UNDER = f"SELECT {COLUMNS} FROM area WHERE code ^@ $1 ORDER BY code"
CODES = "SELECT code FROM area"
KEEP = """
INSERT INTO area (code, name, parent, code_scheme, source, valid_from, valid_to, change_id)
SELECT *, $8::uuid FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent, code_scheme = excluded.code_scheme,
    source = excluded.source, valid_from = excluded.valid_from, valid_to = excluded.valid_to, change_id = excluded.change_id
WHERE (area.name, area.parent, area.source, area.valid_from, area.valid_to)
    IS DISTINCT FROM (excluded.name, excluded.parent, excluded.source, excluded.valid_from, excluded.valid_to)
    AND (excluded.change_id IS NOT NULL OR (area.change_id IS NULL AND NOT EXISTS (SELECT FROM area_name n WHERE n.code = area.code)))
RETURNING code
"""
FIRST_NAME = """
INSERT INTO area_name (code, valid_from, name) SELECT a.code, a.valid_from, a.name FROM area a WHERE a.code = ANY($1::text[])
ON CONFLICT DO NOTHING
"""
ADD_NAME = """
INSERT INTO area_name (code, valid_from, name, change_id) SELECT given.code, $3::date, given.name, $4
FROM unnest($1::text[], $2::text[]) AS given (code, name)
WHERE NOT EXISTS (SELECT FROM area_name n WHERE n.code = given.code AND n.valid_from >= $3) RETURNING code
"""
SET_NAMES = "UPDATE area a SET name = given.name FROM unnest($1::text[], $2::text[]) AS given (code, name) WHERE a.code = given.code"
KEEP_WORKER = """
INSERT INTO grid_worker (grid_code, subject, name, phone_sealed, phone_index, phone_masked) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING subject
"""


async def find(where: Pool | Connection, code: str) -> Area | None:
    row = await where.fetchrow(FIND, code)
    return None if row is None else area_of(row)


async def under(connection: Connection, code: str) -> list[Area]:
    """The area and all in it, valid or not, in the order of their codes; with an empty code all areas."""
    return [area_of(row) for row in await connection.fetch(UNDER, code)]


def area_of(row: asyncpg.Record) -> Area:
    return Area(row["code"], row["name"], row["valid_from"], row["valid_to"], row["source"])


async def keep(connection: Connection, areas: Sequence[Area], change: UUID | None = None) -> list[Area]:
    """Writes areas that are new or differ from what is there, and returns them, those above before those below.

    Those that were ever renamed, or that a change (store/area_change.py) has concerned, are left to changes: a list does not know of these.
    """
    known = {row["code"] for row in await connection.fetch(CODES)} | {area.code for area in areas}
    written = await connection.fetch(
        KEEP,
        [area.code for area in areas],
        [area.name for area in areas],
        [parent_of(area.code, known) for area in areas],
        [area.code_scheme for area in areas],
        [area.source for area in areas],
        [area.valid_from for area in areas],
        [area.valid_to for area in areas],
        change,
    )
    fresh = {row["code"] for row in written}
    return sorted((area for area in areas if area.code in fresh), key=lambda area: (len(area.code), area.code))


async def rename(connection: Connection, names: Mapping[str, str], day: date, change: UUID | None) -> dict[str, str]:
    """Gives areas (code → name) another name from the day on; returns those that it did, for which no name begins that day or later."""
    await connection.execute(FIRST_NAME, list(names))
    rows = await connection.fetch(ADD_NAME, list(names), list(names.values()), day, change)
    done = {row["code"]: names[row["code"]] for row in rows}
    await connection.execute(SET_NAMES, list(done), list(done.values()))
    return done


async def keep_worker(connection: Connection, vault: Vault, *, grid: str, subject: str, name: str, phone: str) -> bool:
    """Adds a grid worker; False when the grid has this one already. `phone` in E.164 form."""
    sealed = seal_phone(vault, phone, owner=subject)
    row = await connection.fetchval(KEEP_WORKER, grid, subject, name, sealed.sealed, sealed.index, sealed.masked)
    return row is not None
