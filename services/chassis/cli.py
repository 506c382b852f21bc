"""The verbs of `python -m services.<name>`: api · worker · migrate · load, and the operators' (operations_cli.py).

A missing setting, a wrong schema or a server out of reach ends the process with one clear sentence on standard error and status 2 (setting) or 1.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import stamina
import typer

from services.chassis import broker
from services.chassis.config import ApiConfig, ConfigError, DatabaseConfig, MigrateConfig, WorkerConfig, load
from services.chassis.db import Pool
from services.chassis.departments import departments
from services.chassis.errors import Problem
from services.chassis.migrations import migrate, migrations_of
from services.chassis.operations_cli import add_operations
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
    add_operations(cli, service)

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

    @cli.command(name="migrate")
    def _migrate() -> None:
        """Bring the schema up to date and declare the service's queues; safe to repeat."""
        config = load(MigrateConfig)
        declared = service(DatabaseConfig(database_url=config.owner_database_url))

        async def run() -> list[str]:
            applied = await migrate(config.owner_database_url, migrations_of(declared.name, declared.migrations))
            await _declare_queues(
                config.amqp_url, declared.topology(config.broker_prefix, departments(config.departments))
            )
            return applied

        applied = asyncio.run(run())
        typer.echo(f"{declared.name}: applied {', '.join(applied)}" if applied else f"{declared.name}: up to date")

    return cli


@stamina.retry(on=broker.GONE, attempts=None, timeout=BROKER_SECONDS, wait_initial=0.1, wait_max=1.0)
async def _declare_queues(url: str, topology: broker.Topology) -> None:
    """Waits for a broker that is still starting."""
    async with await broker.connect(url) as connection:
        await broker.declare(await connection.channel(), topology)


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
