"""A phone that hears no answer asks again: the same key has one effect."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg

from tests.e2e.conftest import As
from tests.support.system import System

REPORT = "mutation ($input: ReportTicketInput!) { reportTicket(input: $input) { ticket { id number version } } }"
MUTATIONS, REPEATS, CLIENTS = 1000, 3, 8


async def test_a_thousand_mutations_three_times_have_a_thousand_effects(system: System, as_: As) -> None:
    reporter = as_("cadre-2")
    inputs = [
        {
            "clientKey": str(uuid4()),
            "title": f"示例:重复提交 {n}",
            "description": "示例",
            "category": "other",
            "areaCode": "339999100200",
            "source": "WALK_IN",
        }
        for n in range(MUTATIONS)
    ]
    waiting = iter([given for _ in range(REPEATS) for given in inputs])
    answers: dict[str, list[Any]] = {given["clientKey"]: [] for given in inputs}

    async def client() -> None:
        for given in waiting:
            answers[given["clientKey"]].append(await reporter(REPORT, input=given))

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    assert all(len(told) == REPEATS and told.count(told[0]) == REPEATS for told in answers.values())
    assert len({told[0]["reportTicket"]["ticket"]["id"] for told in answers.values()}) == MUTATIONS
    superuser = await asyncpg.connect(system.stack.superuser_url, database="tickets")
    try:
        effects = await superuser.fetchval("SELECT count(*) FROM ticket WHERE reported_by = 'example-cadre-2'")
        events = await superuser.fetchval(
            "SELECT count(DISTINCT subject) FROM outbox o JOIN ticket t ON t.id::text = o.subject "
            "WHERE o.type = 'tickets.ticket.reported.v1' AND t.reported_by = 'example-cadre-2'"
        )
    finally:
        await superuser.close()
    assert (effects, events) == (MUTATIONS, MUTATIONS)
