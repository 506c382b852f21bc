"""RabbitMQ's management HTTP API: users and what each may do. AMQP itself has no words for that.

A password leaves this process as a salted hash only (https://www.rabbitmq.com/docs/passwords, SHA-256).
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp

from services.chassis.config import ConfigError
from services.chassis.errors import Unavailable

ASK_SECONDS = 10
LISTINGS, LISTING_SECONDS = 20, 0.1
HASHING = "rabbit_password_hashing_sha256"
SALT_BYTES = 4
NOTHING = "^$"
"""The pattern that no name of a queue or exchange matches."""


@dataclass(frozen=True)
class User:
    """A user as the broker knows it; `password_hash` is the broker's own form."""

    name: str
    password_hash: str
    hashing: str
    tags: tuple[str, ...]

    def has(self, password: str) -> bool:
        """Whether this is the user's password."""
        known = base64.b64decode(self.password_hash)
        return self.hashing == HASHING and hmac.compare_digest(known, _hashed(password, known[:SALT_BYTES]))


@dataclass(frozen=True)
class Access:
    """What a user may do: by vhost the patterns (configure, write, read), by (vhost, topic exchange) those of routing keys (write, read)."""

    permissions: Mapping[str, tuple[str, str, str]]
    topics: Mapping[tuple[str, str], tuple[str, str]]


def password_hash(password: str) -> str:
    return base64.b64encode(_hashed(password, secrets.token_bytes(SALT_BYTES))).decode()


def _hashed(password: str, salt: bytes) -> bytes:
    return salt + hashlib.sha256(salt + password.encode()).digest()


def vhost_of(amqp_url: str) -> str:
    """The virtual host that an AMQP URL names, as aio-pika reads it."""
    return unquote(urlsplit(amqp_url).path)[1:] or "/"


class _Failed(Unavailable):
    """The broker itself went wrong, and may not the next time."""


class Management:
    """Every method raises Unavailable when the API cannot be reached, and when it refuses."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def users(self) -> dict[str, User]:
        """All users by name."""
        return {
            row["name"]: User(row["name"], row["password_hash"], row["hashing_algorithm"], _tags(row["tags"]))
            for row in await self._ask("GET", "users")
        }

    async def put_user(self, name: str, password: str) -> None:
        """Makes or renews a user without any tag: one that may not use this API. A new user may do nothing."""
        body = {"password_hash": password_hash(password), "hashing_algorithm": HASHING, "tags": ""}
        await self._ask("PUT", "users", name, body=body)

    async def delete_user(self, name: str) -> None:
        """The broker also ends the user's connections."""
        await self._ask("DELETE", "users", name)

    async def access(self, name: str) -> Access:
        permissions = await self._ask("GET", "users", name, "permissions")
        topics = await self._ask("GET", "users", name, "topic-permissions")
        return Access(
            {row["vhost"]: (row["configure"], row["write"], row["read"]) for row in permissions},
            {(row["vhost"], row["exchange"]): (row["write"], row["read"]) for row in topics},
        )

    async def grant(self, name: str, was: Access, wanted: Access) -> None:
        """Brings a user from one access to another."""
        for vhost in was.permissions.keys() - wanted.permissions.keys():
            await self._ask("DELETE", "permissions", vhost, name)
        for vhost, (configure, write, read) in wanted.permissions.items():
            body = {"configure": configure, "write": write, "read": read}
            await self._ask("PUT", "permissions", vhost, name, body=body)
        for vhost in {vhost for vhost, _ in was.topics.keys() - wanted.topics.keys()}:
            await self._ask("DELETE", "topic-permissions", vhost, name)
        for (vhost, exchange), (write, read) in wanted.topics.items():
            await self._ask(
                "PUT", "topic-permissions", vhost, name, body={"exchange": exchange, "write": write, "read": read}
            )

    async def queues(self, vhost: str) -> list[str]:
        """The names of a vhost's queues and streams, sorted. Asked again where the broker fails: it does while any queue is
        just being deleted."""
        for _ in range(LISTINGS - 1):
            with suppress(_Failed):
                return await self._listed(vhost)
            await asyncio.sleep(LISTING_SECONDS)
        return await self._listed(vhost)

    async def _listed(self, vhost: str) -> list[str]:
        return sorted(row["name"] for row in await self._ask("GET", "queues", vhost))

    async def _ask(self, method: str, *place: str, body: Mapping[str, str] | None = None) -> Any:
        path = "/".join(quote(part, safe="") for part in place)
        try:
            async with self._session.request(method, f"{self._url}/api/{path}", json=body) as answer:
                if answer.status >= 400:
                    kind = _Failed if answer.status >= 500 else Unavailable
                    raise kind(f"the broker's management API refuses {method} {place[0]} ({answer.status})")
                return await answer.json(content_type=None) if method == "GET" else None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable(f"the broker's management API cannot be used ({type(error).__name__})") from None


def _tags(value: list[str] | str) -> tuple[str, ...]:
    """A list; before RabbitMQ 3.9 a text with commas."""
    return tuple(filter(None, value.split(",") if isinstance(value, str) else value))


@asynccontextmanager
async def management(url: str) -> AsyncIterator[Management]:
    """The API at `http(s)://user:password@host:port`; raises ConfigError for a URL of another form, which is not quoted."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and all((parts.hostname, parts.username, parts.password))
        valid = valid and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError("SANMIN_BROKER_ADMIN_URL must have the form http(s)://user:password@host:port")
    who = aiohttp.encode_basic_auth(unquote(parts.username or ""), unquote(parts.password or ""))
    base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    timeout = aiohttp.ClientTimeout(total=ASK_SECONDS)
    async with aiohttp.ClientSession(headers={"Authorization": who}, timeout=timeout) as session:
        yield Management(session, base)
