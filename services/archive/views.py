"""The archive's read model. ID numbers and phones have no field here but their masked form."""

import json

from services.archive.domain.relation import HEAD, RELATIONS
from services.archive.domain.sex import NAMES
from services.chassis.views import Edge, Root, View, Views


def _named(names: dict[str, str], code: str) -> str:
    """SQL that turns a code into its name."""
    literal = json.dumps(names, ensure_ascii=False).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{literal}'::jsonb ->> {code}"


AREA = View(
    type="Area",
    source="area",
    fields={
        "id": "global_id('Area', {t}.code)",
        "code": "{t}.code",
        "name": "{t}.name",
        "kind": "{t}.kind",
        "validFrom": "{t}.valid_from",
        "validTo": "{t}.valid_to",
    },
    edges={
        "parent": Edge("Area", on="{t}.code = {p}.parent"),
        "children": Edge("Area", on="{t}.parent = {p}.code", many=True, order="{t}.code", first=500),
        "gridWorkers": Edge(
            "GridWorker",
            on="{t}.grid_code >= {p}.code AND {t}.grid_code < {p}.code || ':'",
            many=True,
            order="{t}.grid_code, {t}.subject",
            first=500,
        ),
    },
)

GRID_WORKER = View(
    type="GridWorker",
    source="grid_worker",
    fields={"name": "{t}.name", "phone": "{t}.phone_masked"},
    edges={"grid": Edge("Area", on="{t}.code = {p}.grid_code")},
    sensitive=frozenset({"phone"}),
)

HOUSEHOLD = View(
    type="Household",
    source="household",
    fields={
        "id": "global_id('Household', {t}.id::text)",
        "key": "{t}.id",
        "number": "{t}.number",
        "address": "{t}.address",
        "house": "{t}.house",
        "version": "{t}.version",
        "revisedAt": "rfc3339({t}.revised_at)",
    },
    edges={
        "area": Edge("Area", on="{t}.code = left({p}.area_code, 12)"),
        "grid": Edge("Area", on="{t}.code = {p}.area_code"),
        "members": Edge("Member", on="{t}.household_id = {p}.id", many=True, order="{t}.relation, {t}.id", first=500),
        "visitNotes": Edge(
            "VisitNote",
            on="{t}.household_id = {p}.id",
            many=True,
            order="{t}.visited_on DESC, {t}.created_at DESC, {t}.id",
            first=20,
        ),
        "timeline": Edge(
            "TimelineEntry",
            on="{t}.household_id = {p}.id",
            many=True,
            order="{t}.at DESC, {t}.ticket_version DESC, {t}.event_id",
            first=50,
        ),
    },
)

MEMBER = View(
    type="Member",
    source="person",
    fields={
        "id": "global_id('Member', {t}.id::text)",
        "key": "{t}.id",
        "name": "{t}.name",
        "idNumber": "{t}.id_number_masked",
        "sex": _named(NAMES, "{t}.sex"),
        "birthDate": "{t}.birth_date",
        "relation": "{t}.relation",
        "relationName": _named(RELATIONS, "{t}.relation"),
        "phone": "{t}.phone_masked",
        "isHead": f"{{t}}.relation = '{HEAD}'",
    },
    sensitive=frozenset({"idNumber", "phone"}),
)

VISIT_NOTE = View(
    type="VisitNote",
    source="visit_note",
    fields={
        "id": "global_id('VisitNote', {t}.id::text)",
        "key": "{t}.id",
        "text": "{t}.text",
        "visitedOn": "{t}.visited_on",
        "author": "{t}.author",
        "promise": "{t}.promise",
        "createdAt": "rfc3339({t}.created_at)",
    },
    edges={"household": Edge("Household", on="{t}.id = {p}.household_id")},
)

TIMELINE_ENTRY = View(
    type="TimelineEntry",
    source="timeline",
    fields={
        "at": "rfc3339({t}.at)",
        "deed": "{t}.deed",
        "ticketNumber": "{t}.ticket_number",
        "status": "{t}.status",
        "ticketId": "global_id('Ticket', {t}.ticket_id::text)",
        "ticketKey": "{t}.ticket_id",
    },
)

# Through the rarest term in the page's order, then the text itself; the other terms need no look-up. Two things about the bounds:
# sub-selects hide from the planner how much an area holds, else it may fetch and sort a whole county's matches to give the first fifty;
# and the terms start behind the cursor themselves, else each one before it would cost a scan of the page's index up to the cursor.
_FOUND = """({t}.area_code, {t}.id) IN (
    SELECT s.area_code, s.household_id FROM household_term s
    WHERE s.term = (SELECT rarest_term(caller.setting, :terms, :area))
        AND (s.area_code, s.household_id) > ((SELECT :from_area), (SELECT :from_household))
        AND s.area_code < (SELECT :area || ':'))"""

VIEWS = Views(
    [AREA, GRID_WORKER, HOUSEHOLD, MEMBER, VISIT_NOTE, TIMELINE_ENTRY],
    {
        "area": Root("Area", "one", args={"code": "text"}, always="{t}.code = :code"),
        "areas": Root(
            "Area",
            "many",
            args={"parent": "text", "top": "boolean"},
            where={"parent": "{t}.parent = :parent", "top": "({t}.parent IS NULL) = :top"},
            order=(("{t}.code", "text"),),
            most=500,
        ),
        "areasByCode": Root("Area", "each_one", key="{t}.code"),
        "household": Root("Household", "one", args={"id": "uuid"}, always="{t}.id = :id"),
        "householdsById": Root("Household", "each_one", key="{t}.id", key_type="uuid"),
        "households": Root(
            "Household",
            "page",
            args={
                "area": "text",
                "terms": "text[]",
                "patterns": "text[]",
                "from_area": "text",
                "from_household": "uuid",
            },
            where={
                "area": "{t}.area_code >= :area AND {t}.area_code < :area || ':'",
                "terms": _FOUND,
                "patterns": "{t}.search_text LIKE ALL (:patterns)",
            },
            order=(("{t}.area_code", "text"), ("{t}.id", "uuid")),
        ),
        "member": Root("Member", "one", args={"id": "uuid"}, always="{t}.id = :id AND {t}.household_id IS NOT NULL"),
        "visitNote": Root("VisitNote", "one", args={"id": "uuid"}, always="{t}.id = :id"),
    },
)
