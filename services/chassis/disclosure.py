"""What every disclosure of a contact in clear asks for: a purpose, and that it is not one too many for the account. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import Forbidden, TooManyRequests
from services.chassis.text import Text


class Purpose(StrEnum):
    """Why somebody asks for personal data; the same in every service."""

    SERVICE = "SERVICE"
    VERIFICATION = "VERIFICATION"
    BENEFIT_REVIEW = "BENEFIT_REVIEW"
    EMERGENCY = "EMERGENCY"
    MEDIATION = "MEDIATION"
    STATISTICS = "STATISTICS"
    SUBJECT_REQUEST = "SUBJECT_REQUEST"


LIMITS: Sequence[tuple[timedelta, int]] = ((timedelta(hours=1), 30), (timedelta(days=1), 200))
"""So many contacts an account may be shown within a time."""
NOTE = Text(200)


def require_purpose(rules: Mapping[Purpose, frozenset[str]], roles: frozenset[str], purpose: Purpose) -> None:
    """Raises Forbidden where by these rules none of the roles is shown contacts for the purpose."""
    if roles.isdisjoint(rules.get(purpose, frozenset())):
        raise Forbidden(f"contacts are not shown to your roles for the purpose {purpose}")


def require_within_limits(now: datetime, earlier: Sequence[datetime]) -> None:
    """Raises TooManyRequests when one more would pass a limit; `earlier` says when each of those of the last day was shown."""
    for span, most in LIMITS:
        within = sorted(at for at in earlier if at > now - span)
        if len(within) >= most:
            raise TooManyRequests(
                f"at most {most} contacts in {span.total_seconds() / 3600:g} hours may be shown to one account",
                retry_after=int((within[-most] + span - now).total_seconds()) + 1,
            )
