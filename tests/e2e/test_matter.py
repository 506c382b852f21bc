"""The main job: a matter travels from a resident's phone to a department and back, through restarts and a killed broker."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import asyncpg

from deploy.local.stack import PROCESSES
from services.chassis import broker, envelope
from tests.e2e.conftest import As
from tests.support.graphql import until
from tests.support.system import System

VILLAGE = "339999100200"
DEEDS = ["reported", "accepted", "dispatched", "signed", "resolved", "verified", "called_back", "closed"]
TICKET = "ticket { id number status version allowed history { deed fromStatus toStatus actor actorRole at } }"
CHANGED = "subscription ($id: ID!) { ticketChanged(id: $id) { id status version } }"
REPORT = f"mutation ($input: ReportTicketInput!) {{ reportTicket(input: $input) {{ clientKey {TICKET} }} }}"


def deed(name: str) -> str:
    kind = name[0].upper() + name[1:] + "Input"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ clientKey {TICKET} }} }}"


async def department_letters(system: System, department: str, expected: int) -> list[envelope.Event]:
    """Takes what waits in a department's queue, as the department's own system would."""
    connection = await broker.connect(system.stack.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.get_queue(f"sanmin.department.{department}", ensure=False)
        events: list[envelope.Event] = []
        async with asyncio.timeout(20), queue.iterator() as messages:
            while len(events) < expected:
                message = await anext(messages)
                events.append(envelope.decode(message.body))
                await message.ack()
        left = await channel.declare_queue(queue.name, passive=True)
        assert left.declaration_result.message_count == 0
    return events


async def timeline(system: System, as_: As, household: str, expected: int) -> list[dict[str, Any]]:
    """The household's timeline, once it has as many entries as expected."""
    query = "query ($id: ID!) { household(id: $id) { timeline { deed status ticketNumber ticketId } } }"
    async with asyncio.timeout(30):
        while True:
            entries: list[dict[str, Any]] = (await as_("cadre")(query, id=household))["household"]["timeline"]
            if len(entries) >= expected:
                return entries
            await asyncio.sleep(0.05)


async def test_a_matter_from_report_to_close(system: System, as_: As) -> None:
    me = (await as_("resident")("{ me { subject roles household { id area { code } } } }"))["me"]
    assert (me["roles"], me["household"]["area"]["code"]) == (["resident"], VILLAGE)
    household = me["household"]["id"]
    before = len(await timeline(system, as_, household, 0))
    reported = (
        await as_("resident")(
            REPORT,
            input={
                "clientKey": str(uuid4()),
                "title": "示例:田边水渠堵塞",
                "description": "示例:水渠在第三块田边堵住了",
                "category": "irrigation",
                "householdId": household,
            },
        )
    )["reportTicket"]["ticket"]
    assert reported["status"] == "DRAFTED"
    ticket = reported["id"]

    async def move(account: str, name: str, **given: Any) -> Any:
        answer = await as_(account)(deed(name), input={"clientKey": str(uuid4()), "id": ticket, **given})
        return answer[name]["ticket"]

    async with as_("resident").subscription(CHANGED, id=ticket) as events:
        await until(events, "DRAFTED", "ticketChanged", "status")
        assert (await move("cadre", "acceptTicket"))["status"] == "ACCEPTED"
        await until(events, "ACCEPTED", "ticketChanged", "status")
        await move("cadre", "dispatchTicket", departmentCode="agriculture")
        await until(events, "DISPATCHED", "ticketChanged", "status")

    took = await system.stop(PROCESSES)
    assert max(took.values()) < 10, took
    await system.start(PROCESSES)

    async with as_("resident").subscription(CHANGED, id=ticket) as events:
        await until(events, "DISPATCHED", "ticketChanged", "status")
        await asyncio.to_thread(system.stack.broker.kill)
        assert (await move("officer", "signTicket"))["status"] == "SIGNED"
        await asyncio.to_thread(system.stack.broker.start)
        await until(events, "SIGNED", "ticketChanged", "status", seconds=40)
        await move("officer", "resolveTicket", note="示例:已疏通")
        await until(events, "RESOLVED", "ticketChanged", "status")
        await move("clerk", "verifyTicket")
        await move("cadre", "callBackTicket", satisfaction="SATISFIED")
        closed = await move("cadre", "closeTicket", note="示例:居民满意")
        await until(events, "CLOSED", "ticketChanged", "status")

    assert closed["allowed"] == []
    assert [step["deed"] for step in closed["history"]] == DEEDS
    assert [step["toStatus"] for step in closed["history"]] == [
        "DRAFTED", "ACCEPTED", "DISPATCHED", "SIGNED", "RESOLVED", "VERIFIED", "CALLED_BACK", "CLOSED",
    ]  # fmt: skip
    entries = await timeline(system, as_, household, before + len(DEEDS))
    own = [entry["deed"] for entry in entries if entry["ticketNumber"] == closed["number"]]
    assert sorted(own) == sorted(DEEDS)
    letters = await department_letters(system, "agriculture", len(DEEDS) - 2)
    assert [letter.type for letter in letters if letter.subject == letters[0].subject] == [
        f"tickets.ticket.{name}.v1" for name in DEEDS[2:]
    ]
    early = await department_letters(system, "water", 2)
    assert [letter.type for letter in early] == [f"tickets.ticket.{name}.v1" for name in DEEDS[:2]]
    assert all(letter.data["category"] == "irrigation" and "household" not in letter.data for letter in early)
    assert await department_letters(system, "health", 0) == []
    await nothing_twice(system)
    await system.ready(PROCESSES)


async def nothing_twice(system: System) -> None:
    """No event has had its effect more than once, none waits, none was given up."""
    archive = await asyncpg.connect(system.stack.postgres_url("archive", "archive_app"))
    tickets = await asyncpg.connect(system.stack.postgres_url("tickets", "tickets_app"))
    superuser = await asyncpg.connect(system.stack.superuser_url, database="archive")
    try:
        async with asyncio.timeout(30):
            while await tickets.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
                await asyncio.sleep(0.05)
        assert await archive.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
        effects = Counter(row["event_id"] for row in await superuser.fetch("SELECT event_id FROM timeline"))
        assert max(effects.values()) == 1
        rows = await tickets.fetch("SELECT sequence FROM outbox ORDER BY sequence")
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    finally:
        for connection in (archive, tickets, superuser):
            await connection.close()
