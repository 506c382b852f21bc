"""An invented village's land: plots side by side, their holders, four sides in words, and faults that are known. Pure and deterministic.

Nobody here exists; names come from people.py and end with ·示. Neighbours share their boundary's points, but for the faults.
"""

from dataclasses import dataclass, field
from math import ceil, cos, radians, sqrt
from random import Random

from bench.people import Register

SOUTH_WEST = (118.6, 28.7)
"""Degrees; the land is somewhere in the county's hills, and nobody's."""
PITCH = 26.0
"""Metres from plot to plot: about one mu each."""
METRE_NORTH = 1 / 110_850
METRE_EAST = 1 / (111_320 * cos(radians(SOUTH_WEST[1])))
EDGES = ("村道", "水渠", "山脚", "塘坝")
"""What lies around the land, by side: east, south, west, north."""

Point = tuple[float, float]


@dataclass
class Plot:
    """`holder` counts households from 0; `ring` is closed, in degrees."""

    serial: int
    holder: int
    ring: list[Point]
    mu: float
    sides: list[str]


@dataclass
class Land:
    """`overlapped` and `apart` hold the pairs of plots between which a boundary was moved; `misnamed` the plots, and sides from 0 (east) on,
    with a wrong name.
    """

    holders: list[str]
    plots: list[Plot] = field(default_factory=list)
    overlapped: list[tuple[int, int]] = field(default_factory=list)
    apart: list[tuple[int, int]] = field(default_factory=list)
    misnamed: list[tuple[int, int]] = field(default_factory=list)


def land(seed: int, plots: int, households: int) -> Land:
    """Plots in rows from the south-west on. Every 31st reaches 2 m over its eastern neighbour, every 43rd ends half a metre before it, and every
    53rd calls its northern neighbour by the name of somebody else.
    """
    rng = Random(f"{seed}:land")
    register = Register(rng, 0)
    names: list[str] = []
    while len(names) < households:
        if (name := register.household()[0].name) not in names:
            names.append(name)
    made = Land(names)
    columns = ceil(sqrt(plots))
    corner = {
        (x, y): (x * PITCH + rng.uniform(-4, 4), y * PITCH + rng.uniform(-4, 4))
        for x in range(columns + 1)
        for y in range(columns + 1)
    }
    bend = {
        (ends, part): (rng.uniform(-1, 1), rng.uniform(-1, 1))
        for at in corner
        for ends in ((at, (at[0] + 1, at[1])), (at, (at[0], at[1] + 1)))
        for part in (1, 2)
    }

    def line(start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
        """From one corner towards the other, without the last point; the same points both ways."""
        ends, turned = ((start, end), False) if start < end else ((end, start), True)
        (ax, ay), (bx, by) = corner[ends[0]], corner[ends[1]]
        points = [
            (ax + (bx - ax) * part / 3 + bend[ends, part][0], ay + (by - ay) * part / 3 + bend[ends, part][1])
            for part in (1, 2)
        ]
        return [corner[start], *(reversed(points) if turned else points)]

    holders = [rng.randrange(households) for _ in range(plots)]
    for serial in range(plots):
        x, y = serial % columns, serial // columns
        around = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        ring = [
            point for start, end in zip(around, [*around[1:], around[0]], strict=True) for point in line(start, end)
        ]
        east = serial + 1 if x + 1 < columns and serial + 1 < plots else None
        moved = 0.0
        if east is not None and serial % 31 == 30:
            moved = 2.0
            made.overlapped.append((serial, east))
        elif east is not None and serial % 43 == 42:
            moved = -0.5
            made.apart.append((serial, east))
        ring[3:7] = [(px + moved, py) for px, py in ring[3:7]]
        near = [
            east,
            serial - columns if y else None,
            serial - 1 if x else None,
            serial + columns if serial + columns < plots else None,
        ]
        sides = [EDGES[side] if other is None else names[holders[other]] for side, other in enumerate(near)]
        if near[3] is not None and serial % 53 == 52:
            sides[3] = names[(holders[near[3]] + households // 2) % households]
            made.misnamed.append((serial, 3))
        degrees = [(SOUTH_WEST[0] + px * METRE_EAST, SOUTH_WEST[1] + py * METRE_NORTH) for px, py in [*ring, ring[0]]]
        made.plots.append(Plot(serial, holders[serial], degrees, round(_area(ring) / 666.67, 2), sides))
    return made


def _area(ring: list[Point]) -> float:
    """Square metres inside a ring."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2
