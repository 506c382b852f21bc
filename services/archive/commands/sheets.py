"""How deeds on sheets are carried out: load what was ever said of them, decide, check every day from the deed's on, save, tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.domain import deeds
from services.archive.domain.area import Area
from services.archive.domain.deeds import Coming, Outcome
from services.archive.domain.history import Change, History, Provenance
from services.archive.domain.household import Household, differences
from services.archive.domain.member import MemberInput
from services.archive.domain.sex import CODES
from services.archive.domain.text import REASON
from services.archive.events import (
    HouseholdClosed,
    HouseholdMerged,
    HouseholdOpened,
    HouseholdRevised,
    HouseholdSplit,
    MemberJoined,
    MemberLeft,
)
from services.archive.store import area as areas
from services.archive.store import sheet as store
from services.chassis.clock import today
from services.chassis.commands import Doing, Input
from services.chassis.envelope import EventData
from services.chassis.errors import InvalidInput, NotFound, StaleVersion, UnknownCode, none_such
from services.chassis.outbox import record
from services.chassis.text import without_numbers
from services.chassis.vault import Vault


class GivenMember(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """See domain.member.MemberInput."""

    id: UUID | None = None
    name: str
    relation: str
    sex: Literal["UNKNOWN", "MALE", "FEMALE", "UNSPECIFIED"] | None = None
    birth_date: date | None = None
    id_number: str | None = None
    id_number_override: str | None = None
    phone: str | None = None
    ethnicity: str | None = None
    marital: str | None = None
    education: str | None = None
    health: str | None = None
    politics: str | None = None

    def __repr__(self) -> str:
        return "GivenMember(…)"

    def member(self) -> MemberInput:
        """As the domain takes them."""
        facts = {name: getattr(self, name) for name in self.__struct_fields__}
        return MemberInput(**facts | {"sex": None if self.sex is None else CODES[self.sex]})


class GivenRelation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A member, and what they are to the head."""

    id: UUID
    relation: str


class DeedInput(Input, frozen=True, kw_only=True):
    """What is common to all deeds. `effective_on` is the first day on which it holds."""

    effective_on: date
    provenance: Provenance = "DECLARED"
    verified_on: date | None = None
    reason: str | None = None

    def change(self, doing: Doing) -> Change:
        """Raises InvalidInput for a day that lies ahead."""
        for name, day in (("effectiveOn", self.effective_on), ("verifiedOn", self.verified_on)):
            if day is not None and day > today(doing.clock):
                raise InvalidInput(f"{name} lies ahead", field=name, rule="deed.future")
        return change_of(
            doing,
            valid_from=self.effective_on,
            provenance=self.provenance,
            verified_on=self.verified_on,
            reason=None if self.reason is None else without_numbers(REASON.check(self.reason, "reason"), "reason"),
        )


class SheetInput(DeedInput, frozen=True, kw_only=True):
    """A deed on a sheet of which the caller saw a version."""

    id: UUID
    version: int


def change_of(doing: Doing, **known: Any) -> Change:
    """What a caller changes here and now, unless something else is known of it."""
    return Change(**{"by": doing.principal.subject, "at": doing.clock.now(), "valid_from": today(doing.clock), **known})


def relations_of(given: Sequence[GivenRelation] | None, field: str) -> dict[UUID, str]:
    """Member → relation; raises InvalidInput for a member who is named twice."""
    result = {one.id: one.relation for one in given or ()}
    if len(result) < len(given or ()):
        raise InvalidInput(f"{field} names a member twice", field=field, rule="unique")
    return result


async def load(doing: Doing, vault: Vault, wanted: Mapping[UUID, int]) -> dict[UUID, History]:
    """The histories of sheets of which the caller saw these versions, locked; raises NotFound, StaleVersion."""
    found: dict[UUID, History] = {}
    for key in sorted(wanted):
        area = await store.lock_area(doing.connection, key)
        history = await store.history(doing.connection, vault, key)
        if area is None or history is None or not doing.principal.covers(area):
            raise none_such("household")
        if history.version != wanted[key]:
            raise StaleVersion("household", current=history.version)
        found[key] = history
    return {key: found[key] for key in wanted}


async def coming(doing: Doing, vault: Vault, given: Sequence[GivenMember]) -> Coming:
    """Who shall come to a sheet; those who are named by id are locked."""
    known = await store.without_household(doing.connection, vault, [one.id for one in given if one.id is not None])
    return Coming([one.member() for one in given], known, uuid7)


async def require_grid(doing: Doing, code: str) -> str:
    """The code of a grid that has not ended and is in the caller's reach; raises UnknownCode, InvalidInput, NotFound."""
    area = await _known(doing, code, "gridCode")
    if area.kind != "GRID":
        raise InvalidInput("gridCode must be the code of a grid", field="gridCode", rule="area.kind")
    if area.valid_to is not None:
        raise InvalidInput("gridCode is that of a grid that has ended", field="gridCode", rule="area.ended")
    if not doing.principal.covers(code):
        raise NotFound("gridCode: outside your areas", field="gridCode")
    return code


async def _known(doing: Doing, code: str, field: str) -> Area:
    area = await areas.find(doing.connection, code)
    if area is None:
        raise UnknownCode("area", field=field)
    return area


async def carry_out(
    doing: Doing,
    vault: Vault,
    before: Mapping[UUID, History],
    outcome: Outcome,
    change: Change,
    *,
    destination: str | None = None,
) -> None:
    """Checks and saves what a deed makes of sheets, and tells of it. Those who leave can be taken in at the destination, an area's code.

    Sheets on which nothing is different keep their version. Raises what the rules and the store refuse.
    """
    if destination is not None:
        await _known(doing, destination, "destinationCode")
    day, connection = change.valid_from, doing.connection
    change = replace(change, whys=outcome.whys, leaving=outcome.leaving)
    persons = deeds.changed_persons(before, outcome, day)
    elsewhere = await store.elsewhere(connection, persons, {*before, *(sheet.id for sheet in outcome.sheets)})
    deeds.checked(before, outcome, change, elsewhere)
    told: list[tuple[EventData, str, str]] = []
    for sheet in outcome.sheets:
        former = before[sheet.id].on(day) if sheet.id in before else None
        if former is None:
            await store.add(connection, vault, replace(sheet, version=1), change)
            changed: tuple[str, ...] = ()
        elif changed := differences(former, sheet):
            after = replace(sheet, version=former.version + 1)
            await store.save(connection, vault, former, after, change, positions=outcome.positions)
        area = await store.area_of(connection, sheet.id)
        if area is None:
            raise none_such("household")
        told += _events(former, sheet, changed, change, area)
    if destination is not None:
        await store.hand_over(connection, outcome.whys.keys(), destination)
    for event, subject, area in told:
        await record(connection, doing.clock, event, subject=subject, area=area)


def _events(
    former: Household | None, sheet: Household, changed: Sequence[str], change: Change, area: str
) -> Iterator[tuple[EventData, str, str]]:
    """Event, its subject and area: of the sheet, then of who came and who left. `area` is the sheet's present grid."""
    key, on = sheet.id, change.valid_from
    if former is None:
        reason = "REGISTERED" if sheet.split_from is None else "SPLIT"
        opened = HouseholdOpened(household=key, area=area, version=1, changed=(), reason=reason)
        yield opened, str(key), area
        if sheet.split_from is not None:
            split = HouseholdSplit(household=sheet.split_from, founded=key, area=area, effective_on=on)
            yield split, str(sheet.split_from), area
    elif changed:
        version = former.version + 1
        yield HouseholdRevised(household=key, area=area, version=version, changed=changed), str(key), area
        if sheet.closed_on is not None:
            reason = sheet.closed_reason or ""
            closed = HouseholdClosed(household=key, area=area, version=version, reason=reason, closed_on=on)
            yield closed, str(key), area
        if sheet.merged_into is not None:
            merged = HouseholdMerged(household=key, into=sheet.merged_into, area=area, effective_on=on)
            yield merged, str(key), area
    before = {member.id for member in former.members} if former else set()
    now = {member.id for member in sheet.members}
    for kind, persons, usual in ((MemberLeft, before - now, "MISTAKE"), (MemberJoined, now - before, "REGISTERED")):
        for person in sorted(persons):
            reason = change.whys.get(person, usual)
            event = kind(person=person, household=key, area=area, reason=reason, effective_on=on)
            yield event, str(person), area
