"""Deeds on a household's sheet: open it, revise it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.domain.access import WRITERS
from services.archive.domain.history import Change
from services.archive.domain.household import Household, Revision, require_one_head, revise
from services.archive.domain.member import MemberInput
from services.archive.domain.sex import CODES
from services.archive.domain.vault import Vault
from services.archive.events import HouseholdOpened, HouseholdRevised
from services.archive.store import area as areas
from services.archive.store import sheet as store
from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, NotFound, StaleVersion, UnknownCode
from services.chassis.outbox import record
from services.chassis.principal import itself

ABSENT = "household: none such, or outside your reach"


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


class ReviseHousehold(Input, frozen=True, kw_only=True):
    id: UUID
    version: int
    address: str | None = None
    house: str | None = None
    grid_code: str | None = None
    members: Annotated[Sequence[GivenMember], msgspec.Meta(max_length=100)] | None = None


def revise_household(vault: Vault) -> Command:
    """The command reviseHousehold. Refused: STALE_VERSION, a grid of another village, and all that the sheet's rules forbid."""

    async def run(doing: Doing, given: ReviseHousehold) -> str:
        sheet = await store.lock(doing.connection, vault, given.id)
        if sheet is None or not doing.principal.covers(sheet.area):
            raise NotFound(ABSENT)
        if sheet.version != given.version:
            raise StaleVersion("household", current=sheet.version)
        await _require_grid(doing, given.grid_code)
        revision = Revision(
            given.address, given.house, given.grid_code, [_member(item) for item in given.members or ()]
        )
        result = revise(sheet, revision, today(doing.clock), uuid7)
        if not result.changed:
            return str(sheet.id)
        household = result.household
        if not await store.save(
            doing.connection, vault, sheet, household, change_of(doing), positions=result.positions
        ):
            raise NotFound(ABSENT)
        event = HouseholdRevised(
            household=household.id, area=household.area, version=household.version, changed=result.changed
        )
        await record(doing.connection, doing.clock, event, subject=str(household.id), area=household.area)
        return str(household.id)

    return Command("reviseHousehold", ReviseHousehold, WRITERS, run, root="household")


async def _require_grid(doing: Doing, code: str | None) -> None:
    if code is None:
        return
    area = await areas.find(doing.connection, code)
    if area is None:
        raise UnknownCode("area", field="gridCode")
    if area.kind != "GRID":
        raise InvalidInput("gridCode must be the code of a grid", field="gridCode", rule="area.kind")
    if not doing.principal.covers(code):
        raise NotFound("gridCode: outside your areas", field="gridCode")


def _member(given: GivenMember) -> MemberInput:
    return MemberInput(
        name=given.name,
        relation=given.relation,
        id=given.id,
        sex=None if given.sex is None else CODES[given.sex],
        birth_date=given.birth_date,
        id_number=given.id_number,
        id_number_override=given.id_number_override,
        phone=given.phone,
        ethnicity=given.ethnicity,
        marital=given.marital,
        education=given.education,
        health=given.health,
        politics=given.politics,
    )


def change_of(doing: Doing, **known: Any) -> Change:
    """What a caller changes here and now, unless something else is known of it."""
    return Change(**{"by": doing.principal.subject, "at": doing.clock.now(), "valid_from": today(doing.clock), **known})


async def open_household(
    connection: Connection, clock: Clock, vault: Vault, household: Household, opened_on: date
) -> bool:
    """Opens a sheet, with its event; False when its id is there already."""
    require_one_head(household)
    change = Change(by=itself("archive").subject, at=clock.now(), valid_from=opened_on)
    if not await store.add(connection, vault, household, change):
        return False
    event = HouseholdOpened(household=household.id, area=household.area, version=household.version, changed=())
    await record(connection, clock, event, subject=str(household.id), area=household.area)
    return True
