"""Household sheets. ID numbers, phones and health have no field here but their masked form."""

from services.archive.domain.codes import CODES
from services.archive.domain.relation import HEAD, RELATIONS
from services.archive.domain.sex import NAMES
from services.archive.views.sql import hidden, named
from services.chassis.views import Edge, Root, View

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
        "closedOn": "{t}.closed_on",
        "closedReason": "{t}.closed_reason",
        "reviewOn": "{t}.review_on",
    },
    edges={
        "area": Edge("Area", on="{t}.code = left({p}.area_code, 12)"),
        "grid": Edge("Area", on="{t}.code = {p}.area_code"),
        "members": Edge(
            "Member",
            on="{t}.household_id = {p}.id",
            many=True,
            order="{t}.relation, {t}.id",
            first=500,
            dated="members_as_of({p}.id, :as_of, :known_at)",
        ),
        "visitNotes": Edge(
            "VisitNote",
            on="{t}.household_id = {p}.id",
            many=True,
            order="{t}.visited_on DESC, {t}.created_at DESC, {t}.id",
            first=20,
            dated="(SELECT n.* FROM visit_note n WHERE n.visited_on <= :as_of)",
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
        "sex": named(NAMES, "{t}.sex"),
        "birthDate": "{t}.birth_date",
        "relation": "{t}.relation",
        "relationName": named(RELATIONS, "{t}.relation"),
        "phone": "{t}.phone_masked",
        "isHead": f"{{t}}.relation = '{HEAD}'",
        "ethnicity": "{t}.ethnicity",
        "marital": "{t}.marital",
        "education": "{t}.education",
        "health": hidden("{t}.health"),
        "politics": "{t}.politics",
        "diedOn": "{t}.died_on",
        **{
            f"{name}Name": named(CODES[name], f"{{t}}.{name}")
            for name in ("ethnicity", "marital", "education", "politics")
        },
    },
    sensitive=frozenset({"idNumber", "phone", "health"}),
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

VIEWS = [HOUSEHOLD, MEMBER, VISIT_NOTE, TIMELINE_ENTRY]
ROOTS = {
    "household": Root(
        "Household",
        "one",
        args={"id": "uuid", "as_of": "date", "known_at": "timestamptz"},
        always="{t}.id = :id",
        dated="household_as_of(:id, :as_of, :known_at)",
    ),
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
}
