"""Servers that somebody else runs, given by `DATABASE_URL` (a superuser's) and `AMQP_URL`. They are used, never steered."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local.layout import StackError


@dataclass(frozen=True)
class GivenPostgres:
    """A PostgreSQL server of somebody else's."""

    superuser_url: str

    private = False

    def url(self, database: str, role: str, password: str) -> str:
        """The same server with another database and user; settings in the query stay."""
        parts = urlsplit(self.superuser_url)
        _, _, place = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{place}", path="/" + quote(database)))

    def start(self) -> None: ...

    def launch(self) -> None: ...

    def wait_ready(self) -> None: ...

    def stop(self) -> None: ...

    def pid(self) -> int | None:
        return None

    def kill(self) -> None:
        raise StackError("DATABASE_URL names a server that is not ours to kill.")

    def erase(self) -> None:
        raise StackError("DATABASE_URL names a server that is not ours to erase.")


@dataclass(frozen=True)
class GivenBroker:
    """A RabbitMQ of somebody else's. Without `admin_url`, its management API, departments get no users on it."""

    url: str
    admin_url: str = ""

    private = False

    def start(self) -> None: ...

    def launch(self) -> None: ...

    def wait_ready(self) -> None: ...

    def stop(self) -> None: ...

    def pids(self) -> list[int]:
        return []

    def kill(self) -> None:
        raise StackError("AMQP_URL names a broker that is not ours to kill.")

    def erase(self) -> None:
        raise StackError("AMQP_URL names a broker that is not ours to erase.")
