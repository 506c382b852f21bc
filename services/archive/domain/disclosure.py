"""What of a person's data is shown in clear to whom and for what. What is not said here is not shown.

Purpose limitation and least access: Personal Information Protection Law (个人信息保护法) articles 6, 28 and 51. The table is an example of a
county's rules: it is data, for the county to set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.archive.domain.access import RESIDENT
from services.archive.domain.purpose import PURPOSES
from services.chassis.errors import Forbidden, InvalidInput, TooManyRequests
from services.chassis.text import Text

FIELDS: Mapping[str, str] = {
    "idNumber": "身份证号",
    "phone": "电话",
    "birthDate": "出生日期",
    "health": "健康状况",
    "income": "收入金额",
    "emergencyContact": "紧急联系人",
}
"""What views show masked only."""

_CALL = frozenset({"phone"})
_IDENTIFY = frozenset({"idNumber", "phone", "birthDate"})
_ALL = frozenset(FIELDS)

RULES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "SERVICE": {
        "grid_worker": _CALL,
        "hotline_agent": _CALL,
        "errand_agent": _CALL,
        "village_cadre": _IDENTIFY,
        "township_clerk": _IDENTIFY,
        "window_clerk": _IDENTIFY,
    },
    "VERIFICATION": {
        "grid_worker": _IDENTIFY,
        "village_cadre": _IDENTIFY | {"income"},
        "township_clerk": _IDENTIFY | {"income"},
    },
    "BENEFIT_REVIEW": {
        "village_cadre": _IDENTIFY | {"health", "income"},
        "township_clerk": _IDENTIFY | {"health", "income"},
        "window_clerk": _IDENTIFY | {"health", "income"},
        "city_admin": _IDENTIFY | {"health", "income"},
    },
    "EMERGENCY": {
        role: frozenset({"phone", "health", "emergencyContact"})
        for role in ("grid_worker", "village_cadre", "township_clerk", "hotline_agent", "city_admin")
    },
    "MEDIATION": {"mediator": _CALL, "village_cadre": _CALL},
    "STATISTICS": {},
    "SUBJECT_REQUEST": {RESIDENT: _ALL, "window_clerk": _ALL, "township_clerk": _ALL},
}
"""Purpose → role → fields. A resident reaches their own household only."""

ROLES = frozenset(role for roles in RULES.values() for role in roles)
"""Those that may ask for anything in clear at all."""

LIMITS: Sequence[tuple[timedelta, int]] = ((timedelta(hours=1), 30), (timedelta(days=1), 200))
"""So many persons an account may have revealed within a time."""

NOTE = Text(200)


@dataclass(frozen=True)
class Revealed:
    """One value in clear. `person` is None where the fact is the household's; `label` tells several of a kind apart."""

    person: str | None
    label: str | None
    field: str
    value: str | None

    def __repr__(self) -> str:
        return f"Revealed({self.field}, …)"


def allowed(roles: Iterable[str], purpose: str) -> frozenset[str]:
    """The fields that the roles may see in clear for a purpose."""
    return frozenset().union(*(RULES[purpose].get(role, frozenset()) for role in roles))


def require_allowed(roles: Iterable[str], purpose: str, fields: Sequence[str]) -> frozenset[str]:
    """The fields, each once; raises InvalidInput for one that is none, Forbidden for one that the roles may not see for this purpose."""
    if not fields:
        raise InvalidInput("fields: name at least one", field="fields", rule="required")
    for position, name in enumerate(fields):
        if name not in FIELDS:
            raise InvalidInput(
                f"fields[{position}] must be one of {', '.join(FIELDS)}",
                field=f"fields[{position}]",
                rule="field.known",
            )
    refused = sorted(set(fields) - allowed(roles, purpose))
    if refused:
        raise Forbidden(
            f"{', '.join(refused)}: not shown to your roles for the purpose {PURPOSES[purpose]} ({purpose})"
        )
    return frozenset(fields)


def require_within_limits(now: datetime, earlier: Sequence[datetime], persons: int) -> None:
    """Raises TooManyRequests when with `persons` more a limit would be passed; `earlier` says when each of those of the last day was revealed."""
    for span, most in LIMITS:
        within = sorted(at for at in earlier if at > now - span)
        if len(within) + persons <= most:
            continue
        if persons > most:
            raise InvalidInput(
                f"at most {most} persons at once: name members", field="householdId", rule="reveal.limit"
            )
        frees = within[len(within) + persons - most - 1] + span
        raise TooManyRequests(
            f"at most {most} persons in {span.total_seconds() / 3600:g} hours may be revealed to one account",
            retry_after=max(1, int((frees - now).total_seconds()) + 1),
        )
