"""Deeds on plots: record, revise, transfer, remove, begin and settle a dispute; and outlines of areas.

A plot is held by a household, on whose sheet it stands, or by a village. A deed works on those holders as they were on the day from which it holds.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.archive.commands.sheets import change_of
from services.archive.domain import plot as plots
from services.archive.domain.access import VILLAGE_WRITERS, WRITERS
from services.archive.domain.area import village_of
from services.archive.domain.history import Change, Provenance
from services.archive.domain.household import Household
from services.archive.domain.plot import Commons, PlotInput
from services.archive.domain.shape import checked_multi_polygon, checked_polygon
from services.archive.domain.text import REASON
from services.archive.events import (
    AreaOutlined,
    HouseholdRevised,
    PlotDisputed,
    PlotRecorded,
    PlotRemoved,
    PlotRevised,
    PlotSettled,
    PlotTransferred,
)
from services.archive.store import area as areas
from services.archive.store import plot as store
from services.archive.store import sheet as sheets
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.envelope import EventData
from services.chassis.errors import Conflict, InvalidInput, NotFound, StaleVersion, UnknownCode
from services.chassis.outbox import record
from services.chassis.vault import Vault

ABSENT = "id: no such plot on that day, or outside your reach"
NO_HOLDER = "no such household, or outside your reach"
SETTLERS = WRITERS | {"mediator"}
"""Begin and settle disputes, in their areas."""

Holder = Household | Commons
Shape = dict[str, Any]


class _Said(Input, frozen=True, kw_only=True):
    """`effective_on` is the first day on which it holds, today by default; `verified_on` the day on which somebody looked."""

    effective_on: date | None = None
    provenance: Provenance = "DOCUMENT"
    verified_on: date | None = None
    reason: str | None = None


class _Facts(_Said, frozen=True, kw_only=True):
    """See domain.plot.PlotInput; `shape` is a GeoJSON polygon."""

    code: str | None = None
    name: str | None = None
    category: str | None = None
    contract_mu: Decimal | None = None
    measured_mu: Decimal | None = None
    east: str | None = None
    south: str | None = None
    west: str | None = None
    north: str | None = None
    witness: str | None = None
    shape: Shape | None = None


class RecordPlot(_Facts, frozen=True, kw_only=True):
    """Held by the household, or by the village: one of the two."""

    household_id: UUID | None = None
    village_code: str | None = None


class RevisePlot(_Facts, frozen=True, kw_only=True):
    id: UUID
    version: int


class TransferPlot(_Said, frozen=True, kw_only=True):
    """To a household or to the village: one of the two. `exchange_for_id` names a plot that goes the other way."""

    id: UUID
    version: int
    household_id: UUID | None = None
    village_code: str | None = None
    exchange_for_id: UUID | None = None


class RemovePlot(_Said, frozen=True, kw_only=True):
    id: UUID
    version: int


class DisputePlot(_Said, frozen=True, kw_only=True):
    """`reason` says who disputes what."""

    id: UUID
    version: int
    reason: str


class SetAreaShape(Input, frozen=True, kw_only=True):
    """`shape` is a GeoJSON polygon or multi-polygon."""

    code: str
    shape: Shape


@dataclass(frozen=True)
class _Deed:
    """What the deeds on plots share: the vault, the transaction, and the day from which on it shall hold."""

    vault: Vault
    doing: Doing
    change: Change

    @classmethod
    def of(cls, vault: Vault, doing: Doing, given: _Said) -> "_Deed":
        now = today(doing.clock)
        for name, day in (("effectiveOn", given.effective_on), ("verifiedOn", given.verified_on)):
            if day is not None and day > now:
                raise InvalidInput(f"{name} lies ahead", field=name, rule="day.future")
        return cls(
            vault,
            doing,
            change_of(
                doing,
                valid_from=given.effective_on or now,
                provenance=given.provenance,
                verified_on=given.verified_on,
                reason=None if given.reason is None else REASON.check(given.reason, "reason"),
            ),
        )

    @property
    def day(self) -> date:
        return self.change.valid_from

    async def holder(self, plot: UUID, version: int | None = None, field: str = "id") -> Holder:
        """Who held the plot on the day, locked; raises NotFound, and StaleVersion unless the version is that of now."""
        found = await store.holder_of(self.doing.connection, plot, self.day)
        if found is None:
            raise NotFound(ABSENT.replace("id", field, 1))
        household, area = found
        holder = await self.commons(area, plot, field) if household is None else await self.household(household, field)
        current = await store.version_of(self.doing.connection, plot)
        if version is not None and version != current:
            raise StaleVersion("plot", current=current)
        return holder

    async def household(self, key: UUID, field: str) -> Household:
        """The sheet on the day, locked; raises NotFound, InvalidInput, Conflict."""
        area = await sheets.lock_area(self.doing.connection, key)
        if area is None or not self.doing.principal.covers(area):
            raise NotFound(f"{field}: {NO_HOLDER}")
        sheet = await sheets.find(self.doing.connection, self.vault, key, self.day)
        if sheet is None:
            raise InvalidInput(
                "effectiveOn: the household had no sheet then", field="effectiveOn", rule="day.household"
            )
        if sheet.closed_on is not None:
            raise Conflict(f"{field}: the household is closed", field=field, rule="household.open")
        return replace(sheet, area=area)

    async def commons(self, village: str, plot: UUID, field: str) -> Commons:
        """What of the plot the village held on the day, locked; raises NotFound."""
        if not self.doing.principal.covers(village) or not await store.lock_village(self.doing.connection, village):
            raise NotFound(f"{field}: no such village, or outside your areas")
        return await store.find_common(self.doing.connection, village, plot, self.day)

    async def taker(self, household: UUID | None, village: str | None, plot: UUID) -> Holder:
        """Whom a deed names as the one to hold a plot; raises InvalidInput unless just one is named."""
        if (household is None) == (village is None):
            raise InvalidInput(
                "householdId or villageCode: just one of them must be given", field="householdId", rule="plot.holder"
            )
        if village is not None:
            return await self.commons(village, plot, "villageCode")
        assert household is not None  # noqa: S101  one of the two is given
        return await self.household(household, "householdId")

    async def lock_both(self, plot: UUID, other: UUID | None) -> None:
        """Locks the sheets of a transfer in the order of their ids, so that two the other way round do not wait for each other."""
        found = await store.holder_of(self.doing.connection, plot, self.day)
        for key in sorted({key for key in (found and found[0], other) if key is not None}):
            await sheets.lock_area(self.doing.connection, key)

    async def require_last(self, plot: UUID) -> None:
        """Raises Conflict when something that holds from a later day on would be left behind."""
        if await store.has_later_facts(self.doing.connection, plot, self.day):
            raise Conflict(
                "effectiveOn: something is said of the plot from a later day on",
                field="effectiveOn",
                rule="plot.later_facts",
            )

    async def save(self, former: Holder, holder: Holder) -> None:
        """Writes a holder, and tells of a sheet that is revised."""
        if isinstance(former, Commons) and isinstance(holder, Commons):
            await store.save_commons(self.doing.connection, former, holder, self.change)
            return
        assert isinstance(former, Household)  # noqa: S101  the deeds yield a holder of the kind that they are given
        assert isinstance(holder, Household)  # noqa: S101
        sheet = replace(holder, version=former.version + 1)
        if not await sheets.save(self.doing.connection, self.vault, former, sheet, self.change):
            raise NotFound(NO_HOLDER)
        event = HouseholdRevised(household=sheet.id, area=sheet.area, version=sheet.version, changed=("plots",))
        await record(self.doing.connection, self.doing.clock, event, subject=str(sheet.id), area=sheet.area)

    async def tell(self, event: EventData, plot: UUID, holder: Holder) -> None:
        await record(self.doing.connection, self.doing.clock, event, subject=str(plot), area=holder.area)

    async def shape(self, given: Mapping[str, Any] | None) -> str | None:
        if given is None:
            return None
        return await _sound(self.doing, checked_polygon(given, "shape"))

    async def facts(self, given: _Facts) -> PlotInput:
        return PlotInput(
            code=given.code,
            name=given.name,
            category=given.category,
            contract_mu=given.contract_mu,
            measured_mu=given.measured_mu,
            east=given.east,
            south=given.south,
            west=given.west,
            north=given.north,
            witness=given.witness,
            shape=await self.shape(given.shape),
        )


async def _sound(doing: Doing, geojson: Mapping[str, Any]) -> str:
    """The shape as it is stored; raises InvalidInput when it is none that has an inside."""
    shape, flaw = await store.read_shape(doing.connection, geojson)
    if flaw is not None:
        raise InvalidInput(f"shape is not sound: {flaw}", field="shape", rule="shape.valid")
    return shape


def _household(holder: Holder) -> UUID | None:
    return holder.id if isinstance(holder, Household) else None


def _same(one: Holder, other: Holder) -> bool:
    return (_household(one), one.area) == (_household(other), other.area)


async def _record(deed: _Deed, given: RecordPlot) -> UUID:
    key = uuid7()
    holder = await deed.taker(given.household_id, given.village_code, key)
    after = plots.recorded(holder, await deed.facts(given), village_of(holder.area), key)
    await deed.save(holder, after)
    await deed.tell(PlotRecorded(plot=key, household=_household(holder), area=holder.area), key, holder)
    return key


async def _revise(deed: _Deed, given: RevisePlot) -> UUID:
    holder = await deed.holder(given.id, given.version)
    after = plots.revised(holder, given.id, await deed.facts(given), village_of(holder.area))
    changed = plots.differences(plots.held(holder, given.id), plots.held(after, given.id))
    if changed:
        await deed.save(holder, after)
        event = PlotRevised(plot=given.id, household=_household(holder), area=holder.area, changed=changed)
        await deed.tell(event, given.id, holder)
    return given.id


async def _transfer(deed: _Deed, given: TransferPlot) -> UUID:
    back = given.exchange_for_id
    await deed.lock_both(given.id, given.household_id)
    giver = await deed.holder(given.id, given.version)
    taker = await deed.taker(given.household_id, given.village_code, given.id if back is None else back)
    if _same(giver, taker):
        raise InvalidInput("householdId: the plot is held there already", field="householdId", rule="plot.holder")
    if village_of(giver.area) != village_of(taker.area):
        raise InvalidInput(
            "householdId must be one of the plot's village", field="householdId", rule="plot.same_village"
        )
    moves = [(given.id, giver, taker), *([] if back is None else [(back, taker, giver)])]
    for key, _, _ in moves:
        await deed.require_last(key)
    left, right = plots.transferred(giver, taker, given.id, back)
    await deed.save(giver, left)
    await deed.save(taker, right)
    for key, source, target in moves:
        event = PlotTransferred(
            plot=key, from_household=_household(source), household=_household(target), area=target.area
        )
        await deed.tell(event, key, target)
    return given.id


async def _remove(deed: _Deed, given: RemovePlot) -> UUID:
    holder = await deed.holder(given.id, given.version)
    await deed.require_last(given.id)
    await deed.save(holder, plots.removed(holder, given.id))
    await deed.tell(PlotRemoved(plot=given.id, household=_household(holder), area=holder.area), given.id, holder)
    return given.id


async def _set_dispute(deed: _Deed, given: DisputePlot, flag: bool) -> UUID:
    holder = await deed.holder(given.id, given.version)
    await deed.save(holder, plots.disputed(holder, given.id, flag))
    event = PlotDisputed if flag else PlotSettled
    await deed.tell(event(plot=given.id, household=_household(holder), area=holder.area), given.id, holder)
    return given.id


async def _dispute(deed: _Deed, given: DisputePlot) -> UUID:
    return await _set_dispute(deed, given, True)


async def _settle(deed: _Deed, given: DisputePlot) -> UUID:
    return await _set_dispute(deed, given, False)


async def set_area_shape(doing: Doing, given: SetAreaShape) -> str:
    """An area's outline, in place of the one before. Raises UnknownCode, NotFound, InvalidInput."""
    if await areas.find(doing.connection, given.code) is None:
        raise UnknownCode("area", field="code")
    if not doing.principal.covers(given.code):
        raise NotFound("code: outside your areas")
    await store.draw_area(
        doing.connection, given.code, await _sound(doing, checked_multi_polygon(given.shape, "shape"))
    )
    await record(doing.connection, doing.clock, AreaOutlined(code=given.code), subject=given.code, area=given.code)
    return given.code


def plot_commands(vault: Vault) -> tuple[Command, ...]:
    """Refused besides what each says: STALE_VERSION; a day ahead; a deed that would leave behind what holds from a later day on."""

    def command(
        name: str,
        given: type[_Said],
        run: Callable[[_Deed, Any], Awaitable[UUID]],
        roles: frozenset[str] = WRITERS,
        root: str = "plot",
    ) -> Command:
        async def begin(doing: Doing, asked: Any) -> str:
            return str(await run(_Deed.of(vault, doing, asked), asked))

        return Command(name, given, roles, begin, root)

    return (
        command("recordPlot", RecordPlot, _record),
        command("revisePlot", RevisePlot, _revise),
        command("transferPlot", TransferPlot, _transfer),
        command("removePlot", RemovePlot, _remove, root="removedPlot"),
        command("disputePlot", DisputePlot, _dispute, SETTLERS),
        command("settlePlot", DisputePlot, _settle, SETTLERS),
        Command("setAreaShape", SetAreaShape, VILLAGE_WRITERS, set_area_shape, root="outlinedArea"),
    )
