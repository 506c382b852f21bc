"""The mediation map: well-formed, all of it within the frame's scale, and nobody's words break out of it."""

import re
from xml.etree import ElementTree

import pytest

from services.archive.domain.map import FRAME, Parcel, Role, Sheet, draw

SVG = "{http://www.w3.org/2000/svg}"


def square(west: float, south: float, size: float = 30) -> list[list[tuple[float, float]]]:
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size)]
    return [[*corners, corners[0]]]


def parcel(role: Role, west: float, *, size: float = 30, words: tuple[str, ...] = ("示例户", "示例田")) -> Parcel:
    return Parcel(role, square(west, 0, size), words, (west + size / 2, size / 2), size / 2)


def sheet(*parcels: Parcel, overlap: bool = True) -> Sheet:
    shared = [square(27, 0, 3)] if overlap else []
    return Sheet("示例村　地块位置示意图", parcels, shared, "重叠 0.01 亩", ["截至 2026-01-01"])


def nodes(svg: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(SVG + tag))  # noqa: S314  our own


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in nodes(svg, "text")]


def test_all_that_a_mediator_needs_is_on_it() -> None:
    shown = texts(draw(sheet(parcel("A", 0), parcel("B", 27), parcel("NEIGHBOUR", 57))))
    for words in (
        "北",
        "图例",
        "甲地块",
        "乙地块",
        "相邻地块",
        "重叠部分",
        "界址点",
        "重叠 0.01 亩",
        "截至 2026-01-01",
    ):
        assert words in shown
    assert any(words.endswith(" 米") for words in shown)


def test_without_an_overlap_nothing_is_said_of_one() -> None:
    assert not [
        words for words in texts(draw(sheet(parcel("A", 0), parcel("B", 30), overlap=False))) if "重叠" in words
    ]


def test_words_are_words() -> None:
    shown = texts(draw(sheet(parcel("A", 0, words=('<script>"&',)), parcel("B", 27))))
    assert '<script>"&' in shown


def test_a_neighbour_without_room_has_no_words() -> None:
    tiny = parcel("NEIGHBOUR", 57, size=0.5, words=("示例邻户",))
    assert "示例邻户" not in texts(draw(sheet(parcel("A", 0), parcel("B", 27), tiny)))


@pytest.mark.parametrize("size", [0.5, 8, 40, 900, 20_000])
def test_both_plots_lie_within_the_frame_and_the_scale_bar_is_true(size: float) -> None:
    svg = draw(Sheet("示例", [parcel("A", 0, size=size), parcel("B", size, size=size)], [], "", []))
    paths = [node for node in nodes(svg, "path") if node.get("stroke-width") == "3.5"]
    points = [
        tuple(map(float, pair)) for node in paths for pair in re.findall(r"([-\d.]+) ([-\d.]+)", node.get("d", "")[1:])
    ]
    assert len(paths) == 2
    assert all(FRAME[0] < x < FRAME[0] + FRAME[2] and FRAME[1] < y < FRAME[1] + FRAME[3] for x, y in points)
    width = max(x for x, _ in points) - min(x for x, _ in points)
    said = next(float(words.removesuffix(" 米").replace(",", "")) for words in texts(svg) if words.endswith(" 米"))
    bar = sum(float(node.get("width", 0)) for node in nodes(svg, "rect") if node.get("height") == "8")
    assert bar / width == pytest.approx(said / (2 * size), rel=0.02)
