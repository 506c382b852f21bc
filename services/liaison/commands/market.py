"""Markets: their rules, and single days that are added, dropped or moved. Their days and the stalls on them follow in the same transaction."""

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    UnknownCode,
    none_such,
    require_version,
)
from services.liaison.commands.stall import plan_again
from services.liaison.domain.access import CALLER
from services.liaison.domain.market import (
    NAME,
    REASON,
    ExceptionKind,
    MarketException,
    Rule,
    RuleKind,
    ShortMonth,
    beginning,
    check_exception,
    horizon,
    market_days,
)
from services.liaison.domain.role import ARRANGERS
from services.liaison.store import area as areas
from services.liaison.store import market as store
from services.liaison.store.market import Market

LOOK_SECONDS = 60
PLACES = (9, 12)
"""How long the codes are of townships and villages."""

log = structlog.get_logger()


class ReviseMarket(Input, frozen=True, kw_only=True):
    """A new market has neither id nor version. `days` are last digits, weekdays or branches, as the rule says."""

    id: UUID | None = None
    version: int | None = None
    area_code: str
    name: str
    rule: RuleKind
    days: Sequence[int]
    short_month: ShortMonth = ShortMonth.SKIP
    since: date
    until: date | None = None


class OfMarket(Input, frozen=True, kw_only=True):
    market_id: UUID
    version: int | None = None
    date: date


class AddMarketException(OfMarket, frozen=True, kw_only=True):
    """A day that is added `instead_of` another moves the market."""

    kind: ExceptionKind
    reason: str
    instead_of: date | None = None


async def revise_market(doing: Doing, given: ReviseMarket) -> str:
    """From today on its days are those of the rule; what is past stays. Raises InvalidInput, UnknownCode, Forbidden, NotFound, StaleVersion."""
    connection, day = doing.connection, today(doing.clock)
    if not await areas.known(connection, given.area_code):
        raise UnknownCode("area", field="areaCode")
    if len(given.area_code) not in PLACES:
        raise InvalidInput("areaCode must be a township or a village", field="areaCode", rule="kind.area")
    _require_area(doing, given.area_code)
    key = given.id or uuid7()
    await store.alone(connection, key)
    ends = (await areas.last_days(connection, [given.area_code])).get(given.area_code)
    rule = Rule(given.rule, tuple(sorted(set(given.days))), given.since, given.until, given.short_month, ends)
    version, first = 1, beginning(rule, day)
    if given.id is not None:
        known = await _current(doing, given.id, given.version)
        if known.area != given.area_code:
            raise InvalidInput(
                "areaCode: a market stays where it is; end it and add another", field="areaCode", rule="market.area"
            )
        version, first = known.version + 1, day
    market = Market(key, given.area_code, NAME.check(given.name, "name"), rule, version)
    await keep(connection, doing.clock, market, first)
    return str(key)


async def add_market_exception(doing: Doing, given: AddMarketException) -> str:
    """Raises InvalidInput, Forbidden, NotFound, StaleVersion, or Conflict where that day has an exception."""
    await store.alone(doing.connection, given.market_id)
    market = await _current(doing, given.market_id, given.version)
    reason = REASON.check(given.reason, "reason")
    exception = MarketException(given.date, given.kind, reason, given.instead_of)
    others = await store.exceptions(doing.connection, market.id)
    if any(given.date == other.day for other in others):
        raise Conflict("that day has an exception already: drop it first", field="date", rule="market.exception")
    check_exception(market.rule, others, exception, today(doing.clock))
    await store.add_exception(doing.connection, market.id, exception)
    await _follow(doing, market)
    return str(market.id)


async def drop_market_exception(doing: Doing, given: OfMarket) -> str:
    """The day is again what the rule says. Raises InvalidInput, Forbidden, NotFound or StaleVersion."""
    await store.alone(doing.connection, given.market_id)
    market = await _current(doing, given.market_id, given.version)
    if given.date < today(doing.clock):
        raise InvalidInput("date must not lie in the past", field="date", rule="not.past")
    if not await store.drop_exception(doing.connection, market.id, given.date):
        raise NotFound("date: that day has no exception", field="date")
    await _follow(doing, market)
    return str(market.id)


async def _current(doing: Doing, key: UUID, version: int | None) -> Market:
    market = await store.find(doing.connection, key)
    if market is None:
        raise none_such("market")
    _require_area(doing, market.area)
    require_version("market", version, market.version)
    return market


def _require_area(doing: Doing, area: str) -> None:
    if not doing.principal.covers(area):
        raise Forbidden("this is for a clerk of the market's area")


async def _follow(doing: Doing, market: Market) -> None:
    after = Market(market.id, market.area, market.name, market.rule, market.version + 1)
    await keep(doing.connection, doing.clock, after, today(doing.clock))


async def keep(connection: Connection, clock: Clock, market: Market, first: date) -> None:
    """Writes the market, its days from `first` on, and the stalls on them."""
    day = today(clock)
    until = horizon(day)
    if not await store.put(connection, market, until):
        raise none_such("market")
    exceptions = await store.exceptions(connection, market.id)
    await store.put_days(connection, market.id, first, market_days(market.rule, first, until, exceptions))
    await plan_again(connection, clock, market, exceptions)


async def keep_markets(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Looks each minute whether the days of a market are due, until stopped."""
    while not stop.is_set():
        extended = await extend(pool, clock)
        if extended:
            log.info("markets.extended", markets=extended)
        await stopped_within(stop, LOOK_SECONDS)


async def extend(pool: Pool, clock: Clock) -> int:
    """Brings each market's days up to the horizon, or to its area's end, and the stalls to them, each in a transaction of its own;
    returns how many were due.
    """
    day, count = today(clock), 0
    until = horizon(day)
    while True:
        async with transaction(pool, CALLER) as connection:
            due = await store.due(connection, until)
        for key in due:
            async with transaction(pool, CALLER) as connection:
                await store.alone(connection, key)
                market = await store.find(connection, key)
                if market is None:
                    continue
                exceptions = await store.exceptions(connection, key)
                await store.put_days(connection, key, day, market_days(market.rule, day, until, exceptions))
                await plan_again(connection, clock, market, exceptions)
                await store.planned(connection, key, until)
        count += len(due)
        if not due:
            return count


COMMANDS = (
    Command("reviseMarket", ReviseMarket, ARRANGERS, revise_market, "market"),
    Command("addMarketException", AddMarketException, ARRANGERS, add_market_exception, "market"),
    Command("dropMarketException", OfMarket, ARRANGERS, drop_market_exception, "market"),
)
