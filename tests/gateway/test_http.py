"""GraphQL over HTTP: media types, statuses, refusals in GraphQL's form."""

import asyncio
import io
from typing import Any

import aiohttp
import pytest

from gateway.app import build_gateway
from tests.conftest import Serve
from tests.gateway.conftest import Running, gateway_config
from tests.support.serving import serving
from tests.support.tokens import Issuer

NOWHERE = dict.fromkeys(("archive", "liaison", "tickets"), "http://127.0.0.1:9")
RESPONSE = "application/graphql-response+json"
ME = "{ me { subject } }"


@pytest.fixture
async def url(issuer: Issuer, serve: Serve) -> str:
    """A gateway in production, of which no service can be reached."""
    config = gateway_config(
        NOWHERE, issuer, environment="production", amqp_url="amqp://127.0.0.1:9/", patience_seconds=0
    )
    return await serve(build_gateway(config, fetch_keys=issuer.fetch)) + "/graphql"


@pytest.fixture
async def session(issuer: Issuer) -> Any:
    headers = {"Authorization": f"Bearer {issuer.account('cadre')}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session


async def post(session: aiohttp.ClientSession, url: str, body: Any, **headers: str) -> tuple[int, str, Any]:
    options: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
    async with session.post(url, headers=headers, **options) as answer:
        return answer.status, answer.content_type, await answer.json(content_type=None)


def code(answer: Any) -> Any:
    return answer["errors"][0]["extensions"]["code"]


async def test_the_token_alone_answers_me(session: aiohttp.ClientSession, url: str) -> None:
    status, media, answer = await post(session, url, {"query": "{ me { subject __typename } }"})
    assert (status, media) == (200, "application/json")
    assert answer == {"data": {"me": {"subject": "example-cadre", "__typename": "Me"}}}


async def test_media_type_by_accept(session: aiohttp.ClientSession, url: str) -> None:
    for accept, media in (
        (RESPONSE, RESPONSE),
        ("*/*", "application/json"),
        (f"{RESPONSE}, application/json", RESPONSE),
    ):
        assert (await post(session, url, {"query": ME}, Accept=accept))[:2] == (200, media)
    assert (await post(session, url, {"query": ME}, Accept="text/csv"))[0] == 406


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ __schema { types { name } } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($c: String!) { area(code: $c) { name } }"}, "INVALID_INPUT"),
        ({"query": "subscription { ticketChanged(id: 1) { id } }"}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_refused_requests_tell_by_status_only_in_the_new_media_type(
    session: aiohttp.ClientSession, url: str, body: Any, expected: str
) -> None:
    status, _, answer = await post(session, url, body)
    assert (status, code(answer), "data" in answer) == (200, expected, False)
    assert (await post(session, url, body, Accept=RESPONSE))[0] == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"nonsense", b'{"query": 1}', b'{"query": "{ me { name } }", "variables": []}', b"\xff", b"[" * 9000],
)
async def test_malformed_bodies_are_400(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    status, _, answer = await post(session, url, body, **{"Content-Type": "application/json"})
    assert (status, code(answer)) == (400, "INVALID_INPUT")


async def test_other_content_types_are_415(session: aiohttp.ClientSession, url: str) -> None:
    assert (await post(session, url, b"{ me { name } }", **{"Content-Type": "application/graphql"}))[0] == 415


async def test_a_body_of_ten_megabytes_is_refused(session: aiohttp.ClientSession, url: str) -> None:
    body = io.BytesIO(b'{"query": "{ me { subject } }", "variables": {"x": "%b"}}' % (b"1" * 10_000_000))
    async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
        assert (answer.status, code(await answer.json())) == (413, "PAYLOAD_TOO_LARGE")


async def test_get_is_for_queries(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(
        url, params={"query": "query ($x: Boolean!) { me { subject @include(if: $x) } }", "variables": '{"x": true}'}
    ) as answer:
        assert (answer.status, await answer.json()) == (200, {"data": {"me": {"subject": "example-cadre"}}})
    mutation = 'mutation { signTicket(input: {clientKey: "1", id: "1"}) { clientKey } }'
    async with session.get(url, params={"query": mutation}) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    async with session.get(url) as answer:
        assert answer.status == 400


async def test_without_a_valid_token_nothing_is_answered(url: str, issuer: Issuer) -> None:
    expired = issuer.token("example-cadre", expires_in=-10)
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {expired}"}):
            status, _, answer = await post(session, url, {"query": ME}, **headers)
            assert (status, code(answer), "data" in answer) == (401, "UNAUTHENTICATED", False)


async def test_graphiql_is_for_development(running: Running, session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 406
    async with session.get(f"{running.url}/graphql", headers={"Accept": "text/html"}) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


async def test_readiness_names_what_is_missing(running: Running, session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url.replace("/graphql", "/readyz")) as answer:
        assert (answer.status, (await answer.json())["checks"]["tickets"]) == (503, "failed")
    async with session.get(f"{running.url}/readyz") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "ready")


async def test_a_correlation_id_comes_back(session: aiohttp.ClientSession, url: str) -> None:
    headers = {"X-Correlation-Id": "example-1234"}
    async with session.post(url, json={"query": '{ area(code: "33") { name } }'}, headers=headers) as answer:
        assert answer.headers["X-Correlation-Id"] == "example-1234"
        assert (await answer.json())["errors"][0]["extensions"]["correlationId"] == "example-1234"


async def test_a_request_that_a_stopping_gateway_cuts_is_told_so(
    session: aiohttp.ClientSession, issuer: Issuer
) -> None:
    arrived = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as archive:
        urls = NOWHERE | {"archive": f"http://127.0.0.1:{archive.sockets[0].getsockname()[1]}"}
        app = build_gateway(gateway_config(urls, issuer, amqp_url="amqp://127.0.0.1:9/"), fetch_keys=issuer.fetch)
        async with serving(app, stop_seconds=1) as base:
            asking = asyncio.create_task(post(session, f"{base}/graphql", {"query": '{ area(code: "33") { name } }'}))
            await arrived.wait()
        status, _, answer = await asking
        assert (status, code(answer)) == (503, "UNAVAILABLE")
