"""Figures of matters (统计): what a period may be, how old open matters are, and what sources are called. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.chassis.errors import InvalidInput
from services.tickets.domain.ticket import Source

MOST_DAYS = 366


class Trend(StrEnum):
    DAY = "DAY"
    WEEK = "WEEK"


@dataclass(frozen=True)
class Age:
    """Open since at least `least` days and less than `below`; without an upper end where that is None."""

    least: int
    below: int | None


AGES = (Age(0, 1), Age(1, 3), Age(3, 7), Age(7, 15), Age(15, None))

SOURCE_NAMES: Mapping[Source, str] = {
    Source.APP: "手机应用",
    Source.WALK_IN: "来访",
    Source.DUTY: "值班",
    Source.GATHERING: "集中",
    Source.DIALOGUE: "沟通日",
    Source.HOTLINE: "热线",
    Source.VISIT: "走访",
    Source.MARKET_STALL: "墟日摊位",
    Source.DEPARTMENT: "部门",
}


def require_period(first: date, last: date) -> None:
    """Raises InvalidInput unless the days are in order and not too many."""
    if last < first:
        raise InvalidInput("to must not be before from", field="to", rule="order")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput(f"from and to may hold at most {MOST_DAYS} days", field="to", rule="length")
