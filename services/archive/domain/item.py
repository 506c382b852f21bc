"""What a household's sheet holds any number of: income, benefits, skills, needs, out-migration, talents. A kind is a form of its data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec

from services.archive.domain.register import TALENT_POINTS
from services.chassis.errors import InvalidInput

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Year = Annotated[int, msgspec.Meta(ge=1949, le=2100)]
Yuan = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class _Data(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The facts of one kind of item."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Income(_Data, frozen=True, kw_only=True):
    """What the household, or a member, took in within a year, in yuan."""

    year: Year
    source: Literal["FARMING", "FORESTRY", "WAGES", "BUSINESS", "TRANSFERS", "PROPERTY", "OTHER"]
    amount: Yuan


class Benefit(_Data, frozen=True, kw_only=True):
    """低保, 特困, disability, medical aid, pension …"""

    benefit: Literal["MINIMUM_LIVING", "EXTREME_POVERTY", "DISABILITY", "MEDICAL_AID", "PENSION", "ORPHAN", "OTHER"]
    certificate: Words | None = None
    note: Words | None = None


class Skill(_Data, frozen=True, kw_only=True):
    skill: Words
    level: Words | None = None
    """A certificate or grade, in its own words."""


class Need(_Data, frozen=True, kw_only=True):
    need: Words


class Migration(_Data, frozen=True, kw_only=True):
    """Where a member works away from home (外出务工)."""

    place: Words
    employer: Words | None = None
    work: Words | None = None
    emergency_contact: Words | None = None


class Talent(_Data, frozen=True, kw_only=True):
    """A talent away (在外能人): point → what is known of it; the points are domain/register.py's."""

    points: Mapping[str, Words]


Kind = Literal["INCOME", "BENEFIT", "SKILL", "NEED", "MIGRATION", "TALENT"]
KINDS: Mapping[str, type[_Data]] = dict(
    zip(get_args(Kind), (Income, Benefit, Skill, Need, Migration, Talent), strict=True)
)


# msgspec quotes a value that is none of an enum's.
_VALUE = re.compile(r" '.*'$", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One entry. `person` is the member that it is about, None for the household; valid from `since` to `until`, both days included."""

    id: UUID
    kind: str
    data: Mapping[str, Any]
    person: UUID | None = None
    since: date | None = None
    until: date | None = None


def checked_data(kind: str, data: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The data in the form of its kind, as JSON holds it; raises InvalidInput that names the field and the rule, never a value."""
    if kind not in KINDS:
        raise InvalidInput(f"{where}.kind must be one of {', '.join(KINDS)}", field=f"{where}.kind", rule="item.kind")
    try:
        value = msgspec.convert(data, KINDS[kind], strict=False)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `$")
        field = f"{where}.data{path.rstrip('`')}"
        raise InvalidInput(f"{field}: {_VALUE.sub('', detail)}", field=field, rule="item.form") from None
    if isinstance(value, Talent) and not value.points.keys() <= TALENT_POINTS.keys():
        field = f"{where}.data.points"
        raise InvalidInput(f"{field} may be {', '.join(TALENT_POINTS)}", field=field, rule="talent.point")
    return {name: given for name, given in msgspec.to_builtins(value).items() if given is not None}


def require_sound(item: Item, where: str) -> None:
    """Raises InvalidInput when the item ends before it begins."""
    if item.since is not None and item.until is not None and item.until < item.since:
        raise InvalidInput(f"{where}.until lies before since", field=f"{where}.until", rule="item.span")
