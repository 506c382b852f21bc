"""A village of the invented county as sheets, and rows of the archive's tables. Deterministic but for the sealing, which is never twice the same.

Sheets are written by the archive's own bulk writer, which also seals, and makes search terms and history; areas and grid workers are copied.
Grids are published as events, so that liaison and tickets get their copies; households are not: 150,000 of them opened at once is no news to anybody.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from bench.people import PHONE_PREFIX, TODAY, Person, Register, worker_name
from bench.shape import Village
from services.archive.domain.area import LISTED_ON, VILLAGE_SERIAL
from services.archive.domain.history import Change
from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.plot import SIDES, Plot
from services.archive.events import AreaPublished
from services.archive.store import bulk
from services.archive.store.sealed import seal_phone
from services.chassis.db import Connection
from services.chassis.envelope import routing_key
from services.chassis.vault import Vault

ITEMS = 50
"""More than any household has."""
INCOMES = ("FARMING", "WAGES", "BUSINESS", "TRANSFERS")
AWAY = ("杭州", "义乌", "上海", "衢州", "温州")
OPENED = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
SOURCE = "invented example"
HOUSES = ("砖混结构", "砖木结构", "土木结构", "钢混结构")
COLUMNS = {
    "area": ("code", "name", "parent", "code_scheme", "source", "valid_from"),
    "grid_worker": ("grid_code", "subject", "name", "phone_sealed", "phone_index", "phone_masked"),
    "outbox": ("id", "type", "subject", "routing_key", "data", "recorded_at"),
}
"""The tables that are copied, in the order in which foreign keys allow them to be filled."""
SHEETS = ("household", "person", "membership", "household_term", "sheet_item", "plot", "sheet_entry")
"""The tables that the archive's bulk writer fills."""
CHANGE = Change(by="county", at=OPENED, valid_from=TODAY)
CHUNK = 500
"""Sheets that are written by one statement."""


@dataclass
class Batch:
    """One village's rows by table, its sheets, and SHA-256 over what was generated."""

    village: Village
    rng: Random
    vault: Vault
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    sheets: list[Household] = field(default_factory=list)
    hash: Any = field(default_factory=hashlib.sha256)

    def add(self, table: str, *row: Any) -> None:
        self.rows[table].append(row)

    def note(self, *parts: object) -> None:
        """Makes the parts count for the digest."""
        self.hash.update("\x1f".join(map(str, parts)).encode() + b"\n")


def batch(village: Village, seed: int, vault: Vault) -> Batch:
    """All rows of a village."""
    rng = Random(f"{seed}:{village.code}")
    made = Batch(village, rng, vault)
    register = Register(rng, village.serial)
    homes = [register.household() for _ in range(village.households)]
    for number in range(village.grids):
        _add_grid(made, number)
    first = 0
    for number, people in enumerate(homes):
        _add_household(made, number, people, first)
        first += len(people)
    return made


def _add_grid(made: Batch, number: int) -> None:
    village = made.village
    code, name = village.grid_code(number), f"{village.name}第{number + 1}网格"
    made.note("grid", code, name)
    made.add("area", code, name, village.code, VILLAGE_SERIAL, SOURCE, LISTED_ON)
    event = AreaPublished(code=code, name=name, kind="GRID", valid_from=LISTED_ON, valid_to=None)
    key = routing_key(event.type, None, code)
    made.add("outbox", uuid7(), event.type, code, key, msgspec.to_builtins(event), OPENED)
    for serial in range(village.workers[number]):
        subject, worker = f"county-{code}-{serial + 1}", worker_name(made.rng)
        phone = f"+86{PHONE_PREFIX}{9_000_000 + village.serial * 100 + number * 2 + serial:07d}"
        made.note("worker", subject, worker, phone)
        sealed = seal_phone(made.vault, phone, owner=subject)
        made.add("grid_worker", code, subject, worker, sealed.sealed, sealed.index, sealed.masked)


def _add_household(made: Batch, number: int, people: Sequence[Person], first: int) -> None:
    village, rng = made.village, made.rng
    grid_number = number * village.grids // village.households
    grid, household = village.grid_code(grid_number), household_id(village, number)
    address, house = f"{village.name}{grid_number + 1}组{number + 1}号", rng.choice(HOUSES)
    made.note("household", household, grid, address, house)
    members = []
    for serial, person in enumerate(people, first):
        key = _uuid(village, 0x8001, serial)
        made.note(key, person)
        members.append(
            Member(
                id=key,
                name=person.name,
                relation=person.relation,
                sex=person.sex,
                birth_date=person.birth_date,
                since=TODAY,
                id_number=person.id_number,
                phone=None if person.phone is None else f"+86{person.phone}",
            )
        )
    sheet = Household(household, grid, f"{number + 1:05d}", address, house, 1, tuple(members))
    made.sheets.append(_with_holdings(made, sheet, number, grid_number))


def _with_holdings(made: Batch, sheet: Household, number: int, grid_number: int) -> Household:
    """Last year's income, who works away, a benefit here and there, and two plots; drawn apart from the people, who stay the same."""
    village, rng = made.village, Random(f"{made.village.code}:{number}:holdings")
    items: list[tuple[str, dict[str, Any], UUID | None]] = [
        ("INCOME", {"year": 2025, "source": rng.choice(INCOMES), "amount": rng.randint(5, 200) * 1000.0}, None)
    ]
    if rng.random() < 0.06:
        items.append(("BENEFIT", {"benefit": rng.choice(("MINIMUM_LIVING", "DISABILITY"))}, sheet.members[0].id))
    items += [
        ("MIGRATION", {"place": rng.choice(AWAY)}, member.id)
        for member in sheet.members[1:]
        if member.birth_date is not None and 1965 <= member.birth_date.year <= 2004 and rng.random() < 0.2
    ]
    plots = []
    for serial in (2 * number, 2 * number + 1):
        mu = Decimal(rng.randint(20, 300)) / 100
        code = f"{village.code}{grid_number % 99 + 1:02d}{serial + 1:05d}"
        east, south, west, north = (rng.choice(("村路", "水渠", "山脚", f"{number + 2}号户田")) for _ in SIDES)
        plots.append(
            Plot(_uuid(village, 0x8003, serial), code, f"示例田{serial + 1}", "10", mu, east, south, west, north)
        )
    made.note("holdings", *items, *plots)
    return replace(
        sheet,
        items=tuple(
            Item(_uuid(village, 0x8002, number * ITEMS + at), kind, data, person, TODAY)
            for at, (kind, data, person) in enumerate(items)
        ),
        plots=tuple(plots),
    )


def household_id(village: Village, number: int) -> UUID:
    """The id of the village's household `number`, counted from 0."""
    return _uuid(village, 0x8000, number)


def _uuid(village: Village, kind: int, number: int) -> UUID:
    """Readable like the example village's ids: `00000000-<village, from 1>-7000-<kind>-<number, from 1, in decimal digits>`."""
    return UUID(f"00000000-{village.serial + 1:04x}-7000-{kind:04x}-{number + 1:012d}")


async def write(connection: Connection, made: Batch) -> None:
    """Writes a village, in the caller's transaction."""
    for table, columns in COLUMNS.items():
        await connection.copy_records_to_table(table, columns=columns, records=made.rows[table])
    for start in range(0, len(made.sheets), CHUNK):
        await bulk.add_all(connection, made.vault, made.sheets[start : start + CHUNK], CHANGE)
