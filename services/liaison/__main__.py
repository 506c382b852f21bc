"""`python -m services.liaison VERB`; without a verb it lists them. Beside every service's verbs: `calendar load|check|show|explain`."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from services.chassis.cli import command_line, main
from services.chassis.clock import SystemClock
from services.chassis.config import DatabaseConfig, load
from services.chassis.db import Connection, transaction
from services.chassis.errors import InvalidInput
from services.chassis.operations_cli import Json
from services.chassis.service import open_database
from services.liaison.app import declare, load_data
from services.liaison.commands.calendar import known_day, load_files
from services.liaison.config import Api, Load, Worker
from services.liaison.domain.access import CALLER
from services.liaison.domain.calendar import Day, DayKind, Origin, days_of, outline
from services.liaison.domain.lunar import lunar_text
from services.liaison.domain.notice import published
from services.liaison.domain.year_file import Fault, YearFile, read_year
from services.liaison.store import calendar as store

T = TypeVar("T")

WIDTH = 100
MARKS = {DayKind.WORKDAY: " .", DayKind.WEEKEND: " -", DayKind.HOLIDAY: "休", DayKind.MAKEUP_WORKDAY: "班"}
"""Two columns each, as wall calendars print them."""

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="TOML files, one a year.")]

cli = command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data)
calendars = typer.Typer(no_args_is_help=True, help="The working calendar and its years.")
cli.add_typer(calendars, name="calendar")


@calendars.command(name="check")
def _check(files: Files) -> None:
    """Read years' files, show what they say, and fail where one has a fault. Needs no database."""
    for file in _read(files):
        _show(file.year, file.source, days_of(file.year, file.notice))


@calendars.command(name="load")
def _load_files(
    files: Files,
    by: Annotated[
        str | None, typer.Option("--by", help="Who loads them; by default the account that runs this.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
) -> None:
    """Put years' files in the place of what stands, a library's included; rosters and series follow within a minute."""
    read = _read(files)

    async def run(connection: Connection) -> None:
        taken = await load_files(connection, SystemClock(), read, published(), by=(by or _account())[:60])
        for each in taken:
            typer.echo(
                f"{each.year}: {'loaded' if each.new else 'as it was'}, {len(each.moved)} days are of another kind"
            )
            for day in each.moved:
                typer.echo(f"  {day.date:%Y-%m-%d %a}  {day.before.value} → {day.after.value}")
        if dry_run:
            raise _NotKept

    try:
        _in_service(run)
    except _NotKept:
        typer.echo("dry run: nothing was changed")


@calendars.command(name="show")
def _show_year(year: int, json: Json = False) -> None:
    """Show a year as it stands, and where it comes from."""

    async def run(connection: Connection) -> tuple[store.Credited, list[Day]]:
        credited = await store.credited(connection, year)
        if credited is None:
            raise InvalidInput(f"the calendar has no year {year}", field="year", rule="calendar")
        return credited, await store.days(connection, date(year, 1, 1), date(year, 12, 31))

    credited, days = _in_service(run)
    if json:
        typer.echo(msgspec.json.encode({**asdict(credited), "days": days}).decode())
        return
    _show(year, _origin(credited), days)


@calendars.command(name="explain")
def _explain(
    day: Annotated[datetime, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"])], json: Json = False
) -> None:
    """Say what kind of day a date is, why, and who says so."""

    async def run(connection: Connection) -> tuple[store.Credited | None, Day]:
        return await store.credited(connection, day.year), await known_day(connection, day.date())

    credited, found = _in_service(run)
    if json:
        typer.echo(msgspec.json.encode({"day": found, "year": credited}).decode())
        return
    typer.echo(f"{found.date} (农历{lunar_text(found.date)}): {found.explanation}")
    if credited is not None:
        typer.echo(_origin(credited))


class _NotKept(Exception):
    """Undoes the transaction of a dry run."""


def _read(paths: list[Path]) -> list[YearFile]:
    """The years of the files; with a fault in any of them, a table of all faults and status 1."""
    read: dict[int, tuple[Path, YearFile]] = {}
    faults: list[tuple[Path, Fault]] = []
    for path in paths:
        found = read_year(path.read_bytes())
        if not isinstance(found, YearFile):
            faults += [(path, fault) for fault in found]
        elif found.year in read:
            detail = f"{read[found.year][0].name} is of the same year: one file a year"
            faults.append((path, Fault("year", "once", detail)))
        else:
            read[found.year] = path, found
    if faults:
        table = Table("file", "field", "rule", "what it asks for", box=box.SIMPLE_HEAD)
        for path, fault in faults:
            table.add_row(path.name, fault.field, fault.rule, fault.detail)
        Console(stderr=True, width=200).print(table, markup=False)
        typer.echo(f"{len(faults)} faults: nothing was loaded", err=True)
        raise typer.Exit(1)
    return [file for _, file in read.values()]


def _show(year: int, origin: str, days: list[Day]) -> None:
    """The year at a glance: its holidays, and a line a month."""
    console = Console(width=WIDTH, highlight=False, markup=False)
    console.print(f"{year}  {sum(day.works for day in days)} workdays  {origin}")
    festivals = Table("festival", "off", "days", "make-up workdays", box=box.SIMPLE_HEAD)
    for span in outline(days):
        off = [day for day in span.off if day.weekday() < 5]
        between = f"{span.off[0]:%m-%d %a} – {span.off[-1]:%m-%d %a}" if span.off else ""
        made_up = ", ".join(f"{day:%m-%d %a}" for day in span.makeups)
        festivals.add_row(span.festival, between, f"{len(span.off)} ({len(off)} Mon–Fri)", made_up)
    if festivals.row_count:
        console.print(festivals)
    numbers = "".join(f"{n:2}" if n == 1 or n % 5 == 0 else "  " for n in range(1, 32))
    months = Table("", numbers, "workdays", box=box.SIMPLE_HEAD, padding=(0, 1))
    for month in range(1, 13):
        of_month = [day for day in days if day.date.month == month]
        months.add_row(
            f"{month:2}", "".join(MARKS[day.kind] for day in of_month), str(sum(day.works for day in of_month))
        )
    console.print(months)
    console.print(". workday  - weekend  休 holiday  班 make-up workday (调休上班)")


def _origin(credited: store.Credited) -> str:
    if credited.origin is Origin.WEEKDAYS:
        return "provisional (暂定): by weekdays alone until it is published"
    at = f"{credited.loaded_at:%Y-%m-%d %H:%M} UTC"
    means = "a file, loaded" if credited.origin is Origin.FILE else "the library, taken in"
    return f"published: {credited.source} ({means} {at} by {credited.loaded_by})"


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user has no name
        return "operator"


def _in_service(ask: Callable[[Connection], Awaitable[T]]) -> T:
    """Runs in a transaction of the service's own."""
    config = load(DatabaseConfig)

    async def run() -> T:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool, transaction(pool, CALLER) as connection:
            return await ask(connection)

    return asyncio.run(run())


if __name__ == "__main__":
    main(cli)
