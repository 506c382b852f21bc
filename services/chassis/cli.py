"""The verbs of `python -m services.<name>`: api · worker · migrate · load · dead-letters list|show|redrive.

A missing setting, a wrong schema or a server out of reach ends the process with one clear sentence on standard error and status 2 (setting) or 1.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import asyncpg
import stamina
import typer
from rich.console import Console
from rich.table import Table

from services.chassis import broker, inbox
from services.chassis.config import ApiConfig, ConfigError, DatabaseConfig, MigrateConfig, WorkerConfig, load
from services.chassis.db import Pool
from services.chassis.errors import Problem
from services.chassis.migrations import migrate, migrations_of
from services.chassis.service import Service, build_api, build_worker, open_database, serve

BROKER_SECONDS = 60

D = TypeVar("D", bound=DatabaseConfig)

Load = Callable[[Pool, D, bool], Awaitable[str]]


def command_line(
    service: Callable[[DatabaseConfig], Service],
    *,
    api: type[ApiConfig],
    worker: type[WorkerConfig],
    loader: type[D],
    load_data: Load[D],
) -> typer.Typer:
    """`service` builds the declaration from a config; `load_data(pool, config, example)` loads reference data and says what it did."""
    cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    letters = typer.Typer(no_args_is_help=True, help="Events that were given up.")
    cli.add_typer(letters, name="dead-letters")

    @cli.command(name="api")
    def _api() -> None:
        """Serve reads and commands over HTTP."""
        config = load(api)
        declared = service(config)
        serve(f"{declared.name}-api", build_api(declared, config), config)

    @cli.command(name="worker")
    def _worker() -> None:
        """Publish and consume events."""
        config = load(worker)
        declared = service(config)
        serve(f"{declared.name}-worker", build_worker(declared, config), config)

    @cli.command(name="load")
    def _load(example: bool = typer.Option(False, "--example", help="Also load the marked example village.")) -> None:
        """Load reference data; does nothing where it is loaded already."""
        config = load(loader)

        async def run() -> str:
            pool = await open_database(service(config), config.database_url, 2)
            async with pool:
                return await load_data(pool, config, example)

        typer.echo(asyncio.run(run()))

    @letters.command(name="list")
    def _list() -> None:
        """List dead letters, oldest first."""
        rows = _query(service, inbox.DEAD)
        table = Table("id", "type", "subject", "attempts", "since", "reason")
        for row in rows:
            since = row["received_at"].isoformat(timespec="seconds")
            table.add_row(str(row["id"]), row["type"], row["subject"], str(row["attempts"]), since, row["reason"])
        Console(width=None if sys.stdout.isatty() else 200).print(table if rows else "no dead letters")

    @letters.command(name="show")
    def _show(event: UUID) -> None:
        """Show one letter with its envelope."""
        for row in _query(service, inbox.SHOW, event):
            for name, value in row.items():
                typer.echo(f"{name}: {value.decode(errors='replace') if isinstance(value, bytes) else value}")
            return
        raise Problem("no such letter")

    @letters.command(name="redrive")
    def _redrive(event: UUID) -> None:
        """Give a dead letter another round of tries; a letter that is not dead stays as it is."""
        redriven = _query(service, inbox.REDRIVE, event, datetime.now(UTC))
        typer.echo("redriven" if redriven else "not dead: nothing done")

    @cli.command(name="migrate")
    def _migrate() -> None:
        """Bring the schema up to date and declare the service's queues; safe to repeat."""
        config = load(MigrateConfig)
        declared = service(DatabaseConfig(database_url=config.owner_database_url))

        async def run() -> list[str]:
            applied = await migrate(config.owner_database_url, migrations_of(declared.name, declared.migrations))
            await _declare_queues(config.amqp_url, declared.topology(config.broker_prefix))
            return applied

        applied = asyncio.run(run())
        typer.echo(f"{declared.name}: applied {', '.join(applied)}" if applied else f"{declared.name}: up to date")

    return cli


@stamina.retry(on=broker.GONE, attempts=None, timeout=BROKER_SECONDS, wait_initial=0.1, wait_max=1.0)
async def _declare_queues(url: str, topology: broker.Topology) -> None:
    """Waits for a broker that is still starting."""
    async with await broker.connect(url) as connection:
        await broker.declare(await connection.channel(), topology)


def _query(service: Callable[[DatabaseConfig], Service], sql: str, *args: object) -> list[asyncpg.Record]:
    config = load(DatabaseConfig)

    async def run() -> list[asyncpg.Record]:
        pool = await open_database(service(config), config.database_url, 1)
        async with pool:
            return list(await pool.fetch(sql, *args))

    return asyncio.run(run())


def main(cli: typer.Typer) -> None:
    """Runs the command line; expected errors end in one sentence."""
    try:
        cli()
    except ConfigError as error:
        typer.echo(f"configuration: {error}", err=True)
        raise SystemExit(2) from None
    except (Problem, asyncpg.PostgresError, *broker.GONE) as error:
        sentence = error.detail if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
        typer.echo(f"stopped: {sentence}", err=True)
        raise SystemExit(1) from None
