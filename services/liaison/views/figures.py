"""Figures of what was held and suggested, counted in one statement. Each set of rows is read once, however many figures are made of it."""

import json
from collections.abc import Mapping

from services.chassis.views import Edge, Root, View
from services.liaison.domain.figures import LISTINGS

_WITHIN = "{t}.area >= :area AND {t}.area < :area || ':'"
_KEY = """(CASE :by WHEN 'MONTH' THEN to_char({day}, 'YYYY-MM') WHEN 'TOWNSHIP' THEN left(t.area, 9)
    WHEN 'VILLAGE' THEN left(t.area, 12) ELSE '' END) COLLATE "C\""""


def _counted(table: str, figures: Mapping[str, str]) -> str:
    """The figures of the rows of a table whose date lies in the period; a row for each key and figure."""
    sums = ", ".join(f"{sql} AS {name}" for name, sql in figures.items())
    pairs = ", ".join(f"('{name}', c.{name})" for name in figures)
    return f"""SELECT c.key, v.name, v.value::bigint AS value FROM (
            SELECT {_KEY.format(day="t.date")} AS key, {sums} FROM {table} t
            WHERE t.date BETWEEN :from AND :to AND {_WITHIN.format(t="t")} GROUP BY 1) c
        CROSS JOIN LATERAL (VALUES {pairs}) v (name, value)"""


def _dated(table: str, days: Mapping[str, str], within: str) -> str:
    """How many rows of a table have each of these days in the period; `within` leaves out such as have none."""
    pairs = ", ".join(f"('{name}', {sql})" for name, sql in days.items())
    return f"""SELECT {_KEY.format(day="d.day")}, d.name COLLATE "C", count(*) FROM {table} t CROSS JOIN LATERAL (VALUES {pairs}) d (name, day)
        WHERE {_WITHIN.format(t="t")} AND {within} AND d.day BETWEEN :from AND :to GROUP BY 1, 2"""


def _day(column: str) -> str:
    return f"({column} AT TIME ZONE 'Asia/Shanghai')::date"


def _sessions(kind: str, noun: str) -> dict[str, str]:
    return {
        f"{noun}sHeld": f"count(*) FILTER (WHERE t.kind = '{kind}' AND t.state = 'HELD')",
        f"{noun}sSkipped": f"count(*) FILTER (WHERE t.kind = '{kind}' AND t.state = 'SKIPPED')",
        f"{noun}People": f"coalesce(sum(t.people) FILTER (WHERE t.kind = '{kind}' AND t.state = 'HELD'), 0)",
    }


_DUTIES = {
    "dutiesSigned": "count(t.signed_in_at)",
    "dutiesMissed": "count(*) FILTER (WHERE t.signed_in_at IS NULL AND t.date < (SELECT china_today()))",
}
_STALLS = {
    "stallsHeld": "count(*) FILTER (WHERE t.state = 'HELD')",
    "stallPeople": "coalesce(sum(t.people) FILTER (WHERE t.state = 'HELD'), 0)",
}
_PARTS = (
    _counted("session", {**_sessions("GATHERING", "gathering"), **_sessions("DIALOGUE", "dialogue")}),
    _counted("duty", _DUTIES),
    _counted("stall_sheet", _STALLS),
    _dated(
        "suggestion",
        {f"suggestions{deed.title()}": f"t.{deed}_on" for deed in ("raised", "accepted", "answered", "solved")},
        "t.raised_on <= :to AND t.updated_at >= in_china(:from, '00:00')",
    ),
    _dated(
        "matter",
        {"mattersRaised": _day("t.at"), "mattersSolved": _day("t.solved_at")},
        "t.at < in_china(:to + 1, '00:00')",
    ),
)
# A month, township or village in which nothing was held has its line, too.
_KEYS = """SELECT key FROM counted
    UNION SELECT '' WHERE :by = 'NONE'
    UNION SELECT to_char(m, 'YYYY-MM') FROM generate_series(date_trunc('month', :from::timestamp), :to, '1 month') m WHERE :by = 'MONTH'
    UNION SELECT t.code FROM area t WHERE length(t.code) = CASE :by WHEN 'TOWNSHIP' THEN 9 WHEN 'VILLAGE' THEN 12 END
        AND t.code >= :area AND t.code < :area || ':' AND coalesce(t.valid_to >= :from, true)"""
SOURCE = f"""(
    WITH counted AS MATERIALIZED ({" UNION ALL ".join(_PARTS)}),
    keys AS ({_KEYS}),
    lines AS (
        SELECT k.key, CASE WHEN :by IN ('TOWNSHIP', 'VILLAGE') AND k.key ^@ :area THEN k.key ELSE :area END AS area,
            CASE WHEN :by = 'MONTH' THEN greatest(:from, (k.key || '-01')::date) ELSE :from END AS first,
            CASE WHEN :by = 'MONTH' THEN least(:to, ((k.key || '-01')::date + interval '1 month')::date - 1) ELSE :to END AS last
        FROM keys k)
    SELECT l.*, coalesce(n.counts, '{{}}') AS counts FROM lines l
    LEFT JOIN (SELECT key, jsonb_object_agg(name, value) AS counts FROM counted GROUP BY key) n ON n.key = l.key)"""


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"


_LISTINGS = ", ".join(
    f"({place}, '{name}', '{each.query}', {_literal(json.dumps(dict(each.arguments)))}::jsonb, '{each.area}')"
    for place, (name, each) in enumerate(LISTINGS.items())
)
LINE = View(
    type="LiaisonFigures",
    source="(SELECT ''::text AS key, ''::text AS area, now()::date AS first, now()::date AS last, '{}'::jsonb AS counts)",
    fields={
        "key": "{t}.key",
        "areaCode": "{t}.area",
        "from": "{t}.first",
        "to": "{t}.last",
        "computedAt": "rfc3339(now())",
    },
    edges={
        "counts": Edge(
            "LiaisonFigure",
            "true",
            many=True,
            order="{t}.place",
            source=f"""(SELECT l.place, l.name, coalesce(({{p}}.counts ->> l.name)::bigint, 0) AS value, l.query,
                (l.arguments || jsonb_build_object(l.area, {{p}}.area, 'from', {{p}}.first, 'to', {{p}}.last))::text AS arguments
                FROM (VALUES {_LISTINGS}) l (place, name, query, arguments, area))""",
        )
    },
)
FIGURE = View(
    type="LiaisonFigure",
    source="(SELECT 0 AS place, ''::text AS name, 0::bigint AS value, ''::text AS query, ''::text AS arguments)",
    fields={name: f"{{t}}.{name}" for name in ("name", "value", "query", "arguments")},
)
VIEWS = (LINE, FIGURE)
ROOTS: Mapping[str, Root] = {
    "liaisonFigures": Root(
        "LiaisonFigures",
        "many",
        {"area": "text", "from": "date", "to": "date", "by": "text"},
        always=":area <> '' AND :from <= :to AND :by <> ''",
        source=SOURCE,
        order=(("{t}.key", "text"),),
        most=1000,
    )
}
