"""Publishes the outbox: one leader a service, pipelined, confirmed, each department's own copies beside the event itself.

The leader holds an advisory lock on the very connection that it plans and marks with, so who loses the lock can mark nothing. A batch is numbered in
a plan (table `flight`) before any of it is published, and marked when all of it is confirmed: after a crash the same events go out again under the
same numbers. A subject has at most one event in flight: what follows waits for its confirm, so a refused event is never overtaken.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from operator import itemgetter

import asyncpg
import msgspec

from services.chassis import broker
from services.chassis.clock import Clock, stopped_within, unless
from services.chassis.db import COMMAND_SECONDS, VANISHED, Connection, prepare_connection
from services.chassis.departments import Department, copies
from services.chassis.envelope import place, source_of
from services.chassis.errors import Unavailable
from services.chassis.publisher import Numbered, Publisher, waves
from services.chassis.telemetry import OUTBOX_AGE_SECONDS, OUTBOX_COPIES, OUTBOX_PUBLISHED, OUTBOX_WAITING

BATCH = 500
NEWEST = 250
NEW = timedelta(seconds=10)
CONTENDED_SECONDS = 0.15
HOLD_SECONDS = 5.0
LEAST = 50
REST = 0.25
IDLE_SECONDS = (0.005, 0.1)
GATHER_SECONDS = 0.001
"""The pause after a batch, by its size: the more there is, the more goes together, and the less each event costs everybody on its way."""
MOST_GATHER_SECONDS = 0.025
LEADER_SECONDS = 1.0
GAUGE_SECONDS = 5.0
OPEN_SECONDS = 0.1
LOCK = 0x5A_4D_2001

TRY_LEAD = "SELECT pg_try_advisory_lock($1)"
COLUMNS = "recorded, id, type, subject, routing_key, data::json AS data, correlation_id, recorded_at"
OLDEST = f"SELECT {COLUMNS} FROM outbox WHERE published_at IS NULL AND recorded <> ALL($2::bigint[]) ORDER BY recorded LIMIT $1"
# What is new goes out beside a backlog, unless its subject has an older event that waits.
LATEST = f"""
SELECT {COLUMNS} FROM (SELECT * FROM outbox WHERE published_at IS NULL ORDER BY recorded DESC LIMIT $1) latest
WHERE recorded > $2 AND recorded_at > $3 AND recorded <> ALL($4::bigint[]) AND NOT EXISTS (
    SELECT 1 FROM outbox older WHERE older.published_at IS NULL AND older.subject = latest.subject AND older.recorded < latest.recorded)
ORDER BY recorded
"""
LAST = "SELECT coalesce(max(sequence), 0) FROM outbox"
POSITIONS = "SELECT department, position FROM feed"
PLANNED = "SELECT recorded, first, positions FROM flight ORDER BY first"
PLANNED_ROWS = f"SELECT {COLUMNS} FROM outbox WHERE recorded = ANY($1) ORDER BY array_position($1, recorded)"
PLAN = "INSERT INTO flight (recorded, first, positions) VALUES ($1, $2, $3)"
# Need not be on the disk at once: a mark that a crash takes away leaves the plan, which goes out again under the same numbers.
MARK = """
WITH hurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), landed AS (DELETE FROM flight WHERE first = $6), fed AS (
    INSERT INTO feed SELECT key, value::bigint FROM jsonb_each_text($5)
    ON CONFLICT (department) DO UPDATE SET position = excluded.position)
UPDATE outbox SET sequence = given.sequence, positions = coalesce(given.positions, '{}'), published_at = $4
FROM hurried, unnest($1::bigint[], $2::bigint[], $3::jsonb[]) AS given (recorded, sequence, positions)
WHERE outbox.recorded = given.recorded
"""
LAG = "SELECT count(*) AS waiting, min(recorded_at) AS oldest FROM outbox WHERE published_at IS NULL"
PURGE = "DELETE FROM outbox WHERE published_at < $1 AND sequence < (SELECT max(sequence) FROM outbox)"


@dataclass(frozen=True)
class Batch:
    """Events that go out together. `full`: more may wait; `contended`: there is a backlog, and new events beside it."""

    events: Sequence[Numbered] = ()
    full: bool = False
    contended: bool = False


@dataclass
class Pace:
    """How much of a backlog goes out at once: BATCH events, or while new ones come too as many as take CONTENDED_SECONDS, with a rest after them.

    So what is new waits little for its turn, and finds no long queues before it, since consumers keep up.
    """

    size: int = field(default_factory=lambda: BATCH)
    until: float = float("-inf")

    def after(self, batch: Batch, took: float, now: float) -> float:
        """Notes how long a batch took; returns the seconds to rest."""
        if batch.contended:
            self.until = now + HOLD_SECONDS
        if now >= self.until:
            self.size = BATCH
            return 0.0
        self.size = max(LEAST, min(BATCH, int(len(batch.events) * CONTENDED_SECONDS / took)))
        return took * REST


@dataclass
class Numbers:
    """The last number given, and the last position given to each department."""

    last: int
    positions: dict[str, int] = field(default_factory=dict)


class Relay:
    """Runs until stopped; raises when the database or the broker goes away, and may then be run again."""

    def __init__(
        self,
        service: str,
        *,
        database_url: str,
        amqp_url: str,
        topology: broker.Topology,
        clock: Clock,
        departments: Sequence[Department] = (),
    ) -> None:
        self._source = source_of(service)
        self._database_url = database_url
        self._amqp_url = amqp_url
        self._topology = topology
        self._clock = clock
        self._departments = departments
        self.leading = False
        self._publisher: Publisher | None = None

    async def require_open(self) -> None:
        """Raises Unavailable while the broker takes no messages from this relay because its memory or disk runs short."""
        if self._publisher is not None:
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    await self._publisher.ready()
            except TimeoutError:
                raise Unavailable("the broker takes no messages: its memory or disk runs short") from None

    async def run(self, stop: asyncio.Event) -> None:
        settings = VANISHED | {"idle_session_timeout": "20s"}  # so that a leader who vanished holds the lock no longer
        database = await asyncpg.connect(
            self._database_url, timeout=10, command_timeout=COMMAND_SECONDS, server_settings=settings
        )
        try:
            await prepare_connection(database)
            while not await database.fetchval(TRY_LEAD, LOCK):
                if await stopped_within(stop, LEADER_SECONDS):
                    return
            self.leading = True
            async with await broker.connect(self._amqp_url) as connection:
                publisher = await Publisher.open(connection, self._topology, self._source)
                self._publisher = publisher
                await self._publish_until(stop, database, publisher)
        finally:
            self.leading, self._publisher = False, None
            database.terminate()

    async def _publish_until(self, stop: asyncio.Event, database: Connection, publisher: Publisher) -> None:
        """Batch after batch: while one is published the last one is marked and the next one planned."""
        positions = {row["department"]: row["position"] for row in await database.fetch(POSITIONS)}
        numbers = Numbers(await database.fetchval(LAST), positions)
        await self._land_planned(database, publisher, numbers)
        loop = asyncio.get_running_loop()
        batch, landed, pace, idle, gauged = Batch(), Batch(), Pace(), IDLE_SECONDS[0], float("-inf")
        while not stop.is_set():
            if not batch.events:
                batch = await self._plan(database, numbers, landed, BATCH)
            if await unless(stop, publisher.ready()):
                break
            began = loop.time()
            publishing = asyncio.ensure_future(publisher.publish(batch.events))
            try:
                await self._mark(database, landed)
                landed, coming = batch, Batch()
                if batch.full:
                    coming = await self._plan(database, numbers, batch, pace.size)
            finally:
                await publishing
            rest = pace.after(batch, loop.time() - began, loop.time())
            batch = coming
            if not batch.events:
                await self._mark(database, landed)
                idle = IDLE_SECONDS[0] if landed.events else min(idle * 2, IDLE_SECONDS[1])
                gathering = min(len(landed.events) * GATHER_SECONDS, MOST_GATHER_SECONDS)
                landed, rest = Batch(), gathering if landed.events else idle
            if loop.time() - gauged > GAUGE_SECONDS:
                gauged = loop.time()
                await self._gauge(database)
            if await stopped_within(stop, rest):
                break
        await self._mark(database, landed)

    async def _plan(self, database: Connection, numbers: Numbers, flying: Batch, most: int) -> Batch:
        """Numbers up to `most` of the oldest events that wait, besides those that fly, and writes down the plan.

        When there are more, what is new goes with them and before them, so that it need not wait for the backlog.
        """
        already = [event.row["recorded"] for event in flying.events]
        rows: list[asyncpg.Record] = await database.fetch(OLDEST, most, already)
        full, latest = len(rows) == most, []
        if full and flying.full:
            latest = await database.fetch(LATEST, NEWEST, rows[-1]["recorded"], self._clock.now() - NEW, already)
        batch = Batch(self._number(numbers, [*latest, *rows]), full, bool(latest))
        if batch.events:
            positions = [dict(event.positions) for event in batch.events] if self._departments else []
            recorded = [event.row["recorded"] for event in batch.events]
            await database.execute(PLAN, recorded, batch.events[0].sequence, positions)
        return batch

    def _number(self, numbers: Numbers, rows: Iterable[asyncpg.Record]) -> list[Numbered]:
        """In the order of publishing, wave by wave."""
        result = []
        for row in (row for wave in waves(rows, itemgetter("subject")) for row in wave):
            numbers.last += 1
            fields = self._copies(row)
            for code in fields:
                numbers.positions[code] = numbers.positions.get(code, 0) + 1
            result.append(Numbered(row, numbers.last, {code: numbers.positions[code] for code in fields}, fields))
        return result

    def _copies(self, row: asyncpg.Record) -> dict[str, set[str]]:
        if not self._departments:
            return {}
        key: str = row["routing_key"]
        return copies(self._departments, tuple(key.split(".", 3)[:3]), place(key), msgspec.json.decode(row["data"]))

    async def _land_planned(self, database: Connection, publisher: Publisher, numbers: Numbers) -> None:
        """Publishes again, under its own numbers, what a predecessor had planned and not marked."""
        for plan in await database.fetch(PLANNED):
            rows = await database.fetch(PLANNED_ROWS, plan["recorded"])
            batch = []
            for offset, row in enumerate(rows):
                given = plan["positions"][offset] if plan["positions"] else {}
                fields = {code: names for code, names in self._copies(row).items() if code in given}
                batch.append(Numbered(row, plan["first"] + offset, given, fields))
                numbers.positions.update(given)
            numbers.last = plan["first"] + len(rows) - 1
            await publisher.publish(batch)
            await self._mark(database, Batch(batch))

    async def _mark(self, database: Connection, landed: Batch) -> None:
        batch = landed.events
        if not batch:
            return
        reached: dict[str, int] = {}
        for event in batch:
            reached.update(event.positions)
        await database.execute(
            MARK,
            [event.row["recorded"] for event in batch],
            [event.sequence for event in batch],
            [dict(event.positions) or None for event in batch],
            self._clock.now(),
            reached,
            batch[0].sequence,
        )
        OUTBOX_PUBLISHED.inc(len(batch))
        for code in reached:
            OUTBOX_COPIES.labels(code).inc(sum(code in event.positions for event in batch))

    async def _gauge(self, database: Connection) -> None:
        row = await database.fetchrow(LAG)
        assert row is not None  # noqa: S101  an aggregate always yields a row
        OUTBOX_WAITING.set(row["waiting"])
        oldest = row["oldest"]
        OUTBOX_AGE_SECONDS.set((self._clock.now() - oldest).total_seconds() if oldest else 0)


async def purge(database: Connection, clock: Clock, days: int) -> None:
    """Forgets events that were published more than `days` ago; the newest stays, it carries the sequence on."""
    await database.execute(PURGE, clock.now() - timedelta(days=days))
