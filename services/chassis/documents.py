"""What may be kept as a document: pictures and PDFs, told by their first bytes; photos lose place and time as they arrive."""

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Protocol

from services.chassis.errors import InvalidInput
from services.chassis.photo import CLEANERS

SNIFFED = 16
"""First bytes that tell the type."""
MOST_BYTES = 50_000_000
"""Of a document as it is sent."""
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}
_PREFIXES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})
_FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):")


class DigestBroken(InvalidInput):
    """What arrived is not what was declared."""


class Document(Protocol):
    """What is kept: `sha256` and `size` (bytes) are those of the object."""

    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def object_key(self) -> str: ...
    @property
    def file_name(self) -> str: ...


def file_name(title: str, content_type: str) -> str:
    """What a download is called."""
    return f"{_FORBIDDEN_IN_NAMES.sub('_', title)}.{EXTENSIONS[content_type]}"


def content_type_of(first: bytes) -> str:
    """The type that the first bytes tell, whatever the sender says; raises InvalidInput for any but those that are kept."""
    for prefix, content_type in _PREFIXES.items():
        if first.startswith(prefix):
            return content_type
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    if first[4:8] == b"ftyp" and first[8:12] in _HEIC:
        return "image/heic"
    raise InvalidInput(
        "the document must be a JPEG, PNG, WebP or HEIC picture, or a PDF", field="body", rule="attachment.type"
    )


class Body:
    """A body as it arrives: its type is told by its first bytes, photos are cleaned, and a declared SHA-256 must be that of what arrived."""

    def __init__(self, chunks: AsyncIterator[bytes], content_digest: str | None) -> None:
        """`content_digest` is the header of that name (RFC 9530); raises InvalidInput for one of another form."""
        self._chunks = chunks
        self._declared = _declared(content_digest)
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


def _declared(content_digest: str | None) -> bytes | None:
    if content_digest is None:
        return None
    if (found := _DIGEST.search(content_digest)) is not None:
        try:
            return base64.b64decode(found[1], validate=True)
        except binascii.Error:
            pass
    raise InvalidInput(
        "Content-Digest must be sha-256=: and the base64 of 32 bytes and :", field="Content-Digest", rule="form"
    )
