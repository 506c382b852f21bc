"""The history of a sheet: who said what, when, and from which day on it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

Provenance = Literal["DECLARED", "VISITED", "DOCUMENT", "DEPARTMENT"]
"""Told by the household, seen on a visit, read in a document, heard from a department."""


@dataclass(frozen=True)
class Change:
    """What is common to all that one deed changes. `whys` says of members why they came or left."""

    by: str
    at: datetime
    valid_from: date
    provenance: Provenance = "DECLARED"
    verified_on: date | None = None
    reason: str | None = None
    whys: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One word on the facts of a part of a sheet; `serial` grows in the order of recording."""

    serial: int
    kind: str
    key: UUID
    valid_from: date
    recorded_at: datetime
    patch: Mapping[str, Any]


def state(entries: Iterable[Entry], as_of: date, known_at: datetime) -> dict[tuple[str, UUID], dict[str, Any]]:
    """Each part's facts on a day as they were known at a time: of all that was said of a fact, what holds from the latest day, said last."""
    result: dict[tuple[str, UUID], dict[str, Any]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.valid_from, entry.serial)):
        if entry.valid_from <= as_of and entry.recorded_at <= known_at:
            result.setdefault((entry.kind, entry.key), {}).update(entry.patch)
    return result
