"""The composition root of the tickets service."""

from pathlib import Path

from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.departments import departments
from services.chassis.principal import itself
from services.chassis.service import Service
from services.tickets.commands import accept, call_back, close, dispatch, report, resolve, sign, verify
from services.tickets.commands.deliver import tasks
from services.tickets.config import Load, Worker, credential
from services.tickets.domain.access import reach
from services.tickets.domain.webhook import Target, target
from services.tickets.reactions import REACTIONS
from services.tickets.routes.ticket import prepare_tickets
from services.tickets.store import area
from services.tickets.store import department as store
from services.tickets.views import VIEWS

HERE = Path(__file__).parent
COMMANDS = tuple(deed.COMMAND for deed in (report, accept, dispatch, sign, resolve, verify, call_back, close))


def declare(config: DatabaseConfig) -> Service:
    """Only the worker has tasks, only the api holds keys. Raises ConfigError where a department's webhook lacks what it needs."""
    return Service(
        name="tickets",
        migrations=HERE / "migrations",
        views=VIEWS,
        reach=reach,
        commands=COMMANDS,
        prepare={"tickets": prepare_tickets},
        reactions=REACTIONS,
        checks={"areas": area.complete},
        tasks=tasks(targets(config), config) if isinstance(config, Worker) else {},
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
    del example
    known = departments(config.departments)
    async with transaction(pool, itself("tickets")) as connection:
        changed = await store.keep(connection, known)
    return f"tickets: {len(known)} departments, {changed} of them new or renamed"
