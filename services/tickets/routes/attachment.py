"""`PUT /files/attachments?ticket=…&title=…` adds a document or photo to a matter, `GET /files/attachments/{id}` is its content."""

import base64
from functools import partial
from uuid import UUID

import msgspec
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.chassis.commands import Doing
from services.chassis.db import transaction
from services.chassis.documents import MOST_BYTES, Body
from services.chassis.downloads import download
from services.chassis.errors import InvalidInput, none_such
from services.chassis.http import JsonBytes
from services.chassis.objects import Objects, required
from services.chassis.service import FileRoute, Filing
from services.tickets.commands.attachment import add_attachment, require_open
from services.tickets.domain.attachment import Attachment
from services.tickets.domain.role import OFFICERS, REPORTERS
from services.tickets.domain.text import TITLE
from services.tickets.store import attachment as store

ADDERS: frozenset[str] = frozenset({*REPORTERS, *OFFICERS})


def attachment_files(objects: Objects | None) -> tuple[FileRoute, ...]:
    return (
        FileRoute("/attachments", ("PUT",), ADDERS, partial(_put, objects)),
        FileRoute("/attachments/{id}", ("GET",), None, partial(_get, objects)),
    )


async def _put(objects: Objects | None, filing: Filing) -> Response:
    """201 with the new attachment, 200 with the one that is there already."""
    place = required(objects)
    ticket = _uuid(filing.request.query_params.get("ticket"), "ticket")
    title = TITLE.check(filing.request.query_params.get("title", ""), "title")
    async with transaction(filing.pool, filing.caller) as connection:
        await require_open(Doing(connection, filing.principal, filing.clock), ticket)
    incoming = f"{store.INCOMING}/{uuid7()}"
    body = Body(filing.request.stream(), filing.request.headers.get("content-digest"))
    try:
        written = await place.put(incoming, body.kept(), most=MOST_BYTES)
        given = Attachment(
            id=uuid7(),
            ticket=ticket,
            title=title,
            content_type=body.content_type,
            size=written.size,
            sha256=written.sha256,
            object_key=f"{store.KEPT}/{written.sha256.hex()}",
            added_by=filing.principal.subject,
            added_at=filing.clock.now(),
        )
        async with transaction(filing.pool, filing.caller) as connection:
            kept = await add_attachment(Doing(connection, filing.principal, filing.clock), place, given, incoming)
    except BaseException:
        await place.delete(incoming)
        raise
    answer = JsonBytes(msgspec.json.encode(_told(kept)), 201 if kept.id == given.id else 200)
    answer.headers["Location"] = f"/files/tickets/attachments/{kept.id}"
    return answer


def _told(kept: Attachment) -> dict[str, object]:
    return {
        "id": base64.b64encode(f"TicketAttachment:{kept.id}".encode()).decode(),
        "url": f"/files/tickets/attachments/{kept.id}",
        "contentType": kept.content_type,
        "bytes": kept.size,
        "sha256": kept.sha256.hex(),
    }


async def _get(objects: Objects | None, filing: Filing) -> Response:
    """The content, or the part of it that Range asks for; 304 where the caller has it, 416 for a range outside."""
    place = required(objects)
    async with transaction(filing.pool, filing.caller) as connection:
        found = await store.find(connection, _uuid(filing.request.path_params["id"], "id"))
    if found is None:
        raise none_such("attachment")
    return await download(place, found, filing.request.headers)


def _uuid(text: str | None, field: str) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise InvalidInput(f"{field} must be a UUID", field=field, rule="form") from None
