"""What of a sheet is fresh: facts, the names they bear outside, and what a visit confirms of them. Pure.

A fact that was looked at is as good as one that was written anew: its word is said again, with the same value for the same days, by the visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.chassis.errors import InvalidInput

TITLES = {
    "household.address": "住址",
    "household.house": "房屋情况",
    "person.phone": "电话",
    "person.marital": "婚姻状况",
    "person.education": "学历",
    "person.health": "健康状况",
    "person.politics": "政治面貌",
    "plot.contractMu": "承包面积",
    "INCOME.data": "收入",
    "BENEFIT.data": "救助保障",
    "SKILL.data": "技能",
    "NEED.data": "需求",
    "MIGRATION.data": "外出务工",
    "TALENT.data": "在外能人",
}
"""Of the facts that have a review interval; another is shown by its name."""

_SEALED = ("_sealed", "_index", "_masked")
_TOGETHER = {"why": "relation"}
"""What is said in one breath with another fact, and means nothing alone."""


@dataclass(frozen=True)
class Fact:
    """The word that is true of a fact at present. `column` is its name in an entry; `since` the first day on which it holds."""

    part: str
    key: UUID
    column: str
    since: date
    verified_on: date

    @property
    def name(self) -> str:
        return public(self.column)

    @property
    def reference(self) -> str:
        return f"{self.part}/{self.key}/{self.name}"


def public(column: str) -> str:
    """`phone_index` is phone, `birth_date` birthDate: a number's three columns are one fact."""
    for ending in _SEALED:
        column = column.removesuffix(ending)
    head, *rest = _TOGETHER.get(column, column).split("_")
    return head + "".join(word.capitalize() for word in rest)


def confirmation(facts: Sequence[Fact], references: Sequence[str] | None, visited_on: date) -> list[Fact]:
    """The facts whose word a visit says again: those that were named, or all.

    A fact that holds only since after the visit, or was verified later already, stays as it is. Raises InvalidInput for a reference to no
    fact of the sheet.
    """
    wanted = None if references is None else set(references)
    if wanted is not None:
        known = {fact.reference for fact in facts}
        for position, reference in enumerate(references or ()):
            if reference not in known:
                field = f"confirmed[{position}]"
                raise InvalidInput(f"{field} names no fact of this sheet", field=field, rule="fact.known")
    return [
        fact
        for fact in facts
        if (wanted is None or fact.reference in wanted) and fact.since <= visited_on and fact.verified_on <= visited_on
    ]


def names(facts: Sequence[Fact], kinds: dict[UUID, str]) -> tuple[str, ...]:
    """As events name them: `address`, `members.phone`, `items.BENEFIT`, `plots`. `kinds` are those of the items."""

    def name(fact: Fact) -> str:
        match fact.part:
            case "household":
                return fact.name
            case "person":
                return f"members.{fact.name}"
            case "item":
                return f"items.{kinds[fact.key]}"
            case _:
                return "plots"

    return tuple(sorted({name(fact) for fact in facts}))
