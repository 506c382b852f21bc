"""Plots for tests: facts as a client sends them, and squares on the ground of the example village (示例)."""

from typing import Any

from tests.archive.conftest import VILLAGE, Archive, household, key

WEST, SOUTH = 118.6, 28.702
STEP = 0.0003
"""Degrees; about 29 m to the east and 33 m to the north: a square is a mu and a half."""
PLOT = [["id", "id"], ["key", "key"], ["version", "version"], ["code", "code"]]


def square(x: float, y: float, *, width: float = 1, height: float = 1) -> dict[str, Any]:
    """A square, in steps from the south-west of the village."""
    left, low = WEST + x * STEP, SOUTH + y * STEP
    right, high = left + width * STEP, low + height * STEP
    ring = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    return {"type": "Polygon", "coordinates": [[[round(x, 9), round(y, 9)] for x, y in ring]]}


def facts(serial: int, **more: Any) -> dict[str, Any]:
    """A new plot; `serial` makes its code."""
    sides = {"east": "村道", "south": "水渠", "west": "山脚", "north": "塘坝"}
    return {
        "clientKey": key(),
        "code": f"{VILLAGE}01{serial:05d}",
        "name": f"示例田{serial}号",
        "category": "10",
        "contractMu": 1.5,
        **sides,
        **more,
    }


async def record(archive: Archive, serial: int, holder: int | None = 1, account: str = "cadre", **more: Any) -> Any:
    """Records a plot of an example household, or of the village; returns id, key, version and code."""
    held = {"villageCode": VILLAGE} if holder is None else {"householdId": household(holder)}
    status, plot = await archive.as_(account).command("recordPlot", facts(serial, **held, **more), PLOT)
    assert status == 200, plot
    return plot


async def command(archive: Archive, name: str, account: str = "cadre", /, **given: Any) -> tuple[int, Any]:
    select = [["id", "id"]] if name == "removePlot" else PLOT
    return await archive.as_(account).command(name, {"clientKey": key(), **given}, select)
