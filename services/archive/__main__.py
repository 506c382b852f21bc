"""`python -m services.archive VERB`; without a verb it lists them. Beside every service's verbs: `import`, `import-divisions`,
`reindex`, `review`, `rotate-keys`, `audit verify|key`, `retention rules|report|run`."""

import asyncio
import base64
import hashlib
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from uuid_utils.compat import uuid7

from services.archive.app import declare, load_data, trusted_keys
from services.archive.commands import area as division_commands
from services.archive.commands import finding, imports, review, rotation, upkeep
from services.archive.config import Api, Audit, Load, Rotation, Worker
from services.archive.domain import division
from services.archive.domain.area import COUNTY_DIGITS, KINDS
from services.archive.domain.chain import Checkpoint, Verification, checkpoint_of
from services.archive.domain.imports import SHEETS, Refused, Sheet
from services.archive.store import area as areas
from services.archive.store import chain, retention
from services.archive.store.imports import Counts, Job
from services.chassis.cli import command_line, main
from services.chassis.clock import SystemClock, today
from services.chassis.config import DatabaseConfig, load
from services.chassis.db import Connection, transaction
from services.chassis.keys import vault_of
from services.chassis.operations_cli import Json, show
from services.chassis.principal import itself
from services.chassis.service import open_database

T = TypeVar("T")

MOST_ERRORS = 50
MOST_CODES = 10

cli = command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data)


@cli.command(name="review")
def _review() -> None:
    """Count anew what of each sheet is stale and what it needs: after a change of review intervals or of a need's weight.

    What is interrupted the worker ends.
    """
    config = load(DatabaseConfig)
    columns = (TextColumn("sheets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    async def run() -> int:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool:
            due = await review.recount_all(pool)
            with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
                bar = progress.add_task("sheets", total=due)
                async for counted in review.batches(pool):
                    progress.advance(bar, counted)
        return due

    typer.echo(f"{asyncio.run(run())} sheets counted")


@cli.command(name="reindex")
def _reindex(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when something is to do.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what is up to date already.")] = False,
) -> None:
    """Make sheets findable as this version finds them, and compare their members with everybody else. The worker does so by itself.

    May be stopped and started again, and run beside the worker.
    """
    config = load(DatabaseConfig)
    columns = (TextColumn("sheets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    async def run() -> int:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool:
            if everything and not check:
                await finding.make_all_old(pool)
            waiting = await finding.how_many_old(pool)
            if check:
                return waiting
            with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
                bar = progress.add_task("sheets", total=waiting)
                await finding.reindex(pool, lambda count: progress.advance(bar, count))
            return waiting

    sheets = asyncio.run(run())
    if check and sheets:
        typer.echo(f"{sheets} sheets are not up to date", err=True)
        raise typer.Exit(1)
    typer.echo("up to date" if not sheets else f"{sheets} sheets made findable")


@cli.command(name="import")
def _import(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV (UTF-8 or GB18030) or XLSX, with the columns of the template."
        ),
    ],
    kind: Annotated[str, typer.Option("--kind", help="households, members or plots.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it, and change nothing.")
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(
            "--area", help="Code of the area that all of it must lie in; by default the smallest that holds it."
        ),
    ] = None,
    valid_from: Annotated[
        datetime | None,
        typer.Option("--valid-from", formats=["%Y-%m-%d"], help="First day on which it holds; by default today."),
    ] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=8, help="How many processes take it in.")] = 2,
) -> None:
    """Take in a file of sheets. Broken off, the same call goes on where it stopped. What is not taken in comes back beside the file.

    Status 1 while some rows are not taken in, 130 after Ctrl-C.
    """
    config = load(Load)
    sheet = next((sheet for sheet in SHEETS.values() if sheet.noun == kind), None)
    if sheet is None:
        raise typer.BadParameter(f"kind must be one of {', '.join(sheet.noun for sheet in SHEETS.values())}")
    data, console = file.read_bytes(), Console(stderr=True)

    async def run() -> imports.Outcome | None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        pool = await open_database(declare(config), config.database_url, 4)
        async with pool:
            desk = imports.Desk(
                imports.Means(config.database_url, partial(vault_of, config), processes), pool, SystemClock()
            )
            place = area or await imports.area_of(desk, sheet, data)
            if place is None:
                raise Refused("known.area", sheet.columns[0].title)
            job = Job(
                id=uuid7(),
                area=place,
                kind=sheet.kind,
                dry_run=dry_run,
                valid_from=today(SystemClock()) if valid_from is None else valid_from.date(),
                provenance="DOCUMENT",
                size=len(data),
                sha256=hashlib.sha256(data).digest(),
                submitted_by=itself("archive").subject,
                as_service=True,
            )
            with _rows_bar(console) as progress:
                bar = progress.add_task("rows", total=None, bad=0)

                def told(counted: Counts, total: int) -> None:
                    progress.update(bar, completed=counted.read, total=total, bad=counted.bad)

                return await imports.from_here(desk, data, job, stop, told)

    try:
        outcome = asyncio.run(run())
    except Refused as refused:
        where = f", column {refused.column}" if refused.column else ""
        console.print(f"stopped: the file was refused ({refused.rule}{where})", markup=False, highlight=False)
        raise typer.Exit(1) from None
    if outcome is None:
        console.print("Stopped. The chunks that are done are in; the same call goes on from here.")
        raise typer.Exit(130)
    _tell(outcome, sheet, file, dry_run=dry_run)


def _rows_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("rows"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(),
        TextColumn("[red]{task.fields[bad]} bad"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _tell(outcome: imports.Outcome, sheet: Sheet, file: Path, *, dry_run: bool) -> None:
    """What became of a file; the rejected rows are written beside it."""
    counted, console = outcome.counts, Console()
    would = "would be " if dry_run else ""
    console.print(
        f"{counted.good:,} rows {would}taken in, {counted.bad:,} not; sheets {would}opened: {counted.opened:,}, {would}changed: {counted.changed:,}",
        highlight=False,
    )
    if outcome.rejected is None:
        return
    kinds: dict[tuple[str, str], list[int]] = {}
    for fault in outcome.faults:
        kinds.setdefault((fault.field, fault.rule), []).append(fault.row)
    table = Table("column", "rule", "rows", "such as row")
    for (field, rule), rows in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        column = sheet.column(field)
        table.add_row(column.title if column else field, rule, f"{len(rows):,}", ", ".join(map(str, rows[:5])))
    console.print(table)
    beside = file.with_name(f"{file.stem}.rejected.xlsx")
    beside.write_bytes(outcome.rejected)
    console.print(f"the rows that are not in, with what is wrong in each: {beside}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


@cli.command(name="import-divisions")
def _import_divisions(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV (UTF-8 or GB18030) with the columns code and name; level and parent are checked where given.",
        ),
    ],
    *,
    county: Annotated[
        str | None, typer.Option("--county", help="Six digits: only this county, what is in it and what it lies in.")
    ] = None,
    valid_from: Annotated[
        datetime | None,
        typer.Option("--valid-from", formats=["%Y-%m-%d"], help="The day that the list speaks of; by default today."),
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Who says so; by default the file's name.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it, and change nothing.")
    ] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Take the good rows in though others are bad.")] = False,
) -> None:
    """Take in a published list of divisions, down to the villages. Nothing is taken in while a row is bad.

    New divisions are valid from the day on, others get the list's name from then on. A division that the list lacks stays: that it ended,
    and what came after it, is a change of areas, which knows what becomes of its households. Status 1 while rows are bad.
    """
    config = load(DatabaseConfig)
    if county is not None and not (county.isdigit() and len(county) == COUNTY_DIGITS):
        raise typer.BadParameter("--county takes six digits")
    if (text := division.decoded(file.read_bytes())) is None:
        raise typer.BadParameter("FILE is neither UTF-8 nor GB18030")
    day = today(SystemClock()) if valid_from is None else valid_from.date()

    async def run(connection: Connection) -> tuple[division.Listed, division_commands.Taken | None]:
        known = [area.code for area in await areas.under(connection, "")]
        listed = division.listed(text, known, county)
        if listed.errors and not (skip_bad or dry_run):
            return listed, None
        taken = await division_commands.import_divisions(
            connection, SystemClock(), listed.rows, day=day, source=source or file.name, county=county
        )
        return listed, taken

    listed, taken = _in_service(config, run, keep=not dry_run)
    _tell_divisions(listed, taken, dry_run=dry_run)
    if listed.errors and not skip_bad:
        raise typer.Exit(1)


def _tell_divisions(listed: division.Listed, taken: division_commands.Taken | None, *, dry_run: bool) -> None:
    """Bad rows first, then what has become of the good ones, level by level."""
    console = Console()
    if listed.errors:
        table = Table(
            "row", "column", "rule", "what it asks for", title=f"{len(listed.errors):,} bad rows", title_justify="left"
        )
        for error in listed.errors[:MOST_ERRORS]:
            table.add_row(str(error.row), error.column, error.rule, error.detail)
        console.print(table)
        if len(listed.errors) > MOST_ERRORS:
            console.print(f"… and {len(listed.errors) - MOST_ERRORS:,} more", highlight=False)
    if taken is not None:
        table = Table("level", "in the list", "new", "renamed", "left as they are here", "here, not in the list")
        columns = [[row.code for row in listed.rows], taken.added, taken.renamed, taken.left, taken.unlisted]
        for size, kind in KINDS.items():
            counts = [sum(len(code) == size for code in codes) for codes in columns]
            if any(counts):
                table.add_row(kind, *(f"{count:,}" for count in counts))
        console.print(table)
        for what, codes in (
            ("left as they are here, where they have ended, or their name begins that day or later", taken.left),
            ("here, not in the list", taken.unlisted),
        ):
            if codes:
                more = f" and {len(codes) - MOST_CODES:,} more" if len(codes) > MOST_CODES else ""
                console.print(f"{what}: {', '.join(codes[:MOST_CODES])}{more}", highlight=False)
    outside = f", {listed.outside:,} of other counties" if listed.outside else ""
    done = "nothing was taken in" if taken is None else "dry run: nothing was changed" if dry_run else "taken in"
    console.print(f"{len(listed.rows):,} good rows, {len(listed.errors):,} bad{outside}: {done}", highlight=False)


@cli.command(name="rotate-keys")
def _rotate_keys(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when something is to do.")] = False,
    index: Annotated[
        bool, typer.Option("--index", help="Also make every blind index anew; nothing may be written meanwhile.")
    ] = False,
) -> None:
    """Seal under the first key what older keys have sealed, while everything runs; may be stopped and started again."""
    config = load(Rotation)
    vault = vault_of(config)
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())

    async def run() -> Mapping[str, int]:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool:
            before = await rotation.left(pool, vault)
            if check:
                return before
            with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
                bar = progress.add_task("rows", total=None if index else sum(before.values()))
                async for count in rotation.reseal(pool, vault, everything=index):
                    progress.advance(bar, count)
            return await rotation.left(pool, vault)

    left = asyncio.run(run())
    for table, count in left.items():
        typer.echo(f"{table}: {count} rows are not sealed under key {vault.key_ids[0]}")
    if any(left.values()):
        typer.echo("older keys are needed still" if check else "stopped: run it again", err=True)
        raise typer.Exit(1)
    typer.echo("older keys are needed no more")


audits = typer.Typer(no_args_is_help=True, help="The audit log's chain and its signed checkpoints.")
cli.add_typer(audits, name="audit")


@audits.command(name="verify")
def _verify(
    since: Annotated[
        list[Path] | None, typer.Option("--from", help="A checkpoint that was kept elsewhere; may be repeated.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Write the last checkpoint here, to be kept elsewhere.")] = None,
) -> None:
    """Find what was changed, added, removed or moved in the audit log since it was written; fails if anything was."""
    config = load(Audit)
    given = [checkpoint_of(path.read_bytes()) for path in since or ()]

    async def run(connection: Connection) -> tuple[Verification, list[Checkpoint]]:
        return await chain.verify(connection, trusted_keys(config), given), await chain.checkpoints(connection)

    found, checkpoints = _in_service(config, run)
    for one in found.findings:
        place = "" if one.position is None else f" position {one.position}"
        typer.echo(f"{one.what}{place}{'' if one.row is None else f' row {one.row}'}: {one.detail}", err=True)
    typer.echo(f"{found.rows} rows up to position {found.position}, {len(checkpoints) + len(given)} checkpoints")
    if found.findings:
        raise typer.Exit(1)
    if export is not None and checkpoints:
        export.write_bytes(checkpoints[-1].document() + b"\n")
        typer.echo(f"checkpoint of position {checkpoints[-1].position} written")
    typer.echo("nothing was changed")


@audits.command(name="key")
def _key() -> None:
    """Print the public keys that checkpoints are held against: to be kept elsewhere, too."""
    for key in trusted_keys(load(Audit)):
        typer.echo(base64.b64encode(key).decode())


keeping = typer.Typer(no_args_is_help=True, help="How long what is kept.")
cli.add_typer(keeping, name="retention")


@keeping.command(name="rules")
def _rules(json: Json = False) -> None:
    """List the rules: what is erased, after how many days, and why then."""
    show([dict(row) for row in _in_service(load(DatabaseConfig), retention.rules)], json, "no rules")


@keeping.command(name="report")
def _report(json: Json = False, last: Annotated[int, typer.Option(help="At most so many runs.")] = 50) -> None:
    """List what each run erased and what a legal hold kept, newest first."""
    show([dict(row) for row in _in_service(load(DatabaseConfig), lambda c: retention.runs(c, last))], json, "no runs")


@keeping.command(name="run")
def _retain() -> None:
    """Apply all rules now; the worker does so daily."""
    config = load(DatabaseConfig)

    async def run() -> Mapping[str, int]:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool:
            return await upkeep.retain(pool, SystemClock())

    for rule, removed in asyncio.run(run()).items():
        typer.echo(f"{rule}: {removed}")


class _NotKept(Exception):
    """Undoes the transaction of a dry run."""


def _in_service(config: DatabaseConfig, ask: Callable[[Connection], Awaitable[T]], *, keep: bool = True) -> T:
    """Runs in a transaction of the service's own, which is undone unless it shall be kept."""
    answers: list[T] = []

    async def run() -> None:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool:
            with suppress(_NotKept):
                async with transaction(pool, itself("archive")) as connection:
                    answers.append(await ask(connection))
                    if not keep:
                        raise _NotKept

    asyncio.run(run())
    return answers[0]


if __name__ == "__main__":
    main(cli)
