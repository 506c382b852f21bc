"""The rostered duties and their sign-ins."""

from collections.abc import Sequence
from datetime import date, datetime

from services.chassis.db import Connection
from services.liaison.domain.roster import Cadre, Shift, Standing

ON_DUTY = "SELECT subject FROM duty WHERE area = $1 AND date = $2"
SIGN_IN = """
UPDATE duty SET signed_in_at = $4 WHERE area = $1 AND date = $2 AND subject = $3 AND signed_in_at IS NULL RETURNING area
"""
STANDING = "SELECT date, subject, name, signed_in_at FROM duty WHERE area = $1 AND date BETWEEN $2 AND $3"
PUT = """
INSERT INTO duty (area, date, subject, name)
SELECT $1, * FROM unnest($2::date[], $3::text[], $4::text[])
ON CONFLICT (area, date) DO UPDATE SET subject = excluded.subject, name = excluded.name WHERE duty.signed_in_at IS NULL
"""
DROP = "DELETE FROM duty WHERE area = $1 AND date = ANY($2::date[]) AND signed_in_at IS NULL"


async def on_duty(connection: Connection, area: str, day: date) -> str | None:
    """The subject of the one who is rostered."""
    subject: str | None = await connection.fetchval(ON_DUTY, area, day)
    return subject


async def sign_in(connection: Connection, area: str, day: date, subject: str, at: datetime) -> bool:
    """Notes the first sign-in of the one on duty; False when there was one before or the duty went to another."""
    return await connection.fetchval(SIGN_IN, area, day, subject, at) is not None


async def standing(connection: Connection, area: str, first: date, last: date) -> dict[date, Standing]:
    rows = await connection.fetch(STANDING, area, first, last)
    return {
        row["date"]: Standing(
            Shift(row["date"], Cadre(row["subject"], row["name"])), signed=row["signed_in_at"] is not None
        )
        for row in rows
    }


async def put(connection: Connection, area: str, shifts: Sequence[Shift]) -> None:
    """Rosters the shifts; a day that is signed by now stays as it is."""
    await connection.execute(
        PUT,
        area,
        [shift.date for shift in shifts],
        [shift.cadre.subject for shift in shifts],
        [shift.cadre.name for shift in shifts],
    )


async def drop(connection: Connection, area: str, days: Sequence[date]) -> None:
    await connection.execute(DROP, area, days)
