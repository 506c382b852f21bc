"""A department's receiver of webhooks: verifies every request with the standard's own library and answers as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

Answer = Callable[[Mapping[str, Any]], int]


@dataclass
class Receiver:
    """`answer(event)` is the status that an event gets; HANG stands for none at all. `taken` are the events answered with 200."""

    secret: str
    url: str = ""
    answer: Answer = lambda _event: 200
    attempts: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    redirected: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        event: dict[str, Any] = Webhook(self.secret).verify(body, dict(request.headers))
        assert request.content_type == "application/cloudevents+json"
        assert request.headers["webhook-id"] == event["id"]
        assert json.loads(body) == event
        status = self.answer(event)
        async with self._news:
            self.attempts.append(event)
            if status == 200:
                self.taken.append(event)
            self._news.notify_all()
        if status == HANG:
            await asyncio.Event().wait()
        return web.Response(status=status, headers={"Location": "/redirected"} if status == 302 else {})

    async def redirect(self, _: web.Request) -> web.Response:
        self.redirected += 1
        return web.Response()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits until that holds of what came in; fails when it does not in time."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(reached)

    def numbers(self, subject: str | None = None) -> list[int]:
        """The numbers in the data of the events taken, in order: of all, or of one subject."""
        return [event["data"]["number"] for event in self.taken if subject in (None, event["subject"])]


HANG = 0


@asynccontextmanager
async def receiver(secret: str) -> AsyncIterator[Receiver]:
    made = Receiver(secret)
    app = web.Application()
    app.router.add_post("/hook", made.receive)
    app.router.add_route("*", "/redirected", made.redirect)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield made
    finally:
        await runner.cleanup()
