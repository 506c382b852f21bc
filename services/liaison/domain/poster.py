"""A month of a village for the wall of its station: what each day holds, cut to what fits on a sheet that is read from two metres."""

import re
from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.chassis.clock import CHINA
from services.chassis.errors import InvalidInput
from services.liaison.domain.calendar import DayKind
from services.liaison.domain.feed import Market, Names, Session, Stall, Turn

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
SHORT = {"GATHERING": "集中", "DIALOGUE": "沟通日", "STALL": "设摊"}
ABOVE, ITEM, LINE = 16.4, 5.1, 3.6
"""Heights in a cell, in mm: of the date with the name on duty, of what is held with its hour, of a line of small print."""
NAME_SIZES = {"large": 7.06, "middle": 5.3, "small": 4.06}
"""What a character of a name takes, in mm; what does not fit in one line even when it is small gets two of TINY."""
TINY = 3.53


class Orientation(StrEnum):
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


@dataclass(frozen=True)
class Sheet:
    """Measures of a sheet of A4 in mm: of what a cell has inside, and of the grid's rows by how many there are. `line` is how many small
    characters a line of a cell holds.
    """

    width: float
    height: float
    inside: float
    rows: Mapping[int, float]
    line: int


SHEETS = {
    Orientation.LANDSCAPE: Sheet(297, 210, 37.8, {4: 40.7, 5: 32.6, 6: 27.2}, 11),
    Orientation.PORTRAIT: Sheet(210, 297, 25.4, {4: 61.2, 5: 48.9, 6: 40.8}, 7),
}


@dataclass(frozen=True)
class CalendarDay:
    """What the working calendar says of a day."""

    date: date
    kind: DayKind
    festival: str | None
    provisional: bool
    lunar: str | None


@dataclass(frozen=True)
class Held:
    """A gathering, a dialogue or a stall. `details`, in small print, are cut to what the cell has room for."""

    kind: str
    title: str
    hour: str
    details: str


@dataclass(frozen=True)
class Cell:
    """A day of the grid. `mark` is 休 or 班, where the day is not what its weekday says; `size` is that of the name of who is on duty."""

    date: date
    inside: bool
    off: bool = False
    mark: str = ""
    festival: str = ""
    lunar: str = ""
    duty: str = ""
    size: str = ""
    held: Sequence[Held] = ()
    market: bool = False


@dataclass(frozen=True)
class Poster:
    """`has` says which of what the legend explains is there."""

    month: date
    weeks: Sequence[Sequence[Cell]]
    sheet: Sheet
    row: float
    provisional: bool
    has: frozenset[str]


def month_of(text: str) -> tuple[date, date]:
    """First and last day of a month of the form 2026-10; raises InvalidInput."""
    if (match := MONTH.fullmatch(text)) is None or int(match[1]) == 0:
        raise InvalidInput("month must have the form YYYY-MM", field="month", rule="form")
    year, month = int(match[1]), int(match[2])
    days = [day for day in Calendar().itermonthdays(year, month) if day]
    return date(year, month, 1), date(year, month, days[-1])


def poster(
    days: Iterable[CalendarDay],
    turns: Iterable[Turn],
    sessions: Iterable[Session],
    stalls: Iterable[Stall],
    markets: Iterable[Market],
    *,
    first: date,
    orientation: Orientation,
    names: Names,
) -> Poster:
    """The month that begins with `first`; `days` are all of its days. `names` are the departments', by code."""
    sheet = SHEETS[orientation]
    known = {day.date: day for day in days}
    duties = {turn.date: turn.who for turn in turns}
    fair = {market.date for market in markets}
    held: dict[date, list[tuple[datetime, str, list[str]]]] = {}
    for session in sessions:
        told = [names.get(code, code) for code in session.departments]
        held.setdefault(session.date, []).append((session.begins, session.kind, told))
    for stall in stalls:
        held.setdefault(stall.date, []).append((stall.begins, "STALL", [stall.topic]))
    grid = Calendar().monthdatescalendar(first.year, first.month)
    row = sheet.rows[len(grid)]

    def cell(day: date) -> Cell:
        if (there := known.get(day)) is None or day.month != first.month:
            return Cell(day, inside=False)
        shown = sorted(held.get(day, ()))[: int((row - ABOVE) / ITEM)]
        lines = int((row - ABOVE - ITEM * len(shown)) / LINE) // max(sum(bool(told) for _, _, told in shown), 1)
        who = duties.get(day) or ("待定" if there.kind.works and duties else "")
        return Cell(
            day,
            inside=True,
            off=not there.kind.works,
            mark={DayKind.HOLIDAY: "休", DayKind.MAKEUP_WORKDAY: "班"}.get(there.kind, ""),
            festival=(there.festival or "") if there.kind is DayKind.HOLIDAY else "",
            lunar=short_lunar(there.lunar or ""),
            duty=shortened(who, 2 * int(sheet.inside / TINY)),
            size=_size(who, sheet),
            held=[
                Held(kind, SHORT[kind], _hour(begins), listed(told, lines * sheet.line)) for begins, kind, told in shown
            ],
            market=day in fair,
        )

    weeks = [[cell(day) for day in week] for week in grid]
    cells = [each for week in weeks for each in week if each.inside]
    has = {one.kind for each in cells for one in each.held}
    has |= {each.mark for each in cells} | ({"墟"} if any(each.market for each in cells) else set())
    has |= {"DUTY"} if duties else set()
    return Poster(first, weeks, sheet, row, any(day.provisional for day in known.values()), frozenset(has - {""}))


def short_lunar(text: str) -> str:
    """As wall calendars have it: of 八月初三 初三, of 八月初一 八月."""
    month, day = text[:-2], text[-2:]
    return month if day == "初一" else day


def listed(names: Sequence[str], most: int) -> str:
    """The names in at most so many characters: as many as fit, and how many there are of all; a single one is cut."""
    if len(names) == 1:
        return shortened(names[0], most) if most else ""
    if len(whole := "、".join(names)) <= most:
        return whole
    for count in range(len(names) - 1, 0, -1):
        if len(told := "、".join(names[:count]) + f"等{len(names)}个部门") <= most:
            return told
    return f"{len(names)}个部门" if most else ""


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _size(name: str, sheet: Sheet) -> str:
    return next((size for size, wide in NAME_SIZES.items() if len(name) * wide <= sheet.inside), "tiny")


def _hour(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.hour}:{local.minute:02}"
