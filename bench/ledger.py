"""Which villages of the invented county are there already: a ledger beside the archive's tables, in a schema of its own.

A village's rows and its line here are one transaction, so an interrupted load is resumed by leaving out what the ledger holds.
"""

from dataclasses import dataclass

from services.chassis.db import Connection

CREATE = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.county (
    village text PRIMARY KEY, seed int NOT NULL, households int NOT NULL, persons int NOT NULL, digest bytea NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now());
"""
NOTE = "INSERT INTO bench.county (village, seed, households, persons, digest) VALUES ($1, $2, $3, $4, $5)"
LINES = "SELECT village, seed, households, persons, digest FROM bench.county ORDER BY village"


class LedgerError(Exception):
    """What is there was not made as asked; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A village that is there. `digest` is SHA-256 over the village's people, households and grids as generated."""

    village: str
    seed: int
    households: int
    persons: int
    digest: bytes


async def open_ledger(connection: Connection, seed: int) -> dict[str, Line]:
    """The lines so far by village; makes the ledger if there is none. Raises LedgerError if another seed was used before."""
    await connection.execute(CREATE)
    lines = {row["village"]: Line(**row) for row in await connection.fetch(LINES)}
    if other := {line.seed for line in lines.values()} - {seed}:
        raise LedgerError(
            f"this database holds villages of the county with seed {other.pop()}: use that seed, or start from an empty one with `make clean`"
        )
    return lines


async def note(connection: Connection, line: Line) -> None:
    await connection.execute(NOTE, line.village, line.seed, line.households, line.persons, line.digest)
