"""Sheets: their entries, and what is read every day, which is made from the entries by the functions that answer for any other day too."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from services.archive.domain.history import Change, Entry, History, Part, Span, facts_told, read
from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.plot import Plot
from services.archive.store.finding import make_findable
from services.archive.store.review import FRESHNESS
from services.archive.store.sealed import ID_NUMBER, PHONE, seal_id_number, seal_phone
from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.chassis.vault import Sealed, Vault

LOCK = "SELECT area_code FROM household WHERE id = $1 FOR UPDATE"
LOCK_VERSION = "SELECT version FROM household WHERE id = $1 FOR UPDATE"
AREA = "SELECT area_code FROM household WHERE id = $1"
HOUSEHOLD = """
SELECT id, area_code, number, address, house, version, closed_on, closed_reason, split_from, merged_into
FROM household_as_of($1, $2, $3)
"""
MEMBERS = """
SELECT p.*, m.began AS since FROM members_as_of($1, $2, $3) p
LEFT JOIN memberships_known($1, $3) m ON m.person_id = p.id AND (m.until IS NULL OR m.until >= $2) AND ($2 IS NULL OR m.since <= $2)
ORDER BY p.relation, p.id
"""
ITEMS = "SELECT id, kind, data, person_id, since, until FROM items_as_of($1, $2, $3) ORDER BY kind, id"
PLOTS = """
SELECT id, code, name, category, contract_mu, east, south, west, north, measured_mu, witness, disputed, shape::text AS shape
FROM plots_as_of($1, $2, $3) ORDER BY code
"""
ENTRIES = """
SELECT id, kind, key, valid_from, recorded_at, patch FROM sheet_entry WHERE household_id = $1 ORDER BY id
"""

OPEN = """
INSERT INTO household (id, area_code, number, address, house, search_text, version, opened_at, revised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (id) DO NOTHING RETURNING id
"""
RECORD = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
SELECT kind, key, $3, $4, $5, $6, $7, $8, patch, $9, $10 FROM unnest($1::text[], $2::uuid[], $11::jsonb[]) AS given (kind, key, patch)
"""
SAVE = """
UPDATE household h SET area_code = f.area_code, number = f.number, address = f.address, house = f.house, closed_on = f.closed_on,
    closed_reason = f.closed_reason, split_from = f.split_from, merged_into = f.merged_into, sources = f.sources, version = $3, revised_at = $4
FROM household_as_of($1, NULL, NULL) f WHERE h.id = f.id AND h.version = $2 RETURNING h.id
"""
FACTS = (
    *("name", "relation", "sex", "birth_date", "ethnicity", "marital", "education", "health", "politics", "died_on"),
    *("id_number_sealed", "id_number_index", "id_number_masked", "id_number_override"),
    *("phone_sealed", "phone_index", "phone_masked"),
)
"""The columns of a person that hold facts."""


def _keep(table: str, function: str, columns: Sequence[str]) -> str:
    """SQL that writes those of a sheet's parts that are asked for as the function yields them."""
    all_columns = ("id", "household_id", "area_code", "sources", *columns)
    names = ", ".join(all_columns)
    values = ", ".join(f"{name} = excluded.{name}" for name in all_columns[1:])
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {function}($1, NULL, NULL) "
        f"WHERE id = ANY($2::uuid[]) ON CONFLICT (id) DO UPDATE SET {values}"
    )


PARTS: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "person": ("person", "members_as_of", FACTS),
    "item": ("sheet_item", "items_as_of", ("kind", "data", "person_id", "since", "until")),
    "plot": (
        "plot",
        "plots_as_of",
        (
            *("code", "name", "category", "contract_mu", "measured_mu", "east", "south", "west", "north"),
            *("witness", "disputed", "shape"),
        ),
    ),
}
"""Kind of an entry → the table of what is read every day, the function that yields it, the columns that hold facts."""
KEEP = {kind: _keep(*part) for kind, part in PARTS.items()}
LEFT = f"""
UPDATE person p SET household_id = NULL, {", ".join(f"{name} = r.{name}" for name in FACTS)}
FROM facts_as_of($1, 'person', NULL, NULL) f CROSS JOIN LATERAL jsonb_populate_record(NULL::person, f.state) r
WHERE f.key = p.id AND p.household_id = $1 AND f.state ->> 'relation' IS NULL AND p.id = ANY($2::uuid[])
"""
DEMOTED = "UPDATE person SET relation = '99' WHERE household_id = $1 AND relation = '02' AND id = ANY($2::uuid[])"
GONE = {
    "item": "DELETE FROM sheet_item WHERE household_id = $1 AND id = ANY($2::uuid[])",
    "plot": "DELETE FROM plot WHERE household_id = $1 AND id = ANY($2::uuid[])",
}
EARLIER = "SELECT key, state FROM facts_as_of($1, $2, $3, NULL) WHERE key = ANY($4::uuid[])"
DROP_MEMBERSHIPS = "DELETE FROM membership WHERE household_id = $1"
KEEP_MEMBERSHIPS = """
INSERT INTO membership (person_id, household_id, area_code, relation, since, until, reason, left_reason)
SELECT m.person_id, h.id, h.area_code, m.relation, m.since, m.until, m.reason, m.left_reason
FROM household h CROSS JOIN LATERAL memberships_of(h.id) m WHERE h.id = $1
"""
FINISH = f"UPDATE household h SET {FRESHNESS} WHERE h.id = $1"


WITHOUT_HOUSEHOLD = f"""
SELECT id, NULL AS since, {", ".join(FACTS)} FROM person WHERE id = ANY($1::uuid[]) AND household_id IS NULL AND merged_into IS NULL FOR UPDATE
"""
ELSEWHERE = "SELECT person_id, since, until FROM memberships_elsewhere($1::uuid[], $2::uuid[])"
HAND_OVER = "SELECT hand_over($1::uuid[], $2)"


async def area_of(connection: Connection, key: UUID) -> str | None:
    """The household's grid; None when there is none that the caller may see."""
    area: str | None = await connection.fetchval(AREA, key)
    return area


async def lock_area(connection: Connection, key: UUID) -> str | None:
    """The household's grid, its row locked; None when there is none that the caller may change."""
    area: str | None = await connection.fetchval(LOCK, key)
    return area


async def lock(connection: Connection, vault: Vault, key: UUID, as_of: date | None = None) -> Household | None:
    """The sheet as of a day, or at present, locked until the transaction ends; None when there is none then that the caller may change."""
    if await connection.fetchval(LOCK, key) is None:
        return None
    return await find(connection, vault, key, as_of)


async def find(
    connection: Connection, vault: Vault, key: UUID, as_of: date | None = None, known_at: datetime | None = None
) -> Household | None:
    """The sheet as of a day, or at present, as it was known at a time; numbers in clear. None when there is none that the caller may see."""
    when = (key, as_of, known_at)
    row = await connection.fetchrow(HOUSEHOLD, *when)
    if row is None:
        return None
    return Household(
        id=row["id"],
        area=row["area_code"],
        number=row["number"],
        address=row["address"],
        house=row["house"],
        version=row["version"],
        closed_on=row["closed_on"],
        closed_reason=row["closed_reason"],
        split_from=row["split_from"],
        merged_into=row["merged_into"],
        members=tuple(_member(vault, row) for row in await connection.fetch(MEMBERS, *when)),
        items=tuple(
            Item(row["id"], row["kind"], row["data"], row["person_id"], row["since"], row["until"])
            for row in await connection.fetch(ITEMS, *when)
        ),
        plots=tuple(Plot(**row) for row in await connection.fetch(PLOTS, *when)),
    )


async def entries(connection: Connection, key: UUID) -> list[Entry]:
    """All that was ever said of a sheet, in the order of recording; patches as they are stored, numbers sealed."""
    return [
        Entry(row["id"], row["kind"], row["key"], row["valid_from"], row["recorded_at"], row["patch"])
        for row in await connection.fetch(ENTRIES, key)
    ]


async def history(connection: Connection, vault: Vault, key: UUID) -> History | None:
    """All that was ever said of a sheet, numbers in clear; its row is locked until the transaction ends. None when there is none that the
    caller may change.
    """
    row = await connection.fetchrow(LOCK_VERSION, key)
    if row is None:
        return None
    return History(key, row["version"], tuple(_clear(vault, entry) for entry in await entries(connection, key)))


def _clear(vault: Vault, entry: Entry) -> Entry:
    patch = dict(entry.patch)
    for field in (ID_NUMBER, PHONE):
        if f"{field}_sealed" in patch:
            sealed = patch.pop(f"{field}_sealed")
            owner = str(entry.key)
            opened = None if sealed is None else vault.open(bytes.fromhex(sealed[2:]), owner=owner, field=field)
            patch[field] = opened
    return replace(entry, patch=read(patch))


async def without_household(connection: Connection, vault: Vault, keys: Collection[UUID]) -> dict[UUID, Member]:
    """Those of the persons who belong to no household and whom the caller may take in, locked until the transaction ends."""
    if not keys:
        return {}
    return {row["id"]: _member(vault, row) for row in await connection.fetch(WITHOUT_HOUSEHOLD, list(keys))}


async def elsewhere(
    connection: Connection, persons: Collection[UUID], sheets: Collection[UUID]
) -> dict[UUID, list[Span]]:
    """Person → the days on which they are a member of other sheets, in the caller's reach or not."""
    result: dict[UUID, list[Span]] = {}
    if persons:
        for row in await connection.fetch(ELSEWHERE, list(persons), list(sheets)):
            result.setdefault(row["person_id"], []).append(Span(row["since"], row["until"]))
    return result


async def hand_over(connection: Connection, persons: Collection[UUID], destination: str) -> None:
    """Lets those of the persons who belong to no household any more be seen and taken in within an area."""
    await connection.execute(HAND_OVER, list(persons), destination)


def _member(vault: Vault, row: asyncpg.Record) -> Member:
    def clear(field: str) -> str | None:
        sealed = row[f"{field}_sealed"]
        return None if sealed is None else vault.open(sealed, owner=str(row["id"]), field=field)

    plain = {name: row[name] for name in FACTS if not name.startswith((f"{ID_NUMBER}_", f"{PHONE}_"))}
    return Member(
        id=row["id"],
        since=row["since"],
        id_number=clear(ID_NUMBER),
        id_number_override=row["id_number_override"],
        phone=clear(PHONE),
        **plain,
    )


async def add(connection: Connection, vault: Vault, sheet: Household, change: Change) -> bool:
    """Writes a new sheet; False, and nothing written, when its id is there already. Raises Conflict as `save` does."""
    values = (sheet.id, sheet.area, sheet.number, sheet.address, sheet.house, "", sheet.version, change.at)
    try:
        opened = await connection.fetchval(OPEN, *values)
    except asyncpg.UniqueViolationError as error:
        raise conflict_of(error) from None
    if opened is None:
        return False
    await _write(connection, vault, None, sheet, change, positions={})
    return True


async def save(
    connection: Connection,
    vault: Vault,
    former: Household,
    sheet: Household,
    change: Change,
    *,
    positions: Mapping[UUID, int] | None = None,
) -> bool:
    """Writes what of a sheet is different, valid from the change's day on, as entries and as what is read every day.

    `former` is the sheet as of that day. False when another version is there by now. Raises Conflict when an ID number is another
    person's already, or a plot's code another plot's; `positions` says for the error where in the input members stand.
    """
    return await _write(connection, vault, former, sheet, change, positions=positions or {})


async def _write(
    connection: Connection,
    vault: Vault,
    former: Household | None,
    sheet: Household,
    change: Change,
    *,
    positions: Mapping[UUID, int],
) -> bool:
    told = dict(patches(vault, former, sheet, change))
    if former is not None:
        await _forget(connection, former, sheet, change, told)
    former_area = None if former is None else await area_of(connection, sheet.id)
    await connection.execute(
        RECORD,
        [kind for kind, _ in told],
        [key for _, key in told],
        sheet.id,
        former_area or sheet.area,
        change.valid_from,
        change.provenance,
        change.verified_on or change.valid_from,
        change.reason,
        change.at,
        change.by,
        list(told.values()),
    )
    touched = {kind: [key for one, key in told if one == kind] for kind in KEEP}
    version = sheet.version if former is None else former.version
    try:
        if not await connection.fetchval(SAVE, sheet.id, version, sheet.version, change.at):
            return False
        await _keep_members(connection, sheet, touched["person"], positions)
        for kind in ("item", "plot"):
            await connection.execute(GONE[kind], sheet.id, touched[kind])
            await connection.execute(KEEP[kind], sheet.id, touched[kind])
    except asyncpg.UniqueViolationError as error:
        raise conflict_of(error) from None
    await make_findable(connection, [sheet.id], persons=touched["person"], former_area=former_area)
    await connection.execute(FINISH, sheet.id)
    return True


def patches(
    vault: Vault, former: Household | None, sheet: Household, change: Change
) -> Iterator[tuple[tuple[str, UUID], dict[str, Any]]]:
    """Part → the facts of it that are new or different, as an entry keeps them."""
    for part, facts in facts_told(former, sheet, change):
        yield part, {name: value for fact in facts.items() for name, value in _stored(vault, part[1], *fact).items()}


async def _forget(
    connection: Connection,
    former: Household,
    sheet: Household,
    change: Change,
    told: Mapping[Part, dict[str, Any]],
) -> None:
    """Of parts that come back to the sheet: what was said of them before, and is no more, is said to be none."""
    coming = {
        "person": {one.id for one in sheet.members} - {one.id for one in former.members},
        "item": {one.id for one in sheet.items} - {one.id for one in former.items},
        "plot": {one.id for one in sheet.plots} - {one.id for one in former.plots},
    }
    for kind, keys in coming.items():
        if keys:
            for key, state in await connection.fetch(EARLIER, sheet.id, kind, change.valid_from, list(keys)):
                known = state.keys() - {"id", "household_id", "sources", "why"}
                told[kind, key].update(
                    {name: None for name in known - told[kind, key].keys() if state[name] is not None}
                )


def _stored(vault: Vault, owner: UUID, name: str, value: Any) -> dict[str, Any]:
    """A fact as the entry keeps it, under the names of the columns."""
    if name in (ID_NUMBER, PHONE):
        seal = seal_id_number if name == ID_NUMBER else seal_phone
        sealed: Sealed | None = None if value is None else seal(vault, value, owner=str(owner))
        return {
            f"{name}_sealed": None if sealed is None else f"\\x{sealed.sealed.hex()}",
            f"{name}_index": None if sealed is None else f"\\x{sealed.index.hex()}",
            f"{name}_masked": None if sealed is None else sealed.masked,
        }
    if isinstance(value, date | UUID | Decimal):
        return {name: str(value)}
    return {name: value}


async def _keep_members(
    connection: Connection, sheet: Household, touched: Sequence[UUID], positions: Mapping[UUID, int]
) -> None:
    """One by one, so that it is known whose ID number is another person's; heads are none first, so that two are never seen."""
    if not touched:
        return
    await connection.execute(LEFT, sheet.id, touched)
    await connection.execute(DEMOTED, sheet.id, touched)
    for key in touched:
        try:
            await connection.execute(KEEP["person"], sheet.id, [key])
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "person_id_number":
                raise
            field = f"members[{positions[key]}].idNumber" if key in positions else "idNumber"
            raise Conflict(
                f"{field} belongs to a person who is registered already", field=field, rule="id_number.unique"
            ) from None
    await connection.execute(DROP_MEMBERSHIPS, sheet.id)
    try:
        await connection.execute(KEEP_MEMBERSHIPS, sheet.id)
    except asyncpg.UniqueViolationError as error:
        raise conflict_of(error) from None


def conflict_of(error: asyncpg.UniqueViolationError) -> Exception:
    """What a broken unique index means to the caller."""
    if error.constraint_name == "household_number":
        return Conflict("number is that of another household of the village", field="number", rule="number.unique")
    if error.constraint_name == "membership_present":
        return Conflict("a member is registered in another household", field="members", rule="membership.one_household")
    if error.constraint_name == "plot_code":
        return Conflict("plots: a code is that of another plot", field="plots", rule="plot_code.unique")
    return error
