"""A liaison database with the calendar and the example village's roster, and its api on a clock that stands."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import Connection, Pool, open_pool, transaction
from services.chassis.principal import itself
from services.chassis.service import build_api
from services.liaison.app import declare
from services.liaison.commands.area import note_area
from services.liaison.commands.example import add_example
from services.liaison.commands.roster import plan_due
from services.liaison.config import Api
from services.liaison.domain.cadre import Cadre
from services.liaison.domain.duty import Found, Place
from services.liaison.domain.notice import published
from services.liaison.store import cadre, duty
from tests.conftest import Connect, Serve
from tests.support.client import Service
from tests.support.databases import Database, Databases
from tests.support.tokens import Issuer

SERVICE = itself("liaison")
KEYS: dict[str, Any] = dict.fromkeys(("personal_data_key", "blind_index_key"), "A" * 43 + "=")
VILLAGE = "339999100200"
BARE_VILLAGE = "339999100201"
GRID = "3399991002000001"
AREAS = ("33", "339999", "339999100", VILLAGE, GRID, BARE_VILLAGE)
MONDAY = datetime(2026, 1, 5, 0, 30, tzinfo=UTC)
"""8:30 on Monday 5 January 2026 in China: the second working day of the example rule, which example-cadre-2 has."""


async def add_cadre(connection: Connection, subject: str, **given: Any) -> None:
    """An example cadre of the village."""
    values: dict[str, Any] = {"name": "示例干部", "area": VILLAGE, "base": VILLAGE, "since": date(2026, 1, 1)} | given
    assert await cadre.keep(connection, Cadre(subject=subject, **values))


async def signed(connection: Connection, day: date, subject: str, at: datetime) -> None:
    """The one on duty in the village signs in."""
    assert await duty.sign_in(connection, VILLAGE, day, subject, at, at, Found(Place.UNKNOWN, None))


@dataclass(frozen=True)
class Liaison:
    """The api and what stands behind it."""

    pool: Pool
    clock: FixedClock
    as_: Callable[..., Service]
    """`as_(subject, *roles)` is a client with that caller's token; without roles a village cadre's, of `areas` that village's."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture(scope="session")
async def template(databases: Databases) -> Database:
    """The calendar, the areas and the example village's roster as planned on MONDAY; AREAS has a village without a rule."""
    database = await databases.clone("liaison")
    async with await open_pool(database.app_url, 1) as pool:
        async with transaction(pool, SERVICE) as connection:
            for code in AREAS:
                await note_area(connection, code)
            await add_example(connection)
        await plan_due(pool, FixedClock(MONDAY), published(), correcting=False)
    return database


@pytest.fixture
async def database(databases: Databases, template: Database) -> AsyncIterator[Database]:
    made = await databases.copy("liaison", template)
    yield made
    databases.let_go(made)


@pytest.fixture
async def planned(database: Database) -> AsyncIterator[Pool]:
    """A pool on a copy of the template."""
    async with await open_pool(database.app_url, 4) as pool:
        yield pool


@pytest.fixture
async def bare_database(databases: Databases) -> AsyncIterator[Database]:
    made = await databases.clone("liaison")
    yield made
    databases.let_go(made)


@pytest.fixture
async def bare(bare_database: Database) -> AsyncIterator[Pool]:
    """A pool on a database that was migrated only."""
    async with await open_pool(bare_database.app_url, 4) as pool:
        yield pool


@pytest.fixture
async def api(database: Database, clock: FixedClock, issuer: Issuer, serve: Serve) -> str:
    """The base URL of the api process."""
    config = Api(
        port=0,
        database_url=database.app_url,
        issuer=issuer.config.issuer,
        jwks_url=issuer.config.jwks_url,
        audience=issuer.config.audience,
        **KEYS,
    )
    return await serve(build_api(declare(config), config, clock=clock, fetch_keys=issuer.fetch))


@pytest.fixture
async def liaison(api: str, planned: Pool, clock: FixedClock, issuer: Issuer, connect: Connect) -> Liaison:
    def client(subject: str, *roles: str, areas: Sequence[str] = (VILLAGE,), **claims: Any) -> Service:
        now = int(clock.now().timestamp())
        given = list(roles or ("village_cadre",))
        return connect(api, issuer.token(subject, roles=given, areas=list(areas), **claims, iat=now, exp=now + 600))

    return Liaison(planned, clock, client)
