"""Who is on duty in a village on a day, by which rule, and how fairly; offers, stations and their logs.

`householdKey` and `ticketKey` are raw keys, by which the gateway joins them to what other services own.
"""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View

DUTY = View(
    type="Duty",
    source="duty_sheet",
    fields={
        "id": "global_id('Duty', {t}.key)",
        "key": "{t}.key",
        "area": "{t}.area",
        "date": "{t}.date",
        "dayKind": "{t}.kind",
        "explanation": "{t}.explanation",
        "provisional": "{t}.provisional",
        "gap": "{t}.gap",
        "agreed": "coalesce({t}.agreed, false)",
        "signedInAt": "rfc3339({t}.signed_in_at)",
        "receivedAt": "rfc3339({t}.received_at)",
        "signedOutAt": "rfc3339({t}.signed_out_at)",
        "late": "{t}.late",
        "place": "CASE WHEN {t}.signed_in_at IS NOT NULL THEN {t}.place END",
        "metres": "{t}.metres",
    },
    edges={
        "cadre": Edge("Cadre", on="{t}.subject = {p}.subject"),
        "turn": Edge("Cadre", on="{t}.subject = CASE WHEN {p}.agreed THEN {p}.turn ELSE {p}.subject END"),
        "offers": Edge(
            "DutyOffer",
            on="{t}.area = {p}.area AND {t}.date = {p}.date",
            many=True,
            order="{t}.made_at, {t}.id",
        ),
        "station": Edge("Station", on="{t}.area = {p}.area"),
    },
)

RULE = View(
    type="DutyRule",
    source="duty_rule",
    fields={
        "id": "global_id('DutyRule', {t}.area || '/' || to_char({t}.starts, 'YYYY-MM-DD'))",
        "areaCode": "{t}.area",
        "starts": "{t}.starts",
        "pattern": "{t}.pattern",
        "eveWeight": "{t}.eve_weight",
        "opens": "to_char({t}.opens, 'HH24:MI')",
        "lateMinutes": "{t}.late_minutes",
        "alarmDays": "{t}.alarm_days",
        "plannedUntil": "{t}.planned_until",
        "version": "{t}.version",
    },
    edges={
        "pool": Edge(
            "PoolMember", on="{t}.area = {p}.area AND {t}.starts = {p}.starts", many=True, order="{t}.place", first=60
        )
    },
)

MEMBER = View(
    type="PoolMember",
    source="duty_rule_cadre",
    fields={"subject": "{t}.subject", "weekdays": "{t}.weekdays"},
    edges={"cadre": Edge("Cadre", on="{t}.subject = {p}.subject")},
)

STATION = View(
    type="Station",
    source="station",
    fields={
        "areaCode": "{t}.area",
        "name": "{t}.name",
        "address": "{t}.address",
        "longitude": "{t}.longitude",
        "latitude": "{t}.latitude",
        "radius": "{t}.radius",
        "version": "{t}.version",
    },
)

OFFER_STATE = """CASE WHEN {t}.state = 'OPEN' AND ({t}.date < china_today()
    OR NOT EXISTS (SELECT FROM duty d WHERE d.area = {t}.area AND d.date = {t}.date AND d.subject = {t}.by AND d.signed_in_at IS NULL))
    THEN 'LAPSED' ELSE {t}.state END"""

OFFER = View(
    type="DutyOffer",
    source="duty_offer",
    fields={
        "id": "global_id('DutyOffer', {t}.id::text)",
        "areaCode": "{t}.area",
        "date": "{t}.date",
        "exchange": "{t}.exchange",
        "state": OFFER_STATE,
        "madeAt": "rfc3339({t}.made_at)",
        "answeredAt": "rfc3339({t}.answered_at)",
    },
    edges={
        "by": Edge("Cadre", on="{t}.subject = {p}.by"),
        "to": Edge("Cadre", on='{t}.subject = {p}."to"'),
        "answeredBy": Edge("Cadre", on="{t}.subject = {p}.answered_by"),
        "duty": Edge("Duty", on="{t}.area = {p}.area AND {t}.date = {p}.date"),
    },
)

VISIT = View(
    type="DutyVisit",
    source="duty_visit",
    fields={
        "id": "global_id('DutyVisit', {t}.id::text)",
        "areaCode": "{t}.area",
        "at": "rfc3339({t}.at)",
        "purpose": "{t}.purpose",
        "note": "{t}.note",
        "category": "{t}.category",
        "notedBy": "{t}.by",
        "receivedAt": "rfc3339({t}.received_at)",
        "visitorName": "(SELECT c.name_masked FROM contact c WHERE c.owner = {t}.id)",
        "visitorPhone": "(SELECT c.phone_masked FROM contact c WHERE c.owner = {t}.id)",
        "householdKey": "{t}.household",
        "ticketKey": "(SELECT m.ticket FROM matter m WHERE m.source_id = {t}.id)",
    },
    sensitive=frozenset({"visitorName", "visitorPhone"}),
)

_FAIRNESS = """(
    SELECT c.subject, c.name, coalesce(done.days, 0) AS days, coalesce(done.eves, 0) AS eves, coalesce(done.makeups, 0) AS makeups,
        coalesce(done.taken, 0) AS taken, coalesce(given.days, 0) AS given, coalesce(done.missed, 0) AS missed,
        coalesce(away.days, 0) AS away, coalesce(done.weight, 0) AS weight, coalesce(owed.weight, 0) AS owed
    FROM cadre c
    LEFT JOIN (
        SELECT d.subject, count(*) AS days, count(*) FILTER (WHERE w.eve) AS eves, count(*) FILTER (WHERE w.makeup) AS makeups,
            count(*) FILTER (WHERE d.agreed AND d.turn IS DISTINCT FROM d.subject) AS taken,
            count(*) FILTER (WHERE d.signed_in_at IS NULL AND d.date < china_today()) AS missed,
            sum(CASE WHEN w.eve THEN r.eve_weight ELSE 1 END) AS weight
        FROM duty d JOIN working_days(:from, :to) w ON w.date = d.date CROSS JOIN LATERAL ({rule}) r
        WHERE d.area ^@ :area GROUP BY 1) done ON done.subject = c.subject
    LEFT JOIN (
        SELECT d.turn AS subject, count(*) AS days FROM duty d
        WHERE d.area ^@ :area AND d.date BETWEEN :from AND :to AND d.agreed AND d.turn <> d.subject GROUP BY 1
    ) given ON given.subject = c.subject
    LEFT JOIN (
        SELECT shared.subject, sum(shared.weight) AS weight FROM (
            SELECT m.subject, CASE WHEN w.eve THEN r.eve_weight ELSE 1 END / count(*) OVER (PARTITION BY d.area, d.date) AS weight
            FROM duty d JOIN working_days(:from, :to) w ON w.date = d.date CROSS JOIN LATERAL ({rule}) r
            JOIN duty_rule_cadre m ON m.area = d.area AND m.starts = r.starts JOIN cadre k ON k.subject = m.subject
            WHERE d.area ^@ :area AND d.date BETWEEN k.since AND coalesce(k.until, 'infinity')
                AND EXISTS (SELECT FROM duty_rule_cadre o WHERE o.area = d.area AND o.starts = r.starts
                    AND o.subject = CASE WHEN d.agreed THEN d.turn ELSE d.subject END)
                AND NOT EXISTS (SELECT FROM leave l WHERE l.subject = m.subject AND d.date BETWEEN l.first AND l.last AND l.withdrawn_at IS NULL)
        ) shared GROUP BY 1) owed ON owed.subject = c.subject
    LEFT JOIN (
        SELECT l.subject, count(*) AS days FROM leave l JOIN working_days(:from, :to) w ON w.date BETWEEN l.first AND l.last
        WHERE l.withdrawn_at IS NULL GROUP BY 1) away ON away.subject = c.subject
    WHERE done.days IS NOT NULL OR given.days IS NOT NULL OR owed.weight IS NOT NULL)""".replace(
    "{rule}",
    "SELECT u.starts, u.eve_weight FROM duty_rule u WHERE u.area = d.area AND u.starts <= d.date ORDER BY u.starts DESC LIMIT 1",
)
"""By cadre, over the duties of an area and a span. What somebody owes is their part of each day: of those of the pool who were not on leave,
each the same; what was agreed is done by who did it, and owed as if by whose turn it was."""

FAIRNESS = View(
    type="DutyShare",
    source="""(SELECT NULL::text AS subject, NULL::text AS name, 0 AS days, 0 AS eves, 0 AS makeups, 0 AS taken, 0 AS given, 0 AS missed,
        0 AS away, 0::float8 AS weight, 0::float8 AS owed)""",
    fields={
        "subject": "{t}.subject",
        "name": "{t}.name",
        "days": "{t}.days",
        "eves": "{t}.eves",
        "makeupDays": "{t}.makeups",
        "taken": "{t}.taken",
        "given": "{t}.given",
        "missed": "{t}.missed",
        "leaveDays": "{t}.away",
        "weight": "round({t}.weight::numeric, 2)",
        "fairShare": "round({t}.owed::numeric, 2)",
        "balance": "round(({t}.weight - {t}.owed)::numeric, 2)",
    },
    edges={"cadre": Edge("Cadre", on="{t}.subject = {p}.subject")},
)


def _keyed(key: str) -> str:
    """Finds a row by `<area>/<date>` through the indexes of both parts."""
    return f"{{t}}.area = split_part({key}, '/', 1) AND {{t}}.date = split_part({key}, '/', 2)::date"


AREA_DUTIES = View(
    type="AreaDuties",
    source="area",
    fields={
        "ahead": """(SELECT count(*) FROM duty d WHERE d.area >= {t}.code AND d.area < {t}.code || ':'
            AND d.date >= china_today())"""
    },
)

VIEWS = (DUTY, RULE, MEMBER, STATION, OFFER, VISIT, FAIRNESS, AREA_DUTIES)

ROOTS: Mapping[str, Root] = {
    "dutyOn": Root(
        "Duty",
        "one",
        args={"area": "text", "date": "date"},
        where={"area": "{t}.area = :area", "date": "{t}.date = :date"},
    ),
    "duty": Root("Duty", "one", args={"id": "text"}, where={"id": _keyed(":id")}),
    "dutiesAheadByArea": Root("AreaDuties", "each_one", key="{t}.code"),
    "dutiesByKey": Root("Duty", "each_one", always=_keyed("k_.key"), key="{t}.key"),
    "duties": Root(
        "Duty",
        "page",
        {
            "area": "text",
            "subject": "text",
            "from": "date",
            "to": "date",
            "gap": "boolean",
            "unsigned": "boolean",
            "attendance": "text",
        },
        {
            "attendance": """CASE WHEN {t}.signed_in_at IS NOT NULL THEN 'SIGNED'
                WHEN {t}.subject IS NOT NULL AND {t}.date < (SELECT china_today()) THEN 'MISSED' END = :attendance""",
            "area": "{t}.area ^@ :area",
            "subject": "{t}.subject = :subject",
            "gap": "{t}.gap = :gap",
            "unsigned": "({t}.subject IS NOT NULL AND {t}.signed_in_at IS NULL AND {t}.date <= china_today()) = :unsigned",
        },
        always="{t}.date BETWEEN :from AND :to AND ({t}.subject IS NOT NULL OR {t}.gap)",
        order=(("{t}.date", "date"), ("{t}.area", "text")),
    ),
    "dutyRule": Root(
        "DutyRule",
        "one",
        {"id": "text"},
        always="{t}.area = split_part(:id, '/', 1) AND {t}.starts = split_part(:id, '/', 2)::date",
    ),
    "dutyRules": Root(
        "DutyRule",
        "page",
        {"area": "text", "subject": "text"},
        {
            "area": "{t}.area ^@ :area",
            "subject": """EXISTS (SELECT FROM duty_rule_cadre m
                WHERE m.area = {t}.area AND m.starts = {t}.starts AND m.subject = :subject)""",
        },
        order=(("{t}.area", "text"), ("{t}.starts", "date")),
    ),
    "station": Root("Station", "one", {"id": "text"}, always="{t}.area = :id"),
    "dutyOffer": Root("DutyOffer", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "dutyOffers": Root(
        "DutyOffer",
        "page",
        {"area": "text", "subject": "text", "state": "text"},
        {
            "area": "{t}.area ^@ :area",
            "subject": '({t}.by = :subject OR {t}."to" = :subject OR {t}.answered_by = :subject)',
            "state": f"{OFFER_STATE} = :state",
        },
        order=(("{t}.made_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "dutyVisit": Root("DutyVisit", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "dutyVisits": Root(
        "DutyVisit",
        "page",
        {"area": "text", "from": "date", "to": "date", "purpose": "text"},
        {
            "area": "{t}.area ^@ :area",
            "from": "{t}.at >= in_china(:from, '00:00')",
            "to": "{t}.at < in_china(:to + 1, '00:00')",
            "purpose": "{t}.purpose = :purpose",
        },
        order=(("{t}.at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "dutyFairness": Root(
        "DutyShare",
        "page",
        {"area": "text", "from": "date", "to": "date"},
        source=_FAIRNESS,
        order=(("{t}.subject", "text"),),
    ),
}
