"""Plots beside the sheets: those of villages, the shapes that people send, and outlines of areas."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from services.archive.domain.history import Change
from services.archive.domain.plot import Commons, Plot
from services.archive.store.sheet import conflict_of
from services.chassis.db import Connection

COLUMNS = "id, code, name, category, contract_mu, east, south, west, north, measured_mu, witness, disputed, shape::text AS shape"
HOLDER = "SELECT household_id, area_code FROM plot_as_of($1, $2, NULL)"
VERSION = "SELECT count(*) FROM sheet_entry WHERE key = $1 AND kind = 'plot'"
LATER = "SELECT EXISTS (SELECT FROM sheet_entry WHERE key = $1 AND kind = 'plot' AND valid_from > $2)"
LOCK_VILLAGE = "SELECT code FROM area WHERE code = $1 AND kind = 'VILLAGE' FOR NO KEY UPDATE"
COMMON = f"SELECT {COLUMNS} FROM plot_as_of($1, $2, NULL) WHERE household_id IS NULL AND area_code = $3"
RECORD = """
INSERT INTO sheet_entry (kind, key, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
VALUES ('plot', $1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
GONE = "DELETE FROM plot WHERE id = $1 AND household_id IS NULL"
KEEP_COMMON = """
INSERT INTO plot (id, area_code, sources, code, name, category, contract_mu, measured_mu, east, south, west, north, witness, disputed, shape)
SELECT id, area_code, sources, code, name, category, contract_mu, measured_mu, east, south, west, north, witness, disputed, shape
FROM plot_as_of($1, NULL, NULL) WHERE household_id IS NULL
ON CONFLICT (id) DO UPDATE SET household_id = NULL, area_code = excluded.area_code, sources = excluded.sources, code = excluded.code,
    name = excluded.name, category = excluded.category, contract_mu = excluded.contract_mu, measured_mu = excluded.measured_mu,
    east = excluded.east, south = excluded.south, west = excluded.west, north = excluded.north, witness = excluded.witness,
    disputed = excluded.disputed, shape = excluded.shape
"""
SHAPE = """
SELECT g.shape::text AS shape, CASE WHEN NOT ST_IsValid(g.shape) THEN split_part(ST_IsValidReason(g.shape), '[', 1) END AS flaw
FROM (SELECT ST_ForcePolygonCCW(ST_SetSRID(ST_GeomFromGeoJSON($1), 4490)) AS shape) g
"""
DRAW = """
INSERT INTO area_shape (area_code, drawn) VALUES ($1, $2::geometry) ON CONFLICT (area_code) DO UPDATE SET drawn = excluded.drawn
"""
# Two plots and what lies around them, in metres of their zone. The frame is $6 times as wide as high and shows $7 of the plots' own size on
# each side. `x`, `y` and `radius` are of the largest circle that has room for words: in what is seen of a plot, and is not covered by both.
DRAWN = """
WITH two AS MATERIALIZED (
    SELECT 'A' AS role, a.* FROM plot_as_of($1, $3, $4) a UNION ALL SELECT 'B', b.* FROM plot_as_of($2, $3, $4) b),
zone AS MATERIALIZED (SELECT metres_around(ST_SetSRID(ST_Extent(shape), 4490)) AS srid FROM two),
ours AS MATERIALIZED (SELECT two.*, zone.srid, ST_Transform(two.shape, zone.srid) AS ground FROM two, zone),
shared AS MATERIALIZED (
    SELECT ST_Intersection(a.ground, b.ground) AS ground FROM ours a, ours b WHERE a.role = 'A' AND b.role = 'B'),
extent AS (
    SELECT ST_SetSRID(box::geometry, srid) AS box, srid, ST_XMax(box) - ST_XMin(box) AS wide, ST_YMax(box) - ST_YMin(box) AS high
    FROM (SELECT ST_Extent(ground) AS box, min(srid) AS srid FROM ours) e),
frame AS MATERIALIZED (
    SELECT srid, ST_Expand(box, (size * $6::float8 - wide) / 2, (size - high) / 2) AS box
    FROM extent CROSS JOIN LATERAL (SELECT greatest(high, wide / $6::float8, 1) * (1 + 2 * $7::float8) AS size) s),
drawn AS (
    SELECT role, code, name, household_id, contract_mu, ground, ST_Difference(ground, (SELECT ground FROM shared)) AS room FROM ours
    UNION ALL
    SELECT 'NEIGHBOUR', p.code, p.name, p.household_id, p.contract_mu, m.ground, ST_Intersection(m.ground, f.box)
    FROM frame f CROSS JOIN LATERAL village_plots($5, $3, $4) p CROSS JOIN LATERAL (SELECT ST_Transform(p.shape, f.srid) AS ground) m
    WHERE m.ground && f.box AND p.id NOT IN ($1, $2))
SELECT d.role, d.code, d.name, d.contract_mu, frame.srid, ST_AsGeoJSON(d.ground, 2)::jsonb -> 'coordinates' AS rings,
    ST_X(circle.center) AS x, ST_Y(circle.center) AS y, circle.radius,
    (SELECT m.name FROM members_as_of(d.household_id, $3, $4) m WHERE m.relation = '02') AS holder
FROM drawn d CROSS JOIN frame
CROSS JOIN LATERAL ST_MaximumInscribedCircle(CASE WHEN ST_IsEmpty(d.room) THEN d.ground ELSE d.room END) circle
WHERE d.ground IS NOT NULL ORDER BY d.role DESC, d.code
"""
SHARED = """
SELECT ST_AsGeoJSON(ST_Transform(part.geom, $5::int), 2)::jsonb -> 'coordinates' AS rings
FROM mediation_of($1, $2, $3, $4) m CROSS JOIN LATERAL ST_Dump(m.overlap) part
"""
TOLD = """
SELECT e.recorded_at, e.valid_from, e.provenance, e.reason, e.patch, e.household_id,
    (SELECT h.number FROM household h WHERE h.id = e.household_id) AS number
FROM sheet_entry e
WHERE e.key = $1 AND e.kind = 'plot' AND e.valid_from <= $2 AND e.recorded_at <= coalesce($3::timestamptz, 'infinity') ORDER BY e.id
"""


async def holder_of(connection: Connection, key: UUID, day: date) -> tuple[UUID | None, str] | None:
    """Who held a plot on a day: household and grid, or None and the village; None when nobody that the caller may see."""
    row = await connection.fetchrow(HOLDER, key, day)
    return None if row is None else (row["household_id"], row["area_code"])


async def version_of(connection: Connection, key: UUID) -> int:
    """How often something was said of a plot, as far as the caller sees."""
    return int(await connection.fetchval(VERSION, key))


async def has_later_facts(connection: Connection, key: UUID, day: date) -> bool:
    """Whether something was said of the plot that holds only from after the day on."""
    return bool(await connection.fetchval(LATER, key, day))


async def lock_village(connection: Connection, village: str) -> bool:
    """Keeps others from changing what the village holds until the transaction ends; False when there is no such village."""
    return await connection.fetchval(LOCK_VILLAGE, village) is not None


async def find_common(connection: Connection, village: str, key: UUID, day: date) -> Commons:
    """What of the one plot the village held on that day."""
    return Commons(village, tuple(Plot(**row) for row in await connection.fetch(COMMON, key, day, village)))


async def save_commons(connection: Connection, former: Commons, commons: Commons, change: Change) -> None:
    """Writes what of a village's plots is different, valid from the change's day on. Raises Conflict for a code that is another plot's."""
    before, after = ({plot.id: plot for plot in one.plots} for one in (former, commons))
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key):
            continue
        patch = _patch(before.get(key), after.get(key))
        told = (change.provenance, change.verified_on or change.valid_from, change.reason, patch, change.at, change.by)
        await connection.execute(RECORD, key, commons.area, change.valid_from, *told)
        await connection.execute(GONE, key)
        if key not in after:
            continue
        try:
            await connection.execute(KEEP_COMMON, key)
        except asyncpg.UniqueViolationError as error:
            raise conflict_of(error) from None


def _patch(former: Plot | None, plot: Plot | None) -> dict[str, Any]:
    """What is told of a plot: all of it where it is new, nothing but that it is gone, or the facts that differ."""
    if plot is None:
        return {"code": None}
    old: Mapping[str, Any] = {} if former is None else vars(former)
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in vars(plot).items()
        if name != "id" and (former is None or old[name] != value)
    }


async def read_shape(connection: Connection, geojson: Mapping[str, Any]) -> tuple[str, str | None]:
    """The shape as hexadecimal EWKB in CGCS2000, and what is wrong with it, in the words of the database and without coordinates."""
    row = await connection.fetchrow(SHAPE, msgspec.json.encode(geojson).decode())
    assert row is not None  # noqa: S101  a SELECT of one row
    return row["shape"], row["flaw"]


async def draw_area(connection: Connection, code: str, shape: str) -> None:
    """Keeps an area's outline."""
    await connection.execute(DRAW, code, shape)


class Pair(NamedTuple):
    """Two plots as of a day, by what was on record at a time; None is all that is known."""

    a: UUID
    b: UUID
    as_of: date
    known_at: datetime | None


async def drawn(connection: Connection, pair: Pair, village: str, frame: tuple[float, float]) -> list[asyncpg.Record]:
    """The two plots and what lies around them: role, code, name, holder, contract_mu, srid, rings, x, y, radius; metres of the zone.

    `frame` says how many times as wide as high the picture is, and how much of the plots' own size it shows on each side.
    """
    return await connection.fetch(DRAWN, *pair, village, *frame)


async def shared(connection: Connection, pair: Pair, zone: int) -> list[list[list[list[float]]]]:
    """What both cover: polygons as lists of rings, in metres of the zone."""
    return [row["rings"] for row in await connection.fetch(SHARED, *pair, zone)]


async def told(connection: Connection, key: UUID, as_of: date, known_at: datetime | None) -> list[asyncpg.Record]:
    """What was said of a plot, in the order of recording."""
    return await connection.fetch(TOLD, key, as_of, known_at)
