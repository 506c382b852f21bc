"""Matters (事情单) that liaison raises: what was said on duty, at a meeting or at a stall, and is for tickets to see to. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Source(StrEnum):
    """Where a matter comes up: 值班, 集中, 沟通日, 墟日摊位, 手机应用."""

    DUTY = "DUTY"
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"
    MARKET_STALL = "MARKET_STALL"
    APP = "APP"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One matter; `source_id` is what it came from (a visit, a suggestion, …), which raises one at most.

    Of tickets it follows the ticket and its state, both None until tickets have told of it.
    """

    source_id: UUID
    source: Source
    area: str
    category: str
    household: UUID | None = None
    department: str | None = None
    due: date | None = None
    ticket: UUID | None = None
    ticket_state: str | None = None
