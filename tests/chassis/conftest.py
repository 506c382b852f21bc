"""The probe service on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.db import Pool, open_pool
from tests.chassis.probe import MIGRATIONS
from tests.support.databases import Database, Databases


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    made = await databases.clone("probe", MIGRATIONS)
    yield made
    databases.let_go(made)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    opened = await open_pool(database.app_url, 4)
    yield opened
    await opened.close()
