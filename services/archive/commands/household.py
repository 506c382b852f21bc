"""Deeds that make or change one household's sheet as a whole: open it, revise it, correct what was so on an earlier day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.sheets import (
    DeedInput,
    GivenMember,
    SheetInput,
    carry_out,
    change_of,
    coming,
    load,
    require_grid,
)
from services.archive.domain import deeds
from services.archive.domain.access import WRITERS
from services.archive.domain.deeds import Outcome
from services.archive.domain.history import Change
from services.archive.domain.household import Household, Revision, revise
from services.archive.domain.text import ADDRESS, HOUSE, NUMBER
from services.archive.events import HouseholdOpened
from services.archive.store import sheet as store
from services.chassis.clock import Clock
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.outbox import record
from services.chassis.principal import itself
from services.chassis.vault import Vault

Members = Annotated[Sequence[GivenMember], msgspec.Meta(max_length=100)]


class OpenHousehold(DeedInput, frozen=True, kw_only=True):
    """Members with an id are persons who belong to no household at present."""

    grid_code: str
    number: str
    address: str
    house: str | None = None
    members: Members


class ReviseHousehold(Input, frozen=True, kw_only=True):
    id: UUID
    version: int
    address: str | None = None
    house: str | None = None
    grid_code: str | None = None
    members: Members | None = None


class CorrectHousehold(SheetInput, frozen=True, kw_only=True):
    """As reviseHousehold, for an earlier day. `strike` are members who should never have stood on the sheet."""

    reason: str
    address: str | None = None
    house: str | None = None
    grid_code: str | None = None
    members: Members | None = None
    strike: Annotated[Sequence[UUID], msgspec.Meta(max_length=100)] = ()


def open_household(vault: Vault) -> Command:
    """The command openHousehold."""

    async def run(doing: Doing, given: OpenHousehold) -> str:
        change = given.change(doing)
        sheet = founded(await require_grid(doing, given.grid_code), given.number, given.address, given.house)
        outcome = deeds.opened(sheet, await coming(doing, vault, given.members), change.valid_from)
        await carry_out(doing, vault, {}, outcome, change)
        return str(sheet.id)

    return Command("openHousehold", OpenHousehold, WRITERS, run, root="household")


def founded(grid: str, number: str, address: str, house: str | None) -> Household:
    """A sheet on which nobody stands yet; raises InvalidInput."""
    return Household(
        id=uuid7(),
        area=grid,
        number=NUMBER.check(number, "number"),
        address=ADDRESS.check(address, "address"),
        house=HOUSE.check(house, "house") if house and house.strip() else None,
        version=0,
        members=(),
    )


def revise_household(vault: Vault) -> Command:
    """The command reviseHousehold. Refused: STALE_VERSION, a grid of another village, and all that the sheet's rules forbid."""

    async def run(doing: Doing, given: ReviseHousehold) -> str:
        before = await load(doing, vault, {given.id: given.version})
        change = change_of(doing)
        sheet = deeds.standing(before[given.id], change.valid_from)
        result = revise(sheet, await _revision(doing, given), change.valid_from, uuid7)
        await carry_out(doing, vault, before, Outcome((result.household,), positions=result.positions), change)
        return str(given.id)

    return Command("reviseHousehold", ReviseHousehold, WRITERS, run, root="household")


def correct_household(vault: Vault) -> Command:
    """The command correctHousehold. What was believed before stays on record, and is answered for the time when it was."""

    async def run(doing: Doing, given: CorrectHousehold) -> str:
        before = await load(doing, vault, {given.id: given.version})
        change = given.change(doing)
        sheet = deeds.standing(before[given.id], change.valid_from)
        revision = await _revision(doing, given)
        outcome = deeds.corrected(sheet, revision, set(given.strike), change.valid_from, uuid7)
        await carry_out(doing, vault, before, outcome, change)
        return str(given.id)

    return Command("correctHousehold", CorrectHousehold, WRITERS, run, root="household")


async def _revision(doing: Doing, given: ReviseHousehold | CorrectHousehold) -> Revision:
    if given.grid_code is not None:
        await require_grid(doing, given.grid_code)
    return Revision(given.address, given.house, given.grid_code, [one.member() for one in given.members or ()])


def household_commands(vault: Vault) -> tuple[Command, ...]:
    """The commands of this module."""
    return open_household(vault), revise_household(vault), correct_household(vault)


async def keep_household(
    connection: Connection, clock: Clock, vault: Vault, household: Household, opened_on: date
) -> bool:
    """Writes a sheet that is known from elsewhere, with its event; False when its id is there already. Raises InvalidInput."""
    change = Change(by=itself("archive").subject, at=clock.now(), valid_from=opened_on)
    deeds.checked({}, Outcome((household,)), change, {})
    if not await store.add(connection, vault, household, change):
        return False
    event = HouseholdOpened(
        household=household.id, area=household.area, version=household.version, changed=(), reason="REGISTERED"
    )
    await record(connection, clock, event, subject=str(household.id), area=household.area)
    return True
