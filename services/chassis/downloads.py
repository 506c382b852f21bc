"""Answers with a kept document: whole, in part, or that the caller has it."""

import re
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from services.chassis.documents import EXTENSIONS, Document
from services.chassis.objects import Objects

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_INLINE = frozenset(EXTENSIONS) - {"application/pdf"}
"""Shown where they are asked for; a PDF may hold scripts and is downloaded."""


async def download(objects: Objects, document: Document, asked: Headers) -> Response:
    """The content, or the part of it that Range asks for; 304 where the caller has it, 416 for a range outside."""
    headers = {
        "ETag": f'"{document.sha256.hex()}"',
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if headers["ETag"] in asked.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    start, end, status = 0, document.size, 200
    if (part := _RANGE.fullmatch(asked.get("range", ""))) is not None and any(part.groups()):
        start, end = _bytes(part[1], part[2], document.size)
        if start >= end:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{document.size}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{document.size}"
    way = "inline" if document.content_type in _INLINE else "attachment"
    headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(document.file_name, safe='')}"
    headers["Content-Length"] = str(end - start)
    chunks = await objects.get(document.object_key, start=start, end=end)
    return StreamingResponse(chunks, status, headers, media_type=document.content_type)


def _bytes(first: str, last: str, size: int) -> tuple[int, int]:
    """The bytes from … to before; empty where the range lies outside."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
