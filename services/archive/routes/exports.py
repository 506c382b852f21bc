"""Lists of an area to take away: read page by page as on screen, masked as there, written down before the first line leaves."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from services.archive.commands.tables import neutral
from services.archive.domain.area import Area, narrowed
from services.archive.domain.exports import EXPORTERS, EXPORTS, MOST_WORKBOOK_ROWS, SHOWN, Export
from services.archive.domain.purpose import PURPOSES, checked_purpose
from services.archive.routes.workbook import Stamp, Workbook
from services.archive.store import area as areas
from services.archive.store import audit
from services.archive.store import exports as store
from services.archive.views import VIEWS
from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import Forbidden, InvalidInput, NotFound, UnknownCode
from services.chassis.service import FileRoute, Filing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 200
BOM = "\ufeff"


async def export(filing: Filing) -> Response:
    """`GET /files/exports/{households|members|plots}.{csv|xlsx}?area=&purpose=`

    Raises NotFound for another list, InvalidInput without a purpose or for too long a workbook, UnknownCode, Forbidden.
    """
    noun, form = (filing.request.path_params[name] for name in ("noun", "form"))
    if noun not in EXPORTS or form not in ("csv", "xlsx"):
        raise NotFound("no such list")
    asked, query = EXPORTS[noun], filing.request.query_params
    purpose = checked_purpose(query.get("purpose"))
    place = await areas.find(filing.pool, query.get("area", ""))
    if place is None:
        raise UnknownCode("area", field="area")
    area = narrowed(place.code, filing.principal.areas)
    if area is None:
        raise Forbidden("area: outside your areas")
    now = filing.clock.now()
    async with transaction(filing.pool, filing.caller) as connection:
        count = await store.count(connection, asked.noun, area)
        if form == "xlsx" and count > MOST_WORKBOOK_ROWS:
            raise InvalidInput(
                f"area holds over {MOST_WORKBOOK_ROWS} lines: ask for its parts, or for CSV",
                field="area",
                rule="rows.limit",
            )
        await audit.record(
            connection,
            by=filing.principal.subject,
            roles=filing.principal.roles,
            deed="EXPORT",
            at=now,
            purpose=purpose,
            area=area,
            fields=[f"{asked.noun}.{column.field}" for column in asked.columns],
            count=count,
        )
    pages = _pages(filing, asked, area)
    if form == "csv":
        return StreamingResponse(
            _csv(asked, pages), media_type="text/csv; charset=utf-8", headers=_named(asked, place, now, form)
        )
    stamp = Stamp(
        title=f"{place.name}{asked.title}",
        who=filing.principal.name or filing.principal.subject,
        account=filing.principal.subject,
        when=now.astimezone(CHINA),
        purpose=PURPOSES[purpose],
    )
    return await _workbook(asked, stamp, pages, _named(asked, place, now, form))


EXPORT_FILE = FileRoute("/exports/{noun}.{form}", ("GET",), EXPORTERS, export)


async def _pages(filing: Filing, asked: Export, area: str) -> AsyncIterator[list[list[str]]]:
    """The list's lines, as many at a time as fit little memory."""
    select = msgspec.json.encode(
        [
            ["edges", "edges", None, [["node", "node", None, _select([column.field for column in asked.columns])]]],
            ["pageInfo", "pageInfo", None, [["next", "hasNextPage"], ["end", "endCursor"]]],
        ]
    )
    after = None
    while True:
        args = {"area": area, "first": AT_ONCE, "after": after}
        page = msgspec.json.decode(await VIEWS.read(filing.pool, filing.caller, asked.root, args, select))
        yield [line for edge in page["edges"] for line in _lines(asked, edge["node"])]
        if not page["pageInfo"]["next"]:
            return
        after = page["pageInfo"]["end"]


def _select(paths: Sequence[str]) -> list[Any]:
    """The selection of paths such as `grid.name`."""
    inner: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        inner.setdefault(head, []).extend([rest] if rest else [])
    return [[head, head, None, _select(rest)] if rest else [head, head] for head, rest in inner.items()]


def _lines(asked: Export, row: dict[str, Any]) -> Iterator[list[str]]:
    for line in [row] if asked.lines is None else [{**row, asked.lines: part} for part in row[asked.lines]]:
        yield [_cell(line, column.field) for column in asked.columns]


def _cell(line: Any, path: str) -> str:
    for name in path.split("."):
        line = None if line is None else line[name]
    return SHOWN[line] if line is None or isinstance(line, bool) or line in SHOWN else str(line)


async def _csv(asked: Export, pages: AsyncIterator[list[list[str]]]) -> AsyncIterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BOM)
    writer.writerow([column.title for column in asked.columns])
    async for page in pages:
        writer.writerows([neutral(cell) for cell in line] for line in page)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


async def _workbook(
    asked: Export, stamp: Stamp, pages: AsyncIterator[list[list[str]]], headers: dict[str, str]
) -> Response:
    workbook = await asyncio.to_thread(Workbook, stamp, asked.columns)
    try:
        async for page in pages:
            await asyncio.to_thread(workbook.add, page)
        await asyncio.to_thread(workbook.close)
    except BaseException:
        workbook.discard()
        raise
    return FileResponse(workbook.path, media_type=XLSX, headers=headers, background=BackgroundTask(workbook.discard))


def _named(asked: Export, place: Area, now: datetime, form: str) -> dict[str, str]:
    day = f"{now.astimezone(CHINA):%Y%m%d}"
    shown = quote(f"{place.name}{asked.title}-{day}.{form}")
    return {
        "Content-Disposition": f"attachment; filename=\"{asked.noun}-{place.code}-{day}.{form}\"; filename*=UTF-8''{shown}",
        "Cache-Control": "no-store",
    }
