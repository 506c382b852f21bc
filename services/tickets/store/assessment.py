"""Assessments as rows, and what of the history an indicator counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg
import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import CHINA
from services.chassis.db import Connection
from services.tickets.domain.assessment import Indicator, Period, Result, Scheme, Tally, UnitKind

PATIENCE = 600
"""Seconds that a county's quarter may take."""
LOCK = "SELECT pg_advisory_xact_lock(hashtext('sanmin.tickets.assessment'))"
KEEP_SCHEME = """
INSERT INTO assessment_scheme (code, since, definition, by, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code, since) DO NOTHING RETURNING code
"""
SCHEMES = "SELECT definition FROM assessment_scheme"
LAST = """
SELECT id, period, version, digest, cases FROM assessment WHERE period = $1 ORDER BY version DESC LIMIT 1
"""
# What each indicator counts of a period. A deadline counts when it is decided: at the deed, or when it ran out, whichever comes first; open
# ones that ran out count whether or not the timer has marked them. The history tells what has changed, so what was said and who had the
# matter is what it told last; a return and a reopening count for the department that had it before.
FOUND = """
decided AS MATERIALIZED (
    SELECT d.kind || '_ON_TIME' AS indicator, d.ticket, d.round AS place, d.missed_at IS NULL AS counted, d.decided_at AS at, d.due_at, d.department
    FROM deadline d WHERE d.decided_at >= $2 AND d.decided_at < $3
    UNION ALL
    SELECT d.kind || '_ON_TIME', d.ticket, d.round, false, d.due_at, d.due_at, d.department
    FROM deadline d WHERE d.due_at >= $2 AND d.due_at < $3 AND d.decided_at IS NULL AND d.met_at IS NULL AND d.ended_at IS NULL
), concerned AS MATERIALIZED (
    SELECT s.ticket FROM step s
    WHERE s.at >= $2 AND s.at < $3 AND s.deed IN ('called_back', 'rated', 'resolved', 'returned', 'closed', 'reopened')
    UNION SELECT ticket FROM decided
), known AS (
    SELECT s.ticket, s.version, s.at, s.deed, t.area,
        (array_agg(s.data ->> 'department') FILTER (WHERE s.data ? 'department') OVER w)
            [(count(*) FILTER (WHERE s.data ? 'department') OVER w)::int] AS department,
        (array_agg(s.actor) FILTER (WHERE s.deed IN ('signed', 'started', 'suspended', 'resumed', 'resolved', 'returned')) OVER w)
            [(count(*) FILTER (WHERE s.deed IN ('signed', 'started', 'suspended', 'resumed', 'resolved', 'returned')) OVER w)::int] AS worker,
        (array_agg(s.data ->> 'satisfaction') FILTER (WHERE s.data ? 'satisfaction') OVER w)
            [(count(*) FILTER (WHERE s.data ? 'satisfaction') OVER w)::int] AS resident,
        (array_agg(s.data ->> 'superior_satisfaction') FILTER (WHERE s.data ? 'superior_satisfaction') OVER w)
            [(count(*) FILTER (WHERE s.data ? 'superior_satisfaction') OVER w)::int] AS superior,
        bool_or(s.deed IN ('returned', 'ruled', 'reworked', 'reopened')) OVER w AS detours,
        bool_or(s.deed = 'supervised') OVER w AS supervised,
        max(s.to_status) FILTER (WHERE s.to_status IN ('CLOSED', 'MERGED', 'WITHDRAWN', 'REFERRED_OUT'))
            OVER (PARTITION BY s.ticket) AS ending,
        s.deed = 'resolved' AND s.at >= $2
            AND s.version = max(s.version) FILTER (WHERE s.deed = 'resolved') OVER (PARTITION BY s.ticket) AS last_resolved
    FROM concerned c JOIN step s ON s.ticket = c.ticket JOIN ticket t ON t.id = s.ticket
    WHERE s.at < $3
    WINDOW w AS (PARTITION BY s.ticket ORDER BY s.version)
), history AS MATERIALIZED (
    SELECT k.*, lag(department) OVER (PARTITION BY ticket ORDER BY version) AS before FROM known k
), found AS MATERIALIZED (
    (SELECT DISTINCT ON (d.indicator, d.ticket, d.place) d.indicator, d.ticket, d.place, d.counted, d.at, d.due_at,
        coalesce(d.department, h.department) AS department, h.area, h.worker, h.ending
    FROM decided d JOIN history h ON h.ticket = d.ticket AND h.at <= d.at
    ORDER BY d.indicator, d.ticket, d.place, h.version DESC)
    UNION ALL
    SELECT e.indicator, h.ticket, h.version, e.counted, h.at, NULL,
        CASE WHEN h.deed IN ('returned', 'reopened') THEN h.before ELSE h.department END, h.area, h.worker, h.ending
    FROM history h CROSS JOIN LATERAL (VALUES
        ('SATISFACTION', h.deed = 'called_back' AND h.resident IN ('SATISFIED', 'DISSATISFIED'), h.resident = 'SATISFIED'),
        ('SUPERIOR_SATISFACTION', h.deed = 'rated' AND h.superior IN ('SATISFIED', 'DISSATISFIED'), h.superior = 'SATISFIED'),
        ('FIRST_CONTACT', h.deed = 'closed', NOT h.detours),
        ('SUPERVISED', h.deed = 'closed', h.supervised),
        ('RETURNS', h.deed IN ('returned', 'resolved'), h.deed = 'returned'),
        ('REOPENED', h.deed IN ('reopened', 'closed'), h.deed = 'reopened'),
        ('VOLUME', h.last_resolved, true)) AS e (indicator, counts, counted)
    WHERE h.at >= $2 AND e.counts
)
"""
_FACTS = "indicator, ticket, place, counted, at, due_at, department, area, worker, ending"
# What only the history or only the kept cases have: by grouping, whose cost grows with their number, whatever the planner knows of them.
KEEP_CASES = (
    f"WITH {FOUND}"
    f""", differing AS MATERIALIZED (
    SELECT {_FACTS}, (array_agg(id) FILTER (WHERE id IS NOT NULL))[1] AS id
    FROM (SELECT {_FACTS}, NULL::uuid AS id FROM found
        UNION ALL SELECT {_FACTS}, id FROM assessment_case WHERE period = $1 AND until IS NULL) AS known
    GROUP BY {_FACTS} HAVING count(*) = 1
), gone AS (
    UPDATE assessment_case c SET until = $4 FROM differing d WHERE c.id = d.id
)
INSERT INTO assessment_case (period, {_FACTS}, since) SELECT $1, {_FACTS}, $4 FROM differing WHERE id IS NULL
"""
)
LEFT_OUT = """EXISTS (
    SELECT 1 FROM assessment_objection o WHERE o."case" = c.id AND o.unit_kind = {kind} AND o.upheld)"""
DIGEST = """
SELECT count(*), sha256(convert_to(coalesce(string_agg(concat_ws('|', c.indicator, c.ticket, c.place, c.counted,
        extract(epoch FROM c.at), extract(epoch FROM c.due_at), 'd' || c.department, c.area, 'w' || c.worker, c.ending,
        (SELECT string_agg(o.unit_kind, ',' ORDER BY o.unit_kind) FROM assessment_objection o WHERE o."case" = c.id AND o.upheld)),
    E'\\n' ORDER BY c.indicator, c.ticket, c.place), ''), 'UTF8'))
FROM assessment_case c WHERE c.period = $1 AND c.until IS NULL
"""
UNITS = {
    UnitKind.DEPARTMENT: "c.department",
    UnitKind.TOWNSHIP: "CASE WHEN char_length(c.area) >= 9 THEN left(c.area, 9) END",
    UnitKind.VILLAGE: "CASE WHEN char_length(c.area) >= 12 THEN left(c.area, 12) END",
    UnitKind.WORKER: "c.worker",
}
TALLIES = {
    kind: f"""
SELECT {unit} AS unit, c.indicator, count(*) FILTER (WHERE c.counted) AS counted, count(*) AS cases
FROM assessment_case c
WHERE c.period = $1 AND c.until IS NULL AND c.indicator = ANY ($2) AND {unit} IS NOT NULL
    AND (c.ending IS NULL OR c.ending <> ALL ($3)) AND NOT {LEFT_OUT.format(kind=f"'{kind}'")}
GROUP BY 1, 2
"""
    for kind, unit in UNITS.items()
}
ADD = """
INSERT INTO assessment (id, period, version, first, last, schemes, digest, cases, computed_by, computed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
ADD_RESULT = """
INSERT INTO assessment_result (id, assessment, scheme, unit_kind, unit, position, place, points, marks)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
MARK_LEFT_OUT = """
UPDATE assessment_objection o SET left_out = $2 FROM assessment_case c
WHERE c.id = o."case" AND c.period = $1 AND o.upheld AND o.left_out IS NULL
"""
RESULT = """
SELECT r.id, r.scheme, r.unit_kind, r.unit, a.period, a.version,
    a.version = (SELECT max(b.version) FROM assessment b WHERE b.period = a.period) AS newest
FROM assessment_result r JOIN assessment a ON a.id = r.assessment WHERE r.id = $1
"""
CASE_OF = """
SELECT c.id FROM assessment_case c JOIN assessment a ON a.period = c.period
WHERE c.id = $1 AND a.id = (SELECT r.assessment FROM assessment_result r WHERE r.id = $2)
    AND c.since <= a.version AND (c.until IS NULL OR c.until > a.version) AND c.indicator = ANY ($3)
    AND (c.ending IS NULL OR c.ending <> ALL ($4))
    AND $5 = CASE $6 WHEN 'DEPARTMENT' THEN c.department WHEN 'WORKER' THEN c.worker ELSE left(c.area, char_length($5)) END
"""
OBJECT = """
INSERT INTO assessment_objection (id, result, "case", unit_kind, unit, reason, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT ("case", unit_kind) DO NOTHING RETURNING id
"""
OBJECTION = """
SELECT o.id, o.unit_kind, o.unit, o.by, o.upheld, a.period FROM assessment_objection o
    JOIN assessment_result r ON r.id = o.result JOIN assessment a ON a.id = r.assessment
WHERE o.id = $1
"""
DECIDE = """
UPDATE assessment_objection SET upheld = $2, note = $3, decided_by = $4, decided_at = $5 WHERE id = $1 AND upheld IS NULL RETURNING id
"""
SCHEME_OF = """
SELECT s.definition FROM assessment_result r JOIN assessment a ON a.id = r.assessment
    CROSS JOIN LATERAL jsonb_array_elements(a.schemes) AS s (definition)
WHERE r.id = $1 AND s.definition ->> 'code' = r.scheme
"""


@dataclass(frozen=True)
class Assessment:
    id: UUID
    period: str
    version: int
    digest: bytes
    cases: int


@dataclass(frozen=True)
class Assessed:
    """A result as an objection needs to know it. `newest`: no later version has corrected it."""

    id: UUID
    scheme: str
    unit_kind: UnitKind
    unit: str
    period: str
    version: int
    newest: bool


@dataclass(frozen=True)
class Objection:
    id: UUID
    unit_kind: UnitKind
    unit: str
    by: str
    upheld: bool | None
    period: str


async def lock(connection: Connection) -> None:
    """Until the transaction ends nobody else assesses."""
    await connection.execute(LOCK)


async def keep_schemes(connection: Connection, schemes: Iterable[Scheme], by: str, at: datetime) -> int:
    """Adds those whose code and first day are new; returns how many that are."""
    kept = 0
    for scheme in schemes:
        definition = msgspec.to_builtins(scheme)
        added = await connection.fetchval(KEEP_SCHEME, scheme.code, scheme.since, definition, by, at)
        kept += added is not None
    return kept


async def schemes(connection: Connection) -> list[Scheme]:
    return [msgspec.convert(row["definition"], Scheme) for row in await connection.fetch(SCHEMES)]


async def last(connection: Connection, period: Period) -> Assessment | None:
    row = await connection.fetchrow(LAST, period.name)
    return None if row is None else Assessment(**dict(row))


async def keep_cases(connection: Connection, period: Period, version: int) -> None:
    """Makes the period's cases what the history says, changed ones from `version` on."""
    start, end = (datetime.combine(day, time(), CHINA) for day in (period.first, period.last + timedelta(days=1)))
    await connection.execute(KEEP_CASES, period.name, start, end, version, timeout=PATIENCE)


async def cases(connection: Connection, period: Period) -> tuple[int, bytes]:
    """How many the period has, and their digest with what objections leave out."""
    row = await connection.fetchrow(DIGEST, period.name, timeout=PATIENCE)
    assert row is not None  # noqa: S101  an aggregate has one row
    return row[0], row[1]


async def tallies(connection: Connection, period: Period, scheme: Scheme) -> list[Tally]:
    indicators = [measure.indicator.value for measure in scheme.indicators]
    rows = await connection.fetch(TALLIES[scheme.unit], period.name, indicators, list(scheme.exclude), timeout=PATIENCE)
    return [Tally(row["unit"], Indicator(row["indicator"]), row["counted"], row["cases"]) for row in rows]


async def add(
    connection: Connection, assessment: Assessment, period: Period, schemes: Sequence[Scheme], by: str, at: datetime
) -> None:
    await connection.execute(
        ADD,
        assessment.id,
        period.name,
        assessment.version,
        period.first,
        period.last,
        msgspec.to_builtins(list(schemes)),
        assessment.digest,
        assessment.cases,
        by,
        at,
    )
    await connection.execute(MARK_LEFT_OUT, period.name, assessment.version)


async def add_results(connection: Connection, assessment: UUID, scheme: Scheme, results: Sequence[Result]) -> None:
    """In their order."""
    await connection.executemany(
        ADD_RESULT,
        [
            (
                uuid7(),
                assessment,
                scheme.code,
                scheme.unit,
                result.unit,
                position,
                result.place,
                result.points,
                [
                    {
                        "indicator": mark.indicator,
                        "counted": mark.counted,
                        "cases": mark.cases,
                        "value": None if mark.value is None else float(mark.value),
                        "points": None if mark.points is None else float(mark.points),
                        "weight": mark.weight,
                    }
                    for mark in result.marks
                ],
            )
            for position, result in enumerate(results, 1)
        ],
    )


async def result(connection: Connection, key: UUID) -> Assessed | None:
    row = await connection.fetchrow(RESULT, key)
    return None if row is None else Assessed(**dict(row) | {"unit_kind": UnitKind(row["unit_kind"])})


async def counts(connection: Connection, case: UUID, of: Assessed) -> bool:
    """Whether the case is one of the result's."""
    scheme = msgspec.convert(await connection.fetchval(SCHEME_OF, of.id), Scheme)
    indicators = [measure.indicator.value for measure in scheme.indicators]
    found = await connection.fetchval(
        CASE_OF, case, of.id, indicators, list(scheme.exclude), of.unit, of.unit_kind.value
    )
    return found is not None


async def add_objection(
    connection: Connection, of: Assessed, case: UUID, reason: str, by: str, at: datetime
) -> UUID | None:
    """None where such a unit has objected to the case already."""
    added: UUID | None = await connection.fetchval(OBJECT, uuid7(), of.id, case, of.unit_kind, of.unit, reason, by, at)
    return added


async def objection(connection: Connection, key: UUID) -> Objection | None:
    row: asyncpg.Record | None = await connection.fetchrow(OBJECTION, key)
    return None if row is None else Objection(**dict(row) | {"unit_kind": UnitKind(row["unit_kind"])})


async def decide(connection: Connection, key: UUID, upheld: bool, note: str, by: str, at: datetime) -> bool:
    """Whether it was decided now, and not before."""
    return await connection.fetchval(DECIDE, key, upheld, note, by, at) is not None
