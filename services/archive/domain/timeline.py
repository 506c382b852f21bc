"""What happened with a household's tickets, as its sheet shows it (办事动态)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DEEDS = ("reported", "accepted", "dispatched", "signed", "resolved", "verified", "called_back", "closed")


@dataclass(frozen=True)
class Entry:
    """One deed of a ticket. `event` is the id of the event that told of it; `version` the ticket's after it."""

    event: UUID
    household: UUID
    at: datetime
    deed: str
    ticket: UUID
    ticket_number: str
    version: int
    status: str
