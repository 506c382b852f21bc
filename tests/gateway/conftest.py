"""The gateway before the three real services, with their workers, databases and a broker prefix of their own, once a run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from starlette.applications import Starlette

from deploy.local.stack import DEPARTMENTS
from gateway.app import build_gateway
from gateway.config import GatewayConfig
from services.chassis import broker
from services.chassis.db import open_pool
from services.chassis.service import build_api, build_worker
from tests.support.databases import Database, Databases
from tests.support.graphql import GraphQL
from tests.support.serving import serving
from tests.support.tokens import Issuer

SERVICES = ("archive", "liaison", "tickets")
KEYS = dict.fromkeys(("personal_data_key", "blind_index_key"), "A" * 43 + "=")
SEALING = {"archive": True, "liaison": False, "tickets": True}
"""Services that hold keys of personal data, and whether they keep documents."""
"""Hold keys of personal data, and documents."""
SIGNING_KEY = "A" * 43 + "="
VILLAGE = "339999100200"
GRID = "3399991002000001"


@dataclass(frozen=True)
class Running:
    """All that stands; `app` is the gateway's own."""

    url: str
    app: Starlette
    services: dict[str, str]
    databases: dict[str, Database]
    prefix: str
    session: aiohttp.ClientSession
    issuer: Issuer

    def as_(self, account: str | None) -> GraphQL:
        """A client with an example account's token, or without any."""
        return GraphQL(self.session, f"{self.url}/graphql", account and self.issuer.account(account))

    def config(self, **changed: Any) -> GatewayConfig:
        return gateway_config(self.services, self.issuer, **changed)


def gateway_config(services: dict[str, str], issuer: Issuer, **changed: Any) -> GatewayConfig:
    values: dict[str, Any] = {
        "port": 0,
        "environment": "development",
        "issuer": issuer.config.issuer,
        "jwks_url": issuer.config.jwks_url,
        "audience": issuer.config.audience,
        "patience_seconds": 1,
        **{f"{name}_url": url for name, url in services.items()},
        **changed,
    }
    return GatewayConfig(**values)


@pytest.fixture(scope="session")
async def running(
    databases: Databases, amqp_url: str, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    documents = {"object_store_url": tmp_path_factory.mktemp("documents").as_uri()}
    prefix = f"test{uuid4().hex[:12]}"
    made: dict[str, Database] = {}
    urls: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stack.push_async_callback(forget, amqp_url, prefix)
        declared = {}
        for name in SERVICES:
            made[name] = await databases.clone(name)
            kept = {**KEYS, **(documents if SEALING[name] else {})}
            declared[name] = await open_service(name, made[name], stack, issuer, urls, **kept)
            async with await broker.connect(amqp_url) as connection:
                await broker.declare(await connection.channel(), declared[name][0].topology(prefix))
        for name in SERVICES:
            service, module = declared[name]
            own: dict[str, Any] = {**KEYS, **documents, "audit_signing_key": SIGNING_KEY} if name == "archive" else {}
            worker = module.Worker(
                port=0, database_url=made[name].app_url, amqp_url=amqp_url, broker_prefix=prefix, **own
            )
            if name == "archive":
                service = import_module("services.archive.app").declare(worker)
            await stack.enter_async_context(serving(build_worker(service, worker)))
        await ready(session, urls)
        config = gateway_config(urls, issuer, amqp_url=amqp_url, broker_prefix=prefix)
        app = build_gateway(config, fetch_keys=issuer.fetch)
        url = await stack.enter_async_context(serving(app))
        yield Running(url, app, urls, made, prefix, session, issuer)


async def open_service(
    name: str, database: Database, stack: AsyncExitStack, issuer: Issuer, urls: dict[str, str], **own: Any
) -> tuple[Any, Any]:
    """Loads the example data and serves the api; returns the declaration and the config module."""
    module, configs = import_module(f"services.{name}.app"), import_module(f"services.{name}.config")
    common: dict[str, Any] = {"database_url": database.app_url}
    tokens = {"issuer": issuer.config.issuer, "jwks_url": issuer.config.jwks_url, "audience": issuer.config.audience}
    api = configs.Api(port=0, **common, **tokens, **own)
    service = module.declare(api)
    pool = await open_pool(database.app_url, 2)
    known = {"departments": str(DEPARTMENTS)} if name == "tickets" else {}
    async with pool:
        await module.load_data(pool, configs.Load(**common, **known, **(KEYS if name == "archive" else {})), True)
    urls[name] = await stack.enter_async_context(serving(build_api(service, api, fetch_keys=issuer.fetch)))
    return service, configs


async def ready(session: aiohttp.ClientSession, urls: dict[str, str]) -> None:
    """Waits until each api can serve: the archive's areas reach the others by event."""
    async with asyncio.timeout(60):
        for url in urls.values():
            while (await session.get(f"{url}/readyz")).status != 200:
                await asyncio.sleep(0.1)


async def forget(amqp_url: str, prefix: str) -> None:
    """Deletes the queues and exchanges of the prefix."""
    connection = await broker.connect(amqp_url)
    async with connection:
        queues = [f"{prefix}.log", *(f"{prefix}.{name}.inbox" for name in SERVICES)]
        for queue in queues:
            for suffix in ("", ".dead"):
                await (await connection.channel()).queue_delete(queue + suffix)
        for exchange in ("events", "departments", "dead"):
            await (await connection.channel()).exchange_delete(f"{prefix}.{exchange}")


def key() -> str:
    return str(uuid4())
