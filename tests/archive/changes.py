"""Changes of areas as hypothesis draws them: such that make sense, of a few villages with grids and households."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.archive.domain.area import Area, village_of
from services.archive.domain.area_change import Request, Sheet, Target

TOWNSHIP = "339999100"
Draw = Callable[[Any], Any]


def change(draw: Draw, areas: Mapping[str, Area], sheets: Sequence[Sheet], day: date) -> Request:
    """A request for the day, which lies after all that has happened."""
    valid = [area for area in areas.values() if area.valid_to is None]
    villages = sorted(area.code for area in valid if area.kind == "VILLAGE")
    grids = {
        village: sorted(area.code for area in valid if area.kind == "GRID" and village_of(area.code) == village)
        for village in villages
    }
    unused = iter(code for n in range(300, 400) if (code := f"{TOWNSHIP}{n}") not in areas)
    makes = {
        "merge villages": len(villages) > 1,
        "merge grids": any(len(some) > 1 for some in grids.values()),
        "split village": any(len(some) > 1 for some in grids.values()),
        "split grid": any(grids.values()),
        "move village": True,
        "move grid": len(villages) > 1 and any(grids.values()),
        "rename": True,
    }
    made = draw(st.sampled_from([name for name, possible in makes.items() if possible]))
    rich = st.sampled_from([village for village in villages if len(grids[village]) > 1] or [""])

    def request(kind: Any, former: Sequence[str], *to: Target) -> Request:
        return Request(kind, day, "示例批文", tuple(former), to)

    def result(former: Sequence[str], fresh: str | None) -> Target:
        """One of the former, or a new one."""
        going_on = draw(st.sampled_from([None, *former]))
        return Target(going_on) if going_on else Target(fresh, f"示例{day}")

    match made:
        case "merge villages":
            former = draw(st.lists(st.sampled_from(villages), min_size=2, max_size=3, unique=True))
            asked = request("MERGE", former, result(former, next(unused)))
        case "merge grids":
            here = grids[draw(rich)]
            former = draw(st.lists(st.sampled_from(here), min_size=2, unique=True))
            asked = request("MERGE", former, result(former, None))
        case "split village":
            village = draw(rich)
            away = draw(
                st.lists(st.sampled_from(grids[village]), min_size=1, max_size=len(grids[village]) - 1, unique=True)
            )
            asked = request(
                "SPLIT",
                [village],
                Target(next(unused), f"示例{day}", grids=tuple(away)),
                result([village], next(unused)),
            )
        case "split grid":
            grid = draw(st.sampled_from([grid for some in grids.values() for grid in some]))
            here_now = [sheet.id for sheet in sheets if sheet.grid == grid]
            named = draw(st.lists(st.sampled_from(here_now), unique=True)) if here_now else []
            asked = request("SPLIT", [grid], Target(None, f"示例{day}", households=tuple(named)), result([grid], None))
        case "move village":
            asked = request("MOVE", [draw(st.sampled_from(villages))], Target(next(unused)))
        case "move grid":
            grid = draw(st.sampled_from([grid for some in grids.values() for grid in some]))
            asked = request(
                "MOVE", [grid], Target(draw(st.sampled_from([code for code in villages if code != village_of(grid)])))
            )
        case _:
            asked = request(
                "RENAME", [draw(st.sampled_from(sorted(area.code for area in valid)))], Target(name=f"示例{day}")
            )
    return asked
