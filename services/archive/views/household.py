"""Household sheets. ID numbers, phones and health have no field here but their masked form."""

from services.archive.domain.access import WRITERS
from services.archive.domain.codes import CODES
from services.archive.domain.relation import HEAD, RELATIONS
from services.archive.domain.sex import NAMES
from services.archive.views import attachment
from services.archive.views.area import THEN
from services.archive.views.freshness import NEEDS, STALE_FACTS
from services.archive.views.plot import PLOTS_OF_HOUSEHOLD
from services.archive.views.search import FOUND_HOUSEHOLDS, MERGES, SEARCH_ARGS
from services.archive.views.sheet import FACTS_OF_HOUSEHOLD, FACTS_OF_MEMBER, ITEMS, MEMBERSHIPS
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
        "sheetUrl": "'/files/archive/households/' || {t}.id || '/sheet.pdf'",
        "uploadUrl": attachment.upload_url(household="{t}.id"),
    },
    edges={
        "area": Edge("Area", on="{t}.code = left({p}.area_code, 12)", dated=THEN),
        "grid": Edge("Area", on="{t}.code = {p}.area_code", dated=THEN),
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
        "plots": PLOTS_OF_HOUSEHOLD,
        **ITEMS,
        "memberships": MEMBERSHIPS,
        "facts": FACTS_OF_HOUSEHOLD,
        "splitFrom": Edge("Household", on="{t}.id = {p}.split_from"),
        "mergedInto": Edge("Household", on="{t}.id = {p}.merged_into"),
        "needs": NEEDS,
        "staleFacts": STALE_FACTS,
        "attachments": attachment.OF_HOUSEHOLD,
    },
)

# Of a child under 14 (whose data are sensitive by article 28 of the Personal Information Protection Law) only those who serve the household, and
# the household itself, see the day.
BIRTH_DATE = f"""CASE WHEN {{t}}.birth_date <= current_date - interval '14 years' OR {{t}}.household_id = (SELECT caller_household())
    OR (SELECT caller_roles() && '{{{{{",".join(sorted(WRITERS))}}}}}') THEN {{t}}.birth_date END"""

MEMBER = View(
    type="Member",
    source="person",
    fields={
        "id": "global_id('Member', {t}.id::text)",
        "key": "{t}.id",
        "name": "{t}.name",
        "idNumber": "{t}.id_number_masked",
        "sex": named(NAMES, "{t}.sex"),
        "birthDate": BIRTH_DATE,
        "birthYear": "extract(year FROM {t}.birth_date)::int",
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
        "uploadUrl": attachment.upload_url("member"),
        **{
            f"{name}Name": named(CODES[name], f"{{t}}.{name}")
            for name in ("ethnicity", "marital", "education", "politics")
        },
    },
    edges={
        "facts": FACTS_OF_MEMBER,
        "household": Edge("Household", on="{t}.id = {p}.household_id"),
        "attachments": attachment.OF_MEMBER,
        "merges": MERGES,
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
        "uploadUrl": attachment.upload_url("visit_note"),
    },
    edges={
        "household": Edge("Household", on="{t}.id = {p}.household_id"),
        "attachments": attachment.OF_VISIT_NOTE,
    },
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
        args={**SEARCH_ARGS, "closed": "boolean"},
        where={
            "area": "{t}.area_code >= :area AND {t}.area_code < :area || ':'",
            "closed": "({t}.closed_on IS NOT NULL) = :closed",
            "terms": FOUND_HOUSEHOLDS,
            "patterns": "{t}.search_text LIKE ALL (:patterns)",
            "id_number": "{t}.id IN (SELECT p.household_id FROM person p WHERE p.id_number_index = decode(:id_number, 'hex'))",
            "phone": "{t}.id IN (SELECT p.household_id FROM person p WHERE p.phone_index = decode(:phone, 'hex'))",
        },
        order=(("{t}.area_code", "text"), ("{t}.id", "uuid")),
    ),
    "member": Root(
        "Member",
        "one",
        args={"id": "uuid"},
        always="{t}.id = (SELECT person_now(:id)) AND {t}.household_id IS NOT NULL",
    ),
    "visitNote": Root("VisitNote", "one", args={"id": "uuid"}, always="{t}.id = :id"),
}
