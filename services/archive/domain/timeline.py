"""What happened with a household's tickets, as its sheet shows it (办事动态)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DEEDS = (
    *("reported", "accepted", "dispatched", "signed", "started", "suspended", "resumed", "returned", "ruled"),
    *("resolved", "verified", "reworked", "called_back", "reopened", "closed", "merged", "withdrawn", "referred"),
    *("assigned", "handed_over", "supervised", "escalated", "rated", "extension_requested", "extension_decided"),
    *("pressed", "assisted", "mediated"),
)


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
