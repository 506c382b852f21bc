"""The catalogue of matters (事项分类目录): categories in levels, to which department each leads, and who is told when a matter is late. Pure.

A line holds from its first day until the next line of the same key begins: nothing is rewritten, what was decided stays explained.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.text import Text

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""Of a category, as of a department."""
NAME = Text(60)
OTHER = "other"
"""The category of what has no better place."""
LEVELS = 3
"""Of escalation (督办升级)."""
MOST_DEPTH = 6
AREA = re.compile(r"\d{6}|\d{9}|\d{12}|\d{16}")


class Priority(StrEnum):
    NORMAL = "NORMAL"
    URGENT = "URGENT"


@dataclass(frozen=True)
class Category:
    """Valid from the first day to the last, both included. A matter of it is of `priority` unless it is said to be of another."""

    code: str
    parent: str | None
    name: str
    since: date
    until: date | None = None
    priority: Priority = Priority.NORMAL

    def __post_init__(self) -> None:
        require_code(self.code, "code")
        NAME.check(self.name, "name")
        if self.until is not None and self.until < self.since:
            raise InvalidInput("until must not be before since", field="until", rule="order")


@dataclass(frozen=True)
class Route:
    """Matters of a category (or of every one, where it is empty) in an area go to the department; to none where that is None."""

    area: str
    category: str
    since: date
    department: str | None

    def __post_init__(self) -> None:
        if not AREA.fullmatch(self.area):
            raise InvalidInput("area must be the code of a county or of an area in one", field="area", rule="form")


@dataclass(frozen=True)
class Escalation:
    """Who is told at a level when a unit's matters are late: subjects of accounts."""

    unit: str
    level: int
    subjects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kind, _, code = self.unit.partition("/")
        if not ((kind == "department" and CODE.fullmatch(code)) or (kind == "area" and AREA.fullmatch(code))):
            raise InvalidInput("unit must have the form department/<code> or area/<code>", field="unit", rule="form")
        if not 1 <= self.level <= LEVELS:
            raise InvalidInput(f"level must be from 1 to {LEVELS}", field="level", rule="range")
        if len(self.subjects) > 20 or not all(0 < len(subject) <= 200 for subject in self.subjects):
            raise InvalidInput("subjects must be at most 20 subjects of accounts", field="subjects", rule="form")


def require_place(category: Category, above: Sequence[Category]) -> None:
    """`above` are the parent and those above it, as they are on the day on which the category begins. Raises where the tree would be none."""
    if category.parent is None:
        return
    if not above:
        raise UnknownCode("category", field="parent")
    if category.code in {each.code for each in above}:
        raise InvalidInput("parent is the category itself or lies below it", field="parent", rule="tree")
    if len(above) >= MOST_DEPTH:
        raise InvalidInput(
            f"parent lies so deep that the tree would have over {MOST_DEPTH} levels", field="parent", rule="depth"
        )


def require_code(code: str, name: str) -> str:
    if not CODE.fullmatch(code):
        raise InvalidInput(f"{name} must have the form [a-z][a-z0-9-]{{0,39}}", field=name, rule="form")
    return code


def require_ahead(since: date, today: date) -> None:
    """Raises InvalidInput unless a revision takes effect today or later."""
    if since < today:
        raise InvalidInput("since must be today or later: what was decided before stays", field="since", rule="ahead")


def places(area: str) -> list[str]:
    """The area and those that hold it, the county last."""
    return [area[:length] for length in (16, 12, 9, 6) if len(area) >= length]


def whom(
    known: Mapping[tuple[str, int], tuple[str, ...]], department: str | None, area: str, level: int
) -> tuple[str, ...]:
    """The subjects that a late matter is told to: the department's, else those of the nearest area that names somebody at the level."""
    units = [*([f"department/{department}"] if department else []), *(f"area/{place}" for place in places(area))]
    return next((known[unit, level] for unit in units if known.get((unit, level))), ())
