"""Calendars to subscribe to, for whoever has the address: people's own, and each village's, which is public.

`GET /open/calendars/<feed id>.<signature>.ics` and `GET /open/villages/<code>.ics`.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import format_datetime

from starlette.responses import Response

from services.chassis.db import Connection, transaction
from services.chassis.service import Opening, OpenRoute
from services.chassis.vault import Vault
from services.liaison.commands.feed import Reading, read_own, read_village
from services.liaison.domain.access import CALLER
from services.liaison.domain.feed import Names
from services.liaison.domain.icalendar import REFRESH, calendar

FORMAT = 1
"""Rises when the same entries are written otherwise, so that programs take them anew."""
MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


def feed_routes(vault: Vault, names: Names) -> tuple[OpenRoute, ...]:
    """`names` are the departments', by code."""

    async def own(opening: Opening) -> Response:
        token = opening.request.path_params["token"]
        return await _answer(opening, "private", lambda c: read_own(c, opening.clock, vault, names, token))

    async def village(opening: Opening) -> Response:
        code = opening.request.path_params["code"]
        return await _answer(opening, "public", lambda c: read_village(c, opening.clock, names, code))

    return (OpenRoute("/calendars/{token}.ics", ("GET",), own), OpenRoute("/villages/{code}.ics", ("GET",), village))


async def _answer(opening: Opening, whose: str, read: Callable[[Connection], Awaitable[Reading]]) -> Response:
    """304 where the program has it already. The tag is weak: it stands for the packed answer, too."""
    async with transaction(opening.pool, CALLER) as connection:
        reading = await read(connection)
    asked, told = opening.request.headers, reading.revision.told
    headers = {
        "ETag": _tag(reading),
        "Cache-Control": f"{whose}, max-age={int(REFRESH.total_seconds()) // 4}",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if told:
        changed = max(one.changed_at for one in told)
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    if headers["ETag"] in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    document = await asyncio.to_thread(calendar, reading.feed, reading.name, reading.description, told)
    if "gzip" in asked.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        document = gzip.compress(document, compresslevel=6, mtime=0)
    return Response(document, headers=headers, media_type=MEDIA_TYPE)


def _tag(reading: Reading) -> str:
    """What an entry says, its sequence tells; which entries there are, their UIDs."""
    digest = hashlib.sha256(f"{FORMAT}\n{reading.name}\n".encode())
    for one in reading.revision.told:
        digest.update(f"{one.entry.uid} {one.sequence}\n".encode())
    return f'W/"{digest.hexdigest()[:32]}"'
