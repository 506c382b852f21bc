"""`python -m bench.soak`: writes under load while parts are killed at random, then holds every ledger against what was written."""

import asyncio
import logging
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import facts
from bench.report import keep
from bench.soak import books
from bench.soak.ledger import Findings, check, vanished
from bench.soak.plan import plan
from bench.soak.stand import FOLLOWER, Stand
from bench.soak.strikes import Struck, strike_all
from bench.stopping import EXIT_CODE, SIGNALS
from deploy.local.layout import ROOT, StackError
from deploy.local.stack import Stack

SUBJECTS = 500
DRAIN_SECONDS = 150.0
WRITING_SHARE = 0.55
"""How much of the time is for writing, unless a rate is given."""


@dataclass
class Run:
    """What the run came to."""

    struck: Struck
    ledgers: dict[str, Findings]
    vanished: int
    unknown: int
    resolved: int
    whole: bool
    drained: bool
    write_seconds: float
    drain_seconds: float

    @property
    def clean(self) -> bool:
        """Also: the department's client has not given up. A worker may end when it starts while its database is away."""
        steady = self.whole and self.drained and not self.vanished and not self.struck.ended[FOLLOWER]
        return steady and all(each.clean for each in self.ledgers.values())


@dataclass
class Options:
    events: int
    kills: int
    seed: int
    minutes: float
    rate: float
    away: float


class Writer:
    """The writer's process. `written` is how far it is; `unknown` and `resolved` are known when it has ended."""

    def __init__(self, process: Process, confirmed: Path) -> None:
        self.written = self.unknown = self.resolved = 0
        self._process = process
        self._confirmed = confirmed

    async def read(self) -> bool:
        """Reads its words until it ends; returns whether it came to its end."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            numbers = [int(word) for word in line.split()]
            if len(numbers) == 1:
                self.written = numbers[0]
            else:
                self.unknown, self.resolved = numbers
        return await self._process.wait() == 0

    def acknowledged(self) -> Iterator[UUID]:
        """The keys of the entries that the database confirmed; none when the writer did not come to its end."""
        data = self._confirmed.read_bytes() if self._confirmed.exists() else b""
        return (UUID(bytes=data[place : place + 16]) for place in range(0, len(data), 16))


@asynccontextmanager
async def _writing(stand: Stand, options: Options) -> AsyncIterator[Writer]:
    confirmed = stand.stack.layout.directory / "confirmed"
    confirmed.unlink(missing_ok=True)
    url = stand.through("database", "writer", stand.stack.postgres_url("source", "source_app"))
    words = (str(options.events), str(SUBJECTS), str(options.seed), str(options.rate), str(confirmed))
    with stand.log_file("writer").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.soak.writer", *words),
            env=stand.stack.environment("writer", DATABASE_URL=url),
            cwd=ROOT,
            stdout=PIPE,
            stderr=log,
        )
    try:
        yield Writer(process, confirmed)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _drained(stand: Stand, seconds: float) -> bool:
    """Waits for the sink, then for the department's client."""
    started = time.monotonic()
    if not await stand.settle(seconds):
        return False
    entries = await books.count_entries(stand.source)
    while len({line.event for line in books.received(stand.mailbox)}) < entries:
        if time.monotonic() - started > seconds:
            return False
        await asyncio.sleep(1)
    return True


async def soak(stack: Stack, options: Options, console: Console) -> tuple[Run, dict[str, object]]:
    own, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert own is not None

    def stop() -> None:
        """At the first signal; later ones shall not cut the cleaning up off."""
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        own.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    async with Stand(stack) as stand:
        await stand.start("source", "sink")
        stand.launch(FOLLOWER)
        machine = facts.machine(await stand.source.fetchval("SHOW server_version"))
        with Progress(console=console) as bar:
            task = bar.add_task("writing and striking", total=options.events)

            def progress() -> float:
                bar.update(task, completed=run.written)
                return run.written / options.events

            async with _writing(stand, options) as run:
                started = time.monotonic()
                struck = Struck()
                strikes = plan(options.seed, options.kills)
                striking = asyncio.create_task(strike_all(stand, strikes, progress, struck, away=options.away))
                try:
                    async with asyncio.timeout(options.minutes * 60):
                        whole = await run.read()
                except TimeoutError:
                    whole = False
                if whole:
                    await striking
                striking.cancel()
                await asyncio.wait([striking])
                progress()
                written = time.monotonic()
            bar.add_task("draining", total=None)
            stand.heal()
            drained = await _drained(stand, DRAIN_SECONDS)
            settled = time.monotonic()
        entries = await books.entries(stand.source)
        keys = [row["id"] for row in await stand.source.fetch("SELECT id FROM entry")]
        ledgers = await stand.findings()
        ledgers["client"] = check(entries, books.received(stand.mailbox), once=True, placed=True)
        return Run(
            struck=struck,
            ledgers=ledgers,
            vanished=len(vanished(run.acknowledged(), keys)),
            unknown=run.unknown,
            resolved=run.resolved,
            whole=whole and len(entries) == options.events + 1,
            drained=drained,
            write_seconds=round(written - started, 1),
            drain_seconds=round(settled - written, 1),
        ), machine


def show(run: Run, console: Console) -> None:
    kills = ", ".join(f"{part} {count}" for part, count in sorted(run.struck.kills.items()))
    table = Table(title=f"The soak: killed {kills}", title_justify="left")
    for column in ("ledger", "lines", "repeats", "lost", "double", "ghosts", "order", "gaps", "changed"):
        table.add_column(column, justify="left" if column == "ledger" else "right")
    for name, each in run.ledgers.items():
        table.add_row(
            name,
            *(f"{value:,}" for key, value in asdict(each).items() if key != "examples"),
            style=None if each.clean else "red",
        )
    console.print(table)
    console.print(
        f"  written in {run.write_seconds:,.0f} s, drained {run.drain_seconds:,.0f} s later; confirmed and not there: {run.vanished}; "
        f"commits without an answer: {run.unknown}, of them there: {run.resolved}",
        highlight=False,
    )
    if run.struck.ended:
        ended = ", ".join(f"{name} {count}" for name, count in run.struck.ended.items())
        console.print(f"  ended by themselves and were started again: {ended}", highlight=False)
    for name, why in (("not all was written", run.whole), ("not all came to its effect in time", run.drained)):
        if not why:
            console.print(f"  {name}", style="red")
    for name, each in run.ledgers.items():
        for kind, events in each.examples.items():
            console.print(f"  {name}, {kind}: {', '.join(events)}", style="red")


def main(
    events: int = typer.Option(100_000, min=100, help="Entries to write."),
    kills: int = typer.Option(52, min=0, help="Kills, spread over the five parts."),
    seed: int = typer.Option(1, min=0, help="The seed of what is written and struck, and when."),
    minutes: float = typer.Option(9.0, min=0.5, help="How long the writing may take; not over it is a failure."),
    rate: float = typer.Option(0.0, min=0.0, help="Entries a second; 0: as many as the time asks for."),
    away: float = typer.Option(60.0, min=0.0, help="For how many seconds nobody reaches the broker, once."),
) -> None:
    """Write under load while parts are killed; status 1 unless every ledger is clean."""
    console = Console()
    options = Options(events, kills, seed, minutes, rate or round(events / (minutes * 60 * WRITING_SHARE), 1), away)
    # The libraries tell of every connection that ends; here that is what is wanted.
    logging.disable(logging.CRITICAL)
    try:
        stack = Stack.open("soak")
        if not (stack.postgres.private and stack.broker.private):
            raise StackError("The soak kills its servers: unset DATABASE_URL and AMQP_URL.")
        with stack.layout.locked():
            run, machine = asyncio.run(soak(stack, options, console))
    except (asyncio.CancelledError, KeyboardInterrupt):
        console.print("Stopped.")
        sys.exit(EXIT_CODE)
    except StackError as error:
        console.print(f"stopped: {error}", markup=False, highlight=False)
        sys.exit(1)
    show(run, console)
    keep("soak", {**asdict(options), "run": run, "clean": run.clean, "machine": machine})
    sys.exit(0 if run.clean else 1)


if __name__ == "__main__":
    typer.run(main)
