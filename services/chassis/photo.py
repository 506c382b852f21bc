"""Takes out of a photo, as it streams by, what the camera wrote beside the picture: place, time, owner. The picture itself is not touched.

Of a JPEG (ISO/IEC 10918-1) only the segments that decide how it looks are kept, and of EXIF the orientation; what follows its end is dropped. A PNG
loses its text, time and EXIF chunks. In a WebP the EXIF and XMP chunks lose name and content, but not their size, since its head tells that of all.
"""

import re
import struct
from collections.abc import Iterator

from services.chassis.errors import InvalidInput

_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_ALONE = frozenset({0x01, *range(0xD0, 0xD8), _SOI})
_APPS = frozenset(range(0xE0, 0xF0))
_COMMENT = 0xFE
_KEPT = {0xE0: b"JF", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Application segments that decide how a picture looks, by how they begin."""
_EXIF = b"Exif\0\0"
_ORIENTATION, _SHORT = 0x0112, 3
_PNG_HEAD = 8
_PNG_TOLD = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_HEAD = 12
_WEBP_TOLD = frozenset({b"EXIF", b"XMP "})
_UNKNOWN = b"JUNK"
"""A chunk of this name is passed over by readers."""


class Cleaner:
    """Takes a picture in pieces and gives back its pieces; `finish` raises InvalidInput when it breaks off."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What of the picture is ready to be kept; raises InvalidInput for what has not its form."""
        self._held += data
        return b"".join(self._ready())

    def finish(self) -> None:
        raise NotImplementedError

    def _ready(self) -> Iterator[bytes]:
        raise NotImplementedError

    def _take(self, count: int) -> bytes:
        taken, self._held = self._held[:count], self._held[count:]
        return taken


class Jpeg(Cleaner):
    def __init__(self) -> None:
        super().__init__()
        self._scanning = self._ended = False

    def finish(self) -> None:
        if not self._ended:
            raise _broken("jpeg")

    def _ready(self) -> Iterator[bytes]:
        while not self._ended and self._held:
            if self._scanning:
                found = _SCAN_END.search(self._held)
                self._scanning = found is None
                held_back = 1 if self._held.endswith(b"\xff") else 0
                yield self._take(len(self._held) - held_back if found is None else found.start())
                if found is None:
                    return
            elif (segment := self._segment()) is None:
                return
            else:
                yield segment
        if self._ended:
            self._held = b""

    def _segment(self) -> bytes | None:
        """The next one as it is kept; None while it is not all there."""
        if self._held[0] != 0xFF:
            raise _broken("jpeg")
        if len(self._held) < 2:
            return None
        marker = self._held[1]
        if marker == 0xFF:
            self._take(1)
            return b""
        if marker in _ALONE or marker == _EOI:
            self._ended = marker == _EOI
            return self._take(2)
        if len(self._held) < 4:
            return None
        length = int.from_bytes(self._held[2:4], "big")
        if length < 2:
            raise _broken("jpeg")
        if len(self._held) < 2 + length:
            return None
        segment = self._take(2 + length)
        self._scanning = marker == _SOS
        return _kept(marker, segment)


def _kept(marker: int, segment: bytes) -> bytes:
    body = segment[4:]
    if marker == _APP1 and body.startswith(_EXIF):
        return _turned(_orientation(body[len(_EXIF) :]))
    if marker == _COMMENT or (marker in _APPS and not (marker in _KEPT and body.startswith(_KEPT[marker]))):
        return b""
    return segment


def _orientation(tiff: bytes) -> int:
    """1 (upright) to 8; 1 where it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * entry)
            if (tag, kind) == (_ORIENTATION, _SHORT) and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return 1


def _turned(orientation: int) -> bytes:
    """An EXIF segment that says nothing else; none for a picture that stands upright."""
    if orientation == 1:
        return b""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
    return struct.pack(">BBH", 0xFF, _APP1, 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


class Png(Cleaner):
    def __init__(self) -> None:
        super().__init__()
        self._head = _PNG_HEAD
        self._left = 0
        self._keeps = self._ends = False

    def finish(self) -> None:
        if not self._ends or self._left:
            raise _broken("png")

    def _ready(self) -> Iterator[bytes]:
        while self._held:
            if self._head:
                if len(self._held) < self._head:
                    return
                yield self._take(self._head)
                self._head = 0
            elif self._left:
                taken = self._take(self._left)
                self._left -= len(taken)
                yield taken if self._keeps else b""
            elif self._ends:
                self._held = b""
            elif len(self._held) < 8:
                return
            else:
                kind = self._held[4:8]
                self._left = 12 + int.from_bytes(self._held[:4], "big")
                self._keeps, self._ends = kind not in _PNG_TOLD, kind == b"IEND"


class Webp(Cleaner):
    def __init__(self) -> None:
        super().__init__()
        self._head = _WEBP_HEAD
        self._size = 0
        self._left = 0
        self._blanks = False

    def finish(self) -> None:
        if self._head or self._left or self._size > 0:
            raise _broken("webp")

    def _ready(self) -> Iterator[bytes]:
        while self._held:
            if self._head:
                if len(self._held) < self._head:
                    return
                self._size = int.from_bytes(self._held[4:8], "little") - 4
                yield self._take(self._head)
                self._head = 0
            elif self._left:
                taken = self._take(self._left)
                self._left -= len(taken)
                yield bytes(len(taken)) if self._blanks else taken
            elif self._size <= 0:
                self._held = b""
            elif len(self._held) < 8:
                return
            else:
                size = int.from_bytes(self._held[4:8], "little")
                self._left = size + size % 2
                self._size -= 8 + self._left
                head = self._take(8)
                self._blanks = head[:4] in _WEBP_TOLD
                yield _UNKNOWN + head[4:] if self._blanks else head


def _broken(kind: str) -> InvalidInput:
    return InvalidInput(f"the document breaks off, or is no {kind} inside", field="body", rule=f"{kind}.form")


CLEANERS: dict[str, type[Cleaner]] = {"image/jpeg": Jpeg, "image/png": Png, "image/webp": Webp}
