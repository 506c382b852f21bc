"""Timers: deadlines that ran out while nobody looked, and two workers that find them."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from bench.matters.measure import AREA
from bench.matters.stand import Stand
from bench.report import Goal

DUE = 10_000
SECONDS = 10.0
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 120.0
WORKERS = ("tickets-worker", "tickets-worker-2")

# Copies of a clock that a dispatch started, for other tickets, run out a minute ago.
COPY = """
INSERT INTO deadline (id, ticket, kind, round, department, area, limits, extensions, started_at, due_at, level, next_at, calendar, provisional,
    skipped, pauses, sentence)
SELECT gen_random_uuid(), t.id, d.kind, d.round, t.department, t.area, d.limits, d.extensions, d.started_at, now() - interval '1 minute', 0,
    now() - interval '1 minute', d.calendar, d.provisional, d.skipped, d.pauses, d.sentence
FROM deadline d CROSS JOIN (SELECT * FROM ticket WHERE status = 'DISPATCHED' AND id <> $1 LIMIT $2) t
WHERE d.ticket = $1 AND d.kind = 'WORK'
"""
LEFT = "SELECT count(*) FROM deadline WHERE next_at < now() AND missed_at IS NULL"
TOLD = """
SELECT count(*) AS told, count(DISTINCT subject) AS subjects FROM outbox WHERE type = 'tickets.deadline.missed.v1'
"""


@dataclass(frozen=True)
class Swept:
    """So many `deadlines` were due; two workers did all in `seconds`, and told `told` times of them."""

    deadlines: int
    seconds: float
    told: int
    subjects: int


async def sweep(stand: Stand, connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[Swept, list[Goal]]:
    """The time runs from the first deadline that is done to the last: while a worker starts, nothing is due for it yet."""
    ticket = await _dispatched(stand)
    stand.stop("tickets-api")
    await connection.execute(COPY, ticket, DUE, timeout=120)
    due = await connection.fetchval(LEFT)
    stand.start(*WORKERS)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await connection.fetchval(LEFT) == due:  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(LOOK_SECONDS)
        began = time.monotonic()
        while await connection.fetchval(LEFT):  # noqa: ASYNC110  only the server knows
            await asyncio.sleep(LOOK_SECONDS)
    seconds = round(time.monotonic() - began, 2)
    stand.stop(*WORKERS)
    row = await connection.fetchrow(TOLD)
    assert row is not None
    swept = Swept(due, seconds, row["told"], row["subjects"])
    return swept, [
        Goal(f"{DUE:,} deadlines that are due, seconds", seconds, "under", SECONDS),
        Goal("told of each once: events a deadline", swept.told / due, "under", 1.000001),
        Goal("told of each: tickets a deadline", swept.subjects / due, "at least", 1.0),
    ]


async def _dispatched(stand: Stand) -> Any:
    """The key of a ticket that has just been dispatched."""
    key: Any = None
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {stand.token('cadre')}"}) as session:
        for name, more in (
            (
                "reportTicket",
                {"title": "示例", "description": "示例", "category": "road", "areaCode": AREA, "source": "WALK_IN"},
            ),
            ("acceptTicket", {}),
            ("dispatchTicket", {"departmentCode": "water"}),
        ):
            given = {"clientKey": str(uuid4()), **more, **({"id": key} if key else {})}
            url = stand.url("tickets-api", f"/commands/{name}")
            async with session.post(url, json={"input": given, "select": [["key", "key"]]}) as answer:
                key = (await answer.json())["key"]
    return key
