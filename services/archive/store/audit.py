"""The audit log: who saw whose data, when and why. Rows are added and never changed; store/chain.py seals them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.chassis.db import Connection

Deed = Literal["READ", "REVEAL", "PRINT", "EXPORT", "MEDIATION", "SUBJECT_EXPORT", "RETENTION"]
"""READ: on a screen, masked · REVEAL: in clear · PRINT, EXPORT, MEDIATION: a document · SUBJECT_EXPORT: the household's own data, in full ·
RETENTION: what was erased because its time was over."""

RECORD = """
WITH added AS (
    INSERT INTO audit (by, name, roles, areas, department, deed, at, purpose, household_id, person_id, area_code, fields, count, note)
    VALUES ($1, caller() ->> 'name', $2, caller_areas(), caller_department(), $3, $4, $5,
        coalesce($6, (SELECT p.household_id FROM person p WHERE p.id = $7)), $7,
        coalesce($8, (SELECT h.area_code FROM household h WHERE h.id = $6), (SELECT p.area_code FROM person p WHERE p.id = $7)), $9, $10, $11)
    RETURNING id)
INSERT INTO audit_unsealed SELECT id FROM added
"""


async def record(
    connection: Connection,
    *,
    by: str,
    roles: frozenset[str],
    deed: Deed,
    at: datetime,
    purpose: str | None = None,
    household: UUID | None = None,
    person: UUID | None = None,
    area: str | None = None,
    fields: Sequence[str] = (),
    count: int | None = None,
    note: str | None = None,
) -> None:
    """Records a deed of the caller that the connection's transaction was opened for: nobody writes in another's name.

    Name, areas and department are taken from that caller; a sheet's household and area, where not given, from the sheet. `fields` are names.
    """
    await connection.execute(
        RECORD, by, sorted(roles), deed, at, purpose, household, person, area, list(fields), count, note
    )
