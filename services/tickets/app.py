"""The composition root of the tickets service."""

from pathlib import Path

from services.chassis import broker
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself
from services.chassis.service import Service
from services.tickets.commands import accept, call_back, close, dispatch, report, resolve, sign, verify
from services.tickets.domain.access import reach
from services.tickets.domain.department import Department, departments_of
from services.tickets.reactions import REACTIONS
from services.tickets.routes.ticket import prepare_tickets
from services.tickets.store import area
from services.tickets.store import department as store
from services.tickets.views import VIEWS

HERE = Path(__file__).parent
COMMANDS = tuple(deed.COMMAND for deed in (report, accept, dispatch, sign, resolve, verify, call_back, close))


def departments() -> tuple[Department, ...]:
    return departments_of((HERE / "data" / "departments.toml").read_text(encoding="utf-8"))


def department_queues(prefix: str) -> tuple[broker.Queue, ...]:
    """A queue a department: it receives the events of the tickets that are dispatched to it, and no others."""
    return tuple(
        broker.quorum(prefix, f"department.{department.code}", f"tickets.*.*.{department.code}.#")
        for department in departments()
    )


def declare(_: DatabaseConfig) -> Service:
    return Service(
        name="tickets",
        migrations=HERE / "migrations",
        views=VIEWS,
        reach=reach,
        commands=COMMANDS,
        prepare={"tickets": prepare_tickets},
        reactions=REACTIONS,
        queues=department_queues,
        checks={"areas": area.complete},
    )


async def load_data(pool: Pool, _: DatabaseConfig, example: bool) -> str:
    """Loads the departments, which are example data until a deployment names its own; areas come from the archive by events."""
    del example
    known = departments()
    async with transaction(pool, itself("tickets")) as connection:
        changed = await store.keep(connection, known)
    return f"tickets: {len(known)} departments, {changed} of them new or renamed"
