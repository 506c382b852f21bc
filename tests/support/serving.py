"""Runs an ASGI app under the real server on a free port, inside the test's own loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support import scan


def looked_through(app: ASGIApp) -> ASGIApp:
    """The app, its errors and documents looked through for personal data."""

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        status, chunks = 0, list[bytes]()

        async def tell(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            chunks.append(message.get("body", b""))
            await send(message)

        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        try:
            await app(scope, receive, tell)
        finally:
            scan.look_at_answer(scope["method"], scope["path"], status, b"".join(chunks))

    return watched


class Server(uvicorn.Server):
    """Stops when it is told to: uvicorn's own looks for that ten times a second, and sleeps as long again while it stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up, self.stop = asyncio.Event(), asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.up.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(3):  # what is idle is closed by then
            await asyncio.sleep(0)
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        else:
            await self.lifespan.shutdown()


@asynccontextmanager
async def serving(app: ASGIApp, *, stop_seconds: int = 5) -> AsyncIterator[str]:
    """Yields the base URL; the server has started, lifespan included. At the end requests in flight get `stop_seconds` to end."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        looked_through(app),
        http="httptools",
        loop="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=stop_seconds,
    )
    server = Server(config)
    task = asyncio.create_task(server._serve([listener]))
    try:
        await server.up.wait()
        if not server.started:
            await task
            raise RuntimeError("the app did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop.set()
        await task
        listener.close()
