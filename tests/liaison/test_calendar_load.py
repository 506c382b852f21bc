"""Years' files in the database: what stands, where it comes from, what is told, and what stays."""

import asyncio
import os
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from typer.testing import CliRunner, Result

from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.chassis.errors import InvalidInput
from services.liaison.__main__ import cli
from services.liaison.commands.calendar import Taken, load_files, load_years, tell_years
from services.liaison.commands.roster import plan_due
from services.liaison.commands.series import plan_series_due
from services.liaison.domain.calendar import Day, DayKind, days_of
from services.liaison.domain.notice import SOURCE, published
from services.liaison.domain.series import Policy, Series
from services.liaison.domain.session import Kind
from services.liaison.domain.year_file import YearFile, read_year
from services.liaison.store import calendar, series
from services.liaison.store.calendar import Moved
from tests.liaison.conftest import SERVICE, VILLAGE
from tests.liaison.test_year_file import EXAMPLE, read
from tests.support.databases import Database

FILE_OF_2027 = """year = 2027
source = "示例文号一"
[[holiday]]
festival = "元旦"
from = 2027-01-01
to = 2027-01-04
exchanged = [2027-01-04]
makeup = [2027-01-09]
"""
MONDAYS = Series(
    id=UUID("00000000-0000-7000-8000-0000000000e1"),
    kind=Kind.GATHERING,
    area=VILLAGE,
    title="示例周一集中",
    weekday=1,
    policy=Policy.NEXT_WORKDAY,
    opens=time(9),
    minutes=120,
    starts=date(2026, 12, 1),
)
UNTIL = date(2026, 12, 31)
DECEMBER = datetime(2026, 12, 20, tzinfo=UTC)


async def take(pool: Pool, clock: FixedClock, *texts: str) -> list[Taken]:
    async with transaction(pool, SERVICE) as connection:
        return await load_files(connection, clock, [read(text) for text in texts], published(), by="example-operator")


async def by_library(pool: Pool, clock: FixedClock, notices: Any = None, *, correcting: bool = False) -> list[int]:
    """As worker and `load` do."""
    async with transaction(pool, SERVICE) as connection:
        changed = await load_years(connection, clock, notices or published(), UNTIL, correcting=correcting)
        await tell_years(connection, clock)
        return changed


async def standing(pool: Pool, year: int) -> list[Day]:
    return await calendar.days(pool, date(year, 1, 1), date(year, 12, 31))


async def told(pool: Pool, year: int) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "SELECT data FROM outbox WHERE type = 'liaison.calendar.published.v1' AND subject = $1 ORDER BY recorded",
        str(year),
    )
    return [row["data"] for row in rows]


@pytest.fixture(scope="module")
def later() -> dict[int, Any]:
    """A library that knows 2027 otherwise than the file."""
    found = read_year(FILE_OF_2027.replace("to = 2027-01-04\nexchanged = [2027-01-04]", "to = 2027-01-03").encode())
    assert isinstance(found, YearFile)
    return {**published(), 2027: found.notice}


async def test_a_provisional_year_is_published_by_a_file(bare: Pool, clock: FixedClock) -> None:
    await by_library(bare, clock)
    assert all(day.provisional for day in await standing(bare, 2027))
    (taken,) = await take(bare, clock, FILE_OF_2027)
    assert (taken.year, taken.new) == (2027, True)
    assert taken.moved == (
        Moved(date(2027, 1, 1), DayKind.WORKDAY, DayKind.HOLIDAY),
        Moved(date(2027, 1, 2), DayKind.WEEKEND, DayKind.HOLIDAY),
        Moved(date(2027, 1, 3), DayKind.WEEKEND, DayKind.HOLIDAY),
        Moved(date(2027, 1, 4), DayKind.WORKDAY, DayKind.HOLIDAY),
        Moved(date(2027, 1, 9), DayKind.WEEKEND, DayKind.MAKEUP_WORKDAY),
    )
    assert await standing(bare, 2027) == days_of(2027, read(FILE_OF_2027).notice)
    assert all(day.provisional for day in await standing(bare, 2028)), "the next year is the provisional one now"
    first, second = await told(bare, 2027)
    assert (first["published"], first["changed"]) == (False, [])
    assert (second["published"], len(second["days"])) == (True, 5)
    assert second["changed"][-1] == {"date": "2027-01-09", "before": "WEEKEND", "after": "MAKEUP_WORKDAY"}
    assert len(await told(bare, 2028)) == 1


async def test_a_file_stands_before_the_library_whatever_that_learns(
    bare: Pool, clock: FixedClock, later: dict[int, Any]
) -> None:
    await take(bare, clock, FILE_OF_2027)
    before = await standing(bare, 2027)
    for correcting in (False, True):
        for notices in (published(), later):
            await by_library(bare, clock, notices, correcting=correcting)
    assert await standing(bare, 2027) == before
    assert len(await told(bare, 2027)) == 1, "no other deed changed it"
    async with transaction(bare, SERVICE) as connection:
        years = await calendar.years(connection)
        credited = await calendar.credited(connection, 2027)
    assert (years[2027].origin, years[2027].source) == ("FILE", "示例文号一")
    assert (years[2026].origin, years[2026].source) == ("LIBRARY", SOURCE)
    assert (years[2028].origin, years[2028].source) == ("WEEKDAYS", None)
    assert credited is not None
    assert (credited.loaded_by, credited.loaded_at) == ("example-operator", clock.now())


async def test_a_file_corrects_the_library_and_a_later_file_the_first(bare: Pool, clock: FixedClock) -> None:
    await by_library(bare, clock)
    example = EXAMPLE.read_text(encoding="utf-8")
    (taken,) = await take(bare, clock, example)
    assert (taken.new, taken.moved) == (True, ()), "the same days have another source"
    assert (await take(bare, clock, example))[0].new is False
    assert len(await told(bare, 2026)) == 1, "nothing has changed that others need to know"
    longer = example.replace("to = 2026-04-06", "to = 2026-04-07").replace("〔2025〕7号", "〔2025〕示例号")
    (taken,) = await take(bare, clock, longer)
    assert taken.moved == (Moved(date(2026, 4, 7), DayKind.WORKDAY, DayKind.HOLIDAY),)
    assert (await told(bare, 2026))[-1]["changed"] == [
        {"date": "2026-04-07", "before": "WORKDAY", "after": "HOLIDAY"},
    ]
    (taken,) = await take(bare, clock, example)
    assert taken.moved == (Moved(date(2026, 4, 7), DayKind.HOLIDAY, DayKind.WORKDAY),)


async def test_years_are_loaded_without_a_gap(bare: Pool, clock: FixedClock) -> None:
    of_2028 = FILE_OF_2027.replace("2027", "2028").replace(
        "to = 2028-01-04\nexchanged = [2028-01-04]", "to = 2028-01-03"
    )
    of_2028 = of_2028.replace("2028-01-09", "2028-01-08")
    with pytest.raises(InvalidInput, match="up to 2026, load 2027 first") as caught:
        await take(bare, clock, of_2028)
    assert caught.value.extra == {"field": "year", "rule": "no.gap"}
    assert [taken.year for taken in await take(bare, clock, of_2028, FILE_OF_2027)] == [2027, 2028]


async def test_lunar_dates_are_added_to_a_calendar_that_is_older_than_they(bare: Pool, clock: FixedClock) -> None:
    await by_library(bare, clock)
    lunar = "SELECT array_agg(lunar ORDER BY date) FROM calendar_day"
    before = await bare.fetchval(lunar)
    assert None not in before
    await bare.execute("UPDATE calendar_day SET lunar = NULL WHERE date < '2020-05-05'")
    assert await by_library(bare, clock) == []
    assert await bare.fetchval(lunar) == before


# The verbs, as an operator types them


async def type_in(database: Database, *words: str | Path) -> Result:
    """In a thread of its own, since a verb runs a loop of its own."""
    environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SANMIN_")}
    environment |= {"SANMIN_DATABASE_URL": database.app_url}
    typed = ["calendar", *map(str, words)]
    return await asyncio.to_thread(lambda: CliRunner().invoke(cli, typed, env=environment))


async def test_the_verbs(bare: Pool, bare_database: Database, tmp_path: Path) -> None:
    good, bad = tmp_path / "2027.toml", tmp_path / "bad.toml"
    good.write_text(FILE_OF_2027, encoding="utf-8")
    bad.write_text("year = 2028\nkind = 1\n", encoding="utf-8")

    checked = await type_in(bare_database, "check", good)
    assert (checked.exit_code, "2027  260 workdays  示例文号一" in checked.output) == (0, True), checked.output
    assert "休休休休 . . . .班 -" in checked.output
    for words in (("check", good, bad), ("load", bad), ("load", good, good)):
        refused = await type_in(bare_database, *words)
        assert refused.exit_code == 1
        assert ("known.key" in refused.output) is (bad in words)
        assert ("one file a year" in refused.output) is (bad not in words)
    assert await bare.fetchval("SELECT count(*) FROM calendar_year") == 0

    tried = await type_in(bare_database, "load", good, "--by", "示例值班员", "--dry-run")
    assert (tried.exit_code, await bare.fetchval("SELECT count(*) FROM calendar_year")) == (0, 0), tried.output
    loaded = await type_in(bare_database, "load", good, "--by", "示例值班员")
    assert loaded.exit_code == 0, loaded.output
    assert "2027: loaded, 5 days are of another kind" in loaded.output
    assert "2027-01-09 Sat  WEEKEND → MAKEUP_WORKDAY" in loaded.output

    shown = await type_in(bare_database, "show", "2027")
    assert "published: 示例文号一 (a file, loaded " in shown.output
    assert "by 示例值班员)" in shown.output
    data = msgspec.json.decode((await type_in(bare_database, "show", "2027", "--json")).output)
    assert (data["origin"], data["loaded_by"], len(data["days"])) == ("FILE", "示例值班员", 365)
    assert "provisional (暂定)" in (await type_in(bare_database, "show", "2028")).output
    assert (await type_in(bare_database, "show", "2040")).exit_code == 1
    explained = (await type_in(bare_database, "explain", "2027-01-09")).output
    assert explained.startswith(
        "2027-01-09 (农历腊月初二): make-up workday for New Year's Day (元旦调休上班), Saturday (周六)"
    )
    assert "示例文号一" in explained
    assert msgspec.json.decode((await type_in(bare_database, "explain", "2026-09-20", "--json")).output)["day"][
        "kind"
    ] == ("MAKEUP_WORKDAY")


# What moves when a year is loaded


async def test_duties_and_sessions_move_off_a_new_holiday_and_onto_a_make_up_workday(
    planned: Pool, clock: FixedClock
) -> None:
    clock.instant = DECEMBER
    days = (date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 9))

    async def duties() -> list[bool]:
        async with transaction(planned, SERVICE) as connection:
            found = await connection.fetch("SELECT date FROM duty WHERE area = $1 AND date = ANY ($2)", VILLAGE, days)
        return [day in {row["date"] for row in found} for day in days]

    async def sessions() -> list[tuple[str, str]]:
        async with transaction(planned, SERVICE) as connection:
            found = await connection.fetch(
                "SELECT due::text, date::text FROM session WHERE area = $1 AND due >= '2027-01-01' ORDER BY due LIMIT 2",
                VILLAGE,
            )
        return [(row["due"], row["date"]) for row in found]

    async with transaction(planned, SERVICE) as connection:
        await series.add(connection, MONDAYS)
    await plan_due(planned, clock, published(), correcting=False)
    await plan_series_due(planned, clock)
    assert await duties() == [True, True, False]
    assert await sessions() == [("2027-01-04", "2027-01-04"), ("2027-01-11", "2027-01-11")]
    async with transaction(planned, SERVICE) as connection:
        await connection.execute(
            "UPDATE duty SET signed_in_at = $3 WHERE area = $1 AND date = $2", VILLAGE, date(2027, 1, 5), clock.now()
        )
    signed = FILE_OF_2027.replace("to = 2027-01-04", "to = 2027-01-05")

    await take(planned, clock, signed)
    await plan_due(planned, clock, published(), correcting=False)
    await plan_series_due(planned, clock)

    assert await duties() == [False, True, True], "who has signed in has been there, holiday or not"
    assert await sessions() == [("2027-01-04", "2027-01-06"), ("2027-01-11", "2027-01-11")]
    told_of = "SELECT data FROM outbox WHERE type = $1 AND routing_key LIKE $2 ORDER BY recorded DESC LIMIT 1"
    key = ".339999.100.200.-"
    (roster,) = await planned.fetch(told_of, "liaison.roster.planned.v1", f"%{key}")
    assert "2027-01-04" in roster["data"]["removed"]
    assert "2027-01-09" in roster["data"]["added"]
    (moved,) = await planned.fetch(told_of, "liaison.sessions.planned.v1", f"%{key}")
    first, *_ = (each for each in moved["data"]["moved"] if each["due"] == "2027-01-04")
    assert (first["before"], first["after"], first["reason"]) == ("2027-01-04", "2027-01-06", "HOLIDAY")
