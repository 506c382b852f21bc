"""Two persons who turn out to be one: one is kept, the other's id leads to the kept one. Pure; undone without a trace in the present."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.archive.domain import deeds
from services.archive.domain.deeds import Outcome, Relations
from services.archive.domain.history import Entry, History, Why
from services.archive.domain.household import Household
from services.archive.domain.member import Member
from services.archive.domain.relation import HEAD
from services.archive.domain.sex import FEMALE, MALE
from services.chassis.errors import Conflict, InvalidInput

_OWN = ("id", "name", "relation", "since", "sex", "died_on", "id_number", "id_number_override")
"""Facts that are not just taken over where the kept person lacks them."""


@dataclass(frozen=True)
class Side:
    """A person, and the sheet that they stand on, if any."""

    member: Member
    sheet: Household | None


def merged(kept: Side, dropped: Side, ends_in: UUID | None, relations: Relations, day: date) -> Outcome:
    """The sheets from the day on. What the kept person lacks is taken from the other, and what sheets hold about the other is about the kept one.

    Where both stand on sheets of their own, `ends_in` says on which of the two the membership ends; `relations` tell those who stay there anew if
    the head leaves. Raises InvalidInput when that is not said.
    """
    person = replace(kept.member, **taken_over(kept.member, dropped.member))
    if kept.sheet is None and dropped.sheet is None:
        return Outcome(())
    if dropped.sheet is None or kept.sheet is None or kept.sheet.id == dropped.sheet.id:
        if ends_in is not None:
            raise InvalidInput("endsIn: only one household is concerned", field="endsIn", rule="merge.one_household")
        return _on_one_sheet(kept, dropped, person, day)
    if ends_in not in (kept.sheet.id, dropped.sheet.id):
        raise InvalidInput(
            "endsIn must name the household in which the membership ends, and effectiveOn since when: both are members of different households",
            field="endsIn",
            rule="merge.ends_in",
        )
    if ends_in == dropped.sheet.id:
        moved = [item for item in dropped.sheet.items if item.person == dropped.member.id]
        stays = replace(
            _with(kept.sheet, kept.member.id, replace(person, relation=kept.member.relation)),
            items=(*kept.sheet.items, *(replace(item, person=person.id) for item in moved)),
        )
        left = _left(dropped.sheet, dropped.member.id, relations, day)
    else:
        moved = [item for item in kept.sheet.items if item.person == kept.member.id]
        joined = _on_one_sheet(replace(kept, sheet=None), dropped, person, day).sheets[0]
        stays = replace(joined, items=(*joined.items, *moved))
        left = _left(kept.sheet, kept.member.id, relations, day)
    joins: dict[UUID, Why] = {} if ends_in == dropped.sheet.id else {person.id: "REGISTERED"}
    return Outcome((left, stays), {dropped.member.id: "MISTAKE", **joins})


def _on_one_sheet(kept: Side, dropped: Side, person: Member, day: date) -> Outcome:
    sheet = kept.sheet or dropped.sheet
    assert sheet is not None  # noqa: S101  one of the two is given
    if dropped.sheet is None:
        return Outcome((_with(sheet, kept.member.id, replace(person, relation=kept.member.relation)),))
    if kept.sheet is None:
        takes = replace(person, relation=dropped.member.relation, since=day)
        result = _with(sheet, dropped.member.id, takes)
    else:
        relation = HEAD if dropped.member.relation == HEAD else kept.member.relation
        rest = replace(sheet, members=tuple(one for one in sheet.members if one.id != dropped.member.id))
        result = _with(rest, kept.member.id, replace(person, relation=relation))
    about = tuple(replace(one, person=person.id) if one.person == dropped.member.id else one for one in sheet.items)
    whys: dict[UUID, Why] = {dropped.member.id: "MISTAKE"}
    if kept.sheet is None:
        whys[person.id] = "REGISTERED"
    return Outcome((replace(result, items=about),), whys)


def _left(sheet: Household, who: UUID, relations: Relations, day: date) -> Household:
    """The sheet without somebody and what it holds about them; closed when they were the last."""
    rest = replace(sheet, items=tuple(item for item in sheet.items if item.person != who))
    return deeds.moved_out(rest, [who], relations, "MISTAKE", day).sheets[0]


def _with(sheet: Household, who: UUID, member: Member) -> Household:
    """The sheet with a member in another's place, or anew."""
    return replace(sheet, members=tuple(member if one.id == who else one for one in sheet.members))


def taken_over(kept: Member, dropped: Member) -> dict[str, Any]:
    """What the kept person lacks and the other has."""
    lacking = {
        one.name: getattr(dropped, one.name)
        for one in fields(Member)
        if one.name not in _OWN and getattr(kept, one.name) is None
    }
    if kept.id_number is None:
        lacking |= {"id_number": dropped.id_number, "id_number_override": dropped.id_number_override}
    if kept.sex not in (MALE, FEMALE):
        lacking["sex"] = dropped.sex
    return {name: value for name, value in lacking.items() if value != getattr(kept, name)}


def undone(
    before: Sequence[History], merge: Collection[int], kept: UUID, filled: Mapping[str, str | None], day: date
) -> Outcome:
    """The sheets as if the entries of a merge had never been written, in the order of `before`; raises Conflict where later words stand on them.

    The kept person is without the facts that were `filled`, on a sheet or not.
    """
    told: dict[UUID, Why] = {}
    leaving: dict[UUID, Member] = {}
    sheets = []
    for history in before:
        written = [entry for entry in history.entries if entry.serial in merge]
        _require_last(history.entries, written)
        rest = History(
            history.id, history.version, tuple(entry for entry in history.entries if entry.serial not in merge)
        )
        now, then = history.on(day), rest.on(day)
        if now is None or then is None:
            raise Conflict("a sheet is no longer there on the day of the merge", rule="merge.changed_since")
        sheets.append(then)
        there = {member.id for member in now.members}
        told |= {member.id: "RESTATED" for member in then.members if member.id not in there}
        if kept in there - {member.id for member in then.members}:
            took = next(member for member in now.members if member.id == kept)
            leaving[kept] = replace(took, **dict[str, Any](filled))
    return Outcome(tuple(sheets), told, leaving)


def _require_last(entries: Sequence[Entry], written: Sequence[Entry]) -> None:
    """Of every fact that the merge told, nothing may have been told since."""
    facts: dict[tuple[str, UUID], set[str]] = {}
    for entry in written:
        facts.setdefault((entry.kind, entry.key), set()).update(entry.patch)
    last = max((entry.serial for entry in written), default=0)
    for entry in entries:
        if entry.serial > last and (facts.get((entry.kind, entry.key)) or set()) & entry.patch.keys():
            raise Conflict(
                "what the merge changed has been changed again since: correct it by hand", rule="merge.changed_since"
            )
