"""Callbacks (回访): who calls back, how often it was tried, and when it may end with nobody reached. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict


class Outcome(StrEnum):
    REACHED = "REACHED"
    UNREACHED = "UNREACHED"
    BUSY = "BUSY"


@dataclass(frozen=True)
class HotlineRule:
    """The hotline's rules that callbacks go by."""

    claim_minutes: int
    attempts_a_day: int
    unreached_after: int


@dataclass(frozen=True)
class Attempt:
    at: datetime
    outcome: Outcome


def require_another(rule: HotlineRule, attempts: Sequence[Attempt], now: datetime) -> None:
    """Raises Conflict where the person was called often enough today (in China)."""
    day = now.astimezone(CHINA).date()
    if sum(attempt.at.astimezone(CHINA).date() == day for attempt in attempts) >= rule.attempts_a_day:
        raise Conflict(
            f"at most {rule.attempts_a_day} attempts a day: call back tomorrow", rule="callback.attempts_a_day"
        )


def require_tried(rule: HotlineRule, attempts: Sequence[Attempt]) -> None:
    """Raises Conflict where nobody was reached, but not often enough for the callback to end so."""
    missed = sum(attempt.outcome is not Outcome.REACHED for attempt in attempts)
    if missed < rule.unreached_after:
        raise Conflict(
            f"satisfaction UNREACHED needs {rule.unreached_after} attempts that reached nobody; there are {missed}",
            rule="callback.unreached_after",
        )
