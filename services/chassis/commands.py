"""Deeds over HTTP: one transaction from the client key to the answer.

A client chooses a key (a UUID) for each deed. The same key with the same input has one effect and the same answer, byte for byte when the same
selection is asked; with another command or input it is refused. A deed that fails uses up nothing. A secret is never kept: asked again it is
told again, as if for the first time.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.clock import Clock
from services.chassis.db import CROSSED, Connection, Pool, transaction
from services.chassis.errors import ClientKeyReused, Forbidden, InvalidInput, NotFound, Unavailable
from services.chassis.http import decode
from services.chassis.principal import Caller, Principal
from services.chassis.views import GRAPHQL_NAME, Views

CLAIM = """
INSERT INTO client_key (subject, key, command, input_digest, used_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING key
"""
EARLIER = "SELECT command, input_digest, select_digest, object, answer FROM client_key WHERE subject = $1 AND key = $2"
ANSWER = "UPDATE client_key SET object = $3, select_digest = $4, answer = $5 WHERE subject = $1 AND key = $2"
FORGET = "DELETE FROM client_key WHERE used_at < $1"

TRIES = 3
"""How often a deed is begun that others stand in the way of."""


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The base of every command's input."""

    client_key: UUID


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The base of what an input holds."""


@dataclass(frozen=True)
class Doing:
    """What a command works with: the transaction, who does it, and when."""

    connection: Connection
    principal: Principal
    clock: Clock


@dataclass(frozen=True)
class Command:
    """A deed that clients may ask for. `run` returns the changed object's key, which `root` (of the views) reads by its argument `id`.

    `beside` are secrets that may be asked for beside the object's fields: by name, what makes one for the object of that key. They are not kept
    either; asked again, another is made. `unkept` are fields of the input of which not even a digest is kept, from which few possible values
    could be found out: the same client key with another value there has the first one's answer.
    """

    name: str
    input: type[Input]
    roles: frozenset[str]
    run: Callable[[Doing, Any], Awaitable[str]]
    root: str
    beside: Mapping[str, Callable[[Doing, str], Awaitable[Any]]] = field(default_factory=dict)
    unkept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Secret:
    """A deed whose answer must not be kept. `run` returns what is told: dicts and lists by the public names of the fields."""

    name: str
    input: type[Input]
    roles: frozenset[str]
    run: Callable[[Doing, Any], Awaitable[Any]]


class _Body(msgspec.Struct, frozen=True):
    input: msgspec.Raw
    select: msgspec.Raw


async def perform(
    command: Command | Secret,
    body: bytes,
    *,
    pool: Pool,
    principal: Principal,
    caller: Caller,
    views: Views,
    clock: Clock,
) -> bytes:
    """Carries out a command; `body` is `{"input": {…, "clientKey"}, "select": […]}`. Returns the JSON bytes of the changed object.

    A deed that was undone because another stood in its way is done again; raises Unavailable when that does not help.
    """
    if not principal.has(command.roles):
        raise Forbidden(f"{command.name} is for the roles: {', '.join(sorted(command.roles))}")
    asked: _Body = decode(body, _Body)
    given: Input = decode(bytes(asked.input), command.input)
    select, secrets = _apart(command, bytes(asked.select))
    for _ in range(TRIES):
        with suppress(*CROSSED):
            async with transaction(pool, caller) as connection:
                doing = Doing(connection, principal, clock)
                return await _perform(command, given, select, secrets, doing, caller, views)
    raise Unavailable("too many work on the same at once; try again")


async def _perform(
    command: Command | Secret,
    given: Input,
    select: bytes,
    secrets: Mapping[str, str],
    doing: Doing,
    caller: Caller,
    views: Views,
) -> bytes:
    connection, key = doing.connection, (doing.principal.subject, given.client_key)
    input_digest, select_digest = _digest(msgspec.json.encode(_kept(command, given))), _digest(select)
    earlier = None
    if not await connection.fetchval(CLAIM, *key, command.name, input_digest, doing.clock.now()):
        earlier = await connection.fetchrow(EARLIER, *key)
        if earlier is None or (earlier["command"], earlier["input_digest"]) != (command.name, input_digest):
            raise ClientKeyReused
    if isinstance(command, Secret):
        nodes = decode(select, list[Any])
        return msgspec.json.encode(_shaped(await command.run(doing, given), nodes))
    if earlier is not None and earlier["select_digest"] == select_digest:
        changed, answer = earlier["object"], bytes(earlier["answer"])
    elif earlier is not None:
        changed = earlier["object"]
        answer = await views.read(connection, caller, command.root, {"id": changed}, select)
    else:
        changed = await command.run(doing, given)
        answer = await views.read(connection, caller, command.root, {"id": changed}, select)
        if answer == b"null":
            raise NotFound("what was changed is outside the caller's reach")
        await connection.execute(ANSWER, *key, changed, select_digest, answer)
    made = {name: msgspec.json.encode(await command.beside[name](doing, changed)) for name in set(secrets.values())}
    told = b"".join(b',"%b":%b' % (name.encode(), made[of]) for name, of in secrets.items())
    return answer[:-1] + told + b"}" if told else answer


def _apart(command: Command | Secret, select: bytes) -> tuple[bytes, dict[str, str]]:
    """A selection without the secrets that stand in it, and their names by response key. Without any it stays as it is, byte for byte."""
    if isinstance(command, Secret) or not command.beside:
        return select, {}
    secrets: dict[str, str] = {}
    rest: list[Any] = []
    for node in decode(select, list[Any]):
        match node:
            case [str(key), str(name)] if name in command.beside and GRAPHQL_NAME.fullmatch(key):
                secrets[key] = name
            case _:
                rest.append(node)
    return (msgspec.json.encode(rest or [["_", "__typename"]]), secrets) if secrets else (select, {})


def _shaped(value: Any, select: list[Any]) -> Any:
    """The value in the shape of the selection, under its response keys."""
    if isinstance(value, list):
        return [_shaped(item, select) for item in value]
    if not isinstance(value, dict):
        return value
    shaped = {}
    for node in select:
        match node:
            case [str(key), str(name), *rest] if name in value and len(rest) in (0, 2):
                shaped[key] = _shaped(value[name], rest[1] if rest else [])
            case _:
                raise InvalidInput("the answer has no such field", field="select", rule="known.field")
    return shaped


def _kept(command: Command | Secret, given: Input) -> Input:
    """The input without what must not be kept of it."""
    if isinstance(command, Secret) or not command.unkept:
        return given
    return msgspec.structs.replace(given, **dict.fromkeys(command.unkept))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


async def forget_keys(connection: Connection, clock: Clock, days: int) -> None:
    """Forgets client keys that were used more than `days` ago."""
    await connection.execute(FORGET, clock.now() - timedelta(days=days))
