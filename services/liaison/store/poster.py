"""What a poster shows besides a village's calendar."""

from datetime import date

from services.chassis.db import Connection
from services.liaison.domain.calendar import DayKind
from services.liaison.domain.poster import CalendarDay

DAYS = "SELECT date, kind, festival, provisional, lunar FROM calendar_day WHERE date BETWEEN $1 AND $2 ORDER BY date"
STATION = "SELECT concat_ws('　', name, address) FROM station WHERE area = $1"


async def days(connection: Connection, first: date, last: date) -> list[CalendarDay]:
    """Those of the working calendar, both included."""
    rows = await connection.fetch(DAYS, first, last)
    return [CalendarDay(**{**row, "kind": DayKind(row["kind"])}) for row in rows]


async def station(connection: Connection, code: str) -> str:
    """The station's name and address; empty where they are not known."""
    found: str | None = await connection.fetchval(STATION, code)
    return found or ""
