"""The history of a sheet: who said what, when, and from which day on it holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_type_hints
from uuid import UUID

from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.plot import Plot

Provenance = Literal["DECLARED", "VISITED", "DOCUMENT", "DEPARTMENT"]
"""Told by the household, seen on a visit, read in a document, heard from a department."""
Why = Literal[
    "REGISTERED", "BIRTH", "MARRIAGE", "SPLIT", "MERGE", "MOVE", "ARMY", "SCHOOL", "DEATH", "MISTAKE", "RESTATED"
]
"""Why somebody came or left. RESTATED: they stayed, and their relation is told anew."""

Part = tuple[str, UUID]
"""Kind and id of a part of a sheet: the household itself, a person, an item, a plot."""
GONE = {"person": "relation", "item": "kind", "plot": "code"}
"""Kind of a part → the fact without which it is none of the sheet's."""
HOUSEHOLD = ("number", "address", "house", "closed_on", "closed_reason", "split_from", "merged_into")
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """What is common to all that one deed changes. `whys` says of members why they came or left, `leaving` what became of who left."""

    by: str
    at: datetime
    valid_from: date
    provenance: Provenance = "DECLARED"
    verified_on: date | None = None
    reason: str | None = None
    whys: Mapping[UUID, Why] = field(default_factory=dict)
    leaving: Mapping[UUID, Member] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One word on the facts of a part of a sheet; `serial` grows in the order of recording."""

    serial: int
    kind: str
    key: UUID
    valid_from: date
    recorded_at: datetime
    patch: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Span:
    """The days of somebody's membership, both included; None where there is no first or last."""

    since: date | None
    until: date | None

    def holds(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class History:
    """All that was ever said of a sheet, facts as Python values and numbers in clear. `version` is the present one, 0 of a sheet yet to be."""

    id: UUID
    version: int
    entries: tuple[Entry, ...] = ()

    def on(self, day: date) -> Household | None:
        """The sheet on a day, by all that is known; None before it was opened."""
        facts = state(self.entries, day, END_OF_TIME)
        own: dict[str, Any] | None = facts.get(("household", self.id))
        if own is None:
            return None
        parts = {
            kind: {key: part for (one, key), part in facts.items() if one == kind and part.get(gone) is not None}
            for kind, gone in GONE.items()
        }
        joined = self._joined(day)
        return Household(
            id=self.id,
            version=self.version,
            area=own["area_code"],
            members=_sorted(
                (Member(id=key, since=joined[key], **_known(Member, part)) for key, part in parts["person"].items()),
                "relation",
            ),
            items=_sorted((_item(key, part) for key, part in parts["item"].items()), "kind"),
            plots=_sorted((Plot(id=key, **_known(Plot, part)) for key, part in parts["plot"].items()), "code"),
            **_known(Household, {"house": None, **own}),
        )

    def days(self) -> set[date]:
        """The days from which on something else holds."""
        return {entry.valid_from for entry in self.entries}

    def after(self, former: Household | None, sheet: Household, change: Change) -> "History":
        """The history with what of the sheet is different, said last and valid from the change's day on."""
        serial = max((entry.serial for entry in self.entries), default=0)
        earlier = state(self.entries, change.valid_from, END_OF_TIME)
        said = tuple(
            Entry(serial + n, kind, key, change.valid_from, change.at, patch)
            for n, ((kind, key), patch) in enumerate(facts_told(former, sheet, change, earlier), start=1)
        )
        return History(self.id, sheet.version, (*self.entries, *said))

    def _joined(self, day: date) -> dict[UUID, date]:
        """Person → the first day of their membership that lasts on the day."""
        words: dict[UUID, dict[date, str | None]] = {}
        for entry in sorted(self.entries, key=lambda entry: entry.serial):
            if entry.kind == "person" and "relation" in entry.patch and entry.valid_from <= day:
                words.setdefault(entry.key, {})[entry.valid_from] = entry.patch["relation"]
        result = {}
        for key, by_day in words.items():
            since = None
            for first in sorted(by_day):
                since = None if by_day[first] is None else since or first
            if since is not None:
                result[key] = since
        return result


def state(entries: Iterable[Entry], as_of: date, known_at: datetime) -> dict[Part, dict[str, Any]]:
    """Each part's facts on a day as they were known at a time: of all that was said of a fact, what holds from the latest day, said last."""
    result: dict[Part, dict[str, Any]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.valid_from, entry.serial)):
        if entry.valid_from <= as_of and entry.recorded_at <= known_at:
            result.setdefault((entry.kind, entry.key), {}).update(entry.patch)
    return result


def facts_told(
    former: Household | None, sheet: Household, change: Change, earlier: Mapping[Part, Mapping[str, Any]] | None = None
) -> Iterator[tuple[Part, dict[str, Any]]]:
    """Part → the facts of it that are new or different.

    `earlier` holds what was ever said of parts: of one that comes back, each fact that it has no more is said to be none.
    """
    before, after = ({} if former is None else _parts(former)), _parts(sheet)
    for part in [*after, *(before.keys() - after.keys())]:
        old, new = before.get(part, {}), after.get(part)
        kind, key = part
        if new is None:
            last = change.leaving.get(key) if kind == "person" else None
            new = (old if last is None else _person(last)) | {GONE[kind]: None}
        said = old or (earlier or {}).get(part, {})
        patch = {name: value for name, value in new.items() if old.get(name) != value or said.get(name) != value}
        if kind == "person" and "relation" in patch:
            usual = "REGISTERED" if not old else "MISTAKE" if patch["relation"] is None else "RESTATED"
            patch["why"] = change.whys.get(key, usual)
        if patch:
            yield part, patch


def _parts(sheet: Household) -> dict[Part, dict[str, Any]]:
    """Each part's facts."""
    own = {"area_code": sheet.area, **{name: getattr(sheet, name) for name in HOUSEHOLD}}
    parts: dict[Part, dict[str, Any]] = {("household", sheet.id): own}
    for member in sheet.members:
        parts["person", member.id] = _person(member)
    for item in sheet.items:
        parts["item", item.id] = {
            "kind": item.kind,
            "person_id": item.person,
            "since": item.since,
            "until": item.until,
            "data": dict(item.data),
        }
    for plot in sheet.plots:
        parts["plot", plot.id] = {name: value for name, value in vars(plot).items() if name != "id"}
    return parts


def _person(member: Member) -> dict[str, Any]:
    return {name: value for name, value in vars(member).items() if name not in ("id", "since")}


def _item(key: UUID, facts: Mapping[str, Any]) -> Item:
    person = facts.get("person_id")
    return Item(key, facts["kind"], facts["data"], person, facts.get("since"), facts.get("until"))


def _known(kind: type, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the facts that a dataclass has, but for its id and the day that is found otherwise."""
    return {one.name: facts[one.name] for one in fields(kind) if one.name in facts and one.name not in ("id", "since")}


def _sorted(parts: Iterable[Any], by: str) -> tuple[Any, ...]:
    return tuple(sorted(parts, key=lambda part: (getattr(part, by), part.id)))


_TYPES: Mapping[str, type] = {"person_id": UUID} | {
    name: one
    for kind in (Household, Member, Item, Plot)
    for name, hint in get_type_hints(kind).items()
    for one in (date, UUID, Decimal)
    if hint is one or one in get_args(hint)
}
"""Fact → its type, where JSON has none for it."""


def read(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON holds them, as Python values."""
    return {name: value if value is None else _READ[_TYPES.get(name, object)](value) for name, value in patch.items()}


_READ: Mapping[type, Callable[[Any], Any]] = {
    date: date.fromisoformat,
    UUID: UUID,
    Decimal: Decimal,
    object: lambda value: value,
}
