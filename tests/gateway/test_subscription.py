"""ticketChanged over graphql-transport-ws, fed by the broker."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from tests.gateway.conftest import Running
from tests.gateway.test_mutations import do, matter
from tests.gateway.test_reads import household
from tests.support.graphql import GraphQLFailed, until

CHANGED = "subscription ($id: ID!) { ticketChanged(id: $id) { status household { number } history { deed } } }"


async def test_the_present_state_comes_at_once_and_then_each_change(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(running.as_("resident"), "reportTicket", **matter(householdId=household(1))))["ticket"]
    async with running.as_("resident").subscription(CHANGED, id=ticket["id"]) as events:
        first = (await anext(events))["ticketChanged"]
        assert (first["status"], len(first["history"])) == (ticket["status"], 1)
        assert first["household"]["number"]
        await do(cadre, "acceptTicket", id=ticket["id"])
        await until(events, "ACCEPTED", "ticketChanged", "status")
        await do(cadre, "dispatchTicket", id=ticket["id"], departmentCode="agriculture")
        last = await until(events, "DISPATCHED", "ticketChanged", "status")
        assert len(last["ticketChanged"]["history"]) == 3


async def test_nobody_subscribes_to_what_they_may_not_read(running: Running) -> None:
    ticket = (await do(running.as_("cadre"), "reportTicket", **matter(householdId=household(2))))["ticket"]
    async with running.as_("resident").subscription(CHANGED, id=ticket["id"]) as events:
        with pytest.raises(GraphQLFailed) as failed:
            await anext(events)
    assert failed.value.codes == ["NOT_FOUND"]


async def test_a_token_that_expires_ends_the_subscription(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(1))))["ticket"]
    brief = running.issuer.token("example-cadre", expires_in=2, roles=["village_cadre"], areas=["339999100200"])
    client = type(cadre)(running.session, f"{running.url}/graphql", brief)
    async with client.subscription(CHANGED, id=ticket["id"]) as events:
        await anext(events)
        await asyncio.sleep(2.1)
        await do(cadre, "acceptTicket", id=ticket["id"])
        with pytest.raises(GraphQLFailed) as failed:
            await anext(events)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_a_lost_broker_connection_loses_no_change(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(1))))["ticket"]
    feed = running.app.state.feed
    async with cadre.subscription(CHANGED, id=ticket["id"]) as events:
        await anext(events)
        await feed.connection.close()
        await do(cadre, "acceptTicket", id=ticket["id"])
        await until(events, "ACCEPTED", "ticketChanged", "status")


async def test_many_subscribers_and_quick_changes(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(1))))["ticket"]

    async def watch() -> None:
        async with cadre.subscription(
            "subscription ($id: ID!) { ticketChanged(id: $id) { status } }", id=ticket["id"]
        ) as events:
            await until(events, "DISPATCHED", "ticketChanged", "status")

    watchers = [asyncio.create_task(watch()) for _ in range(20)]
    await do(cadre, "acceptTicket", id=ticket["id"])
    await do(cadre, "dispatchTicket", id=ticket["id"], departmentCode="water")
    await asyncio.gather(*watchers)


async def connected(
    running: Running, payload: Any = None, protocol: str = "graphql-transport-ws"
) -> aiohttp.ClientWebSocketResponse:
    socket = await running.session.ws_connect(f"{running.url}/graphql", protocols=(protocol,))
    if payload is not None:
        await socket.send_json({"type": "connection_init", "payload": payload})
    return socket


async def code_after(socket: aiohttp.ClientWebSocketResponse, *messages: Any) -> int | None:
    """The code that the server closes with after these messages."""
    for message in messages:
        await (socket.send_str(message) if isinstance(message, str) else socket.send_json(message))
    async with asyncio.timeout(5):
        while (await socket.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            pass
    return socket.close_code


async def test_a_broken_protocol_ends_with_its_code(running: Running) -> None:
    good = {"Authorization": f"Bearer {running.issuer.account('cadre')}"}
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": "subscription { ticketChanged(id: 1) { id } }"}}
    assert await code_after(await connected(running), subscribe) == 4401
    assert await code_after(await connected(running), {"type": "connection_init"}) == 4403
    assert await code_after(await connected(running, {"authorization": "Bearer nonsense"})) == 4403
    assert await code_after(await connected(running, good), {"type": "connection_init"}) == 4429
    assert await code_after(await connected(running, good), "nonsense") == 4400
    assert await code_after(await connected(running, good), {"type": "unheard"}) == 4400
    assert await code_after(await connected(running, good), {"type": "subscribe", "id": "1", "payload": {}}) == 4400
    assert await code_after(await connected(running, good), "x" * 1_000_001) == 1009
    assert await code_after(await connected(running, protocol="graphql-ws")) == 4406


async def test_queries_and_mutations_go_over_the_socket_too(running: Running) -> None:
    socket = await connected(running, {"authorization": f"Bearer {running.issuer.account('cadre')}"})
    assert (await socket.receive_json())["type"] == "connection_ack"
    await socket.send_json({"type": "ping"})
    assert await socket.receive_json() == {"type": "pong"}
    await socket.send_json({"type": "subscribe", "id": "a", "payload": {"query": "{ me { subject } }"}})
    assert await socket.receive_json() == {
        "id": "a",
        "type": "next",
        "payload": {"data": {"me": {"subject": "example-cadre"}}},
    }
    assert await socket.receive_json() == {"id": "a", "type": "complete"}
    await socket.send_json({"type": "subscribe", "id": "a", "payload": {"query": "{ nothing }"}})
    failed = await socket.receive_json()
    assert (failed["type"], failed["payload"][0]["extensions"]["code"]) == ("error", "GRAPHQL_VALIDATION_FAILED")
    await socket.close()


async def test_a_subscription_that_is_completed_leaves_nothing(running: Running) -> None:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(1))))["ticket"]
    async with cadre.subscription(CHANGED, id=ticket["id"]) as events:
        await anext(events)
        assert running.app.state.feed.watched
    until_when = time.monotonic() + 5
    while running.app.state.feed.watched and time.monotonic() < until_when:
        await asyncio.sleep(0.01)
    assert not running.app.state.feed.watched
