"""What must be true at every instant: of a member, of a sheet, of sheets together. The one place that says so.

A rule looks at one instant and yields what is wrong. A deed is checked on each day from which on something holds, from its own day on: a
back-dated one may be right on its day and wrong by what was said of later days.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.archive.domain import id_number as gb11643
from services.archive.domain.relation import HEAD, SEX_OF
from services.archive.domain.sex import agree
from services.chassis.errors import InvalidInput

if TYPE_CHECKING:
    from services.archive.domain.household import Household
    from services.archive.domain.member import Member


@dataclass(frozen=True)
class Fault:
    """What is wrong, and in which fact: `members`, or one of a member's. `detail` goes on from the field's name."""

    rule: str
    fact: str
    detail: str
    member: UUID | None = None

    def problem(self, where: str, note: str = "") -> InvalidInput:
        """`where` names the member in the input, such as `members[0]`."""
        name = self.fact if self.member is None else f"{where}.{self.fact}"
        return InvalidInput(f"{name} {self.detail}{note}", field=name, rule=self.rule)


@dataclass(frozen=True)
class Instant:
    """What holds on a day: the sheets that a deed concerns, and how many other sheets have somebody as a member then.

    `former` are the same sheets as they would be without the deed, where the deed may lose nothing.
    """

    day: date
    sheets: tuple["Household", ...]
    elsewhere: Mapping[UUID, int] = field(default_factory=dict)
    former: tuple["Household", ...] | None = None


def relation_agrees_with_sex(member: "Member", _: date) -> Iterator[Fault]:
    implied = SEX_OF.get(member.relation)
    if implied is not None and not agree(member.sex, implied):
        yield Fault("relation.sex", "relation", "is one of the other sex", member.id)


def no_membership_before_birth(member: "Member", _: date) -> Iterator[Fault]:
    if member.birth_date is not None and member.since is not None and member.since < member.birth_date:
        yield Fault("membership.before_birth", "birthDate", "must not be after the start of the membership", member.id)


def no_membership_after_death(member: "Member", day: date) -> Iterator[Fault]:
    if member.died_on is not None and day >= member.died_on:
        yield Fault("membership.after_death", "diedOn", "has come: nobody is a member from their death on", member.id)


def id_number_is_valid_or_overridden(member: "Member", _: date) -> Iterator[Fault]:
    """GB 11643: form, check digit, birth date and sex."""
    if member.id_number is None or member.id_number_override is not None:
        return
    try:
        facts = gb11643.facts_of(member.id_number)
        if member.birth_date not in (None, facts.birth_date):
            raise gb11643.RuleBroken("birth_date")
        if not agree(member.sex, facts.sex):
            raise gb11643.RuleBroken("sex")
    except gb11643.RuleBroken as broken:
        detail = f"breaks {broken.rule}; if it stands so on the card, give idNumberOverride with the reason"
        yield Fault(broken.rule, "idNumber", detail, member.id)


def one_head(instant: Instant) -> Iterator[Fault]:
    for sheet in instant.sheets:
        if sheet.closed_on is None and sum(member.relation == HEAD for member in sheet.members) != 1:
            yield Fault("household.one_head", "members", "must have just one head (relation 02)")


def nobody_in_a_closed_household(instant: Instant) -> Iterator[Fault]:
    for sheet in instant.sheets:
        if sheet.closed_on is not None and sheet.members:
            yield Fault("household.closed_empty", "members", "must be none once the household is closed")


def one_household_a_person(instant: Instant) -> Iterator[Fault]:
    count = Counter(instant.elsewhere) + Counter(member.id for sheet in instant.sheets for member in sheet.members)
    for sheet in instant.sheets:
        for member in sheet.members:
            if count[member.id] > 1:
                detail = "is registered in another household at that time"
                yield Fault("membership.one_household", "id", detail, member.id)


def nothing_is_lost(instant: Instant) -> Iterator[Fault]:
    """Each member, item and plot of the sheets before is on one of them after, the same but for the relation to the head."""
    if instant.former is None:
        return
    before, after = _contents(instant.former), _contents(instant.sheets)
    for name, parts in before.items():
        now = after[name]
        if len(parts) != len(now) or {part.id: part for part in parts} != {part.id: part for part in now}:
            yield Fault("sheets.conserved", name, "must each end on just one of the sheets, as they are")


def _contents(sheets: tuple["Household", ...]) -> dict[str, list[Any]]:
    return {
        "members": [replace(member, relation="", since=None) for sheet in sheets for member in sheet.members],
        "items": [item for sheet in sheets for item in sheet.items],
        "plots": [plot for sheet in sheets for plot in sheet.plots],
    }


OF_MEMBERS: dict[str, Callable[["Member", date], Iterator[Fault]]] = {
    "id_number.gb11643": id_number_is_valid_or_overridden,
    "membership.before_birth": no_membership_before_birth,
    "membership.after_death": no_membership_after_death,
    "relation.sex": relation_agrees_with_sex,
}
OF_SHEETS: dict[str, Callable[[Instant], Iterator[Fault]]] = {
    "household.one_head": one_head,
    "household.closed_empty": nobody_in_a_closed_household,
    "membership.one_household": one_household_a_person,
    "sheets.conserved": nothing_is_lost,
}


def require_member(member: "Member", where: str, day: date) -> None:
    """Raises InvalidInput for the first rule that a member breaks on the day."""
    for rule in OF_MEMBERS.values():
        for fault in rule(member, day):
            raise fault.problem(where)


def require(instant: Instant, positions: Mapping[UUID, int] | None = None, note: str = "") -> None:
    """Raises InvalidInput for the first rule that is broken. `positions` says where in the input members stand; `note` is added to the words."""
    for fault in _faults(instant):
        known = fault.member is not None and fault.member in (positions or {})
        where = f"members[{(positions or {})[fault.member]}]" if known else "members"  # type: ignore[index]
        raise fault.problem(where, note)


def _faults(instant: Instant) -> Iterator[Fault]:
    for sheet in instant.sheets:
        for member in sheet.members:
            for rule in OF_MEMBERS.values():
                yield from rule(member, instant.day)
    for check in OF_SHEETS.values():
        yield from check(instant)
