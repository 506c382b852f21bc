"""Visit notes: written once, never changed."""

from services.archive.domain.visit import VisitNote
from services.chassis.db import Connection

ADD = """
INSERT INTO visit_note (id, household_id, area_code, text, visited_on, author, promise, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def add(connection: Connection, note: VisitNote) -> None:
    await connection.execute(
        ADD, note.id, note.household, note.area, note.text, note.visited_on, note.author, note.promise, note.created_at
    )
