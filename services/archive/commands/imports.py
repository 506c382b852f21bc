"""Taking in a file of sheets: in chunks of whole households, each one transaction with its line in the job's book, by processes of their own.

A chunk that is noted is done. So an import that was broken off, by whatever, goes on with the chunks that are missing, and two processes with the
same chunk take it in once. No event is told of each sheet: 150,000 of them opened at once is no news to anybody; that the import has ended is.
"""

import asyncio
import ctypes
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.archive.commands import tables
from services.archive.domain import deeds
from services.archive.domain.area import KINDS, village_of
from services.archive.domain.history import Change, History
from services.archive.domain.household import Household
from services.archive.domain.id_number import compact
from services.archive.domain.imports import (
    FAULT_COLUMNS,
    SHEETS,
    Broken,
    Fault,
    Refused,
    Row,
    Said,
    Sheet,
    applied,
    fields_of,
    for_reader,
    said,
    unique_number,
)
from services.archive.events import ImportFinished
from services.archive.store import area as areas
from services.archive.store import bulk
from services.archive.store import imports as store
from services.archive.store import sheet as sheets
from services.archive.store.imports import Counts, Job
from services.archive.store.sealed import ID_NUMBER
from services.chassis.clock import Clock, SystemClock, stopped_within
from services.chassis.db import GONE, Connection, Pool, open_pool, savepoint, transaction
from services.chassis.errors import Conflict, InvalidInput, NotFound
from services.chassis.objects import Objects
from services.chassis.outbox import record
from services.chassis.principal import Caller, itself
from services.chassis.telemetry import place_of
from services.chassis.vault import CannotOpen, Vault

CHUNK_ROWS = 1000
LONGEST_ROWS = 2 * CHUNK_ROWS
"""A chunk ends with a household, or here."""
TRIES = 5
OPEN = ("WAITING", "RUNNING")
"""States of a job that is not done."""
POLL_SECONDS = 2.0
MOST_REJECTED = 1_000_000_000
KEPT_DAYS = 30
"""Days after the end on which the rejected rows of a job go; its own file goes at the end."""
PR_SET_PDEATHSIG = 1
UNIQUE = {
    "HOUSEHOLDS": ("idNumber", "idNumberOverride"),
    "MEMBERS": ("idNumber", "idNumberOverride"),
    "PLOTS": ("code", ""),
}
"""Kind → the field that must not be there twice in a file, and the one that allows it."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Means:
    """What the processes of an import need. `vault` is called in each of them."""

    database_url: str = field(repr=False)
    vault: Callable[[], Vault]
    processes: int = 2


@dataclass(frozen=True)
class Desk:
    """Where imports are carried out from."""

    means: Means
    pool: Pool
    clock: Clock


@dataclass(frozen=True)
class Chunk:
    """Rows of whole households, and what the reader saw of them that a chunk alone cannot see."""

    rows: Sequence[Row]
    faults: Sequence[Fault]


Key = tuple[str, str]
"""A household in a file: village and number as the cells have them."""
Told = Callable[[Counts, int], None]
"""Is told how far an import is: what was counted so far, and how many rows there are."""


def chunks(sheet: Sheet, data: bytes) -> Iterator[Chunk]:
    """A file in chunks; the same file always in the same ones. Raises Refused."""
    held: list[Row] = []
    faults: list[Fault] = []
    last = ("", "")
    unique, allowed = UNIQUE[sheet.kind]
    seen: set[int] = set()
    for row in tables.rows(sheet, data):
        key = _household(row)
        if len(held) >= CHUNK_ROWS and (key != last or len(held) >= LONGEST_ROWS):
            yield Chunk(held, faults)
            held, faults = [], []
        last = key
        held.append(row)
        value = row.cells.get(unique)
        if value and not row.cells.get(allowed):
            number = hash(compact(value))
            if number in seen:
                faults.append(Fault(row.number, unique, "unique.in_file"))
            seen.add(number)
    if held:
        yield Chunk(held, faults)


def _household(row: Row) -> Key:
    return village_of(row.cells.get("gridCode", "")), row.cells.get("number", "")


async def run(desk: Desk, job: Job, data: bytes, stop: asyncio.Event, told: Told = lambda *_: None) -> Counts | None:
    """Takes in what is missing of a file; None when it was stopped. Raises Refused when the file cannot be read.

    Whoever calls has claimed the job, and ends it. After a stop the chunks in hand are still taken in, and found done by the next run.
    """
    sheet = SHEETS[job.kind]
    form = tables.form_of(data)
    csv = await asyncio.to_thread(tables.as_csv, data)
    total = await asyncio.to_thread(lambda: sum(1 for _ in tables.rows(sheet, csv)))
    async with transaction(desk.pool, itself("archive")) as connection:
        await store.start(connection, job.id, form, total, desk.clock.now())
        done = {first for first, _ in await store.done(connection, job.id)}
        counted = await store.counts(connection, job.id)
    told(counted, total)
    executor = ProcessPoolExecutor(
        desk.means.processes,
        multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(desk.means, job, os.getpid()),
    )
    loop, waiting = asyncio.get_running_loop(), set[asyncio.Future[Counts]]()
    try:
        for chunk in chunks(sheet, csv):
            if chunk.rows[0].number in done:
                continue
            if stop.is_set():
                break
            waiting.add(loop.run_in_executor(executor, _take, chunk))
            if len(waiting) > 2 * desk.means.processes:
                counted, waiting = await _one(counted, waiting)
                told(counted, total)
        while waiting and not stop.is_set():
            counted, waiting = await _one(counted, waiting)
            told(counted, total)
    finally:
        for one in waiting:
            one.cancel()
        executor.shutdown(wait=False, cancel_futures=True)
    return None if stop.is_set() else counted


async def _one(counted: Counts, waiting: set[asyncio.Future[Counts]]) -> tuple[Counts, set[asyncio.Future[Counts]]]:
    """Waits until a chunk is done."""
    done, still = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        counted += one.result()
    return counted, still


async def end(desk: Desk, job: Job, failure: Refused | None = None) -> Counts:
    """Notes the end of a job and tells of it, once."""
    async with transaction(desk.pool, itself("archive")) as connection:
        counted = await store.counts(connection, job.id)
        why, column = (None, None) if failure is None else (failure.rule, failure.column)
        if await store.end(connection, job.id, desk.clock.now(), failure=why, column=column):
            event = ImportFinished(
                job=job.id,
                kind=job.kind,
                area=job.area,
                dry_run=job.dry_run,
                failed=why,
                good=counted.good,
                bad=counted.bad,
                opened=counted.opened,
                changed=counted.changed,
            )
            await record(connection, desk.clock, event, subject=str(job.id), area=job.area)
    return counted


# The worker's part


async def take_in(means: Means, objects: Objects, pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """The worker's task: takes in what accounts have submitted, one job after the other, and removes files whose time is over."""
    desk, vault = Desk(means, pool, clock), means.vault()
    while True:
        await sweep(desk, objects)
        async with transaction(pool, itself("archive")) as connection:
            waiting = await store.waiting(connection)
        for key in waiting:
            async with store.claimed(pool, key) as mine:
                if mine:
                    await carry_out(desk, vault, objects, key, stop)
            if stop.is_set():
                return
        if await stopped_within(stop, POLL_SECONDS):
            return


async def carry_out(desk: Desk, vault: Vault, objects: Objects, key: UUID, stop: asyncio.Event) -> None:
    """Carries out a job that this process has claimed, from where it stands.

    A job that fails of itself has failed; one whose servers or processes go away is left as it is, and goes on later.
    """
    async with transaction(desk.pool, itself("archive")) as connection:
        job = await store.find(connection, key)
    if job is None or job.state not in OPEN:
        return
    try:
        data = b"".join([block async for block in store.opened(vault, objects, key, store.SOURCE)])
        if await run(desk, job, data, stop) is None:
            return
        await _give_back(desk, vault, objects, job, data)
        await end(desk, job)
    except Refused as refused:
        await end(desk, job, refused)
    except (NotFound, CannotOpen):
        await end(desk, job, Refused("file.gone"))
    except (*GONE, BrokenProcessPool):
        raise
    except Exception as error:
        log.error("import.failed", error=type(error).__name__, at=place_of(error))
        await end(desk, job, Refused("internal"))
    await objects.delete(store.name(key, store.SOURCE))
    log.info("import.ended", kind=job.kind, dry_run=job.dry_run)


async def _give_back(desk: Desk, vault: Vault, objects: Objects, job: Job, data: bytes) -> None:
    """Keeps the rows that were not taken in for who submitted them."""
    async with transaction(desk.pool, itself("archive")) as connection:
        faults = await store.faults(connection, job.id)
    if not faults:
        return
    book = await asyncio.to_thread(rejected, SHEETS[job.kind], data, faults)

    async def whole() -> AsyncIterator[bytes]:
        yield book

    sealed = store.sealed(vault, job.id, store.REJECTED, whole())
    await objects.put(store.name(job.id, store.REJECTED), sealed, most=MOST_REJECTED)


async def sweep(desk: Desk, objects: Objects) -> None:
    """Removes the files of jobs that ended long ago."""
    now = desk.clock.now()
    async with transaction(desk.pool, itself("archive")) as connection:
        for key in await store.outlived(connection, now - timedelta(days=KEPT_DAYS)):
            await store.erase(connection, objects, key, now)


def rejected(sheet: Sheet, data: bytes, faults: Iterable[Fault]) -> bytes:
    """A workbook of the rows that were not taken in, as they came, with what is wrong in each in two more columns."""
    wrong: dict[int, list[Fault]] = {}
    for fault in faults:
        wrong.setdefault(fault.row, []).append(fault)
    book: tables.Workbook | None = None
    own: list[int] = []
    for number, cells in tables.lines(tables.as_csv(data)):
        if book is None:
            if any(cells):
                own = [at for at, one in enumerate(fields_of(sheet, cells)) if one]
                book = tables.Workbook(sheet.title, [*(cells[at] for at in own), *FAULT_COLUMNS])
        elif number in wrong and not for_reader(cells):
            titles = [column.title if (column := sheet.column(fault.field)) else fault.field for fault in wrong[number]]
            rules = [fault.rule for fault in wrong[number]]
            book.write([*(cells[at] if at < len(cells) else "" for at in own), "、".join(titles), "、".join(rules)])
    return tables.Workbook(sheet.title, FAULT_COLUMNS).bytes() if book is None else book.bytes()


# The operator's part


@dataclass(frozen=True)
class Outcome:
    """What became of a file; `rejected` is a workbook of what was not taken in, if anything was not."""

    counts: Counts
    faults: Sequence[Fault]
    rejected: bytes | None


async def from_here(desk: Desk, data: bytes, asked: Job, stop: asyncio.Event, told: Told) -> Outcome | None:
    """Takes in a file for the operator, or goes on with it where an earlier call was broken off; None when stopped.

    `asked` is the job as a new one would be. Raises Refused, Conflict while another process has the file in hand.
    """
    async with transaction(desk.pool, itself("archive")) as connection:
        key = await store.begun(connection, asked)
        if key is None:
            await store.add(connection, asked, desk.clock.now())
    job = asked if key is None else replace(asked, id=key)
    async with store.claimed(desk.pool, job.id) as mine:
        if not mine:
            raise Conflict("another process is taking in this file")
        try:
            if await run(desk, job, data, stop, told) is None:
                return None
        except Refused as refused:
            await end(desk, job, refused)
            raise
        async with transaction(desk.pool, itself("archive")) as connection:
            faults = await store.faults(connection, job.id)
        counted = await end(desk, job)
    return Outcome(counted, faults, rejected(SHEETS[job.kind], data, faults) if faults else None)


async def area_of(desk: Desk, sheet: Sheet, data: bytes) -> str | None:
    """The smallest area that holds all grids of a file; None where none is known."""
    csv = tables.as_csv(data)
    codes = sorted({row.cells.get("gridCode", "") for row in tables.rows(sheet, csv)} - {""})
    common = os.path.commonprefix(codes[:1] + codes[-1:])  # noqa: RUF071  digits, not file names
    for length in sorted((length for length in KINDS if length <= len(common)), reverse=True):
        if await areas.find(desk.pool, common[:length]) is not None:
            return common[:length]
    return None


# One process of an import

_taker: "_Taker"


def _begin(means: Means, job: Job, parent: int) -> None:
    """Readies this process, which ends when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _taker  # noqa: PLW0603  a process pool hands its initializer's work on in no other way
    _taker = _Taker(means, job)


def _take(chunk: Chunk) -> Counts:
    return _taker.take(chunk)


class _Taker:
    """Keeps one event loop, two connections and the keys for all chunks of this process."""

    def __init__(self, means: Means, job: Job) -> None:
        self._job = job
        self._vault = means.vault()
        self._loop = asyncio.new_event_loop()
        self._pool = self._loop.run_until_complete(open_pool(means.database_url, 2))

    def take(self, chunk: Chunk) -> Counts:
        return self._loop.run_until_complete(take(self._pool, self._vault, SystemClock(), self._job, chunk))


class _Undo(Exception):
    """Leaves the savepoint of a dry run."""


class _Done(Exception):
    """Another process has taken in the chunk."""


async def take(pool: Pool, vault: Vault, clock: Clock, job: Job, chunk: Chunk) -> Counts:
    """Takes in a chunk; counts nothing when another process has done so."""
    for left in reversed(range(TRIES)):
        try:
            return await _Taking(pool, vault, clock, job, chunk).take()
        except _Done:
            break
        except bulk.Taken:
            if not left:
                raise
    return Counts()


class _Taking:
    """One try at a chunk. What is there already is asked for as the service, so that it is seen wherever it lies; written is as the caller."""

    def __init__(self, pool: Pool, vault: Vault, clock: Clock, job: Job, chunk: Chunk) -> None:
        self._pool, self._vault, self._job, self._chunk = pool, vault, job, chunk
        self._sheet = SHEETS[job.kind]
        self._caller = itself("archive") if job.as_service else Caller(job.submitted_by, areas=(job.area,))
        self._change = Change(
            by=job.submitted_by,
            at=clock.now(),
            valid_from=job.valid_from,
            provenance=job.provenance,
            reason=f"import {job.id}",
        )
        self._rows: dict[Key, list[Row]] = {}
        for row in chunk.rows:
            self._rows.setdefault(_household(row), []).append(row)
        self._faults: dict[Key, list[Fault]] = {}
        self._drop(chunk.faults)
        self._said: dict[Key, list[Said]] = {}

    async def take(self) -> Counts:
        self._read()
        async with transaction(self._pool, itself("archive")) as connection:
            await self._place(connection)
            there = await bulk.numbered(connection, self._left())
        for key, (_, area) in there.items():
            if not area.startswith(self._job.area):
                self._drop([Fault(row.number, "number", "area.reach") for row in self._rows[key]])
        async with transaction(self._pool, self._caller) as connection:
            opened = changed = 0
            with suppress(_Undo):
                async with savepoint(connection):
                    opened, changed = await self._write(connection, {key: found for key, (found, _) in there.items()})
                    if self._job.dry_run:
                        raise _Undo
            good = sum(len(self._rows[key]) for key in self._left())
            rows = self._chunk.rows[0].number, self._chunk.rows[-1].number
            counted = Counts(good, len(self._chunk.rows) - good, opened, changed)
            if not await store.record(connection, self._job.id, rows, counted, self._told()):
                raise _Done
        return counted

    def _left(self) -> list[Key]:
        """The households without a fault so far."""
        return [key for key in self._rows if key not in self._faults]

    def _drop(self, faults: Iterable[Fault]) -> None:
        """Leaves out the households of rows that have faults."""
        by_row = {row.number: key for key, rows in self._rows.items() for row in rows}
        for fault in faults:
            self._faults.setdefault(by_row[fault.row], []).append(fault)

    def _told(self) -> list[Fault]:
        """All faults, with one for each row that is out only because of another of its household."""
        faults = [fault for found in self._faults.values() for fault in found]
        bad = {fault.row for fault in faults}
        others = (row for key in self._faults for row in self._rows[key] if row.number not in bad)
        return [*faults, *(Fault(row.number, "number", "household.whole") for row in others)]

    def _read(self) -> None:
        """What the rows say, of each household that has no row of another form."""
        for key, rows in self._rows.items():
            told = []
            for row in rows:
                try:
                    told.append(said(self._sheet, row))
                except Broken as broken:
                    self._drop(broken.faults)
            self._said[key] = told

    async def _place(self, connection: Connection) -> None:
        """Leaves out what lies elsewhere: no grid of that day, or outside the job's area."""
        codes = {said.facts["gridCode"] for key in self._left() for said in self._said[key]}
        known = await bulk.grids(connection, codes, self._job.valid_from)
        for key in self._left():
            for one in self._said[key]:
                code = one.facts["gridCode"]
                if code not in known:
                    self._drop([Fault(one.row.number, "gridCode", "known.area")])
                elif not code.startswith(self._job.area):
                    self._drop([Fault(one.row.number, "gridCode", "area.reach")])

    async def _write(self, connection: Connection, there: Mapping[Key, UUID]) -> tuple[int, int]:
        """Opens and changes sheets; returns how many of each. Raises Taken when somebody was quicker."""
        made: dict[Key, tuple[Household | None, Household]] = {}
        for key in self._left():
            history = await sheets.history(connection, self._vault, there[key]) if key in there else None
            if key in there and history is None:
                raise bulk.Taken
            try:
                made[key] = self._decide(key, history)
            except Broken as broken:
                self._drop(broken.faults)
        await self._require_free(made)
        changed = 0
        for key in self._left():
            former, sheet = made[key]
            if former is not None and sheet.version != former.version:
                changed += await self._save(connection, key, former, sheet)
        fresh = [sheet for former, sheet in map(made.__getitem__, self._left()) if former is None]
        if fresh:
            await bulk.add_all(connection, self._vault, fresh, self._change)
        return len(fresh), changed

    def _decide(self, key: Key, history: History | None) -> tuple[Household | None, Household]:
        """The sheet as it is on the day of the import, and as it shall be, which holds on every later day too; raises Broken."""
        day, first = self._job.valid_from, self._rows[key][0].number
        former = None if history is None else history.on(day)
        if history is not None and former is None:
            raise Broken(Fault(first, "number", "household.later"))
        sheet = applied(self._sheet, former, self._said[key], day, uuid7)
        if history is not None and sheet.version != history.version:
            try:
                deeds.checked({history.id: history}, deeds.Outcome((sheet,)), self._change, {})
            except InvalidInput as error:
                field = (error.extra.get("field") or "members").rpartition(".")[2]
                raise Broken(Fault(first, field, error.extra.get("rule") or "form")) from None
        return former, sheet

    async def _save(self, connection: Connection, key: Key, former: Household, sheet: Household) -> bool:
        try:
            async with savepoint(connection):
                if not await sheets.save(connection, self._vault, former, sheet, self._change):
                    raise bulk.Taken
        except Conflict as conflict:
            field = str(conflict.extra.get("field")).rpartition(".")[2]
            self._drop([Fault(self._rows[key][0].number, field, conflict.extra.get("rule", "unique"))])
            return False
        return True

    async def _require_free(self, made: Mapping[Key, tuple[Household | None, Household]]) -> None:
        """Leaves out whom an ID number, or a plot's code, belongs to that is somebody else's already."""
        numbers: dict[bytes, Fault] = {}
        codes: dict[str, tuple[UUID, Fault]] = {}
        for key, (former, sheet) in made.items():
            known = {member.id_number for member in former.members} if former is not None else set()
            for one in self._said[key]:
                number = unique_number(one)
                if number is not None and number not in known:
                    fault = Fault(one.row.number, "idNumber", "id_number.unique")
                    numbers[self._vault.index(number, field=ID_NUMBER)] = fault
                if "code" in one.facts:
                    codes[one.facts["code"]] = sheet.id, Fault(one.row.number, "code", "plot_code.unique")
        async with transaction(self._pool, itself("archive")) as connection:
            taken = await bulk.taken_numbers(connection, list(numbers))
            holders = await bulk.taken_codes(connection, list(codes))
        self._drop(numbers[index] for index in taken)
        self._drop(codes[code][1] for code, holder in holders.items() if holder != codes[code][0])
