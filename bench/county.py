"""`python -m bench.county`: fills the archive with an invented county of full size on the 323 real villages of 330881.

5,896 grids, 10,000 grid workers, 150,000 households and about 500,000 persons; the same seed gives the same county. Nobody in it exists: see
people.py. One process a core makes villages and writes them, each village in one transaction with its line in the ledger; after Ctrl-C or a
crash the next run goes on with the villages that are missing.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench import facts, loading, report, rows
from bench.ledger import LedgerError, Line, open_ledger
from bench.shape import Village, county
from bench.stopping import EXIT_CODE, stop_on_signals
from services.chassis.config import ConfigError, load

COUNTY = "330881"
SEED = 1
VILLAGES = "SELECT code, name FROM area WHERE kind = 'VILLAGE' AND code ^@ $1 ORDER BY code"


@dataclass(frozen=True)
class Loaded:
    """What is there after a run; `seconds` is this run's time and `fresh` the number of villages that it made."""

    villages: int
    households: int
    persons: int
    fresh: int
    seconds: float


async def plan(access: loading.Access, seed: int, most: int | None) -> tuple[list[Village], dict[str, Line]]:
    """The county's villages, or the first `most` of them, and the ledger. Raises LedgerError if the divisions are not there."""
    async with access.connect() as connection:
        published = [(row["code"], row["name"]) for row in await connection.fetch(VILLAGES, COUNTY)]
        if not published:
            raise LedgerError("the archive holds no villages yet: load its reference data first")
        return county(published, seed)[:most], await open_ledger(connection, seed)


async def server_version(access: loading.Access) -> str:
    async with access.connect() as connection:
        version = connection.get_server_version()
        return f"{version.major}.{version.micro or version.minor}"


async def _settle(access: loading.Access, seed: int) -> list[Line]:
    """Statistics for the planner, as autovacuum would bring them in time; returns the ledger."""
    async with access.connect() as connection:
        for table in (*rows.COLUMNS, *rows.SHEETS):
            await connection.execute(f"VACUUM (ANALYZE) {table}")
        return list((await open_ledger(connection, seed)).values())


def fill(access: loading.Access, seed: int, most: int | None, console: Console) -> Loaded:
    """Loads what is missing of the county, or of its first `most` villages. Raises KeyboardInterrupt between villages, not within."""
    started = time.monotonic()
    villages, there = asyncio.run(plan(access, seed, most))
    missing = [village for village in villages if village.code not in there]
    if missing:
        _load(access, seed, missing, console)
    lines = asyncio.run(_settle(access, seed))
    return Loaded(
        villages=len(lines),
        households=sum(line.households for line in lines),
        persons=sum(line.persons for line in lines),
        fresh=len(missing),
        seconds=round(time.monotonic() - started, 1),
    )


def _load(access: loading.Access, seed: int, villages: Sequence[Village], console: Console) -> None:
    """Makes and writes the villages in processes of their own, the largest first, with a bar that counts households."""
    progress = Progress(
        TextColumn("households"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    executor = ProcessPoolExecutor(
        max_workers=max(1, min(len(os.sched_getaffinity(0)), len(villages), 8)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=loading.begin,
        initargs=(access,),
    )
    try:
        with progress:
            bar = progress.add_task("households", total=sum(village.households for village in villages))
            largest_first = sorted(villages, key=lambda village: -village.households)
            with _blocked(signal.SIGINT):
                futures = [executor.submit(loading.load_village, village, seed) for village in largest_first]
            for future in as_completed(futures):
                progress.advance(bar, future.result().households)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _blocked(number: signal.Signals) -> Iterator[None]:
    """The signal waits until the block is left; processes that start in it never hear the signal, which a terminal sends to all of them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main(
    villages: int | None = typer.Option(None, min=1, help="Only the first N villages of the county."),
    seed: int = typer.Option(SEED, min=0, help="Another seed makes another county."),
) -> None:
    """Fill the archive's database with an invented county."""
    stop_on_signals()
    console = Console(stderr=True)
    try:
        access = load(loading.Access)
        loaded = fill(access, seed, villages, console)
    except ConfigError as error:
        console.print(f"configuration: {error}; `make county` sets it", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        console.print("Stopped. The villages that are done are complete; the next run goes on from here.")
        sys.exit(EXIT_CODE)
    except (LedgerError, OSError, asyncpg.PostgresError, BrokenProcessPool) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    console.print(
        f"{loaded.villages} villages, {loaded.households:,} households, {loaded.persons:,} persons are there; "
        f"{loaded.fresh} villages were made in {loaded.seconds} s."
    )
    if loaded.fresh == loaded.villages and villages is None:
        machine = facts.machine(asyncio.run(server_version(access)))
        report.keep("county", {**asdict(loaded), "seed": seed, "machine": machine})


if __name__ == "__main__":
    typer.run(main)
