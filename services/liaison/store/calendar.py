"""The working calendar's years and days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.db import Connection, Pool
from services.liaison.domain.calendar import Day, DayKind

LOCK = 0x5A_4D_3001

ALONE = "SELECT pg_advisory_xact_lock($1)"
YEARS = "SELECT year, published, digest FROM calendar_year ORDER BY year"
PUT_YEAR = """
INSERT INTO calendar_year (year, published, digest, loaded_at, told) VALUES ($1, $2, $3, $4, false)
ON CONFLICT (year) DO UPDATE SET published = excluded.published, digest = excluded.digest, loaded_at = excluded.loaded_at, told = false
"""
CLEAR_YEAR = "DELETE FROM calendar_day WHERE date BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31)"
PUT_DAYS = """
INSERT INTO calendar_day (date, kind, explanation, provisional, festival)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::boolean[], $5::text[])
"""
DAYS = (
    "SELECT date, kind, explanation, provisional, festival FROM calendar_day WHERE date BETWEEN $1 AND $2 ORDER BY date"
)
UNTOLD = "SELECT year, published FROM calendar_year WHERE NOT told ORDER BY year"
TOLD = "UPDATE calendar_year SET told = true WHERE year = ANY($1::int[])"
PUBLISHED_UNTIL = "SELECT make_date(max(year), 12, 31) FROM calendar_year WHERE published"
REACH = "SELECT min(year) AS first, max(year) AS last FROM calendar_year"


@dataclass(frozen=True)
class LoadedYear:
    """A year that the calendar has; `digest` tells whether its notice has changed since."""

    published: bool
    digest: str


async def lock(connection: Connection) -> None:
    """One at a time loads years, until the end of the transaction."""
    await connection.execute(ALONE, LOCK)


async def years(connection: Connection) -> dict[int, LoadedYear]:
    return {row["year"]: LoadedYear(row["published"], row["digest"]) for row in await connection.fetch(YEARS)}


async def put_year(connection: Connection, year: int, loaded: LoadedYear, days: Sequence[Day], at: datetime) -> None:
    """Puts all days of a year in the place of those that were there."""
    await connection.execute(PUT_YEAR, year, loaded.published, loaded.digest, at)
    await connection.execute(CLEAR_YEAR, year)
    await connection.execute(
        PUT_DAYS,
        [day.date for day in days],
        [day.kind.value for day in days],
        [day.explanation for day in days],
        [day.provisional for day in days],
        [day.festival for day in days],
    )


async def untold(connection: Connection) -> dict[int, bool]:
    """The years that were loaded and not yet told of, each with whether it is published."""
    return {row["year"]: row["published"] for row in await connection.fetch(UNTOLD)}


async def told(connection: Connection, years: Iterable[int]) -> None:
    await connection.execute(TOLD, list(years))


async def days(where: Pool | Connection, first: date, last: date) -> list[Day]:
    """The days from first to last, both included, as far as the calendar has them."""
    return [
        Day(row["date"], DayKind(row["kind"]), row["explanation"], row["provisional"], row["festival"])
        for row in await where.fetch(DAYS, first, last)
    ]


async def published_until(connection: Connection) -> date | None:
    """The last day of the last published year."""
    last: date | None = await connection.fetchval(PUBLISHED_UNTIL)
    return last


async def reach(where: Pool | Connection) -> tuple[int, int] | None:
    """The first and the last year of the calendar; None while it is empty."""
    row = await where.fetchrow(REACH)
    return None if row is None or row["first"] is None else (row["first"], row["last"])
