"""Figures of matters, counted in one statement from what the caller reaches: what was reported and ended in the period, what is open now.

Each set of rows is read once, however many figures are asked of it, and those that nobody asks for are not read at all. `part` is the area
one level down in which a matter lies.
"""

from services.chassis.views import Edge, Root, View
from services.tickets.domain.figures import AGES, SOURCE_NAMES
from services.tickets.domain.ticket import ENDS, OPEN

_ENDS, _OPEN = ("(" + ", ".join(f"'{status}'" for status in some) + ")" for some in (ENDS, OPEN))
_START = "(:from::timestamp AT TIME ZONE 'Asia/Shanghai')"
_STOP = "((:to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')"
_BEFORE = "((:from - (:to + 1 - :from))::timestamp AT TIME ZONE 'Asia/Shanghai')"
_PART = """left({t}.area, (SELECT coalesce(min(char_length(b.code)), char_length(:area)) FROM area b
    WHERE b.code > :area AND b.code < :area || ':'))"""


def _within(alias: str) -> str:
    """Of the area what lies in the caller's areas: staff all of it, officers their department's. What else they may see counts for others."""
    return f"""{alias}.area >= :area AND {alias}.area < :area || ':' AND {alias}.area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_department()) IS NULL OR {alias}.department = (SELECT caller_department()))"""


def _lines(column: str, *, zeros: str = "") -> str:
    """A line for each value of a column; `zeros` are the values that have one in any case."""
    parts = [
        f"SELECT {column} AS code, count(*) AS reported, 0 AS closed, 0 AS open FROM reported GROUP BY 1",
        f"SELECT {column}, 0, count(*), 0 FROM closed GROUP BY 1",
        f"SELECT {column}, 0, 0, count(*) FROM open GROUP BY 1",
        *([zeros] if zeros else []),
    ]
    return f"""(SELECT json_agg(l) FROM (
        SELECT code, sum(reported) AS reported, sum(closed) AS closed, sum(open) AS open
        FROM ({" UNION ALL ".join(parts)}) AS counted GROUP BY code) l)"""


_BELOW = """SELECT b.code, 0, 0, 0 FROM area b
    WHERE b.code > :area AND b.code < :area || ':' AND b.code ^@ ANY ((SELECT caller_areas())::text[])
        AND char_length(b.code) = (SELECT min(char_length(c.code)) FROM area c WHERE c.code > :area AND c.code < :area || ':')
        AND b.valid_from <= :to AND (b.valid_to IS NULL OR b.valid_to >= :from)"""
_AGES = ", ".join(f"({age.least}, {'NULL::int' if age.below is None else age.below})" for age in AGES)
_DAYS = f"""(SELECT day, sum(reported) AS reported, sum(closed) AS closed FROM (
            SELECT :from + extract(day FROM bin - {_START})::int AS day, reported, closed FROM (
                SELECT date_bin('1 day', at, {_START}) AS bin, count(*) AS reported, 0 AS closed FROM reported GROUP BY 1
                UNION ALL SELECT date_bin('1 day', at, {_START}), 0, count(*) FROM closed GROUP BY 1) AS binned
            UNION ALL SELECT d::date, 0, 0 FROM generate_series(:from::timestamp, :to::timestamp, '1 day') AS d) AS days
        GROUP BY day)"""


def _satisfaction(column: str) -> str:
    counts = ", ".join(
        f"count(*) FILTER (WHERE {column} = '{value.upper()}') AS {value}"
        for value in ("satisfied", "dissatisfied", "unreached")
    )
    return f"(SELECT json_agg(s) FROM (SELECT {counts} FROM reported) s)"


def _missed(kind: str) -> str:
    return f"""json_build_object('kind', '{kind}', 'decided', count(*) FILTER (WHERE d.kind = '{kind}'),
            'missed', count(d.missed_at) FILTER (WHERE d.kind = '{kind}'))"""


SOURCE = f"""(
    WITH reported AS MATERIALIZED (
        SELECT t.status, t.source, t.category, t.department, {_PART.format(t="t")} AS part, t.reported_at AS at, t.returns, t.reopened,
            t.satisfaction, t.superior_satisfaction
        FROM ticket t WHERE t.reported_at >= {_START} AND t.reported_at < {_STOP} AND {_within("t")}
    ), closed AS MATERIALIZED (
        SELECT t.source, t.category, t.department, {_PART.format(t="t")} AS part, t.updated_at AS at
        FROM ticket t WHERE t.status = 'CLOSED' AND t.status IN {_ENDS} AND t.updated_at >= {_START} AND t.updated_at < {_STOP}
            AND {_within("t")}
    ), open AS MATERIALIZED (
        SELECT t.status, t.source, t.category, t.department, {_PART.format(t="t")} AS part, t.reported_at AS at
        FROM ticket t WHERE t.status IN {_OPEN} AND {_within("t")}
    ), before AS MATERIALIZED (
        SELECT {_PART.format(t="t")} AS part, t.category, count(*) AS previous
        FROM ticket t WHERE t.reported_at >= {_BEFORE} AND t.reported_at < {_START} AND {_within("t")} GROUP BY 1, 2
    )
    SELECT a.code, a.name, :from AS first, :to AS last,
        (SELECT count(*) FROM reported) AS reported,
        (SELECT count(*) FROM closed) AS closed,
        (SELECT count(*) FROM ticket t WHERE t.status IN ('MERGED', 'WITHDRAWN', 'REFERRED_OUT') AND t.status IN {_ENDS}
            AND t.updated_at >= {_START} AND t.updated_at < {_STOP} AND {_within("t")}) AS ended_otherwise,
        (SELECT count(*) FROM open) AS open,
        (SELECT coalesce(sum(returns), 0) FROM reported) AS returns,
        (SELECT count(*) FROM reported WHERE reopened) AS reopened,
        (SELECT count(*) FROM extension x JOIN deadline d ON d.id = x.deadline
            WHERE x.granted IS NOT NULL AND x.decided_at >= {_START} AND x.decided_at < {_STOP} AND {_within("d")}) AS extensions,
        (SELECT json_agg(l) FROM (SELECT status, sum(reported) AS reported, sum(open) AS open FROM (
            SELECT status, count(*) AS reported, 0 AS open FROM reported GROUP BY 1
            UNION ALL SELECT status, 0, count(*) FROM open GROUP BY 1) AS counted GROUP BY status) l) AS by_status,
        {_lines("source")} AS by_source,
        {_lines("category")} AS by_category,
        {_lines("department")} AS by_department,
        {_lines("part", zeros=_BELOW)} AS by_area,
        (SELECT json_build_array({", ".join(_missed(kind) for kind in ("SIGN", "WORK", "OVERALL"))})
            FROM deadline d WHERE d.decided_at >= {_START} AND d.decided_at < {_STOP} AND {_within("d")}) AS on_time,
        (SELECT json_agg(g) FROM (
            SELECT least, below, (SELECT count(*) FROM open WHERE at <= now() - least * interval '24 hours'
                AND (below IS NULL OR at > now() - below * interval '24 hours')) AS matters
            FROM (VALUES {_AGES}) AS ages (least, below)) g) AS ageing,
        {_satisfaction("satisfaction")} AS residents,
        {_satisfaction("superior_satisfaction")} AS superiors,
        (SELECT json_agg(h) FROM (
            SELECT part, category, sum(reported) AS reported, sum(previous) AS previous FROM (
                SELECT part, category, count(*) AS reported, 0 AS previous FROM reported GROUP BY 1, 2
                UNION ALL SELECT part, category, 0, previous FROM before) AS compared GROUP BY 1, 2) h) AS heat,
        (SELECT json_agg(d) FROM (
            SELECT CASE :trend WHEN 'WEEK' THEN greatest(date_trunc('week', day)::date, :from) ELSE day END AS date,
                sum(reported) AS reported, sum(closed) AS closed
            FROM {_DAYS} AS days GROUP BY 1) d) AS trend
    FROM area a WHERE a.code = :area)"""


def _rows(column: str, types: str) -> str:
    return f"(SELECT * FROM json_to_recordset({{p}}.{column}) AS r ({types}))"


_COUNTS = "reported bigint, closed bigint, open bigint"


def _named(column: str, name: str, table: str = "") -> str:
    """Lines with what their codes are called."""
    return f"(SELECT r.*, {name} AS name FROM json_to_recordset({{p}}.{column}) AS r (code text, {_COUNTS}){table})"


_CATEGORY_NAME = (
    "coalesce((SELECT c.name FROM category c WHERE c.code = r.{code} ORDER BY c.since DESC LIMIT 1), r.{code})"
)
_AREA_NAME = "coalesce((SELECT b.name FROM area b WHERE b.code = r.{code}), r.{code})"
_SOURCE_NAME = "CASE r.code " + " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in SOURCE_NAMES.items()) + " END"
_BUSIEST = "{t}.reported DESC, {t}.open DESC, {t}.code"


def _percent(part: str, whole: str) -> str:
    return f"round(100.0 * {part} / nullif({whole}, 0), 1)"


MATTER_FIGURES = View(
    "MatterFigures",
    "area",
    {
        "areaCode": "{t}.code",
        "areaName": "{t}.name",
        "from": "{t}.first",
        "to": "{t}.last",
        "computedAt": "rfc3339(now())",
        **{name: f"{{t}}.{name}" for name in ("reported", "closed", "open", "returns", "reopened", "extensions")},
        "endedOtherwise": "{t}.ended_otherwise",
    },
    {
        "byStatus": Edge(
            "StatusFigure",
            "true",
            many=True,
            order="{t}.status",
            source=_rows("by_status", "status text, reported bigint, open bigint"),
        ),
        "bySource": Edge("FigureLine", "true", many=True, order=_BUSIEST, source=_named("by_source", _SOURCE_NAME)),
        "byCategory": Edge(
            "FigureLine",
            "true",
            many=True,
            order=_BUSIEST,
            first=500,
            source=_named("by_category", _CATEGORY_NAME.format(code="code")),
        ),
        "byDepartment": Edge(
            "FigureLine",
            "{t}.code IS NOT NULL",
            many=True,
            order=_BUSIEST,
            first=500,
            source=_named("by_department", "d.name", " LEFT JOIN department d ON d.code = r.code"),
        ),
        "byArea": Edge(
            "FigureLine",
            "true",
            many=True,
            order="{t}.code",
            first=500,
            source=_named("by_area", _AREA_NAME.format(code="code")),
        ),
        "onTime": Edge(
            "OnTimeFigure", "true", many=True, source=_rows("on_time", "kind text, decided bigint, missed bigint")
        ),
        "ageing": Edge(
            "AgeFigure",
            "true",
            many=True,
            order="{t}.least",
            source=_rows("ageing", "least int, below int, matters bigint"),
        ),
        "residents": Edge(
            "SatisfactionFigure",
            "true",
            source=_rows("residents", "satisfied bigint, dissatisfied bigint, unreached bigint"),
        ),
        "superiors": Edge(
            "SatisfactionFigure",
            "true",
            source=_rows("superiors", "satisfied bigint, dissatisfied bigint, unreached bigint"),
        ),
        "heat": Edge(
            "HeatFigure",
            "true",
            many=True,
            order="{t}.part, {t}.category",
            first=500,
            source=f"""(SELECT r.*, {_AREA_NAME.format(code="part")} AS area_name, {_CATEGORY_NAME.format(code="category")} AS category_name
                FROM json_to_recordset({{p}}.heat) AS r (part text, category text, reported bigint, previous bigint))""",
        ),
        "trend": Edge(
            "TrendFigure",
            "true",
            many=True,
            order="{t}.date",
            first=500,
            source=_rows("trend", "date date, reported bigint, closed bigint"),
        ),
    },
)
LINE = View(
    "FigureLine",
    "(SELECT code, name, 0 AS reported, 0 AS closed, 0 AS open FROM area)",
    {name: f"{{t}}.{name}" for name in ("code", "name", "reported", "closed", "open")},
)
STATUS = View(
    "StatusFigure",
    "(SELECT status, 0 AS reported, 0 AS open FROM ticket)",
    {name: f"{{t}}.{name}" for name in ("status", "reported", "open")},
)
ON_TIME = View(
    "OnTimeFigure",
    "(SELECT kind, 0 AS decided, 0 AS missed FROM deadline)",
    {
        "kind": "{t}.kind",
        "met": "{t}.decided - {t}.missed",
        "missed": "{t}.missed",
        "percent": _percent("({t}.decided - {t}.missed)", "{t}.decided"),
    },
)
AGE = View(
    "AgeFigure",
    "(SELECT 0 AS least, 0 AS below, 0 AS matters)",
    {"fromDays": "{t}.least", "belowDays": "{t}.below", "open": "{t}.matters"},
)
SATISFACTION = View(
    "SatisfactionFigure",
    "(SELECT 0 AS satisfied, 0 AS dissatisfied, 0 AS unreached)",
    {
        **{name: f"{{t}}.{name}" for name in ("satisfied", "dissatisfied", "unreached")},
        "percent": _percent("{t}.satisfied", "({t}.satisfied + {t}.dissatisfied)"),
    },
)
HEAT = View(
    "HeatFigure",
    "(SELECT '' AS part, '' AS area_name, '' AS category, '' AS category_name, 0 AS reported, 0 AS previous)",
    {
        "areaCode": "{t}.part",
        "areaName": "{t}.area_name",
        "category": "{t}.category",
        "categoryName": "{t}.category_name",
        "reported": "{t}.reported",
        "previous": "{t}.previous",
    },
)
TREND = View(
    "TrendFigure",
    "(SELECT china_today() AS date, 0 AS reported, 0 AS closed)",
    {name: f"{{t}}.{name}" for name in ("date", "reported", "closed")},
)

VIEWS = [MATTER_FIGURES, LINE, STATUS, ON_TIME, AGE, SATISFACTION, HEAT, TREND]
ROOTS = {
    "matterFigures": Root(
        "MatterFigures",
        "one",
        {"area": "text", "from": "date", "to": "date", "trend": "text"},
        always="{t}.code = :area AND {t}.first = :from AND {t}.last = :to",
        source=SOURCE,
    )
}
