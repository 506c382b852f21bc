"""Sheets as a test wants them, written by the store itself. Ages are told as of today, so that no test grows old."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.archive.domain.history import Change
from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.store import sheet as store
from services.chassis.clock import SystemClock, today
from services.chassis.db import transaction
from services.chassis.principal import itself
from tests.archive.conftest import GRID, Archive

TODAY = today(SystemClock())
SERVICE = itself("archive")


def born(years: int, days: int = 0) -> date:
    """The birth date of who turned `years` so many days ago (or turns it in `-days`)."""
    day = TODAY - timedelta(days=days)
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, month=3, day=1)


def person(
    name: str, relation: str = "02", *, age: int | None = None, phone: str | None = None, **facts: Any
) -> Member:
    return Member(
        uuid7(), name, relation, birth_date=None if age is None else born(age, 30), phone=phone, since=TODAY, **facts
    )


def item(
    kind: str, who: Member | None = None, since: date | None = None, until: date | None = None, **data: Any
) -> Item:
    return Item(uuid7(), kind, data, None if who is None else who.id, since, until)


def household(
    number: str, members: Sequence[Member], items: Sequence[Item] = (), *, grid: str = GRID, **facts: Any
) -> Household:
    given: dict[str, Any] = {"address": f"示例镇示例村{number}号", "house": None, **facts}
    return Household(uuid7(), grid, number, version=1, members=tuple(members), items=tuple(items), **given)


async def add(archive: Archive, sheet: Household, *, verified: date = TODAY, since: date | None = None) -> UUID:
    """Writes a new sheet, verified on that day."""
    change = Change(by="example", at=SystemClock().now(), valid_from=since or verified, verified_on=verified)
    async with transaction(archive.pool, SERVICE) as connection:
        assert await store.add(connection, archive.vault, sheet, change)
    return sheet.id


async def state(archive: Archive, key: UUID, as_of: date | None = None, known_at: datetime | None = None) -> Household:
    async with transaction(archive.pool, SERVICE) as connection:
        found = await store.find(connection, archive.vault, key, as_of, known_at)
    assert found is not None
    return found


async def row(archive: Archive, key: UUID) -> dict[str, Any]:
    found = await archive.admin.fetchrow("SELECT * FROM household WHERE id = $1", key)
    assert found is not None
    return dict(found)
