"""Makes the broker what the departments' files say: their queues, their users, and nothing more for any of them.

A department's user may read its own queue, its dead letters and its log; it can configure and write nothing. A user whose file is gone is
deleted. A queue is never deleted: what is left behind is told, so that somebody decides. Users are the broker's, not a vhost's: a prefix
must belong to one system on a broker.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chassis import broker
from services.chassis.config import ConfigError
from services.chassis.departments import Department
from services.chassis.management import NOTHING, Access, Management, User, vhost_of
from services.tickets.config import Departments, credential

PASSWORD_LENGTH = 16


@dataclass
class Outcome:
    """What was changed (or, at a check, is to be), what is left for somebody to decide, and what could not be done."""

    changes: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def user_of(prefix: str, code: str) -> str:
    return f"{prefix}.department.{code}"


def access_of(prefix: str, vhost: str, code: str) -> Access:
    """All that a department's user may do on the broker."""
    readable = "|".join(re.escape(name) for name in names_of(prefix, code))
    topology = broker.Topology(prefix)
    return Access(
        {vhost: (NOTHING, NOTHING, f"^({readable})$")},
        {(vhost, exchange): (NOTHING, NOTHING) for exchange in (topology.exchange, topology.departments_exchange)},
    )


def names_of(prefix: str, code: str) -> tuple[str, str, str]:
    """A department's queue, its dead letters and its log."""
    queue, log = broker.department_queues(prefix, code)
    return queue.name, f"{queue.name}.dead", log.name


async def declare_departments(
    config: Departments, known: Sequence[Department], api: Management, *, check: bool
) -> Outcome:
    """Brings queues and users in line; with `check` it only says what it would do. Safe to repeat."""
    outcome = Outcome()
    passwords: dict[str, str] = {}
    for department in known:
        try:
            passwords[department.code] = password_of(config.credentials, department)
        except ConfigError as trouble:
            outcome.troubles.append(f"{trouble}; nothing was done for department {department.code}")
    await _declare_queues(config, known, list(passwords), api, outcome, check=check)
    users = await api.users()
    for code, password in passwords.items():
        outcome.changes += await _declare_user(config, code, password, users, api, check=check)
    wanted = {user_of(config.broker_prefix, department.code) for department in known}
    for name in sorted(users.keys() - wanted):
        if name.startswith(user_of(config.broker_prefix, "")):
            outcome.changes.append(f"user {name}: deleted, no file names it")
            if not check:
                await api.delete_user(name)
    return outcome


def password_of(folder: str, department: Department) -> str:
    """The password of a department's user; raises ConfigError that names the file."""
    password = credential(folder, department.credentials)
    if len(password) < PASSWORD_LENGTH:
        raise ConfigError(f"the password in {department.credentials} must have at least {PASSWORD_LENGTH} characters")
    return password


async def _declare_queues(
    config: Departments,
    known: Sequence[Department],
    codes: Sequence[str],
    api: Management,
    outcome: Outcome,
    *,
    check: bool,
) -> None:
    prefix = config.broker_prefix
    there = await api.queues(vhost_of(config.amqp_url))
    outcome.changes += [
        f"queue {name}: declared" for code in codes for name in names_of(prefix, code) if name not in there
    ]
    mine = {name for department in known for name in names_of(prefix, department.code)}
    outcome.left += [name for name in there if name.startswith(user_of(prefix, "")) and name not in mine]
    if not check:
        queues = tuple(queue for code in codes for queue in broker.department_queues(prefix, code))
        async with await broker.connect(config.amqp_url) as connection:
            await broker.declare(await connection.channel(), broker.Topology(prefix, queues))


async def _declare_user(
    config: Departments, code: str, password: str, users: dict[str, User], api: Management, *, check: bool
) -> list[str]:
    """Returns what was changed."""
    name, changes = user_of(config.broker_prefix, code), []
    user = users.get(name)
    if user is None or user.tags or not user.has(password):
        changes.append(f"user {name}: {'made' if user is None else 'password set'}")
        if not check:
            await api.put_user(name, password)
    wanted = access_of(config.broker_prefix, vhost_of(config.amqp_url), code)
    was = Access({}, {}) if user is None else await api.access(name)
    if was != wanted:
        changes.append(f"user {name}: permissions set")
        if not check:
            await api.grant(name, was, wanted)
    return changes
