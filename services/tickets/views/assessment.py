"""Assessments: schemes, versions of a period, what each unit came to, the cases behind it, and objections to them."""

from services.chassis.views import Edge, Root, View

_SCHEMES = (
    "(SELECT s.*, NULL::text AS by, NULL::timestamptz AS at FROM jsonb_array_elements({p}.schemes) AS s (definition))"
)
_UNIT_NAME = """CASE {t}.unit_kind WHEN 'DEPARTMENT' THEN (SELECT d.name FROM department d WHERE d.code = {t}.unit)
    WHEN 'WORKER' THEN {t}.unit ELSE (SELECT b.name FROM area b WHERE b.code = {t}.unit) END"""
# The cases of a result: those of its period that its version took, that its scheme counts, and that lie with its unit.
_OF_RESULT = """(
    SELECT c.*, r.id AS result, o.left_out IS NOT NULL AND o.left_out <= a.version AS left_out
    FROM assessment_result r
        JOIN assessment a ON a.id = r.assessment
        CROSS JOIN LATERAL (SELECT s.definition FROM jsonb_array_elements(a.schemes) AS s (definition)
            WHERE s.definition ->> 'code' = r.scheme) AS s
        JOIN assessment_case c ON c.period = a.period AND c.indicator = :indicator
            AND c.since <= a.version AND (c.until IS NULL OR c.until > a.version)
            AND (c.ending IS NULL OR NOT s.definition -> 'exclude' ? c.ending)
            AND CASE r.unit_kind WHEN 'DEPARTMENT' THEN c.department = r.unit WHEN 'WORKER' THEN c.worker = r.unit
                ELSE c.area >= r.unit AND c.area < r.unit || ':' END
        LEFT JOIN assessment_objection o ON o."case" = c.id AND o.unit_kind = r.unit_kind
    WHERE r.id = :result)"""

SCHEME = View(
    "AssessmentScheme",
    "assessment_scheme",
    {
        "code": "{t}.definition ->> 'code'",
        "since": "{t}.definition ->> 'since'",
        "name": "{t}.definition ->> 'name'",
        "unit": "{t}.definition ->> 'unit'",
        "period": "{t}.definition ->> 'period'",
        "minimum": "({t}.definition ->> 'minimum')::int",
        "exclude": "{t}.definition -> 'exclude'",
        "revisedBy": "{t}.by",
    },
    {
        "indicators": Edge(
            "AssessmentMeasure",
            "true",
            many=True,
            order="{t}.n",
            source="""(SELECT m.* FROM ROWS FROM (jsonb_to_recordset({p}.definition -> 'indicators')
                AS (indicator text, weight int, direction text, target numeric, floor numeric)) WITH ORDINALITY AS
                m (indicator, weight, direction, target, floor, n))""",
        )
    },
)
MEASURE = View(
    "AssessmentMeasure",
    "(SELECT '' AS indicator, 0 AS weight, '' AS direction, 0 AS target, 0 AS floor, 0 AS n)",
    {name: f"{{t}}.{name}" for name in ("indicator", "weight", "direction", "target", "floor")},
)
ASSESSMENT = View(
    "Assessment",
    "assessment",
    {
        "id": "global_id('Assessment', {t}.id::text)",
        "period": "{t}.period",
        "version": "{t}.version",
        "first": "{t}.first",
        "last": "{t}.last",
        "digest": "encode({t}.digest, 'hex')",
        "cases": "{t}.cases",
        "computedAt": "rfc3339({t}.computed_at)",
        "computedBy": "{t}.computed_by",
    },
    {"schemes": Edge("AssessmentScheme", "true", many=True, order="{t}.definition ->> 'code'", source=_SCHEMES)},
)
RESULT = View(
    "AssessmentResult",
    "assessment_result",
    {
        "id": "global_id('AssessmentResult', {t}.id::text)",
        "scheme": "{t}.scheme",
        "unitKind": "{t}.unit_kind",
        "unit": "{t}.unit",
        "unitName": _UNIT_NAME,
        "place": "{t}.place",
        "points": "{t}.points",
    },
    {
        "assessment": Edge("Assessment", "{t}.id = {p}.assessment"),
        "marks": Edge(
            "AssessmentMark",
            "true",
            many=True,
            order="{t}.n",
            source="""(SELECT m.* FROM ROWS FROM (jsonb_to_recordset({p}.marks)
                AS (indicator text, counted bigint, cases bigint, value numeric, points numeric, weight int)) WITH ORDINALITY AS
                m (indicator, counted, cases, value, points, weight, n))""",
        ),
    },
)
MARK = View(
    "AssessmentMark",
    "(SELECT '' AS indicator, 0 AS counted, 0 AS cases, 0 AS value, 0 AS points, 0 AS weight, 0 AS n)",
    {name: f"{{t}}.{name}" for name in ("indicator", "counted", "cases", "value", "points", "weight")},
)
CASE = View(
    "AssessmentCase",
    """(SELECT c.*, NULL::uuid AS result, EXISTS (
        SELECT 1 FROM assessment_objection o WHERE o."case" = c.id AND o.left_out IS NOT NULL) AS left_out FROM assessment_case c)""",
    {
        "id": "global_id('AssessmentCase', {t}.id::text)",
        "indicator": "{t}.indicator",
        "counted": "{t}.counted",
        "leftOut": "{t}.left_out",
        "at": "rfc3339({t}.at)",
        "dueAt": "rfc3339({t}.due_at)",
        "departmentCode": "{t}.department",
        "areaCode": "{t}.area",
        "worker": "{t}.worker",
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "step": Edge(
            "TicketStep", "{t}.ticket = {p}.ticket AND {t}.version = {p}.place AND {p}.indicator NOT LIKE '%ON_TIME'"
        ),
    },
)
OBJECTION = View(
    "AssessmentObjection",
    "assessment_objection",
    {
        "id": "global_id('AssessmentObjection', {t}.id::text)",
        "unitKind": "{t}.unit_kind",
        "unit": "{t}.unit",
        "unitName": _UNIT_NAME,
        "reason": "{t}.reason",
        "by": "{t}.by",
        "at": "rfc3339({t}.at)",
        "upheld": "{t}.upheld",
        "note": "{t}.note",
        "decidedBy": "{t}.decided_by",
        "decidedAt": "rfc3339({t}.decided_at)",
    },
    {
        "result": Edge("AssessmentResult", "{t}.id = {p}.result"),
        "case": Edge("AssessmentCase", '{t}.id = {p}."case"'),
        "corrected": Edge(
            "Assessment",
            '{t}.period = (SELECT c.period FROM assessment_case c WHERE c.id = {p}."case") AND {t}.version = {p}.left_out',
        ),
    },
)

_OF_PERIOD = "{{t}}.assessment = (SELECT a.id FROM assessment a WHERE a.period = :period AND a.version = {version})"

VIEWS = [SCHEME, MEASURE, ASSESSMENT, RESULT, MARK, CASE, OBJECTION]
ROOTS = {
    "assessmentScheme": Root("AssessmentScheme", "one", {"id": "text"}, always="{t}.code || '/' || {t}.since = :id"),
    "assessmentSchemes": Root(
        "AssessmentScheme",
        "many",
        {"on": "date"},
        {
            "on": """{t}.since = (SELECT max(n.since) FROM assessment_scheme n WHERE n.code = {t}.code AND n.since <= :on)
                AND jsonb_array_length({t}.definition -> 'indicators') > 0"""
        },
        order=(("{t}.code", "text"), ("{t}.since", "date")),
    ),
    "assessment": Root("Assessment", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "assessments": Root(
        "Assessment",
        "page",
        {"period": "text"},
        {"period": "{t}.period = :period"},
        order=(("{t}.last", "date"), ("{t}.period", "text"), ("{t}.version", "int")),
        descending=True,
    ),
    "assessmentResult": Root("AssessmentResult", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "assessmentResults": Root(
        "AssessmentResult",
        "page",
        {"period": "text", "version": "int", "newest": "boolean", "scheme": "text", "unit": "text"},
        {
            "version": _OF_PERIOD.format(version=":version"),
            "newest": _OF_PERIOD.format(version="(SELECT max(b.version) FROM assessment b WHERE b.period = :period)")
            + " AND :newest",
            "scheme": "{t}.scheme = :scheme",
            "unit": "{t}.unit = :unit",
        },
        always=":period IS NOT NULL",
        order=(("{t}.scheme", "text"), ("{t}.position", "int")),
    ),
    "assessmentCase": Root("AssessmentCase", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "assessmentCases": Root(
        "AssessmentCase",
        "page",
        {"result": "uuid", "indicator": "text", "counted": "boolean", "left_out": "boolean"},
        {"counted": "{t}.counted = :counted"},
        always="{t}.result = :result AND {t}.indicator = :indicator AND {t}.left_out = :left_out",
        source=_OF_RESULT,
        order=(("{t}.at", "timestamptz"), ("{t}.id", "uuid")),
    ),
    "assessmentObjection": Root("AssessmentObjection", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "assessmentObjections": Root(
        "AssessmentObjection",
        "page",
        {"undecided": "boolean"},
        {"undecided": "({t}.upheld IS NULL) = :undecided"},
        order=(("{t}.at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
