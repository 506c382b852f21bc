"""Imports: the jobs, how far each is, what was wrong; and their files, which lie sealed in the object store and go after a while."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from services.archive.domain.history import Provenance
from services.archive.domain.imports import Fault, Kind
from services.chassis.db import Connection, Pool
from services.chassis.objects import Objects
from services.chassis.vault import CannotOpen, Vault

BLOCK = 1 << 20
"""Bytes of a file that are sealed together."""
LENGTH_BYTES = 4
FIELD = "import"
SOURCE, REJECTED = "source", "rejected.xlsx"

ADD = """
INSERT INTO import_job (id, area_code, kind, dry_run, valid_from, provenance, bytes, sha256, submitted_by, as_service, submitted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING RETURNING id
"""
FIND = """
SELECT id, area_code AS area, kind, dry_run, valid_from, provenance, bytes AS size, sha256, state, submitted_by,
    as_service, erased_at FROM import_job WHERE id = $1
"""
BEGUN = """
SELECT id FROM import_job WHERE as_service AND state IN ('WAITING', 'RUNNING')
    AND (sha256, kind, dry_run, valid_from, area_code) = ($1, $2, $3, $4, $5)
ORDER BY submitted_at LIMIT 1
"""
WAITING = "SELECT id FROM import_job WHERE state IN ('WAITING', 'RUNNING') AND NOT as_service ORDER BY submitted_at, id"
CLAIM = "SELECT pg_try_advisory_lock(hashtextextended('import/' || $1::text, 0))"
START = """
UPDATE import_job SET state = 'RUNNING', form = $2, started_at = coalesce(started_at, $3), rows_total = $4
WHERE id = $1 AND state IN ('WAITING', 'RUNNING')
"""
END = """
UPDATE import_job SET state = $2, failure = $3, failed_in = $4, finished_at = $5
WHERE id = $1 AND state IN ('WAITING', 'RUNNING') RETURNING id
"""
DONE = "SELECT first_row, last_row FROM import_chunk WHERE job_id = $1"
COUNTS = """
SELECT coalesce(sum(good), 0)::int AS good, coalesce(sum(bad), 0)::int AS bad,
    coalesce(sum(opened), 0)::int AS opened, coalesce(sum(changed), 0)::int AS changed FROM import_chunk WHERE job_id = $1
"""
CHUNK = """
INSERT INTO import_chunk (job_id, area_code, first_row, last_row, good, bad, opened, changed)
SELECT $1, area_code, $2, $3, $4, $5, $6, $7 FROM import_job WHERE id = $1 ON CONFLICT DO NOTHING RETURNING job_id
"""
FAULTS = """
INSERT INTO import_fault (job_id, area_code, row, field, rule)
SELECT $1, j.area_code, f.row, f.field, f.rule FROM import_job j, unnest($2::int[], $3::text[], $4::text[]) AS f (row, field, rule)
WHERE j.id = $1 ON CONFLICT DO NOTHING
"""
FAULTY = "SELECT row, field, rule FROM import_fault WHERE job_id = $1 ORDER BY row, field"
OLD = "SELECT id FROM import_job WHERE finished_at < $1 AND erased_at IS NULL"
ERASED = "UPDATE import_job SET erased_at = $2 WHERE id = $1"


@dataclass(frozen=True)
class Job:
    """A file of sheets. `area` holds all that it may write; `as_service` says that the operator submitted it, not an account."""

    id: UUID
    area: str
    kind: Kind
    dry_run: bool
    valid_from: date
    provenance: Provenance
    size: int
    sha256: bytes
    submitted_by: str
    as_service: bool = False
    state: str = "WAITING"
    erased_at: datetime | None = None


@dataclass(frozen=True)
class Counts:
    """Rows that are in and out; sheets that were opened and changed."""

    good: int = 0
    bad: int = 0
    opened: int = 0
    changed: int = 0

    @property
    def read(self) -> int:
        return self.good + self.bad

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(one + more for one, more in zip(vars(self).values(), vars(other).values(), strict=True)))


async def add(connection: Connection, job: Job, at: datetime) -> bool:
    """Writes a new job; False, and nothing written, when its id is there already."""
    return bool(
        await connection.fetchval(
            ADD,
            job.id,
            job.area,
            job.kind,
            job.dry_run,
            job.valid_from,
            job.provenance,
            job.size,
            job.sha256,
            job.submitted_by,
            job.as_service,
            at,
        )
    )


async def find(connection: Connection, key: UUID) -> Job | None:
    row = await connection.fetchrow(FIND, key)
    return None if row is None else Job(**cast("Mapping[str, Any]", dict(row)))


async def waiting(connection: Connection) -> list[UUID]:
    """The accounts' jobs that are not done, the oldest first."""
    return [row["id"] for row in await connection.fetch(WAITING)]


async def begun(connection: Connection, job: Job) -> UUID | None:
    """The operator's job of the same file, asked in the same way, that has not ended."""
    key: UUID | None = await connection.fetchval(BEGUN, job.sha256, job.kind, job.dry_run, job.valid_from, job.area)
    return key


@asynccontextmanager
async def claimed(pool: Pool, key: UUID) -> AsyncIterator[bool]:
    """Whether this process has the job to itself for the time of the block. Who is killed gives it up: the lock is the session's."""
    async with pool.acquire() as connection:
        mine = bool(await connection.fetchval(CLAIM, str(key)))
        try:
            yield mine
        finally:
            if mine and not connection.is_closed():
                await connection.execute(
                    "SELECT pg_advisory_unlock(hashtextextended('import/' || $1::text, 0))", str(key)
                )


async def start(connection: Connection, key: UUID, form: str, rows: int, at: datetime) -> None:
    await connection.execute(START, key, form, at, rows)


async def end(
    connection: Connection, key: UUID, at: datetime, *, failure: str | None = None, column: str | None = None
) -> bool:
    """DONE, or FAILED with the rule; False when it has ended before."""
    state = "DONE" if failure is None else "FAILED"
    return bool(await connection.fetchval(END, key, state, failure, column, at))


async def done(connection: Connection, key: UUID) -> list[tuple[int, int]]:
    """First and last row of each chunk that is done."""
    return [(row["first_row"], row["last_row"]) for row in await connection.fetch(DONE, key)]


async def counts(connection: Connection, key: UUID) -> Counts:
    row = await connection.fetchrow(COUNTS, key)
    assert row is not None  # noqa: S101  an aggregate has a row
    return Counts(**dict(row))


async def record(
    connection: Connection, key: UUID, rows: tuple[int, int], counted: Counts, faults: Sequence[Fault]
) -> bool:
    """Notes that a chunk is done, with what was wrong in it; False when another process has done it meanwhile."""
    values = (counted.good, counted.bad, counted.opened, counted.changed)
    if not await connection.fetchval(CHUNK, key, *rows, *values):
        return False
    columns = ([fault.row for fault in faults], [fault.field for fault in faults], [fault.rule for fault in faults])
    await connection.execute(FAULTS, key, *columns)
    return True


async def faults(connection: Connection, key: UUID) -> list[Fault]:
    """What is wrong in the file, in the order of rows."""
    return [Fault(row["row"], row["field"], row["rule"]) for row in await connection.fetch(FAULTY, key)]


async def outlived(connection: Connection, before: datetime) -> list[UUID]:
    """Jobs that ended before a time and whose files are still there."""
    return [row["id"] for row in await connection.fetch(OLD, before)]


async def erase(connection: Connection, objects: Objects, key: UUID, at: datetime) -> None:
    """Removes a job's files; what it counted stays."""
    await objects.delete(name(key, SOURCE), name(key, REJECTED))
    await connection.execute(ERASED, key, at)


def name(key: UUID, part: str) -> str:
    """The object's key of a job's file."""
    return f"imports/{key}/{part}"


async def sealed(vault: Vault, key: UUID, part: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A file's bytes sealed block by block: each its length in 4 bytes, then the sealed value, bound to job, file and place in it.

    The last block is the one that is not full; there always is one, so that a file that was cut off does not open.
    """
    number, held = 0, bytearray()

    def block(data: bytes) -> bytes:
        closed = vault.close(data.decode("latin-1"), owner=f"{key}/{part}/{number}", field=FIELD)
        return len(closed).to_bytes(LENGTH_BYTES, "big") + closed

    async for chunk in chunks:
        held += chunk
        while len(held) >= BLOCK:
            yield block(bytes(held[:BLOCK]))
            del held[:BLOCK]
            number += 1
    yield block(bytes(held))


async def opened(vault: Vault, objects: Objects, key: UUID, part: str) -> AsyncIterator[bytes]:
    """A job's file in clear; raises NotFound, CannotOpen."""
    number, held, full = 0, bytearray(), True
    async for chunk in await objects.get(name(key, part)):
        held += chunk
        while len(held) >= LENGTH_BYTES and len(held) >= (
            end := LENGTH_BYTES + int.from_bytes(held[:LENGTH_BYTES], "big")
        ):
            data = vault.open(bytes(held[LENGTH_BYTES:end]), owner=f"{key}/{part}/{number}", field=FIELD).encode(
                "latin-1"
            )
            del held[:end]
            number, full = number + 1, len(data) == BLOCK
            yield data
    if held or full:
        raise CannotOpen("the file was cut off")
