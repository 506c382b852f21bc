"""A village of the invented county as rows of the archive's tables. Deterministic but for the sealing, which is never twice the same.

The archive's own code seals numbers and phones, and writes search terms and events; only the copying is different from what its commands do.
Grids are published as events, so that liaison and tickets get their copies; households are not: 150,000 of them opened at once is no news to anybody.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from bench.people import PHONE_PREFIX, TODAY, Person, Register, worker_name
from bench.shape import Village
from services.archive.domain.area import LISTED_ON, VILLAGE_SERIAL
from services.archive.domain.search import search_terms, search_text
from services.archive.domain.vault import Sealed, Vault
from services.archive.events import AreaPublished
from services.archive.store.sealed import seal_id_number, seal_phone
from services.chassis.db import Connection
from services.chassis.envelope import routing_key

OPENED = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
SOURCE = "invented example"
HOUSES = ("砖混结构", "砖木结构", "土木结构", "钢混结构")
BY_BIRTH = ("2", "3", "4")
"""First digits of the relations of those who were born into the household, but for the married in."""
MARRIED_IN = ("28", "38")

COLUMNS = {
    "area": ("code", "name", "parent", "code_scheme", "source", "valid_from"),
    "grid_worker": ("grid_code", "subject", "name", "phone_sealed", "phone_index", "phone_masked"),
    "household": ("id", "area_code", "number", "address", "house", "search_text", "opened_at", "revised_at"),
    "person": (
        *("id", "area_code", "household_id", "relation", "name", "sex", "birth_date"),
        *("id_number_sealed", "id_number_index", "id_number_masked", "phone_sealed", "phone_index", "phone_masked"),
    ),
    "membership": ("person_id", "household_id", "area_code", "relation", "since"),
    "household_term": ("term", "area_code", "household_id"),
    "outbox": ("id", "type", "subject", "routing_key", "data", "recorded_at"),
}
"""The tables in the order in which foreign keys allow them to be filled."""


@dataclass
class Batch:
    """One village's rows by table, and SHA-256 over what was generated."""

    village: Village
    rng: Random
    vault: Vault
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
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
        made.add("grid_worker", code, subject, worker, *_columns(seal_phone(made.vault, phone, owner=subject)))


def _add_household(made: Batch, number: int, people: Sequence[Person], first: int) -> None:
    village, rng = made.village, made.rng
    grid_number = number * village.grids // village.households
    grid, household = village.grid_code(grid_number), _uuid(village, 0x8000, number)
    address, house = f"{village.name}{grid_number + 1}组{number + 1}号", rng.choice(HOUSES)
    names = [person.name for person in people]
    made.note("household", household, grid, address, house)
    text = search_text(names, address, house)
    made.add("household", household, grid, f"{number + 1:05d}", address, house, text, OPENED, OPENED)
    for term in search_terms(names, address, house):
        made.add("household_term", term, grid, household)
    for serial, person in enumerate(people, first):
        key = _uuid(village, 0x8001, serial)
        phone = None if person.phone is None else f"+86{person.phone}"
        made.note(key, person)
        made.add(
            "person",
            *(key, grid, household, person.relation, person.name, person.sex, person.birth_date),
            *_columns(seal_id_number(made.vault, person.id_number, owner=str(key))),
            *_columns(None if phone is None else seal_phone(made.vault, phone, owner=str(key))),
        )
        born_here = person.relation[0] in BY_BIRTH and person.relation not in MARRIED_IN
        made.add("membership", key, household, grid, person.relation, person.birth_date if born_here else None)


def _columns(value: Sealed | None) -> tuple[bytes | None, bytes | None, str | None]:
    return (None, None, None) if value is None else (value.sealed, value.index, value.masked)


def _uuid(village: Village, kind: int, number: int) -> UUID:
    """Readable like the example village's ids: `00000000-<village, from 1>-7000-<kind>-<number, from 1, in decimal digits>`."""
    return UUID(f"00000000-{village.serial + 1:04x}-7000-{kind:04x}-{number + 1:012d}")


async def copy(connection: Connection, made: Batch) -> None:
    """Copies a village's rows, in the caller's transaction."""
    for table, columns in COLUMNS.items():
        await connection.copy_records_to_table(table, columns=columns, records=made.rows[table])
