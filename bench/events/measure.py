"""The single measurements; each leaves the system as it found it, apart from what was written."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg

from bench.events.stand import Commits, Direct, commits, counted, figures
from bench.report import Figures
from bench.soak.books import received
from bench.soak.ledger import Line
from bench.soak.stand import CODE, DEPARTMENT, FOLLOWER, PREFIX
from deploy.local.layout import ROOT
from services.chassis import broker

UNBOUNDED = 1_000_000.0
SUBJECTS = 5_000
PATIENCE_SECONDS = 480.0
UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
RELAYED = """
SELECT (count(*) FILTER (WHERE published_at > low.at))::float8 / extract(epoch FROM max(published_at) - low.at)::float8
FROM outbox, (SELECT min(published_at) AS at FROM outbox WHERE recorded > $1) low WHERE recorded > $1 GROUP BY low.at
"""
LAST = "SELECT coalesce(max(recorded), 0) FROM outbox"
FILL = """
WITH made AS (
    SELECT gen_random_uuid() AS event, gen_random_uuid() AS id, $2::text || '-' || (n % $3::int) AS subject, n
    FROM generate_series(0, $1::int - 1) n),
numbered AS (SELECT *, row_number() OVER (PARTITION BY subject ORDER BY n) AS number FROM made),
subjects AS (INSERT INTO subject SELECT subject, max(number) FROM numbered GROUP BY subject),
entries AS (INSERT INTO entry (id, event, subject, number) SELECT id, event, subject, number FROM numbered)
INSERT INTO outbox (id, type, subject, routing_key, data, recorded_at)
SELECT event, 'source.entry.written.v1', subject, 'source.entry.written.-.339999.100.200.0001',
    jsonb_build_object('entry', id, 'subject', subject, 'number', number), now() - interval '1 hour' FROM numbered ORDER BY n
"""
_seeds = count(1000)


@dataclass(frozen=True)
class Relaying:
    """Events a second: published bare by aio-pika and by the call below it, relayed, and relayed with a department's copy of each."""

    usual: float
    low: float
    relayed: float
    copied: float

    @property
    def ratio(self) -> float:
        """Of the relay to aio-pika's own pipelined publishing."""
        return round(self.relayed / self.usual, 3)


async def fill(stand: Direct, events: int, subjects: int) -> int:
    """Writes a backlog of entries and their events, about subjects of a new seed, which is returned."""
    seed = next(_seeds)
    connection = await asyncpg.connect(stand.stack.superuser_url, database="source")
    await connection.execute(FILL, events, str(seed), subjects)
    await connection.execute("ANALYZE outbox")
    await connection.close()
    return seed


@contextmanager
def no_department(stand: Direct) -> Iterator[None]:
    file = stand.departments / f"{CODE}.toml"
    file.unlink()
    try:
        yield
    finally:
        file.write_text(DEPARTMENT, encoding="utf-8")


async def purge(stand: Direct) -> None:
    """Empties the queues that nobody reads meanwhile."""
    async with await broker.connect(stand.stack.amqp_url) as connection:
        channel = await connection.channel()
        for name in (f"{PREFIX}.sink.inbox", f"{PREFIX}.department.{CODE}"):
            await (await channel.get_queue(name, ensure=False)).purge()


async def _relayed(stand: Direct, events: int) -> float:
    superuser = await asyncpg.connect(stand.stack.superuser_url, database="source")
    last = await superuser.fetchval(LAST)
    await fill(stand, events, SUBJECTS)
    await stand.start("source")
    await counted(source(stand), UNPUBLISHED, lambda left: left == 0, PATIENCE_SECONDS)
    rate = float(await superuser.fetchval(RELAYED, last))
    await superuser.close()
    await stand.stop("source")
    await purge(stand)
    return rate


async def relaying(stand: Direct, events: int, rounds: int) -> Relaying:
    """Raw publishing and the relay's in turn; medians of the rounds."""
    found: list[tuple[float, float, float, float]] = []
    for _ in range(rounds):
        usual, low = await _raw(stand, events)
        await purge(stand)
        with no_department(stand):
            relayed = await _relayed(stand, events)
        found.append((usual, low, relayed, await _relayed(stand, events)))
    return Relaying(*(round(median(column), 1) for column in zip(*found, strict=True)))


async def _raw(stand: Direct, events: int) -> tuple[float, float]:
    said = await _run(stand, "bench.events.raw", str(events), AMQP_URL=stand.stack.amqp_url, BROKER_PREFIX=PREFIX)
    usual, low = json.loads(said)
    return usual, low


async def ours(stand: Direct, name: str, events: int, rate: float = UNBOUNDED) -> Figures:
    """Entries written at that rate, relayed, brought in effect."""
    seed = next(_seeds)
    await write(stand, events, seed, rate)
    await settled(stand, seed, events)
    return figures(name, *await both(stand, seed))


async def write(stand: Direct, events: int, seed: int, rate: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = (str(events), str(SUBJECTS), str(seed), str(rate), str(Path(folder) / "confirmed"))
        await _run(stand, "bench.soak.writer", *words, DATABASE_URL=source(stand))


async def settled(stand: Direct, seed: int, events: int) -> None:
    """Waits until that many entries of the seed have their effect."""
    sql = f"SELECT count(*) FROM effect WHERE subject LIKE '{seed}-%'"
    await counted(sink(stand), sql, lambda there: there >= events, PATIENCE_SECONDS)


async def both(stand: Direct, seed: int) -> tuple[Commits, Commits]:
    return await commits(source(stand), "entry", f"{seed}-"), await commits(sink(stand), "effect", f"{seed}-")


async def pgqueuers(stand: Direct, url: str, name: str, events: int, rate: float = UNBOUNDED) -> Figures:
    """The same entries, as jobs of pgqueuer."""
    seed = next(_seeds)
    await _run(stand, "bench.events.pgq", "writer", str(events), str(SUBJECTS), str(seed), str(rate), DATABASE_URL=url)
    sql = f"SELECT count(*) FROM effect WHERE subject LIKE '{seed}-%'"
    await counted(url, sql, lambda there: there >= events, PATIENCE_SECONDS)
    return figures(name, await commits(url, "entry", f"{seed}-"), await commits(url, "effect", f"{seed}-"))


async def backlog(stand: Direct, events: int, rate: float) -> tuple[float, Figures]:
    """A backlog goes out while new entries are written at `rate`; returns the seconds until it is in effect, and the new ones' times."""
    old = await fill(stand, events, SUBJECTS)
    loop = asyncio.get_running_loop()
    started = loop.time()
    draining = asyncio.create_task(settled(stand, old, events))
    stand.launch("source")  # not ready, as it says itself, while a backlog is this old
    new: dict[int, int] = {}
    while not draining.done():
        seed, some = next(_seeds), int(rate * 5)
        await write(stand, some, seed, rate)
        new[seed] = some
    await draining
    seconds = round(loop.time() - started, 1)
    written: dict[UUID, float] = {}
    effects: dict[UUID, float] = {}
    for seed, some in new.items():
        await settled(stand, seed, some)
        entries, there = await both(stand, seed)
        written.update(entries)
        effects.update(there)
    return seconds, figures("new beside a backlog", written, effects)


@dataclass(frozen=True)
class CaughtUp:
    """What a department that had been away made of it: events, seconds until it had all, and whether they came in order and without a gap."""

    events: int
    seconds: float
    in_order: bool


async def catch_up(stand: Direct) -> CaughtUp:
    """The department's real client empties its queue, into which nothing was taken since the last purge."""
    async with await broker.connect(stand.stack.amqp_url) as connection:
        queue = await (await connection.channel()).declare_queue(f"{PREFIX}.department.{CODE}", passive=True)
    waiting = queue.declaration_result.message_count or 0
    loop = asyncio.get_running_loop()
    started = loop.time()
    stand.launch(FOLLOWER)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(lines := _kept(stand)) < waiting:  # noqa: ASYNC110  another process's progress
            await asyncio.sleep(0.5)
    seconds = round(loop.time() - started, 1)
    await stand.stop(FOLLOWER)
    places = [line.place or 0 for line in lines]
    numbers: dict[str, int] = {}
    ordered = all(
        line.number > numbers.get(line.subject, 0) and not numbers.update({line.subject: line.number}) for line in lines
    )
    return CaughtUp(
        len(lines), seconds, ordered and sorted(places) == list(range(min(places), min(places) + len(places)))
    )


def _kept(stand: Direct) -> list[Line]:
    """What the client has brought in effect; nothing before it has made its tables."""
    try:
        return received(stand.mailbox)
    except sqlite3.OperationalError:
        return []


def source(stand: Direct) -> str:
    return stand.stack.postgres_url("source", "source_app")


def sink(stand: Direct) -> str:
    return stand.stack.postgres_url("sink", "sink_app")


async def _run(stand: Direct, module: str, *words: str, **settings: str) -> str:
    """Runs a module to its end; returns its last line."""
    environment = stand.stack.environment("bench", **settings)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", module, *words],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return (done.stdout.splitlines() or [""])[-1]
