"""Markets, their exceptions and days as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.liaison.domain.market import (
    ExceptionKind,
    MarketDay,
    MarketException,
    Rule,
    RuleKind,
    ShortMonth,
    in_words,
)

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('market/' || $1::text, 0))"
FIND = """
SELECT m.id, m.area, m.name, m.rule, m.days, m.short_month, m.since, m.until, m.version, a.valid_to AS ends
FROM market m LEFT JOIN area a ON a.code = m.area WHERE m.id = $1
"""
PUT = """
INSERT INTO market (id, area, name, rule, days, short_month, words, since, until, planned_until, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, rule = excluded.rule, days = excluded.days, short_month = excluded.short_month, words = excluded.words,
    since = excluded.since, until = excluded.until, planned_until = excluded.planned_until, version = excluded.version
WHERE market.version = excluded.version - 1 RETURNING version
"""
PLANNED = "UPDATE market SET planned_until = $2 WHERE id = $1"
UNPLAN_AREA = """
WITH one AS MATERIALIZED (SELECT id, pg_advisory_xact_lock(hashtextextended('market/' || id, 0)) FROM market WHERE area = $1 ORDER BY id)
UPDATE market SET planned_until = least(planned_until, since - 1) WHERE id IN (SELECT id FROM one)
"""
DUE = "SELECT id FROM market WHERE planned_until < $1 ORDER BY id LIMIT 200"
EXCEPTIONS = "SELECT date, kind, reason, instead_of FROM market_exception WHERE market = $1 ORDER BY date"
ADD_EXCEPTION = """
INSERT INTO market_exception (market, date, kind, reason, instead_of) VALUES ($1, $2, $3, $4, $5)
"""
DROP_EXCEPTION = "DELETE FROM market_exception WHERE market = $1 AND date = $2 RETURNING date"
CLEAR_DAYS = "DELETE FROM market_day WHERE market = $1 AND date >= $2"
PUT_DAYS = "INSERT INTO market_day (market, date, text) SELECT $1, * FROM unnest($2::date[], $3::text[])"


@dataclass(frozen=True)
class Market:
    """A village's or township's market and by which rule it is held."""

    id: UUID
    area: str
    name: str
    rule: Rule
    version: int


async def alone(connection: Connection, market: UUID) -> None:
    """One at a time changes a market's days or plans stalls on them, until the end of the transaction."""
    await connection.execute(ALONE, str(market))


async def find(connection: Connection, key: UUID) -> Market | None:
    row = await connection.fetchrow(FIND, key)
    return None if row is None else _market(row)


async def put(connection: Connection, market: Market, planned_until: date) -> bool:
    """Adds the market, or writes the version that follows on the one that is there; False where there is another."""
    rule = market.rule
    done = await connection.fetchval(
        PUT,
        market.id,
        market.area,
        market.name,
        rule.kind,
        list(rule.days),
        rule.short_month,
        in_words(rule),
        rule.since,
        rule.until,
        planned_until,
        market.version,
    )
    return done is not None


async def unplan_area(connection: Connection, area: str) -> None:
    """The days of the area's markets are due, from whoever changes them just now on."""
    await connection.execute(UNPLAN_AREA, area)


async def due(connection: Connection, until: date) -> list[UUID]:
    """Some of the markets whose days do not stand up to then."""
    return [row["id"] for row in await connection.fetch(DUE, until)]


async def planned(connection: Connection, market: UUID, until: date) -> None:
    await connection.execute(PLANNED, market, until)


async def exceptions(connection: Connection, market: UUID) -> list[MarketException]:
    return [
        MarketException(row["date"], ExceptionKind(row["kind"]), row["reason"], row["instead_of"])
        for row in await connection.fetch(EXCEPTIONS, market)
    ]


async def add_exception(connection: Connection, market: UUID, given: MarketException) -> None:
    """Of a day that has none."""
    await connection.execute(ADD_EXCEPTION, market, given.day, given.kind, given.reason, given.instead_of)


async def drop_exception(connection: Connection, market: UUID, day: date) -> bool:
    """False where there is none of that day."""
    return await connection.fetchval(DROP_EXCEPTION, market, day) is not None


async def put_days(connection: Connection, market: UUID, first: date, days: Sequence[MarketDay]) -> None:
    """Puts the days, all from `first` on, in the place of those that stand there."""
    await connection.execute(CLEAR_DAYS, market, first)
    await connection.execute(PUT_DAYS, market, [day.day for day in days], [day.text for day in days])


def _market(row: asyncpg.Record) -> Market:
    short = ShortMonth(row["short_month"])
    rule = Rule(RuleKind(row["rule"]), tuple(row["days"]), row["since"], row["until"], short, row["ends"])
    return Market(row["id"], row["area"], row["name"], rule, row["version"])
