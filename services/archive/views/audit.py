"""Who saw whose data."""

from services.archive.domain.access import ROLE_NAMES
from services.archive.domain.purpose import PURPOSES
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

DEEDS = {
    "READ": "查看",
    "REVEAL": "查看明文",
    "PRINT": "打印",
    "EXPORT": "导出",
    "MEDIATION": "调解卷宗",
    "SUBJECT_EXPORT": "本人导出",
    "RETENTION": "到期清除",
}

_SUBJECTS = {
    "list": "SELECT NULL::uuid, NULL::uuid, NULL",
    "household": "SELECT h.id, NULL::uuid, h.area_code FROM household h WHERE h.id = ANY(given.subject)",
    "person": "SELECT p.household_id, p.id, p.area_code FROM unnest(given.subject) s(id) JOIN person p ON p.id = person_now(s.id)",
    "visit_note": "SELECT n.household_id, NULL::uuid, n.area_code FROM visit_note n WHERE n.id = ANY(given.subject)",
    "plot": "SELECT l.household_id, NULL::uuid, l.area_code FROM plot l WHERE l.id = ANY(given.subject)",
    "correction": "SELECT c.household_id, c.person_id, c.area_code FROM correction c WHERE c.id = ANY(given.subject)",
    "attachment": "SELECT a.household_id, NULL::uuid, a.area_code FROM attachment a WHERE a.id = ANY(given.subject)",
    "person_merge": "SELECT p.household_id, p.id, p.area_code FROM person_merge m JOIN person p ON p.id = m.kept "
    "WHERE m.id = ANY(given.subject)",
}

# What is not there, or out of the caller's reach, yields no answer and no row. A list has one row, and says how many were on it. Each read pays for
# this: so what is known of the caller comes with the note, not out of the setting again, and the id is drawn first instead of returned.
NOTED = {
    kind: f"""entry AS MATERIALIZED (
    SELECT nextval('audit_id') AS id, given.*, found.*, answer.count FROM answer
    CROSS JOIN jsonb_to_record(:note) AS given(
        subject uuid[], by text, name text, roles text[], areas text[], department text, area text, fields text[])
    LEFT JOIN LATERAL ({subjects}) AS found(household_id, person_id, area_code) ON true WHERE answer.count > 0),
noted AS (
    INSERT INTO audit (id, by, name, roles, areas, department, deed, at, household_id, person_id, area_code, fields, count)
    SELECT id, by, name, roles, areas, department, 'READ', now(), household_id, person_id, coalesce(area_code, area), fields,
        CASE WHEN household_id IS NULL THEN count END
    FROM entry),
waiting AS (INSERT INTO audit_unsealed SELECT id FROM entry)"""
    for kind, subjects in _SUBJECTS.items()
}
"""Kind of what is read → how that is written down."""

ACCESS = View(
    type="Access",
    source="audit",
    fields={
        "at": "rfc3339({t}.at)",
        "deed": "{t}.deed",
        "deedName": named(DEEDS, "{t}.deed"),
        "account": "{t}.by",
        "name": "{t}.name",
        "roles": "{t}.roles",
        "roleNames": f"ARRAY(SELECT coalesce({named(ROLE_NAMES, 'r')}, r) FROM unnest({{t}}.roles) r)",
        "department": "{t}.department",
        "purpose": "{t}.purpose",
        "purposeName": named(PURPOSES, "{t}.purpose"),
        "fields": "{t}.fields",
        "memberName": "(SELECT m.name FROM person m WHERE m.id = {t}.person_id)",
    },
    edges={"areas": Edge("Area", on="{t}.code = ANY({p}.areas)", many=True, order="{t}.code")},
)

VIEWS = [ACCESS]
ROOTS = {
    "householdAccess": Root(
        "Access",
        "page",
        args={"id": "uuid"},
        always="{t}.household_id = :id",
        order=(("{t}.id", "bigint"),),
        descending=True,
    )
}
