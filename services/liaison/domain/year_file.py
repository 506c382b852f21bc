"""A year of the working calendar as an operator writes it down: a TOML file a year, checked as a whole before any of it counts.

    year = 2026
    source = "国办发明电〔2025〕7号"      # the document that says so, or the county's own note

    [[holiday]]
    festival = "元旦"
    from = 2026-01-01
    to = 2026-01-03
    exchanged = [2026-01-02]             # days off in exchange for a make-up workday (调休)
    makeup = [2026-01-04]                # the weekend days that are worked for it (调休上班)

`days`, single dates, may stand for `from` and `to`. `english` names a festival that the library does not know. What the file does not name
goes by its weekday. Days of a holiday that begins in the year before stand in that year's file.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.chassis.errors import InvalidInput
from services.chassis.text import Text
from services.liaison.domain.calendar import Festival, Notice
from services.liaison.domain.notice import FESTIVALS, FIRST_YEAR

LAST_YEAR = 2090
LONGEST_HOLIDAY = 31
SOURCE, FESTIVAL = Text(200), Text(40)

_FILE_KEYS = ("year", "source", "holiday")
_HOLIDAY_KEYS = ("festival", "english", "from", "to", "days", "exchanged", "makeup")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file: which field (holidays count from 1), by which rule, and the form that is asked for."""

    field: str
    rule: str
    detail: str


@dataclass(frozen=True)
class YearFile:
    """A file without a fault."""

    notice: Notice
    source: str

    @property
    def year(self) -> int:
        return self.notice.year


def read_year(content: bytes) -> YearFile | tuple[Fault, ...]:
    """The year of a file, or all of its faults, in the file's order."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return (Fault("file", "encoding", "the file must be text in UTF-8"),)
    except tomllib.TOMLDecodeError as error:
        twice = "Cannot overwrite a value" in str(error)
        why = "a key is given twice" if twice else "the file must be TOML (https://toml.io)"
        return (Fault("file", "once" if twice else "toml", f"{why}: {error}"),)
    reading = _Reading()
    found = reading.year_file(document)
    return tuple(reading.faults) or found


class _Reading:
    """One file's way through the checks; what has a fault is left out and the reading goes on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.year = 0
        self.used: dict[date, str] = {}
        """The days of the year that are spoken for, each with the field where that was."""

    def fault(self, field: str, rule: str, detail: str) -> None:
        self.faults.append(Fault(field, rule, detail))

    def year_file(self, document: Mapping[str, Any]) -> YearFile:
        self.known(document, _FILE_KEYS, "")
        self.year = self.whole_year(document)
        source = self.text(document, "source", "source", SOURCE)
        holidays: dict[date, Festival] = {}
        makeups: dict[date, Festival] = {}
        exchanged: set[date] = set()
        for place, table in self.tables(document):
            self.known(table, _HOLIDAY_KEYS, f"{place}.")
            festival = self.festival(table, place)
            off = self.off(table, place)
            holidays |= dict.fromkeys(off, festival)
            exchanged |= self.exchanged(table, place, off)
            makeups |= dict.fromkeys(self.makeups(table, place), festival)
        notice = Notice(self.year, dict(sorted(holidays.items())), frozenset(exchanged), dict(sorted(makeups.items())))
        return YearFile(notice, source)

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], prefix: str) -> None:
        for key in table:
            if key not in keys:
                self.fault(f"{prefix}{key}", "known.key", f"must be one of {', '.join(keys)}")

    def whole_year(self, document: Mapping[str, Any]) -> int:
        year = document.get("year")
        if year is None:
            self.fault("year", "required", "is missing; a whole number such as 2027")
        elif type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
            self.fault("year", "form", f"must be a whole number from {FIRST_YEAR} to {LAST_YEAR}")
        else:
            return year
        return 0

    def text(self, table: Mapping[str, Any], key: str, field: str, form: Text) -> str:
        value = table.get(key)
        if value is None:
            self.fault(field, "required", f"is missing; a line of text of at most {form.most} characters")
        elif not isinstance(value, str):
            self.fault(field, "form", f"must be a line of text of at most {form.most} characters")
        else:
            try:
                return form.check(value, "it")
            except InvalidInput as error:
                self.fault(field, error.extra["rule"], error.detail.removeprefix("it "))
        return ""

    def tables(self, document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
        """The holidays with their places; a year without any has not been published."""
        given = document.get("holiday")
        if not isinstance(given, list) or not given or not all(isinstance(table, dict) for table in given):
            self.fault("holiday", "required", "must be one table [[holiday]] or more")
            return []
        return [(f"holiday[{n}]", table) for n, table in enumerate(given, 1)]

    def festival(self, table: Mapping[str, Any], place: str) -> Festival:
        chinese = self.text(table, "festival", f"{place}.festival", FESTIVAL)
        spellings = (chinese, chinese.removesuffix("节"), f"{chinese}节")
        known = next((FESTIVALS[name] for name in spellings if name in FESTIVALS), None)
        if "english" in table:
            english = self.text(table, "english", f"{place}.english", FESTIVAL)
            return Festival(english, known.chinese if known else chinese)
        if known is None and chinese:
            self.fault(f"{place}.english", "required", "is missing: its name in English, which is not known here")
        return known or Festival(chinese, chinese)

    def off(self, table: Mapping[str, Any], place: str) -> list[date]:
        """The holiday's days, from `from` to `to` or one by one."""
        if ("days" in table) == bool({"from", "to"} & table.keys()):
            self.fault(f"{place}.days", "span", "give either from and to, or days")
            return []
        if "days" in table:
            return self.claimed(self.dates(table, "days", place), f"{place}.days")
        first, last = (self.day(table.get(key), f"{place}.{key}") for key in ("from", "to"))
        if first is None or last is None:
            return []
        if not timedelta() <= last - first < timedelta(LONGEST_HOLIDAY):
            self.fault(
                f"{place}.to", "span", f"must be the day of from or one after it, {LONGEST_HOLIDAY} days in all at most"
            )
            return []
        return self.claimed([first + timedelta(n) for n in range((last - first).days + 1)], f"{place}.from")

    def exchanged(self, table: Mapping[str, Any], place: str, off: list[date]) -> set[date]:
        field = f"{place}.exchanged"
        days = self.dates(table, "exchanged", place) if "exchanged" in table else []
        for day in days:
            if day not in off:
                self.fault(field, "of.the.holiday", f"{day} must be one of this holiday's days")
            elif day.weekday() >= 5:
                self.fault(field, "weekday", f"{day} is a weekend day: only a Monday to Friday is exchanged")
        return set(days)

    def makeups(self, table: Mapping[str, Any], place: str) -> list[date]:
        field = f"{place}.makeup"
        days = self.dates(table, "makeup", place) if "makeup" in table else []
        for day in days:
            if day.weekday() < 5:
                self.fault(field, "weekend", f"{day} must be a Saturday or Sunday: others are workdays anyway")
        return self.claimed(days, field)

    def dates(self, table: Mapping[str, Any], key: str, place: str) -> list[date]:
        value, field = table[key], f"{place}.{key}"
        if not isinstance(value, list):
            self.fault(field, "form", "must be a list of dates such as [2026-01-02]")
            return []
        return [day for each in value if (day := self.day(each, field)) is not None]

    def day(self, value: Any, field: str) -> date | None:
        if value is None:
            self.fault(field, "required", "is missing; a date such as 2026-01-02")
        elif type(value) is not date:
            self.fault(field, "form", "must be a date such as 2026-01-02, without quotes and without a time")
        elif self.year and value.year != self.year:
            self.fault(
                field, "in.the.year", f"{value} must lie in the file's year; the other year has a file of its own"
            )
        else:
            return value
        return None

    def claimed(self, days: list[date], field: str) -> list[date]:
        """The days, each of which may be named once in the file."""
        for day in days:
            if day in self.used:
                twice = f"{day} is named in {self.used[day]} already"
                self.fault(field, "once", f"{twice}: a day is one holiday, or one make-up workday")
            self.used.setdefault(day, field)
        return days
