"""What must hold of a matter's clocks, told from its history alone: which run, since when, and when they end by the slow calculator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.clock import CHINA
from services.chassis.db import Connection
from tests.tickets.domain import slow

WITH_DEPARTMENT = ("DISPATCHED", "SIGNED", "IN_PROGRESS", "AWAITING")
SPANS = {"SIGN": "4h", "WORK": "5d", "OVERALL": "7d"}
CAP = 15 * 420
STEPS = "SELECT deed, from_status, to_status, at FROM step WHERE ticket = $1 ORDER BY version"
CLOCKS = """
SELECT kind, round, department, started_at, due_at, met_at, ended_at, missed_at FROM deadline WHERE ticket = $1 ORDER BY kind, round
"""


def local(at: datetime) -> datetime:
    """In China, without its zone."""
    return at.astimezone(CHINA).replace(tzinfo=None)


@dataclass
class Walk:
    """How a matter went: when it was dispatched, when it rested, and when it was given back after it had been said to be done."""

    dispatches: list[datetime] = field(default_factory=list)
    rests: list[slow.Rest] = field(default_factory=list)
    checked: list[slow.Rest] = field(default_factory=list)
    done_at: datetime | None = None

    def note(self, before: str | None, after: str, now: datetime) -> None:
        if before == after:
            return
        if before == "AWAITING":
            self.rests[-1] = (self.rests[-1][0], now)
        if after == "AWAITING":
            self.rests.append((now, None))
        if after == "DISPATCHED":
            self.dispatches.append(now)
            self.checked = []
        if after == "RESOLVED":
            self.done_at = now
        if before == "RESOLVED" and after == "IN_PROGRESS" and self.done_at is not None:
            self.checked.append((self.done_at, now))

    def running(self, status: str) -> set[str]:
        """The kinds of clocks that run in that state."""
        department = {"WORK"} if status in WITH_DEPARTMENT else set()
        sign = {"SIGN"} if status == "DISPATCHED" else set()
        overall = {"OVERALL"} if self.dispatches and status in (*WITH_DEPARTMENT, "RETURNED") else set()
        return department | sign | overall

    def due(self, kind: str, turn: int, *, cap: int = CAP, published: bool = False) -> datetime:
        checked = self.checked if kind == "WORK" else []
        start = self.dispatches[turn - 1]
        return slow.due(start, [SPANS[kind]], self.rests, cap, published=published, checked=checked)


async def clocks_follow(connection: Connection, key: UUID) -> None:
    """The calendar of the machine's database is that of an unpublished year, its limits those for every category."""
    walk, status = Walk(), "DRAFTED"
    steps: Sequence[asyncpg.Record] = await connection.fetch(STEPS, key)
    for step in steps:
        status = step["to_status"]
        walk.note(step["from_status"], status, local(step["at"]))
    clocks = await connection.fetch(CLOCKS, key)
    turns = list(range(1, len(walk.dispatches) + 1))
    for kind in ("SIGN", "WORK"):
        assert [clock["round"] for clock in clocks if clock["kind"] == kind] == turns
    assert [clock["round"] for clock in clocks if clock["kind"] == "OVERALL"] == turns[:1]
    open_ones = [clock for clock in clocks if clock["met_at"] is None and clock["ended_at"] is None]
    assert sorted(clock["kind"] for clock in open_ones) == sorted(walk.running(status))
    assert all(local(clock["started_at"]) == walk.dispatches[clock["round"] - 1] for clock in clocks)
    if steps[-1]["from_status"] != status:
        for clock in open_ones:
            assert local(clock["due_at"]) == walk.due(clock["kind"], clock["round"])
