"""The working calendar's years and days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.db import Connection, Pool
from services.liaison.domain.calendar import Day, DayKind, Origin, lunar_texts

LOCK = 0x5A_4D_3001

ALONE = "SELECT pg_advisory_xact_lock($1)"
YEARS = "SELECT year, published, digest, origin, source FROM calendar_year ORDER BY year"
PUT_YEAR = """
INSERT INTO calendar_year (year, published, digest, origin, source, loaded_by, loaded_at, told) VALUES ($1, $2, $3, $4, $5, $6, $7, false)
ON CONFLICT (year) DO UPDATE SET published = excluded.published, digest = excluded.digest, origin = excluded.origin,
    source = excluded.source, loaded_by = excluded.loaded_by, loaded_at = excluded.loaded_at, told = false
"""
CREDIT_YEAR = "UPDATE calendar_year SET origin = $2, source = $3, loaded_by = $4, loaded_at = $5 WHERE year = $1"
PUT_DAYS = """
INSERT INTO calendar_day AS day (date, kind, explanation, provisional, festival, lunar)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[])
ON CONFLICT (date) DO UPDATE SET kind = excluded.kind, explanation = excluded.explanation, provisional = excluded.provisional,
    festival = excluded.festival, lunar = excluded.lunar, was = nullif(day.kind, excluded.kind)
"""
LUNARLESS = "SELECT min(date) AS first, max(date) AS last FROM calendar_day WHERE lunar IS NULL"
PUT_LUNAR = """
UPDATE calendar_day SET lunar = given.text FROM unnest($1::text[]) WITH ORDINALITY AS given(text, n) WHERE date = $2::date + given.n::int - 1
"""
MOVED = """
SELECT date, was, kind FROM calendar_day
WHERE date BETWEEN make_date($1, 1, 1) AND make_date($1, 12, 31) AND was IS NOT NULL ORDER BY date
"""
YEAR = "SELECT year, origin, source, loaded_by, loaded_at FROM calendar_year WHERE year = $1"
DAYS = (
    "SELECT date, kind, explanation, provisional, festival FROM calendar_day WHERE date BETWEEN $1 AND $2 ORDER BY date"
)
UNTOLD = "SELECT year, published FROM calendar_year WHERE NOT told ORDER BY year"
TOLD = "UPDATE calendar_year SET told = true WHERE year = ANY($1::int[])"
PUBLISHED_UNTIL = "SELECT make_date(max(year), 12, 31) FROM calendar_year WHERE published"
REACH = "SELECT min(year) AS first, max(year) AS last FROM calendar_year"


@dataclass(frozen=True)
class LoadedYear:
    """A year that the calendar has; `digest` tells whether its notice has changed since. `source` is who published it, or knows it."""

    digest: str
    origin: Origin
    source: str | None

    @property
    def published(self) -> bool:
        return self.origin is not Origin.WEEKDAYS


@dataclass(frozen=True)
class Moved:
    """A day that is of another kind than before its year was loaded last."""

    date: date
    before: DayKind
    after: DayKind


@dataclass(frozen=True)
class Credited:
    """A year with where it comes from, for a person to read."""

    year: int
    origin: Origin
    source: str | None
    loaded_by: str
    loaded_at: datetime


async def lock(connection: Connection) -> None:
    """One at a time loads years, until the end of the transaction."""
    await connection.execute(ALONE, LOCK)


async def years(connection: Connection) -> dict[int, LoadedYear]:
    return {
        row["year"]: LoadedYear(row["digest"], Origin(row["origin"]), row["source"])
        for row in await connection.fetch(YEARS)
    }


async def put_year(
    connection: Connection, year: int, loaded: LoadedYear, days: Sequence[Day], *, by: str, at: datetime
) -> None:
    """Puts all days of a year in the place of those that were there, and keeps which of them are of another kind now."""
    await connection.execute(
        PUT_YEAR, year, loaded.published, loaded.digest, loaded.origin.value, loaded.source, by, at
    )
    await connection.execute(
        PUT_DAYS,
        [day.date for day in days],
        [day.kind.value for day in days],
        [day.explanation for day in days],
        [day.provisional for day in days],
        [day.festival for day in days],
        lunar_texts(days[0].date, days[-1].date),
    )


async def complete_lunar(connection: Connection) -> None:
    """Gives the days of a calendar that is older than its lunar dates theirs."""
    row = await connection.fetchrow(LUNARLESS)
    if row is not None and row["first"] is not None:
        await connection.execute(PUT_LUNAR, lunar_texts(row["first"], row["last"]), row["first"])


async def credit_year(connection: Connection, year: int, loaded: LoadedYear, *, by: str, at: datetime) -> None:
    """The same days have another source now."""
    await connection.execute(CREDIT_YEAR, year, loaded.origin.value, loaded.source, by, at)


async def moved(connection: Connection, year: int) -> list[Moved]:
    """The days, in order, that changed their kind when the year was loaded last."""
    return [
        Moved(row["date"], DayKind(row["was"]), DayKind(row["kind"])) for row in await connection.fetch(MOVED, year)
    ]


async def credited(where: Pool | Connection, year: int) -> Credited | None:
    row = await where.fetchrow(YEAR, year)
    if row is None:
        return None
    return Credited(row["year"], Origin(row["origin"]), row["source"], row["loaded_by"], row["loaded_at"])


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
