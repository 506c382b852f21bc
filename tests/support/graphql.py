"""A GraphQL client as an outside program would write it: HTTP, and graphql-transport-ws for subscriptions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class GraphQLFailed(Exception):
    """The answer has errors. `codes` are their extensions' codes."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors
        self.codes = [error.get("extensions", {}).get("code") for error in errors]


class GraphQL:
    """One caller's client."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None) -> None:
        self._session = session
        self._url = url
        self._token = token
        self.correlation: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        named = {"X-Correlation-Id": self.correlation} if self.correlation else {}
        return named | ({"Authorization": f"Bearer {self._token}"} if self._token else {})

    async def answer(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, with errors if there are any."""
        body = {"query": document, "variables": variables}
        async with self._session.post(self._url, json=body, headers=self.headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def __call__(self, document: str, **variables: Any) -> Any:
        """The answer's data; raises GraphQLFailed when there are errors."""
        answer = await self.answer(document, **variables)
        if "errors" in answer:
            raise GraphQLFailed(answer["errors"])
        return answer["data"]

    @asynccontextmanager
    async def subscription(self, document: str, **variables: Any) -> AsyncIterator[AsyncIterator[Any]]:
        """An iterator of the data of each event; ends when the server completes or goes away."""
        async with self._session.ws_connect(self._url, protocols=("graphql-transport-ws",)) as socket:
            await socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}})
            acknowledged = await socket.receive_json(timeout=10)
            assert acknowledged["type"] == "connection_ack", acknowledged
            payload = {"query": document, "variables": variables}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})

            async def events() -> AsyncIterator[Any]:
                async for message in socket:
                    match message.json():
                        case {"type": "next", "payload": {"data": data}}:
                            yield data
                        case {"type": "ping"}:
                            await socket.send_json({"type": "pong"})
                        case {"type": "error", "payload": errors}:
                            raise GraphQLFailed(errors)
                        case {"type": "complete"}:
                            return

            yield events()


async def until(events: AsyncIterator[Any], wanted: Any, *path: str, seconds: float = 20) -> Any:
    """The first event whose value at the path is as wanted."""
    async with asyncio.timeout(seconds):
        async for event in events:
            value = event
            for step in path:
                value = value[step]
            if value == wanted:
                return event
    raise AssertionError(f"the subscription ended before {wanted!r} came")
