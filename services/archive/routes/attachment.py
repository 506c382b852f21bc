"""`PUT /files/attachments?household=…&title=…` adds a document or photo to a sheet, `GET /files/attachments/{id}` is its content."""

import base64
from datetime import date
from functools import partial
from uuid import UUID

import msgspec
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.archive.commands.attachment import add_attachment, require_part
from services.archive.domain.access import READERS, WRITERS
from services.archive.domain.attachment import Attachment, checked_taken_on, checked_title, subject_of
from services.archive.store import attachment as store
from services.archive.store import audit
from services.chassis.clock import today
from services.chassis.commands import Doing
from services.chassis.db import transaction
from services.chassis.documents import MOST_BYTES, Body
from services.chassis.downloads import download
from services.chassis.errors import InvalidInput, none_such
from services.chassis.http import JsonBytes
from services.chassis.objects import Objects, required
from services.chassis.service import FileRoute, Filing


def attachment_files(objects: Objects | None) -> tuple[FileRoute, ...]:
    return (
        FileRoute("/attachments", ("PUT",), WRITERS, partial(_put, objects)),
        FileRoute("/attachments/{id}", ("GET",), None, partial(_get, objects)),
    )


async def _put(objects: Objects | None, filing: Filing) -> Response:
    """201 with the new attachment, 200 with the one that is there already."""
    place = required(objects)
    asked = filing.request.query_params
    household = _uuid(asked.get("household"), "household")
    subject, key = subject_of(asked.get("of"), household)
    title = checked_title(asked.get("title", ""))
    taken_on = checked_taken_on(_day(asked.get("takenOn")), today(filing.clock))
    async with transaction(filing.pool, filing.caller) as connection:
        await require_part(Doing(connection, filing.principal, filing.clock), household, subject, key)
    incoming = f"{store.INCOMING}/{uuid7()}"
    body = Body(filing.request.stream(), filing.request.headers.get("content-digest"))
    try:
        written = await place.put(incoming, body.kept(), most=MOST_BYTES)
        given = Attachment(
            id=uuid7(),
            household=household,
            area="",
            subject=subject,
            subject_id=key,
            title=title,
            taken_on=taken_on,
            content_type=body.content_type,
            size=written.size,
            sha256=written.sha256,
            object_key=f"{store.KEPT}/{written.sha256.hex()}",
            added_by=filing.principal.subject,
            added_at=filing.clock.now(),
        )
        async with transaction(filing.pool, filing.caller) as connection:
            doing = Doing(connection, filing.principal, filing.clock)
            kept = await add_attachment(doing, place, given, incoming)
    except BaseException:
        await place.delete(incoming)
        raise
    answer = JsonBytes(msgspec.json.encode(_told(kept)), 201 if kept.id == given.id else 200)
    answer.headers["Location"] = f"/files/archive/attachments/{kept.id}"
    return answer


def _told(kept: Attachment) -> dict[str, object]:
    return {
        "id": base64.b64encode(f"Attachment:{kept.id}".encode()).decode(),
        "url": f"/files/archive/attachments/{kept.id}",
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
        if filing.principal.has(READERS):
            await audit.record(
                connection,
                by=filing.principal.subject,
                roles=filing.principal.roles,
                deed="READ",
                at=filing.clock.now(),
                household=found.household,
                fields=("attachments",),
            )
    return await download(place, found, filing.request.headers)


def _uuid(text: str | None, field: str) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise InvalidInput(f"{field} must be a UUID", field=field, rule="form") from None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("takenOn must be a day, such as 2026-01-31", field="takenOn", rule="form") from None
