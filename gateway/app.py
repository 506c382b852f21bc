"""The composition root: the gateway's app from its config."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from gateway.answers import Answers
from gateway.clients import Services
from gateway.config import GatewayConfig
from gateway.dashboard import dashboard_routes
from gateway.feed import Feed
from gateway.graphiql import graphiql_routes
from gateway.http import Endpoint
from gateway.passage import METHODS, OPEN_METHODS, Passage
from gateway.schema import build_schema
from gateway.sockets import Sockets
from services.chassis.auth import Fetch, Verifier
from services.chassis.clock import Clock, SystemClock
from services.chassis.health import health_routes
from services.chassis.http import build_app

UNLIMITED = 2**63


def build_gateway(config: GatewayConfig, *, clock: Clock | None = None, fetch_keys: Fetch | None = None) -> Starlette:
    """`/graphql` over HTTP and WebSocket, and health. Ready when the services and the issuer's keys are; without a broker only
    subscriptions are late, which the metric sanmin_feed_connected tells.
    """
    development = config.environment == "development"
    verifier = Verifier(config, clock or SystemClock(), fetch_keys)
    services = Services(config.services, seconds=config.service_seconds, patience=config.patience_seconds)
    feed = Feed(config.amqp_url, config.broker_prefix)
    answers = Answers(build_schema(), services, feed, development=development)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.answers, app.state.feed = answers, feed
        async with services:
            feeding = asyncio.create_task(feed.run(), name="feed")
            try:
                yield
            finally:
                feeding.cancel()
                with suppress(asyncio.CancelledError):
                    await feeding

    passage = Passage(services, verifier, per_minute=config.open_per_minute)
    endpoint = Endpoint(answers, verifier, body_limit=config.body_limit, development=development)
    checks = {name: partial(services.ready, name) for name in config.services}
    return build_app(
        [
            Route("/graphql", endpoint.answer, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", Sockets(answers, verifier, message_limit=config.body_limit).serve),
            Route("/files/{service}/{path:path}", passage.file, methods=METHODS),
            Route("/open/{service}/{path:path}", passage.open, methods=OPEN_METHODS),
            *dashboard_routes(),
            *health_routes({**checks, "issuer": verifier.ready}),
            *(graphiql_routes() if development else []),
        ],
        body_limit=UNLIMITED,  # the endpoint limits its own body, to refuse it in GraphQL's form
        lifespan=lifespan,
    )
