"""Random moves of random people by the real commands on a real database, against a model: no illegal state, no gap, one owner."""

import asyncio

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.tickets.domain.unit import Unit
from services.tickets.store import unit as units
from tests.tickets.machine import Matters
from tests.tickets.matters import COUNTY, NOON, SERVICE, TOWNSHIP, VILLAGE

EFFORT = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
"""Nothing is made shorter where it fails: that would play the same moves on the database some hundred times."""


async def test_matters_go_as_the_model_goes(loaded: Pool, clock: FixedClock) -> None:
    async with transaction(loaded, SERVICE) as connection:
        for code in (VILLAGE, TOWNSHIP, COUNTY):
            await units.add(connection, Unit(code=code, name="示例", items=("other",)), by="example-admin", at=NOON)

    class Here(Matters):
        loop, pool = asyncio.get_running_loop(), loaded

        def __init__(self) -> None:
            super().__init__()
            self.clock = clock

    await asyncio.to_thread(run_state_machine_as_test, Here, settings=EFFORT)
