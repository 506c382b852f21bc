"""Areas, and who works in the grids."""

from collections.abc import Sequence

from services.archive.domain.area import Area, parent_of
from services.archive.domain.vault import Vault
from services.archive.store.sealed import seal_phone
from services.chassis.db import Connection, Pool

FIND = "SELECT code, name, valid_from, valid_to, source FROM area WHERE code = $1"
CODES = "SELECT code FROM area"
KEEP = """
INSERT INTO area (code, name, parent, code_scheme, source, valid_from, valid_to)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent, code_scheme = excluded.code_scheme,
    source = excluded.source, valid_from = excluded.valid_from, valid_to = excluded.valid_to
WHERE (area.name, area.parent, area.source, area.valid_from, area.valid_to)
    IS DISTINCT FROM (excluded.name, excluded.parent, excluded.source, excluded.valid_from, excluded.valid_to)
RETURNING code
"""
KEEP_WORKER = """
INSERT INTO grid_worker (grid_code, subject, name, phone_sealed, phone_index, phone_masked) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING subject
"""


async def find(where: Pool | Connection, code: str) -> Area | None:
    row = await where.fetchrow(FIND, code)
    return None if row is None else Area(row["code"], row["name"], row["valid_from"], row["valid_to"], row["source"])


async def keep(connection: Connection, areas: Sequence[Area]) -> list[Area]:
    """Writes areas that are new or changed, those above before those below; returns them in that order."""
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
    )
    fresh = {row["code"] for row in written}
    return sorted((area for area in areas if area.code in fresh), key=lambda area: (len(area.code), area.code))


async def keep_worker(connection: Connection, vault: Vault, *, grid: str, subject: str, name: str, phone: str) -> bool:
    """Adds a grid worker; False when the grid has this one already. `phone` in E.164 form."""
    sealed = seal_phone(vault, phone, owner=subject)
    row = await connection.fetchval(KEEP_WORKER, grid, subject, name, sealed.sealed, sealed.index, sealed.masked)
    return row is not None
