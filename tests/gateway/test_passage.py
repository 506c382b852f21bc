"""Requests that pass through the gateway to a service: who may, what goes along, streams both ways, and what comes back when something is wrong."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDictProxy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from yarl import URL

from gateway.app import build_gateway
from services.chassis.http import build_app
from tests.conftest import Serve
from tests.gateway.conftest import gateway_config
from tests.support.tokens import Issuer

AWAY = "http://127.0.0.1:9"
CHUNK = bytes(range(256)) * 256
CHUNKS = 160
LIMIT = 12_000_000
PER_MINUTE = 30


@dataclass
class Far:
    """A service as the gateway sees one: it says what it got."""

    headers: list[dict[str, str]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        paths = ("/files/{path:path}", "/open/{path:path}")
        routes = [
            Route("/open/slow", self.slow, methods=["GET", "POST"]),
            *(Route(path, self.answer, methods=["GET", "PUT", "POST"]) for path in paths),
        ]
        return build_app(routes, body_limit=1000, file_limit=LIMIT)

    async def answer(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if request.path_params["path"] == "large":
            return StreamingResponse(
                _large(), media_type="application/octet-stream", headers={"X-Own": "1", "ETag": '"1"'}
            )
        digest, size = hashlib.sha256(), 0
        async for chunk in request.stream():
            digest.update(chunk)
            size += len(chunk)
        said = {"method": request.method, "path": request.scope["raw_path"].decode(), "query": request.url.query}
        return JSONResponse({**said, "size": size, "sha256": digest.hexdigest()})

    async def slow(self, request: Request) -> Response:
        """Half of an answer, and the rest once it is wanted."""

        async def halves() -> AsyncIterator[bytes]:
            yield b"first"
            await self.go_on.wait()
            yield b"last"

        del request
        return StreamingResponse(halves(), media_type="text/plain")


async def _large() -> AsyncIterator[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK


@dataclass(frozen=True)
class Passing:
    url: str
    far: Far
    session: aiohttp.ClientSession
    token: dict[str, str]

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, CIMultiDictProxy[str]]:
        async with self.session.request(method, self.url + path, **options) as answer:
            kind = answer.content_type
            return (
                answer.status,
                await answer.json(content_type=None) if "json" in kind else await answer.read(),
                answer.headers,
            )


@pytest.fixture
async def passing(issuer: Issuer, serve: Serve) -> AsyncIterator[Passing]:
    """A gateway before one service that is there (tickets) and two that are not."""
    far = Far()
    services = {"archive": AWAY, "liaison": AWAY, "tickets": await serve(far.app())}
    config = gateway_config(services, issuer, amqp_url="amqp://127.0.0.1:9/", open_per_minute=PER_MINUTE)
    url = await serve(build_gateway(config, fetch_keys=issuer.fetch))
    async with aiohttp.ClientSession() as session:
        yield Passing(url, far, session, {"Authorization": f"Bearer {issuer.account('cadre')}"})


async def test_a_document_needs_a_token_and_what_is_open_gets_none(passing: Passing) -> None:
    status, refused, headers = await passing.ask("GET", "/files/tickets/x")
    assert (status, refused["code"], headers["WWW-Authenticate"]) == (401, "UNAUTHENTICATED", "Bearer")
    status, refused, _ = await passing.ask("GET", "/files/tickets/x", headers={"Authorization": "Bearer nonsense"})
    assert (status, refused["code"]) == (401, "UNAUTHENTICATED")
    assert not passing.far.headers
    secret = {"Cookie": "a=b", "X-Forwarded-User": "somebody", "Accept": "text/html", "webhook-id": "m1"}
    assert (await passing.ask("GET", "/open/tickets/x", headers=passing.token | secret))[0] == 200
    assert (await passing.ask("GET", "/files/tickets/x", headers=passing.token | secret))[0] == 200
    opened, filed = passing.far.headers
    assert not {"authorization", "cookie", "x-forwarded-user"} & opened.keys()
    assert (opened["accept"], opened["webhook-id"]) == ("text/html", "m1")
    assert filed["authorization"] == passing.token["Authorization"]
    assert not {"cookie", "x-forwarded-user", "webhook-id"} & filed.keys()


@pytest.mark.parametrize("under", ["files", "open"])
async def test_a_path_goes_to_its_service_as_it_is_and_to_nothing_else(passing: Passing, under: str) -> None:
    plain = URL(f"{passing.url}/{under}/tickets/a%20b/%E6%9D%91.pdf?x=1&y=%2F", encoded=True)
    async with passing.session.get(plain, headers=passing.token) as answer:
        said = await answer.json()
    assert (said["path"], said["query"]) == (f"/{under}/a%20b/%E6%9D%91.pdf", "x=1&y=%2F")
    status, refused, _ = await passing.ask("GET", f"/{under}/nothing/x", headers=passing.token)
    assert (status, refused["code"]) == (404, "NOT_FOUND")
    for climbing in ("../commands/x", "a/../../read", "%2e%2e/readyz", "a/%2E%2E/%2E%2E/readyz", ".."):
        url = URL(f"{passing.url}/{under}/tickets/{climbing}", encoded=True)
        async with passing.session.get(url, headers=passing.token) as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "NOT_FOUND"), climbing
    assert len(passing.far.headers) == 1


async def test_large_bodies_pass_both_ways_without_being_gathered(passing: Passing) -> None:
    status, said, _ = await passing.ask("PUT", "/files/tickets/x?title=1", headers=passing.token, data=_large())
    whole = hashlib.sha256(CHUNK * CHUNKS).hexdigest()
    assert (status, said["method"], said["size"], said["sha256"]) == (200, "PUT", CHUNKS * len(CHUNK), whole)
    status, body, headers = await passing.ask("GET", "/files/tickets/large", headers=passing.token)
    assert (status, hashlib.sha256(body).hexdigest(), headers["ETag"]) == (200, whole, '"1"')
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Own" not in headers
    async with asyncio.timeout(10), passing.session.get(f"{passing.url}/open/tickets/slow") as answer:
        assert await answer.content.readany() == b"first"
        passing.far.go_on.set()
        assert await answer.content.readany() == b"last"


@pytest.mark.parametrize("under", ["files", "open"])
async def test_a_body_that_does_not_go_on_is_not_announced(passing: Passing, under: str) -> None:
    """Else the service would take the next request on the connection for it."""
    async with asyncio.timeout(10):
        for _ in range(2):
            status, said, _ = await passing.ask("GET", f"/{under}/tickets/x", headers=passing.token, data=b"hello")
            assert (status, said["method"], said["size"]) == (200, "GET", 0)
    assert not any("content-length" in headers for headers in passing.far.headers)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_services_limit_is_refused_as_the_service_does(passing: Passing, declared: bool) -> None:
    small = b"x" * 1001
    headers = {"Content-Type": "text/plain"}
    data: Any = small if declared else _pieces(small)
    status, refused, _ = await passing.ask("POST", "/open/tickets/x", headers=headers, data=data)
    assert (status, refused["code"], refused["limit"]) == (413, "PAYLOAD_TOO_LARGE", 1000)
    large = CHUNK * (LIMIT // len(CHUNK) + 1)
    data = io.BytesIO(large) if declared else _pieces(large)
    status, refused, _ = await passing.ask("PUT", "/files/tickets/x", headers=passing.token, data=data)
    assert (status, refused["code"], refused["limit"]) == (413, "PAYLOAD_TOO_LARGE", LIMIT)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), len(CHUNK)):
        yield body[start : start + len(CHUNK)]


@pytest.mark.parametrize("under", ["files", "open"])
async def test_a_service_that_is_away_is_unavailable(passing: Passing, under: str) -> None:
    for method in ("GET", "POST"):
        status, refused, _ = await passing.ask(method, f"/{under}/archive/x", headers=passing.token)
        assert (status, refused["code"]) == (503, "UNAVAILABLE")
    assert (await passing.ask("DELETE", f"/{under}/tickets/x", headers=passing.token))[0] == 405


async def test_an_address_asks_what_is_open_so_often_and_no_more(passing: Passing) -> None:
    asked = [await passing.ask("GET", "/open/tickets/x") for _ in range(PER_MINUTE + 1)]
    assert [status for status, _, _ in asked] == [200] * PER_MINUTE + [429]
    _, refused, headers = asked[-1]
    assert (refused["code"], headers["Retry-After"]) == ("TOO_MANY_REQUESTS", str(refused["retryAfter"]))
    assert len(passing.far.headers) == PER_MINUTE
    assert (await passing.ask("GET", "/files/tickets/x", headers=passing.token))[0] == 200
