"""Every event that liaison consumes, as little of it as is needed here."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from services.chassis.inbox import Reacting, Reaction
from services.liaison.commands.area import note_area
from services.liaison.commands.matter import follow_ticket
from services.liaison.commands.stall import note_held, note_withdrawn
from services.liaison.commands.suggestion import follow_matter
from services.liaison.commands.team import note_team
from services.liaison.domain.matter import Source


class AreaPublished(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    valid_to: date | None = None
    name: str | None = None


async def on_area_published(reacting: Reacting, data: AreaPublished) -> None:
    await note_area(reacting.connection, data.code, data.valid_to, data.name)


class TeamRevised(msgspec.Struct, frozen=True, rename="camel"):
    """tickets.team.revised.v1"""

    team: str
    areas: list[str]
    active: bool
    version: int


class ActivityEnded(msgspec.Struct, frozen=True, rename="camel"):
    """tickets.activity.served.v1 and tickets.activity.cancelled.v1; where it is a stall's, the stall has the same id."""

    activity: UUID
    people: int


async def on_team_revised(reacting: Reacting, data: TeamRevised) -> None:
    await note_team(reacting.connection, data.team, data.areas, data.version, active=data.active)


async def on_activity_served(reacting: Reacting, data: ActivityEnded) -> None:
    await note_held(reacting.connection, data.activity, data.people)


async def on_activity_cancelled(reacting: Reacting, data: ActivityEnded) -> None:
    await note_withdrawn(reacting.connection, data.activity)


class TicketChanged(msgspec.Struct, frozen=True, rename="camel"):
    """tickets.ticket.<deed>.v1"""

    ticket: UUID
    status: str
    version: int
    source: str
    at: datetime
    source_id: str | None = None
    satisfaction: str | None = None


TICKET_DEEDS = (
    *("reported", "accepted", "dispatched", "signed", "started", "suspended", "resumed", "returned", "ruled"),
    *("resolved", "verified", "reworked", "called_back", "reopened", "closed", "merged", "withdrawn", "referred"),
)
"""What moves a ticket from state to state."""


async def on_ticket_changed(reacting: Reacting, data: TicketChanged) -> None:
    """Most tickets are of others than liaison."""
    if data.source not in set(Source) or (key := _uuid(data.source_id)) is None:
        return
    deed = reacting.event.type.split(".")[2]
    decided = await follow_ticket(
        reacting.connection,
        source=data.source,
        source_id=key,
        ticket=data.ticket,
        state=data.status,
        version=data.version,
        deed=deed,
        satisfaction=data.satisfaction,
        at=data.at,
    )
    if decided and deed == "called_back":
        await follow_matter(reacting.connection, reacting.clock, key, data.satisfaction)


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


REACTIONS: Mapping[str, Reaction] = {
    "archive.area.published.v1": Reaction(AreaPublished, on_area_published),
    **{f"tickets.ticket.{deed}.v1": Reaction(TicketChanged, on_ticket_changed) for deed in TICKET_DEEDS},
    "tickets.team.revised.v1": Reaction(TeamRevised, on_team_revised),
    "tickets.activity.served.v1": Reaction(ActivityEnded, on_activity_served),
    "tickets.activity.cancelled.v1": Reaction(ActivityEnded, on_activity_cancelled),
}
