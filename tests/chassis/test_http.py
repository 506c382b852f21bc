"""The frame: who calls, how much, and what is said when it goes wrong."""

import asyncio
import time

import aiohttp
import pytest
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis.http import build_app
from services.chassis.service import build_api
from tests.chassis.probe import api_config, probe
from tests.conftest import Connect, Serve
from tests.support.databases import Database
from tests.support.serving import serving
from tests.support.tokens import Issuer

READ = ("notes", {"area": "33"}, [["id", "id"]])


@pytest.fixture
async def base_url(serve: Serve, issuer: Issuer, database: Database) -> str:
    return await serve(build_api(probe(), api_config(database, body_limit=10_000), fetch_keys=issuer.fetch))


async def test_tokens_that_are_refused(base_url: str, connect: Connect, issuer: Issuer) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "test"}, private=True)
    refused = {
        "none": None,
        "garbage": "garbage",
        "expired": issuer.token(expires_in=-1),
        "signed by another": issuer.token(key=stranger),
        "for another audience": issuer.token(aud="elsewhere"),
        "of another issuer": issuer.token(iss="https://elsewhere.invalid"),
        "unsigned": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
        "whose crit is a number": "eyJhbGciOiJFUzI1NiIsImtpZCI6InRlc3QiLCJjcml0IjoxfQ.eyJzdWIiOiJhIn0.MDAw",
    }
    for name, token in refused.items():
        status, problem = await connect(base_url, token).read(*READ)
        assert (status, problem["code"]) == (401, "UNAUTHENTICATED"), name
    assert await connect(base_url, issuer.token()).read(*READ) == (200, [])


async def test_a_token_is_not_remembered_past_its_end(base_url: str, connect: Connect, issuer: Issuer) -> None:
    caller = connect(base_url, issuer.token(exp=int(time.time()) + 2))
    assert (await caller.read(*READ))[0] == 200
    deadline = time.monotonic() + 10
    while (await caller.read(*READ))[0] == 200:
        assert time.monotonic() < deadline, "an expired token is still believed"


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused(base_url: str, issuer: Issuer, declared: bool) -> None:
    async def chunks() -> object:
        for _ in range(20):
            yield b" " * 1000

    data = b" " * 20_000 if declared else chunks()
    headers = {"Authorization": f"Bearer {issuer.token()}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{base_url}/read", data=data, headers=headers) as answer,
    ):
        assert answer.status == 413
        assert answer.content_type == "application/problem+json"
        assert (await answer.json(content_type=None))["code"] == "PAYLOAD_TOO_LARGE"


async def test_the_correlation_id_is_kept_or_made(base_url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for given, kept in (("a-call-of-mine", True), ("bad id!", False), (None, False)):
            headers = {"X-Correlation-Id": given} if given else {}
            async with session.post(f"{base_url}/read", headers=headers) as answer:
                told = answer.headers["X-Correlation-Id"]
                assert (told == given) is kept
                assert (await answer.json(content_type=None))["correlationId"] == told


async def test_health(base_url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for path, text in (("/livez", "ok"), ("/readyz", "ready"), ("/metrics", "sanmin_http_request_seconds")):
            async with session.get(base_url + path) as answer:
                assert answer.status == 200
                assert text in await answer.text()
        async with session.get(f"{base_url}/nowhere") as answer:
            assert answer.status == 404
            assert (await answer.json(content_type=None))["code"] == "NOT_FOUND"


async def test_a_request_that_a_stopping_process_cuts_is_told_so() -> None:
    arrived = asyncio.Event()

    async def endless(_: Request) -> Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError("this waits for ever")

    async with aiohttp.ClientSession() as session:
        async with serving(build_app([Route("/", endless)], body_limit=0), stop_seconds=1) as url:
            asking = asyncio.create_task(session.get(url))
            await arrived.wait()
        answer = await asking
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (503, "UNAVAILABLE")
