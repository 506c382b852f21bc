"""Deeds on areas that change: plan, which changes nothing and shows what would follow; carry out, all in one transaction; undo."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.area import tell
from services.archive.domain.area_change import AreaChange, Kind, Request, Target, holding, impact_of, plan_change
from services.archive.domain.text import REASON
from services.archive.events import AreaChanged
from services.archive.store import area as areas
from services.archive.store import area_change as store
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import Conflict, IllegalTransition, NotFound, StaleVersion, none_such
from services.chassis.outbox import record

ROLES = frozenset({"city_admin"})
MOST_AREAS = 100
MOST_PARTS = 2000

LASTING = {
    "undo.later_change": "a later change concerns the same areas; undo that first",
    "undo.sheets": "sheets of the areas have been opened or revised since",
    "undo.persons": "somebody without a household has come to the new areas since",
    "undo.areas": "areas have been added to the new ones since",
    "undo.grid_workers": "grid workers have been added to the new grids since",
    "undo.plots": "plots have been added to the new villages since",
    "undo.village_sheet": "the new village has a village sheet by now",
}
"""Why a change cannot be undone: rule → what to tell."""


class GivenTarget(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """See domain.area_change.Target."""

    code: str | None = None
    name: str | None = None
    grids: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_PARTS)] | None = None
    households: Annotated[Sequence[UUID], msgspec.Meta(max_length=MOST_PARTS)] | None = None
    plots: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_PARTS)] | None = None


class PlanAreaChange(Input, frozen=True, kw_only=True):
    """See domain.area_change.Request. The day may lie ahead: it is carried out when it has come."""

    kind: Kind
    changed_on: date
    reason: str
    former: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_AREAS)] = msgspec.field(name="from")
    to: Annotated[Sequence[GivenTarget], msgspec.Meta(max_length=MOST_AREAS)]


class DecideAreaChange(Input, frozen=True, kw_only=True):
    id: UUID
    version: int


class UndoAreaChange(DecideAreaChange, frozen=True, kw_only=True):
    reason: str


async def plan_area_change(doing: Doing, given: PlanAreaChange) -> str:
    """Refused: areas outside of the caller's, and all that domain.area_change.plan_change forbids."""
    request = Request(
        given.kind,
        given.changed_on,
        REASON.check(given.reason, "reason"),
        tuple(given.former),
        tuple(_target(target) for target in given.to),
    )
    for code in request.named:
        if not doing.principal.covers(code):
            raise NotFound("an area is none, or outside your areas")
    register = await store.register(doing.connection, request)
    plan = plan_change(request, register)
    change = AreaChange(
        id=uuid7(),
        area=holding(plan.codes),
        request=request,
        impact=impact_of(plan, register),
        codes=plan.codes,
        version=1,
        planned_by=doing.principal.subject,
        planned_at=doing.clock.now(),
    )
    await store.add(doing.connection, change)
    return str(change.id)


async def carry_out_area_change(doing: Doing, given: DecideAreaChange) -> str:
    """Does what was planned, and nothing else: CONFLICT impact.changed where by now something else would follow. Not before its day."""
    change = await _locked(doing, given, "PLANNED")
    if change.request.changed_on > today(doing.clock):
        raise Conflict("the day of the change has not come yet", rule="changed_on.future")
    await store.lock_concerned(doing.connection, change)
    register = await store.register(doing.connection, change.request)
    plan = plan_change(change.request, register)
    if impact_of(plan, register) != change.impact:
        raise Conflict("what would follow is not what was planned any more: plan it anew", rule="impact.changed")
    await store.carry_out(doing.connection, change, plan, doing.principal.subject, doing.clock.now())
    await _tell(doing, change, undone=False)
    return str(change.id)


async def undo_area_change(doing: Doing, given: UndoAreaChange) -> str:
    """As if it had never been, for the same days; what was believed meanwhile stays on record. CONFLICT with one of LASTING's rules."""
    reason = REASON.check(given.reason, "reason")
    change = await _locked(doing, given, "DONE")
    await store.lock_concerned(doing.connection, change)
    if (rule := await store.lasting(doing.connection, change.id)) is not None:
        raise Conflict(f"cannot be undone: {LASTING[rule]}", rule=rule)
    await store.undo(doing.connection, change, reason, doing.principal.subject, doing.clock.now())
    await _tell(doing, change, undone=True)
    return str(change.id)


async def _locked(doing: Doing, given: DecideAreaChange, state: str) -> AreaChange:
    change = await store.lock(doing.connection, given.id)
    if change is None or not doing.principal.covers(change.area):
        raise none_such("areaChange")
    if change.version != given.version:
        raise StaleVersion("areaChange", current=change.version)
    if change.state != state:
        allowed = {"PLANNED": ["carryOutAreaChange"], "DONE": ["undoAreaChange"]}.get(change.state, [])
        raise IllegalTransition(f"the change is {change.state.lower()}", state=change.state, allowed=allowed)
    return change


async def _tell(doing: Doing, change: AreaChange, *, undone: bool) -> None:
    """Each area as it is now, parts before the whole, then the change itself."""
    told = [area for code in change.codes if (area := await areas.find(doing.connection, code)) is not None]
    await tell(doing.connection, doing.clock, sorted(told, key=lambda area: (len(area.code), area.code)))
    ended, begun = store.fated(change, "ENDED"), store.fated(change, "BEGUN")
    event = AreaChanged(
        change=change.id,
        kind=change.request.kind,
        undone=undone,
        ended=begun if undone else ended,
        begun=ended if undone else begun,
        renamed=store.fated(change, "RENAMED"),
        changed_on=change.request.changed_on,
    )
    await record(doing.connection, doing.clock, event, subject=str(change.id), area=change.area)


def _target(given: GivenTarget) -> Target:
    return Target(
        given.code,
        given.name,
        None if given.grids is None else tuple(given.grids),
        None if given.households is None else tuple(given.households),
        tuple(given.plots or ()),
    )


AREA_COMMANDS = (
    Command("planAreaChange", PlanAreaChange, ROLES, plan_area_change, root="areaChange"),
    Command("carryOutAreaChange", DecideAreaChange, ROLES, carry_out_area_change, root="areaChange"),
    Command("undoAreaChange", UndoAreaChange, ROLES, undo_area_change, root="areaChange"),
)
