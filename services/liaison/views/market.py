"""Markets, their days, and teams' stalls on them.

`key` is the raw key by which the gateway joins a stall to tickets' activity of the same id.
"""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View

MARKET = View(
    type="Market",
    source="market",
    fields={
        "id": "global_id('Market', {t}.id::text)",
        "areaCode": "{t}.area",
        "name": "{t}.name",
        "rule": "{t}.rule",
        "days": "{t}.days",
        "shortMonth": "{t}.short_month",
        "words": "{t}.words",
        "since": "{t}.since",
        "until": "{t}.until",
        "version": "{t}.version",
    },
    edges={
        "nextMarketDay": Edge(
            "MarketDay",
            "true",
            source=(
                "(SELECT d.* FROM market_day d WHERE d.market = {p}.id AND d.date >= (SELECT china_today()) ORDER BY d.date LIMIT 1)"
            ),
        ),
        "upcoming": Edge(
            "MarketDay",
            "{t}.market = {p}.id AND {t}.date >= (SELECT china_today())",
            many=True,
            order="{t}.date",
            first=10,
        ),
        "exceptions": Edge("MarketException", "{t}.market = {p}.id", many=True, order="{t}.date DESC"),
    },
)
DAY = View(
    type="MarketDay",
    source="market_day",
    fields={"date": "{t}.date", "text": "{t}.text"},
    edges={
        "market": Edge("Market", "{t}.id = {p}.market"),
        "stalls": Edge(
            "Stall", "{t}.market = {p}.market AND {t}.date = {p}.date", many=True, order="{t}.begins, {t}.id"
        ),
    },
)
EXCEPTION = View(
    type="MarketException",
    source="market_exception",
    fields={"date": "{t}.date", "kind": "{t}.kind", "reason": "{t}.reason", "insteadOf": "{t}.instead_of"},
)
PLAN = View(
    type="StallPlan",
    source="stall_plan",
    fields={
        "id": "global_id('StallPlan', {t}.id::text)",
        "from": "{t}.first",
        "to": "{t}.last",
        "everyNth": "{t}.every_nth",
        "plannedBy": "{t}.by",
    },
    edges={
        "market": Edge("Market", "{t}.id = {p}.market"),
        "stalls": Edge("Stall", "{t}.plan = {p}.id", many=True, order="{t}.date, {t}.id"),
        "conflicting": Edge(
            "Stall",
            "{t}.plan = {p}.id AND EXISTS (SELECT FROM stall_conflicts({t}.id))",
            many=True,
            order="{t}.date, {t}.id",
        ),
    },
)
STALL = View(
    type="Stall",
    source="stall_sheet",
    fields={
        "id": "global_id('Stall', {t}.id::text)",
        "key": "{t}.id",
        "areaCode": "{t}.area",
        "teamCode": "{t}.team",
        "topic": "{t}.topic",
        "date": "{t}.date",
        "begins": "to_char({t}.begins, 'HH24:MI')",
        "ends": "to_char({t}.ends, 'HH24:MI')",
        "state": "{t}.state",
        "cause": "{t}.cause",
        "people": "{t}.people",
        "version": "{t}.version",
        "why": "(SELECT d.text FROM market_day d WHERE d.market = {t}.market AND d.date = {t}.date)",
    },
    edges={
        "market": Edge("Market", "{t}.id = {p}.market"),
        "plan": Edge("StallPlan", "{t}.id = {p}.plan"),
        "staff": Edge(
            "StallStaff",
            "true",
            many=True,
            order="{t}.place",
            source=(
                "(SELECT s.subject, s.place, c.name FROM unnest({p}.staff) WITH ORDINALITY AS s(subject, place) "
                "LEFT JOIN cadre c ON c.subject = s.subject)"
            ),
        ),
        "conflicts": Edge(
            "StallConflict",
            "true",
            many=True,
            order="{t}.subject, {t}.during, {t}.area",
            source="stall_conflicts({p}.id)",
        ),
    },
)
STAFF = View(
    type="StallStaff",
    source="(SELECT NULL::text AS subject, NULL::text AS name, 0::bigint AS place)",
    fields={"subject": "{t}.subject", "name": "{t}.name"},
)
CONFLICT = View(
    type="StallConflict",
    source="(SELECT * FROM stall_conflicts(NULL))",
    fields={
        "subject": "{t}.subject",
        "kind": "{t}.kind",
        "areaCode": "{t}.area",
        "begins": "rfc3339(lower({t}.during))",
        "ends": "rfc3339(upper({t}.during))",
    },
)

VIEWS = (MARKET, DAY, EXCEPTION, PLAN, STALL, STAFF, CONFLICT)

REACHES = "({t}.area ^@ :area OR :area ^@ {t}.area)"
"""In the area, or a township's where the area lies in it."""

ROOTS: Mapping[str, Root] = {
    "market": Root("Market", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "markets": Root(
        "Market",
        "page",
        {"area": "text"},
        {"area": REACHES},
        order=(("{t}.area", "text"), ("{t}.id", "uuid")),
    ),
    "marketDays": Root(
        "MarketDay",
        "page",
        {"area": "text", "from": "date", "to": "date"},
        {"area": f"EXISTS (SELECT FROM market m WHERE m.id = {{t}}.market AND {REACHES.format(t='m')})"},
        always="{t}.date BETWEEN :from AND :to",
        order=(("{t}.date", "date"), ("{t}.market", "uuid")),
        most=500,
    ),
    "stallPlan": Root("StallPlan", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "stall": Root("Stall", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "stallsById": Root("Stall", "each_one", key="{t}.id", key_type="uuid"),
    "stalls": Root(
        "Stall",
        "page",
        {
            "area": "text",
            "team": "text",
            "subject": "text",
            "market": "uuid",
            "state": "text",
            "from": "date",
            "to": "date",
            "conflicting": "boolean",
        },
        {
            "area": "{t}.area ^@ :area",
            "team": "{t}.team = :team",
            "subject": "{t}.staff @> ARRAY[:subject]",
            "market": "{t}.market = :market",
            "state": "{t}.state = :state",
            "from": "{t}.date >= :from",
            "to": "{t}.date <= :to",
            "conflicting": "EXISTS (SELECT FROM stall_conflicts({t}.id)) = :conflicting",
        },
        order=(("{t}.date", "date"), ("{t}.id", "uuid")),
    ),
}
