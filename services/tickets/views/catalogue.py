"""The catalogue of matters: categories as a tree, where they lead, their limits, and whom late matters are told to."""

from services.chassis.views import Edge, Root, View

TODAY = "china_day(now())"
_HOLDS = """c.since = (SELECT max(n.since) FROM category n WHERE n.code = c.code AND n.since <= {day})
    AND (c.until IS NULL OR c.until >= {day})"""

CATEGORY = View(
    "Category",
    "(SELECT c.*, c.since AS on_ FROM category c)",
    {
        "code": "{t}.code",
        "name": "{t}.name",
        "priority": "{t}.priority",
        "since": "{t}.since",
        "until": "{t}.until",
        "parentCode": "{t}.parent",
    },
    {
        "children": Edge(
            "Category",
            "true",
            many=True,
            order="{t}.code",
            first=500,
            source="(SELECT c.*, {p}.on_ AS on_ FROM category c WHERE c.parent = {p}.code AND "
            + _HOLDS.format(day="{p}.on_")
            + ")",
        ),
    },
)
ROUTE = View(
    "Route",
    "route",
    {"areaCode": "{t}.area", "category": "nullif({t}.category, '')", "since": "{t}.since"},
    {"department": Edge("Department", "{t}.code = {p}.department")},
)
LIMITS = View(
    "Limits",
    "limits",
    {
        "category": "nullif({t}.category, '')",
        "priority": "nullif({t}.priority, '')",
        "since": "{t}.since",
        "name": "{t}.name",
        "sign": "{t}.sign",
        "work": "{t}.work",
        "overall": "{t}.overall",
        "returnWithin": "{t}.return_within",
        "extension": "{t}.extension",
        "extensions": "{t}.extensions",
        "pause": "{t}.pause",
        "warn": "{t}.warn",
        "escalate": "{t}.escalate",
    },
)
ESCALATION = View(
    "Escalation", "escalation", {"unit": "{t}.unit", "level": "{t}.level", "subjects": "to_json({t}.subjects)"}
)
VIEWS = [CATEGORY, ROUTE, LIMITS, ESCALATION]

_DAY = f"coalesce(:on, {TODAY})"


def _line(place: int, column: str) -> str:
    """A part of a line's key, `<part>|<part>|…`."""
    return f"{{t}}.{column} = split_part(:id, '|', {place})"


ROOTS = {
    "categories": Root(
        "Category",
        "many",
        {"on": "date"},
        source=f"(SELECT c.*, {_DAY} AS on_ FROM category c WHERE {_HOLDS.format(day=_DAY)})",
        always="""NOT EXISTS (SELECT 1 FROM category c WHERE c.code = {t}.parent
            AND c.since = (SELECT max(n.since) FROM category n WHERE n.code = c.code AND n.since <= {t}.on_)
            AND (c.until IS NULL OR c.until >= {t}.on_))""",
        order=(("{t}.code", "text"),),
        most=1000,
    ),
    "routeFor": Root(
        "Route",
        "one",
        {"category": "text", "area": "text"},
        source=f"(SELECT * FROM route_for(:category, :area, {TODAY}))",
        always=":category IS NOT NULL AND :area IS NOT NULL",
    ),
    "routes": Root(
        "Route",
        "many",
        {"on": "date", "area": "text"},
        {"area": "{t}.area ^@ :area"},
        source=f"""(SELECT DISTINCT ON (area, category) * FROM route WHERE since <= {_DAY}
            ORDER BY area, category, since DESC)""",
        always="{t}.department IS NOT NULL",
        order=(("{t}.area", "text"), ("{t}.category", "text")),
        most=1000,
    ),
    "limits": Root(
        "Limits",
        "many",
        {"on": "date"},
        source=f"""(SELECT DISTINCT ON (category, priority) * FROM limits WHERE since <= {_DAY}
            ORDER BY category, priority, since DESC)""",
        order=(("{t}.category", "text"), ("{t}.priority", "text")),
        most=1000,
    ),
    "escalations": Root("Escalation", "many", order=(("{t}.unit", "text"), ("{t}.level", "int")), most=1000),
    "categoryLine": Root("Category", "one", {"id": "text"}, always=f"{_line(1, 'code')} AND {_line(2, 'since::text')}"),
    "routeLine": Root(
        "Route",
        "one",
        {"id": "text"},
        always=f"{_line(1, 'area')} AND {_line(2, 'category')} AND {_line(3, 'since::text')}",
    ),
    "limitsLine": Root(
        "Limits",
        "one",
        {"id": "text"},
        always=f"{_line(1, 'category')} AND {_line(2, 'priority')} AND {_line(3, 'since::text')}",
    ),
    "escalationLine": Root(
        "Escalation", "one", {"id": "text"}, always=f"{_line(1, 'unit')} AND {_line(2, 'level::text')}"
    ),
}
