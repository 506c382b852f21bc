"""The fault proxy does to plain sockets what it says."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from deploy.local.proxy import DOWN, UP, Proxy

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SILENCE = 0.1


@pytest.fixture
async def accepted() -> AsyncIterator[asyncio.Queue[Ends]]:
    """The server's ends of the connections, as they come."""
    queue: asyncio.Queue[Ends] = asyncio.Queue()
    yield queue
    while not queue.empty():
        queue.get_nowait()[1].transport.abort()


@pytest.fixture
async def proxy(accepted: asyncio.Queue[Ends]) -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(lambda *ends: accepted.put_nowait(ends), "127.0.0.1", 0)
    async with Proxy(server.sockets[0].getsockname()[1]) as opened:
        yield opened
    server.close()


async def connect(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> tuple[Ends, Ends]:
    """A client's end and the server's, once the proxy knows of both."""
    before = len(proxy.connections)
    client = await asyncio.open_connection("127.0.0.1", proxy.port)
    server = await accepted.get()
    while len(proxy.connections) == before:
        await asyncio.sleep(0)
    return client, server


async def say(sender: Ends, listener: Ends, word: bytes) -> bytes:
    sender[1].write(word)
    return await listener[0].readexactly(len(word))


async def silent(listener: Ends) -> bool:
    try:
        async with asyncio.timeout(SILENCE):
            await listener[0].read(1)
    except TimeoutError:
        return True
    return False


async def test_passes_bytes_and_the_end_of_each_direction(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    client, server = await connect(proxy, accepted)
    assert await say(client, server, b"x" * 300_000) == b"x" * 300_000
    client[1].write_eof()
    assert await server[0].read() == b""
    assert await say(server, client, b"still here") == b"still here"
    server[1].write(b"the last")
    server[1].close()
    assert await client[0].read() == b"the last"
    client[1].close()


async def test_holds_a_frozen_direction_and_lets_it_go(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    client, server = await connect(proxy, accepted)
    port = server[1].get_extra_info("peername")[1]
    proxy.freeze(UP)
    client[1].write(b"held")
    assert await silent(server)
    assert (proxy.held(UP, port), proxy.held(DOWN, port)) == (b"held", b"")
    assert await say(server, client, b"passes") == b"passes"
    proxy.thaw()
    assert await server[0].readexactly(4) == b"held"
    assert proxy.held(UP, port) == b""
    for end in (client, server):
        end[1].close()


async def test_a_half_open_connection_hides_its_peers_end_while_new_ones_work(
    proxy: Proxy, accepted: asyncio.Queue[Ends]
) -> None:
    client, server = await connect(proxy, accepted)
    proxy.freeze(fresh=False)
    server[1].close()
    assert await silent(client)
    other, its_server = await connect(proxy, accepted)
    assert await say(other, its_server, b"fresh") == b"fresh"
    proxy.thaw()
    assert await client[0].read() == b""
    for end in (client, other, its_server):
        end[1].close()


async def test_new_connections_are_frozen_too(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    proxy.freeze()
    client, server = await connect(proxy, accepted)
    client[1].write(b"held")
    assert await silent(server)
    proxy.thaw()
    assert await server[0].readexactly(4) == b"held"
    for end in (client, server):
        end[1].close()


async def test_resets_both_ends_and_loses_what_was_held(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    client, server = await connect(proxy, accepted)
    proxy.freeze()
    client[1].write(b"lost")
    assert await silent(server)
    assert proxy.reset() == 1
    for end in (client, server):
        with pytest.raises(ConnectionResetError):
            await end[0].read()
        end[1].close()


async def test_refuses_new_connections(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    old = await connect(proxy, accepted)
    proxy.refusing = True
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    assert await say(*old, b"old") == b"old"
    for end in old:
        end[1].close()


async def test_a_server_that_is_away_is_a_reset() -> None:
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    async with Proxy(port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_half_closes_one_direction(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    client, server = await connect(proxy, accepted)
    proxy.half_close(DOWN)
    assert await client[0].read() == b""
    assert await say(client, server, b"one way") == b"one way"
    for end in (client, server):
        end[1].close()


async def test_delays_each_way(proxy: Proxy, accepted: asyncio.Queue[Ends]) -> None:
    client, server = await connect(proxy, accepted)
    proxy.latency, proxy.jitter = 0.05, 0.01
    started = time.monotonic()
    await say(client, server, b"there")
    await say(server, client, b"and back")
    assert time.monotonic() - started >= 0.1
    for end in (client, server):
        end[1].close()
