"""Calls, callers, callbacks, contacts as they are shown, who was shown them in clear, and the hotline's measures.

A number is shown masked. Recording and transcript are in CallRecord alone, which a root yields for one call and hotline agents only.
"""

from services.chassis.views import Edge, Root, View
from services.tickets.domain.ticket import ENDS

ENDED = ", ".join(f"'{end.value}'" for end in ENDS)


def seconds(since: str, to: str) -> str:
    """Whole seconds from one time to another; none where one is not known, 0 where a telephone system's clock went back."""
    span = f"{{t}}.{to} - {{t}}.{since}"
    return f"round(extract(epoch FROM CASE WHEN {span} > interval '0' THEN {span} ELSE 0 * ({span}) END))::int"


CALL = View(
    "Call",
    "call",
    {
        "id": "global_id('Call', {t}.id::text)",
        "key": "{t}.id",
        "trunk": "{t}.trunk",
        "areaCode": "{t}.area",
        "direction": "{t}.direction",
        "agent": "{t}.agent",
        "number": "{t}.number_masked",
        "begunAt": "rfc3339({t}.begun_at)",
        "rungAt": "rfc3339({t}.rung_at)",
        "answeredAt": "rfc3339({t}.answered_at)",
        "endedAt": "rfc3339({t}.ended_at)",
        "waitSeconds": seconds("rung_at", "answered_at"),
        "talkSeconds": seconds("answered_at", "ended_at"),
        "notice": "{t}.notice",
        "recorded": "{t}.recording_uri IS NOT NULL",
        "transcribed": "{t}.transcript IS NOT NULL",
        "keepUntil": "rfc3339({t}.keep_until)",
        "forgottenAt": "rfc3339({t}.forgotten_at)",
    },
    {
        "tickets": Edge(
            "Ticket",
            "{t}.id IN (SELECT k.ticket FROM call_ticket k WHERE k.call = {p}.id)",
            many=True,
            order="{t}.reported_at, {t}.id",
        )
    },
    sensitive=frozenset({"number"}),
)
RECORD = View(
    "CallRecord",
    "call",
    {
        "recordingUri": "{t}.recording_uri",
        "recordingSha256": "encode({t}.recording_sha256, 'hex')",
        "transcript": "{t}.transcript",
        "keepUntil": "rfc3339({t}.keep_until)",
    },
)
OF_NUMBER = """{t}.id IN (
    SELECT c.ticket FROM ticket_contact c WHERE c.phone_index = {p}.number_index
    UNION SELECT k.ticket FROM call_ticket k JOIN call n ON n.id = k.call WHERE n.number_index = {p}.number_index)"""
CALLER = View(
    "Caller",
    "call",
    {
        "number": "(SELECT c.number_masked FROM call c WHERE c.number_index = {t}.number_index LIMIT 1)",
        "callCount": "(SELECT count(*) FROM call c WHERE c.number_index = {t}.number_index)",
    },
    {
        "openTickets": Edge(
            "Ticket",
            f"{OF_NUMBER} AND {{t}}.status NOT IN ({ENDED})",
            many=True,
            order="{t}.reported_at DESC, {t}.id DESC",
        ),
        "calls": Edge(
            "Call",
            "{t}.number_index = {p}.number_index",
            many=True,
            order="{t}.begun_at DESC, {t}.id DESC",
            first=20,
        ),
    },
    sensitive=frozenset({"number"}),
)
CONTACT = View(
    "TicketContact",
    "ticket_contact",
    {
        "name": "{t}.name_masked",
        "phone": "{t}.phone_masked",
        "email": "{t}.email_masked",
        "setBy": "{t}.by",
        "setAt": "rfc3339({t}.at)",
    },
    sensitive=frozenset({"name", "phone", "email"}),
)
CALLBACK = View(
    "Callback",
    "callback_due",
    {
        "since": "rfc3339({t}.since)",
        "attempts": "{t}.attempts",
        "lastAttemptAt": "rfc3339({t}.last_at)",
        "lastOutcome": "{t}.last_outcome",
        "claimedBy": "{t}.claimed_by",
        "claimedUntil": "rfc3339({t}.claimed_until)",
    },
    {"ticket": Edge("Ticket", "{t}.id = {p}.ticket")},
)
DISCLOSURE = View(
    "Disclosure",
    "disclosure",
    {
        "at": "rfc3339({t}.at)",
        "account": "{t}.by",
        "name": "{t}.name",
        "roles": "{t}.roles",
        "areaCodes": "{t}.areas",
        "department": "{t}.department",
        "purpose": "{t}.purpose",
        "areaCode": "{t}.area",
        "fields": "{t}.fields",
        "note": "{t}.note",
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "call": Edge("Call", "{t}.id = {p}.call"),
    },
)
CLERK = View(
    "ItemClerk",
    "item_clerk",
    {"itemCode": "{t}.item", "areaCode": "{t}.area", "subject": "{t}.subject", "active": "{t}.active"},
    {"department": Edge("Department", "{t}.code = {p}.department")},
)
MEASURE = View(
    "HotlineMeasure",
    "call",
    {
        "key": "{t}.key",
        "calls": "{t}.calls",
        "answered": "{t}.answered",
        "answeredInTime": "{t}.in_time",
        "connectRate": "round({t}.answered::numeric / nullif({t}.calls, 0), 4)::float8",
        "inTimeRate": "round({t}.in_time::numeric / nullif({t}.calls, 0), 4)::float8",
        "goalMet": "{t}.answered >= {t}.goal * {t}.calls",
        "meanWaitSeconds": "round({t}.wait::numeric, 1)::float8",
        "meanTalkSeconds": "round({t}.talk::numeric, 1)::float8",
    },
)
# Every hour and every day of the span is told, also where nobody called: the hotline is open round the clock.
MEASURED = """(
SELECT k.key, count(c.id) AS calls, count(c.answered_at) AS answered, r.connect_goal AS goal,
    count(*) FILTER (WHERE c.answered_at <= c.rung_at + make_interval(secs => r.answer_seconds)) AS in_time,
    avg(extract(epoch FROM c.answered_at - c.rung_at)) FILTER (WHERE c.answered_at >= c.rung_at) AS wait,
    avg(extract(epoch FROM c.ended_at - c.answered_at)) FILTER (WHERE c.ended_at >= c.answered_at) AS talk
FROM hotline_rule r CROSS JOIN (
        SELECT 'all' AS key WHERE :by = 'TOTAL'
        UNION SELECT to_char(h, 'FM00') FROM generate_series(0, 23) h WHERE :by = 'HOUR'
        UNION SELECT d::date::text FROM generate_series(:from::timestamp, :to::timestamp, interval '1 day') d WHERE :by = 'DAY'
        UNION SELECT coalesce(CASE :by WHEN 'AGENT' THEN a.agent ELSE a.trunk END, '-') FROM call a
            WHERE :by IN ('AGENT', 'TRUNK') AND a.direction = 'IN' AND a.begun_at >= :from::timestamp AT TIME ZONE 'Asia/Shanghai'
                AND a.begun_at < (:to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AND (:area IS NULL OR a.area ^@ :area)) k
    LEFT JOIN call c ON c.direction = 'IN' AND c.begun_at >= :from::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND c.begun_at < (:to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AND (:area IS NULL OR c.area ^@ :area)
        AND k.key = CASE :by WHEN 'TOTAL' THEN 'all' WHEN 'HOUR' THEN to_char(c.begun_at AT TIME ZONE 'Asia/Shanghai', 'HH24')
            WHEN 'DAY' THEN (c.begun_at AT TIME ZONE 'Asia/Shanghai')::date::text
            WHEN 'AGENT' THEN coalesce(c.agent, '-') ELSE coalesce(c.trunk, '-') END
GROUP BY k.key, r.connect_goal)"""

VIEWS = [CALL, RECORD, CALLER, CONTACT, CALLBACK, DISCLOSURE, CLERK, MEASURE]
ROOTS = {
    "call": Root("Call", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "calls": Root(
        "Call",
        "page",
        {"area": "text", "agent": "text", "unlinked": "boolean"},
        {
            "area": "{t}.area ^@ :area",
            "agent": "{t}.agent = :agent",
            "unlinked": "EXISTS (SELECT FROM call_ticket k WHERE k.call = {t}.id) <> :unlinked",
        },
        order=(("{t}.begun_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "callRecord": Root("CallRecord", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "caller": Root(
        "Caller",
        "one",
        {"index": "text"},
        always=":index <> ''",
        source="(SELECT decode(:index, 'hex') AS number_index)",
    ),
    "callback": Root("Callback", "one", {"id": "uuid"}, always="{t}.ticket = :id"),
    "callbackQueue": Root(
        "Callback",
        "page",
        {"area": "text"},
        {"area": "{t}.area ^@ :area"},
        order=(("{t}.since", "timestamptz"), ("{t}.ticket", "uuid")),
    ),
    "disclosures": Root(
        "Disclosure",
        "page",
        {"area": "text", "ticket": "uuid"},
        {"area": "{t}.area ^@ :area", "ticket": "{t}.ticket = :ticket"},
        order=(("{t}.at", "timestamptz"), ("{t}.id", "bigint")),
        descending=True,
    ),
    "itemClerk": Root("ItemClerk", "one", {"id": "text"}, always="{t}.item || '/' || {t}.area = :id"),
    "itemClerks": Root(
        "ItemClerk",
        "many",
        {"item": "text"},
        {"item": "{t}.item = :item"},
        order=(("{t}.item", "text"), ("{t}.area", "text")),
    ),
    "hotlineMeasures": Root(
        "HotlineMeasure",
        "many",
        {"from": "date", "to": "date", "by": "text", "area": "text"},
        always=":from <= :to",
        order=(("{t}.key", "text"),),
        most=1000,
        source=MEASURED,
    ),
}
