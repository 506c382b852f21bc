"""What a camera writes beside a picture is taken out; the picture stays as it is."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import InvalidInput
from services.chassis.photo import CLEANERS
from tests.archive.pictures import PLACE, SCAN, exif, jpeg, png, segment, webp

PICTURES: dict[str, Callable[[], bytes]] = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp}


def cleaned(kind: str, picture: bytes, cuts: list[int] | None = None) -> bytes:
    """As it comes in pieces, cut at the given places."""
    cleaner, edges = CLEANERS[kind](), [0, *sorted(cut % len(picture) for cut in cuts or ()), len(picture)]
    kept = b"".join(cleaner.feed(picture[start:end]) for start, end in pairwise(edges))
    cleaner.finish()
    return kept


@pytest.mark.parametrize("kind", PICTURES)
def test_no_place_is_left(kind: str) -> None:
    picture = PICTURES[kind]()
    assert PLACE in picture
    assert PLACE not in cleaned(kind, picture)


@pytest.mark.parametrize("kind", PICTURES)
@given(st.lists(st.integers(0, 5000), max_size=12))
def test_it_does_not_matter_how_it_arrives(kind: str, cuts: list[int]) -> None:
    picture = PICTURES[kind]()
    assert cleaned(kind, picture, cuts) == cleaned(kind, picture)


@pytest.mark.parametrize("kind", PICTURES)
def test_what_is_clean_stays_as_it_is(kind: str) -> None:
    once = cleaned(kind, PICTURES[kind]())
    assert cleaned(kind, once) == once


def test_of_a_jpeg_the_picture_is_kept() -> None:
    kept = cleaned("image/jpeg", jpeg(tail=b"\xff\xd8second picture" + PLACE))
    assert kept.count(SCAN) == 2
    assert kept.endswith(SCAN + b"\xff\xd9")
    for part in (b"JFIF", b"ICC_PROFILE", segment(0xC4, b"\x11\xff\xd9\x22"), segment(0xDB, bytes(65))):
        assert part in kept
    for part in (b"MPF", b"Photoshop", b"adobe", b"second"):
        assert part not in kept


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_stays_turned(orientation: int, order: str) -> None:
    picture = b"\xff\xd8" + segment(0xE1, exif(orientation, order)) + segment(0xDA, bytes(4)) + b"\1\xff\xd9"
    kept = cleaned("image/jpeg", picture)
    assert PLACE not in kept
    assert (b"Exif\0\0" in kept) == (orientation > 1)
    if orientation > 1:
        assert kept[2:][20:32] == b"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + bytes([orientation]) + b"\x00\x00"


@pytest.mark.parametrize("body", [b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0XX*\0\0\0\0\x08", exif(6)[:24], exif(77)])
def test_an_exif_that_cannot_be_read_is_dropped(body: bytes) -> None:
    picture = b"\xff\xd8" + segment(0xE1, body) + segment(0xDA, bytes(4)) + b"\1\xff\xd9"
    assert b"Exif" not in cleaned("image/jpeg", picture)


def test_the_chunks_of_a_png_that_are_kept_are_whole() -> None:
    kept, at = cleaned("image/png", png()), 8
    kinds = []
    while at < len(kept):
        size, kind = int.from_bytes(kept[at : at + 4], "big"), kept[at + 4 : at + 8]
        assert int.from_bytes(kept[at + 8 + size : at + 12 + size], "big") == zlib.crc32(kept[at + 4 : at + 8 + size])
        kinds.append(kind)
        at += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_a_webp_keeps_its_size() -> None:
    kept = cleaned("image/webp", webp())
    assert len(kept) == len(webp()) - len(PLACE) == int.from_bytes(kept[4:8], "little") + 8
    assert b"picture" in kept


@pytest.mark.parametrize("kind", PICTURES)
@given(data=st.data())
def test_a_picture_that_breaks_off_is_refused(kind: str, data: st.DataObject) -> None:
    whole = cleaned(kind, PICTURES[kind]())
    with pytest.raises(InvalidInput):
        cleaned(kind, whole[: data.draw(st.integers(1, len(whole) - 1))])


@pytest.mark.parametrize("kind", PICTURES)
@given(st.binary(max_size=200))
def test_anything_else_is_refused_or_kept_but_never_an_error_of_ours(kind: str, data: bytes) -> None:
    cleaner = CLEANERS[kind]()
    with suppress(InvalidInput):
        cleaner.feed(PICTURES[kind]()[:12] + data)
        cleaner.finish()
