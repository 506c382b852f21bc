"""The probe service on a database of its own."""

from collections.abc import AsyncIterator

import pytest

from services.chassis.db import Pool, open_pool
from tests.chassis.probe import MIGRATIONS
from tests.support.databases import Database, Databases


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.clone("probe", MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    opened = await open_pool(database.app_url, 4)
    yield opened
    await opened.close()
