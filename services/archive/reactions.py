"""Every event that the archive consumes: a ticket's life shows on its household's timeline."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from services.archive.domain.timeline import DEEDS, Entry
from services.archive.store import sheet as sheets
from services.archive.store import timeline
from services.chassis.errors import NotFound
from services.chassis.inbox import Reacting, Reaction


class TicketChanged(msgspec.Struct, frozen=True, rename="camel"):
    """tickets.ticket.<deed>.v1"""

    ticket: UUID
    number: str
    status: str
    version: int
    at: datetime
    household: UUID | None = None


async def show_on_timeline(reacting: Reacting, changed: TicketChanged) -> None:
    """A ticket of no household shows nowhere; one of a household that is not known here raises NotFound."""
    if changed.household is None:
        return
    area = await sheets.area_of(reacting.connection, changed.household)
    if area is None:
        raise NotFound("the ticket's household has no sheet here")
    entry = Entry(
        event=reacting.event.id,
        household=changed.household,
        at=changed.at,
        deed=reacting.event.type.split(".")[2],
        ticket=changed.ticket,
        ticket_number=changed.number,
        version=changed.version,
        status=changed.status,
    )
    await timeline.add(reacting.connection, entry, area)


REACTIONS: Mapping[str, Reaction] = {
    f"tickets.ticket.{deed}.v1": Reaction(TicketChanged, show_on_timeline) for deed in DEEDS
}
