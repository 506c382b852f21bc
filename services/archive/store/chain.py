"""The audit log's chain: rows wait in `audit_unsealed` until the worker seals them; what is sealed is never written again."""

from collections.abc import Sequence
from datetime import datetime

from services.archive.domain.chain import BEGINNING, COLUMNS, Checkpoint, Signer, Verification, link
from services.chassis.db import Connection

LOCK = 0x5A_4D_3001
BATCH = 1000

_ROW = ", ".join(f"a.{name}" for name in COLUMNS)
TRY_LEAD = "SELECT pg_try_advisory_xact_lock($1)"
WAITING = f"SELECT {_ROW} FROM audit_unsealed u JOIN audit a ON a.id = u.audit_id ORDER BY a.id LIMIT $1"
LAST = "SELECT position, hash FROM audit_chain ORDER BY position DESC LIMIT 1"
SEAL = """
WITH sealed AS (
    INSERT INTO audit_chain (position, audit_id, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]))
DELETE FROM audit_unsealed WHERE audit_id = ANY($2)
"""
LAST_CHECKPOINT = "SELECT position, at FROM audit_checkpoint ORDER BY position DESC LIMIT 1"
CHECK = "INSERT INTO audit_checkpoint (position, hash, at, key, signature) VALUES ($1, $2, $3, $4, $5)"
CHECKPOINTS = "SELECT position, hash, at, key, signature FROM audit_checkpoint ORDER BY position"
LINKS = f"""
SELECT c.position, c.audit_id, c.hash, {_ROW} FROM audit_chain c LEFT JOIN audit a ON a.id = c.audit_id
WHERE c.position > $1 ORDER BY c.position LIMIT $2
"""
# Rows outside the chain that are not waiting, and such as wait but are gone.
UNSEALED = """
SELECT a.id FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id LEFT JOIN audit_unsealed u ON u.audit_id = a.id
WHERE c.audit_id IS NULL AND u.audit_id IS NULL
UNION ALL SELECT u.audit_id FROM audit_unsealed u LEFT JOIN audit a ON a.id = u.audit_id WHERE a.id IS NULL
ORDER BY 1
"""


async def lead(connection: Connection) -> bool:
    """Whether this transaction is the one that may seal and sign; until it ends no other is."""
    leading: bool = await connection.fetchval(TRY_LEAD, LOCK)
    return leading


async def seal(connection: Connection) -> int:
    """Seals up to BATCH of the rows that wait, in a transaction of the service that leads; returns how many."""
    rows = await connection.fetch(WAITING, BATCH)
    if not rows:
        return 0
    last = await connection.fetchrow(LAST)
    position, digest = (0, BEGINNING) if last is None else last
    hashes = []
    for row in rows:
        digest = link(digest, dict(row))
        hashes.append(digest)
    positions = list(range(position + 1, position + 1 + len(rows)))
    await connection.execute(SEAL, positions, [row["id"] for row in rows], hashes)
    return len(rows)


async def check(connection: Connection, signer: Signer, now: datetime, seconds: float) -> Checkpoint | None:
    """Signs the chain's end, unless it is signed or was signed less than `seconds` ago."""
    last, before = await connection.fetchrow(LAST), await connection.fetchrow(LAST_CHECKPOINT)
    if last is None or (
        before and (before["position"] == last["position"] or (now - before["at"]).total_seconds() < seconds)
    ):
        return None
    checkpoint = signer.sign(last["position"], last["hash"], now)
    values = (checkpoint.position, checkpoint.hash, checkpoint.at, checkpoint.key, checkpoint.signature)
    await connection.execute(CHECK, *values)
    return checkpoint


async def checkpoints(connection: Connection) -> list[Checkpoint]:
    return [Checkpoint(**row) for row in await connection.fetch(CHECKPOINTS)]


async def verify(connection: Connection, trusted: Sequence[bytes], given: Sequence[Checkpoint] = ()) -> Verification:
    """Holds every row against the chain and the chain against its checkpoints and those given, in one snapshot of the service's own."""
    known = [*await checkpoints(connection), *given]
    watched = {checkpoint.position for checkpoint in known}
    found = Verification()
    while links := await connection.fetch(LINKS, found.position, BATCH):
        for one in links:
            row = None if one["id"] is None else dict(one)
            found.take(one["position"], one["audit_id"], one["hash"], row, watched=one["position"] in watched)
    unsealed = [row["id"] for row in await connection.fetch(UNSEALED)]
    found.finish(known, trusted, unsealed)
    return found
