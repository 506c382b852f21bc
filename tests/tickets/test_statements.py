"""The schema's lists and the departments are the code's. (That every statement prepares: tests/contracts/test_sql.py.)"""

from enum import StrEnum

import pytest

from services.chassis.db import Pool
from services.tickets.app import departments
from services.tickets.domain.department import Department, departments_of
from services.tickets.domain.ticket import Satisfaction, Source, Status


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
