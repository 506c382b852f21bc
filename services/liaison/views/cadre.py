"""Who serves, and who is away. Why they are away is for themselves and whoever arranges."""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View

CADRE = View(
    type="Cadre",
    source="cadre",
    fields={
        "id": "global_id('Cadre', {t}.subject)",
        "subject": "{t}.subject",
        "name": "{t}.name",
        "areaCode": "{t}.area",
        "baseCode": "{t}.base",
        "department": "{t}.department",
        "since": "{t}.since",
        "until": "{t}.until",
        "away": """EXISTS (SELECT FROM leave l
            WHERE l.subject = {t}.subject AND china_today() BETWEEN l.first AND l.last AND l.withdrawn_at IS NULL)""",
        "version": "{t}.version",
    },
)

LEAVE = View(
    type="Leave",
    source="leave",
    fields={
        "id": "global_id('Leave', {t}.id::text)",
        "first": "{t}.first",
        "last": "{t}.last",
        "withdrawn": "{t}.withdrawn_at IS NOT NULL",
        "reason": "(SELECT r.reason FROM leave_reason r WHERE r.leave = {t}.id)",
        "notedBy": "{t}.noted_by",
        "notedAt": "rfc3339({t}.noted_at)",
    },
    edges={"cadre": Edge("Cadre", on="{t}.subject = {p}.subject")},
)

VIEWS = (CADRE, LEAVE)

ROOTS: Mapping[str, Root] = {
    "cadre": Root("Cadre", "one", {"id": "text"}, always="{t}.subject = :id"),
    "cadres": Root(
        "Cadre",
        "page",
        {"area": "text", "department": "text", "serving": "boolean"},
        {
            "area": "({t}.area ^@ :area OR :area ^@ {t}.area)",
            "department": "{t}.department = :department",
            "serving": "(china_today() BETWEEN {t}.since AND coalesce({t}.until, 'infinity')) = :serving",
        },
        order=(("{t}.subject", "text"),),
    ),
    "leave": Root("Leave", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "leaves": Root(
        "Leave",
        "page",
        {"area": "text", "subject": "text", "from": "date", "to": "date"},
        {
            "area": "EXISTS (SELECT FROM cadre c WHERE c.subject = {t}.subject AND c.area ^@ :area)",
            "subject": "{t}.subject = :subject",
            "from": "{t}.last >= :from",
            "to": "{t}.first <= :to",
        },
        always="{t}.withdrawn_at IS NULL",
        order=(("{t}.first", "date"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
