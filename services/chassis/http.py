"""The frame around every HTTP process: correlation id, body limit, problem+json, access log and metrics, and who is calling."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.auth import Verifier
from services.chassis.db import UNREACHABLE
from services.chassis.errors import InvalidInput, NotFound, PayloadTooLarge, Problem, Unauthenticated, Unavailable
from services.chassis.principal import Principal
from services.chassis.telemetry import CORRELATION_HEADER, HTTP_SECONDS, correlation, correlation_of, place_of

PROBLEM_TYPE = "application/problem+json"
FILES = "/files/"
"""Paths of documents: they may be larger than other bodies."""

# msgspec names a missing or an unknown field in its message only, and quotes a value that is none of an enum's.
_NAMED = re.compile(r"(?P<how>missing required|unknown) field `(?P<field>\w{1,64})`")
_VALUE = re.compile(r" '.*'$", re.DOTALL)

log = structlog.get_logger()


class ProblemResponse(Response):
    media_type = PROBLEM_TYPE

    def __init__(self, problem: Problem) -> None:
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
        if "retryAfter" in problem.extra:
            headers["Retry-After"] = str(problem.extra["retryAfter"])
        super().__init__(msgspec.json.encode(problem.document(correlation.get())), problem.status, headers)


class JsonBytes(Response):
    """JSON that is bytes already."""

    media_type = "application/json"


class Frame:
    """Pure ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, body_limit: int, file_limit: int) -> None:
        self._app = app
        self._limits = {False: body_limit, True: file_limit}
        self._header = CORRELATION_HEADER.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        correlation_id = correlation_of(headers.get(self._header, b"").decode("latin-1") or None)
        token = correlation.set(correlation_id)
        try:
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._http(scope, receive, send, headers, correlation_id)
        finally:
            correlation.reset(token)

    async def _http(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], correlation_id: str
    ) -> None:
        started = time.perf_counter()
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (self._header, correlation_id.encode())]
            await send(message)

        try:
            limited = _limited(receive, headers, self._limits[scope["path"].startswith(FILES)])
            await self._app(scope, limited, tell)
        except Problem as problem:
            if status:
                raise
            await ProblemResponse(problem)(scope, receive, tell)
        except UNREACHABLE as error:
            log.warning("request.unavailable", error=type(error).__name__, at=place_of(error))
            if status:
                raise
            await ProblemResponse(Unavailable("a server that this needs went away; try again"))(scope, receive, tell)
        except asyncio.CancelledError:
            if not status:
                await ProblemResponse(Unavailable("this process is stopping; try again"))(scope, receive, tell)
            raise
        except Exception as error:
            log.error("request.failed", error=type(error).__name__, at=place_of(error))
            if status:
                raise
            await ProblemResponse(Problem("something went wrong here; the correlation id finds it in the log"))(
                scope, receive, tell
            )
        finally:
            self._account(scope, status, time.perf_counter() - started)

    @staticmethod
    def _account(scope: Scope, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", "-")
        HTTP_SECONDS.labels(scope["method"], path, str(status)).observe(seconds)
        if path not in ("/livez", "/readyz", "/metrics"):
            log.info(
                "request", method=scope["method"], route=path, status=status, milliseconds=round(seconds * 1000, 1)
            )


def _limited(receive: Receive, headers: dict[bytes, bytes], limit: int) -> Receive:
    """Refuses a body over the limit by its declared length before anything is read, else as soon as it grows past the limit."""
    too_large = PayloadTooLarge(f"the body is over the limit of {limit} bytes", limit=limit)
    if int(headers.get(b"content-length", b"0")) > limit:
        raise too_large
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise too_large
        return message

    return receive_limited


async def _on_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  Starlette calls this for Problem only
    return ProblemResponse(problem)


async def _on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette calls this for HTTPException only
    if error.status_code == 404:
        return ProblemResponse(NotFound("no such path"))
    return Response(status_code=error.status_code, headers=error.headers)


def build_app(
    routes: Sequence[BaseRoute],
    *,
    body_limit: int,
    file_limit: int | None = None,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """A Starlette app inside the frame. `file_limit` is that of bodies sent to FILES, by default the same as of others."""
    app = Starlette(
        routes=list(routes),
        lifespan=lifespan,
        exception_handlers={Problem: _on_problem, HTTPException: _on_http_exception},
    )
    app.add_middleware(Frame, body_limit=body_limit, file_limit=file_limit or body_limit)
    return app


def bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send an access token: Authorization: Bearer …")
    return token.strip()


async def authenticate(request: Request, verifier: Verifier) -> Principal:
    """The verified caller of the request; raises Unauthenticated."""
    return await verifier.verify(bearer(request.headers.get("authorization")))


def decode(body: bytes, kind: Any) -> Any:
    """JSON into a msgspec type; raises InvalidInput that names the field and the rule, never the value."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        parts = [path.rstrip("`").removeprefix("$").removeprefix(".")]
        rule = "form"
        if (named := _NAMED.search(text)) is not None:
            parts.append(named["field"])
            rule = "required" if named["how"] == "missing required" else "known.field"
        field = ".".join(filter(None, parts)) or None
        raise InvalidInput(f"{field or 'body'}: {_VALUE.sub('', text)}", field=field, rule=rule) from None
    except msgspec.DecodeError:
        raise InvalidInput("the body is not JSON", rule="json") from None
