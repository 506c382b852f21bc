"""Stalls (墟日摆摊) that a service team sets up on a market's days: planned, and planned again when the market's days change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import InvalidInput
from services.chassis.text import Text
from services.liaison.domain.market import (
    LONGEST_SPAN_DAYS,
    MarketDay,
    MarketException,
    Rule,
    horizon,
    market_days,
    rule_days,
)

TOPIC = Text(100)
SUBJECT = Text(200)
MOST_STAFF = 50
SPARSEST = 20
NEAR = timedelta(days=7)
"""A stall whose day is no market day any more moves at most so far; else it is cancelled, and the new day has a stall of its own."""


class State(StrEnum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class Cause(StrEnum):
    """Why a stall is cancelled: there is no market that day, the plan was ended, or the team has taken it back."""

    MARKET = "MARKET"
    PLAN = "PLAN"
    TEAM = "TEAM"


@dataclass(frozen=True)
class Plan:
    """A team has a stall on every nth day of a market, from `first` to `last`, both included. Times are China's."""

    id: UUID
    market: UUID
    area: str
    team: str
    staff: tuple[str, ...]
    topic: str
    begins: time
    ends: time
    first: date
    last: date
    every_nth: int


@dataclass(frozen=True)
class Stall:
    """One day of a plan."""

    id: UUID
    date: date
    state: State
    cause: Cause | None
    version: int


@dataclass(frozen=True)
class Change:
    """What to do so that the stalls stand on the days that are wanted."""

    add: tuple[date, ...] = ()
    move: tuple[tuple[Stall, date], ...] = ()
    cancel: tuple[Stall, ...] = ()


def check_plan(plan: Plan, today: date) -> None:
    """Raises InvalidInput."""
    if not 0 < len(plan.staff) <= MOST_STAFF or len(set(plan.staff)) < len(plan.staff):
        raise InvalidInput(f"staff must name 1 to {MOST_STAFF}, each once", field="staff", rule="stall.staff")
    if plan.ends <= plan.begins:
        raise InvalidInput("ends must lie after begins, on the same day", field="ends", rule="order")
    if plan.first < today:
        raise InvalidInput("from must not lie in the past", field="from", rule="not.past")
    if not 0 <= (plan.last - plan.first).days <= LONGEST_SPAN_DAYS:
        raise InvalidInput(f"to: at most {LONGEST_SPAN_DAYS} days after from", field="to", rule="stall.span")
    if plan.last > (end := horizon(today)):
        raise InvalidInput(f"to: market days are known to {end}", field="to", rule="market.horizon")
    if not 1 <= plan.every_nth <= SPARSEST:
        raise InvalidInput(f"everyNth must be from 1 to {SPARSEST}", field="everyNth", rule="range")


def stall_days(plan: Plan, rule: Rule, exceptions: Iterable[MarketException]) -> list[MarketDay]:
    """The market days on which the plan has a stall.

    Every nth counts the days by the rule, dropped ones too, so that one day that is dropped shifts no other. A day that was moved keeps its
    turn; one that was added has a stall where each market day has.
    """
    turns = {day.day for day in rule_days(rule, plan.first, plan.last)[:: plan.every_nth]}
    days = market_days(rule, plan.first, plan.last, exceptions)
    return [day for day in days if day.turn in turns or (day.turn is None and plan.every_nth == 1)]


def replan(wanted: Sequence[MarketDay], standing: Iterable[Stall], today: date) -> Change:
    """What is past or held stays, and so does a day that the team has taken back. Where a stall can move to, it keeps its identity."""
    standing = list(standing)
    open_ = {stall.date: stall for stall in standing if stall.state is State.PLANNED and stall.date >= today}
    settled = {stall.date for stall in standing if stall.state is State.HELD or stall.cause is Cause.TEAM}
    days = {day.day: day for day in wanted if day.day >= today and day.day not in settled}
    free = [day for day in days.values() if day.day not in open_]
    astray = sorted((open_[day] for day in open_.keys() - days.keys()), key=lambda stall: stall.date)
    moves = []
    for fits in (_in_its_turn, _near):
        for stall in list(astray):
            day = next((day for day in free if fits(stall, day)), None)
            if day is not None:
                moves.append((stall, day.day))
                free.remove(day)
                astray.remove(stall)
    return Change(tuple(day.day for day in free), tuple(moves), tuple(astray))


def _in_its_turn(stall: Stall, day: MarketDay) -> bool:
    return day.turn == stall.date


def _near(stall: Stall, day: MarketDay) -> bool:
    return abs(day.day - stall.date) <= NEAR
