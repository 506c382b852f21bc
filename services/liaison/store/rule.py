"""The rules of duty and how far each is planned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import asyncpg

from services.chassis.db import Connection
from services.liaison.domain.roster import Member, Pattern, Rule

_COLUMNS = "area, starts, pattern, eve_weight, opens, late_minutes, alarm_days, version"
PUT = f"""
INSERT INTO duty_rule ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (area, starts) DO UPDATE SET pattern = excluded.pattern, eve_weight = excluded.eve_weight, opens = excluded.opens,
    late_minutes = excluded.late_minutes, alarm_days = excluded.alarm_days, version = excluded.version
WHERE duty_rule.version = excluded.version - 1 RETURNING area
"""
CLEAR_POOL = "DELETE FROM duty_rule_cadre WHERE area = $1 AND starts = $2"
PUT_POOL = """
INSERT INTO duty_rule_cadre (area, starts, place, subject, weekdays)
SELECT $1, $2, place, subject, weekdays::int[]
FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS pool(subject, weekdays, place)
"""
VERSION = "SELECT version FROM duty_rule WHERE area = $1 AND starts = $2"
DUE = """
SELECT area FROM duty_rule WHERE planned_until IS NULL OR planned_until < $1 GROUP BY area ORDER BY area
"""
CLAIM = f"""
SELECT {_COLUMNS}, reached,
    (SELECT min(starts) - 1 FROM duty_rule later WHERE later.area = r.area AND later.starts > r.starts) AS last
FROM duty_rule r WHERE area = ANY ($1) AND (planned_until IS NULL OR planned_until < $2) ORDER BY area, starts FOR NO KEY UPDATE
"""
POOLS = """
SELECT area, starts, subject, weekdays FROM duty_rule_cadre
WHERE (area, starts) IN (SELECT * FROM unnest($1::text[], $2::date[])) ORDER BY area, starts, place
"""
PLANNED = """
UPDATE duty_rule SET planned_until = $3, reached = $3 WHERE (area, starts) IN (SELECT * FROM unnest($1::text[], $2::date[]))
"""
HOLD = "SELECT FROM duty_rule WHERE area = $1 ORDER BY starts FOR NO KEY UPDATE"


def _unplan(where: str) -> str:
    """Also those that are due: they may be just in planning, from what stood before. It is waited for in the order in which planning takes them."""
    return f"""
WITH due AS (SELECT area, starts FROM duty_rule r WHERE {where} ORDER BY area, starts FOR NO KEY UPDATE)
UPDATE duty_rule r SET planned_until = NULL FROM due WHERE r.area = due.area AND r.starts = due.starts
"""


UNPLAN = _unplan("true")
UNPLAN_AREA = _unplan("area = $1")
UNPLAN_OF = _unplan(
    """
    EXISTS (SELECT FROM duty_rule_cadre c WHERE c.area = r.area AND c.starts = r.starts AND c.subject = $1)
    OR EXISTS (SELECT FROM duty d WHERE d.subject = $1 AND d.area = r.area AND d.date >= r.starts AND d.date >= $2)"""
)


@dataclass(frozen=True)
class Due:
    """A rule that waits for its planning; `last` is its last day where a later rule follows it, `reached` up to where it was planned before."""

    rule: Rule
    last: date | None
    reached: date | None


async def put(connection: Connection, rule: Rule) -> bool:
    """Adds a rule (version 1) or writes it anew; False when it is there already, or changed meanwhile. Rules of the village are due then."""
    values = (rule.area, rule.starts, rule.pattern.value, rule.eve_weight, rule.opens, rule.late_minutes)
    if await connection.fetchval(PUT, *values, rule.alarm_days, rule.version) is None:
        return False
    await connection.execute(CLEAR_POOL, rule.area, rule.starts)
    subjects = [member.subject for member in rule.pool]
    weekdays = ["{" + ",".join(map(str, sorted(member.weekdays))) + "}" for member in rule.pool]
    await connection.execute(PUT_POOL, rule.area, rule.starts, subjects, weekdays)
    await connection.execute(UNPLAN_AREA, rule.area)
    return True


async def version(connection: Connection, area: str, starts: date) -> int | None:
    found: int | None = await connection.fetchval(VERSION, area, starts)
    return found


async def due(connection: Connection, until: date) -> list[str]:
    """The villages with a rule that is not planned up to `until`."""
    return [row["area"] for row in await connection.fetch(DUE, until)]


async def claim(connection: Connection, areas: Collection[str], until: date) -> list[Due]:
    """Locks those of the areas' rules that are due, by area and start; another worker may have planned some meanwhile."""
    rows = await connection.fetch(CLAIM, list(areas), until)
    keys = ([row["area"] for row in rows], [row["starts"] for row in rows])
    pools = {key: tuple(map(_member, group)) for key, group in groupby(await connection.fetch(POOLS, *keys), _key)}
    return [Due(_rule(row, pools[_key(row)]), row["last"], row["reached"]) for row in rows]


def _key(row: asyncpg.Record) -> tuple[str, date]:
    return row["area"], row["starts"]


def _member(row: asyncpg.Record) -> Member:
    return Member(row["subject"], tuple(row["weekdays"]))


def _rule(row: asyncpg.Record, pool: Sequence[Member]) -> Rule:
    values = {name: value for name, value in row.items() if name not in ("last", "reached")}
    return Rule(**values | {"pool": tuple(pool), "pattern": Pattern(row["pattern"])})


async def planned(connection: Connection, rules: Sequence[Rule], until: date) -> None:
    await connection.execute(PLANNED, [rule.area for rule in rules], [rule.starts for rule in rules], until)


async def hold(connection: Connection, area: str) -> None:
    """Keeps the area's roster from being planned until the end of the transaction."""
    await connection.execute(HOLD, area)


async def unplan_area(connection: Connection, area: str) -> None:
    """The area's rules are due."""
    await connection.execute(UNPLAN_AREA, area)


async def unplan(connection: Connection) -> None:
    """All rules are due: the calendar has changed."""
    await connection.execute(UNPLAN)


async def unplan_of(connection: Connection, subject: str, today: date) -> None:
    """The rules are due in whose pool somebody is, or by whose roster they have a duty to come."""
    await connection.execute(UNPLAN_OF, subject, today)
