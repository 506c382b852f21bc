"""Every event that the archive publishes: ids, codes, dates and names of fields; nobody's name, number or words."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData

Household = Annotated[UUID, Meta(description="The household's id; who may see its sheet asks the gateway with it.")]
Grid = Annotated[str, Meta(description="The code of the household's grid (16 digits).")]
Version = Annotated[int, Meta(description="The sheet's version after the change, one on with each.")]
Changed = Annotated[Sequence[str], Meta(description="Names of the fields that have changed, never their values.")]


class AreaPublished(EventData, frozen=True, kw_only=True):
    """A division or grid is new, or what the archive says of it has changed. The subject is its code."""

    type: ClassVar[str] = "archive.area.published.v1"
    personal_data: ClassVar[PersonalData] = "none"

    code: Annotated[
        str, Meta(description="2 to 12 digits, a grid's 16. An area holds all areas whose code begins with its own.")
    ]
    name: str
    kind: Annotated[str, Meta(description="COUNTY, TOWNSHIP, VILLAGE, GRID and the like.")]
    valid_from: Annotated[date, Meta(description="The first day.")]
    valid_to: Annotated[date | None, Meta(description="The last day; null while no end is known.")]


class HouseholdOpened(EventData, frozen=True, kw_only=True):
    """A household has got a sheet. `area` is its grid."""

    type: ClassVar[str] = "archive.household.opened.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Version
    changed: Changed


class HouseholdRevised(EventData, frozen=True, kw_only=True):
    """A sheet has changed; `changed` names fields, such as `address` or `members.phone`."""

    type: ClassVar[str] = "archive.household.revised.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Version
    changed: Changed


class VisitNoted(EventData, frozen=True, kw_only=True):
    """A visit has been written down; `promise` is the category of what was promised, if anything was."""

    type: ClassVar[str] = "archive.visit.noted.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    visit: Annotated[UUID, Meta(description="The visit note's id.")]
    household: Household
    area: Grid
    visited_on: Annotated[date, Meta(description="The day of the visit.")]
    promise: Annotated[str | None, Meta(description="The category of what was promised; null when nothing was.")]


EVENTS: tuple[type[EventData], ...] = (AreaPublished, HouseholdOpened, HouseholdRevised, VisitNoted)
