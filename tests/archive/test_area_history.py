"""Whatever is done to areas, and undone: on every day each household lies in one area that is valid then, and codes lead from day to day.

SANMIN_TEST_EXAMPLES sets how many histories are tried (15 by default).
"""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.archive.commands.area_change import (
    DecideAreaChange,
    PlanAreaChange,
    UndoAreaChange,
    carry_out_area_change,
    plan_area_change,
    undo_area_change,
)
from services.archive.domain.area_change import Request, Sheet
from services.archive.store import area as areas
from services.chassis.clock import FixedClock
from services.chassis.commands import Doing
from services.chassis.db import Connection, beginning
from services.chassis.errors import Conflict
from services.chassis.principal import Caller, Principal
from tests.archive.changes import change
from tests.archive.commands.areas import BESIDE, settle
from tests.archive.conftest import Archive

COUNTY = "339999"
FIRST = date(2026, 1, 1)
LAY = """
SELECT h.id, day.day, f.state ->> 'area_code' AS grid, f.state ->> 'number' AS number
FROM household h CROSS JOIN unnest($1::date[]) AS day CROSS JOIN LATERAL facts_as_of(h.id, 'household', day.day, NULL) f
"""
NOT_VALID = f"""
SELECT count(*) FROM ({LAY}) lay WHERE (
    SELECT count(*) FROM area a WHERE a.code IN (lay.grid, left(lay.grid, 12)) AND a.valid_from <= lay.day
        AND (a.valid_to IS NULL OR a.valid_to >= lay.day)) <> 2
"""
LED_ASTRAY = f"""
WITH lay AS ({LAY}), pair AS (
    SELECT DISTINCT one.day AS here, other.day AS there, part.one, part.other
    FROM lay one JOIN lay other USING (id)
    CROSS JOIN LATERAL (VALUES (one.grid, other.grid), (left(one.grid, 12), left(other.grid, 12))) AS part (one, other))
SELECT count(*) FROM pair p JOIN area a ON a.code = p.one
WHERE NOT (a.valid_from <= p.there AND (a.valid_to IS NULL OR a.valid_to >= p.there)) AND p.other NOT IN (SELECT areas_on(p.one, p.there))
"""
UNSOUND = """
SELECT count(*) FROM household h LEFT JOIN household_as_of(h.id, NULL, NULL) f USING (id)
WHERE (h.area_code, h.number, h.sources) IS DISTINCT FROM (f.area_code, f.number, f.sources)
    OR EXISTS (SELECT FROM household_term t WHERE t.household_id = h.id AND t.area_code <> h.area_code)
    OR EXISTS (SELECT FROM person p WHERE p.household_id = h.id AND p.area_code <> h.area_code)
"""


def given_by(request: Request) -> PlanAreaChange:
    to: Any = [{name: value for name, value in vars(target).items() if value is not None} for target in request.to]
    document = {"clientKey": str(uuid4()), "from": list(request.former), "to": to}
    return msgspec.convert(
        document | {"kind": request.kind, "changedOn": request.changed_on, "reason": request.reason}, PlanAreaChange
    )


class Story:
    """What is done in one transaction, which is rolled back in the end; days are those on which something changed, and those beside."""

    def __init__(self, connection: Connection) -> None:
        self.doing = Doing(
            connection,
            Principal("example", roles=frozenset({"city_admin"}), areas=(COUNTY,)),
            FixedClock(datetime(2027, 1, 1, tzinfo=UTC)),
        )
        self.connection = connection
        self.days = [FIRST]
        self.done: list[tuple[str, list[date], list[Any]]] = []
        self.undone = False

    async def do(self, draw: Any) -> None:
        there = {area.code: area for area in await areas.under(self.connection, COUNTY)}
        rows = await self.connection.fetch("SELECT id, area_code, number FROM household ORDER BY id")
        day = self.days[-1] + timedelta(days=draw(st.integers(1, 3)))
        request = change(draw, there, [Sheet(*row) for row in rows], day)
        days = [*self.days, day - timedelta(days=1), day]
        before = await self.state(days)
        key = await plan_area_change(self.doing, given_by(request))
        await carry_out_area_change(self.doing, DecideAreaChange(client_key=uuid4(), id=key, version=1))  # type: ignore[arg-type]
        self.days = days
        self.done.append((key, days, before))

    async def undo(self) -> None:
        """Takes the last change back, or is told that sheets have been written since: by the undoing of another one."""
        key, days, before = self.done.pop()
        as_it_is = await self.state(self.days)
        try:
            await undo_area_change(
                self.doing,
                UndoAreaChange(client_key=uuid4(), id=key, version=2, reason="示例"),  # type: ignore[arg-type]
            )
        except Conflict as refused:
            if (refused.extra["rule"], self.undone) != ("undo.sheets", True):
                raise
            assert await self.state(self.days) == as_it_is
            self.done.clear()
            return
        self.undone = True
        assert await self.state(days) == before

    async def state(self, days: list[date]) -> list[Any]:
        """Where everybody lies on each of the days, what is valid under which name, who works where."""
        rows = await self.connection.fetch(f"{LAY} ORDER BY 1, 2", days)
        valid = await self.connection.fetch(
            "SELECT code, name, valid_from FROM area WHERE valid_to IS NULL ORDER BY code"
        )
        edges = await self.connection.fetch("SELECT predecessor, successor FROM area_edge ORDER BY 1, 2")
        workers = await self.connection.fetch("SELECT grid_code, subject FROM grid_worker ORDER BY 1, 2")
        return [tuple(row) for rows in (rows, valid, edges, workers) for row in rows]


@settings(
    max_examples=int(os.environ.get("SANMIN_TEST_EXAMPLES", "15")),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_histories_hold_together(archive: Archive, data: st.DataObject) -> None:
    if not await archive.admin.fetchval("SELECT EXISTS (SELECT FROM area WHERE code = $1)", BESIDE):
        await settle(archive, BESIDE, ("0001", "0100"), ("0003",))
    count = await archive.admin.fetchval("SELECT count(*) FROM household")
    async with archive.pool.acquire() as connection:
        await connection.execute(beginning(Caller("example", areas=(COUNTY,))))
        try:
            story = Story(connection)
            for _ in range(data.draw(st.integers(1, 5), label="steps")):
                if story.done and data.draw(st.integers(0, 3)) == 0:
                    await story.undo()
                else:
                    await story.do(data.draw)
            days = [day for day in dict.fromkeys(story.days) if day >= FIRST]
            assert await connection.fetchval(f"SELECT count(DISTINCT id) FROM ({LAY}) lay", days) == count
            assert await connection.fetchval(NOT_VALID, days) == 0
            assert await connection.fetchval(LED_ASTRAY, days) == 0
            assert await connection.fetchval(UNSOUND) == 0
        finally:
            await connection.execute("ROLLBACK")
