"""People's own calendars, what stands in them and in villages', and what each told last."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.chassis.db import Connection
from services.liaison.domain.feed import Entry, Market, Revision, Session, Stall, Told, Turn

OPEN = """
INSERT INTO calendar_feed AS f (subject, id, opened_at) VALUES ($1, $2, $3)
ON CONFLICT (subject) DO UPDATE SET revoked_at = NULL,
    opened_at = CASE WHEN f.revoked_at IS NULL THEN f.opened_at ELSE excluded.opened_at END,
    version = f.version + (f.revoked_at IS NOT NULL)::int
RETURNING id, version, opened_at
"""
REVOKE = "UPDATE calendar_feed SET revoked_at = $2 WHERE subject = $1 AND revoked_at IS NULL RETURNING id"
FIND = "SELECT subject, version, revoked_at IS NULL AS open FROM calendar_feed WHERE id = $1"
NAME = "SELECT name FROM cadre WHERE subject = $1"
VILLAGE = "SELECT coalesce(name, code) FROM area WHERE code = $1 AND length(code) = 12"

_TURN = """
SELECT d.area, coalesce(a.name, d.area) AS village, d.date, c.name AS who,
    lower(duty_hours(d.date)) AS begins, upper(duty_hours(d.date)) AS ends,
    coalesce(concat_ws(' ', t.name, t.address), '') AS place
FROM duty d JOIN cadre c USING (subject) LEFT JOIN area a ON a.code = d.area LEFT JOIN station t ON t.area = d.area
"""
TURNS_OF_PERSON = f"{_TURN} WHERE d.subject = $1 AND d.date >= $2"
TURNS_OF_VILLAGE = f"{_TURN} WHERE d.area = $1 AND d.date BETWEEN $2 AND $3"

_SESSION = """
SELECT s.id, s.kind, coalesce(a.name, s.area) AS village, s.date, in_china(s.date, s.opens) AS begins,
    in_china(s.date, s.opens) + make_interval(mins => s.minutes) AS ends, r.title, s.topic,
    ARRAY(SELECT f.department FROM session_staff f WHERE f.session = s.id ORDER BY f.department) AS departments
FROM session s LEFT JOIN series r ON r.id = s.series LEFT JOIN area a ON a.code = s.area
"""
SESSIONS_OF_PERSON = f"""{_SESSION}
WHERE s.id IN (SELECT f.session FROM session_staff f WHERE f.subject = $1) AND s.date >= $2 AND s.state IN ('PLANNED', 'HELD')
"""
SESSIONS_OF_VILLAGE = f"""{_SESSION}
WHERE s.area = $1 AND s.date BETWEEN $2 AND $3 AND s.state IN ('PLANNED', 'HELD')
"""

_STALL = """
SELECT s.id, m.name AS market, coalesce(a.name, s.area) AS village, s.date, lower(s.during) AS begins, upper(s.during) AS ends, s.topic
FROM stall_sheet s JOIN market m ON m.id = s.market LEFT JOIN area a ON a.code = s.area
"""
STALLS_OF_PERSON = f"{_STALL} WHERE s.staff @> ARRAY[$1] AND s.date >= $2 AND s.state <> 'CANCELLED'"
STALLS_OF_VILLAGE = f"""{_STALL}
WHERE m.area IN ($1, left($1, 9)) AND s.date BETWEEN $2 AND $3 AND s.state <> 'CANCELLED'
"""
MARKETS_OF_VILLAGE = """
SELECT d.market, m.name, d.date, d.text FROM market_day d JOIN market m ON m.id = d.market
WHERE m.area IN ($1, left($1, 9)) AND d.date BETWEEN $2 AND $3
"""

HOLD = "SELECT pg_advisory_xact_lock(hashtextextended($1, 11))"
TOLD = "SELECT uid, entry, sequence, cancelled, changed_at FROM feed_entry WHERE feed = $1"
TELL = """
INSERT INTO feed_entry (feed, uid, entry, sequence, cancelled, changed_at)
SELECT $1, * FROM unnest($2::text[], $3::jsonb[], $4::int[], $5::boolean[], $6::timestamptz[])
ON CONFLICT (feed, uid) DO UPDATE SET entry = excluded.entry, sequence = excluded.sequence, cancelled = excluded.cancelled,
    changed_at = excluded.changed_at
"""
FORGET = "DELETE FROM feed_entry WHERE feed = $1 AND uid = ANY($2::text[])"


@dataclass(frozen=True)
class Feed:
    id: UUID
    version: int
    opened_at: datetime


@dataclass(frozen=True)
class Found:
    """Whose calendar it is."""

    subject: str
    version: int
    open: bool


async def open_feed(connection: Connection, subject: str, new: UUID, at: datetime) -> Feed:
    """The subject's open calendar; where there is none, `new` or the revoked one with a higher version."""
    return Feed(**dict(await connection.fetchrow(OPEN, subject, new, at) or {}))


async def revoke_feed(connection: Connection, subject: str, at: datetime) -> UUID | None:
    """None where the subject has no open one."""
    revoked: UUID | None = await connection.fetchval(REVOKE, subject, at)
    return revoked


async def find_feed(connection: Connection, feed: UUID) -> Found | None:
    row = await connection.fetchrow(FIND, feed)
    return None if row is None else Found(**dict(row))


async def name_of(connection: Connection, subject: str) -> str | None:
    name: str | None = await connection.fetchval(NAME, subject)
    return name


async def village_name(connection: Connection, code: str) -> str | None:
    """Its code where the name has not arrived; None for what is no known village."""
    name: str | None = await connection.fetchval(VILLAGE, code)
    return name


async def of_person(connection: Connection, subject: str, first: date) -> tuple[list[Turn], list[Session], list[Stall]]:
    """What stands from a day on."""
    return (
        [Turn(**row) for row in await connection.fetch(TURNS_OF_PERSON, subject, first)],
        [Session(**row) for row in await connection.fetch(SESSIONS_OF_PERSON, subject, first)],
        [Stall(**row) for row in await connection.fetch(STALLS_OF_PERSON, subject, first)],
    )


async def of_village(
    connection: Connection, code: str, first: date, last: date
) -> tuple[list[Turn], list[Session], list[Stall], list[Market]]:
    """What stands from one day to another, both included."""
    return (
        [Turn(**row) for row in await connection.fetch(TURNS_OF_VILLAGE, code, first, last)],
        [Session(**row) for row in await connection.fetch(SESSIONS_OF_VILLAGE, code, first, last)],
        [Stall(**row) for row in await connection.fetch(STALLS_OF_VILLAGE, code, first, last)],
        [Market(**row) for row in await connection.fetch(MARKETS_OF_VILLAGE, code, first, last)],
    )


async def told(connection: Connection, feed: str) -> dict[str, Told]:
    """What the calendar told last, by UID. Whoever else reads it waits until the transaction ends, and so sees what is told in this one."""
    await connection.execute(HOLD, feed)
    return {
        row["uid"]: Told(msgspec.convert(row["entry"], Entry), row["sequence"], row["cancelled"], row["changed_at"])
        for row in await connection.fetch(TOLD, feed)
    }


async def tell(connection: Connection, feed: str, revision: Revision) -> None:
    """Keeps what the calendar tells now."""
    if revision.changed:
        await connection.execute(
            TELL,
            feed,
            [one.entry.uid for one in revision.changed],
            [msgspec.to_builtins(one.entry) for one in revision.changed],
            [one.sequence for one in revision.changed],
            [one.cancelled for one in revision.changed],
            [one.changed_at for one in revision.changed],
        )
    if revision.forgotten:
        await connection.execute(FORGET, feed, revision.forgotten)
