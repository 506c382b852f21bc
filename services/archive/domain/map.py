"""The map of two plots before a mediator, as SVG: the two, what both cover, and their neighbours. Pure; ground coordinates are metres, north up.

It can be read without colour: plot A has a solid boundary, plot B a dashed one, what both cover is hatched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Point = tuple[float, float]
Ring = Sequence[Point]
Role = Literal["A", "B", "NEIGHBOUR"]

WIDTH, HEIGHT = 1200, 900
FRAME = (40.0, 84.0, 1120.0, 656.0)
"""Left, top, width and height of the map within the sheet."""
FONT = "'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
AROUND = 0.45
"""How much of the plots' own size is shown around them."""
MOST_MARKED = 60
"""A plot of more boundary points has them too close to each other to be marked."""
COLOURS = {"A": ("#dbe8f6", "#174a84"), "B": ("#fdebcf", "#9a5200"), "NEIGHBOUR": ("#f1f1f1", "#8c8c8c")}
"""Fill and line."""
NAMES = {"A": "甲地块", "B": "乙地块"}


@dataclass(frozen=True)
class Parcel:
    """A plot to draw: its rings, the first of them the outer one; the words to put on it; the middle of the largest circle that has room for them."""

    role: Role
    rings: Sequence[Ring]
    words: Sequence[str]
    middle: Point
    radius: float


@dataclass(frozen=True)
class Sheet:
    """What the map shows. `overlap` holds polygons as lists of rings; `notes` are the lines below the legend."""

    title: str
    parcels: Sequence[Parcel]
    overlap: Sequence[Sequence[Ring]]
    overlap_words: str
    notes: Sequence[str]


@dataclass(frozen=True)
class _Ground:
    """From metres on the ground to units of the sheet."""

    west: float
    north: float
    scale: float

    def at(self, point: Point) -> Point:
        return FRAME[0] + (point[0] - self.west) * self.scale, FRAME[1] + (self.north - point[1]) * self.scale


def draw(sheet: Sheet) -> str:
    """The whole map as a document."""
    two = [parcel for parcel in sheet.parcels if parcel.role != "NEIGHBOUR"]
    ground = _fit([point for parcel in two for ring in parcel.rings for point in ring])
    rest = [parcel for parcel in sheet.parcels if parcel.role == "NEIGHBOUR"]
    left, top, width, height = FRAME
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}">',
        "<defs>",
        '<pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="9" height="9" fill="#ffffff" fill-opacity="0.55"/><path d="M0 0V9" stroke="#c00000" stroke-width="3"/></pattern>',
        f'<clipPath id="frame"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath>',
        "</defs>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text((WIDTH / 2, 54), sheet.title, 30, weight=700),
        '<g clip-path="url(#frame)">',
        *(_parcel(parcel, ground) for parcel in [*rest, *two]),
        *(
            f'<path d="{_path(polygon, ground)}" fill="url(#hatch)" fill-rule="evenodd" stroke="#c00000" stroke-width="1.5"/>'
            for polygon in sheet.overlap
        ),
        *(_boundary_points(parcel, ground) for parcel in two),
        *_labels(rest, ground),
        *_labels(two, ground),
        _overlap_label(sheet, two, ground),
        "</g>",
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#333333" stroke-width="1.5"/>',
        _north(left + width - 24, 14),
        _scale_bar(ground.scale),
        *_legend(bool(sheet.overlap)),
        *(_text((left, 846 + 24 * n), line, 16, anchor="start", fill="#333333") for n, line in enumerate(sheet.notes)),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _fit(points: Sequence[Point]) -> _Ground:
    """Both plots in the middle of the frame, as large as what shall be seen around them allows."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide, high = max(max(xs) - min(xs), 1.0), max(max(ys) - min(ys), 1.0)
    scale = min(FRAME[2] / (wide * (1 + 2 * AROUND)), FRAME[3] / (high * (1 + 2 * AROUND)))
    return _Ground(
        west=(min(xs) + max(xs)) / 2 - FRAME[2] / scale / 2,
        north=(min(ys) + max(ys)) / 2 + FRAME[3] / scale / 2,
        scale=scale,
    )


def _path(rings: Iterable[Ring], ground: _Ground) -> str:
    return " ".join("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in map(ground.at, ring[:-1])) + " Z" for ring in rings)


def _parcel(parcel: Parcel, ground: _Ground) -> str:
    fill, line = COLOURS[parcel.role]
    dashes = ' stroke-dasharray="12 6"' if parcel.role == "B" else ""
    width = 1 if parcel.role == "NEIGHBOUR" else 3.5
    return (
        f'<path d="{_path(parcel.rings, ground)}" fill="{fill}" fill-opacity="0.85" fill-rule="evenodd" '
        f'stroke="{line}" stroke-width="{width}" stroke-linejoin="round"{dashes}/>'
    )


def _boundary_points(parcel: Parcel, ground: _Ground) -> str:
    points = [point for ring in parcel.rings for point in ring[:-1]]
    if len(points) > MOST_MARKED:
        return ""
    return "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#ffffff" stroke="{COLOURS[parcel.role][1]}" stroke-width="1.8"/>'
        for x, y in map(ground.at, points)
    )


def _labels(parcels: Sequence[Parcel], ground: _Ground) -> Iterable[str]:
    """The words in the middle of each plot; a neighbour has them only where they fit."""
    for parcel in parcels:
        fill = "#5f5f5f" if parcel.role == "NEIGHBOUR" else COLOURS[parcel.role][1]
        usual, least = (17.0, 11.0) if parcel.role == "NEIGHBOUR" else (22.0, 15.0)
        longest = max(_length(line) for line in parcel.words)
        room = 2 * parcel.radius * ground.scale
        size = min(usual, room / max(longest, 1.25 * len(parcel.words)) * 1.05)
        if size < least:
            if parcel.role == "NEIGHBOUR":
                continue
            size = least
        x, y = ground.at(parcel.middle)
        first = y - (len(parcel.words) - 1) * size * 0.625 + size * 0.35
        for number, line in enumerate(parcel.words):
            weight = 700 if parcel.role != "NEIGHBOUR" and number == 0 else 400
            yield _text(
                (x, first + number * size * 1.25), line, size, fill=fill, weight=weight, halo=parcel.role != "NEIGHBOUR"
            )


def _overlap_label(sheet: Sheet, two: Sequence[Parcel], ground: _Ground) -> str:
    """Below both plots, with a line that leads there."""
    points = [ground.at(point) for polygon in sheet.overlap for ring in polygon for point in ring]
    if not points:
        return ""
    lowest = max(ground.at(point)[1] for parcel in two for ring in parcel.rings for point in ring)
    x, bottom = max(points, key=lambda point: point[1])
    line = f'<path d="M{x:.1f} {bottom:.1f} V{lowest + 28:.1f}" stroke="#c00000" stroke-width="1.5"/>'
    return line + _text((x, lowest + 46), sheet.overlap_words, 20, fill="#c00000", weight=700, halo=True)


def _north(x: float, y: float) -> str:
    return (
        f'<g><path d="M{x} {y + 18} L{x + 13} {y + 62} L{x} {y + 51} Z" fill="#222222"/>'
        f'<path d="M{x} {y + 18} L{x - 13} {y + 62} L{x} {y + 51} Z" fill="#ffffff" stroke="#222222" stroke-width="1.5"/>'
        f"{_text((x, y + 12), '北', 20, weight=700)}</g>"
    )


def _scale_bar(scale: float) -> str:
    """A round number of metres that is about a sixth of the map wide, in four parts; at the right end of the legend."""
    metres = max(
        unit * 10.0**power for power in range(-2, 5) for unit in (1, 2, 5) if unit * 10.0**power * scale <= 200
    )
    part = metres * scale / 4
    x, y = FRAME[0] + FRAME[2] - 40 - 4 * part, 794.0
    boxes = "".join(
        f'<rect x="{x + n * part:.1f}" y="{y}" width="{part:.1f}" height="8" fill="{"#222222" if n % 2 == 0 else "#ffffff"}" '
        'stroke="#222222" stroke-width="1"/>'
        for n in range(4)
    )
    numbers = ((0, "0"), (2, f"{metres / 2:g}"), (4, f"{metres:g} 米"))
    return f"<g>{boxes}{''.join(_text((x + n * part, y - 8), words, 15) for n, words in numbers)}</g>"


def _legend(overlap: bool) -> Iterable[str]:
    """One row below the map."""
    y, box = 780.0, 'width="44" height="26"'
    entries = [
        *(
            (
                f'<rect x="{{x}}" y="{y}" {box} fill="{COLOURS[role][0]}" stroke="{COLOURS[role][1]}" stroke-width="3.5"'
                f"{dashes}/>",
                NAMES[role],
            )
            for role, dashes in (("A", ""), ("B", ' stroke-dasharray="12 6"'))
        ),
        (
            f'<rect x="{{x}}" y="{y}" {box} fill="{COLOURS["NEIGHBOUR"][0]}" stroke="{COLOURS["NEIGHBOUR"][1]}"/>',
            "相邻地块",
        ),
        *(
            [(f'<rect x="{{x}}" y="{y}" {box} fill="url(#hatch)" stroke="#c00000" stroke-width="1.5"/>', "重叠部分")]
            if overlap
            else []
        ),
        (f'<circle cx="{{middle}}" cy="{y + 13}" r="5" fill="#ffffff" stroke="#222222" stroke-width="1.8"/>', "界址点"),
    ]
    yield _text((FRAME[0], y + 21), "图例", 18, anchor="start", weight=700)
    for number, (shape, words) in enumerate(entries):
        x = FRAME[0] + 72 + number * 150
        yield shape.format(x=x, middle=x + 22)
        yield _text((x + 56, y + 20), words, 18, anchor="start")


def _length(line: str) -> float:
    """How wide a line is, in heights of its letters."""
    return sum(0.58 if character.isascii() else 1.0 for character in line)


def _text(
    at: Point,
    words: str,
    size: float,
    *,
    fill: str = "#222222",
    weight: int = 400,
    anchor: str = "middle",
    halo: bool = False,
) -> str:
    outline = ' stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:.1f}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{fill}"{outline}>{escape(words)}</text>'
    )
