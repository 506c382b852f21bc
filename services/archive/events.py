"""Every event that the archive publishes: ids, codes, dates and names of fields; nobody's name, number or words."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.chassis.envelope import EventData


class AreaPublished(EventData, frozen=True, kw_only=True):
    """A division or grid is new, or what the archive says of it has changed. The subject is its code."""

    type: ClassVar[str] = "archive.area.published.v1"

    code: str
    name: str
    kind: str
    valid_from: date
    valid_to: date | None


class HouseholdOpened(EventData, frozen=True, kw_only=True):
    """A household has got a sheet. `area` is its grid."""

    type: ClassVar[str] = "archive.household.opened.v1"

    household: UUID
    area: str
    version: int
    changed: Sequence[str]


class HouseholdRevised(EventData, frozen=True, kw_only=True):
    """A sheet has changed; `changed` names fields, such as `address` or `members.phone`."""

    type: ClassVar[str] = "archive.household.revised.v1"

    household: UUID
    area: str
    version: int
    changed: Sequence[str]


class VisitNoted(EventData, frozen=True, kw_only=True):
    """A visit has been written down; `promise` is the category of what was promised, if anything was."""

    type: ClassVar[str] = "archive.visit.noted.v1"

    visit: UUID
    household: UUID
    area: str
    visited_on: date
    promise: str | None


EVENTS: tuple[type[EventData], ...] = (AreaPublished, HouseholdOpened, HouseholdRevised, VisitNoted)
