"""Special registers: reading them, and taking one away as a workbook."""

import asyncio
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from services.archive.domain.area import narrowed
from services.archive.domain.purpose import PURPOSES
from services.archive.domain.register import MOST_ROWS, REGISTERS, Register
from services.archive.domain.search import question
from services.archive.domain.text import SEARCH
from services.archive.routes.area import KnownAreas, given
from services.archive.routes.workbook import Stamp, Workbook
from services.archive.store import area as areas
from services.archive.store import audit
from services.archive.views import VIEWS
from services.archive.views.register import chosen
from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import Forbidden, InvalidInput, UnknownCode
from services.chassis.principal import Principal
from services.chassis.service import Asking, FileRoute, Filing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 200
_SELECT = msgspec.json.encode(
    [
        ["edges", "edges", None, [["node", "node", None, [["cells", "cells", None, [["value", "value"]]]]]]],
        ["pageInfo", "pageInfo", None, [["next", "hasNextPage"], ["end", "endCursor"]]],
    ]
)


async def prepare_registers(asking: Asking) -> dict[str, Any]:
    """Those that the caller may list."""
    given(asking)
    return {"codes": [code for code, register in REGISTERS.items() if asking.principal.has(register.roles)]}


async def prepare_register(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Raises UnknownCode, and Forbidden for a register or an area that is not the caller's to list."""
    args = given(asking, "code", "area", "search", "first", "after")
    register = _register(args.get("code"))
    if not asking.principal.has(register.roles):
        raise Forbidden(f"{register.code} is for the roles: {', '.join(sorted(register.roles))}")
    if "area" not in args:
        raise InvalidInput("area is needed", field="area", rule="required")
    area = _within(asking.principal, await known.require(asking.pool, args["area"], "area"))
    result: dict[str, Any] = {name: args[name] for name in ("first", "after") if name in args}
    if (search := args.get("search")) is not None:
        if not isinstance(search, str):
            raise InvalidInput("search must be a text", field="search", rule="form")
        asked = question(SEARCH.check(search, "search"))
        result |= {"terms": list(asked.terms), "patterns": list(asked.patterns)}
    return result | {chosen(register.code): True, "area": area}


async def export(filing: Filing) -> Response:
    """`GET /files/registers/{code}.xlsx?area=&purpose=`: the register of an area as a workbook, masked as on screen, recorded as an export.

    Raises InvalidInput without a purpose that the register allows, or beyond the limit of rows; Forbidden; UnknownCode.
    """
    register = _register(filing.request.path_params["code"])
    if not filing.principal.has(register.exporters):
        raise Forbidden(f"taking {register.code} away is for the roles: {', '.join(sorted(register.exporters))}")
    purpose = filing.request.query_params.get("purpose")
    if purpose not in register.purposes:
        raise InvalidInput(
            f"purpose must be one of {', '.join(register.purposes)}", field="purpose", rule="purpose.allowed"
        )
    asked = filing.request.query_params.get("area")
    place = None if asked is None else await areas.find(filing.pool, asked)
    if place is None:
        raise UnknownCode("area", field="area")
    area = _within(filing.principal, place.code)
    now = filing.clock.now()
    stamp = Stamp(
        title=f"{place.name}{register.title}",
        who=filing.principal.name or filing.principal.subject,
        account=filing.principal.subject,
        when=now.astimezone(CHINA),
        purpose=PURPOSES[purpose],
    )
    workbook = await asyncio.to_thread(Workbook, stamp, register.columns)
    try:
        await _fill(filing, workbook, register, area)
        await asyncio.to_thread(workbook.close)
        async with transaction(filing.pool, filing.caller) as connection:
            await audit.record(
                connection,
                by=filing.principal.subject,
                roles=filing.principal.roles,
                deed="EXPORT",
                at=now,
                purpose=purpose,
                area=area,
                fields=[register.code, *(column.name for column in register.columns)],
                count=workbook.rows,
            )
    except BaseException:
        await asyncio.to_thread(workbook.discard)
        raise
    name = f"{register.code}-{area}-{stamp.when:%Y%m%d}.xlsx"
    shown = quote(f"{stamp.title}-{stamp.when:%Y%m%d}.xlsx")
    return FileResponse(
        workbook.path,
        media_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{shown}",
            "Cache-Control": "no-store",
        },
        background=BackgroundTask(workbook.discard),
    )


async def _fill(filing: Filing, workbook: Workbook, register: Register, area: str) -> None:
    """Page after page of what is read on screen too, so that nothing is shown here that is masked there."""
    page = partial(VIEWS.read, filing.pool, filing.caller, "register")
    after = None
    while True:
        args = {chosen(register.code): True, "area": area, "first": AT_ONCE, "after": after}
        told = msgspec.json.decode(await page(args, _SELECT))
        rows = [[cell["value"] for cell in edge["node"]["cells"]] for edge in told["edges"]]
        if workbook.rows + len(rows) > MOST_ROWS:
            raise InvalidInput(f"area holds over {MOST_ROWS} lines: ask for its parts", field="area", rule="rows.limit")
        await asyncio.to_thread(workbook.add, rows)
        if not told["pageInfo"]["next"]:
            return
        after = told["pageInfo"]["end"]


def _register(code: Any) -> Register:
    if code not in REGISTERS:
        raise UnknownCode("register", field="code")
    return REGISTERS[code]


def _within(principal: Principal, code: str) -> str:
    area = narrowed(code, principal.areas)
    if area is None:
        raise Forbidden("area: outside your areas")
    return area


REGISTER_FILE = FileRoute("/registers/{code}.xlsx", ("GET",), None, export)
