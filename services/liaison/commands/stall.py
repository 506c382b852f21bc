"""Stalls on market days: planned by hosts of the area, planned again when the market's days change, held as tickets tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, clock_time, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, UnknownCode, none_such
from services.chassis.outbox import Telling, record_all
from services.chassis.text import checked_code
from services.liaison.domain.market import MarketException
from services.liaison.domain.role import HOSTS
from services.liaison.domain.stall import (
    MOST_STAFF,
    SUBJECT,
    TOPIC,
    Cause,
    Plan,
    Stall,
    State,
    check_plan,
    replan,
    stall_days,
)
from services.liaison.events import StallCancelled, StallChanged, StallMoved, StallPlanned
from services.liaison.store import market as markets
from services.liaison.store import stall as store
from services.liaison.store import team as teams
from services.liaison.store.market import Market


class PlanStalls(Input, frozen=True, kw_only=True):
    """On every nth day of the market from `from` to `to`. Times are China's."""

    market_id: UUID
    team: str
    staff: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_STAFF)]
    topic: str
    begins: str
    ends: str
    from_: date = msgspec.field(name="from")
    to: date
    every_nth: int = 1


class CancelStalls(Input, frozen=True, kw_only=True):
    """From a day on; the plan ends before it."""

    id: UUID
    from_: date = msgspec.field(name="from")


async def plan_stalls(doing: Doing, given: PlanStalls) -> str:
    """Raises InvalidInput, UnknownCode, NotFound, Forbidden, or Conflict where the team has stalls there in that span."""
    connection, day = doing.connection, today(doing.clock)
    await markets.alone(connection, given.market_id)
    market = await markets.find(connection, given.market_id)
    if market is None:
        raise none_such("market")
    _require_host(doing, market.area)
    team = await teams.find(connection, checked_code(given.team, "team"))
    if team is None:
        raise UnknownCode("team", field="team")
    if not team.serves(market.area):
        raise InvalidInput("team does not serve the market's area, or is not active", field="team", rule="team.area")
    plan = Plan(
        id=uuid7(),
        market=market.id,
        area=market.area,
        team=given.team,
        staff=tuple(SUBJECT.check(each, f"staff[{n}]") for n, each in enumerate(given.staff)),
        topic=TOPIC.check(given.topic, "topic"),
        begins=clock_time(given.begins, "begins"),
        ends=clock_time(given.ends, "ends"),
        first=given.from_,
        last=given.to,
        every_nth=given.every_nth,
    )
    check_plan(plan, day)
    exceptions = await markets.exceptions(connection, market.id)
    if not stall_days(plan, market.rule, exceptions):
        raise InvalidInput("no market is held in that span", field="to", rule="stall.span")
    await store.add_plan(connection, plan, doing.principal.subject)
    await settle(connection, doing.clock, plan, market, exceptions)
    return str(plan.id)


async def cancel_stalls(doing: Doing, given: CancelStalls) -> str:
    """Raises InvalidInput, NotFound, Forbidden, or Conflict where the plan ends before that day."""
    connection = doing.connection
    plan = await store.plan(connection, given.id)
    if plan is None:
        raise NotFound("stalls: no such plan")
    _require_host(doing, plan.area)
    if given.from_ < today(doing.clock):
        raise InvalidInput("from must not lie in the past", field="from", rule="not.past")
    await markets.alone(connection, plan.market)
    standing = await store.standing(connection, plan.id)
    gone = [stall for stall in standing if stall.state is State.PLANNED and stall.date >= given.from_]
    last = max(given.from_, plan.first) - timedelta(days=1)
    if last >= plan.last and not gone:
        raise Conflict("the stalls end before that day", field="from", rule="stall.ended")
    await store.end_plan(connection, plan.id, min(last, plan.last))
    await _cancel(connection, doing.clock, plan, gone, Cause.PLAN)
    return str(plan.id)


async def plan_again(
    connection: Connection, clock: Clock, market: Market, exceptions: Sequence[MarketException]
) -> None:
    """Brings the stalls of all plans to the market's days as they are now."""
    for plan in await store.plans(connection, market.id, today(clock)):
        await settle(connection, clock, plan, market, exceptions)


async def note_held(connection: Connection, activity: UUID, people: int) -> None:
    """Tickets tell that a team's activity was held; where it is a stall, so was that. A repetition changes nothing."""
    await store.held(connection, activity, people)


async def note_withdrawn(connection: Connection, activity: UUID) -> None:
    """Tickets tell that a team's activity will not be held. A stall that liaison cancelled itself stays as it is."""
    await store.cancel(connection, [activity], Cause.TEAM)


def _require_host(doing: Doing, area: str) -> None:
    if not doing.principal.covers(area):
        raise Forbidden("this is for a cadre or clerk of the market's area")


async def settle(
    connection: Connection, clock: Clock, plan: Plan, market: Market, exceptions: Sequence[MarketException]
) -> None:
    standing = await store.standing(connection, plan.id)
    change = replan(stall_days(plan, market.rule, exceptions), standing, today(clock))
    added = [Stall(uuid7(), day, State.PLANNED, None, 1) for day in change.add]
    moved = [(stall, replace(stall, date=day, version=stall.version + 1)) for stall, day in change.move]
    await store.add(connection, plan.id, added)
    await store.move(connection, change.move)
    tellings = [_telling(StallPlanned, plan, stall) for stall in added]
    tellings += [_telling(StallMoved, plan, stall, previous=before.date) for before, stall in moved]
    await record_all(connection, clock, tellings)
    await _cancel(connection, clock, plan, change.cancel, Cause.MARKET)


async def _cancel(connection: Connection, clock: Clock, plan: Plan, gone: Sequence[Stall], cause: Cause) -> None:
    await store.cancel(connection, [stall.id for stall in gone], cause)
    after = [replace(stall, version=stall.version + 1) for stall in gone]
    await record_all(connection, clock, [_telling(StallCancelled, plan, stall, cause=cause.value) for stall in after])


def _telling(kind: type[StallChanged], plan: Plan, stall: Stall, **more: Any) -> Telling:
    event = kind(
        stall=stall.id,
        market=plan.market,
        team=plan.team,
        area=plan.area,
        date=stall.date,
        begins=f"{plan.begins:%H:%M}",
        ends=f"{plan.ends:%H:%M}",
        version=stall.version,
        **more,
    )
    return Telling(event, str(stall.id), plan.area)


COMMANDS = (
    Command("planStalls", PlanStalls, HOSTS, plan_stalls, "stallPlan"),
    Command("cancelStalls", CancelStalls, HOSTS, cancel_stalls, "stallPlan"),
)
