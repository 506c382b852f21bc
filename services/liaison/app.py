"""Liaison's composition root."""

from pathlib import Path

from services.chassis.clock import SystemClock
from services.chassis.commands import Command, Secret
from services.chassis.config import DatabaseConfig, DepartmentsConfig
from services.chassis.db import Pool, transaction
from services.chassis.departments import departments
from services.chassis.keys import Keys, vault_of
from services.chassis.service import Service
from services.chassis.vault import Vault
from services.liaison.commands.cadre import COMMANDS as CADRE_COMMANDS
from services.liaison.commands.dialogue import COMMANDS as DIALOGUE_COMMANDS
from services.liaison.commands.disclosure import reveal_liaison_contact
from services.liaison.commands.duty import COMMANDS as DUTY_COMMANDS
from services.liaison.commands.example import add_example, add_example_body, add_example_market, add_example_series
from services.liaison.commands.feed import feed_commands
from services.liaison.commands.market import COMMANDS as MARKET_COMMANDS
from services.liaison.commands.market import keep_markets
from services.liaison.commands.minutes import COMMANDS as MINUTES_COMMANDS
from services.liaison.commands.reminder import remind
from services.liaison.commands.roster import keep_horizon, plan_due
from services.liaison.commands.rule import COMMANDS as RULE_COMMANDS
from services.liaison.commands.series import COMMANDS as SERIES_COMMANDS
from services.liaison.commands.series import keep_sessions, plan_series_due
from services.liaison.commands.session import COMMANDS as SESSION_COMMANDS
from services.liaison.commands.sign_up import COMMANDS as SIGN_UP_COMMANDS
from services.liaison.commands.stall import COMMANDS as STALL_COMMANDS
from services.liaison.commands.suggestion import keep_ledger, suggestion_commands
from services.liaison.commands.swap import COMMANDS as SWAP_COMMANDS
from services.liaison.commands.visit import note_duty_visit
from services.liaison.commands.vote import COMMANDS as VOTE_COMMANDS
from services.liaison.commands.vote import voting
from services.liaison.commands.voting_body import COMMANDS as BODY_COMMANDS
from services.liaison.domain.access import CALLER, reach
from services.liaison.domain.notice import published
from services.liaison.reactions import REACTIONS
from services.liaison.routes import calendar, dialogue, duty, figures, market, session, suggestion
from services.liaison.routes.feed import feed_routes
from services.liaison.routes.poster import poster_files
from services.liaison.store import area
from services.liaison.views import VIEWS


def sealing(vault: Vault) -> tuple[Command | Secret, ...]:
    """The deeds that write or open what is sealed."""
    return (
        *voting(vault),
        note_duty_visit(vault),
        *feed_commands(vault),
        *suggestion_commands(vault),
        reveal_liaison_contact(vault),
    )


def declare(config: DatabaseConfig) -> Service:
    """Only the api holds keys."""
    vault = vault_of(config) if isinstance(config, Keys) else None
    known = departments(config.departments) if isinstance(config, DepartmentsConfig) else ()
    names = {each.code: each.name for each in known}
    return Service(
        name="liaison",
        migrations=Path(__file__).parent / "migrations",
        views=VIEWS,
        reach=reach,
        commands=(
            *DUTY_COMMANDS,
            *CADRE_COMMANDS,
            *RULE_COMMANDS,
            *SWAP_COMMANDS,
            *MARKET_COMMANDS,
            *STALL_COMMANDS,
            *SERIES_COMMANDS,
            *SESSION_COMMANDS,
            *SIGN_UP_COMMANDS,
            *BODY_COMMANDS,
            *DIALOGUE_COMMANDS,
            *VOTE_COMMANDS,
            *MINUTES_COMMANDS,
            *(() if vault is None else sealing(vault)),
        ),
        files=(dialogue.MINUTES, *poster_files(names)),
        open=() if vault is None else feed_routes(vault, names),
        prepare={
            name: prepare
            for module in (duty, calendar, market, dialogue, session, suggestion, figures)
            for name, prepare in module.PREPARE.items()
        },
        reactions=REACTIONS,
        tasks={
            "horizon": keep_horizon,
            "markets": keep_markets,
            "sessions": keep_sessions,
            "reminders": remind,
            "suggestions": keep_ledger,
        },
        checks={"areas": area.complete},
    )


async def load_data(pool: Pool, _config: DatabaseConfig, example: bool) -> str:
    """Loads the calendar's years and plans what is due; with `example` also what the example village has."""
    added = False
    if example:
        async with transaction(pool, CALLER) as connection:
            added = await add_example(connection)
            await add_example_market(connection, SystemClock())
            await add_example_series(connection)
            await add_example_body(connection)
    years, rosters = await plan_due(pool, SystemClock(), published(), correcting=True)
    await plan_series_due(pool, SystemClock())
    span = f"{len(years)} calendar years ({years[0]}–{years[-1]})" if years else "no new calendar year"
    return f"liaison: {span}, {rosters} rosters planned{', example rule added' if added else ''}"
