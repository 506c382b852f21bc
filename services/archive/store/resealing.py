"""What is sealed, row by row: for the replacement of a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.archive.store.sealed import ID_NUMBER, PHONE
from services.chassis.db import Connection
from services.chassis.vault import Vault

BATCH = 500


@dataclass(frozen=True)
class Place:
    """A table with sealed values. `key` is what rows are told by, `owner` what their values are bound to."""

    table: str
    key: str
    owner: str
    first: Any
    fields: tuple[str, ...]

    @property
    def stale(self) -> str:
        """SQL: something of the row is not sealed as $1, the prefix of what is sealed today, says."""
        return " OR ".join(
            f"substring({name}_sealed FROM 1 FOR length($1::bytea)) <> $1::bytea" for name in self.fields
        )

    @property
    def columns(self) -> str:
        values = ", ".join(f"{name}_sealed" for name in self.fields)
        return f"{self.key} AS key, {self.owner} AS owner, {values}"


PLACES = (
    Place("person", "id", "id", UUID(int=0), (ID_NUMBER, PHONE)),
    Place("grid_worker", "grid_code || '/' || subject", "subject", "", (PHONE,)),
)
ENTRIES = "sheet_entry"

# A value in an entry is the hexadecimal text of a bytea, as PostgreSQL writes it.
_STALE_ENTRY = " OR ".join(
    f"left(patch ->> '{name}_sealed', 2 + 2 * length($1::bytea)) <> '\\x' || encode($1, 'hex')"
    for name in (ID_NUMBER, PHONE)
)
LEFT = {place.table: f"SELECT count(*) FROM {place.table} WHERE {place.stale}" for place in PLACES}
LEFT[ENTRIES] = f"SELECT count(*) FROM sheet_entry WHERE kind = 'person' AND ({_STALE_ENTRY})"
ROWS = {
    place.table: f"SELECT {place.columns} FROM {place.table} WHERE ($3 OR {place.stale}) AND {place.key} > $2 "
    f"ORDER BY {place.key} LIMIT $4 FOR UPDATE"
    for place in PLACES
}
ENTRY_ROWS = f"""
SELECT id, key, patch FROM sheet_entry WHERE kind = 'person' AND ($3 OR {_STALE_ENTRY}) AND id > $2 ORDER BY id LIMIT $4
"""
SAVE = {
    place.table: f"UPDATE {place.table} SET "
    + ", ".join(f"{name}_sealed = ${2 * n + 2}, {name}_index = ${2 * n + 3}" for n, name in enumerate(place.fields))
    + f" WHERE {place.key} = $1"
    for place in PLACES
}
REWRITE = "SELECT rewrite_sealed($1, $2, $3)"


async def left(connection: Connection, vault: Vault) -> Mapping[str, int]:
    """Table → rows with a value that is not sealed under the first key in today's form."""
    return {table: await connection.fetchval(sql, vault.prefix) for table, sql in LEFT.items()}


async def reseal(
    connection: Connection, vault: Vault, place: Place, after: Any, *, everything: bool
) -> tuple[Any, int] | None:
    """Seals the next batch of a table's rows anew; returns the last key and how many, None at the end.

    `everything`: also what is sealed as it should be, to make its index under the present index key.
    """
    rows = await connection.fetch(ROWS[place.table], vault.prefix, after, everything, BATCH)
    changes = []
    for row in rows:
        values: list[bytes | None] = []
        for name in place.fields:
            sealed = row[f"{name}_sealed"]
            values += (None, None) if sealed is None else _anew(vault, str(row["owner"]), name, sealed)
        changes.append((row["key"], *values))
    await connection.executemany(SAVE[place.table], changes)
    return (rows[-1]["key"], len(rows)) if rows else None


async def reseal_entries(
    connection: Connection, vault: Vault, after: int, *, everything: bool
) -> tuple[int, int] | None:
    """The same for the history's entries: the database lets nothing of them be changed but this."""
    rows = await connection.fetch(ENTRY_ROWS, vault.prefix, after, everything, BATCH)
    if not rows:
        return None
    changes = [(row["id"], *_facts(vault, row["key"], row["patch"])) for row in rows]
    await connection.execute(REWRITE, *(list(column) for column in zip(*changes, strict=True)))
    return rows[-1]["id"], len(rows)


def _facts(vault: Vault, owner: Any, patch: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Former and new sealed facts of an entry."""
    former: dict[str, str] = {}
    facts: dict[str, str] = {}
    for name in (ID_NUMBER, PHONE):
        if (text := patch.get(f"{name}_sealed")) is not None:
            sealed, index = _anew(vault, str(owner), name, bytes.fromhex(text[2:]))
            former |= {key: patch[key] for key in (f"{name}_sealed", f"{name}_index")}
            facts |= {f"{name}_sealed": f"\\x{sealed.hex()}", f"{name}_index": f"\\x{index.hex()}"}
    return former, facts


def _anew(vault: Vault, owner: str, field: str, sealed: bytes) -> tuple[bytes, bytes]:
    value = vault.open(sealed, owner=owner, field=field)
    return vault.close(value, owner=owner, field=field, instead_of=sealed), vault.index(value, field=field)
