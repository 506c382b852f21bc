"""Documents: `/files/<service>/…` is the service's own `/files/…`, with the caller's token, streamed both ways."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.auth import caller_of
from gateway.clients import Services
from services.chassis.auth import Verifier
from services.chassis.errors import NotFound

METHODS = ["GET", "PUT", "POST"]
ASKED = ("accept-encoding", "content-type", "content-length", "content-digest", "range", "if-none-match")
"""Headers of the request that the service gets."""
ANSWERED = (
    "content-type",
    "content-length",
    "content-disposition",
    "content-encoding",
    "content-range",
    "accept-ranges",
    "etag",
    "cache-control",
)
"""Headers of the answer that the caller gets."""


class Files:
    def __init__(self, services: Services, verifier: Verifier) -> None:
        self._services = services
        self._verifier = verifier

    async def answer(self, request: Request) -> Response:
        """Raises Problem: no valid token, no such service, or a service that is away."""
        service = request.path_params["service"]
        if ".." in request.path_params["path"].split("/"):
            raise NotFound("no such path")
        caller = await caller_of(request.headers.get("authorization"), self._verifier)
        headers = {name: request.headers[name] for name in ASKED if name in request.headers}
        body = request.stream() if request.method != "GET" else None
        query = f"?{request.url.query}" if request.url.query else ""
        answer = await self._services.file(
            service,
            request.method,
            request.scope["raw_path"].decode("latin-1").removeprefix(f"/files/{service}/") + query,
            headers=headers,
            body=body,
            token=caller.token,
        )

        async def chunks() -> AsyncIterator[bytes]:
            async with answer:
                async for chunk in answer.content.iter_chunked(65_536):
                    yield chunk

        kept = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
        return StreamingResponse(chunks(), answer.status, {**kept, "X-Content-Type-Options": "nosniff"})
