"""The clocks of matters: Deadline with its explanation, and Extension."""

from services.chassis.views import Edge, Root, View

STATE = """CASE WHEN {t}.met_at IS NOT NULL THEN CASE WHEN {t}.missed_at IS NULL THEN 'MET' ELSE 'LATE' END
    WHEN {t}.missed_at IS NOT NULL THEN 'MISSED' WHEN {t}.ended_at IS NOT NULL THEN 'ENDED' ELSE 'RUNNING' END"""

DEADLINE = View(
    "Deadline",
    "deadline",
    {
        "kind": "{t}.kind",
        "round": "{t}.round",
        "state": STATE,
        "startedAt": "rfc3339({t}.started_at)",
        "dueAt": "rfc3339({t}.due_at)",
        "returnBy": "rfc3339({t}.return_by)",
        "warnAt": "rfc3339({t}.warn_at)",
        "metAt": "rfc3339({t}.met_at)",
        "missedAt": "rfc3339({t}.missed_at)",
        "endedAt": "rfc3339({t}.ended_at)",
        "level": "{t}.level",
        "limit": "CASE WHEN {t}.due_on IS NULL THEN {t}.limits ->> lower({t}.kind) END",
        "dueOn": "{t}.due_on",
        "extensions": "to_json({t}.extensions)",
        "rule": "{t}.limits ->> 'name'",
        "ruleSince": "{t}.limits ->> 'since'",
        "ruleCategory": "nullif({t}.limits ->> 'category', '')",
        "rulePriority": "nullif({t}.limits ->> 'priority', '')",
        "provisional": "{t}.provisional",
        "explanation": "{t}.sentence",
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "department": Edge("Department", "{t}.code = {p}.department"),
        "skipped": Edge(
            "SkippedDay",
            "true",
            many=True,
            order="{t}.date",
            source="(SELECT * FROM jsonb_to_recordset({p}.skipped) AS d (date date, kind text, festival text))",
        ),
        "pauses": Edge(
            "CountedPause",
            "true",
            many=True,
            order="{t}.since",
            source="""(SELECT * FROM jsonb_to_recordset({p}.pauses)
                AS d (since timestamptz, until timestamptz, kind text, reason text, minutes int, capped boolean))""",
        ),
    },
)
SKIPPED = View(
    "SkippedDay",
    "(SELECT date, kind, festival FROM calendar_day)",
    {
        "date": "{t}.date",
        "kind": "{t}.kind",
        "counts": "{t}.kind = 'MAKEUP_WORKDAY'",
        "festival": "{t}.festival",
    },
)
PAUSE = View(
    "CountedPause",
    "(SELECT since, until, kind, reason, 0 AS minutes, false AS capped FROM pause)",
    {
        "since": "rfc3339({t}.since)",
        "until": "rfc3339({t}.until)",
        "kind": "{t}.kind",
        "reason": "{t}.reason",
        "minutes": "{t}.minutes",
        "capped": "{t}.capped",
    },
)
EXTENSION = View(
    "Extension",
    "extension",
    {
        "state": """CASE WHEN {t}.decided_at IS NULL THEN 'REQUESTED' WHEN {t}.granted IS NULL THEN 'REFUSED' ELSE 'GRANTED' END""",
        "days": "rtrim({t}.asked, 'd')::int",
        "grantedDays": "rtrim({t}.granted, 'd')::int",
        "reason": "{t}.reason",
        "note": "{t}.note",
        "requestedBy": "{t}.requested_by",
        "requestedAt": "rfc3339({t}.requested_at)",
        "decidedBy": "{t}.decided_by",
        "decidedAt": "rfc3339({t}.decided_at)",
    },
)
OF_TICKET = {
    "deadlines": Edge("Deadline", "{t}.ticket = {p}.id", many=True, order="{t}.started_at, {t}.kind"),
    "extensions": Edge("Extension", "{t}.ticket = {p}.id", many=True, order="{t}.requested_at"),
}
"""Edges of Ticket."""

VIEWS = [DEADLINE, SKIPPED, PAUSE, EXTENSION]
ROOTS = {
    "deadlines": Root(
        "Deadline",
        "page",
        {"area": "text", "department": "text", "kind": "text", "missed": "boolean"},
        {
            "area": "{t}.area ^@ :area",
            "department": "{t}.department = :department",
            "kind": "{t}.kind = :kind",
            "missed": "({t}.missed_at IS NOT NULL) = :missed",
        },
        always="{t}.met_at IS NULL AND {t}.ended_at IS NULL",
        order=(("{t}.due_at", "timestamptz"), ("{t}.id", "uuid")),
    ),
}
