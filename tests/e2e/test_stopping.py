"""An upgrade at noon: processes are told to stop while clients are at work, and nothing is left half done."""

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from tests.e2e.conftest import As
from tests.support.graphql import GraphQL, GraphQLFailed
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


async def test_no_request_fails_while_processes_are_replaced(system: System, session: aiohttp.ClientSession) -> None:
    """One process after another is told to stop under load and started again. The gateways stand in a rotation out of which one is taken
    before it is stopped, as a cluster does; behind them nobody is told. Of what a worker had done nothing comes again.
    """
    second = await system.start_beside("gateway")
    rotation = ["gateway", second]
    answered, stop = 0, asyncio.Event()

    async def client() -> None:
        nonlocal answered
        while not stop.is_set():
            url = system.stack.base_url(rotation[answered % len(rotation)]) + "/graphql"
            given = {
                "clientKey": str(uuid4()), "title": "示例:更换时", "description": "示例", "category": "other",
                "areaCode": "339999100200", "source": "WALK_IN",
            }  # fmt: skip
            await GraphQL(session, url, system.token("clerk"))(REPORT, input=given)
            answered += 1

    async def answered_more(count: int) -> None:
        until = answered + count
        async with asyncio.timeout(60):
            while answered < until and not any(each.done() for each in clients):
                await asyncio.sleep(0.02)

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    try:
        for name in ("tickets-api", "archive-api", "tickets-worker", "archive-worker", "gateway"):
            await answered_more(40)
            if name in rotation:
                rotation.remove(name)
            assert (await system.stop([name]))[name] < 10
            await system.start([name])
        await answered_more(40)
        stop.set()
        await asyncio.gather(*clients)
    finally:
        stop.set()
        await asyncio.gather(*clients, return_exceptions=True)
        await system.stop([second])
    async with asyncio.timeout(60):
        while await waiting(system):
            await asyncio.sleep(0.1)
    for worker in ("archive-worker", "tickets-worker"):
        outcomes = await system.outcomes(worker)
        assert outcomes.get("repeated", 0) == 0, outcomes
    assert (await system.outcomes("archive-worker"))["done"] > 0


async def waiting(system: System) -> int:
    """How many events are recorded and not yet published, or published and not yet taken in."""
    superuser = await asyncpg.connect(system.stack.superuser_url, database="tickets")
    archive = await asyncpg.connect(system.stack.superuser_url, database="archive")
    try:
        recorded = await superuser.fetchval("SELECT count(*) FROM outbox WHERE type LIKE 'tickets.ticket.%'")
        taken = await archive.fetchval("SELECT count(*) FROM inbox WHERE type LIKE 'tickets.ticket.%'")
    finally:
        await superuser.close()
        await archive.close()
    return int(recorded - taken)
