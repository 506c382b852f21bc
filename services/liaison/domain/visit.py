"""Who came to the station while somebody was on duty, and what for (值班接待). Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.principal import Principal
from services.chassis.text import Text
from services.liaison.domain.role import HOSTS

NOTE = Text(2000, lines=True)
OLDEST = timedelta(days=60)
"""How long ago a visit may have been when it is first told of."""


class Purpose(StrEnum):
    CONSULT = "CONSULT"
    APPLY = "APPLY"
    REPORT = "REPORT"
    COMPLAINT = "COMPLAINT"
    VISIT = "VISIT"
    OTHER = "OTHER"


def check_at(at: datetime, now: datetime) -> None:
    """Raises InvalidInput."""
    if at > now:
        raise InvalidInput("at lies in the future", field="at", rule="not.future")
    if at < now - OLDEST:
        raise InvalidInput(f"at lies more than {OLDEST.days} days back", field="at", rule="visit.old")


def require_keeper(principal: Principal, area: str, on_duty: str | None) -> None:
    """Raises Forbidden but for who is on duty that day and whoever hosts in the village."""
    if principal.subject != on_duty and not (principal.has(HOSTS) and principal.covers(area)):
        raise Forbidden("the log is kept by who is on duty that day, or a host of the village")
