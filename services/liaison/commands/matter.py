"""Raises matters, which tickets open a ticket of, and follows what becomes of them."""

from datetime import date, datetime
from uuid import UUID

from services.chassis import outbox
from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.text import checked_code
from services.liaison.domain.matter import Matter, Source
from services.liaison.events import MatterRaised
from services.liaison.store import matter as store


async def raise_matter(
    connection: Connection,
    clock: Clock,
    *,
    source: Source,
    source_id: UUID,
    area: str,
    category: str,
    household: UUID | None = None,
    department: str | None = None,
    due: date | None = None,
    actor: str,
) -> None:
    """Records the matter and tells of it, once for each `source_id`: a repetition changes nothing.

    Category and department are codes of tickets, `area` a village, `due` the day by whose end the whole of it is to be done. Raises InvalidInput.
    """
    matter = Matter(
        source_id=source_id,
        source=source,
        area=area,
        category=checked_code(category, "category"),
        household=household,
        department=None if department is None else checked_code(department, "department"),
        due=due,
    )
    now = clock.now()
    if not await store.put(connection, matter, by=actor, at=now):
        return
    event = MatterRaised(
        source=matter.source,
        source_id=matter.source_id,
        area=matter.area,
        category=matter.category,
        household=matter.household,
        department=matter.department,
        due=matter.due,
        at=now,
    )
    await outbox.record(connection, clock, event, subject=str(matter.source_id), area=matter.area)


async def follow_ticket(
    connection: Connection,
    *,
    source: str,
    source_id: UUID,
    ticket: UUID,
    state: str,
    version: int,
    deed: str,
    satisfaction: str | None,
    at: datetime,
) -> bool:
    """Keeps what tickets tell of a matter's ticket, by the deed's verb; returns whether that is the outcome as it stands now."""
    solved = {"called_back": satisfaction == "SATISFIED", "reopened": False}.get(deed)
    told = store.Told(ticket, state, version, satisfaction, solved, at)
    return await store.follow(connection, source, source_id, told)
