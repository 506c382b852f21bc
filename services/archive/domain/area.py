"""Areas: divisions and grids. A code is a path, so an area contains the areas whose code begins with its own."""

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

KINDS = {2: "PROVINCE", 4: "PREFECTURE", 6: "COUNTY", 9: "TOWNSHIP", 12: "VILLAGE", 16: "GRID"}
"""By the length of the code."""
COUNTY_DIGITS = 6
VILLAGE_DIGITS = 12
GRID_DIGITS = 16

NBS = "nbs"
"""Codes of the National Bureau of Statistics for divisions; the first six digits are those of GB/T 2260."""
VILLAGE_SERIAL = "village-serial"
"""A grid's code: its village's code and a 4-digit serial."""


SOURCE = "National Bureau of Statistics of China, codes of divisions for statistics, 2023"
LISTED_ON = date(2023, 6, 30)
"""The day that the list speaks of: from then on its divisions are known to be valid; the list does not say since when they are."""


@dataclass(frozen=True)
class Area:
    """Valid from the first to the last day, both included; no last day while it is valid."""

    code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    source: str = ""

    @property
    def kind(self) -> str:
        return KINDS[len(self.code)]

    @property
    def code_scheme(self) -> str:
        return VILLAGE_SERIAL if self.kind == "GRID" else NBS

    @property
    def never_was(self) -> bool:
        """Begun by mistake: the change that began it was undone."""
        return self.valid_to is not None and self.valid_to < self.valid_from

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def village_of(code: str) -> str:
    """The code of the village that a grid belongs to."""
    return code[:VILLAGE_DIGITS]


def parent_of(code: str, known: Iterable[str]) -> str | None:
    """The nearest of the known areas above; a level may be missing."""
    return max((above for above in known if code.startswith(above) and above != code), key=len, default=None)


def divisions(text: str) -> tuple[Area, ...]:
    """The published divisions, from CSV with the columns code and name."""
    return tuple(Area(row["code"], row["name"], LISTED_ON, None, SOURCE) for row in csv.DictReader(text.splitlines()))


def narrowed(area: str, reach: Sequence[str]) -> str | None:
    """The smallest code that holds all of `area` that lies in the reach; None when none does.

    Row-level security would trim what lies outside anyway; the range just becomes as short as it can be.
    """
    if any(area.startswith(code) for code in reach):
        return area
    return os.path.commonprefix([code for code in reach if code.startswith(area)]) or None  # noqa: RUF071  digits, not file names
