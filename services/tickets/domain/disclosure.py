"""Who may be shown a contact in clear, for what, and how often. What is not said here is not shown.

Purpose limitation and least access: Personal Information Protection Law (个人信息保护法) articles 6, 28 and 51. The table is an example of a
county's rules: it is data, for the county to set.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import Forbidden, TooManyRequests
from services.chassis.text import Text
from services.tickets.domain.role import Role


class Purpose(StrEnum):
    """Why somebody asks for personal data; the same as in the archive."""

    SERVICE = "SERVICE"
    VERIFICATION = "VERIFICATION"
    BENEFIT_REVIEW = "BENEFIT_REVIEW"
    EMERGENCY = "EMERGENCY"
    MEDIATION = "MEDIATION"
    STATISTICS = "STATISTICS"
    SUBJECT_REQUEST = "SUBJECT_REQUEST"


_ON_THE_MATTER = frozenset(
    {
        Role.GRID_WORKER,
        Role.VILLAGE_CADRE,
        Role.TOWNSHIP_CLERK,
        Role.WINDOW_CLERK,
        Role.HOTLINE_AGENT,
        Role.DEPARTMENT_OFFICER,
        Role.ERRAND_AGENT,
    }
)
RULES: Mapping[Purpose, frozenset[Role]] = {
    Purpose.SERVICE: _ON_THE_MATTER,
    Purpose.VERIFICATION: frozenset({Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK}),
    Purpose.EMERGENCY: _ON_THE_MATTER | {Role.CITY_ADMIN},
    Purpose.MEDIATION: frozenset({Role.MEDIATOR, Role.VILLAGE_CADRE}),
}
ROLES: frozenset[str] = frozenset(role for roles in RULES.values() for role in roles)
LIMITS: Sequence[tuple[timedelta, int]] = ((timedelta(hours=1), 30), (timedelta(days=1), 200))
"""So many contacts an account may be shown within a time."""
NOTE = Text(200)


def require_allowed(roles: frozenset[str], purpose: Purpose) -> None:
    """Raises Forbidden where none of the roles is shown contacts for the purpose."""
    if roles.isdisjoint(RULES.get(purpose, frozenset())):
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
