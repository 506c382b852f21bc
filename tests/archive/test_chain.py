"""The audit log's chain: whoever has the database, the superuser too, cannot change it unseen."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.commands.upkeep import seal
from services.archive.domain.chain import (
    BEGINNING,
    COLUMNS,
    Checkpoint,
    Finding,
    Signer,
    Verification,
    checkpoint_of,
    link,
)
from services.archive.store import chain
from services.chassis.clock import FixedClock
from services.chassis.db import transaction
from services.chassis.principal import itself
from tests.archive.conftest import Archive, household
from tests.archive.test_views import NUMBER

SIGNER, OTHER = Signer(b"s" * 32), Signer(b"t" * 32)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADD = """
WITH added AS (INSERT INTO audit (by, roles, areas, deed, at, household_id, area_code, fields)
SELECT 'example', '{grid_worker}', '{339999}', 'READ', $1, $2, '3399991002000001', ARRAY['number', n::text]
    FROM generate_series(1, $3) n RETURNING id)
INSERT INTO audit_unsealed SELECT id FROM added
"""


async def opened(archive: Archive, count: int, at: datetime = NOW) -> None:
    await archive.admin.execute(ADD, at, household(1), count)


async def sealed(archive: Archive, count: int = 6, at: datetime = NOW) -> None:
    """Rows, sealed and signed at once."""
    await opened(archive, count, at)
    assert await seal(archive.pool, SIGNER, FixedClock(at), checkpoint_seconds=0) == count


async def findings(
    archive: Archive, given: Sequence[Checkpoint] = (), trusted: Sequence[bytes] = (SIGNER.public,)
) -> list[Finding]:
    async with transaction(archive.pool, itself("archive")) as connection:
        found = await chain.verify(connection, trusted, given)
    return found.findings


async def kept(archive: Archive) -> list[Checkpoint]:
    async with transaction(archive.pool, itself("archive")) as connection:
        return await chain.checkpoints(connection)


async def seal_anew(archive: Archive) -> None:
    """What somebody does who has the database but not the key: makes every hash fit again."""
    rows = await archive.admin.fetch(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY id")
    await archive.admin.execute("ALTER TABLE audit_checkpoint DROP CONSTRAINT audit_checkpoint_position_fkey")
    await archive.admin.execute("TRUNCATE audit_chain")
    digest = BEGINNING
    for position, row in enumerate(rows, start=1):
        digest = link(digest, dict(row))
        await archive.admin.execute("INSERT INTO audit_chain VALUES ($1, $2, $3)", position, row["id"], digest)


async def test_what_nobody_touched_verifies(archive: Archive) -> None:
    assert await findings(archive) == []
    await sealed(archive)
    await sealed(archive, 3, NOW + timedelta(minutes=1))
    assert await findings(archive) == []
    assert [one.position for one in await kept(archive)] == [6, 9]


@pytest.mark.parametrize(
    ("tampering", "what", "positions"),
    [
        ("UPDATE audit SET by = 'somebody else' WHERE id = $1", {"CHANGED"}, {3}),
        ("UPDATE audit SET household_id = NULL WHERE id = $1", {"CHANGED"}, {3}),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = $1", {"CHANGED"}, {3}),
        ("UPDATE audit SET fields = '{}' WHERE id = $1", {"CHANGED"}, {3}),
        ("UPDATE audit_chain SET hash = sha256(hash) WHERE audit_id = $1", {"CHANGED"}, {3, 4}),
        ("DELETE FROM audit WHERE id = $1", {"MISSING"}, {3}),
        ("DELETE FROM audit_chain WHERE audit_id = $1", {"GAP", "UNSEALED"}, {4, None}),
        ("WITH gone AS (DELETE FROM audit_chain WHERE audit_id = $1) DELETE FROM audit WHERE id = $1", {"GAP"}, {4}),
        (
            "UPDATE audit_chain SET audit_id = -audit_id WHERE audit_id IN ($1::bigint, $1 + 1)",
            {"MISSING", "UNSEALED"},
            {3, 4, None},
        ),
    ],
)
async def test_what_a_superuser_changes_is_found_and_named(
    archive: Archive, tampering: str, what: set[str], positions: set[int | None]
) -> None:
    await sealed(archive)
    third = await archive.admin.fetchval("SELECT audit_id FROM audit_chain WHERE position = 3")
    await archive.admin.execute(tampering, third)
    found = await findings(archive)
    assert {one.what for one in found} == what
    assert {one.position for one in found} == positions


async def test_rows_that_changed_places_are_found(archive: Archive) -> None:
    await sealed(archive)
    await archive.admin.execute("ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_audit_id_key")
    await archive.admin.execute(
        "UPDATE audit_chain c SET audit_id = o.audit_id FROM audit_chain o WHERE (c.position, o.position) IN ((2, 3), (3, 2))"
    )
    assert [(one.what, one.position) for one in await findings(archive)] == [("CHANGED", 2), ("CHANGED", 3)]


async def test_a_row_that_nobody_sealed_is_found(archive: Archive) -> None:
    await sealed(archive)
    await opened(archive, 2)
    assert await findings(archive) == []
    await archive.admin.execute("DELETE FROM audit_unsealed WHERE audit_id = (SELECT max(id) FROM audit)")
    assert [one.what for one in await findings(archive)] == ["UNSEALED"]
    await archive.admin.execute("DELETE FROM audit WHERE id = (SELECT max(id) - 1 FROM audit)")
    assert [one.what for one in await findings(archive)] == ["UNSEALED", "UNSEALED"]


async def test_who_makes_all_hashes_anew_lacks_the_key(archive: Archive) -> None:
    await sealed(archive)
    await archive.admin.execute("UPDATE audit SET by = 'somebody else' WHERE id = (SELECT min(id) FROM audit)")
    await seal_anew(archive)
    assert [(one.what, one.position) for one in await findings(archive)] == [("CHECKPOINT", 6)]
    forged = OTHER.sign(6, await archive.admin.fetchval("SELECT hash FROM audit_chain WHERE position = 6"), NOW)
    await archive.admin.execute(
        "UPDATE audit_checkpoint SET hash = $1, key = $2, signature = $3", forged.hash, forged.key, forged.signature
    )
    assert [one.detail for one in await findings(archive)] == ["is not signed by a trusted key"]
    await archive.admin.execute("UPDATE audit_checkpoint SET key = $1", SIGNER.public)
    assert [one.detail for one in await findings(archive)] == ["is not signed by a trusted key"]


async def test_a_checkpoint_kept_elsewhere_shows_that_the_end_was_cut_off(archive: Archive) -> None:
    await sealed(archive)
    (checkpoint,) = [checkpoint_of(one.document()) for one in await kept(archive)]
    await archive.admin.execute("TRUNCATE audit_chain, audit_checkpoint, audit")
    await sealed(archive, 3)
    assert await findings(archive) == []
    found = await findings(archive, [checkpoint])
    assert [(one.what, one.position, one.detail) for one in found] == [
        ("CHECKPOINT", 6, "the chain ends at position 3: rows are gone")
    ]


@pytest.mark.parametrize("document", [b"", b"{}", b'{"position": 1}', b"\xff"])
def test_what_is_no_checkpoint(document: bytes) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        checkpoint_of(document)


async def test_reads_are_sealed_as_they_come_by_several_workers(archive: Archive) -> None:
    """Rows commit in another order than they are numbered in, and two workers seal: each row is sealed once."""
    clock, stop = FixedClock(NOW), asyncio.Event()

    async def worker() -> None:
        while not stop.is_set():
            await seal(archive.pool, SIGNER, clock, checkpoint_seconds=0)

    workers = [asyncio.create_task(worker()) for _ in range(2)]
    reads = [archive.as_("cadre").read("household", {"id": household(1 + n % 10)}, NUMBER) for n in range(60)]
    assert {status for status, _ in await asyncio.gather(*reads)} == {200}
    stop.set()
    await asyncio.gather(*workers)
    await seal(archive.pool, SIGNER, clock)
    assert await archive.admin.fetchval("SELECT count(*) FROM audit_chain") == 60
    assert await archive.admin.fetchval("SELECT count(*) FROM audit_unsealed") == 0
    assert await findings(archive) == []


def row(number: int, deed: str = "READ", at: datetime = NOW, **facts: Any) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), "id": number, "deed": deed, "at": at, "fields": [], **facts}


def verified(rows: Sequence[dict[str, Any]], gone: set[int], signed: Sequence[tuple[int, datetime]]) -> list[Finding]:
    """The findings on a chain of rows, some of them gone, with checkpoints of (position, at)."""
    digest, hashes = BEGINNING, []
    for one in rows:
        hashes.append(digest := link(digest, one))
    found = Verification()
    for position, (one, digest) in enumerate(zip(rows, hashes, strict=True), start=1):
        found.take(position, one["id"], digest, None if position in gone else one, watched=True)
    found.finish([SIGNER.sign(position, hashes[position - 1], at) for position, at in signed], [SIGNER.public], [])
    return found.findings


def erased(number: int, upto: int, count: int, at: datetime) -> dict[str, Any]:
    return row(number, "RETENTION", at, fields=["audit", str(upto)], count=count)


def test_rows_whose_time_is_over_may_be_gone_and_no_others() -> None:
    late = NOW + timedelta(days=1100)
    rows = [*(row(n) for n in range(1, 5)), erased(5, 3, 2, late)]
    assert verified(rows, {1, 3}, [(4, NOW), (5, late)]) == []
    assert [one.position for one in verified(rows, {1, 4}, [(4, NOW), (5, late)])] == [4]
    # More than were erased; and the first checkpoint behind it says that the row was young.
    assert [one.position for one in verified(rows, {1, 2, 3}, [(4, NOW), (5, late)])] == [None]
    assert [one.position for one in verified(rows, {1, 3}, [(4, late - timedelta(days=179)), (5, late)])] == [1, 3]
    assert [one.position for one in verified(rows, {1, 3}, [])] == [1, 3]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.data())
def test_any_change_of_any_row_is_found(numbers: list[int], data: st.DataObject) -> None:
    rows = [row(n, count=value) for n, value in enumerate(numbers, start=1)]
    digest, found = BEGINNING, Verification()
    at = data.draw(st.integers(0, len(rows) - 1))
    for position, one in enumerate(rows, start=1):
        digest = link(digest, one)
        shown = one | {"count": one["count"] + 1} if position == at + 1 else one
        found.take(position, one["id"], digest, shown)
    assert [(one.what, one.position) for one in found.findings] == [("CHANGED", at + 1)]
