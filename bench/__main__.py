"""`python -m bench`: measures at the county's scale what README.md tells of, prints a table each, and keeps the figures."""

import asyncio
import sys
from collections.abc import Collection
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import asyncpg
import typer
from rich.console import Console

from bench import county, facts, importing, page, plots, report, search, sheet
from bench.importing import Place
from bench.ledger import LedgerError
from bench.load import LoadError
from bench.loading import Access
from bench.shape import HOUSEHOLDS, Village
from bench.stand import StandError, standing
from bench.stopping import EXIT_CODE, stop_on_signals
from services.chassis.config import ConfigError, load


async def _county(access: Access, seed: int) -> tuple[list[Village], str]:
    """The whole county's villages and the server's version. Raises LedgerError unless all of it is there."""
    villages, there = await county.plan(access, seed, None)
    households = sum(line.households for line in there.values())
    if len(there) < len(villages) or households != HOUSEHOLDS:
        raise LedgerError(f"the county has {households:,} of {HOUSEHOLDS:,} households: run `make county` first")
    return villages, await county.server_version(access)


class Part(StrEnum):
    """What is measured."""

    PAGE = "page"
    SEARCH = "search"
    SHEET = "sheet"
    PLOTS = "plots"
    IMPORT = "import"


def measure(place: Place, seed: int, *, rounds: int, seconds: float, parts: Collection[Part], console: Console) -> bool:
    """Runs the measurements; returns whether every goal is met."""
    villages, postgres = asyncio.run(_county(place, seed))
    machine, goals = facts.machine(postgres), list[report.Goal]()

    def told(name: str, title: str, figures: list[report.Figures], wanted: list[report.Goal], **more: object) -> None:
        report.show(title, figures, wanted, console)
        _keep(name, machine, figures, wanted, **more)
        goals.extend(wanted)

    if {Part.PAGE, Part.SEARCH, Part.SHEET} & {*parts}:
        with standing(place) as stand:
            if Part.PAGE in parts:
                codes = [village.code for village in villages]
                console.print("Comparing the answers of all villages …")
                page.compare(stand, codes)
                figures, wanted, ratios = page.measure(stand, codes, rounds, seconds)
                title = f"Page of 50 households with members, {page.CLIENTS} clients"
                told("page", title, figures, wanted, ratios=ratios)
            if Part.SEARCH in parts:
                title = f"Search by name through the gateway, {search.CLIENTS} clients"
                told("search", title, *search.measure(stand, villages, seed, 2 * seconds))
            if Part.SHEET in parts:
                title = f"Full sheet of a household, {sheet.CLIENTS} clients"
                told("sheet", title, *sheet.measure(stand, villages, seed, 2 * seconds))
    if Part.PLOTS in parts:
        told("plots", "Report on the plots of a village", *asyncio.run(plots.measure(place, seed)))
    if Part.IMPORT in parts:
        console.print("Importing the whole county …")
        imported = importing.measure(place, villages, seed)
        told("import", "Import of the county from a CSV file", [], imported.goals, **asdict(imported))
    return all(goal.met for goal in goals)


def _keep(
    name: str, machine: dict[str, object], figures: list[report.Figures], goals: list[report.Goal], **more: object
) -> None:
    report.keep(
        name,
        {
            "figures": [asdict(row) for row in figures],
            "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
            **more,
            "machine": machine,
        },
    )


def main(
    rounds: int = typer.Option(7, min=1, help="Rounds of each side of the page, alternating."),
    seconds: float = typer.Option(4.0, min=0.2, help="Length of a round."),
    seed: int = typer.Option(county.SEED, min=0, help="The seed of the county that is there."),
    only: Annotated[list[Part] | None, typer.Option(help="Only this; may be given several times.")] = None,
) -> None:
    """Measure page, search and sheet, the report on plots, and the import; status 1 if a goal is missed."""
    stop_on_signals()
    console = Console(stderr=True)
    try:
        met = measure(load(Place), seed, rounds=rounds, seconds=seconds, parts=only or list(Part), console=Console())
    except ConfigError as error:
        console.print(f"configuration: {error}; `make bench` sets it", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(EXIT_CODE)
    except (
        LedgerError,
        LoadError,
        StandError,
        page.Unequal,
        search.NothingFound,
        sheet.Incomplete,
        importing.ImportFailed,
        OSError,
        asyncpg.PostgresError,
    ) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    typer.run(main)
