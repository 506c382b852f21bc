"""An upgrade at noon: processes are told to stop while clients are at work, and nothing is left half done."""

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from tests.e2e.conftest import As
from tests.support.graphql import GraphQLFailed
from tests.support.system import System

REPORT = "mutation ($input: ReportTicketInput!) { reportTicket(input: $input) { ticket { id version } } }"
MUTATIONS, CLIENTS = 300, 8
STOPPED = ("gateway", "tickets-api", "archive-api", "tickets-worker")


async def test_processes_stop_in_time_with_nothing_half_done(system: System, as_: As) -> None:
    reporter = as_("clerk")
    waiting = iter(range(MUTATIONS))
    halfway = asyncio.Event()
    answers: dict[int, Any] = {}

    async def report(n: int, key: str) -> None:
        given = {
            "clientKey": key, "title": f"示例:停机时 {n}", "description": "示例", "category": "other",
            "areaCode": "339999100200", "source": "WALK_IN",
        }  # fmt: skip
        async with asyncio.timeout(60):
            while True:
                try:
                    answers[n] = await reporter(REPORT, input=given)
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
                except GraphQLFailed as failed:
                    if failed.codes != ["UNAVAILABLE"]:
                        raise
                else:
                    return

    async def client() -> None:
        for n in waiting:
            await report(n, str(uuid4()))
            if len(answers) > MUTATIONS // 3:
                halfway.set()

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    await halfway.wait()
    took = await system.stop(STOPPED)
    assert max(took.values()) < 10, took
    await system.start(STOPPED)
    await asyncio.gather(*clients)
    assert len(answers) == MUTATIONS
    superuser = await asyncpg.connect(system.stack.superuser_url, database="tickets")
    try:
        halves = await superuser.fetch(
            "SELECT t.id FROM ticket t LEFT JOIN step s ON s.ticket = t.id LEFT JOIN outbox o ON o.subject = t.id::text "
            "WHERE t.reported_by = 'example-clerk' GROUP BY t.id HAVING count(s) <> 1 OR count(o) <> 1"
        )
        count = await superuser.fetchval("SELECT count(*) FROM ticket WHERE reported_by = 'example-clerk'")
    finally:
        await superuser.close()
    assert (halves, count) == ([], MUTATIONS)
