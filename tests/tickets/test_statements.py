"""Every statement is one that a real server prepares, and the schema's lists are the code's."""

from collections.abc import Iterable
from enum import StrEnum
from types import ModuleType

import pytest

from services.chassis.db import Pool
from services.tickets.app import departments
from services.tickets.domain.department import Department, departments_of
from services.tickets.domain.ticket import Satisfaction, Source, Status
from services.tickets.store import area, department, ticket
from services.tickets.views import VIEWS


def constants(modules: Iterable[ModuleType]) -> dict[str, str]:
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }


async def test_every_statement_prepares(pool: Pool) -> None:
    found = constants((area, department, ticket)) | VIEWS.samples()
    assert len(found) == 14
    async with pool.acquire() as connection:
        for sql in found.values():
            await connection.prepare(sql)


@pytest.mark.parametrize(("column", "values"), [("source", Source), ("status", Status), ("satisfaction", Satisfaction)])
async def test_the_schema_knows_the_same_values(pool: Pool, column: str, values: type[StrEnum]) -> None:
    check = await pool.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", f"ticket_{column}_check"
    )
    assert set(check.split("'")[1::2]) - {"C"} == {value.value for value in values}


def test_the_departments_are_well_formed() -> None:
    assert [each.code for each in departments()] == [
        "agriculture",
        "water",
        "civil-affairs",
        "health",
        "justice",
        "power",
    ]


@pytest.mark.parametrize("document", ['["a.b"]\nname = "x"', '[Water]\nname = "x"', "[water]", "[water"])
def test_a_department_that_will_not_do(document: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        departments_of(document)


def test_a_department_is_read() -> None:
    assert departments_of('[water]\nname = "水利局"') == (Department("water", "水利局"),)
