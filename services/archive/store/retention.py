"""How long what is kept: the rules are rows of `retention_rule`, and the database itself lets nothing be erased sooner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.db import Connection

RULES = "SELECT rule, days, what, basis FROM retention_rule ORDER BY rule"
APPLY = "SELECT removed, held, upto FROM apply_retention($1, $2)"
NOTE = "INSERT INTO retention_run (rule, at, removed, held) VALUES ($1, $2, $3, $4)"
LAST = "SELECT max(at) FROM retention_run"
RUNS = "SELECT rule, at, removed, held FROM retention_run ORDER BY id DESC LIMIT $1"


@dataclass(frozen=True)
class Applied:
    """What one batch removed. `held`: what a legal hold keeps; `upto`: the last place in the audit chain that was emptied."""

    removed: int
    held: int
    upto: int | None


async def rules(connection: Connection) -> list[Any]:
    return await connection.fetch(RULES)


async def apply(connection: Connection, rule: str, most: int) -> Applied:
    row = await connection.fetchrow(APPLY, rule, most)
    assert row is not None  # noqa: S101  the function yields a row
    return Applied(row["removed"], row["held"], row["upto"])


async def note(connection: Connection, rule: str, at: datetime, removed: int, held: int) -> None:
    await connection.execute(NOTE, rule, at, removed, held)


async def last(connection: Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval(LAST)
    return at


async def runs(connection: Connection, most: int) -> list[Any]:
    """The report, newest first."""
    return await connection.fetch(RUNS, most)
