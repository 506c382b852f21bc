"""Plans of stalls and their days as rows."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.liaison.domain.stall import Cause, Plan, Stall, State

ADD_PLAN = """
INSERT INTO stall_plan (id, market, area, team, staff, topic, begins, ends, first, last, every_nth, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_PLAN = "id, market, area, team, staff, topic, begins, ends, first, last, every_nth"
PLANS = f"SELECT {_PLAN} FROM stall_plan WHERE market = $1 AND last >= $2 ORDER BY id"
PLAN = f"SELECT {_PLAN} FROM stall_plan WHERE id = $1"
END_PLAN = "UPDATE stall_plan SET last = $2 WHERE id = $1"
STANDING = "SELECT id, date, state, cause, version FROM stall WHERE plan = $1 ORDER BY date, id FOR UPDATE"
ADD = "INSERT INTO stall (id, plan, date) SELECT id, $1, day FROM unnest($2::uuid[], $3::date[]) AS given (id, day)"
MOVE = """
UPDATE stall s SET date = given.day, version = s.version + 1
FROM unnest($1::uuid[], $2::date[]) AS given (id, day) WHERE s.id = given.id
"""
CANCEL = (
    "UPDATE stall SET state = 'CANCELLED', cause = $2, version = version + 1 WHERE id = ANY ($1) AND state = 'PLANNED'"
)
HELD = "UPDATE stall SET state = 'HELD', cause = NULL, people = $2, version = version + 1 WHERE id = $1 AND state <> 'HELD'"


async def add_plan(connection: Connection, plan: Plan, by: str) -> None:
    """Raises Conflict where the team has stalls planned on the market's days in that span."""
    try:
        await connection.execute(
            ADD_PLAN,
            plan.id,
            plan.market,
            plan.area,
            plan.team,
            list(plan.staff),
            plan.topic,
            plan.begins,
            plan.ends,
            plan.first,
            plan.last,
            plan.every_nth,
            by,
        )
    except asyncpg.ExclusionViolationError:
        raise Conflict(
            "the team has stalls planned at this market on days of that span", field="from", rule="stall.once"
        ) from None


async def plans(connection: Connection, market: UUID, day: date) -> list[Plan]:
    """The market's plans that reach to the day or beyond."""
    return [_plan(row) for row in await connection.fetch(PLANS, market, day)]


async def plan(connection: Connection, key: UUID) -> Plan | None:
    row = await connection.fetchrow(PLAN, key)
    return None if row is None else _plan(row)


async def end_plan(connection: Connection, key: UUID, last: date) -> None:
    await connection.execute(END_PLAN, key, last)


async def standing(connection: Connection, plan: UUID) -> list[Stall]:
    """The plan's stalls, held."""
    return [
        Stall(
            row["id"],
            row["date"],
            State(row["state"]),
            None if row["cause"] is None else Cause(row["cause"]),
            row["version"],
        )
        for row in await connection.fetch(STANDING, plan)
    ]


async def add(connection: Connection, plan: UUID, stalls: Sequence[Stall]) -> None:
    await connection.execute(ADD, plan, [stall.id for stall in stalls], [stall.date for stall in stalls])


async def move(connection: Connection, moves: Sequence[tuple[Stall, date]]) -> None:
    await connection.execute(MOVE, [stall.id for stall, _ in moves], [day for _, day in moves])


async def cancel(connection: Connection, stalls: Sequence[UUID], cause: Cause) -> None:
    """Those that are planned."""
    await connection.execute(CANCEL, list(stalls), cause)


async def held(connection: Connection, stall: UUID, people: int) -> None:
    """It was held after all, whatever stood there. Nothing happens to an id that is no stall's."""
    await connection.execute(HELD, stall, people)


def _plan(row: asyncpg.Record) -> Plan:
    return Plan(**dict(row) | {"staff": tuple(row["staff"])})
