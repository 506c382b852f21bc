"""`python -m bench.year`: plans a year, prints tables, keeps bench/results/year.json. Status 1 when a goal is missed or a promise is broken."""

import asyncio
import sys
import time
from collections.abc import Awaitable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from bench import facts, report
from bench.report import Goal
from bench.stopping import EXIT_CODE, stop_on_signals
from bench.year import checks
from bench.year.fill import COUNTY, FIRST, LAST, YEAR, fill
from bench.year.stand import Stand
from deploy.local.layout import StackError
from services.chassis.clock import FixedClock
from services.liaison.commands.roster import plan_due
from services.liaison.commands.series import plan_series_due
from services.liaison.domain.notice import published

SECONDS = 30.0
NEW_YEAR = FixedClock(datetime(YEAR - 1, 12, 31, 16, tzinfo=UTC))
"""The year's first instant in China: all of it is ahead."""


async def timed(deed: Awaitable[Any]) -> tuple[float, Any]:
    started = time.monotonic()
    answer = await deed
    return round(time.monotonic() - started, 1), answer


async def run(seed: int, console: Console) -> bool:
    async with Stand() as stand:
        connection = await stand.database()
        version = await connection.fetchval("SHOW server_version")
        await plan_due(stand.pool, NEW_YEAR, published(), correcting=False)
        filled = await fill(connection, seed)
        console.print(
            f"{filled.villages} villages, {filled.cadres:,} cadres, {filled.experts:,} experts, {filled.leaves:,} leaves"
        )
        rosters, (_, planned) = await timed(plan_due(stand.pool, NEW_YEAR, published(), correcting=False))
        sessions, _ = await timed(plan_series_due(stand.pool, NEW_YEAR))
        await connection.execute("ANALYZE")
        counts = dict(await connection.fetchrow(checks.COUNTS) or {})
        spread = dict(await connection.fetchrow(checks.SPREAD) or {})
        broken = await checks.breaches(connection, COUNTY, FIRST, LAST)
        again, changed = await timed(_again(stand))
        await connection.close()
    table = Table("what", "seconds", "made", title=f"{YEAR}, {filled.villages} villages", title_justify="left")
    table.add_row(
        "rosters", f"{rosters}", f"{planned} rosters, {counts['duties']:,} duties, a pool's within {spread['duties']}"
    )
    table.add_row(
        "both series",
        f"{sessions}",
        f"{counts['gatherings']:,} gatherings, {counts['dialogues']:,} dialogues, {counts['sent']:,} sent, "
        f"a department's within {spread['sessions']}",
    )
    table.add_row("all once more", f"{again}", f"{changed} changes")
    console.print(table)
    promises = Table("must not be", "found", title="The plan against its promises", title_justify="left")
    for what, count in broken.items():
        promises.add_row(what, f"{count:,}", style="red" if count else "green")
    console.print(promises)
    goals = [
        Goal("the year's rosters and both series, seconds", round(rosters + sessions, 1), "under", SECONDS),
        Goal("breaches of a promise", float(sum(broken.values())), "under", 1),
        Goal("changes that planning the same again makes", float(changed), "under", 1),
    ]
    report.show(f"The planning of {YEAR}", [], goals, console)
    report.keep(
        "year",
        {
            "seed": seed,
            **asdict(filled),
            **counts,
            "seconds": {"rosters": rosters, "series": sessions, "again": again},
            "spread": spread,
            "breaches": broken,
            "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
            "machine": facts.machine(version),
        },
    )
    return all(goal.met for goal in goals)


async def _again(stand: Stand) -> int:
    """Plans all once more, as after a change of the calendar that moved nothing."""
    await stand.due()
    _, rosters = await plan_due(stand.pool, NEW_YEAR, published(), correcting=False)
    return int(rosters) + await plan_series_due(stand.pool, NEW_YEAR)


def main(seed: int = typer.Option(1, min=0, help="Another seed makes other pools and leaves.")) -> None:
    """Plan a year of rosters, gatherings and dialogues for 323 villages."""
    stop_on_signals()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 140)
    try:
        met = asyncio.run(run(seed, console))
    except KeyboardInterrupt:
        sys.exit(EXIT_CODE)
    except (StackError, TimeoutError, OSError, asyncpg.PostgresError) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    typer.run(main)
