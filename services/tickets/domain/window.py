"""Service centres (便民服务中心) and their windows (窗口): when they are open, and which queue an item waits in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, InvalidInput
from services.tickets.domain.role import Role
from services.tickets.domain.worktime import DayKind

CLERKS = (Role.WINDOW_CLERK, Role.VILLAGE_CADRE, Role.TOWNSHIP_CLERK)
"""Sit at windows of centres in their areas."""
TAKERS = (*CLERKS, Role.KIOSK, Role.RESIDENT)
"""Take numbers: a resident at any centre, the others where they are."""
REVISERS = (Role.CITY_ADMIN,)
LEVELS = {6: "COUNTY", 9: "TOWNSHIP", 12: "VILLAGE"}


class OpenOn(StrEnum):
    """The days of a timetable. A make-up workday is a workday, a holiday in the week is none."""

    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"


@dataclass(frozen=True)
class Opening:
    """A period of a kind of day, in China."""

    day: OpenOn
    opens: time
    closes: time


@dataclass(frozen=True)
class Group:
    """A queue of a centre; its code is the letter of its numbers. `minutes` is how long a service usually takes."""

    code: str
    name: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Centre:
    """`calls` make a no-show, who comes back lets `behind` go ahead, numbers are given from `lead` minutes before the opening."""

    code: str
    area: str
    name: str
    opening: tuple[Opening, ...]
    groups: tuple[Group, ...]
    calls: int
    behind: int
    lead: int
    closed: bool = False

    @property
    def level(self) -> str:
        return LEVELS[len(self.area)]

    def group(self, code: str) -> Group:
        """Raises InvalidInput."""
        for group in self.groups:
            if group.code == code:
                return group
        raise InvalidInput("groupCode names no queue of this centre", field="groupCode", rule="known.group")


@dataclass(frozen=True, kw_only=True)
class Window:
    """A counter of a centre, the groups that it serves, and the departments in residence: none serves whatever comes."""

    centre: str
    code: str
    name: str
    groups: tuple[str, ...]
    departments: tuple[str, ...] = ()
    closed: bool = False


def checked_centre(centre: Centre) -> Centre:
    """Raises InvalidInput: an area that is none of the three levels, openings that overlap or end before they begin, groups twice or none."""
    if len(centre.area) not in LEVELS:
        raise InvalidInput("areaCode must be that of a county, township or village", field="areaCode", rule="kind.area")
    for day in OpenOn:
        end = time.min
        for period in _periods(centre.opening, day):
            if period.opens < end or period.closes <= period.opens:
                raise InvalidInput(
                    "opening: periods of a day must not overlap, and close after they open",
                    field="opening",
                    rule="opening.order",
                )
            end = period.closes
    codes = [group.code for group in centre.groups]
    if not codes or len(set(codes)) < len(codes) or not all(len(code) == 1 and "A" <= code <= "Z" for code in codes):
        raise InvalidInput("groups must have a letter from A to Z each", field="groups", rule="group.code")
    if not all(1 <= group.minutes <= 240 for group in centre.groups):
        raise InvalidInput("groups: minutes must be from 1 to 240", field="groups", rule="group.minutes")
    return centre


def group_for(departments: Sequence[str], windows: Iterable[Window]) -> str:
    """The queue of a matter of these departments: of a window that houses the leading one, else of one that houses none.

    Raises InvalidInput where the centre has neither.
    """
    open_windows = sorted((window for window in windows if not window.closed), key=lambda window: window.code)
    housing = [window for window in open_windows if departments[0] in window.departments]
    for window in housing or [window for window in open_windows if not window.departments]:
        return window.groups[0]
    raise InvalidInput("itemCode: no window of this centre takes it", field="itemCode", rule="item.window")


@dataclass(frozen=True)
class Hours:
    """The openings of one day, in order."""

    day: date
    periods: tuple[Opening, ...]

    def after(self, now: datetime, wait: timedelta) -> datetime | None:
        """The instant when the centre has been open for `wait` from now on; None where it closes before."""
        left = wait
        for period in self.periods:
            opens, closes = self._at(period.opens), self._at(period.closes)
            begins = max(now, opens)
            if begins < closes:
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
        return None

    def require_given(self, now: datetime, lead: timedelta) -> None:
        """Raises Conflict unless numbers are given now."""
        if not self.periods:
            raise Conflict("the centre is not open today")
        if now >= self._at(self.periods[-1].closes):
            raise Conflict("the centre has closed for today")
        if now < self._at(self.periods[0].opens) - lead:
            first = (self._at(self.periods[0].opens) - lead).astimezone(CHINA)
            raise Conflict(f"numbers are given from {first:%H:%M} on")

    @property
    def closes(self) -> time:
        return self.periods[-1].closes

    def _at(self, clock: time) -> datetime:
        return datetime.combine(self.day, clock, CHINA)


def hours(centre: Centre, day: date, kind: DayKind) -> Hours:
    return Hours(day, _periods(centre.opening, OpenOn.WORKDAY if kind.works else OpenOn(kind.value)))


def _periods(opening: Iterable[Opening], day: OpenOn) -> tuple[Opening, ...]:
    return tuple(sorted((period for period in opening if period.day == day), key=lambda period: period.opens))
