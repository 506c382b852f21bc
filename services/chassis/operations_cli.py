"""The operators' verbs: outbox · dead-letters list|show|redrive|park · consumer pause|resume|list · republish. `--json` prints for programs."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from services.chassis import operations
from services.chassis.clock import SystemClock
from services.chassis.config import DatabaseConfig, RepublishConfig, load
from services.chassis.consumer import INBOX
from services.chassis.db import Pool
from services.chassis.departments import departments
from services.chassis.errors import InvalidInput
from services.chassis.republish import republish
from services.chassis.service import Service, open_database

T = TypeVar("T")
Declare = Callable[[DatabaseConfig], Service]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever looks next; no personal values.")]


def add_operations(cli: typer.Typer, service: Declare) -> None:
    """Adds the verbs to a service's command line."""
    _add_outbox(cli, service)
    _add_letters(cli, service)
    _add_consumer(cli, service)
    _add_republish(cli, service)


def _add_outbox(cli: typer.Typer, service: Declare) -> None:
    @cli.command(name="outbox")
    def _outbox(json: Json = False) -> None:
        """Show how many events wait for their publishing, since when, and what has gone out."""
        found = _run(service, operations.outbox)
        rows = {name: value for name, value in asdict(found).items() if name != "feeds"}
        rows |= {f"position of {code}": position for code, position in found.feeds.items()}
        show([asdict(found)] if json else [{"what": name, "value": value} for name, value in rows.items()], json, "")


def _add_letters(cli: typer.Typer, service: Declare) -> None:
    letters = typer.Typer(no_args_is_help=True, help="Events that were given up.")
    cli.add_typer(letters, name="dead-letters")

    @letters.command(name="list")
    def _list(
        state: Annotated[list[str] | None, typer.Option(help="dead, parked or waiting; may be repeated.")] = None,
        json: Json = False,
    ) -> None:
        """List dead letters, oldest first."""
        rows = _run(service, lambda pool: operations.letters(pool, state or ["dead"]))
        show([dict(row) for row in rows], json, "no dead letters")

    @letters.command(name="show")
    def _letter(event: UUID) -> None:
        """Show one letter with its envelope."""
        for name, value in _run(service, lambda pool: operations.letter(pool, event)).items():
            typer.echo(f"{name}: {value.decode(errors='replace') if isinstance(value, bytes) else value}")

    @letters.command(name="redrive")
    def _redrive(
        events: Annotated[list[UUID] | None, typer.Argument(help="The letters' ids.")] = None,
        every: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
    ) -> None:
        """Have letters tried again by the worker; one that is not dead is left alone."""
        if bool(events) == every:
            raise InvalidInput("name the letters, or --all", field="events", rule="required")
        count = _run(service, lambda pool: operations.redrive(pool, SystemClock(), events or None))
        typer.echo(f"redriven: {count}" if count else "not dead: nothing done")

    @letters.command(name="park")
    def _park(event: UUID, reason: Reason) -> None:
        """Put a dead letter aside for good; it stays listed with --state parked."""
        parked = _run(service, lambda pool: operations.park(pool, event, reason))
        typer.echo("parked" if parked else "not dead: nothing done")


def _add_consumer(cli: typer.Typer, service: Declare) -> None:
    consumer = typer.Typer(no_args_is_help=True, help="The consumer of other services' events.")
    cli.add_typer(consumer, name="consumer")

    @consumer.command(name="pause")
    def _pause(reason: Reason) -> None:
        """Stop taking events in; they wait on the broker until `resume`."""
        since = _run(service, lambda pool: operations.pause(pool, SystemClock(), INBOX, reason))
        typer.echo(f"paused since {since.isoformat(timespec='seconds')}")

    @consumer.command(name="resume")
    def _resume() -> None:
        """Take events in again."""
        resumed = _run(service, lambda pool: operations.resume(pool, INBOX))
        typer.echo("resumed" if resumed else "not paused: nothing done")

    @consumer.command(name="list")
    def _pauses(json: Json = False) -> None:
        """List what is paused, since when and why."""
        rows = _run(service, lambda pool: pool.fetch(operations.PAUSES))
        show([dict(row) for row in rows], json, "nothing is paused")


def _add_republish(cli: typer.Typer, service: Declare) -> None:
    @cli.command(name="republish")
    def _republish(
        since: Annotated[datetime, typer.Option(help="From when they were recorded, UTC.")],
        until: Annotated[datetime | None, typer.Option(help="To before when; now if not given.")] = None,
        department: Annotated[str | None, typer.Option(help="Only this department's copies.")] = None,
    ) -> None:
        """Publish events anew out of the service's table, marked as republished; whoever had them ignores them."""
        config = load(RepublishConfig)
        known = departments(config.departments)
        declared = service(config)

        async def run(pool: Pool) -> int:
            async with pool.acquire() as connection:
                return await republish(
                    connection,
                    amqp_url=config.amqp_url,
                    topology=declared.topology(config.broker_prefix, known),
                    service=declared.name,
                    clock=SystemClock(),
                    since=since.replace(tzinfo=UTC),
                    until=until.replace(tzinfo=UTC) if until else datetime.now(UTC),
                    departments=known,
                    only=department,
                )

        typer.echo(f"republished: {_run(service, run)}")


def _run(service: Declare, ask: Callable[[Pool], Awaitable[T]]) -> T:
    config = load(DatabaseConfig)

    async def run() -> T:
        pool = await open_database(service(config), config.database_url, 1)
        async with pool:
            return await ask(pool)

    return asyncio.run(run())


def show(rows: Iterable[Mapping[str, Any]], json: bool, nothing: str) -> None:
    """Prints a table for a person, or a line of JSON a row; `nothing` where there is none."""
    rows = list(rows)
    if json:
        for row in rows:
            typer.echo(msgspec.json.encode(row).decode())
        return
    if not rows:
        typer.echo(nothing)
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "-" if value is None else str(value)
