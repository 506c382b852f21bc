"""`python -m services.tickets VERB`; without a verb it lists them. Beside every service's verbs: `departments`, `webhooks …` and
`open311-keys …`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import typer

from services.chassis.cli import command_line, main
from services.chassis.clock import SystemClock
from services.chassis.config import load
from services.chassis.db import Connection, transaction
from services.chassis.departments import departments
from services.chassis.management import management
from services.chassis.operations_cli import Json, show
from services.chassis.principal import itself
from services.chassis.service import open_database
from services.tickets.app import HERE, declare, load_data
from services.tickets.commands import webhook
from services.tickets.commands.department import Outcome, declare_departments
from services.tickets.commands.open311 import add_client
from services.tickets.config import Api, Departments, Load, Operator, Worker
from services.tickets.domain.open311 import Client
from services.tickets.domain.states import document
from services.tickets.store import open311 as clients
from services.tickets.store import webhook as store

T = TypeVar("T")

cli = command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data)
webhooks = typer.Typer(no_args_is_help=True, help="Deliveries to departments that cannot speak AMQP.")
cli.add_typer(webhooks, name="webhooks")
open311 = typer.Typer(no_args_is_help=True, help="Keys of those who send matters by Open311.")
cli.add_typer(open311, name="open311-keys")


@cli.command(name="departments")
def _departments(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when something is to do.")] = False,
) -> None:
    """Make the broker's queues and users what the departments' files say; safe to repeat."""
    config = load(Departments)
    known = departments(config.departments)

    async def run() -> Outcome:
        async with management(config.broker_admin_url) as api:
            return await declare_departments(config, known, api, check=check)

    outcome = asyncio.run(run())
    for line in outcome.changes:
        typer.echo(f"to do: {line}" if check else line)
    for name in outcome.left:
        typer.echo(
            f"left behind: queue {name}, whose department has no file; delete it once nobody needs what it holds"
        )
    if not outcome.changes:
        typer.echo(f"{len(known)} departments: up to date")
    for trouble in outcome.troubles:
        typer.echo(f"stopped: {trouble}", err=True)
    if outcome.troubles or (check and outcome.changes):
        raise typer.Exit(1)


@cli.command(name="states")
def _states() -> None:
    """Write the state machine of a matter out: STATES.md."""
    (HERE / "STATES.md").write_text(document(), encoding="utf-8")


@webhooks.command(name="list")
def _list(json: Json = False) -> None:
    """How each department's webhook fares."""
    hosts = {
        each.code: urlsplit(each.webhook.url).hostname
        for each in departments(load(Operator).departments)
        if each.webhook
    }
    rows = [
        {
            "department": row["department"],
            "host": hosts.get(row["department"]),
            "state": _state(row) if row["department"] in hosts else "no file",
            "failures in a row": row["failures"],
            "waiting": row["waiting"],
            "oldest": row["oldest"],
            "reason": row["reason"],
        }
        for row in _run(store.webhooks)
    ]
    show(rows, json, "no webhooks")


def _state(row: asyncpg.Record) -> str:
    if row["disabled_at"]:
        return "disabled"
    return "paused" if row["failures"] and row["paused_until"] else "enabled"


@webhooks.command(name="deliveries")
def _deliveries(code: str, json: Json = False) -> None:
    """What waits for a department, in order, then what was delivered (at most 1000)."""
    rows = _run(lambda connection: store.deliveries(connection, code))
    show([dict(row) for row in rows], json, "no deliveries")


@webhooks.command(name="enable")
def _enable(code: str) -> None:
    """Send again, from the oldest event that waits."""
    due = _run(lambda connection: webhook.enable(connection, SystemClock(), code))
    typer.echo(f"enabled; {due} events wait")


@webhooks.command(name="disable")
def _disable(code: str, reason: Annotated[str, typer.Option("--reason", help="Why; shown by `list`.")]) -> None:
    """Send nothing more; what comes is kept."""
    done = _run(lambda connection: webhook.disable(connection, SystemClock(), code, reason))
    typer.echo("disabled" if done else "is disabled already: nothing done")


@webhooks.command(name="redeliver")
def _redeliver(
    code: str,
    event: Annotated[UUID | None, typer.Option("--event", help="Just this event, also when it was delivered.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", help="All that came since, UTC, also what was delivered.")
    ] = None,
) -> None:
    """Send anew, in order: one event, all since a time, or without an option all that wait, at once."""
    if event is not None and since is not None:
        raise typer.BadParameter("give --event or --since, not both")
    after = None if since is None else since.replace(tzinfo=UTC)
    due = _run(lambda connection: webhook.redeliver(connection, SystemClock(), code, event, after))
    typer.echo(f"{due} events are due")


@open311.command(name="list")
def _list_clients(json: Json = False) -> None:
    """Who has keys, for which areas, how many a minute, and how many requests came."""
    show([dict(row) for row in _run(clients.clients)], json, "no clients")


@open311.command(name="add")
def _add_client(
    code: str,
    name: Annotated[str, typer.Option("--name", help="Whose it is.")],
    area: Annotated[list[str], typer.Option("--area", help="Code of an area where it reports; may be repeated.")],
    rate: Annotated[int, typer.Option("--rate", help="Requests a minute.")] = 60,
) -> None:
    """Make a key, of a client that is new or has others, which stay valid: so a key is changed for the next. It is shown this once."""
    client = Client(code, name, tuple(area), rate)
    typer.echo(_run(lambda connection: add_client(connection, SystemClock(), client)))


@open311.command(name="revoke")
def _revoke(
    code: str, newest: Annotated[bool, typer.Option("--newest", help="The newest key, too: then it has none.")] = False
) -> None:
    """End the keys of a client but for the newest."""
    now = SystemClock().now()
    ended = _run(lambda connection: clients.end_keys(connection, code, now, newest=newest))
    typer.echo(f"{ended} keys ended")


def _run(deed: Callable[[Connection], Awaitable[T]]) -> T:
    """Runs a deed in a transaction of the service's own."""
    config = load(Operator)

    async def run() -> T:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool, transaction(pool, itself("tickets")) as connection:
            return await deed(connection)

    return asyncio.run(run())


if __name__ == "__main__":
    main(cli)
