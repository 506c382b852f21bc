"""Who serves (干部), where they may be sent, and when they are away (请假). Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.principal import Principal
from services.chassis.text import Text, checked_code
from services.liaison.domain.role import ARRANGERS

NAME = Text(60)
SUBJECT = Text(200)
CODE = re.compile(r"[0-9]{2,12}", re.ASCII)
LONGEST_LEAVE_DAYS = 400

Span = tuple[date, date]
"""First and last day, both included."""


class LeaveReason(StrEnum):
    ANNUAL = "ANNUAL"
    SICK = "SICK"
    TRAINING = "TRAINING"
    OFFICIAL = "OFFICIAL"
    FAMILY = "FAMILY"
    OTHER = "OTHER"


@dataclass(frozen=True, kw_only=True)
class Cadre:
    """Somebody who does duty or goes to gatherings. They may be sent anywhere within `area` and set out from `base` in it."""

    subject: str
    name: str
    area: str
    base: str
    department: str | None = None
    since: date
    until: date | None = None
    version: int = 1

    def __post_init__(self) -> None:
        for name, code in (("areaCode", self.area), ("baseCode", self.base)):
            if not CODE.fullmatch(code):
                raise InvalidInput(f"{name} must be the code of a village or above", field=name, rule="form")
        if not self.base.startswith(self.area):
            raise InvalidInput("baseCode must lie within areaCode", field="baseCode", rule="within")
        if self.department is not None:
            checked_code(self.department, "department")
        if self.until is not None and self.until < self.since:
            raise InvalidInput("until must not be before since", field="until", rule="order")

    def may_serve(self, village: str) -> bool:
        """Whether they may be sent to the village, or serve in its township."""
        return village.startswith(self.area) or self.area.startswith(village[:9])

    @property
    def out_of_office(self) -> list[Span]:
        """Before they began, and after they ended."""
        after = [] if self.until is None else [(self.until + timedelta(1), date.max)]
        return [(date.min, self.since - timedelta(1)), *after]


def absent(away: Mapping[str, Sequence[Span]], subject: str, day: date) -> bool:
    return any(first <= day <= last for first, last in away.get(subject, ()))


def check_leave(first: date, last: date) -> None:
    """Raises InvalidInput."""
    if not timedelta(0) <= last - first <= timedelta(LONGEST_LEAVE_DAYS):
        raise InvalidInput(
            f"last must lie on first or after it, at most {LONGEST_LEAVE_DAYS} days", field="last", rule="leave.span"
        )


def require_own_or_arranger(principal: Principal, cadre: Cadre) -> None:
    """Raises Forbidden but for the cadre themself and whoever arranges where they serve."""
    if principal.subject != cadre.subject and not arranges(principal, cadre.area):
        raise Forbidden("this is for the cadre themself, or whoever arranges duties where they serve")


def arranges(principal: Principal, area: str) -> bool:
    return principal.has(ARRANGERS) and principal.covers(area)


def require_arranger(principal: Principal, area: str) -> None:
    """Raises Forbidden but for a clerk of the township or the city's admin, within their areas."""
    if not arranges(principal, area):
        raise Forbidden("this is for whoever arranges duties in that area")


def spans(cadres: Iterable[Cadre], leaves: Iterable[tuple[str, date, date]]) -> dict[str, list[Span]]:
    """When each is not there: on leave, or not in office."""
    away = {cadre.subject: cadre.out_of_office for cadre in cadres}
    for subject, first, last in leaves:
        away.setdefault(subject, []).append((first, last))
    return away
