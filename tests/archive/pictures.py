"""Pictures for tests, made by hand: a JPEG as a phone writes it, with its place; PNG and WebP alike."""

import struct
import zlib

PLACE = b"28.7412N 118.6275E"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def exif(orientation: int, order: str = "<") -> bytes:
    """An EXIF body with an orientation, and a GPS directory that says PLACE."""
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8)
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    return b"Exif\0\0" + head + struct.pack(f"{order}H", 2) + entries + struct.pack(f"{order}I", 0) + PLACE


SCAN = b"\x12\x34\xff\x00\x56\xff\xd0\x78" * 40


def jpeg(orientation: int = 6, scan: bytes = SCAN, tail: bytes = b"") -> bytes:
    """Progressive: two scans with a table between them that holds the bytes of an end. `tail` follows the end."""
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"),
            segment(0xE1, exif(orientation)),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + PLACE),
            segment(0xE2, b"ICC_PROFILE\0\1\1profile"),
            segment(0xE2, b"MPF\0" + PLACE),
            segment(0xED, b"Photoshop 3.0\0" + PLACE),
            segment(0xFE, PLACE),
            segment(0xDB, bytes(65)),
            segment(0xC2, bytes(15)),
            b"\xff\xff",
            segment(0xDA, bytes(10)),
            scan,
            segment(0xC4, b"\x11\xff\xd9\x22"),
            segment(0xDA, bytes(10)),
            scan,
            b"\xff\xd9",
            tail,
        )
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png() -> bytes:
    """One grey pixel, with all that a PNG can tell of itself."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + PLACE),
            chunk(b"eXIf", exif(1)[6:]),
            chunk(b"IDAT", zlib.compress(b"\0\x80")),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PLACE),
            chunk(b"IEND", b""),
            PLACE,
        )
    )


def webp() -> bytes:
    parts = [(b"VP8X", bytes(10)), (b"VP8L", b"picture"), (b"EXIF", exif(1)), (b"XMP ", PLACE)]
    body = b"".join(kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in parts)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body + PLACE


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(12) + b"picture"
