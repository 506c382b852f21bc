"""The load generator counts what was answered, and refuses to count failures."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench import load
from tests.conftest import Serve

CLIENTS = 3


def app(seen: list[bytes]) -> Starlette:
    async def echo(request: Request) -> Response:
        body = await request.body()
        seen.append(body)
        if body == b"no":
            return JSONResponse({"errors": [{"message": "not so"}]})
        return Response(body * 9000)

    return Starlette(routes=[Route("/", echo, methods=["POST"])])


async def measure(url: str, *bodies: bytes) -> load.Outcome:
    requests = [load.post(url + "/", body, "token") for body in bodies]
    return await asyncio.to_thread(load.run, url, requests, clients=CLIENTS, seconds=20, most=100)


async def test_it_sends_as_many_as_asked_in_turn(serve: Serve) -> None:
    seen: list[bytes] = []
    outcome = await measure(await serve(app(seen)), b"one", b"two")
    assert len(outcome.milliseconds) == len(seen) == 100
    assert seen.count(b"one") == seen.count(b"two") == 50
    assert 0 < outcome.percentile(0.5) <= outcome.percentile(0.99) <= max(outcome.milliseconds)
    assert outcome.rate == pytest.approx(100 / outcome.seconds)


async def test_a_failed_answer_spoils_the_round(serve: Serve) -> None:
    with pytest.raises(load.LoadError, match=r"(?s)^1 of 100 answers failed.*not so"):
        await measure(await serve(app([])), *[b"yes"] * 99, b"no")
