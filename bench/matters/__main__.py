"""`python -m bench.matters`: measures, prints tables, keeps bench/results/matters.json. Status 1 when a goal is missed."""

import asyncio
import subprocess
import sys
from dataclasses import asdict

import asyncpg
import typer
from rich.console import Console

from bench import facts, report
from bench.load import LoadError
from bench.matters import measure
from bench.matters.fill import fill
from bench.matters.stand import Stand
from bench.matters.sweep import sweep
from bench.stand import StandError
from bench.stopping import EXIT_CODE, stop_on_signals
from deploy.local.layout import StackError

THEIRS = 1_000


async def run(tickets: int, seconds: float, console: Console) -> bool:
    async with Stand() as stand:
        connection = await stand.database()
        version = await connection.fetchval("SHOW server_version")
        console.print(f"Writing {tickets:,} tickets …")
        await fill(connection, tickets)
        console.print("Creating and listing …")
        create = await asyncio.to_thread(measure.creating, stand, seconds)
        lists = await asyncio.to_thread(measure.listing, stand, seconds)
        wanted = measure.goals(create, lists)
        report.show(f"Beside {tickets:,} tickets, {measure.CLIENTS} clients", [create, *lists], wanted, console)
        console.print("Side by side …")
        other = await stand.helpdesk(THEIRS)
        rows, ratios = await asyncio.to_thread(measure.side_by_side, stand, other, seconds)
        report.show(f"django-helpdesk with {THEIRS:,} tickets, sanmin with {tickets:,}", rows, ratios, console)
        stand.stop("helpdesk")
        console.print("Deadlines that are due …")
        swept, due = await sweep(stand, connection)
        report.show("Two workers and their timers", [], due, console)
        await connection.close()
    goals = [*wanted, *ratios, *due]
    report.keep(
        "matters",
        {
            "tickets": tickets,
            "figures": [asdict(row) for row in (create, *lists, *rows)],
            "sweep": asdict(swept),
            "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
            "machine": facts.machine(version),
        },
    )
    return all(goal.met for goal in goals)


def main(
    tickets: int = typer.Option(1_000_000, min=1000, help="Tickets that are there."),
    seconds: float = typer.Option(10.0, min=1.0, help="Length of a round."),
) -> None:
    """Measure tickets: creating, listing by owner, timers, and django-helpdesk beside it."""
    stop_on_signals()
    console = Console(stderr=True)
    try:
        met = asyncio.run(run(tickets, seconds, console))
    except KeyboardInterrupt:
        sys.exit(EXIT_CODE)
    except (
        StackError,
        StandError,
        LoadError,
        TimeoutError,
        OSError,
        asyncpg.PostgresError,
        subprocess.CalledProcessError,
    ) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    typer.run(main)
