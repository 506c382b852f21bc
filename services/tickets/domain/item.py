"""Service items (办事事项): what can be handled, with which papers, by which law, within which limit, at what fee."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.chassis.errors import InvalidInput
from services.chassis.text import Text
from services.tickets.domain.window import LEVELS

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
NAME = Text(100)
LEGAL_BASIS = Text(500)
MOST_MATERIALS = 50


@dataclass(frozen=True)
class Material:
    """A paper: whether its original is looked at, and how many copies stay. One code is one paper, whichever items ask for it."""

    code: str
    name: str
    original: bool
    copies: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """`limit_days` are working days, 0 is at once; `fee` is in yuan; `agent` may run it (代办); the first department leads.

    `category` is the code of the catalogue under which its matters go.
    """

    code: str
    name: str
    category: str
    legal_basis: str
    limit_days: int
    fee: Decimal
    agent: bool
    departments: tuple[str, ...]
    levels: tuple[str, ...]
    materials: tuple[Material, ...]
    withdrawn: bool = False


def checked(item: Item) -> Item:
    """Raises InvalidInput that names the field."""
    if not CODE.fullmatch(item.code):
        raise InvalidInput("code must have the form of a code, such as old-age-subsidy", field="code", rule="code")
    NAME.check(item.name, "name")
    LEGAL_BASIS.check(item.legal_basis, "legalBasis")
    if not 0 <= item.limit_days <= 365:
        raise InvalidInput("limitDays must be from 0 to 365", field="limitDays", rule="range")
    if not 0 <= item.fee < 10**8 or item.fee != round(item.fee, 2):
        raise InvalidInput(
            "fee must be yuan from 0 to 99999999.99 with at most two decimals", field="fee", rule="range"
        )
    if not item.departments or len(set(item.departments)) < len(item.departments):
        raise InvalidInput("departments must be named once each, the leading first", field="departments", rule="unique")
    if not item.levels or not set(item.levels) <= set(LEVELS.values()):
        raise InvalidInput("levels must be of VILLAGE, TOWNSHIP, COUNTY", field="levels", rule="known.level")
    _check_materials(item.materials)
    return item


def _check_materials(materials: Sequence[Material]) -> None:
    codes = [material.code for material in materials]
    if len(codes) > MOST_MATERIALS or len(set(codes)) < len(codes):
        raise InvalidInput(
            f"materials: at most {MOST_MATERIALS}, each code once", field="materials", rule="material.code"
        )
    for material in materials:
        NAME.check(material.name, "materials.name")
        if not CODE.fullmatch(material.code):
            raise InvalidInput(
                "materials.code must have the form of a code", field="materials.code", rule="material.code"
            )
        if not 0 <= material.copies <= 20 or not (material.original or material.copies):
            raise InvalidInput(
                "materials: an original, or 1 to 20 copies, or both", field="materials.copies", rule="material.form"
            )


def require_level(item: Item, level: str) -> None:
    """Raises InvalidInput where the item is withdrawn or not handled at this level."""
    if item.withdrawn:
        raise InvalidInput("itemCode names an item that is not handled any more", field="itemCode", rule="item.valid")
    if level not in item.levels:
        at = ", ".join(item.levels)
        raise InvalidInput(f"itemCode names an item that is handled at: {at}", field="itemCode", rule="item.level")
