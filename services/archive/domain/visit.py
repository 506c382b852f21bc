"""Visits (走访) and the note that is written of one (民情日记)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.archive.domain.text import CATEGORY, NOTE
from services.chassis.errors import InvalidInput


@dataclass(frozen=True)
class VisitNote:
    """`author` is the subject of an account; `promise` the category of what was promised, if anything was."""

    id: UUID
    household: UUID
    area: str
    text: str
    visited_on: date
    author: str
    promise: str | None
    created_at: datetime


def checked_text(text: str) -> str:
    return NOTE.check(text, "text")


def checked_day(visited_on: date, today: date) -> date:
    if visited_on > today:
        raise InvalidInput("visitedOn lies ahead", field="visitedOn", rule="visit.future")
    return visited_on


def checked_promise(promise: str | None) -> str | None:
    return None if promise is None else CATEGORY.check(promise, "promise")
