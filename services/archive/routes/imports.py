"""Files of sheets: their templates, handing one in, and getting back what was not taken in."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast, get_args
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from uuid_utils.compat import uuid7

from services.archive.commands import tables
from services.archive.domain.history import Provenance
from services.archive.domain.imports import SHEETS, Kind, Sheet
from services.archive.routes.area import given
from services.archive.store import area as areas
from services.archive.store import audit
from services.archive.store import imports as store
from services.archive.store.imports import Job
from services.archive.views import VIEWS
from services.chassis.clock import today
from services.chassis.db import transaction
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, UnknownCode
from services.chassis.http import JsonBytes
from services.chassis.objects import Objects, required
from services.chassis.service import Asking, FileRoute, Filing
from services.chassis.vault import Vault

ROLES = frozenset({"township_clerk", "city_admin"})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 64_000_000
"""Bytes of a file."""
ANSWER = msgspec.json.encode([[name, name] for name in ("id", "kind", "dryRun", "state")])
BY_NOUN = {sheet.noun: sheet for sheet in SHEETS.values()}


async def prepare_imports(asking: Asking) -> dict[str, object]:
    return given(asking, "first", "after")


async def template(filing: Filing) -> Response:
    """`GET /files/imports/template-{households|members|plots}.xlsx`"""
    sheet = _sheet(filing.request.path_params["noun"])
    return Response(tables.template(sheet), media_type=XLSX, headers=_named(f"{sheet.noun}.xlsx"))


@dataclass(frozen=True)
class _Asked:
    """What the address of an upload says."""

    key: UUID
    kind: Kind
    area: str
    dry_run: bool
    valid_from: date
    provenance: Provenance


async def submit(vault: Vault, objects: Objects | None, filing: Filing) -> Response:
    """`PUT /files/imports?kind=&area=&dryRun=&validFrom=&provenance=&clientKey=`, the file as the body. 202 with the job.

    By default not tried out but done, valid from today, DECLARED; the area is that of who asks, if they have one. The client key makes it safe to
    repeat: the same job is answered. Raises InvalidInput, UnknownCode, Forbidden, Conflict for a key of another file, PayloadTooLarge.
    """
    place = required(objects)
    asked = await _asked(filing)
    digest, size = hashlib.sha256(), 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal size
        async for chunk in filing.request.stream():
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    incoming = uuid7()
    name = store.name(asked.key, store.SOURCE)
    await place.put(
        store.name(incoming, store.SOURCE), store.sealed(vault, asked.key, store.SOURCE, body()), most=2 * MOST
    )
    try:
        if not 0 < size <= MOST:
            raise InvalidInput(f"the file must have from 1 to {MOST} bytes", rule="file.size")
        job = Job(
            id=asked.key,
            area=asked.area,
            kind=asked.kind,
            dry_run=asked.dry_run,
            valid_from=asked.valid_from,
            provenance=asked.provenance,
            size=size,
            sha256=digest.digest(),
            submitted_by=filing.principal.subject,
        )
        async with transaction(filing.pool, filing.caller) as connection:
            if await store.add(connection, job, filing.clock.now()):
                await place.move(store.name(incoming, store.SOURCE), name)
            else:
                _require_same(job, await store.find(connection, asked.key))
    finally:
        await place.delete(store.name(incoming, store.SOURCE))
    answer = await VIEWS.read(filing.pool, filing.caller, "import", {"id": str(asked.key)}, ANSWER)
    response = JsonBytes(answer)
    response.status_code = 202
    return response


def _require_same(job: Job, there: Job | None) -> None:
    same = there is not None and (there.sha256, there.kind, there.area, there.dry_run, there.submitted_by) == (
        *(job.sha256, job.kind, job.area, job.dry_run, job.submitted_by),
    )
    if not same:
        raise Conflict(
            "clientKey was used before for another file; choose a new UUID", field="clientKey", rule="unique"
        )


async def rejected(vault: Vault, objects: Objects | None, filing: Filing) -> Response:
    """`GET /files/imports/{id}/rejected.xlsx`, for who submitted the file: what they wrote comes back as they wrote it."""
    key = _uuid(filing.request.path_params["id"], "id")
    async with transaction(filing.pool, filing.caller) as connection:
        job = await store.find(connection, key)
        if job is None or job.submitted_by != filing.principal.subject or objects is None:
            raise NotFound("import: none of yours")
        blocks = store.opened(vault, objects, key, store.REJECTED)
        first = await anext(blocks)
        await audit.record(
            connection,
            by=filing.principal.subject,
            roles=filing.principal.roles,
            deed="EXPORT",
            at=filing.clock.now(),
            area=job.area,
            fields=[f"import.{SHEETS[job.kind].noun}"],
            count=(await store.counts(connection, key)).bad,
        )

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for block in blocks:
            yield block

    return StreamingResponse(whole(), media_type=XLSX, headers=_named("rejected.xlsx"))


def import_files(vault: Vault, objects: Objects | None) -> tuple[FileRoute, ...]:
    return (
        FileRoute("/imports/template-{noun}.xlsx", ("GET",), ROLES, template),
        FileRoute("/imports", ("PUT",), ROLES, partial(submit, vault, objects)),
        FileRoute("/imports/{id}/rejected.xlsx", ("GET",), ROLES, partial(rejected, vault, objects)),
    )


async def _asked(filing: Filing) -> _Asked:
    query = filing.request.query_params
    for name in query:
        if name not in ("kind", "area", "dryRun", "validFrom", "provenance", "clientKey"):
            raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    provenance = query.get("provenance", "DECLARED")
    if provenance not in get_args(Provenance):
        raise InvalidInput(
            f"provenance must be one of {', '.join(get_args(Provenance))}", field="provenance", rule="known.provenance"
        )
    if (dry_run := query.get("dryRun", "false")) not in ("true", "false"):
        raise InvalidInput("dryRun must be true or false", field="dryRun", rule="form")
    area = await _area(filing)
    return _Asked(
        key=_uuid(query["clientKey"], "clientKey") if "clientKey" in query else uuid7(),
        kind=_sheet(query.get("kind", "").lower()).kind,
        area=area,
        dry_run=dry_run == "true",
        valid_from=_day(filing.request, today(filing.clock)),
        provenance=cast("Provenance", provenance),
    )


def _day(request: Request, day: date) -> date:
    try:
        asked = date.fromisoformat(request.query_params.get("validFrom", day.isoformat()))
    except ValueError:
        raise InvalidInput("validFrom must have the form 2026-03-01", field="validFrom", rule="form") from None
    if asked > day:
        raise InvalidInput("validFrom lies ahead", field="validFrom", rule="deed.future")
    return asked


async def _area(filing: Filing) -> str:
    """Raises InvalidInput where none is named by who has several, UnknownCode, Forbidden."""
    own = filing.principal.areas
    code = filing.request.query_params.get("area", own[0] if len(own) == 1 else None)
    if code is None:
        raise InvalidInput("area is needed", field="area", rule="required")
    if await areas.find(filing.pool, code) is None:
        raise UnknownCode("area", field="area")
    if not filing.principal.covers(code):
        raise Forbidden("area: outside your areas")
    return code


def _sheet(noun: str) -> Sheet:
    if noun not in BY_NOUN:
        raise InvalidInput(f"kind must be one of {', '.join(BY_NOUN)}", field="kind", rule="known.kind")
    return BY_NOUN[noun]


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(f"{field} must be a UUID", field=field, rule="form") from None


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
