"""Calls (来电) of the hotline: what is told of one, bit by bit and in any order, and what becomes of it. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from services.chassis.vault import Sealed

CALLS = uuid5(NAMESPACE_URL, "urn:sanmin:tickets:call")
MOST_DAYS = 366
"""The longest span that is measured at once."""


class Direction(StrEnum):
    IN = "IN"
    OUT = "OUT"


class Notice(StrEnum):
    """How the caller was told that the call is recorded: by a voice that was played, or by the agent."""

    PLAYED = "PLAYED"
    ANNOUNCED = "ANNOUNCED"


class Span(StrEnum):
    """What the hotline's measures are made by. HOUR is the hour of the day: all 24, for the hotline is open round the clock."""

    TOTAL = "TOTAL"
    HOUR = "HOUR"
    DAY = "DAY"
    AGENT = "AGENT"
    TRUNK = "TRUNK"


@dataclass(frozen=True)
class Recording:
    """Where a recording is kept, and the SHA-256 of its bytes."""

    uri: str = field(repr=False)
    sha256: bytes


@dataclass(frozen=True, kw_only=True)
class Call:
    """`trunk` told of it; without one an agent has noted it. `told_at` is the time of what was first told."""

    id: UUID
    trunk: str | None
    area: str
    direction: Direction = Direction.IN
    agent: str | None = None
    told_at: datetime
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    number: Sealed | None = field(default=None, repr=False)
    notice: Notice | None = None
    recording: Recording | None = None
    transcript: str | None = field(default=None, repr=False)
    forgotten_at: datetime | None = None


def call_id(trunk: str, told: str) -> UUID:
    """The key of the call that a trunk's telephone system knows by its own id: the same whatever is told of it first."""
    return uuid5(CALLS, f"{trunk}/{told}")


def completed(call: Call, more: Call) -> Call:
    """The call with what `more` knows besides. What is known stands; what was forgotten does not come back."""
    kept = call.forgotten_at is None
    return replace(
        call,
        direction=Direction.OUT if Direction.OUT in (call.direction, more.direction) else Direction.IN,
        agent=call.agent or more.agent,
        rung_at=call.rung_at or more.rung_at,
        answered_at=call.answered_at or more.answered_at,
        ended_at=call.ended_at or more.ended_at,
        number=call.number or (more.number if kept else None),
        notice=call.notice or more.notice,
        recording=call.recording or (more.recording if kept else None),
        transcript=call.transcript or (more.transcript if kept else None),
    )
