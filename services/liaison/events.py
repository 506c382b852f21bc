"""Every event that liaison publishes."""

from datetime import date, datetime
from typing import Annotated, ClassVar

import msgspec

from services.chassis.envelope import EventData


class RosterPlanned(EventData, frozen=True, kw_only=True):
    """A village's roster was made or revised: it has `days` duties from `from` until `until`, both included."""

    type: ClassVar[str] = "liaison.roster.planned.v1"

    area: str
    from_: date = msgspec.field(name="from")
    until: date
    days: int


class DutySignedIn(EventData, frozen=True, kw_only=True):
    """The cadre on duty, named by their account's subject, has signed in."""

    type: ClassVar[str] = "liaison.duty.signed_in.v1"

    area: str
    date: date
    cadre: str
    signed_at: Annotated[datetime, msgspec.Meta(tz=True)]


EVENTS: tuple[type[EventData], ...] = (RosterPlanned, DutySignedIn)
