"""Liaison's composition root."""

from pathlib import Path

from services.chassis.clock import SystemClock
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.service import Service
from services.liaison.commands.duty import SIGN_IN_FOR_DUTY
from services.liaison.commands.example import add_example
from services.liaison.commands.roster import CALLER, keep_horizon, plan_due
from services.liaison.domain.access import reach
from services.liaison.domain.notice import published
from services.liaison.reactions import REACTIONS
from services.liaison.routes.duty import PREPARE
from services.liaison.store import area
from services.liaison.views import VIEWS


def declare(_config: DatabaseConfig) -> Service:
    return Service(
        name="liaison",
        migrations=Path(__file__).parent / "migrations",
        views=VIEWS,
        reach=reach,
        commands=(SIGN_IN_FOR_DUTY,),
        prepare=PREPARE,
        reactions=REACTIONS,
        tasks={"horizon": keep_horizon},
        checks={"areas": area.complete},
    )


async def load_data(pool: Pool, _config: DatabaseConfig, example: bool) -> str:
    """Loads the calendar's years and plans what is due; with `example` also the example village's rule."""
    added = False
    if example:
        async with transaction(pool, CALLER) as connection:
            added = await add_example(connection)
    years, rosters = await plan_due(pool, SystemClock(), published(), correcting=True)
    span = f"{len(years)} calendar years ({years[0]}–{years[-1]})" if years else "no new calendar year"
    return f"liaison: {span}, {rosters} rosters planned{', example rule added' if added else ''}"
