"""People's own calendars: opened at an address that only they are told, revoked, and read.

An address is told as often as it is asked for while the calendar is open, and is the same each time; nothing of it is kept. Opened again after it
was revoked, the calendar has another address.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input, Secret
from services.chassis.db import Connection
from services.chassis.errors import NotFound
from services.chassis.vault import Vault
from services.liaison.domain.feed import (
    SIGNATURE_FIELD,
    Names,
    Revision,
    address,
    is_signature,
    of_person,
    of_village,
    revised,
    signed,
    since,
    taken_apart,
)
from services.liaison.domain.role import STAFF
from services.liaison.store import feed as store


@dataclass(frozen=True)
class Reading:
    """A calendar as it is told now."""

    feed: str
    name: str
    description: str
    revision: Revision


async def open_feed(vault: Vault, doing: Doing, given: Input) -> dict[str, Any]:
    """The address of the caller's own calendar."""
    del given
    now, subject = doing.clock.now(), doing.principal.subject
    feed = await store.open_feed(doing.connection, subject, UUID(str(uuid7())), now)
    return {"feed": {"path": address(_index(vault, feed.id, feed.version), feed.id), "openedAt": feed.opened_at}}


async def revoke_feed(doing: Doing, given: Input) -> str:
    """Raises NotFound where the caller has no open calendar."""
    del given
    revoked = await store.revoke_feed(doing.connection, doing.principal.subject, doing.clock.now())
    if revoked is None:
        raise NotFound("feed: none is open")
    return str(revoked)


REVOKE_FEED = Command("revokeFeed", Input, STAFF, revoke_feed, "calendarFeed")


def feed_commands(vault: Vault) -> tuple[Command | Secret, ...]:
    return (Secret("openFeed", Input, STAFF, partial(open_feed, vault)), REVOKE_FEED)


async def read_own(connection: Connection, clock: Clock, vault: Vault, names: Names, token: str) -> Reading:
    """The calendar of `<feed id>.<signature>`. Raises the same NotFound whatever is wrong with it."""
    given = taken_apart(token)
    feed, signature = given or (UUID(int=0), "")
    found = await store.find_feed(connection, feed)
    right = is_signature(signature, _index(vault, feed, 0 if found is None else found.version))
    if found is None or not found.open or not right:
        raise NotFound("no such calendar")
    before, first = await store.told(connection, str(feed)), since(today(clock))
    entries = of_person(*await store.of_person(connection, found.subject, first), names)
    who = await store.name_of(connection, found.subject)
    name = f"我的日程（{who}）" if who else "我的日程"
    revision = revised(before, entries, first=first, now=clock.now())
    await store.tell(connection, str(feed), revision)
    return Reading(str(feed), name, "值班、集中、沟通日和墟日服务", revision)


async def read_village(connection: Connection, clock: Clock, names: Names, code: str) -> Reading:
    """Raises NotFound for what is no known village."""
    name = await store.village_name(connection, code)
    if name is None:
        raise NotFound("no such calendar")
    before, first = await store.told(connection, code), since(today(clock))
    entries = of_village(*await store.of_village(connection, code, first, date.max), names)
    revision = revised(before, entries, first=first, now=clock.now())
    await store.tell(connection, code, revision)
    return Reading(code, f"{name} 便民日历", "值班、集中、沟通日和墟日", revision)


def _index(vault: Vault, feed: UUID, version: int) -> bytes:
    return vault.index(signed(feed, version), field=SIGNATURE_FIELD)
