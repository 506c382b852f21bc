"""The schema's lists are the code's. (That every statement prepares: tests/contracts/test_sql.py.)"""

from enum import StrEnum

import pytest

from services.chassis.db import Pool
from services.tickets.domain.catalogue import Priority
from services.tickets.domain.ticket import Referral, Satisfaction, Source, Status


@pytest.mark.parametrize(
    ("column", "values"),
    [
        *(("source", Source), ("status", Status), ("satisfaction", Satisfaction), ("referred_to", Referral)),
        ("priority", Priority),
    ],
)
async def test_the_schema_knows_the_same_values(pool: Pool, column: str, values: type[StrEnum]) -> None:
    check = await pool.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", f"ticket_{column}_check"
    )
    assert set(check.split("'")[1::2]) - {"C"} == {value.value for value in values}
