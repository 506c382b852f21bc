"""Random histories: sheets in memory, on which deeds are done at random days, also back-dated and also wrong ones."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.archive.domain import deeds
from services.archive.domain.deeds import Coming, Outcome
from services.archive.domain.history import Change, History, Span
from services.archive.domain.household import Household, Revision
from services.archive.domain.item import Item
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.plot import Plot
from services.archive.domain.relation import HEAD
from services.archive.domain.sex import FEMALE, MALE
from services.chassis.errors import Problem
from tests.archive.domain.test_id_number import number

START = date(2025, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(8)]
"""On which deeds are done; what holds on the last holds at present."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first of them was told; the others a second later each."""
RELATIONS = (HEAD, "12", "21", "31", "38", "51", "99")


def member_input(draw: Any, known: tuple[UUID, ...] = (), relation: str | None = None) -> MemberInput:
    """Somebody: mostly just a name, else with facts that may be wrong, each by itself or together."""
    who = draw(st.sampled_from([None, *known]))
    odd = draw(st.sampled_from(["plain", "plain", "sex", "birth", "number", "all"]))
    birth = draw(st.sampled_from([date(1990, 5, 1), *DAYS])) if odd in ("birth", "all") else None
    sex = draw(st.sampled_from([MALE, FEMALE])) if odd in ("sex", "all") else None
    identity, override = None, None
    if odd in ("number", "all"):
        identity = number(339999, birth or date(1990, 5, 1), draw(st.integers(0, 9)))
        if draw(st.booleans()):
            identity = identity[:17] + ("1" if identity[17] != "1" else "2")
            override = draw(st.sampled_from([None, "示例理由"]))
    related = relation or draw(st.sampled_from(("99", "99", *RELATIONS)))
    return MemberInput("示例", related, who, sex, birth, identity, override)


@dataclass(frozen=True)
class Told:
    """A deed as it was carried out: what the store saves of it."""

    formers: Mapping[UUID, Household | None]
    outcome: Outcome
    change: Change


@dataclass
class World:
    """All sheets, and each person as they were last seen."""

    draw: Any
    actions: "tuple[Action, ...]"
    histories: dict[UUID, History] = field(default_factory=dict)
    persons: dict[UUID, Member] = field(default_factory=dict)
    made: int = 0
    told: int = 0

    def open(self) -> list[Told]:
        """Two sound sheets to begin with, each of a head, two others, a plot and an item."""
        told = []
        for _ in range(2):
            sheet = blank(self)
            given = [MemberInput("示例户主", HEAD), MemberInput("示例配偶", "10"), MemberInput("示例子女", "99")]
            outcome = deeds.opened(sheet, Coming(given, {}, self.new_id), START)
            (sheet,) = outcome.sheets
            items = (Item(self.new_id(), "NEED", {"need": "示例"}),)
            full = replace(sheet, plots=(new_plot(self.new_id()),), items=items)
            told.append(self.carry_out(replace(outcome, sheets=(full,)), START))
        return told

    def new_id(self) -> UUID:
        self.made += 1
        return UUID(int=self.made)

    def present(self) -> dict[UUID, Household]:
        return {key: sheet for key, history in self.histories.items() if (sheet := history.on(DAYS[-1])) is not None}

    def loose(self) -> dict[UUID, Member]:
        """Those who belong to no household at present."""
        members = {member.id for sheet in self.present().values() for member in sheet.members}
        return {key: person for key, person in self.persons.items() if key not in members}

    def spans(self, person: UUID, without: set[UUID]) -> Iterator[Span]:
        """The days on which a person is a member of other sheets, found day by day."""
        for key in self.histories.keys() - without:
            days = [day for day in DAYS if person in ids(self.histories[key].on(day))]
            for first in (day for day in days if day - timedelta(days=1) not in days):
                last = first
                while last + timedelta(days=1) in days:
                    last += timedelta(days=1)
                yield Span(first, None if last == DAYS[-1] else last)

    def do(self) -> Told | None:
        """One deed; None when it is refused, which leaves all as it was."""
        day, deed = self.draw(st.sampled_from(DAYS)), self.draw(st.sampled_from(self.actions))
        try:
            outcome = deed(self, day)
            return None if outcome is None else self.carry_out(outcome, day)
        except Problem:
            return None

    def carry_out(self, outcome: Outcome, day: date) -> Told:
        """Raises Problem."""
        change = Change(
            by="test",
            at=BEGAN + timedelta(seconds=self.told),
            valid_from=day,
            whys=outcome.whys,
            leaving=outcome.leaving,
        )
        before = {sheet.id: self.histories[sheet.id] for sheet in outcome.sheets if sheet.id in self.histories}
        changed = deeds.changed_persons(before, outcome, day)
        elsewhere = {one: list(self.spans(one, {*before})) for one in changed}
        after = deeds.checked(before, outcome, change, elsewhere)
        self.told += 1
        told = Told({key: history.on(day) for key, history in before.items()}, outcome, change)
        self.histories |= {key: History(key, self.version(key) + 1, history.entries) for key, history in after.items()}
        for former in told.formers.values():
            self.persons |= {member.id: member for member in (former.members if former else ())}
        self.persons |= {member.id: member for sheet in outcome.sheets for member in sheet.members}
        self.persons |= outcome.leaving
        return told

    def version(self, key: UUID) -> int:
        return self.histories[key].version if key in self.histories else 0

    def pick(self, day: date) -> Household:
        """One of the sheets as it is on a day."""
        return deeds.standing(self.histories[self.draw(st.sampled_from(sorted(self.histories)))], day)

    def somebody(self, sheet: Household) -> UUID:
        return self.draw(st.sampled_from(sorted(member.id for member in sheet.members)))  # type: ignore[no-any-return]

    def some(self, sheet: Household) -> set[UUID]:
        return set(self.draw(st.lists(st.sampled_from(sorted(member.id for member in sheet.members)), max_size=2)))

    def relations(self, keys: set[UUID]) -> dict[UUID, str]:
        """Of each a relation, of one mostly that of the head."""
        related = {key: self.draw(st.sampled_from(RELATIONS[1:])) for key in sorted(keys)}
        if keys and self.draw(st.booleans()):
            related[self.draw(st.sampled_from(sorted(keys)))] = HEAD
        return related

    def coming(self) -> Coming:
        loose = self.loose()
        given = [member_input(self.draw, tuple(sorted(loose))) for _ in range(self.draw(st.integers(1, 2)))]
        return Coming(given, loose, self.new_id)


def ids(*sheets: Household | None) -> set[UUID]:
    return {member.id for sheet in sheets if sheet is not None for member in sheet.members}


def blank(world: World) -> Household:
    key = world.new_id()
    return Household(key, "3399991002000001", f"T{world.made:04d}", "示例路1号", None, 0, ())


def new_plot(key: UUID) -> Plot:
    return Plot(key, f"{key.int:019d}", "示例田", "10", Decimal("1.50"), "路", "渠", "山", "田")


def open_one(world: World, day: date) -> Outcome:
    head = MemberInput("示例户主", HEAD)
    others = world.coming()
    return deeds.opened(blank(world), replace(others, given=[head, *others.given]), day)


def move_in(world: World, day: date) -> Outcome:
    return deeds.moved_in(world.pick(day), world.coming(), {}, world.draw(st.sampled_from(["MOVE", "ARMY"])), day)


def move_out(world: World, day: date) -> Outcome:
    sheet, why = world.pick(day), world.draw(st.sampled_from(["MOVE", "ARMY"]))
    going = world.some(sheet)
    return deeds.moved_out(sheet, going, _restated(world, sheet, going), why, day)


def split(world: World, day: date) -> Outcome:
    sheet = world.pick(day)
    going = world.some(sheet)
    return deeds.split(
        sheet,
        blank(world),
        world.relations(going),
        _restated(world, sheet, going),
        day,
        items={item.id for item in sheet.items if world.draw(st.booleans())},
        plots={plot.id for plot in sheet.plots if world.draw(st.booleans())},
    )


def merge(world: World, day: date) -> Outcome:
    into, other = world.pick(day), world.pick(day)
    return deeds.merged(into, [other], dict.fromkeys(ids(other), "99"), day)


def die(world: World, day: date) -> Outcome:
    sheet = world.pick(day)
    who = world.somebody(sheet)
    return deeds.died(sheet, who, _restated(world, sheet, {who}), day)


def head(world: World, day: date) -> Outcome:
    sheet = world.pick(day)
    who = world.somebody(sheet)
    return deeds.headed(sheet, who, world.relations(ids(sheet) - {who}))


def correct(world: World, day: date) -> Outcome:
    sheet = world.pick(day)
    who = world.somebody(sheet)
    told = next(member for member in sheet.members if member.id == who)
    relation = told.relation if world.draw(st.booleans()) else None
    one = replace(member_input(world.draw, relation=relation), id=who)
    strike = world.some(sheet) - {who} if world.draw(st.booleans()) else set()
    return deeds.corrected(sheet, Revision(members=[one]), strike, day, world.new_id)


def close(world: World, day: date) -> Outcome:
    return deeds.closed(world.pick(day), "MOVE", day)


def hold_plot(world: World, day: date) -> Outcome:
    """A plot is new on a sheet, or is found to be larger."""
    sheet = world.pick(day)
    if sheet.plots and world.draw(st.booleans()):
        first, *rest = sheet.plots
        return Outcome((replace(sheet, plots=(replace(first, contract_mu=first.contract_mu + 1), *rest)),))
    return Outcome((replace(sheet, plots=(*sheet.plots, new_plot(world.new_id()))),))


def need(world: World, day: date) -> Outcome:
    sheet = world.pick(day)
    about = world.draw(st.sampled_from([None, *sorted(ids(sheet))]))
    return deeds.itemised(sheet, Item(world.new_id(), "NEED", {"need": "示例"}, about), anew=True)


def end_need(world: World, day: date) -> Outcome | None:
    sheet = world.pick(day)
    return deeds.item_ended(sheet, sheet.items[0].id, day, mistaken=False) if sheet.items else None


def _restated(world: World, sheet: Household, going: set[UUID]) -> dict[UUID, str]:
    """The relations of who stays: as they are, or told anew."""
    return world.relations(ids(sheet) - going) if world.draw(st.booleans()) else {}


Action = Callable[[World, date], Outcome | None]
ACTIONS: tuple[Action, ...] = (
    *(open_one, move_in, move_in, move_out, split, split, merge, die, head, correct, correct, close),
    *(hold_plot, need, end_need),
)
ENDANGERING: Mapping[str, tuple[Action, ...]] = {
    "membership.before_birth": (correct, move_in),
    "membership.after_death": (die, move_in, correct),
    "household.closed_empty": (close, move_in, head),
    "sheets.conserved": (split, hold_plot),
}
"""Rule → what can break it, where that is found too seldom among all deeds."""
