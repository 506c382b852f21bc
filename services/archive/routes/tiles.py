"""`GET /files/tiles/{z}/{x}/{y}.mvt`: plots and grids of the caller's areas, for a map."""

import asyncio
import gzip
import hashlib

from starlette.responses import Response

from services.archive.domain.access import READERS
from services.archive.store import tiles
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput
from services.chassis.service import FileRoute, Filing

DEEPEST = 20
PLOTS_FROM = 13
"""Farther out a tile would hold the plots of tens of villages, each smaller than a dot."""
MVT = "application/vnd.mapbox-vector-tile"


async def tile(filing: Filing) -> Response:
    """Raises InvalidInput where there is no such tile. Unchanged: 304 by the ETag."""
    z, x, y = (_number(filing.request.path_params[name], name) for name in ("z", "x", "y"))
    if z > DEEPEST or x >= 2**z or y >= 2**z:
        raise InvalidInput(f"z goes to {DEEPEST}, x and y from 0 to 2^z - 1", field="z", rule="tile.range")
    async with transaction(filing.pool, filing.caller) as connection:
        body = await tiles.tile(connection, z, x, y, with_plots=z >= PLOTS_FROM)
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Encoding"}
    if filing.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in filing.request.headers.get("accept-encoding", ""):
        body = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=MVT, headers=headers)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise InvalidInput(f"{name} must be a whole number", field=name, rule="form")
    return int(text)


TILE_FILE = FileRoute("/tiles/{z}/{x}/{y}.mvt", ("GET",), READERS, tile)
