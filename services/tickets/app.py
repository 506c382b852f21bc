"""The composition root of the tickets service."""

import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path

from services.chassis.clock import SystemClock
from services.chassis.commands import Command, Secret
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.departments import departments
from services.chassis.keys import Keys, vault_of
from services.chassis.objects import store_of
from services.chassis.principal import itself
from services.chassis.service import OpenRoute, Service
from services.chassis.vault import Vault
from services.tickets.commands import callback, clerk, moves, report
from services.tickets.commands.assessment import COMMANDS as ASSESSMENT_COMMANDS
from services.tickets.commands.assessment import assess_in_time, load_schemes
from services.tickets.commands.attachment import sweep_attachments
from services.tickets.commands.call import LINK_CALL, call_commands, keep_hotline_short
from services.tickets.commands.catalogue import COMMANDS as CATALOGUE_COMMANDS
from services.tickets.commands.catalogue import load_catalogue
from services.tickets.commands.contact import set_contact
from services.tickets.commands.custody import custody_commands
from services.tickets.commands.deliver import tasks
from services.tickets.commands.disclosure import reveal_contact
from services.tickets.commands.errand import ERRAND_COMMANDS, add_agents, keep_watch
from services.tickets.commands.extension import COMMANDS as EXTENSION_COMMANDS
from services.tickets.commands.intake import COMMANDS as INTAKE_COMMANDS
from services.tickets.commands.mediation import keep_promises, mediation_commands
from services.tickets.commands.open311 import load_attributes
from services.tickets.commands.queue import COMMANDS as QUEUE_COMMANDS
from services.tickets.commands.queue import void_numbers
from services.tickets.commands.status_code import code_of_report, new_status_code
from services.tickets.commands.sweep import keep_time
from services.tickets.commands.team import TEAM_COMMANDS, load_skills, load_teams
from services.tickets.commands.unit import COMMANDS as UNIT_COMMANDS
from services.tickets.commands.unit import add_units
from services.tickets.commands.window import COMMANDS as WINDOW_COMMANDS
from services.tickets.commands.window import load_centres, load_classes
from services.tickets.config import Api, Load, Worker, credential, trunk_files
from services.tickets.domain.access import reach
from services.tickets.domain.telephone import trunk_of
from services.tickets.domain.webhook import Target, target
from services.tickets.reactions import REACTIONS
from services.tickets.routes import dashboard, deadline, display, errand, team, unit, window
from services.tickets.routes.attachment import attachment_files
from services.tickets.routes.errand import RECEIPT
from services.tickets.routes.mediation import agreement_file
from services.tickets.routes.open311 import open311_route
from services.tickets.routes.status import status_routes
from services.tickets.routes.telephone import preparations, telephone_hook
from services.tickets.routes.ticket import prepare_tickets
from services.tickets.store import area
from services.tickets.store import department as store
from services.tickets.views import VIEWS

HERE = Path(__file__).parent
CATALOGUE = HERE / "data" / "catalogue.toml"
SCHEMES = HERE / "data" / "assessment.toml"


def sealing(vault: Vault) -> tuple[Command | Secret, ...]:
    """The deeds that write or open personal values."""
    told = replace(report.COMMAND, beside={"statusCode": code_of_report(vault)})
    return (
        told,
        new_status_code(vault),
        *call_commands(vault),
        set_contact(vault),
        reveal_contact(vault),
        *custody_commands(vault),
        *mediation_commands(vault),
    )


def telephones(config: Api, vault: Vault) -> tuple[OpenRoute, ...]:
    """The hook of the hotline's trunks. Raises ConfigError for a trunk's file that will not do."""
    trunks = [trunk_of(code, text) for code, text in trunk_files(config.telephone_secrets).items()]
    return (telephone_hook(trunks, vault),)


def declare(config: DatabaseConfig) -> Service:
    """Only the worker has tasks, only the api holds keys. Raises ConfigError where a department's webhook lacks what it needs."""
    vault = vault_of(config) if isinstance(config, Keys) else None
    objects = store_of(config)
    return Service(
        name="tickets",
        migrations=HERE / "migrations",
        views=VIEWS,
        reach=reach,
        commands=(
            *moves.COMMANDS,
            LINK_CALL,
            *callback.COMMANDS,
            clerk.COMMAND,
            *ERRAND_COMMANDS,
            *WINDOW_COMMANDS,
            *CATALOGUE_COMMANDS,
            *EXTENSION_COMMANDS,
            *QUEUE_COMMANDS,
            *INTAKE_COMMANDS,
            *UNIT_COMMANDS,
            *TEAM_COMMANDS,
            *ASSESSMENT_COMMANDS,
            *(() if vault is None else sealing(vault)),
        ),
        files=(
            *attachment_files(objects),
            RECEIPT,
            *(() if vault is None else (agreement_file(vault),)),
            *display.FILES,
        ),
        open=(
            *display.OPEN,
            *(
                (*telephones(config, vault), *status_routes(vault), open311_route(vault))
                if isinstance(config, Api) and vault is not None
                else ()
            ),
        ),
        prepare={
            "tickets": prepare_tickets,
            **deadline.PREPARE,
            **preparations(vault),
            **errand.PREPARE,
            **window.PREPARE,
            **unit.PREPARE,
            **team.PREPARE,
            **dashboard.PREPARE,
        },
        reactions=REACTIONS,
        checks={"areas": area.complete},
        tasks={
            **tasks(targets(config), config),
            **({} if objects is None else {"attachments": partial(sweep_attachments, objects)}),
            "hotline": keep_hotline_short,
            "errands": keep_watch,
            "queues": void_numbers,
            "clocks": keep_time,
            "promises": keep_promises,
            "assessment": assess_in_time,
        }
        if isinstance(config, Worker)
        else {},
    )


def targets(config: Worker) -> list[Target]:
    """The receivers of the departments that have one."""
    development = config.environment == "development"
    return [
        target(
            department,
            department.webhook,
            credential(config.credentials, department.webhook.secret),
            development=development,
        )
        for department in departments(config.departments)
        if department.webhook is not None
    ]


async def load_data(pool: Pool, config: Load, example: bool) -> str:
    """Loads the departments of the deployment's folder; areas come from the archive by events."""
    known = departments(config.departments)
    async with transaction(pool, itself("tickets")) as connection:
        changed = await store.keep(connection, known)
        catalogue = await load_catalogue(connection, Path(config.catalogue) if config.catalogue else CATALOGUE)
        await load_schemes(connection, SystemClock(), Path(config.assessment) if config.assessment else SCHEMES)
        await load_classes(connection, HERE / "data" / "queue.toml")
        await load_skills(connection, HERE / "data" / "skills.toml")
        if config.open311 or example:
            await load_attributes(
                connection, Path(config.open311) if config.open311 else HERE / "data" / "open311.toml"
            )
        if example:
            await load_centres(connection, HERE / "data" / "items.toml")
            await add_units(connection, SystemClock(), HERE / "data" / "units.toml")
            agents = (HERE / "data" / "example_agents.toml").read_text(encoding="utf-8")
            await load_teams(connection, SystemClock(), HERE / "data" / "example_teams.toml")
            await add_agents(connection, SystemClock(), tomllib.loads(agents))
    return f"tickets: {len(known)} departments, {changed} of them new or renamed; catalogue: {catalogue}"
