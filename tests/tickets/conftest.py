"""A tickets database with the example areas and departments, and its api on a clock that stands."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import DEPARTMENTS
from services.chassis.clock import FixedClock
from services.chassis.db import Pool, open_pool, transaction
from services.chassis.principal import Principal
from services.chassis.service import build_api
from services.tickets.app import declare, load_data
from services.tickets.config import Api, Load
from services.tickets.domain.area import Area
from services.tickets.store import area as areas
from tests.conftest import Connect, Serve
from tests.support.client import Service
from tests.support.databases import Database, Databases
from tests.support.tokens import Issuer
from tests.tickets.matters import AREAS, NOON, SERVICE, Tickets


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
async def template(databases: Databases) -> Database:
    """With the departments, the catalogue, the example's own data and the example areas."""
    database = await databases.clone("tickets")
    pool = await open_pool(database.app_url, 1)
    async with pool:
        await load_data(pool, Load(database_url=database.app_url, departments=str(DEPARTMENTS)), True)
        async with transaction(pool, SERVICE) as connection:
            for code, kind in AREAS.items():
                await areas.keep(connection, Area(code, f"示例{code}", kind, date(2020, 1, 1), None), NOON)
    return database


@pytest.fixture
async def database(request: pytest.FixtureRequest, databases: Databases, template: Database) -> AsyncIterator[Database]:
    """Empty, but for a test that asks for `loaded`: a copy of the template."""
    if "loaded" in request.fixturenames:
        made = await databases.copy("tickets", template)
    else:
        made = await databases.clone("tickets")
    yield made
    databases.let_go(made)


@pytest.fixture
def config(database: Database, issuer: Issuer, tmp_path: Path) -> Api:
    return Api(
        port=0,
        database_url=database.app_url,
        issuer=issuer.config.issuer,
        jwks_url=issuer.config.jwks_url,
        audience=issuer.config.audience,
        personal_data_key="A" * 43 + "=",
        blind_index_key="B" * 43 + "=",
        object_store_url=tmp_path.as_uri(),
    )


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    pool = await open_pool(database.app_url, 4)
    async with pool:
        yield pool


@pytest.fixture
async def loaded(pool: Pool) -> Pool:
    """What the template holds is there: see `database`."""
    return pool


@pytest.fixture
async def tickets(
    *, loaded: Pool, database: Database, config: Api, clock: FixedClock, issuer: Issuer, serve: Serve, connect: Connect
) -> Tickets:
    url = await serve(build_api(declare(config), config, clock=clock, fetch_keys=issuer.fetch))

    def client(base_url: str, principal: Principal) -> Service:
        now = int(clock.now().timestamp())
        claims: dict[str, Any] = {
            "roles": sorted(principal.roles),
            "areas": list(principal.areas),
            "department": principal.department,
            "household": principal.household,
        }
        return connect(base_url, issuer.token(principal.subject, **claims, iat=now, exp=now + 600))

    return Tickets(url, loaded, database, clock, client)
