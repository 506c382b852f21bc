"""The notices of the State Council as the chinesecalendar library holds them, by year."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from types import MappingProxyType

from chinese_calendar.constants import Holiday, holidays, in_lieu_days, workdays

from services.liaison.domain.calendar import Festival, Notice

FIRST_YEAR = min(holidays).year
FESTIVALS: Mapping[str, Festival] = MappingProxyType(
    {holiday.chinese: Festival(holiday.value, holiday.chinese) for holiday in Holiday}
)
"""The festivals that the library names, by their Chinese name, as it is said: some with 节, some without."""
SOURCE = f"chinesecalendar {version('chinesecalendar')}"


@cache
def published() -> Mapping[int, Notice]:
    """Every year that the library knows: each is published whole or not at all."""
    festivals = {festival.name: festival for festival in FESTIVALS.values()}

    def named(days: Mapping[date, str], year: int) -> dict[date, Festival]:
        return {day: festivals[name] for day, name in sorted(days.items()) if day.year == year}

    return MappingProxyType(
        {
            year: Notice(
                year=year,
                holidays=named(holidays, year),
                exchanged=frozenset(day for day in in_lieu_days if day.year == year),
                makeups=named(workdays, year),
            )
            for year in sorted({day.year for day in holidays})
        }
    )
