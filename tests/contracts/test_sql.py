"""Every SQL constant of the services and the chassis, and every view, is PREPAREd on a real server."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from services.chassis.db import open_pool
from tests.conftest import MakeDatabase

SERVICES = ("archive", "liaison", "tickets")
VERB = re.compile(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b")


def constants(package: str) -> Iterator[tuple[str, str]]:
    """(module.NAME, text) of each upper-case string of the package's modules that is a statement."""
    root = import_module(package)
    names = [package] + [found.name for found in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in names:
        for constant, value in vars(import_module(name)).items():
            if constant.isupper() and isinstance(value, str) and VERB.match(value):
                yield f"{name}.{constant}", value


def statements(service: str) -> dict[str, str]:
    views = import_module(f"services.{service}.views").VIEWS
    return {
        **dict(constants("services.chassis")),
        **dict(constants(f"services.{service}.store")),
        **{f"view {root}": sql for root, sql in views.samples().items()},
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_every_statement_prepares(service: str, make_database: MakeDatabase) -> None:
    database = await make_database(service)
    pool = await open_pool(database.app_url, 1)
    async with pool, pool.acquire() as connection:
        failed = {}
        for name, sql in statements(service).items():
            try:
                await connection.prepare(sql)
            except Exception as error:  # all failures are shown at once
                failed[name] = str(error)
    assert not failed


def test_there_is_something_to_prepare() -> None:
    for service in SERVICES:
        assert len(statements(service)) > 20
