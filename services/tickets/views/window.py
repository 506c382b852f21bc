"""Centres, windows, service items, the queue and its figures, intakes.

`centre`, `service_window` and `service_item` have a row for each day on which they changed; a root or an edge takes the one that holds.
"""

import json

from services.chassis.views import Edge, Root, View
from services.tickets.domain.intake import UNDONE
from services.tickets.domain.queue import DEEDS, LIVE, QueueStatus

ALLOWED = (
    "CASE {t}.status "
    + " ".join(
        f"WHEN '{status}' THEN '{json.dumps([deed for deed, moves in DEEDS.items() if status in moves])}'"
        for status in QueueStatus
    )
    + " END::json"
)
_UNDONE = ", ".join(f"'{status}'" for status in UNDONE)
_LIVE = ", ".join(f"'{status}'" for status in LIVE)
_IN_REACH = "{t}.area ^@ ANY ((SELECT caller_areas())::text[])"
_HELD = "EXISTS (SELECT 1 FROM queue_holder h WHERE h.number = {t}.id AND h.subject = (SELECT caller_subject()))"


def _on(table: str, key: str, day: str) -> str:
    """The rows of a dated table that hold on a day."""
    return f"(SELECT DISTINCT ON ({key}) * FROM {table} WHERE valid_from <= {day} ORDER BY {key}, valid_from DESC)"


_DAY = "coalesce(:on, china_today())"
_ESTIMATE = "queue_estimate({p}.centre, {p}.day, {p}.group_code, {p}.ahead_rank, {p}.place_at, coalesce({p}.returned_at, {p}.taken_at), {p}.serial)"

CENTRE = View(
    "ServiceCentre",
    "centre_today",
    {
        "code": "{t}.code",
        "name": "{t}.name",
        "areaCode": "{t}.area",
        "calls": "{t}.calls",
        "behind": "{t}.behind",
        "lead": "{t}.lead",
        "closed": "{t}.closed",
        "effectiveOn": "{t}.valid_from",
        "displayUrl": "'/open/tickets/displays/' || {t}.code",
    },
    {
        "opening": Edge(
            "CentreOpening",
            "true",
            many=True,
            source="(SELECT * FROM jsonb_to_recordset({p}.opening) AS o (day text, opens time, closes time))",
            order="{t}.day DESC, {t}.opens",
        ),
        "groups": Edge(
            "QueueGroup",
            "true",
            many=True,
            source="(SELECT {p}.code AS centre, o.* FROM jsonb_to_recordset({p}.groups) AS o (code text, name text, minutes int))",
            order="{t}.code",
        ),
        "windows": Edge("ServiceWindow", "{t}.centre = {p}.code", many=True, order="length({t}.code), {t}.code"),
    },
)
OPENING = View(
    "CentreOpening",
    "(SELECT NULL::text AS day, NULL::time AS opens, NULL::time AS closes)",
    {
        "day": "{t}.day",
        "opens": "to_char({t}.opens, 'HH24:MI')",
        "closes": "CASE WHEN {t}.closes > '23:59' THEN '24:00' ELSE to_char({t}.closes, 'HH24:MI') END",
    },
)
GROUP = View(
    "QueueGroup",
    "(SELECT NULL::text AS centre, NULL::text AS code, NULL::text AS name, NULL::int AS minutes)",
    {
        "code": "{t}.code",
        "name": "{t}.name",
        "minutes": "{t}.minutes",
        "waiting": (
            "(SELECT count(*) FROM queue_number q WHERE q.centre = {t}.centre AND q.day = china_today() AND q.group_code = {t}.code "
            "AND q.status = 'WAITING')"
        ),
    },
    {
        "estimate": Edge(
            "QueueEstimate",
            "true",
            source="queue_estimate({p}.centre, china_today(), {p}.code, 1, 'infinity', 'infinity', 0)",
        )
    },
)
ESTIMATE = View(
    "QueueEstimate",
    "queue_estimate(NULL, NULL, NULL, 1, NULL, NULL, 0)",
    {
        "ahead": "{t}.ahead",
        "windows": "{t}.windows",
        "samples": "{t}.samples",
        "averageMinutes": "round(({t}.average / 60)::numeric, 1)",
        "waitMinutes": "ceil({t}.wait / 60)::int",
        "basis": (
            "'前面' || {t}.ahead || '人，' || {t}.windows || '个窗口，平均每人' || round(({t}.average / 60)::numeric, 1) || '分钟（' || "
            "CASE {t}.samples WHEN 0 THEN '按平常用时' ELSE '今日最近' || {t}.samples || '人' END || '）'"
        ),
    },
)
WINDOW = View(
    "ServiceWindow",
    "window_today",
    {
        "centreCode": "{t}.centre",
        "code": "{t}.code",
        "name": "{t}.name",
        "groups": "{t}.groups",
        "closed": "{t}.closed",
        "effectiveOn": "{t}.valid_from",
        "staffed": (
            "EXISTS (SELECT 1 FROM window_shift s WHERE s.centre = {t}.centre AND s.window_code = {t}.code AND s.closed_at IS NULL "
            "AND s.day = china_today())"
        ),
        "number": (
            "(SELECT q.number FROM queue_number q WHERE q.centre = {t}.centre AND q.window_code = {t}.code AND q.day = china_today() "
            "AND q.status IN ('CALLED', 'SERVING'))"
        ),
    },
    {"departments": Edge("Department", "{t}.code = ANY ({p}.departments)", many=True, order="{t}.code")},
)
ITEM = View(
    "ServiceItem",
    _on("service_item", "code", "china_today()"),
    {
        "code": "{t}.code",
        "name": "{t}.name",
        "category": "{t}.category",
        "legalBasis": "{t}.legal_basis",
        "limitDays": "{t}.limit_days",
        "fee": "{t}.fee",
        "agent": "{t}.agent",
        "levels": "{t}.levels",
        "withdrawn": "{t}.withdrawn",
        "effectiveOn": "{t}.valid_from",
    },
    {
        "departments": Edge(
            "Department",
            "{t}.code = ANY ({p}.departments)",
            many=True,
            order="array_position({p}.departments, {t}.code)",
        ),
        "materials": Edge(
            "Material",
            "true",
            many=True,
            source="(SELECT * FROM jsonb_to_recordset({p}.materials) AS o (code text, name text, original boolean, copies int))",
        ),
    },
)
MATERIAL = View(
    "Material",
    "(SELECT NULL::text AS code, NULL::text AS name, NULL::boolean AS original, NULL::int AS copies)",
    {"code": "{t}.code", "name": "{t}.name", "original": "{t}.original", "copies": "{t}.copies"},
)
CLASS = View("QueueClass", "queue_class", {"code": "{t}.code", "name": "{t}.name", "ground": "{t}.ground"})
NUMBER = View(
    "QueueNumber",
    "queue_number",
    {
        "id": "global_id('QueueNumber', {t}.id::text)",
        "number": "{t}.number",
        "day": "{t}.day",
        "status": "{t}.status",
        "groupCode": "{t}.group_code",
        "priority": "{t}.priority",
        "windowCode": "{t}.window_code",
        "calls": "{t}.calls",
        "takenAt": "rfc3339({t}.taken_at)",
        "calledAt": "rfc3339({t}.called_at)",
        "startedAt": "rfc3339({t}.started_at)",
        "endedAt": "rfc3339({t}.ended_at)",
        "outcome": "{t}.outcome",
        "version": "{t}.version",
        "allowed": ALLOWED,
        "slipUrl": "'/files/tickets/queue/' || {t}.id || '/slip.html'",
    },
    {
        "centre": Edge(
            "ServiceCentre",
            "{t}.code = {p}.centre",
            source="(SELECT * FROM centre WHERE valid_from <= {p}.day ORDER BY valid_from DESC)",
        ),
        "item": Edge(
            "ServiceItem",
            "{t}.code = {p}.item",
            source="(SELECT * FROM service_item WHERE code = {p}.item AND valid_from <= {p}.day ORDER BY valid_from DESC LIMIT 1)",
        ),
        "estimate": Edge("QueueEstimate", "{p}.status = 'WAITING'", source=_ESTIMATE),
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
    },
)
FIGURES = View(
    "QueueFigures",
    "queue_turn",
    {
        "centreCode": "{t}.centre",
        "groupCode": "{t}.group_code",
        "windowCode": "{t}.window_code",
        "day": "{t}.day",
        "served": "{t}.served",
        "noShows": "{t}.no_shows",
        "waitP50": "{t}.wait_p50",
        "waitP90": "{t}.wait_p90",
    },
)
_PER = {"GROUP": "group_code", "WINDOW": "window_code", "DAY": "day"}
_KEYS = ", ".join(f"CASE WHEN :per = '{per}' THEN q.{column} END AS {column}" for per, column in _PER.items())
_WAIT = "round((percentile_cont({share}) WITHIN GROUP (ORDER BY extract(epoch FROM q.first_called - q.waiting_since)) / 60)::numeric, 1)"
_FIGURES = f"""(
    SELECT q.centre, {_KEYS}, count(*) FILTER (WHERE q.ended = 'SERVED') AS served,
        count(*) FILTER (WHERE q.ended = 'NO_SHOW') AS no_shows,
        {_WAIT.format(share=0.5)} AS wait_p50, {_WAIT.format(share=0.9)} AS wait_p90
    FROM queue_turn q
    WHERE caller.setting IS NOT NULL AND q.day BETWEEN :since AND :until AND (:centre IS NULL OR q.centre = :centre)
        AND q.area ^@ ANY ((SELECT caller_areas())::text[])
    GROUP BY 1, 2, 3, 4)"""
INTAKE = View(
    "Intake",
    "intake",
    {
        "id": "global_id('Intake', {t}.id::text)",
        "status": "{t}.status",
        "title": "{t}.title",
        "description": "{t}.description",
        "areaCode": "{t}.area",
        "dueOn": "{t}.due_on",
        "createdAt": "rfc3339({t}.created_at)",
        "updatedAt": "rfc3339({t}.updated_at)",
        "version": "{t}.version",
        "resolvable": (
            "({t}.status = 'OPENED' AND EXISTS (SELECT 1 FROM ticket w WHERE w.id = {t}.ticket AND w.status = 'ACCEPTED') "
            f"AND NOT EXISTS (SELECT 1 FROM ticket w WHERE w.parent = {{t}}.ticket AND w.status IN ({_UNDONE})))"
        ),
        "noticeUrl": "'/files/tickets/intakes/' || {t}.id || '/notice.html'",
    },
    {
        "centre": Edge(
            "ServiceCentre",
            "{t}.code = {p}.centre",
            source="(SELECT * FROM centre WHERE valid_from <= {p}.day ORDER BY valid_from DESC)",
        ),
        "items": Edge(
            "ServiceItem",
            "{t}.code = ANY ({p}.items)",
            many=True,
            source="(SELECT DISTINCT ON (code) * FROM service_item WHERE valid_from <= {p}.day ORDER BY code, valid_from DESC)",
            order="array_position({p}.items, {t}.code)",
        ),
        "handed": Edge(
            "HandedMaterial",
            "true",
            many=True,
            source=(
                "(SELECT * FROM jsonb_to_recordset({p}.handed) "
                "AS o (code text, original_seen boolean, copies int, attachments text[]))"
            ),
        ),
        "missing": Edge(
            "MissingMaterial",
            "true",
            many=True,
            source="(SELECT * FROM jsonb_to_recordset({p}.missing) AS o (code text, name text, original boolean, copies int, items text[]))",
        ),
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "parts": Edge("Ticket", "{t}.parent = {p}.ticket", many=True, order="{t}.number"),
    },
)
HANDED = View(
    "HandedMaterial",
    "(SELECT NULL::text AS code, NULL::boolean AS original_seen, NULL::int AS copies, NULL::text[] AS attachments)",
    {
        "code": "{t}.code",
        "originalSeen": "{t}.original_seen",
        "copies": "{t}.copies",
        "attachmentIds": "(SELECT coalesce(json_agg(global_id('TicketAttachment', a)), '[]') FROM unnest({t}.attachments) a)",
    },
)
MISSING = View(
    "MissingMaterial",
    "(SELECT NULL::text AS code, NULL::text AS name, NULL::boolean AS original, NULL::int AS copies, NULL::text[] AS items)",
    {
        "code": "{t}.code",
        "name": "{t}.name",
        "original": "{t}.original",
        "copies": "{t}.copies",
        "items": "{t}.items",
    },
)

VIEWS = [CENTRE, OPENING, GROUP, ESTIMATE, WINDOW, ITEM, MATERIAL, CLASS, NUMBER, FIGURES, INTAKE, HANDED, MISSING]
ROOTS = {
    "serviceCentre": Root("ServiceCentre", "one", {"code": "text"}, always="{t}.code = :code"),
    "serviceCentres": Root(
        "ServiceCentre",
        "page",
        {"area": "text"},
        {"area": "{t}.area ^@ :area"},
        always="NOT {t}.closed",
        order=(("{t}.area", "text"), ("{t}.code", "text")),
    ),
    "centreVersion": Root(
        "ServiceCentre", "one", {"id": "text"}, always="{t}.code || '@' || {t}.valid_from::text = :id", source="centre"
    ),
    "serviceWindow": Root("ServiceWindow", "one", {"id": "text"}, always="{t}.centre || '/' || {t}.code = :id"),
    "windowVersion": Root(
        "ServiceWindow",
        "one",
        {"id": "text"},
        always="{t}.centre || '/' || {t}.code || '@' || {t}.valid_from::text = :id",
        source="service_window",
    ),
    "serviceItem": Root(
        "ServiceItem",
        "one",
        {"code": "text", "on": "date"},
        always="{t}.code = :code",
        source=_on("service_item", "code", _DAY),
    ),
    "serviceItems": Root(
        "ServiceItem",
        "page",
        {"on": "date", "level": "text", "department": "text", "search": "text"},
        {
            "level": ":level = ANY ({t}.levels)",
            "department": ":department = ANY ({t}.departments)",
            "search": "strpos({t}.name, :search) > 0",
        },
        always="NOT {t}.withdrawn",
        order=(("{t}.code", "text"),),
        source=_on("service_item", "code", _DAY),
    ),
    "itemVersion": Root(
        "ServiceItem",
        "one",
        {"id": "text"},
        always="{t}.code || '@' || {t}.valid_from::text = :id",
        source="service_item",
    ),
    "queueClasses": Root("QueueClass", "many", order=(("{t}.code", "text"),)),
    "queueNumber": Root("QueueNumber", "one", {"id": "uuid"}, always=f"{{t}}.id = :id AND ({_IN_REACH} OR {_HELD})"),
    "myQueueNumbers": Root(
        "QueueNumber",
        "many",
        always=f"{{t}}.id IN (SELECT h.number FROM queue_holder h WHERE h.subject = (SELECT caller_subject())) AND {{t}}.status IN ({_LIVE})",
        order=(("{t}.taken_at", "timestamptz"), ("{t}.id", "uuid")),
        most=200,
    ),
    "queue": Root(
        "QueueNumber",
        "page",
        {"centre": "text"},
        always=f"{{t}}.centre = :centre AND {_IN_REACH} AND {{t}}.status IN ({_LIVE})",
        order=(
            ("{t}.ahead_rank", "smallint"),
            ("{t}.place_at", "timestamptz"),
            ("coalesce({t}.returned_at, {t}.taken_at)", "timestamptz"),
            ("{t}.id", "uuid"),
        ),
    ),
    "queueFigures": Root(
        "QueueFigures",
        "many",
        {"since": "date", "until": "date", "per": "text", "centre": "text"},
        always=":since <= :until AND :per <> ''",
        order=(
            ("{t}.centre", "text"),
            ("{t}.day", "date"),
            ("{t}.group_code", "text"),
            ("{t}.window_code", "text"),
        ),
        source=_FIGURES,
        most=2000,
    ),
    "intake": Root("Intake", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "intakes": Root(
        "Intake",
        "page",
        {"area": "text", "status": "text"},
        {"area": "{t}.area ^@ :area", "status": "{t}.status = :status"},
        order=(("{t}.created_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
