"""A household's sheet (户情单): what must be true of it, and what a revision makes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from uuid import UUID

from services.archive.domain import member as members
from services.archive.domain.area import village_of
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.relation import HEAD
from services.archive.domain.text import ADDRESS, HOUSE
from services.chassis.errors import InvalidInput, NotFound

MOST_MEMBERS = 100


@dataclass(frozen=True)
class Household:
    """A sheet with its present members. `area` is the grid; `number` (户号) is unique in the village."""

    id: UUID
    area: str
    number: str
    address: str
    house: str | None
    version: int
    members: tuple[Member, ...]

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
    """The sheet after a revision, the names of the fields that changed, and where in the input each changed member stood."""

    household: Household
    changed: tuple[str, ...]
    members: tuple[tuple[int, Member], ...]


def require_one_head(household: Household) -> None:
    """Raises InvalidInput unless just one member is the head (户主)."""
    if sum(member.relation == HEAD for member in household.members) != 1:
        raise InvalidInput(
            "members: just one must be the head (relation 02)", field="members", rule="household.one_head"
        )


def revise(household: Household, revision: Revision, today: date, new_id: Callable[[], UUID]) -> Revised:
    """Applies a revision; raises InvalidInput for the first rule that would be broken, NotFound for a member of another sheet.

    The version goes up by one, unless nothing changed. The members come back with the head last, so that saving them in this
    order never shows two heads.
    """
    result = replace(
        household,
        address=household.address if revision.address is None else ADDRESS.check(revision.address, "address"),
        house=household.house if revision.house is None else _house(revision.house),
        area=household.area if revision.grid is None else _grid(revision.grid, household),
    )
    changed = {name for name in ("address", "house", "area") if getattr(result, name) != getattr(household, name)}
    sheet = {member.id: member for member in household.members}
    touched: dict[UUID, tuple[int, Member]] = {}
    for position, given in enumerate(revision.members):
        where = f"members[{position}]"
        if given.id is None:
            member = members.added(given, where, today, new_id)
            changed.add("members")
        else:
            former = _member(sheet, given.id, where)
            if given.id in touched:
                raise InvalidInput(f"{where}.id names a member twice", field=f"{where}.id", rule="unique")
            member = members.revised(former, given, where, today)
            changed |= _differences(former, member)
        if sheet.get(member.id) != member:
            touched[member.id] = (position, member)
    after = sheet | {key: member for key, (_, member) in touched.items()}
    if len(after) > MOST_MEMBERS:
        raise InvalidInput(f"members: at most {MOST_MEMBERS}", field="members", rule="length")
    result = replace(result, members=tuple(after.values()), version=household.version + (1 if changed else 0))
    require_one_head(result)
    order = sorted(touched.values(), key=lambda item: (item[1].relation == HEAD, item[0]))
    return Revised(result, tuple(sorted(changed)), tuple(order))


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


_PUBLIC = {"birth_date": "birthDate", "id_number": "idNumber", "id_number_override": "idNumberOverride"}


def _differences(former: Member, member: Member) -> set[str]:
    names = [field.name for field in fields(Member) if getattr(former, field.name) != getattr(member, field.name)]
    return {f"members.{_PUBLIC.get(name, name)}" for name in names}
