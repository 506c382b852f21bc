"""People: found by name, address and number; twice on record; merged."""

from services.archive.domain.relation import RELATIONS
from services.archive.domain.sex import NAMES
from services.archive.views.household import BIRTH_DATE
from services.archive.views.search import FOUND_PEOPLE, MATCHES, SEARCH_ARGS
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

REASONS = {
    "SAME_ID_NUMBER": "身份证号相同",
    "SAME_NAME_AND_BIRTH_DATE": "姓名与出生日期相同",
    "SAME_NAME_AND_PHONE": "姓名与电话相同",
    "SAME_SOUND_AND_BIRTH_DATE": "姓名同音且出生日期相同",
    "SAME_NAME_AND_SWAPPED_BIRTH_DATE": "姓名相同，出生日期数字颠倒",
    "SIMILAR_NAME_AND_BIRTH_DATE": "姓名一字之差且出生日期相同",
}
"""As the function `likeness` of the database gives them."""

PERSON = View(
    type="PersonOnRecord",
    source="person",
    fields={
        "id": "global_id('Member', {t}.id::text)",
        "key": "{t}.id",
        "name": "{t}.name",
        "idNumber": "{t}.id_number_masked",
        "sex": named(NAMES, "{t}.sex"),
        "birthDate": BIRTH_DATE,
        "phone": "{t}.phone_masked",
        "relationName": named(RELATIONS, "{t}.relation"),
        "diedOn": "{t}.died_on",
    },
    edges={"household": Edge("Household", on="{t}.id = {p}.household_id")},
    sensitive=frozenset({"idNumber", "phone"}),
)

LIKELY_DUPLICATE = View(
    type="LikelyDuplicate",
    source="likely_duplicate",
    fields={
        "id": "global_id('LikelyDuplicate', {t}.one || '/' || {t}.other)",
        "score": "{t}.score",
        "reasons": "{t}.reasons",
        "dismissedAt": "rfc3339({t}.dismissed_at)",
        "dismissedReason": "{t}.dismissed_reason",
    },
    edges={
        "one": Edge("PersonOnRecord", on="{t}.id = {p}.one"),
        "other": Edge("PersonOnRecord", on="{t}.id = {p}.other"),
    },
)

CANDIDATE = View(
    type="DuplicateCandidate",
    source="candidates_of(NULL)",
    fields={"score": "{t}.score", "reasons": "{t}.reasons"},
    edges={"person": Edge("PersonOnRecord", on="{t}.id = {p}.key")},
)

PERSON_MERGE = View(
    type="PersonMerge",
    source="person_merge",
    fields={
        "id": "global_id('PersonMerge', {t}.id::text)",
        "key": "{t}.id",
        "droppedId": "global_id('Member', {t}.dropped::text)",
        "reason": "{t}.reason",
        "effectiveOn": "{t}.valid_from",
        "mergedAt": "rfc3339({t}.merged_at)",
        "mergedBy": "{t}.merged_by",
        "undoneAt": "rfc3339({t}.undone_at)",
        "undoneBy": "{t}.undone_by",
        "undoneReason": "{t}.undone_reason",
    },
    edges={
        "kept": Edge("PersonOnRecord", on="{t}.id = {p}.kept"),
        "dropped": Edge("PersonOnRecord", on="{t}.id = {p}.dropped"),
    },
)

VIEWS = [PERSON, LIKELY_DUPLICATE, CANDIDATE, PERSON_MERGE]
ROOTS = {
    "people": Root(
        "Member",
        "page",
        args={**SEARCH_ARGS, "households": "int"},
        always="{t}.household_id IS NOT NULL",
        where={
            "area": "{t}.area_code >= :area AND {t}.area_code < :area || ':'",
            "terms": FOUND_PEOPLE,
            "patterns": f"EXISTS (SELECT FROM household h WHERE h.id = {{t}}.household_id AND {MATCHES.format(h='h', p='{t}')})",
            "id_number": "{t}.id_number_index = decode(:id_number, 'hex')",
            "phone": "{t}.phone_index = decode(:phone, 'hex')",
        },
        order=(("{t}.area_code", "text"), ("{t}.household_id", "uuid"), ("{t}.id", "uuid")),
    ),
    "duplicates": Root(
        "LikelyDuplicate",
        "page",
        args={"area": "text"},
        always="{t}.dismissed_at IS NULL",
        where={
            "area": "({t}.area_code >= :area AND {t}.area_code < :area || ':' OR {t}.other_area >= :area AND {t}.other_area < :area || ':')"
        },
        order=(("{t}.score", "int"), ("{t}.one", "uuid"), ("{t}.other", "uuid")),
        descending=True,
    ),
    "duplicate": Root(
        "LikelyDuplicate",
        "one",
        args={"id": "text"},
        always="{t}.one = split_part(:id, '/', 1)::uuid AND {t}.other = split_part(:id, '/', 2)::uuid",
    ),
    "duplicatesOf": Root(
        "DuplicateCandidate",
        "many",
        args={"area": "text", "given": "jsonb"},
        source="candidates_of(jsonb_populate_record(NULL::person, :given))",
        where={
            "area": "EXISTS (SELECT FROM person p WHERE p.id = {t}.key AND p.area_code >= :area AND p.area_code < :area || ':')"
        },
        order=(("{t}.score", "int"), ("{t}.key", "uuid")),
        descending=True,
        most=20,
    ),
    "personMerge": Root("PersonMerge", "one", args={"id": "uuid"}, always="{t}.id = :id"),
}
