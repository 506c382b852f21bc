"""Suggestions, matters that were raised, and who was shown a contact.

What everybody may read of a published suggestion is in its own row; its words, who raised it and its history are rows of others, which only
some reach: what is out of reach is null.
"""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View
from services.liaison.domain.suggestion import DEEDS, DUE, Deed

_DUE = ", ".join(f"'{state}'" for state in DUE)
OVERDUE = f"({{t}}.state IN ({_DUE}) AND {{t}}.due < (SELECT china_today()))"
_COVERED = "{t}.area ^@ ANY ((SELECT caller_areas())::text[])"
_MAY = {
    "hosts": f"((SELECT caller_roles() && '{{{{village_cadre,township_clerk,city_admin}}}}') AND {_COVERED})",
    "owner": f"({{t}}.department = (SELECT caller_department()) AND {_COVERED})",
    "person": """EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = {t}.id
        AND (p.by = (SELECT caller_subject()) OR (p.household = (SELECT caller_household()) AND NOT p.anonymous)))""",
}


def _offer(place: int, deed: Deed) -> str:
    may = " OR ".join(sql for who, sql in _MAY.items() if getattr(deed, who))
    states = ", ".join(f"'{state}'" for state in deed.moves)
    return f"({place}, '{deed.name}', ARRAY[{states}], {may})"


ALLOWED = f"""(SELECT coalesce(json_agg(d.name ORDER BY d.place), '[]')
    FROM (VALUES {", ".join(_offer(place, deed) for place, deed in enumerate(DEEDS))}) d (place, name, states, may)
    WHERE d.may AND {{t}}.state = ANY (d.states))"""
"""The deeds that the suggestion as it stands allows the caller, made from the state machine itself."""

SUGGESTION = View(
    type="Suggestion",
    source="suggestion",
    fields={
        "id": "global_id('Suggestion', {t}.id::text)",
        "key": "{t}.id",
        "areaCode": "{t}.area",
        "source": "{t}.source",
        "category": "{t}.category",
        "state": "{t}.state",
        "text": "coalesce((SELECT w.text FROM suggestion_words w WHERE w.suggestion = {t}.id), {t}.public_text)",
        "publicText": "{t}.public_text",
        "anonymous": "{t}.anonymous",
        "raisedBy": "(SELECT p.by FROM suggestion_person p WHERE p.suggestion = {t}.id)",
        "householdKey": "(SELECT p.household FROM suggestion_person p WHERE p.suggestion = {t}.id)",
        "departmentCode": "{t}.department",
        "ownerAreaCode": "{t}.owner_area",
        "due": "{t}.due",
        "overdue": f"coalesce({OVERDUE}, false)",
        "reason": "{t}.reason",
        "answer": "{t}.answer",
        "satisfaction": "{t}.satisfaction",
        "publishedAt": "rfc3339({t}.published_at)",
        "supports": "{t}.supports",
        "supported": "EXISTS (SELECT FROM suggestion_support u WHERE u.suggestion = {t}.id)",
        "raisedAt": "rfc3339({t}.raised_at)",
        "acceptedOn": "{t}.accepted_on",
        "answeredOn": "{t}.answered_on",
        "solvedOn": "{t}.solved_on",
        "updatedAt": "rfc3339({t}.updated_at)",
        "version": "{t}.version",
        "allowed": ALLOWED,
        "ticketKey": "(SELECT m.ticket FROM matter m WHERE m.source_id = {t}.id)",
    },
    edges={
        "session": Edge("Session", "{t}.id = {p}.session"),
        "contact": Edge("LiaisonContact", "{t}.owner = {p}.id"),
        "history": Edge("SuggestionStep", "{t}.suggestion = {p}.id", many=True, order="{t}.version", first=200),
        "matter": Edge("RaisedMatter", "{t}.source_id = {p}.id"),
        "duplicateOf": Edge("Suggestion", "{t}.id = {p}.duplicate_of"),
        "duplicates": Edge("Suggestion", "{t}.duplicate_of = {p}.id", many=True, order="{t}.raised_at, {t}.id"),
    },
)
STEP = View(
    type="SuggestionStep",
    source="suggestion_step",
    fields={
        "at": "rfc3339({t}.at)",
        "deed": "{t}.deed",
        "fromState": "{t}.before",
        "toState": "{t}.after",
        "by": "{t}.by",
        "note": "{t}.note",
    },
)
CONTACT = View(
    type="LiaisonContact",
    source="contact",
    fields={"name": "{t}.name_masked", "phone": "{t}.phone_masked"},
    sensitive=frozenset({"name", "phone"}),
)
MATTER = View(
    type="RaisedMatter",
    source="matter",
    fields={
        "source": "{t}.source",
        "sourceKey": "{t}.source_id",
        "areaCode": "{t}.area",
        "category": "{t}.category",
        "departmentCode": "{t}.department",
        "due": "{t}.due",
        "raisedAt": "rfc3339({t}.at)",
        "ticketKey": "{t}.ticket",
        "ticketState": "{t}.ticket_state",
        "satisfaction": "{t}.satisfaction",
        "solvedAt": "rfc3339({t}.solved_at)",
    },
)
DISCLOSURE = View(
    type="LiaisonDisclosure",
    source="disclosure",
    fields={
        "at": "rfc3339({t}.at)",
        "account": "{t}.by",
        "name": "{t}.name",
        "roles": "{t}.roles",
        "areaCodes": "{t}.areas",
        "department": "{t}.department",
        "purpose": "{t}.purpose",
        "visitId": "CASE {t}.kind WHEN 'VISIT' THEN global_id('DutyVisit', {t}.owner::text) END",
        "suggestionId": "CASE {t}.kind WHEN 'SUGGESTION' THEN global_id('Suggestion', {t}.owner::text) END",
        "areaCode": "{t}.area",
        "fields": "{t}.fields",
        "note": "{t}.note",
    },
)
VIEWS = (SUGGESTION, STEP, CONTACT, MATTER, DISCLOSURE)

# Codes are digits, so an area and all in it are a range, which an index finds under row-level security too.
WITHIN = "{t}.area >= :area AND {t}.area < :area || ':'"
_DEEDS = ("raised", "accepted", "answered", "solved")

ROOTS: Mapping[str, Root] = {
    "suggestion": Root("Suggestion", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "suggestionsByTicket": Root(
        "Suggestion",
        "each_one",
        always="{t}.id = (SELECT m.source_id FROM matter m WHERE m.ticket = k_.key)",
        key="k_.key",
        key_type="uuid",
    ),
    "suggestions": Root(
        "Suggestion",
        "page",
        {
            "area": "text",
            "state": "text",
            "session": "uuid",
            "department": "text",
            "owner_area": "text",
            "overdue": "boolean",
            "published": "boolean",
            "mine": "boolean",
            **{f"{deed}_{end}": "date" for deed in _DEEDS for end in ("from", "to")},
        },
        {
            "area": WITHIN,
            "state": "{t}.state = :state",
            "session": "{t}.session = :session",
            "department": "{t}.department = :department",
            "owner_area": "{t}.owner_area = :owner_area",
            "overdue": f"coalesce({OVERDUE}, false) = :overdue",
            "published": "({t}.published_at IS NOT NULL) = :published",
            "mine": """EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = {t}.id
                AND (p.by = (SELECT caller_subject()) OR p.household = (SELECT caller_household()))) = :mine""",
            **{f"{deed}_from": f"{{t}}.{deed}_on >= :{deed}_from" for deed in _DEEDS},
            **{f"{deed}_to": f"{{t}}.{deed}_on <= :{deed}_to" for deed in _DEEDS},
        },
        order=(("{t}.raised_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "raisedMatters": Root(
        "RaisedMatter",
        "page",
        {
            "area": "text",
            "source": "text",
            **{f"{deed}_{end}": "date" for deed in ("raised", "solved") for end in ("from", "to")},
        },
        {
            "area": WITHIN,
            "source": "{t}.source = :source",
            "raised_from": "{t}.at >= in_china(:raised_from, '00:00')",
            "raised_to": "{t}.at < in_china(:raised_to + 1, '00:00')",
            "solved_from": "{t}.solved_at >= in_china(:solved_from, '00:00')",
            "solved_to": "{t}.solved_at < in_china(:solved_to + 1, '00:00')",
        },
        order=(("{t}.at", "timestamptz"), ("{t}.source_id", "uuid")),
        descending=True,
    ),
    "liaisonDisclosures": Root(
        "LiaisonDisclosure",
        "page",
        {"area": "text"},
        {"area": WITHIN},
        order=(("{t}.at", "timestamptz"), ("{t}.id", "bigint")),
        descending=True,
    ),
}
