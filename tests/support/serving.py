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
    server = uvicorn.Server(config)
    started = asyncio.Event()
    original = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        try:
            await original(sockets)
        finally:
            started.set()

    server.startup = startup  # type: ignore[method-assign]
    task = asyncio.create_task(server._serve([listener]))
    try:
        await started.wait()
        if not server.started:
            await task
            raise RuntimeError("the app did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
