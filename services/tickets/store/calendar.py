"""The copy of the working calendar, and the working hours. Its one row `calendar` is locked by whoever changes any of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from services.chassis.db import Connection
from services.tickets.domain.worktime import Calendar, DayKind, Hours, Special

READ = """
SELECT version,
    (SELECT coalesce(array_agg(year), '{}') FROM calendar_year WHERE published) AS published,
    (SELECT coalesce(array_agg(date ORDER BY date), '{}') FROM calendar_day WHERE date >= make_date($1, 1, 1)) AS dates,
    (SELECT coalesce(array_agg(kind ORDER BY date), '{}') FROM calendar_day WHERE date >= make_date($1, 1, 1)) AS kinds,
    (SELECT coalesce(array_agg(festival ORDER BY date), '{}') FROM calendar_day WHERE date >= make_date($1, 1, 1)) AS festivals,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(since, periods) ORDER BY since), '[]') FROM working_hours) AS hours
FROM calendar
"""
VERSION = "SELECT version FROM calendar"
LOCK = "SELECT version FROM calendar FOR UPDATE"
CHANGED = "UPDATE calendar SET version = version + 1"
YEAR = "SELECT published FROM calendar_year WHERE year = $1"
DAYS = "SELECT date, kind, festival FROM calendar_day WHERE date BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31)"
PUT_YEAR = """
INSERT INTO calendar_year AS known (year, published, told_at) VALUES ($1, $2, $3)
ON CONFLICT (year) DO UPDATE SET published = excluded.published, told_at = excluded.told_at
WHERE known.told_at <= excluded.told_at RETURNING year
"""
CLEAR_YEAR = "DELETE FROM calendar_day WHERE date BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31)"
PUT_DAYS = "INSERT INTO calendar_day (date, kind, festival) SELECT * FROM unnest($1::date[], $2::text[], $3::text[])"
ADD_HOURS = """
INSERT INTO working_hours (since, periods) SELECT * FROM jsonb_to_recordset($1) AS given (since date, periods text[])
ON CONFLICT (since) DO NOTHING RETURNING since
"""


async def read(connection: Connection, year: int) -> Calendar:
    """What is known of the year and of those after it."""
    row = await connection.fetchrow(READ, year)
    assert row is not None  # noqa: S101  the table always has its one row
    days = zip(row["dates"], row["kinds"], row["festivals"], strict=True)
    return Calendar(
        row["version"],
        frozenset(row["published"]),
        {day: Special(DayKind(kind), festival) for day, kind, festival in days},
        tuple(Hours(date.fromisoformat(since), periods(texts)) for since, texts in row["hours"]),
    )


def periods(texts: Iterable[str]) -> tuple[tuple[time, time], ...]:
    """Of the form 08:30-12:00; raises ValueError."""
    found = []
    for text in texts:
        opens, _, closes = text.partition("-")
        found.append((time.fromisoformat(opens), time.fromisoformat(closes)))
    return tuple(found)


async def version(connection: Connection) -> int:
    found: int = await connection.fetchval(VERSION)
    return found


async def lock(connection: Connection) -> None:
    """One at a time changes the calendar, until the end of the transaction."""
    await connection.execute(LOCK)


async def changed(connection: Connection) -> None:
    """All open deadlines are to be reckoned anew."""
    await connection.execute(CHANGED)


async def put_year(
    connection: Connection, year: int, special: Mapping[date, Special], told_at: datetime, *, published: bool
) -> bool:
    """Keeps what was told of a year, unless something newer was; returns whether that changed anything."""
    was = (
        await connection.fetchval(YEAR, year),
        {row["date"]: Special(DayKind(row["kind"]), row["festival"]) for row in await connection.fetch(DAYS, year)},
    )
    if await connection.fetchval(PUT_YEAR, year, published, told_at) is None or was == (published, special):
        return False
    await connection.execute(CLEAR_YEAR, year)
    await connection.execute(
        PUT_DAYS,
        list(special),
        [day.kind.value for day in special.values()],
        [day.festival for day in special.values()],
    )
    return True


async def add_hours(connection: Connection, lines: Sequence[Hours]) -> int:
    """Adds those of days from which no others hold; returns how many."""
    texts = [
        {"since": str(hours.since), "periods": [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours.periods]}
        for hours in lines
    ]
    return len(await connection.fetch(ADD_HOURS, texts))
