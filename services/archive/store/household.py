"""Households, and the terms that they are found by."""

from uuid import UUID

from services.archive.domain.household import Household
from services.archive.domain.search import search_terms, search_text
from services.archive.domain.vault import Vault
from services.archive.store import member as members
from services.chassis.clock import Clock
from services.chassis.db import Connection

FOR_UPDATE = "SELECT id, area_code, number, address, house, version FROM household WHERE id = $1 FOR UPDATE"
AREA = "SELECT area_code FROM household WHERE id = $1"
OPEN = """
INSERT INTO household (id, area_code, number, address, house, search_text, version, opened_at, revised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (id) DO NOTHING RETURNING id
"""
REVISE = """
UPDATE household SET area_code = $3, address = $4, house = $5, search_text = $6, version = $7, revised_at = $8
WHERE id = $1 AND version = $2 RETURNING id
"""
DROP_TERMS = "DELETE FROM household_term WHERE term = ANY($1::text[]) AND area_code = $2 AND household_id = $3"
ADD_TERMS = """
INSERT INTO household_term (term, area_code, household_id) SELECT unnest($1::text[]), $2, $3 ON CONFLICT DO NOTHING
"""


async def lock(connection: Connection, vault: Vault, key: UUID) -> Household | None:
    """The sheet with its members, locked until the transaction ends; None when there is none that the caller may change."""
    row = await connection.fetchrow(FOR_UPDATE, key)
    if row is None:
        return None
    present = await members.of_household(connection, vault, key)
    return Household(row["id"], row["area_code"], row["number"], row["address"], row["house"], row["version"], present)


async def lock_area(connection: Connection, key: UUID) -> str | None:
    """The household's grid, its row locked; None when there is none that the caller may change."""
    row = await connection.fetchrow(FOR_UPDATE, key)
    return None if row is None else str(row["area_code"])


async def area_of(connection: Connection, key: UUID) -> str | None:
    area: str | None = await connection.fetchval(AREA, key)
    return area


async def add(connection: Connection, vault: Vault, household: Household, clock: Clock) -> bool:
    """Writes a new sheet with its members; False, and nothing written, when its id is there already."""
    text = search_text(household.names, household.address, household.house)
    values = (
        household.id,
        household.area,
        household.number,
        household.address,
        household.house,
        text,
        household.version,
    )
    if await connection.fetchval(OPEN, *values, clock.now()) is None:
        return False
    for position, member in enumerate(household.members):
        await members.save(connection, vault, household, member, position)
    await keep_terms(connection, None, household)
    return True


async def save(connection: Connection, former: Household, household: Household, clock: Clock) -> bool:
    """Writes the sheet itself and its terms, not its members; False when another version is there by now."""
    text = search_text(household.names, household.address, household.house)
    values = (household.area, household.address, household.house, text, household.version, clock.now())
    if await connection.fetchval(REVISE, household.id, former.version, *values) is None:
        return False
    await keep_terms(connection, former, household)
    return True


async def keep_terms(connection: Connection, former: Household | None, household: Household) -> None:
    """Brings the household's terms up to date, in the transaction of the change; `former` is the sheet before it."""
    terms = search_terms(household.names, household.address, household.house)
    gone: set[str] = set()
    if former is not None:
        gone = search_terms(former.names, former.address, former.house)
        if former.area == household.area:
            gone, terms = gone - terms, terms - gone
        await connection.execute(DROP_TERMS, list(gone), former.area, former.id)
    await connection.execute(ADD_TERMS, list(terms), household.area, household.id)
