"""An archive with the real divisions and the example village, on a database of the test's own."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.archive.app import declare, load_data
from services.archive.config import Api, Load
from services.chassis.db import Pool
from services.chassis.keys import vault_of
from services.chassis.service import Service, build_api, open_database
from services.chassis.vault import Vault
from tests.conftest import Connect, Serve
from tests.support.client import Service as Client
from tests.support.databases import Database, Databases
from tests.support.tokens import Issuer

KEYS: dict[str, Any] = {
    "personal_data_key": base64.b64encode(b"p" * 32).decode(),
    "blind_index_key": base64.b64encode(b"b" * 32).decode(),
}
VILLAGE, GRID, OTHER_GRID = "339999100200", "3399991002000001", "3399991002000002"


def household(number: int) -> str:
    """The key of an example household."""
    return f"00000000-0000-7000-8000-{number:012d}"


def person(number: int) -> str:
    """The key of an example person."""
    return f"00000000-0000-7000-8001-{number:012d}"


@dataclass(frozen=True)
class Archive:
    """`admin` sees everything: a superuser's connection. `documents` is the folder of the object store."""

    database: Database
    pool: Pool
    service: Service
    vault: Vault
    admin: "asyncpg.Connection[asyncpg.Record]"
    base_url: str
    issuer: Issuer
    connect: Connect
    documents: Path

    def as_(self, account: str) -> Client:
        return self.connect(self.base_url, self.issuer.account(account))

    def with_(self, **claims: Any) -> Client:
        return self.connect(self.base_url, self.issuer.token(**claims))

    async def everything(self) -> dict[str, list[str]]:
        """All rows of all tables, as text: equal before and after means that nothing was written."""
        tables = await self.admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {
            name: sorted(row[0] for row in await self.admin.fetch(f"SELECT t::text FROM {name} t"))
            for (name,) in tables
            if name != "spatial_ref_sys"
        }

    async def events(self, event_type: str) -> list[dict[str, Any]]:
        rows = await self.admin.fetch("SELECT data::text FROM outbox WHERE type = $1 ORDER BY recorded", event_type)
        return [json.loads(row[0]) for row in rows]


@pytest.fixture(scope="session")
async def loaded(databases: Databases) -> Database:
    """The database after `load --example`."""
    database = await databases.clone("archive")
    config = Load(database_url=database.app_url, **KEYS)
    pool = await open_database(declare(config), config.database_url, 1)
    async with pool:
        await load_data(pool, config, example=True)
    return database


@pytest.fixture
async def own_database(databases: Databases, loaded: Database) -> AsyncIterator[Database]:
    database = await databases.copy("archive", loaded)
    yield database
    databases.let_go(database)


@pytest.fixture
async def archive(
    own_database: Database, issuer: Issuer, serve: Serve, connect: Connect, tmp_path: Path
) -> AsyncIterator[Archive]:
    documents = tmp_path / "documents"
    store: dict[str, Any] = {"object_store_url": documents.as_uri()}
    config = Api(port=1, database_url=own_database.app_url, **store, **KEYS, **vars(issuer.config))
    service = declare(config)
    base_url = await serve(build_api(service, config, fetch_keys=issuer.fetch))
    pool = await open_database(service, config.database_url, 4)
    admin = await asyncpg.connect(own_database.superuser_url)
    yield Archive(own_database, pool, service, vault_of(config), admin, base_url, issuer, connect, documents)
    await admin.close()
    await pool.close()


def key() -> str:
    """A fresh client key."""
    return str(uuid4())


def uuid(text: str) -> UUID:
    return UUID(text)
