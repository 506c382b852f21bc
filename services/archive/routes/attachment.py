"""`PUT /files/attachments?household=…&title=…` adds a document or photo to a sheet, `GET /files/attachments/{id}` is its content."""

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from urllib.parse import quote
from uuid import UUID

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from uuid_utils.compat import uuid7

from services.archive.commands.attachment import add_attachment, require_part
from services.archive.domain.access import READERS, WRITERS
from services.archive.domain.attachment import (
    EXTENSIONS,
    MOST_BYTES,
    SNIFFED,
    Attachment,
    checked_taken_on,
    checked_title,
    content_type_of,
    subject_of,
)
from services.archive.domain.photo import CLEANERS
from services.archive.store import attachment as store
from services.archive.store import audit
from services.archive.store.objects import DigestBroken, Objects
from services.chassis.clock import today
from services.chassis.commands import Doing
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput, NotFound, Unavailable
from services.chassis.http import JsonBytes
from services.chassis.service import FileRoute, Filing

_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_INLINE = frozenset(EXTENSIONS) - {"application/pdf"}
"""Shown where they are asked for; a PDF may hold scripts and is downloaded."""


def attachment_files(objects: Objects | None) -> tuple[FileRoute, ...]:
    return (
        FileRoute("/attachments", ("PUT",), WRITERS, partial(_put, objects)),
        FileRoute("/attachments/{id}", ("GET",), None, partial(_get, objects)),
    )


def _there(objects: Objects | None) -> Objects:
    if objects is None:
        raise Unavailable("there is no place for documents here: SANMIN_OBJECT_STORE_URL is not set")
    return objects


async def _put(objects: Objects | None, filing: Filing) -> Response:
    """201 with the new attachment, 200 with the one that is there already."""
    there = _there(objects)
    asked = filing.request.query_params
    household = _uuid(asked.get("household"), "household")
    subject, key = subject_of(asked.get("of"), household)
    title = checked_title(asked.get("title", ""))
    taken_on = checked_taken_on(_day(asked.get("takenOn")), today(filing.clock))
    async with transaction(filing.pool, filing.caller) as connection:
        await require_part(Doing(connection, filing.principal, filing.clock), household, subject, key)
    incoming = f"{store.INCOMING}/{uuid7()}"
    body = _Body(filing.request.stream(), _declared(filing.request.headers))
    try:
        written = await there.put(incoming, body.kept(), most=MOST_BYTES)
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
            kept = await add_attachment(doing, there, given, incoming)
    except BaseException:
        await there.delete(incoming)
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


class _Body:
    """A body as it arrives: its type is told by its first bytes, photos are cleaned, and a declared SHA-256 must be that of what arrived."""

    def __init__(self, chunks: AsyncIterator[bytes], declared: bytes | None) -> None:
        self._chunks = chunks
        self._declared = declared
        self.content_type = ""

    async def kept(self) -> AsyncIterator[bytes]:
        """What is to be kept; raises InvalidInput."""
        digest, first = hashlib.sha256(), b""
        cleaner = None
        async for chunk in self._chunks:
            digest.update(chunk)
            if not self.content_type:
                first += chunk
                if len(first) < SNIFFED:
                    continue
                chunk, self.content_type = first, content_type_of(first)  # noqa: PLW2901  what was held back comes with it
                cleaner = CLEANERS[self.content_type]() if self.content_type in CLEANERS else None
            yield chunk if cleaner is None else cleaner.feed(chunk)
        if not self.content_type:
            content_type_of(first)
            raise InvalidInput("the document breaks off", field="body", rule="attachment.empty")
        if cleaner is not None:
            cleaner.finish()
        if self._declared not in (None, digest.digest()):
            raise DigestBroken(
                "what arrived has not the SHA-256 that Content-Digest declares", field="Content-Digest", rule="sha256"
            )


async def _get(objects: Objects | None, filing: Filing) -> Response:
    """The content, or the part of it that Range asks for; 304 where the caller has it, 416 for a range outside."""
    there = _there(objects)
    async with transaction(filing.pool, filing.caller) as connection:
        found = await store.find(connection, _uuid(filing.request.path_params["id"], "id"))
        if found is None:
            raise NotFound("attachment: none such, or outside your reach")
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
    headers = {
        "ETag": f'"{found.sha256.hex()}"',
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if headers["ETag"] in filing.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    start, end, status = 0, found.size, 200
    if (asked := _RANGE.fullmatch(filing.request.headers.get("range", ""))) is not None and any(asked.groups()):
        start, end = _range(asked[1], asked[2], found.size)
        if start >= end:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{found.size}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    way = "inline" if found.content_type in _INLINE else "attachment"
    headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(found.file_name, safe='')}"
    headers["Content-Length"] = str(end - start)
    chunks = await there.get(found.object_key, start=start, end=end)
    return StreamingResponse(chunks, status, headers, media_type=found.content_type)


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    """The bytes from … to before; empty where the range lies outside."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _declared(headers: Headers) -> bytes | None:
    """The SHA-256 of Content-Digest (RFC 9530), if there is one."""
    given = headers.get("content-digest")
    if given is None:
        return None
    if (found := _DIGEST.search(given)) is not None:
        try:
            return base64.b64decode(found[1], validate=True)
        except binascii.Error:
            pass
    raise InvalidInput(
        "Content-Digest must be sha-256=: and the base64 of 32 bytes and :", field="Content-Digest", rule="form"
    )


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
