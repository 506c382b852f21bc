"""Series, their sessions with staff and topics, and who signed up. Topics are counted for everybody; who has them is told by policy alone."""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View

SERIES = View(
    "Series",
    "series",
    {
        "id": "global_id('Series', {t}.id::text)",
        "kind": "{t}.kind",
        "areaCode": "{t}.area",
        "title": "{t}.title",
        "weekday": "{t}.weekday",
        "day": "{t}.day",
        "policy": "{t}.policy",
        "opens": "to_char({t}.opens, 'HH24:MI')",
        "minutes": "{t}.minutes",
        "departments": "to_json({t}.departments)",
        "starts": "{t}.starts",
        "ends": "{t}.ends",
        "plannedUntil": "{t}.planned_until",
        "version": "{t}.version",
    },
)
SESSION = View(
    "Session",
    "session",
    {
        "id": "global_id('Session', {t}.id::text)",
        "key": "{t}.id",
        "kind": "{t}.kind",
        "areaCode": "{t}.area",
        "due": "{t}.due",
        "date": "{t}.date",
        "opens": "to_char({t}.opens, 'HH24:MI')",
        "minutes": "{t}.minutes",
        "begins": "rfc3339(in_china({t}.date, {t}.opens))",
        "ends": "rfc3339(in_china({t}.date, {t}.opens) + make_interval(mins => {t}.minutes))",
        "state": "{t}.state",
        "reason": "{t}.reason",
        "byHand": "{t}.by_hand",
        "topic": "{t}.topic",
        "outcome": "{t}.outcome",
        "people": "{t}.people",
        "heldBy": "{t}.held_by",
        "heldAt": "rfc3339({t}.held_at)",
        "gaps": """(SELECT count(*) FROM session_staff f
            WHERE f.session = {t}.id AND f.subject IS NULL AND {t}.state = 'PLANNED')""",
        "signedUp": "(SELECT coalesce(sum(c.people), 0) FROM session_topic c WHERE c.session = {t}.id)",
        "version": "{t}.version",
    },
    {
        "series": Edge("Series", "{t}.id = {p}.series"),
        "staff": Edge("SessionStaff", "{t}.session = {p}.id", many=True, order="{t}.department"),
        "topics": Edge("SessionTopic", "{t}.session = {p}.id", many=True, order="{t}.people DESC, {t}.topic"),
        "dialogue": Edge("Dialogue", "{t}.id = {p}.id"),
        "signUps": Edge("SignUp", "{t}.session = {p}.id", many=True, order="{t}.signed_at, {t}.id"),
    },
)
STAFF = View(
    "SessionStaff",
    "session_staff",
    {
        "department": "{t}.department",
        "subject": "{t}.subject",
        "name": "(SELECT c.name FROM cadre c WHERE c.subject = {t}.subject)",
        "state": "{t}.state",
        "byHand": "{t}.by_hand",
    },
)
TOPIC = View("SessionTopic", "session_topic", {"topic": "{t}.topic", "people": "{t}.people"})
SIGN_UP = View(
    "SignUp",
    "sign_up",
    {
        "id": "global_id('SignUp', {t}.id::text)",
        "subject": "{t}.subject",
        "householdKey": "{t}.household",
        "ticketKey": "(SELECT m.ticket FROM matter m WHERE m.source_id = {t}.id)",
        "topic": "{t}.topic",
        "state": "{t}.state",
        "outcome": "{t}.outcome",
        "signedBy": "{t}.signed_by",
        "signedAt": "rfc3339({t}.signed_at)",
        "endedBy": "{t}.ended_by",
        "endedAt": "rfc3339({t}.ended_at)",
        "version": "{t}.version",
    },
    {"session": Edge("Session", "{t}.id = {p}.session")},
)

VIEWS = (SERIES, SESSION, STAFF, TOPIC, SIGN_UP)

_SESSIONS = {
    "area": "text",
    "kind": "text",
    "from": "date",
    "to": "date",
    "state": "text",
    "subject": "text",
    "gap": "boolean",
}
_WHERE = {
    "area": "{t}.area ^@ :area",
    "kind": "{t}.kind = :kind",
    "from": "{t}.date >= :from",
    "to": "{t}.date <= :to",
    "state": "{t}.state = :state",
    "subject": "EXISTS (SELECT FROM session_staff f WHERE f.session = {t}.id AND f.subject = :subject)",
    "gap": """:gap = ({t}.state = 'PLANNED' AND EXISTS (SELECT FROM session_staff f WHERE f.session = {t}.id AND f.subject IS NULL))""",
}
_BY_DATE = (("{t}.date", "date"), ("{t}.id", "uuid"))

ROOTS: Mapping[str, Root] = {
    "seriesById": Root("Series", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "series": Root(
        "Series",
        "many",
        {"area": "text", "kind": "text"},
        {"area": "({t}.area ^@ :area OR :area ^@ {t}.area)", "kind": "{t}.kind = :kind"},
        order=(("{t}.area", "text"), ("{t}.id", "uuid")),
        most=1000,
    ),
    "session": Root("Session", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "sessions": Root("Session", "page", _SESSIONS, _WHERE, order=_BY_DATE, descending=True),
    "sessionsAhead": Root("Session", "page", _SESSIONS, _WHERE, order=_BY_DATE),
    "sessionsAheadByArea": Root(
        "Session",
        "each_many",
        always="{t}.date >= china_today() AND {t}.state = 'PLANNED'",
        key="{t}.area",
        order=_BY_DATE,
        most=20,
    ),
    "signUp": Root("SignUp", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "signUps": Root(
        "SignUp",
        "page",
        {"area": "text", "session": "uuid", "state": "text"},
        {"area": "{t}.area ^@ :area", "session": "{t}.session = :session", "state": "{t}.state = :state"},
        order=(("{t}.signed_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
