"""A household's sheet (户情单): what must be true of it, and what a revision makes of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.archive.domain import member as members
from services.archive.domain.area import village_of
from services.archive.domain.invariants import Instant, require
from services.archive.domain.item import Item
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.plot import Plot
from services.archive.domain.text import ADDRESS, HOUSE
from services.chassis.errors import InvalidInput, NotFound

MOST_MEMBERS = 100

T = TypeVar("T")


@dataclass(frozen=True)
class Household:
    """A sheet with its members, items and plots as they are on one day. `area` is the grid; `number` (户号) is unique in the village.

    `closed_on` is the first day on which the household is none any more. `split_from` is the household that it came from, `merged_into` the
    one that took it up.
    """

    id: UUID
    area: str
    number: str
    address: str
    house: str | None
    version: int
    members: tuple[Member, ...]
    items: tuple[Item, ...] = ()
    plots: tuple[Plot, ...] = ()
    closed_on: date | None = None
    closed_reason: str | None = None
    split_from: UUID | None = None
    merged_into: UUID | None = None

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.members]


@dataclass(frozen=True)
class Revision:
    """What shall change; None leaves a fact as it is, an empty house takes it away. Members who are not named stay as they are."""

    address: str | None = None
    house: str | None = None
    grid: str | None = None
    members: Sequence[MemberInput] = ()


@dataclass(frozen=True)
class Revised:
    """The sheet after a revision, the names of the fields that changed, and where in the input each member stood that was named."""

    household: Household
    changed: tuple[str, ...]
    positions: Mapping[UUID, int]


def require_size(members: Collection[object]) -> None:
    """Raises InvalidInput for more members than a sheet takes."""
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(f"members: at most {MOST_MEMBERS}", field="members", rule="length")


def revise(household: Household, revision: Revision, today: date, new_id: Callable[[], UUID]) -> Revised:
    """Applies a revision; raises InvalidInput for the first rule that would be broken, NotFound for a member of another sheet.

    The version goes up by one, unless nothing changed.
    """
    result = replace(
        household,
        address=household.address if revision.address is None else ADDRESS.check(revision.address, "address"),
        house=household.house if revision.house is None else _house(revision.house),
        area=household.area if revision.grid is None else _grid(revision.grid, household),
    )
    sheet = {member.id: member for member in household.members}
    positions: dict[UUID, int] = {}
    for position, given in enumerate(revision.members):
        where = f"members[{position}]"
        if given.id is None:
            member = members.added(given, where, today, new_id)
        elif given.id in positions:
            raise InvalidInput(f"{where}.id names a member twice", field=f"{where}.id", rule="unique")
        else:
            member = members.revised(_member(sheet, given.id, where), given, where, today)
        positions[member.id] = position
        sheet[member.id] = member
    require_size(sheet)
    result = replace(result, members=tuple(sheet.values()))
    require(Instant(today, (result,)), positions)
    changed = differences(household, result)
    return Revised(replace(result, version=household.version + (1 if changed else 0)), changed, positions)


def differences(former: Household, sheet: Household) -> tuple[str, ...]:
    """The names of the fields that differ, as events tell them: `address`, `members`, `members.birthDate`, `items.INCOME`, `plots` …"""
    names = ("area", "number", "address", "house", "closed_on", "closed_reason", "split_from", "merged_into")
    changed = {_public(name) for name in names if getattr(former, name) != getattr(sheet, name)}
    before, after = ({member.id: member for member in one.members} for one in (former, sheet))
    if before.keys() != after.keys():
        changed.add("members")
    for key in before.keys() & after.keys():
        changed |= {f"members.{_public(name)}" for name in _unlike(before[key], after[key])}
    changed |= {f"items.{item.kind}" for item in set_apart(former.items, sheet.items)}
    if set_apart(former.plots, sheet.plots):
        changed.add("plots")
    return tuple(sorted(changed))


def set_apart(former: Sequence[T], now: Sequence[T]) -> list[T]:
    """What is on one side only, or not the same on both."""
    return [part for part in (*former, *now) if part not in former or part not in now]


def _unlike(former: Member, member: Member) -> list[str]:
    return [field.name for field in fields(Member) if getattr(former, field.name) != getattr(member, field.name)]


def _public(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _house(text: str) -> str | None:
    return HOUSE.check(text, "house") if text.strip() else None


def _grid(code: str, household: Household) -> str:
    if village_of(code) != village_of(household.area):
        raise InvalidInput(
            "gridCode must be a grid of the household's village", field="gridCode", rule="grid.same_village"
        )
    return code


def _member(sheet: dict[UUID, Member], key: UUID, where: str) -> Member:
    if key not in sheet:
        raise NotFound(f"{where}.id: no such member of this household", field=f"{where}.id")
    return sheet[key]
