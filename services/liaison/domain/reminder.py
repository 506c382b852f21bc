"""Reminders of what is to come: of each duty who has it, of each session its staff and the village."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

LATEST = timedelta(days=1)
"""A reminder that is past by more, as after a pause, is not told any more."""


@dataclass(frozen=True)
class Reminder:
    """`kind` is DUTY or SESSION, `ref` the duty's key or the session's id. `subject` is whom it is for; empty: the village.

    `at` is when it is due, `begins` when what it reminds of begins, on the day `day`.
    """

    kind: str
    ref: str
    area: str
    subject: str
    day: date
    begins: datetime
    at: datetime
