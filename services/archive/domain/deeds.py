"""Deeds on households' sheets. Each takes sheets as they are on its day and says what they are from that day on.

Whoever leaves is no member from the day of the deed on. Where the head (户主) becomes another, the relations of all who stay are told anew.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from services.archive.domain import member as members
from services.archive.domain.codes import MARRIED
from services.archive.domain.history import Change, History, Span, Why
from services.archive.domain.household import Household, Revision, require_size, revise
from services.archive.domain.invariants import Instant, require
from services.archive.domain.item import Item, require_sound
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.plot import require_peace
from services.archive.domain.relation import HEAD
from services.chassis.errors import Conflict, InvalidInput, NotFound

CLOSED_BY: Mapping[Why, str] = {
    "DEATH": "DIED_OUT",
    "MOVE": "MOVED_OUT",
    "MARRIAGE": "MOVED_OUT",
    "MERGE": "MERGED",
    "MISTAKE": "MISTAKE",
}
"""Why the last member left → why the household is none any more."""
RETURNING: frozenset[Why] = frozenset({"ARMY", "SCHOOL"})
"""Who leaves for these comes back: what the sheet says of them stays on it."""

Relations = Mapping[UUID, str]


@dataclass(frozen=True)
class Coming:
    """Who shall come to a sheet. `known` are those of them, named by id, who belong to no household at present; others are new persons."""

    given: Sequence[MemberInput]
    known: Mapping[UUID, Member]
    new_id: Callable[[], UUID]

    def member(self, position: int, where: str, day: date) -> Member:
        """Raises NotFound for an id that is not known, InvalidInput for the first rule that would be broken."""
        given = self.given[position]
        if given.id is None:
            return members.added(given, where, day, self.new_id)
        if given.id not in self.known:
            raise NotFound(
                f"{where}.id: nobody in your reach who belongs to no household at present", field=f"{where}.id"
            )
        known = replace(self.known[given.id], relation=given.relation, since=day)
        return members.revised(known, given, where, day)


@dataclass(frozen=True)
class Outcome:
    """Sheets as they are from the deed's day on, those that lose somebody first.

    `whys` says why members came or left, `leaving` what became of who left, `positions` where in the input members stand. A deed that
    `conserves` moves parts between the sheets and may lose none.
    """

    sheets: tuple[Household, ...]
    whys: Mapping[UUID, Why] = field(default_factory=dict)
    leaving: Mapping[UUID, Member] = field(default_factory=dict)
    positions: Mapping[UUID, int] = field(default_factory=dict)
    conserves: bool = False


def standing(history: History, day: date) -> Household:
    """The sheet on the day of a deed; raises InvalidInput before it was opened, Conflict once it is closed."""
    sheet = history.on(day)
    if sheet is None:
        raise InvalidInput(
            "effectiveOn lies before the sheet was opened", field="effectiveOn", rule="household.not_open_yet"
        )
    if sheet.closed_on is not None:
        raise Conflict("the household is closed by then", field="id", rule="household.closed")
    return sheet


def changed_persons(before: Mapping[UUID, History], outcome: Outcome, day: date) -> set[UUID]:
    """Who comes to a sheet or leaves it."""
    result: set[UUID] = set()
    for sheet in outcome.sheets:
        former = before[sheet.id].on(day) if sheet.id in before else None
        result |= {member.id for member in (former.members if former else ())} ^ {member.id for member in sheet.members}
    return result


def checked(
    before: Mapping[UUID, History], outcome: Outcome, change: Change, elsewhere: Mapping[UUID, Sequence[Span]]
) -> dict[UUID, History]:
    """The histories after a deed; raises InvalidInput when a rule is broken on any day from the deed's on.

    `before` has the sheets that are there already; `elsewhere` the days on which somebody who comes or leaves is a member of other sheets.
    """
    after = dict(before)
    for sheet in outcome.sheets:
        history = before.get(sheet.id, History(sheet.id, 0))
        after[sheet.id] = history.after(history.on(change.valid_from), sheet, change)
    own = {day for history in after.values() for day in history.days()}
    others = {span.since for spans in elsewhere.values() for span in spans if span.since is not None}
    deaths = {member.died_on for sheet in outcome.sheets for member in sheet.members if member.died_on is not None}
    for day in sorted(day for day in own | others | deaths | {change.valid_from} if day >= change.valid_from):
        later = day > change.valid_from
        registered = Counter(key for key, spans in elsewhere.items() for span in spans if span.holds(day))
        require(
            Instant(day, _on(after, day), registered, _on(before, day) if outcome.conserves else None),
            None if later else outcome.positions,
            f" (from {day} on, by what is on record of that day)" if later and day in own else "",
        )
    return after


def _on(histories: Mapping[UUID, History], day: date) -> tuple[Household, ...]:
    return tuple(sheet for history in histories.values() if (sheet := history.on(day)) is not None)


def opened(sheet: Household, coming: Coming, day: date) -> Outcome:
    """A new sheet, with its members."""
    return _joined(sheet, coming, {}, "REGISTERED", day)


def corrected(
    former: Household, revision: Revision, strike: Collection[UUID], day: date, new_id: Callable[[], UUID]
) -> Outcome:
    """What was so on an earlier day already. `strike` names those who should never have stood on the sheet."""
    _require_members(former, strike, "strike")
    rest = replace(former, members=tuple(member for member in former.members if member.id not in strike))
    result = revise(rest, revision, day, new_id)
    return Outcome((result.household,), dict.fromkeys(strike, "MISTAKE"), positions=result.positions)


def split(
    former: Household,
    new: Household,
    going: Relations,
    relations: Relations,
    day: date,
    *,
    items: Collection[UUID],
    plots: Collection[UUID],
) -> Outcome:
    """分户: who goes, with their relations on the new sheet, takes along what is theirs, and the items and plots that are named."""
    _require_members(former, going, "members")
    if not going or len(going) == len(former.members):
        raise InvalidInput("members must be some of the household, not all", field="members", rule="split.both_sides")
    _require_known(items, (item.id for item in former.items), "itemIds")
    _require_known(plots, (plot.id for plot in former.plots), "plotIds")
    for plot in former.plots:
        if plot.id in plots:
            require_peace(plot, "plotIds")
    if any(item.id in items and item.person is not None and item.person not in going for item in former.items):
        raise InvalidInput(
            "itemIds: an item about a person stays with the person", field="itemIds", rule="item.follows_person"
        )
    moved = {item.id for item in former.items if item.person in going or item.id in items}
    stay = [member for member in former.members if member.id not in going]
    old = replace(
        former,
        members=_restated(former, stay, relations),
        items=tuple(item for item in former.items if item.id not in moved),
        plots=tuple(plot for plot in former.plots if plot.id not in plots),
    )
    founded = replace(
        new,
        split_from=former.id,
        members=tuple(
            replace(member, relation=_relation(going[member.id], "members"), since=day)
            for member in former.members
            if member.id in going
        ),
        items=tuple(item for item in former.items if item.id in moved),
        plots=tuple(plot for plot in former.plots if plot.id in plots),
    )
    return Outcome((old, founded), dict.fromkeys(going, "SPLIT"), conserves=True)


def merged(into: Household, others: Sequence[Household], relations: Relations, day: date) -> Outcome:
    """并户: all of the others comes to the first sheet; `relations` tell those of who comes, and of who stays where the head is another."""
    coming = [member for sheet in others for member in sheet.members]
    if not others or into.id in {sheet.id for sheet in others} or len({sheet.id for sheet in others}) < len(others):
        raise InvalidInput("others must be other households, each once", field="others", rule="merge.others")
    if any(member.id not in relations for member in coming):
        raise InvalidInput(
            "relations must tell those of everybody who comes", field="relations", rule="relations.restated"
        )
    joined = [*into.members, *(replace(member, since=day) for member in coming)]
    sheet = replace(
        into,
        members=_restated(into, joined, relations),
        items=(*into.items, *(item for other in others for item in other.items)),
        plots=(*into.plots, *(plot for other in others for plot in other.plots)),
    )
    require_size(sheet.members)
    empty = [
        replace(other, members=(), items=(), plots=(), closed_on=day, closed_reason="MERGED", merged_into=into.id)
        for other in others
    ]
    return Outcome((*empty, sheet), {member.id: "MERGE" for member in coming}, conserves=True)


def moved_in(former: Household, coming: Coming, relations: Relations, why: Why, day: date) -> Outcome:
    """迁入, or back from the army or school."""
    if not coming.given:
        raise InvalidInput("members must name somebody", field="members", rule="required")
    return _joined(former, coming, relations, why, day)


def moved_out(former: Household, going: Collection[UUID], relations: Relations, why: Why, day: date) -> Outcome:
    """迁出, or away to the army or school."""
    if not going:
        raise InvalidInput("memberIds must name somebody", field="memberIds", rule="required")
    _require_members(former, going, "memberIds")
    return _left(former, going, relations, why, day)


def born(former: Household, child: MemberInput, day: date, new_id: Callable[[], UUID]) -> Outcome:
    """A child is a member from the day on, which is that of the birth unless the child has an earlier one."""
    if child.id is not None:
        raise InvalidInput("child.id: a child that is born is nobody yet", field="child.id", rule="birth.new")
    birth_date = child.birth_date or (None if child.id_number else day)
    member = members.added(replace(child, birth_date=birth_date), "child", day, new_id)
    return Outcome((_with(former, [member]),), {member.id: "BIRTH"})


def died(former: Household, who: UUID, relations: Relations, day: date) -> Outcome:
    """The day is that of the death. Where the head dies, the relations of all others name a new one."""
    member = _member(former, who, "memberId")
    return _left(former, [who], relations, "DEATH", day, leaving={who: replace(member, died_on=day)})


def married_in(former: Household, coming: Coming, partner: UUID | None, marital: str, day: date) -> Outcome:
    """A spouse comes; the partner is the member whom they marry."""
    spouse = replace(coming.member(0, "spouse", day), marital=_married(marital))
    if partner is not None:
        _member(former, partner, "partnerId")
    kept = [replace(member, marital=marital) if member.id == partner else member for member in former.members]
    return Outcome((_with(replace(former, members=tuple(kept)), [spouse]),), {spouse.id: "MARRIAGE"})


def married_out(former: Household, who: UUID, marital: str, relations: Relations, day: date) -> Outcome:
    """A member marries into another household."""
    member = replace(_member(former, who, "memberId"), marital=_married(marital))
    return _left(former, [who], relations, "MARRIAGE", day, leaving={who: member})


def headed(former: Household, head: UUID, relations: Relations) -> Outcome:
    """Another head; the relations of all others are told anew."""
    _member(former, head, "head")
    sheet = replace(former, members=_restated(former, former.members, {**relations, head: HEAD}))
    return Outcome((sheet,))


def closed(former: Household, why: Why, day: date) -> Outcome:
    """The household is none any more; whoever was a member leaves. Plots stay on the sheet until somebody else holds them."""
    return _left(former, [member.id for member in former.members], {}, why, day)


def itemised(former: Household, item: Item, *, anew: bool) -> Outcome:
    """An item is new on the sheet, or says something else than before; its kind stays."""
    if not anew and item_of(former, item.id).kind != item.kind:
        raise InvalidInput("itemId is that of an item of another kind", field="itemId", rule="item.same_kind")
    if item.person is not None:
        _member(former, item.person, "memberId")
    require_sound(item, "item")
    kept = [one for one in former.items if one.id != item.id]
    return Outcome((replace(former, items=(*kept, item)),))


def item_of(former: Household, key: UUID) -> Item:
    """Raises NotFound for one that is not on the sheet."""
    for item in former.items:
        if item.id == key:
            return item
    raise NotFound("itemId: no such item of this household", field="itemId")


def item_ended(former: Household, key: UUID, day: date, *, mistaken: bool) -> Outcome:
    """An item holds until the day before; one that was a mistake, or would have begun later, is taken off the sheet."""
    item = item_of(former, key)
    rest = [one for one in former.items if one.id != key]
    return Outcome((replace(former, items=(*rest, *([] if mistaken else _ended([item], day)))),))


def _joined(former: Household, coming: Coming, relations: Relations, why: Why, day: date) -> Outcome:
    come: dict[UUID, Member] = {}
    positions: dict[UUID, int] = {}
    for position in range(len(coming.given)):
        member = coming.member(position, f"members[{position}]", day)
        if member.id in come:
            raise InvalidInput(f"members[{position}].id names somebody twice", field="members", rule="unique")
        come[member.id], positions[member.id] = member, position
    stay = replace(former, members=_restated(former, former.members, relations, also=come.values()))
    return Outcome((_with(stay, come.values()),), dict.fromkeys(come, why), positions=positions)


def _with(sheet: Household, coming: Iterable[Member]) -> Household:
    result = replace(sheet, members=(*sheet.members, *coming))
    require_size(result.members)
    return result


def _left(
    former: Household,
    going: Collection[UUID],
    relations: Relations,
    why: Why,
    day: date,
    *,
    leaving: Mapping[UUID, Member] | None = None,
) -> Outcome:
    rest = _restated(former, [member for member in former.members if member.id not in going], relations)
    sheet = replace(former, members=rest)
    if why not in RETURNING:
        theirs = [item for item in former.items if item.person in going or not rest]
        kept = [item for item in former.items if item not in theirs]
        sheet = replace(sheet, items=(*kept, *_ended(theirs, day)))
        if not rest:
            sheet = replace(sheet, closed_on=day, closed_reason=CLOSED_BY[why])
    return Outcome((sheet,), dict.fromkeys(going, why), leaving or {})


def _ended(items: Iterable[Item], day: date) -> list[Item]:
    """The items until the day before; without those that would begin later."""
    return [
        item if item.until is not None and item.until < day else replace(item, until=day - timedelta(days=1))
        for item in items
        if item.since is None or item.since < day
    ]


def _restated(
    former: Household, now: Sequence[Member], relations: Relations, also: Iterable[Member] = ()
) -> tuple[Member, ...]:
    """Members with their relations as they are told anew; raises InvalidInput when another head asks for all and some are missing.

    `also` are who comes besides.
    """
    _require_known(relations, (member.id for member in now), "relations")
    result = tuple(
        replace(member, relation=_relation(relations[member.id], "relations")) if member.id in relations else member
        for member in now
    )
    heads = {member.id for member in (*result, *also) if member.relation == HEAD}
    stay = {member.id for member in former.members} & {member.id for member in now}
    if heads != {member.id for member in former.members if member.relation == HEAD} and stay - relations.keys():
        raise InvalidInput(
            "relations must tell anew those of everybody who stays, as the head is another",
            field="relations",
            rule="relations.restated",
        )
    return result


def _relation(code: str, field_name: str) -> str:
    return members.known_relation(code, f"{field_name}.relation")


def _married(marital: str) -> str:
    if marital not in MARRIED:
        raise InvalidInput("marital must say that they are married", field="marital", rule="marital.married")
    return marital


def _member(sheet: Household, key: UUID, field_name: str) -> Member:
    _require_members(sheet, [key], field_name)
    return next(member for member in sheet.members if member.id == key)


def _require_members(sheet: Household, keys: Iterable[UUID], field_name: str) -> None:
    _require_known(keys, (member.id for member in sheet.members), field_name)


def _require_known(keys: Iterable[UUID], known: Iterable[UUID], field_name: str) -> None:
    if not set(keys) <= set(known):
        raise NotFound(f"{field_name}: none such on this sheet on that day", field=field_name)
