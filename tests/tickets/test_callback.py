"""The queue of callbacks through the api: who has which, how often it is tried, and when it may end with nobody reached."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.client import Service
from tests.tickets.matters import OTHER_VILLAGE, SELECT, Tickets, given_for

CALLBACK: list[Any] = [
    *[[name, name] for name in ("since", "attempts", "lastOutcome", "claimedBy", "claimedUntil")],
    ["ticket", "ticket", None, [["key", "key"]]],
]
PAGE: list[Any] = [["edges", "edges", None, [["node", "node", None, CALLBACK]]]]


def agent(tickets: Tickets, subject: str = "example-hotline") -> Service:
    return tickets.as_("hotline_agent", subject)


async def claim(client: Service, ticket: UUID) -> tuple[int, Any]:
    return await client.command("claimCallback", {"clientKey": str(uuid4()), "ticketId": str(ticket)}, CALLBACK)


async def note(client: Service, ticket: UUID, outcome: str) -> tuple[int, Any]:
    given = {"clientKey": str(uuid4()), "ticketId": str(ticket), "outcome": outcome}
    return await client.command("noteCallback", given, CALLBACK)


async def test_the_queue_is_what_was_verified_the_longest_ago_first(tickets: Tickets) -> None:
    first = await tickets.have("VERIFIED")
    tickets.clock.instant += timedelta(minutes=1)
    second = await tickets.have("RESOLVED")
    await tickets.as_("village_cadre").command("verifyTicket", given_for("verifyTicket", second), SELECT)
    await tickets.have("RESOLVED")
    await tickets.have("VERIFIED", area=OTHER_VILLAGE)
    _, page = await agent(tickets).read("callbackQueue", {}, PAGE)
    waiting = [edge["node"] for edge in page["edges"]]
    assert [one["ticket"]["key"] for one in waiting] == [str(first), str(second)]
    assert [one["since"] for one in waiting] == ["2026-01-05T04:00:00.000Z", "2026-01-05T04:01:00.000Z"]
    _, page = await agent(tickets).read("callbackQueue", {"area": OTHER_VILLAGE}, PAGE)
    assert page["edges"] == []
    assert (await agent(tickets).read("callbackQueue", {"area": "339998"}, PAGE))[1]["code"] == "UNKNOWN_AREA"


async def test_of_agents_who_claim_at_once_one_wins(tickets: Tickets) -> None:
    key = await tickets.have("VERIFIED")
    agents = [agent(tickets, f"agent-{n}") for n in range(4)]
    answers = await asyncio.gather(*(claim(one, key) for one in agents))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    assert {answer["rule"] for status, answer in answers if status == 409} == {"callback.claimed"}
    winner = next(n for n, (status, _) in enumerate(answers) if status == 200)
    assert answers[winner][1]["claimedUntil"] == "2026-01-05T04:15:00.000Z"
    assert (await claim(agents[winner], key))[0] == 200
    tickets.clock.instant += timedelta(minutes=15)
    later = agent(tickets, "agent-late")
    status, problem = await note(agent(tickets, f"agent-{winner}"), key, "REACHED")
    assert (status, problem["rule"]) == (409, "callback.unclaimed")
    status, taken = await claim(later, key)
    assert (status, taken["claimedBy"]) == (200, "agent-late")


async def test_nobody_reached_three_times_may_end_the_callback(tickets: Tickets) -> None:
    key = await tickets.have("VERIFIED")
    client = agent(tickets)
    end = given_for("callBackTicket", key, satisfaction="UNREACHED")
    for attempts, outcome in enumerate(("UNREACHED", "BUSY", "UNREACHED")):
        status, problem = await client.command("callBackTicket", end, SELECT)
        assert (status, problem["rule"]) == (409, "callback.unreached_after")
        assert (await claim(client, key))[0] == 200
        status, noted = await note(client, key, outcome)
        assert (status, noted["attempts"], noted["lastOutcome"]) == (200, attempts + 1, outcome)
        assert (await claim(agent(tickets, "example-other"), key))[0] == (200 if attempts < 2 else 409)
        tickets.clock.instant += timedelta(minutes=15)
        client = agent(tickets)
    status, problem = await claim(client, key)
    assert (status, problem["rule"]) == (409, "callback.attempts_a_day")
    status, ticket = await client.command("callBackTicket", end, SELECT)
    assert (status, ticket["status"]) == (200, "CALLED_BACK")
    status, problem = await claim(client, key)
    assert (status, problem["code"]) == (409, "ILLEGAL_TRANSITION")


async def test_who_reached_the_person_keeps_the_callback(tickets: Tickets) -> None:
    key = await tickets.have("VERIFIED")
    client = agent(tickets)
    await claim(client, key)
    status, noted = await note(client, key, "REACHED")
    assert (status, noted["claimedUntil"]) == (200, "2026-01-05T04:15:00.000Z")
    assert (await claim(agent(tickets, "example-other"), key))[1]["rule"] == "callback.claimed"
    assert (await client.command("callBackTicket", given_for("callBackTicket", key), SELECT))[0] == 200


async def test_who_may_call_back(tickets: Tickets) -> None:
    key = await tickets.have("VERIFIED")
    asked: tuple[tuple[str, dict[str, Any], int], ...] = (
        ("grid_worker", {}, 200),
        ("auditor", {}, 403),
        ("resident", {}, 403),
        ("hotline_agent", {"areas": (OTHER_VILLAGE,)}, 404),
    )
    for role, claims, status in asked:
        assert (await claim(tickets.as_(role, **claims), key))[0] == status
    assert (await claim(agent(tickets), uuid4()))[0] == 404
    assert (await claim(agent(tickets), await tickets.have("RESOLVED")))[1]["code"] == "ILLEGAL_TRANSITION"
