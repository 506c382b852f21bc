"""Members: the person, and the membership that binds them to a household. A person's row repeats the open membership."""

from uuid import UUID

import asyncpg

from services.archive.domain.household import Household
from services.archive.domain.member import Member
from services.archive.domain.vault import Sealed, Vault
from services.archive.store.sealed import ID_NUMBER, PHONE, seal_id_number, seal_phone
from services.chassis.db import Connection
from services.chassis.errors import Conflict

OF_HOUSEHOLD = """
SELECT p.id, p.name, p.relation, p.sex, p.birth_date, m.since, p.id_number_sealed, p.id_number_override, p.phone_sealed
FROM person p LEFT JOIN membership m ON m.person_id = p.id AND m.until IS NULL
WHERE p.household_id = $1 ORDER BY p.relation, p.id
"""
SAVE = """
INSERT INTO person (id, household_id, area_code, name, relation, sex, birth_date, id_number_sealed, id_number_index,
    id_number_masked, id_number_override, phone_sealed, phone_index, phone_masked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET household_id = excluded.household_id, area_code = excluded.area_code, name = excluded.name,
    relation = excluded.relation, sex = excluded.sex, birth_date = excluded.birth_date,
    id_number_sealed = excluded.id_number_sealed, id_number_index = excluded.id_number_index,
    id_number_masked = excluded.id_number_masked, id_number_override = excluded.id_number_override,
    phone_sealed = excluded.phone_sealed, phone_index = excluded.phone_index, phone_masked = excluded.phone_masked
"""
SAVE_MEMBERSHIP = """
INSERT INTO membership (person_id, household_id, area_code, relation, since) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id) WHERE until IS NULL DO UPDATE SET relation = excluded.relation
"""
NO_VALUE = (None, None, None)


async def of_household(connection: Connection, vault: Vault, household: UUID) -> tuple[Member, ...]:
    """The present members, numbers in clear."""

    def member(row: asyncpg.Record) -> Member:
        def clear(field: str) -> str | None:
            sealed = row[f"{field}_sealed"]
            return None if sealed is None else vault.open(sealed, owner=str(row["id"]), field=field)

        return Member(
            id=row["id"],
            name=row["name"],
            relation=row["relation"],
            sex=row["sex"],
            birth_date=row["birth_date"],
            since=row["since"],
            id_number=clear(ID_NUMBER),
            id_number_override=row["id_number_override"],
            phone=clear(PHONE),
        )

    return tuple(member(row) for row in await connection.fetch(OF_HOUSEHOLD, household))


async def save(connection: Connection, vault: Vault, household: Household, member: Member, position: int) -> None:
    """Writes a person and their open membership; raises Conflict when their ID number is another person's already.

    `position` is where the member stands in the input, for the error.
    """
    id_number = None if member.id_number is None else seal_id_number(vault, member.id_number, owner=str(member.id))
    phone = None if member.phone is None else seal_phone(vault, member.phone, owner=str(member.id))
    try:
        await connection.execute(
            SAVE,
            member.id,
            household.id,
            household.area,
            member.name,
            member.relation,
            member.sex,
            member.birth_date,
            *_columns(id_number),
            member.id_number_override,
            *_columns(phone),
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "person_id_number":
            raise
        raise Conflict(
            f"members[{position}].idNumber belongs to a person who is registered already",
            field=f"members[{position}].idNumber",
            rule="id_number.unique",
        ) from None
    await connection.execute(SAVE_MEMBERSHIP, member.id, household.id, household.area, member.relation, member.since)


def _columns(value: Sealed | None) -> tuple[bytes | None, bytes | None, str | None]:
    return NO_VALUE if value is None else (value.sealed, value.index, value.masked)
