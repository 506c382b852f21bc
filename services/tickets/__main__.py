"""`python -m services.tickets VERB`; without a verb it lists them. Beside every service's verbs: `departments` and `webhooks …`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from services.chassis.cli import command_line, main
from services.chassis.clock import SystemClock
from services.chassis.config import load
from services.chassis.db import Connection, transaction
from services.chassis.departments import departments
from services.chassis.management import management
from services.chassis.principal import itself
from services.chassis.service import open_database
from services.tickets.app import declare, load_data
from services.tickets.commands import webhook
from services.tickets.commands.department import Outcome, declare_departments
from services.tickets.config import Api, Departments, Load, Operator, Worker
from services.tickets.store import webhook as store

T = TypeVar("T")

cli = command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data)
webhooks = typer.Typer(no_args_is_help=True, help="Deliveries to departments that cannot speak AMQP.")
cli.add_typer(webhooks, name="webhooks")


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


@webhooks.command(name="list")
def _list() -> None:
    """How each department's webhook fares."""
    hosts = {
        each.code: urlsplit(each.webhook.url).hostname
        for each in departments(load(Operator).departments)
        if each.webhook
    }
    rows = _run(store.webhooks)
    table = Table("department", "host", "state", "failures in a row", "waiting", "oldest", "reason")
    for row in rows:
        state = "disabled" if row["disabled_at"] else "paused" if row["failures"] and row["paused_until"] else "enabled"
        if row["department"] not in hosts:
            state = "no file"
        table.add_row(
            row["department"],
            hosts.get(row["department"]) or "-",
            state,
            str(row["failures"]),
            str(row["waiting"]),
            _instant(row["oldest"]),
            row["reason"] or "",
        )
    _print(table if rows else "no webhooks")


@webhooks.command(name="deliveries")
def _deliveries(code: str) -> None:
    """What waits for a department, in order, then what was delivered (at most 1000)."""
    rows = _run(lambda connection: store.deliveries(connection, code))
    table = Table("event", "type", "subject", "received", "attempts", "next attempt", "delivered", "last outcome")
    for row in rows:
        table.add_row(
            str(row["event"]),
            row["type"],
            row["subject"],
            _instant(row["received_at"]),
            str(row["attempts"]),
            _instant(row["next_attempt_at"]),
            _instant(row["delivered_at"]),
            row["outcome"] or "",
        )
    _print(table if rows else "no deliveries")


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


def _run(deed: Callable[[Connection], Awaitable[T]]) -> T:
    """Runs a deed in a transaction of the service's own."""
    config = load(Operator)

    async def run() -> T:
        pool = await open_database(declare(config), config.database_url, 1)
        async with pool, transaction(pool, itself("tickets")) as connection:
            return await deed(connection)

    return asyncio.run(run())


def _instant(value: datetime | None) -> str:
    return "-" if value is None else value.astimezone(UTC).isoformat(timespec="seconds")


def _print(what: Table | str) -> None:
    Console(width=None if sys.stdout.isatty() else 240).print(what)


if __name__ == "__main__":
    main(cli)
