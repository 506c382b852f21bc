"""From an empty server to loaded databases: roles and databases, then each service's own `migrate` and `load --example`.

Every step may be repeated. Whoever provisions is a superuser; the services' roles are not, and only the owner role may
change a schema.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg

from deploy.local import processes
from deploy.local.layout import ROOT, StackError
from deploy.local.stack import DEPARTMENTS, SERVICES, TASKS, Stack
from services.chassis.departments import departments

EXTENSIONS = {"archive": ("postgis",)}
"""Extensions that only a superuser may create, by database."""
LOCK = 0x53_414E_4D49
"""Advisory lock under which roles and databases are made: two starts at once do it one after the other."""


async def create_databases(stack: Stack) -> None:
    """Create what is missing of roles, databases and extensions, and set the roles' passwords.

    Raises StackError when the server cannot be used.
    """
    try:
        server = await asyncpg.connect(stack.superuser_url, timeout=20)
    except (OSError, asyncpg.PostgresError) as error:
        raise StackError(f"PostgreSQL does not let us in: {error}") from None
    try:
        await server.execute("SELECT pg_advisory_lock($1)", LOCK)
        roles = {record["rolname"] for record in await server.fetch("SELECT rolname FROM pg_roles")}
        databases = {record["datname"] for record in await server.fetch("SELECT datname FROM pg_database")}
        for service in SERVICES:
            for role in (f"{service}_owner", f"{service}_app"):
                verb = "ALTER" if role in roles else "CREATE"
                password = stack.layout.secret(f"{role}-password").replace("'", "''")
                await server.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
            if service not in databases:
                await server.execute(
                    f"CREATE DATABASE {service} OWNER {service}_owner ENCODING 'UTF8' TEMPLATE template0"
                )
                await server.execute(f"REVOKE ALL ON DATABASE {service} FROM PUBLIC")
            await server.execute(f"GRANT CONNECT ON DATABASE {service} TO {service}_app")
        for service in SERVICES:
            await _set_up_database(stack, service)
    except asyncpg.PostgresError as error:
        raise StackError(f"The databases could not be made: {error}") from None
    finally:
        await server.close()


async def _set_up_database(stack: Stack, service: str) -> None:
    """Hand the schema to the owner role and create the extensions."""
    connection = await asyncpg.connect(stack.superuser_url, database=service, timeout=20)
    try:
        await connection.execute(
            f"ALTER SCHEMA public OWNER TO {service}_owner; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        )
        for extension in EXTENSIONS.get(service, ()):
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    finally:
        await connection.close()


async def run_task(stack: Stack, task: str) -> None:
    """Run one of TASKS to its end; raises StackError with the end of its output if it fails."""
    log = stack.layout.logs / f"{task}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *TASKS[task],
            env=stack.environment(task),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if code != 0:
        raise StackError(f"{task} failed (exit code {code}); the end of {log}:\n{processes.tail(log)}")


async def prepare_service(stack: Stack, service: str) -> None:
    """Bring one database to the code's schema and load its reference and example data; for tickets, the departments' users too."""
    await run_task(stack, f"{service}-migrate")
    await run_task(stack, f"{service}-load")
    if service == "tickets" and stack.broker.admin_url:
        await run_task(stack, "tickets-departments")


def make_credentials(stack: Stack) -> None:
    """Generate the passwords of the departments' users, and the secrets of those that have a webhook."""
    for department in departments(str(DEPARTMENTS)):
        stack.layout.secret(department.credentials)
        if department.webhook is not None:
            stack.layout.secret(department.webhook.secret)


async def prepare(stack: Stack) -> None:
    """Databases, migrations and data for all services, which are prepared side by side."""
    await create_databases(stack)
    make_credentials(stack)
    outcomes = await asyncio.gather(*(prepare_service(stack, service) for service in SERVICES), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
