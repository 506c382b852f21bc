"""One local stack: its servers, the processes that run on them, and the environment of each.

    stack = Stack.open("test")
    stack.start()                                  # PostgreSQL and the broker, adopted when they run
    stack.postgres_url("archive", "archive_app")
    stack.environment("archive-api")               # a whole environment for subprocess
    stack.broker.kill(); stack.broker.start()      # on the same data
    stack.stop()

The state is on disk and in the process table, so that a test opens the stack which `make test` started.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from types import MappingProxyType

from deploy.local import processes
from deploy.local.broker import Broker
from deploy.local.given import GivenBroker, GivenPostgres
from deploy.local.layout import LOCAL, ROOT, Layout, StackError
from deploy.local.postgres import Postgres

SERVICES = ("archive", "liaison", "tickets")
"""Each is a database name, too, with the roles `<service>_owner` and `<service>_app`."""
SEALING = {"archive": ("api", "worker", "load"), "liaison": ("api",), "tickets": ("api",)}
"""The processes that hold keys of personal data."""
STORING = ("archive", "tickets")
"""Services with a place for documents."""
AUDIENCE = "sanmin"
GIVEN = ("DATABASE_URL", "AMQP_URL", "AMQP_ADMIN_URL")
"""Settings that name servers of somebody else's."""
DEPARTMENTS = ROOT / "deploy" / "departments"
"""The example departments' files."""
GATEWAY_PORT = 8000
"""Where the gateway of the `run` stack listens unless SANMIN_PORT says otherwise."""


def _module(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


PROCESSES = MappingProxyType(
    {
        **{
            f"{service}-{verb}": _module(f"services.{service}", verb)
            for service in SERVICES
            for verb in ("api", "worker")
        },
        "gateway": _module("gateway"),
        "issuer": _module("deploy.local.issuer"),
    }
)
"""The long-running processes: name → command. Each listens on its own port and answers /readyz there."""

TASKS = MappingProxyType(
    {
        f"{service}-{verb}": _module(f"services.{service}", verb, *options)
        for service in SERVICES
        for verb, options in (("migrate", ()), ("load", ("--example",)))
    }
    | {"tickets-departments": _module("services.tickets", "departments")}
)
"""The commands that prepare a database, or the departments' part of the broker, and end: name → command."""


@dataclass(frozen=True)
class Stack:
    """A PostgreSQL server, a broker and the settings of all processes on them."""

    name: str
    layout: Layout
    postgres: Postgres | GivenPostgres
    broker: Broker | GivenBroker

    @classmethod
    def open(cls, name: str) -> Stack:
        """The stack `run` or `test` of this checkout, or one of any other name; starts nothing.

        DATABASE_URL and AMQP_URL in the environment take the place of the private servers, AMQP_ADMIN_URL that of the
        broker's management API.
        Raises StackError when its folder belongs to another user.
        """
        layout = Layout.of(name)
        layout.make()
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("AMQP_URL")
        return cls(
            name=name,
            layout=layout,
            postgres=GivenPostgres(database) if database else Postgres(layout, durable=name != "test"),
            broker=GivenBroker(broker, os.environ.get("AMQP_ADMIN_URL", "")) if broker else Broker(layout),
        )

    def start(self) -> None:
        """Start PostgreSQL and the broker side by side and wait until both answer."""
        self.broker.launch()
        self.postgres.launch()
        self.postgres.wait_ready()
        self.broker.wait_ready()

    def stop(self) -> None:
        """End every process of this stack: first those of the services, then the broker, then PostgreSQL."""
        processes.end(processes.marked(self.layout.directory, "process"), seconds=12.0)
        self.broker.stop()
        self.postgres.stop()
        processes.end(processes.marked(self.layout.directory), seconds=5.0)

    def erase(self) -> None:
        """Stop, and remove the data of both servers and the documents; ports and secrets stay. The next start begins anew."""
        self.stop()
        self.broker.erase()
        self.postgres.erase()
        shutil.rmtree(self.layout.directory / "documents", ignore_errors=True)

    def running(self) -> bool:
        """Whether a server or process of this stack runs."""
        return self.postgres.pid() is not None or bool(processes.marked(self.layout.directory))

    @property
    def superuser_url(self) -> str:
        return self.postgres.superuser_url

    @property
    def amqp_url(self) -> str:
        return self.broker.url

    def postgres_url(self, database: str, role: str) -> str:
        """A database as one of its roles, with that role's generated password."""
        return self.postgres.url(database, role, self.layout.secret(f"{role}-password"))

    def port(self, process: str) -> int:
        """The port of a process. The gateway of the `run` stack has a fixed one: SANMIN_PORT, 8000 by default."""
        if process == "gateway" and self.name == "run":
            text = os.environ.get("SANMIN_PORT") or str(GATEWAY_PORT)
            if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65536:
                raise StackError(f"SANMIN_PORT must be a port number from 1 to 65535, not {text!r}.")
            return int(text)
        return self.layout.port(process)

    def base_url(self, process: str) -> str:
        return f"http://127.0.0.1:{self.port(process)}"

    def environment(self, process: str, **settings: str) -> dict[str, str]:
        """The whole environment of a process or task, with `settings` (SANMIN_ names without the prefix) on top."""
        service, _, verb = process.partition("-")
        values = {
            "ENVIRONMENT": "development",
            "LOG_LEVEL": "info",
            "HOST": "127.0.0.1",
            "ISSUER": self.base_url("issuer"),
            "JWKS_URL": self.base_url("issuer") + "/jwks",
            "AUDIENCE": AUDIENCE,
            "BROKER_PREFIX": "sanmin",
        }
        if process == "issuer":
            values["SIGNING_KEY_FILE"] = str(self.layout.directory / "secrets" / "issuer.jwk")
        if process in PROCESSES:
            values["PORT"] = str(self.port(process))
        if service in SERVICES:
            if verb == "migrate":
                values["OWNER_DATABASE_URL"] = self.postgres_url(service, f"{service}_owner")
            elif verb != "departments":
                values["DATABASE_URL"] = self.postgres_url(service, f"{service}_app")
            if verb != "api":
                values["AMQP_URL"] = self.amqp_url
            if verb != "api" or service == "liaison":
                values["DEPARTMENTS"] = str(DEPARTMENTS)
            values |= self._personal(service, verb)
        if process in ("tickets-worker", "tickets-departments"):
            values["CREDENTIALS"] = str(self.layout.directory / "secrets")
        if process == "tickets-departments":
            values["BROKER_ADMIN_URL"] = self.broker.admin_url
        if process == "gateway":
            values["AMQP_URL"] = self.amqp_url
            for name in SERVICES:
                values[f"{name.upper()}_URL"] = self.base_url(f"{name}-api")
        return self._environment({**values, **settings})

    def _personal(self, service: str, verb: str) -> dict[str, str]:
        """What seals, what signs, and where documents are kept; each service has keys, and a place, of its own."""
        values = {}
        if verb in SEALING[service]:
            values["PERSONAL_DATA_KEY"] = self.layout.secret(f"{service}-personal-data-key")
            values["BLIND_INDEX_KEY"] = self.layout.secret(f"{service}-blind-index-key")
        if service in STORING and verb in ("api", "worker"):
            values["OBJECT_STORE_URL"] = (self.layout.directory / "documents" / service).as_uri()
        if service == "archive" and verb == "worker":
            values["AUDIT_SIGNING_KEY"] = self.layout.secret("audit-signing-key")
        return values

    def tool_environment(self) -> dict[str, str]:
        """The environment of a program that works on the whole stack, such as a measurement.

        SANMIN_SUPERUSER_DATABASE_URL, SANMIN_AMQP_URL, SANMIN_GATEWAY_URL; for each service SANMIN_<SERVICE>_DATABASE_URL,
        SANMIN_<SERVICE>_OWNER_DATABASE_URL and SANMIN_<SERVICE>_URL; the archive's two keys; ISSUER, JWKS_URL, AUDIENCE.
        """
        values = {
            name: self.environment("archive-load")[f"SANMIN_{name}"]
            for name in ("PERSONAL_DATA_KEY", "BLIND_INDEX_KEY", "ISSUER", "JWKS_URL", "AUDIENCE", "BROKER_PREFIX")
        }
        values["SUPERUSER_DATABASE_URL"] = self.superuser_url
        values["AMQP_URL"] = self.amqp_url
        values["GATEWAY_URL"] = self.base_url("gateway")
        for service in SERVICES:
            values[f"{service.upper()}_DATABASE_URL"] = self.postgres_url(service, f"{service}_app")
            values[f"{service.upper()}_OWNER_DATABASE_URL"] = self.postgres_url(service, f"{service}_owner")
            values[f"{service.upper()}_URL"] = self.base_url(f"{service}-api")
        given = {name: os.environ[name] for name in GIVEN if name in os.environ}
        return {**self._environment(values), **given}

    def _environment(self, values: dict[str, str]) -> dict[str, str]:
        """Settings over the caller's environment, from which no setting of Sanmin's is inherited."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("SANMIN_") and name not in GIVEN
        }
        return {
            **inherited,
            **{f"SANMIN_{name}": value for name, value in values.items()},
            "SANMIN_LOCAL": str(LOCAL),
            "PYTHONUNBUFFERED": "1",
            **processes.mark(self.layout.directory, "process"),
        }

    def test_environment(self) -> dict[str, str]:
        """The environment of the tests: nothing of the caller's settings, and where this stack's servers are."""
        servers = {"SANMIN_TEST_DATABASE_URL": self.superuser_url, "SANMIN_TEST_AMQP_URL": self.amqp_url}
        servers["SANMIN_TEST_BROKER_ADMIN_URL"] = self.broker.admin_url
        given = {name: os.environ[name] for name in GIVEN if name in os.environ}
        return {**self._environment({}), **servers, **given}
