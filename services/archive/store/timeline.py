"""The households' timelines."""

from services.archive.domain.timeline import Entry
from services.chassis.db import Connection

ADD = """
INSERT INTO timeline (event_id, household_id, area_code, at, deed, ticket_id, ticket_number, ticket_version, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (event_id) DO NOTHING
"""


async def add(connection: Connection, entry: Entry, area: str) -> None:
    """Writes an entry on the sheet of a household in the grid; an event that is there already changes nothing."""
    await connection.execute(
        ADD,
        entry.event,
        entry.household,
        area,
        entry.at,
        entry.deed,
        entry.ticket,
        entry.ticket_number,
        entry.version,
        entry.status,
    )
