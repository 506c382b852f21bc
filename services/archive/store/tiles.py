"""Vector tiles (Mapbox Vector Tile 2.1) of plots and grids: shapes, codes and areas, nobody's name."""

from services.chassis.db import Connection

# Outlines say which areas to look in: these are few, and their codes lead the index on plots, which geometry may not (see 0006).
TILE = """
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope($1, $2, $3) AS box, ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 0.02), 4490) AS around),
seen AS MATERIALIZED (SELECT s.area_code, s.drawn, s.hull FROM area_shape s, tile WHERE coalesce(ST_Collect(s.drawn, s.hull), s.hull) && tile.around),
plots AS (
    SELECT ST_AsMVTGeom(ST_Transform(p.shape, 3857), tile.box, 4096, 64, true) AS geom, p.id::text AS id, p.code, p.category, p.disputed,
        p.contract_mu::float8 AS contract_mu, p.household_id IS NULL AS common
    FROM plot p, tile
    WHERE $4 AND p.area_code = ANY (ARRAY(SELECT area_code FROM seen WHERE hull IS NOT NULL)) AND p.shape && tile.around
    ORDER BY p.code),
grids AS (
    SELECT ST_AsMVTGeom(ST_Transform(coalesce(s.drawn, s.hull), 3857), tile.box, 4096, 64, true) AS geom, a.code, a.name, s.drawn IS NOT NULL AS drawn
    FROM seen s JOIN area a ON a.code = s.area_code, tile WHERE a.kind = 'GRID' ORDER BY a.code)
SELECT (SELECT ST_AsMVT(plots, 'plots', 4096, 'geom') FROM plots WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(grids, 'grids', 4096, 'geom') FROM grids WHERE geom IS NOT NULL)
"""


async def tile(connection: Connection, z: int, x: int, y: int, *, with_plots: bool) -> bytes:
    """What of the caller's areas lies in a tile of Web Mercator; nothing at all is no byte."""
    return bytes(await connection.fetchval(TILE, z, x, y, with_plots) or b"")
