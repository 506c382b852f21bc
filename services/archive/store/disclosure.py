"""What is revealed in clear, and how often an account had something revealed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.archive.domain.disclosure import Revealed
from services.archive.store.sealed import ID_NUMBER, PHONE
from services.chassis.db import Connection
from services.chassis.vault import Vault

# One at a time for an account, so that two at once cannot pass the limit together.
IN_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('reveal ' || $1, 0))"
EARLIER = "SELECT at FROM audit WHERE by = $1 AND deed = 'REVEAL' AND at > $2"
PERSONS = """
SELECT id, household_id, area_code, birth_date, health, id_number_sealed, phone_sealed FROM person
WHERE household_id = $1 OR id = $2 ORDER BY relation, id
"""
ITEMS = """
SELECT person_id, kind, data FROM sheet_item
WHERE household_id = $1 AND ($2::uuid IS NULL OR person_id = $2) AND kind IN ('INCOME', 'MIGRATION') ORDER BY kind, since, id
"""


async def earlier(connection: Connection, subject: str, now: datetime) -> list[datetime]:
    """When within the last day each person was revealed to the account; others of the same account wait until the transaction ends."""
    await connection.execute(IN_TURN, subject)
    return [row["at"] for row in await connection.fetch(EARLIER, subject, now - timedelta(days=1))]


async def persons(connection: Connection, household: UUID | None, person: UUID | None) -> list[Any]:
    """The household's members, or the one person, as far as the caller may see them; numbers sealed."""
    return await connection.fetch(PERSONS, household, person)


def in_clear(vault: Vault, row: Any, fields: frozenset[str]) -> list[Revealed]:
    """A person's values in clear, of a row that has the columns of PERSONS."""
    key = str(row["id"])
    values: dict[str, str | None] = {
        "birthDate": None if row["birth_date"] is None else str(row["birth_date"]),
        "health": row["health"],
    }
    for name, field in (("idNumber", ID_NUMBER), ("phone", PHONE)):
        sealed = row[f"{field}_sealed"]
        values[name] = None if sealed is None or name not in fields else vault.open(sealed, owner=key, field=field)
    return [Revealed(key, None, name, value) for name, value in values.items() if name in fields]


async def items(connection: Connection, household: UUID, person: UUID | None, fields: frozenset[str]) -> list[Revealed]:
    """Amounts of income and emergency contacts, of the household with its members or of one member."""
    found = []
    for row in await connection.fetch(ITEMS, household, person):
        data, key = row["data"], None if row["person_id"] is None else str(row["person_id"])
        if row["kind"] == "INCOME" and "income" in fields:
            found.append(Revealed(key, f"{data['year']} {data['source']}", "income", f"{data['amount']:.2f}"))
        if row["kind"] == "MIGRATION" and "emergencyContact" in fields:
            found.append(Revealed(key, data["place"], "emergencyContact", data.get("emergencyContact")))
    return found
