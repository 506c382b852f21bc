"""Requests that pass through to a service, streamed both ways.

Documents: `/files/<service>/…` is the service's own `/files/…`, with the caller's token. What is open to people without an account:
`/open/<service>/…` is the service's `/open/…`, so many a minute of each address.
"""

from collections.abc import AsyncIterator

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.auth import caller_of
from gateway.clients import Services
from services.chassis.auth import Verifier
from services.chassis.errors import NotFound, TooManyRequests

METHODS = ["GET", "PUT", "POST"]
CARRYING = ("PUT", "POST")
"""Methods whose body goes on; a length that none follows would swallow the next request on the connection."""
OPEN_METHODS = ["GET", "POST", "OPTIONS"]
ASKED = ("accept-encoding", "content-type", "content-length", "content-digest", "range", "if-none-match")
"""Headers of a request for a document that the service gets."""
OPEN_ASKED = (
    *ASKED,
    "accept",
    "accept-language",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
)
ANSWERED = (
    "content-type",
    "content-length",
    "content-disposition",
    "content-encoding",
    "content-range",
    "accept-ranges",
    "etag",
    "last-modified",
    "vary",
    "cache-control",
)
"""Headers of the answer that the caller gets."""
OPEN_ANSWERED = (
    *ANSWERED,
    "content-security-policy",
    "location",
    "retry-after",
    "access-control-allow-origin",
    "access-control-allow-headers",
    "access-control-allow-methods",
)


class Passage:
    """`per_minute` is how often one address may ask what is open."""

    def __init__(self, services: Services, verifier: Verifier, *, per_minute: int) -> None:
        self._services = services
        self._verifier = verifier
        self._most = RateLimitItemPerMinute(per_minute)
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def file(self, request: Request) -> Response:
        """Raises Problem: no valid token, no such service, or a service that is away."""
        caller = await caller_of(request.headers.get("authorization"), self._verifier)
        return await self._pass(request, "files", ASKED, ANSWERED, caller.token)

    async def open(self, request: Request) -> Response:
        """Raises Problem: too often asked, no such service, or a service that is away."""
        address = request.client.host if request.client else ""
        if not await self._counts.hit(self._most, address):
            raise TooManyRequests("this address has asked too often", retry_after=60)
        return await self._pass(request, "open", OPEN_ASKED, OPEN_ANSWERED, None)

    async def _pass(
        self, request: Request, under: str, asked: tuple[str, ...], answered: tuple[str, ...], token: str | None
    ) -> Response:
        service = request.path_params["service"]
        if ".." in request.path_params["path"].split("/"):
            raise NotFound("no such path")
        query = f"?{request.url.query}" if request.url.query else ""
        carries = request.method in CARRYING
        answer = await self._services.forward(
            service,
            request.method,
            request.scope["raw_path"].decode("latin-1").removeprefix(f"/{under}/{service}/") + query,
            under=under,
            headers={
                name: request.headers[name]
                for name in asked
                if name in request.headers and (carries or name != "content-length")
            },
            body=request.stream() if carries else None,
            token=token,
        )

        async def chunks() -> AsyncIterator[bytes]:
            async with answer:
                async for chunk in answer.content.iter_chunked(65_536):
                    yield chunk

        kept = {name: answer.headers[name] for name in answered if name in answer.headers}
        return StreamingResponse(chunks(), answer.status, {**kept, "X-Content-Type-Options": "nosniff"})
