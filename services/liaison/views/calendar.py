"""The working calendar: its days, and where its years come from. It is no secret to anybody who is authenticated."""

from collections.abc import Mapping

from services.chassis.views import Root, View

MOST_DAYS = 400

CALENDAR_DAY = View(
    type="CalendarDay",
    source="calendar_day",
    fields={
        "date": "{t}.date",
        "kind": "{t}.kind",
        "works": "{t}.kind IN ('WORKDAY', 'MAKEUP_WORKDAY')",
        "festival": "{t}.festival",
        "explanation": "{t}.explanation",
        "provisional": "{t}.provisional",
        "lunar": "{t}.lunar",
    },
)

CALENDAR_YEAR = View(
    type="CalendarYear",
    source="calendar_year",
    fields={
        "year": "{t}.year",
        "published": "{t}.published",
        "provisional": "NOT {t}.published",
        "source": "{t}.source",
        "loadedAt": "rfc3339({t}.loaded_at)",
        "workdays": """(SELECT count(*) FROM calendar_day d WHERE d.kind IN ('WORKDAY', 'MAKEUP_WORKDAY')
            AND d.date BETWEEN make_date({t}.year, 1, 1) AND make_date({t}.year, 12, 31))""",
    },
)

VIEWS = (CALENDAR_DAY, CALENDAR_YEAR)

ROOTS: Mapping[str, Root] = {
    "calendarDay": Root("CalendarDay", "one", args={"date": "date"}, always="{t}.date = :date"),
    "calendarDays": Root(
        "CalendarDay",
        "many",
        args={"from": "date", "to": "date"},
        always="{t}.date BETWEEN :from AND :to",
        order=(("{t}.date", "date"),),
        most=MOST_DAYS,
    ),
    "calendarYears": Root("CalendarYear", "many", order=(("{t}.year", "int"),)),
}
