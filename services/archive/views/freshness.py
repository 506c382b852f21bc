"""How fresh sheets are: the visit queue, the facts that are stale, and figures by area."""

from services.archive.domain.review import TITLES
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

_NUMBER = r"regexp_replace({t}.fact, '_(sealed|index|masked)$', '')"
NAME = (
    f"(SELECT string_agg(CASE WHEN w.n = 1 THEN w.word ELSE initcap(w.word) END, '' ORDER BY w.n) "
    f"FROM string_to_table({_NUMBER}, '_') WITH ORDINALITY AS w (word, n))"
)
"""A fact's public name, as domain/review.py's `public` makes it."""
_PART = "CASE WHEN {t}.kind IN ('household', 'person', 'plot') THEN {t}.kind ELSE 'item' END"

_TITLE = named(TITLES, "({t}.kind || '.' || " + NAME + ")")

STALE_FACT = View(
    type="StaleFact",
    source="review",
    fields={
        "reference": f"{_PART} || '/' || {{t}}.key || '/' || {NAME}",
        "name": NAME,
        "title": f"coalesce({_TITLE}, {NAME})",
        "staleOn": "{t}.stale_on",
    },
    edges={
        "member": Edge(
            "Member",
            on="{t}.id = CASE {p}.kind WHEN 'person' THEN {p}.key ELSE (SELECT i.person_id FROM sheet_item i WHERE i.id = {p}.key) END",
        )
    },
)

NEED = View(
    type="VisitNeed",
    source="visit_need",
    fields={"code": "{t}.code", "name": "{t}.name", "days": "{t}.days"},
)


def _stale(dated: str = "") -> Edge:
    return Edge(
        "StaleFact",
        on="{t}.household_id = {p}.id AND {t}.stale_on <= china_today()",
        many=True,
        order="{t}.stale_on, {t}.kind, {t}.key, {t}.fact",
        first=500,
        dated=dated,
    )


STALE_FACTS = _stale("(SELECT r.* FROM review r WHERE false)")
"""Of a household, and as of another day none: what is stale is so today."""
NEEDS = Edge("VisitNeed", on="{t}.code = ANY ({p}.needs)", many=True, order="{t}.position")

VISIT_DUE = View(
    type="VisitDue",
    source="household",
    fields={
        "dueOn": "{t}.review_on",
        "overdueDays": "china_today() - {t}.review_on",
        "rank": "china_today() - {t}.rank_on",
    },
    edges={
        "household": Edge("Household", on="{t}.id = {p}.id"),
        "needs": NEEDS,
        "staleFacts": _stale(),
    },
)


def _percent(part: str, whole: str) -> str:
    return f"round(100.0 * {part} / nullif({whole}, 0), 1)"


_FRESH = """(
    SELECT a.code, a.parent, a.ended, f.* FROM area a CROSS JOIN LATERAL (
        SELECT count(*) AS sheets, count(*) FILTER (WHERE h.review_on <= (SELECT china_today())) AS stale_sheets,
            coalesce(sum(h.facts), 0) AS facts, coalesce(sum(h.stale_facts), 0) AS stale_facts
        FROM household h WHERE h.closed_on IS NULL AND h.area_code >= a.code AND h.area_code < a.code || ':'
    ) f)"""
FRESHNESS = View(
    type="Freshness",
    source=_FRESH,
    fields={
        "sheets": "{t}.sheets",
        "staleSheets": "{t}.stale_sheets",
        "facts": "{t}.facts",
        "staleFacts": "{t}.stale_facts",
        "freshSheetsPercent": _percent("({t}.sheets - {t}.stale_sheets)", "{t}.sheets"),
        "freshFactsPercent": _percent("({t}.facts - {t}.stale_facts)", "{t}.facts"),
    },
    edges={
        "area": Edge("Area", on="{t}.code = {p}.code"),
        "parts": Edge(
            "Freshness", on="{t}.parent = {p}.code AND NOT {t}.ended", many=True, order="{t}.code", first=500
        ),
    },
)

VIEWS = [STALE_FACT, NEED, VISIT_DUE, FRESHNESS]
ROOTS = {
    "visitQueue": Root(
        "VisitDue",
        "page",
        args={"area": "text"},
        always="{t}.closed_on IS NULL AND {t}.review_on <= china_today() AND {t}.area_code >= :area AND {t}.area_code < :area || ':'",
        order=(("{t}.rank_on", "date"), ("{t}.id", "uuid")),
    ),
    "freshness": Root("Freshness", "one", args={"area": "text"}, always="{t}.code = :area"),
}
