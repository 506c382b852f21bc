"""Series, and all that their planning reads and writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.liaison.domain.series import Policy, Series
from services.liaison.domain.session import Kind, Session
from services.liaison.domain.staffing import Engagement, Expert
from services.liaison.store.session import COLUMNS, session_of

LOCK = 0x5A_4D_3008
CHUNK = 2000
"""Sessions that one statement writes."""

BETWEEN = "somebody's deed came in between while sessions were planned"

Item = TypeVar("Item")

_SERIES = "id, kind, area, title, weekday, day, policy, opens, minutes, departments, starts, ends, version"
ADD = f"INSERT INTO series ({_SERIES}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id"
REVISE = """
UPDATE series SET area = $3, title = $4, weekday = $5, day = $6, policy = $7, opens = $8, minutes = $9, departments = $10, starts = $11,
    ends = $12, version = $13, planned_until = NULL, concerns = concerns + 1
WHERE id = $1 AND kind = $2
"""
TAKE = f"SELECT {_SERIES} FROM series WHERE id = $1 FOR NO KEY UPDATE"
CONCERN = "SELECT concern_series(ARRAY[$1::uuid])"

DUE = "SELECT id FROM series WHERE planned_until IS NULL OR planned_until < $1 ORDER BY starts, id"
ALONE = "SELECT pg_advisory_xact_lock($1)"
PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = '5min'"
"""A plan is computed between reading and writing, in seconds for a county's year; no row is held meanwhile."""
CLAIM = f"SELECT {_SERIES}, concerns FROM series WHERE id = $1 AND (planned_until IS NULL OR planned_until < $2)"
PLANNED = "UPDATE series SET planned_until = $3 WHERE id = $1 AND concerns = $2"

VILLAGES = "SELECT code, valid_to FROM area WHERE length(code) = 12 AND code ^@ $1"
STANDING = f"SELECT {COLUMNS} FROM session WHERE series = $1 AND (date >= $2 OR due >= $2)"
BEGUN = "SELECT id FROM session WHERE series = $1 AND date >= $2 AND kind = 'DIALOGUE' AND dialogue_begun(id)"
PLACES = """
SELECT f.session, f.department, f.subject, f.by_hand FROM session s JOIN session_staff f ON f.session = s.id
WHERE s.series = $1 AND s.date >= $2 AND s.state <> 'HELD'
"""
EXPERTS = "SELECT subject, department, area, base, since, until FROM cadre WHERE department = ANY ($1)"
ENGAGED = """
SELECT kind, ref, subject, area, day::date AS date,
       extract(epoch FROM greatest(begins, day) - day)::int / 60 AS begins,
       ceil(extract(epoch FROM least(ends, day + interval '1 day') - day) / 60)::int AS ends
FROM (SELECT kind, ref, subject, area, lower(during) AT TIME ZONE 'Asia/Shanghai' AS begins, upper(during) AT TIME ZONE 'Asia/Shanghai' AS ends
      FROM engagement WHERE subject = ANY ($1) AND upper(during) > in_china($2, '00:00')) e,
    generate_series(date_trunc('day', begins), ends - interval '1 microsecond', interval '1 day') AS day
"""
SERVED = """
SELECT extract(year FROM s.date)::int AS year, f.subject, count(*) AS sessions FROM session_staff f JOIN session s ON s.id = f.session
WHERE f.subject = ANY ($1) AND s.state IN ('PLANNED', 'HELD') AND s.date >= date_trunc('year', $3::date)
    AND NOT coalesce(s.series = $2 AND s.date >= $3 AND s.state = 'PLANNED', false)
GROUP BY 1, 2
"""

LATER = "SET CONSTRAINTS engagement_one_place, session_one_a_day DEFERRED"
NOW = "SET CONSTRAINTS engagement_one_place, session_one_a_day IMMEDIATE"
UNSTAFF = """
DELETE FROM session_staff f USING unnest($1::uuid[], $2::text[]) AS gone (session, department)
WHERE f.session = gone.session AND f.department = gone.department
"""
DROP = """
DELETE FROM session s USING unnest($1::uuid[], $2::int[]) AS gone (id, version)
WHERE s.id = gone.id AND s.version = gone.version AND s.kind = 'GATHERING' AND s.topic IS NULL
    AND NOT EXISTS (SELECT FROM sign_up u WHERE u.session = s.id) AND NOT EXISTS (SELECT FROM suggestion g WHERE g.session = s.id)
RETURNING s.id
"""
GIVE_UP = """
UPDATE session s SET state = 'CANCELLED', reason = $3, by_hand = false, version = s.version + 1
FROM unnest($1::uuid[], $2::int[]) AS gone (id, version) WHERE s.id = gone.id AND s.version = gone.version RETURNING s.id
"""
CHANGE = """
UPDATE session s SET date = g.date, opens = g.opens, minutes = g.minutes, state = g.state, reason = g.reason, by_hand = g.by_hand,
    version = s.version + 1
FROM unnest($1::uuid[], $2::int[], $3::date[], $4::time[], $5::int[], $6::text[], $7::text[], $8::boolean[])
    AS g (id, version, date, opens, minutes, state, reason, by_hand)
WHERE s.id = g.id AND s.version = g.version RETURNING s.id
"""
ADD_SESSIONS = """
INSERT INTO session (id, series, kind, area, due, date, opens, minutes, state, reason)
SELECT g.id, $2, $3, g.area, g.due, g.date, $4, $5, g.state, g.reason
FROM unnest($1::uuid[], $6::text[], $7::date[], $8::date[], $9::text[], $10::text[]) AS g (id, area, due, date, state, reason)
"""
STAFF = """
INSERT INTO session_staff (session, department, subject) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
ON CONFLICT (session, department) DO UPDATE SET subject = excluded.subject, gap_told_at = NULL
"""
GAPS = """
UPDATE session_staff f SET gap_told_at = $1 FROM session s
WHERE s.id = f.session AND f.subject IS NULL AND f.gap_told_at IS NULL AND s.state = 'PLANNED' AND s.date BETWEEN $2 AND $3
RETURNING s.id, s.series, s.kind, s.area, s.date, f.department
"""


def _series(row: asyncpg.Record) -> Series:
    return Series(
        id=row["id"],
        kind=Kind(row["kind"]),
        area=row["area"],
        title=row["title"],
        weekday=row["weekday"],
        day=row["day"],
        policy=Policy(row["policy"]),
        opens=row["opens"],
        minutes=row["minutes"],
        departments=tuple(row["departments"]),
        starts=row["starts"],
        ends=row["ends"],
        version=row["version"],
    )


def _values(series: Series) -> tuple[object, ...]:
    rule = (series.weekday, series.day, series.policy, series.opens, series.minutes, list(series.departments))
    return (series.id, series.kind, series.area, series.title, *rule, series.starts, series.ends, series.version)


async def add(connection: Connection, series: Series) -> bool:
    """False where one of that id is there already."""
    return await connection.fetchval(ADD, *_values(series)) is not None


async def revise(connection: Connection, series: Series) -> None:
    """Of a series that was taken; it is due for planning then."""
    await connection.execute(REVISE, *_values(series))


async def take(connection: Connection, id_: UUID) -> Series | None:
    """Locks it for a deed; None where there is none within the caller's reach."""
    row = await connection.fetchrow(TAKE, id_)
    return None if row is None else _series(row)


async def concern(connection: Connection, id_: UUID | None) -> None:
    """What its plan was made from has changed, whoever did it: it is due for planning."""
    if id_ is not None:
        await connection.execute(CONCERN, id_)


async def due(connection: Connection, until: date) -> list[UUID]:
    """Those that are not planned up to `until`, the oldest first."""
    return [row["id"] for row in await connection.fetch(DUE, until)]


@dataclass(frozen=True)
class Claim:
    """A series that is being planned; `concerns` tells whether something comes in between."""

    series: Series
    concerns: int


async def claim(connection: Connection, id_: UUID, until: date) -> Claim | None:
    """For planning, one at a time; None where it was planned meanwhile."""
    await connection.execute(ALONE, LOCK)
    await connection.execute(PATIENCE)
    row = await connection.fetchrow(CLAIM, id_, until)
    return None if row is None else Claim(_series(row), row["concerns"])


async def planned(connection: Connection, claimed: Claim, until: date) -> None:
    """It stays due where something came in between."""
    await connection.execute(PLANNED, claimed.series.id, claimed.concerns, until)


async def villages(connection: Connection, area: str) -> dict[str, date | None]:
    """Those of the area with their last days."""
    return {row["code"]: row["valid_to"] for row in await connection.fetch(VILLAGES, area)}


async def standing(connection: Connection, id_: UUID, first: date) -> list[Session]:
    """Its sessions that are due, or on a day, from `first` on."""
    return [session_of(row) for row in await connection.fetch(STANDING, id_, first)]


async def begun(connection: Connection, id_: UUID, first: date) -> set[UUID]:
    """Its dialogues from `first` on at which it is noted who came, or a vote was opened."""
    return {row["id"] for row in await connection.fetch(BEGUN, id_, first)}


@dataclass(frozen=True)
class Placed:
    """Whom a department sends to a session as it stands."""

    subject: str | None
    by_hand: bool


async def places(connection: Connection, id_: UUID, first: date) -> dict[UUID, dict[str, Placed]]:
    """By session and department, of those ahead."""
    result: dict[UUID, dict[str, Placed]] = {}
    for row in await connection.fetch(PLACES, id_, first):
        result.setdefault(row["session"], {})[row["department"]] = Placed(row["subject"], row["by_hand"])
    return result


async def experts(connection: Connection, departments: Sequence[str]) -> list[Expert]:
    return [Expert(**row) for row in await connection.fetch(EXPERTS, departments)]


async def engaged(connection: Connection, subjects: Sequence[str], first: date) -> list[tuple[str, str, Engagement]]:
    """Kind and reference of each engagement from `first` on, and where and when it is."""
    return [
        (row["kind"], row["ref"], Engagement(row["subject"], row["area"], row["date"], row["begins"], row["ends"]))
        for row in await connection.fetch(ENGAGED, subjects, first)
    ]


async def served(connection: Connection, id_: UUID, subjects: Sequence[str], first: date) -> dict[int, dict[str, int]]:
    """How many sessions each has by year, but for those of the series that are ahead."""
    result: dict[int, dict[str, int]] = {}
    for row in await connection.fetch(SERVED, subjects, id_, first):
        result.setdefault(row["year"], {})[row["subject"]] = row["sessions"]
    return result


@dataclass(frozen=True)
class Writing:
    """What planning writes: sessions that are new, changed (each with the version that it had) or go, and staff that goes or comes."""

    add: Sequence[Session]
    change: Sequence[tuple[int, Session]]
    drop: Sequence[Session]
    unstaff: Sequence[tuple[UUID, str]]
    staff: Mapping[tuple[UUID, str], str | None]


async def write(connection: Connection, series: Series, writing: Writing, reason: str) -> None:
    """Writes a plan whole. `reason` is of what goes and somebody may have counted on. Raises Conflict where a deed came in between: a session
    has changed, somebody is engaged elsewhere, a session that goes is signed up for, or each waits for what the other holds.
    """
    try:
        await _write(connection, series, writing, reason)
    except (asyncpg.ExclusionViolationError, asyncpg.ForeignKeyViolationError, asyncpg.DeadlockDetectedError):
        raise Conflict(BETWEEN) from None


async def _write(connection: Connection, series: Series, writing: Writing, reason: str) -> None:
    await connection.execute(LATER)
    for changed in _chunks(writing.change):
        after = [session for _, session in changed]
        done = await connection.fetch(
            CHANGE,
            [each.id for each in after],
            [version for version, _ in changed],
            [each.date for each in after],
            [each.opens for each in after],
            [each.minutes for each in after],
            [each.state for each in after],
            [each.reason for each in after],
            [each.by_hand for each in after],
        )
        if len(done) < len(changed):
            raise Conflict(BETWEEN)
    for dropped in _chunks(writing.drop):
        these = ([each.id for each in dropped], [each.version for each in dropped])
        done = [*await connection.fetch(DROP, *these), *await connection.fetch(GIVE_UP, *these, reason)]
        if len(done) < len(dropped):
            raise Conflict(BETWEEN)
    for gone in _chunks(writing.unstaff):
        await connection.execute(UNSTAFF, [id_ for id_, _ in gone], [department for _, department in gone])
    for added in _chunks(writing.add):
        await connection.execute(
            ADD_SESSIONS,
            [each.id for each in added],
            series.id,
            series.kind,
            series.opens,
            series.minutes,
            [each.area for each in added],
            [each.due for each in added],
            [each.date for each in added],
            [each.state for each in added],
            [each.reason for each in added],
        )
    for put in _chunks(list(writing.staff.items())):
        await connection.execute(
            STAFF, [key[0] for key, _ in put], [key[1] for key, _ in put], [subject for _, subject in put]
        )
    await connection.execute(NOW)


def _chunks(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[n : n + CHUNK] for n in range(0, len(items), CHUNK)]


@dataclass(frozen=True)
class Gap:
    """Nobody of the department is free for a session."""

    session: UUID
    kind: Kind
    area: str
    date: date
    department: str


async def take_gaps(connection: Connection, first: date, last: date, at: datetime) -> list[Gap]:
    """Those from first to last that were not told of, which they are then."""
    return [
        Gap(row["id"], Kind(row["kind"]), row["area"], row["date"], row["department"])
        for row in await connection.fetch(GAPS, at, first, last)
    ]
