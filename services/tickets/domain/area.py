"""The tickets service's own copy of an area (a division or a grid), as the archive published it."""

from dataclasses import dataclass
from datetime import date

from services.chassis.errors import InvalidInput

PLACES = frozenset({"COUNTY", "TOWNSHIP", "VILLAGE", "GRID"})
"""The kinds of area in which a matter can lie; what is above a county is no place for one."""


@dataclass(frozen=True)
class Area:
    """Valid from the first to the last day, both included; no last day while no end is known."""

    code: str
    name: str
    kind: str
    valid_from: date
    valid_to: date | None

    def require_place(self, day: date) -> None:
        """Raises InvalidInput unless a matter can be reported here on that day (in China)."""
        if self.kind not in PLACES:
            raise InvalidInput("areaCode must name a county or an area in one", field="areaCode", rule="kind.area")
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            raise InvalidInput("areaCode names an area that is not valid today", field="areaCode", rule="valid.area")
