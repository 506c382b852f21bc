"""Every SQL constant and every view is PREPAREd by the real server as the run-time role."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from services.chassis.db import Pool
from services.liaison import store
from services.liaison.views import views

STATEMENTS = {
    f"{module.name}.{name}": value
    for module in iter_modules(store.__path__)
    for name, value in vars(import_module(f"services.liaison.store.{module.name}")).items()
    if name.isupper() and isinstance(value, str)
}


@pytest.mark.parametrize("sql", [*STATEMENTS.values(), *views().samples().values()])
async def test_a_statement_prepares(pool: Pool, sql: str) -> None:
    async with pool.acquire() as connection:
        await connection.prepare(sql)


def test_the_statements_were_found() -> None:
    assert {name.partition(".")[0] for name in STATEMENTS} == {"area", "calendar", "duty", "rule"}
    assert len(STATEMENTS) > 15
