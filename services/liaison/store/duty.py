"""The rostered duties, their sign-ins, gaps, and where the stations are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.chassis.db import Connection, savepoint
from services.chassis.errors import Conflict
from services.chassis.place import Point
from services.liaison.domain.duty import Found
from services.liaison.domain.roster import Shift, Standing

ELSEWHERE = "somebody is in another village at that time"

ON_DUTY = "SELECT subject, signed_in_at FROM duty WHERE area = $1 AND date = $2"
SIGN_IN = """
UPDATE duty SET signed_in_at = $4, received_at = $5, place = $6, metres = $7
WHERE area = $1 AND date = $2 AND subject = $3 AND signed_in_at IS NULL RETURNING area
"""
SIGN_OUT = """
UPDATE duty SET signed_out_at = $4 WHERE area = $1 AND date = $2 AND subject = $3 AND signed_out_at IS NULL RETURNING area
"""
LATE = """
SELECT $3 > in_china($2, opens) + make_interval(mins => late_minutes)
FROM duty_rule WHERE area = $1 AND starts <= $2 ORDER BY starts DESC LIMIT 1
"""
_SHIFT = "area, date, subject, agreed, turn, signed_in_at"
FIND = f"SELECT {_SHIFT} FROM duty WHERE area = $1 AND date = $2"
LOCK = f"{FIND} FOR NO KEY UPDATE"
OF_DAY = "SELECT FROM duty WHERE area = ANY ($1) AND date = $2 ORDER BY area FOR NO KEY UPDATE"
STANDING = f"SELECT {_SHIFT} FROM duty WHERE area = ANY ($1) AND date BETWEEN $2 AND $3"
ENGAGED = """
SELECT e.subject, e.area, (lower(e.during) AT TIME ZONE 'Asia/Shanghai')::date AS day
FROM unnest($1::text[]) AS who(subject)
JOIN engagement e ON e.subject = who.subject AND e.during && tstzrange(in_china($2, '00:00'), in_china($3, '24:00'))
WHERE e.during && duty_hours((lower(e.during) AT TIME ZONE 'Asia/Shanghai')::date)
"""
PUT = """
INSERT INTO duty (area, date, subject, agreed, turn)
SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::boolean[], $5::text[]) AS given(area, date, subject, agreed, turn)
ORDER BY subject, date
ON CONFLICT (area, date) DO UPDATE SET subject = excluded.subject, agreed = excluded.agreed, turn = excluded.turn
    WHERE duty.signed_in_at IS NULL
"""
DROP = """
DELETE FROM duty WHERE (area, date) IN (SELECT * FROM unnest($1::text[], $2::date[])) AND signed_in_at IS NULL
"""
CHECK_LATER = "SET CONSTRAINTS engagement_one_place DEFERRED"
CHECK_NOW = "SET CONSTRAINTS engagement_one_place IMMEDIATE"
FILLED = "DELETE FROM duty_gap g USING duty d WHERE d.area = g.area AND d.date = g.date"
NEW_GAPS = """
INSERT INTO duty_gap (area, date, told_at)
SELECT area, date, $2 FROM duty_sheet s
WHERE gap AND date BETWEEN $1 AND $1 + 60
    AND alarm_days >= (SELECT count(*) FROM calendar_day c
        WHERE c.kind IN ('WORKDAY', 'MAKEUP_WORKDAY') AND c.date > $1 AND c.date <= s.date)
ORDER BY area, date ON CONFLICT DO NOTHING RETURNING area, date
"""
STATION = "SELECT longitude, latitude, radius FROM station WHERE area = $1"
STATION_VERSION = "SELECT version FROM station WHERE area = $1 FOR NO KEY UPDATE"
PUT_STATION = """
INSERT INTO station (area, name, address, longitude, latitude, radius, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (area) DO UPDATE SET name = excluded.name, address = excluded.address, longitude = excluded.longitude,
    latitude = excluded.latitude, radius = excluded.radius, version = excluded.version
WHERE station.version = excluded.version - 1 RETURNING area
"""


@dataclass(frozen=True)
class OnDuty:
    subject: str
    signed_in_at: datetime | None


async def on_duty(connection: Connection, area: str, day: date) -> OnDuty | None:
    """The one who is rostered."""
    row = await connection.fetchrow(ON_DUTY, area, day)
    return None if row is None else OnDuty(row["subject"], row["signed_in_at"])


async def sign_in(
    connection: Connection,
    area: str,
    day: date,
    subject: str,
    at: datetime,
    received: datetime,
    found: Found,
) -> bool:
    """Notes the first sign-in of the one on duty; False when there was one before or the duty went to another."""
    values = (at, received, found.place.value, found.metres)
    return await connection.fetchval(SIGN_IN, area, day, subject, *values) is not None


async def sign_out(connection: Connection, area: str, day: date, subject: str, at: datetime) -> bool:
    """Notes the first sign-out."""
    return await connection.fetchval(SIGN_OUT, area, day, subject, at) is not None


async def late(connection: Connection, area: str, day: date, at: datetime) -> bool:
    """Whether who signs in at that time is late by the village's rule."""
    return bool(await connection.fetchval(LATE, area, day, at))


async def find(connection: Connection, area: str, day: date) -> Standing | None:
    row = await connection.fetchrow(FIND, area, day)
    return None if row is None else _standing(row)


async def lock(connection: Connection, area: str, day: date) -> Standing | None:
    """The day's duty, held; None for one that the caller may not change, too."""
    row = await connection.fetchrow(LOCK, area, day)
    return None if row is None else _standing(row)


def _standing(row: asyncpg.Record) -> Standing:
    shift = Shift(row["date"], row["subject"], row["agreed"], row["turn"])
    return Standing(shift, signed=row["signed_in_at"] is not None)


async def hold(connection: Connection, areas: Collection[str], today: date) -> None:
    """Keeps those of today from signing in until the end of the transaction; who has a later day cannot do so yet."""
    await connection.execute(OF_DAY, list(areas), today)


async def standing(
    connection: Connection, areas: Collection[str], first: date, last: date
) -> dict[str, dict[date, Standing]]:
    """By area and day."""
    found: dict[str, dict[date, Standing]] = defaultdict(dict)
    for row in await connection.fetch(STANDING, list(areas), first, last):
        found[row["area"]][row["date"]] = _standing(row)
    return found


async def engaged(
    connection: Connection, subjects: Collection[str], first: date, last: date
) -> dict[str, dict[date, set[str]]]:
    """By subject and day the villages where they are, in the hours of duty."""
    found: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in await connection.fetch(ENGAGED, list(subjects), first, last):
        found[row["subject"]][row["day"]].add(row["area"])
    return found


async def revise(
    connection: Connection, put: Mapping[str, Iterable[Shift]], drop: Mapping[str, Sequence[date]]
) -> None:
    """Rosters the shifts, by area; a day that is signed by now stays as it is. Raises Conflict where somebody would be in two villages at once.

    All is checked at the end, so that somebody may leave one village for another within the change.
    """
    rows = [(area, shift) for area, shifts in put.items() for shift in shifts]
    dropped = [(area, day) for area, days in drop.items() for day in days]
    try:
        async with savepoint(connection):
            await connection.execute(CHECK_LATER)
            if dropped:
                await connection.execute(DROP, [area for area, _ in dropped], [day for _, day in dropped])
            if rows:
                await connection.execute(
                    PUT,
                    [area for area, _ in rows],
                    [shift.date for _, shift in rows],
                    [shift.subject for _, shift in rows],
                    [shift.agreed for _, shift in rows],
                    [shift.turn for _, shift in rows],
                )
            await connection.execute(CHECK_NOW)
    except asyncpg.ExclusionViolationError:
        raise Conflict(ELSEWHERE, rule="one.place") from None


async def new_gaps(connection: Connection, today: date, at: datetime) -> list[tuple[str, date]]:
    """Village and day of each gap that is near by its rule and was not told of; from now on it was. One that is filled may be told again."""
    await connection.execute(FILLED)
    return [(row["area"], row["date"]) for row in await connection.fetch(NEW_GAPS, today, at)]


async def station(connection: Connection, area: str) -> tuple[Point | None, int]:
    """Where the village's station is, and within how many metres one is at it."""
    row = await connection.fetchrow(STATION, area)
    return (None, 0) if row is None else (Point(row["longitude"], row["latitude"]), row["radius"])


async def station_version(connection: Connection, area: str) -> int | None:
    version: int | None = await connection.fetchval(STATION_VERSION, area)
    return version


async def put_station(
    connection: Connection, area: str, name: str, address: str | None, at: Point, radius: int, version: int
) -> bool:
    values = (area, name, address, at.longitude, at.latitude, radius, version)
    return await connection.fetchval(PUT_STATION, *values) is not None
