"""Deeds by which households and their members come, go and change places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.household import Members, founded
from services.archive.commands.sheets import (
    GivenMember,
    GivenRelation,
    SheetInput,
    carry_out,
    coming,
    load,
    relations_of,
    require_grid,
)
from services.archive.domain import deeds
from services.archive.domain.access import WRITERS
from services.archive.domain.area import village_of
from services.archive.domain.deeds import Coming, Outcome
from services.archive.domain.household import Household
from services.archive.domain.item import (
    KINDS,
    Benefit,
    Income,
    Item,
    Migration,
    Need,
    Skill,
    Talent,
    Words,
    checked_data,
)
from services.chassis.commands import Command, Doing
from services.chassis.errors import InvalidInput
from services.chassis.vault import Vault

Relations = Annotated[Sequence[GivenRelation], msgspec.Meta(max_length=100)]
Ids = Annotated[Sequence[UUID], msgspec.Meta(max_length=1000)]
MoveReason = Literal["MOVE", "ARMY", "SCHOOL"]
CLOSING: Mapping[str, Literal["MOVE", "MISTAKE"]] = {"MOVED_OUT": "MOVE", "MISTAKE": "MISTAKE"}


class RestatingInput(SheetInput, frozen=True, kw_only=True):
    """`relations` tell those of all who stay anew, where the head becomes another."""

    relations: Relations = ()

    @property
    def restated(self) -> Mapping[UUID, str]:
        return relations_of(self.relations, "relations")


class SplitHousehold(RestatingInput, frozen=True, kw_only=True):
    """`members` go, with their relations in the new household; `item_ids` and `plot_ids` name what goes besides what is about them."""

    number: str
    address: str
    house: str | None = None
    grid_code: str | None = None
    members: Relations
    item_ids: Ids = ()
    plot_ids: Ids = ()


class GivenSheet(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A household, and the version that the caller saw."""

    id: UUID
    version: int


class MergeHouseholds(RestatingInput, frozen=True, kw_only=True):
    """`others` go up in the household `id`; `relations` tell those of everybody who comes."""

    others: Annotated[Sequence[GivenSheet], msgspec.Meta(min_length=1, max_length=20)]


class MoveMembersOut(RestatingInput, frozen=True, kw_only=True):
    """`destination_code` is the area where those who leave can be taken in."""

    member_ids: Ids
    move_reason: MoveReason = "MOVE"
    destination_code: str | None = None


class MoveMembersIn(RestatingInput, frozen=True, kw_only=True):
    """Members with an id are persons who belong to no household at present."""

    members: Members
    move_reason: MoveReason = "MOVE"


class RegisterBirth(SheetInput, frozen=True, kw_only=True):
    child: GivenMember


class RegisterDeath(RestatingInput, frozen=True, kw_only=True):
    """The day is that of the death."""

    member_id: UUID


class RegisterMarriage(SheetInput, frozen=True, kw_only=True):
    """`spouse` comes to the household of the member `partner_id`."""

    spouse: GivenMember
    partner_id: UUID | None = None
    marital: str = "21"


class RegisterMarriageOut(RestatingInput, frozen=True, kw_only=True):
    """The member marries into another household, where they can be taken in."""

    member_id: UUID
    marital: str = "21"
    destination_code: str | None = None


class ChangeHead(RestatingInput, frozen=True, kw_only=True):
    head_id: UUID


class CloseHousehold(SheetInput, frozen=True, kw_only=True):
    """MOVED_OUT: all have gone, to the destination if one is named. MISTAKE: there was no such household."""

    closed_reason: Literal["MOVED_OUT", "MISTAKE"]
    destination_code: str | None = None


class EndItem(SheetInput, frozen=True, kw_only=True):
    """The item holds until the day before; one that is `mistaken` is taken off the sheet."""

    item_id: UUID
    mistaken: bool = False


class GivenPoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One of the points that are known of a talent away."""

    point: Words
    text: Words


class GivenTalent(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    points: Annotated[Sequence[GivenPoint], msgspec.Meta(min_length=1, max_length=30)]


class RecordItem(SheetInput, frozen=True, kw_only=True):
    """Just one of the kinds. With `item_id` that item says this from now on; without, a new one. `since` and `until` are its days, both included."""

    item_id: UUID | None = None
    member_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    income: Income | None = None
    benefit: Benefit | None = None
    skill: Skill | None = None
    need: Need | None = None
    migration: Migration | None = None
    talent: GivenTalent | None = None

    def item(self) -> Item:
        """Raises InvalidInput unless just one kind is given."""
        given = {kind: data for kind in KINDS if (data := getattr(self, kind.lower())) is not None}
        if len(given) != 1:
            raise InvalidInput(
                f"just one of {', '.join(map(str.lower, KINDS))} must be given", field="item", rule="item.kind"
            )
        ((kind, data),) = given.items()
        if isinstance(data, GivenTalent):
            data = Talent(points={one.point: one.text for one in data.points})
        facts = checked_data(kind, msgspec.to_builtins(data), "item")
        return Item(self.item_id or uuid7(), kind, facts, self.member_id, self.since, self.until)


async def split(vault: Vault, doing: Doing, given: SplitHousehold) -> str:
    """分户. Returns the new household's key."""
    before = await load(doing, vault, {given.id: given.version})
    change = given.change(doing)
    sheet = deeds.standing(before[given.id], change.valid_from)
    grid = sheet.area if given.grid_code is None else given.grid_code
    if village_of(grid) != village_of(sheet.area):
        raise InvalidInput(
            "gridCode must be a grid of the household's village", field="gridCode", rule="grid.same_village"
        )
    outcome = deeds.split(
        sheet,
        founded(await require_grid(doing, grid), given.number, given.address, given.house),
        relations_of(given.members, "members"),
        given.restated,
        change.valid_from,
        items=set(given.item_ids),
        plots=set(given.plot_ids),
    )
    await carry_out(doing, vault, before, outcome, change)
    return str(outcome.sheets[1].id)


async def merge(vault: Vault, doing: Doing, given: MergeHouseholds) -> str:
    """并户."""
    wanted = {given.id: given.version} | {one.id: one.version for one in given.others}
    if len(wanted) <= len(given.others):
        raise InvalidInput("others must be other households, each once", field="others", rule="merge.others")
    before = await load(doing, vault, wanted)
    change = given.change(doing)
    into, *others = (deeds.standing(history, change.valid_from) for history in before.values())
    await carry_out(doing, vault, before, deeds.merged(into, others, given.restated, change.valid_from), change)
    return str(given.id)


@dataclass(frozen=True)
class Deed:
    """A deed on one sheet: `decide` gets the sheet as it is on the day, the input, the day and who comes; `who` finds these in the input."""

    name: str
    input: type[SheetInput]
    decide: Callable[[Household, Any, date, Coming], Outcome]
    who: Callable[[Any], Sequence[GivenMember]] = lambda _: ()

    async def run(self, vault: Vault, doing: Doing, given: Any) -> str:
        before = await load(doing, vault, {given.id: given.version})
        change = given.change(doing)
        sheet = deeds.standing(before[given.id], change.valid_from)
        who = await coming(doing, vault, self.who(given))
        outcome = self.decide(sheet, given, change.valid_from, who)
        destination = getattr(given, "destination_code", None)
        await carry_out(doing, vault, before, outcome, change, destination=destination)
        return str(given.id)


DEEDS = (
    Deed(
        "moveMembersIn",
        MoveMembersIn,
        lambda sheet, given, day, who: deeds.moved_in(sheet, who, given.restated, given.move_reason, day),
        who=lambda given: given.members,
    ),
    Deed(
        "moveMembersOut",
        MoveMembersOut,
        lambda sheet, given, day, _: deeds.moved_out(
            sheet, set(given.member_ids), given.restated, given.move_reason, day
        ),
    ),
    Deed(
        "registerBirth",
        RegisterBirth,
        lambda sheet, given, day, _: deeds.born(sheet, given.child.member(), day, uuid7),
    ),
    Deed(
        "registerDeath",
        RegisterDeath,
        lambda sheet, given, day, _: deeds.died(sheet, given.member_id, given.restated, day),
    ),
    Deed(
        "registerMarriage",
        RegisterMarriage,
        lambda sheet, given, day, who: deeds.married_in(sheet, who, given.partner_id, given.marital, day),
        who=lambda given: [given.spouse],
    ),
    Deed(
        "registerMarriageOut",
        RegisterMarriageOut,
        lambda sheet, given, day, _: deeds.married_out(sheet, given.member_id, given.marital, given.restated, day),
    ),
    Deed(
        "changeHead",
        ChangeHead,
        lambda sheet, given, _, __: deeds.headed(sheet, given.head_id, given.restated),
    ),
    Deed(
        "closeHousehold",
        CloseHousehold,
        lambda sheet, given, day, _: deeds.closed(sheet, CLOSING[given.closed_reason], day),
    ),
    Deed(
        "recordItem",
        RecordItem,
        lambda sheet, given, _, __: deeds.itemised(sheet, given.item(), anew=given.item_id is None),
    ),
    Deed(
        "endItem",
        EndItem,
        lambda sheet, given, day, _: deeds.item_ended(sheet, given.item_id, day, mistaken=given.mistaken),
    ),
)


def deed_commands(vault: Vault) -> tuple[Command, ...]:
    """The commands of this module."""
    return (
        Command("splitHousehold", SplitHousehold, WRITERS, partial(split, vault), root="household"),
        Command("mergeHouseholds", MergeHouseholds, WRITERS, partial(merge, vault), root="household"),
        *(Command(deed.name, deed.input, WRITERS, partial(deed.run, vault), root="household") for deed in DEEDS),
    )
