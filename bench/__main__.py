"""`python -m bench`: measures the page of a village and the search by name at the county's scale, prints one table each, and keeps the figures."""

import asyncio
import sys
from dataclasses import asdict

import asyncpg
import typer
from rich.console import Console

from bench import county, facts, page, report, search
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


def measure(access: Access, seed: int, rounds: int, seconds: float, console: Console) -> bool:
    """Runs all measurements; returns whether every goal is met."""
    villages, postgres = asyncio.run(_county(access, seed))
    machine = facts.machine(postgres)
    codes = [village.code for village in villages]
    with standing(access) as stand:
        console.print("Comparing the answers of all villages …")
        page.compare(stand, codes)
        figures, goals, ratios = page.measure(stand, codes, rounds, seconds)
        report.show(f"Page of 50 households with members, {page.CLIENTS} clients", figures, goals, console)
        _keep("page", machine, figures, goals, ratios=ratios)
        found, wanted = search.measure(stand, villages, seed, 2 * seconds)
        report.show(f"Search by name through the gateway, {search.CLIENTS} clients", found, wanted, console)
        _keep("search", machine, found, wanted)
    return all(goal.met for goal in goals + wanted)


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
) -> None:
    """Measure the page of a village and the search by name; status 1 if a goal is missed."""
    stop_on_signals()
    console = Console(stderr=True)
    try:
        met = measure(load(Access), seed, rounds, seconds, Console())
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
        OSError,
        asyncpg.PostgresError,
    ) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    typer.run(main)
