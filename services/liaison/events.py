"""Every event that liaison publishes."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData

Village = Annotated[str, Meta(description="The village's code (12 digits).")]


class RosterPlanned(EventData, frozen=True, kw_only=True):
    """A village's roster was made or revised: it has `days` duties from `from` until `until`, both included."""

    type: ClassVar[str] = "liaison.roster.planned.v1"
    personal_data: ClassVar[PersonalData] = "none"

    area: Village
    from_: Annotated[date, Meta(description="The roster's first day.")] = msgspec.field(name="from")
    until: Annotated[date, Meta(description="The roster's last day.")]
    days: Annotated[int, Meta(description="How many duties it has.")]


class DutySignedIn(EventData, frozen=True, kw_only=True):
    """The cadre on duty, named by their account's subject, has signed in."""

    type: ClassVar[str] = "liaison.duty.signed_in.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: Annotated[date, Meta(description="The day of the duty.")]
    cadre: Annotated[str, Meta(description="The subject of the cadre's account.")]
    signed_at: Annotated[datetime, Meta(tz=True)]


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A day that is not what its weekday says."""

    date: date
    kind: Literal["HOLIDAY", "MAKEUP_WORKDAY"]
    festival: Annotated[str, Meta(description="What it is off or worked for, in Chinese.")]


class CalendarPublished(EventData, frozen=True, kw_only=True):
    """The working calendar of a year was loaded or changed. While it is not `published`, it goes by weekdays alone and has no `days`."""

    type: ClassVar[str] = "liaison.calendar.published.v1"
    personal_data: ClassVar[PersonalData] = "none"

    year: int
    published: Annotated[
        bool, Meta(description="Whether the State Council has published it; if not, it is provisional.")
    ]
    days: Annotated[
        list[CalendarDay], Meta(description="All of its days that are not what their weekday says, in order.")
    ]


EVENTS: tuple[type[EventData], ...] = (RosterPlanned, DutySignedIn, CalendarPublished)
