"""People's own calendars; row-level security shows each caller theirs. The address is told by openFeed alone."""

from collections.abc import Mapping

from services.chassis.views import Root, View

CALENDAR_FEED = View(
    type="CalendarFeed",
    source="calendar_feed",
    fields={
        "id": "global_id('CalendarFeed', {t}.id::text)",
        "openedAt": "rfc3339({t}.opened_at)",
        "revokedAt": "rfc3339({t}.revoked_at)",
    },
)

VIEWS = (CALENDAR_FEED,)

ROOTS: Mapping[str, Root] = {
    "calendarFeed": Root("CalendarFeed", "one", args={"id": "uuid"}, where={"id": "{t}.id = :id"}),
    "calendarFeeds": Root("CalendarFeed", "many", order=(("{t}.opened_at", "timestamptz"),)),
}
