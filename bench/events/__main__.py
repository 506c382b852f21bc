"""`python -m bench.events`: measures, prints one table, keeps bench/results/events.json. Status 1 when a goal is missed."""

import asyncio
import logging
import subprocess
import sys
from dataclasses import asdict

import asyncpg
import typer
from rich.console import Console

from bench import facts, report
from bench.events import measure
from bench.events.stand import Direct
from bench.report import Figures, Goal
from bench.soak.parts import MIGRATIONS
from bench.stopping import EXIT_CODE, stop_on_signals
from deploy.local import processes
from deploy.local.layout import ROOT, StackError
from deploy.local.stack import Stack

STEADY = 500.0
STEADY_SECONDS = 20
NEW = 100.0
BACKLOG = 100_000


async def _pgqueuer(stand: Direct) -> tuple[str, int]:
    """A database with the same tables beside pgqueuer's, and its worker at work."""
    server = await asyncpg.connect(stand.stack.superuser_url)
    await server.execute("CREATE DATABASE pgqueuer OWNER source_app")
    await server.close()
    url = stand.stack.postgres_url("pgqueuer", "source_app")
    own = await asyncpg.connect(url)
    for service, table in (("source", "entry"), ("sink", "effect")):
        sql = (MIGRATIONS / service / f"0001_pre_{table}.sql").read_text(encoding="utf-8")
        await own.execute(sql.replace("{app}", "source_app"))
    await own.close()
    environment = stand.stack.environment("bench", DATABASE_URL=url)
    module = [sys.executable, "-m", "bench.events.pgq"]
    await asyncio.to_thread(subprocess.run, [*module, "install"], env=environment, cwd=ROOT, check=True)
    return url, processes.start(
        [*module, "worker"], environment=environment, log=stand.stack.layout.logs / "pgqueuer.log", cwd=ROOT
    )


async def run(events: int, rounds: int, console: Console) -> bool:
    async with Direct(Stack.open("events")) as stand:
        await stand.keep_commit_times()
        version = await stand.source.fetchval("SHOW server_version")
        machine = facts.machine(version)
        console.print("Raw publishing and the relay …")
        relaying = await measure.relaying(stand, events, rounds)
        console.print("A backlog …")
        await stand.start("sink")
        drained, beside = await measure.backlog(stand, BACKLOG, NEW)
        console.print("A department that comes back …")
        caught_up = await measure.catch_up(stand)
        with measure.no_department(stand):
            await stand.stop("source")
            await stand.start("source")
            console.print("Commit to effect, and pgqueuer …")
            steady = await measure.ours(stand, f"sanmin at {STEADY:g}/s", int(STEADY * STEADY_SECONDS), STEADY)
            full = await measure.ours(stand, "sanmin at full speed", events)
            await stand.stop("source")
            await stand.stop("sink")
        url, worker = await _pgqueuer(stand)
        try:
            name = f"pgqueuer at {STEADY:g}/s"
            steady_there = await measure.pgqueuers(stand, url, name, int(STEADY * STEADY_SECONDS), STEADY)
            full_there = await measure.pgqueuers(stand, url, "pgqueuer at full speed", events)
        finally:
            await asyncio.to_thread(processes.end, [worker])
    rows = [steady, full, beside, steady_there, full_there]
    goals = [
        Goal("relay to raw pipelined publishing", relaying.ratio, "at least", 0.6),
        Goal(f"commit to effect at {STEADY:g}/s, p99 ms", steady.p99, "under", 25),
        Goal("new events beside a backlog of 100,000, p99 ms", beside.p99, "under", 2000),
        Goal("a department that comes back has all in order, 1 is yes", float(caught_up.in_order), "at least", 1),
        Goal("sanmin to pgqueuer at full speed", round(full.rate / full_there.rate, 3), "at least", 1.0),
    ]
    _show(rows, goals, asdict(relaying), console)
    console.print(f"  a backlog of {BACKLOG:,} was in effect after {drained:,.1f} s", highlight=False)
    console.print(
        f"  a department away for {caught_up.events:,} events had them after {caught_up.seconds:,.1f} s",
        highlight=False,
    )
    report.keep(
        "events",
        {
            "figures": [asdict(row) for row in rows],
            "relaying": asdict(relaying),
            "backlogSeconds": drained,
            "caughtUp": asdict(caught_up),
            "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
            "machine": machine,
        },
    )
    return all(goal.met for goal in goals)


def _show(rows: list[Figures], goals: list[Goal], relaying: dict[str, float], console: Console) -> None:
    report.show("From commit to effect", rows, goals, console)
    for name, rate in relaying.items():
        console.print(f"  {name}: {rate:,.0f} events/s", highlight=False)


def main(
    events: int = typer.Option(20_000, min=1000, help="Events a round."),
    rounds: int = typer.Option(3, min=1, help="Rounds of raw publishing and the relay."),
) -> None:
    """Measure the relay, commit to effect, a backlog, and pgqueuer on the same PostgreSQL."""
    stop_on_signals()
    console = Console(stderr=True)
    logging.disable(logging.CRITICAL)  # PostgreSQL is restarted once: the pools tell of it
    try:
        met = asyncio.run(run(events, rounds, console))
    except KeyboardInterrupt:
        sys.exit(EXIT_CODE)
    except (StackError, TimeoutError, subprocess.CalledProcessError) as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    typer.run(main)
