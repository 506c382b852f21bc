"""Errands with all that hangs on them: agent, mandate, papers and their chains, visits, delivery, history; agents, rules, what is out, measures.

`key` and `householdKey` are raw keys, by which the gateway joins errands to what other services own.
"""

import json
from collections.abc import Mapping

from services.chassis.views import Edge, Root, View
from services.tickets.domain.custody import KINDS
from services.tickets.domain.errand import DEEDS, RELATIONS, STATES, State, allowed

TODAY = "(SELECT china_today())"
NEWEST = (("{t}.requested_at", "timestamptz"), ("{t}.ticket", "uuid"))
REQUESTED = "{t}.requested_by = (SELECT caller_subject())"
ALLOWED = (
    "CASE {t}.state "
    + " ".join(f"WHEN '{state.value}' THEN '{json.dumps(allowed(state))}'" for state in State)
    + " END::json"
)
"""The deeds that a state allows, made from the state machine itself."""


def _within(argument: str) -> str:
    """SQL of what lies in an area: comparisons, which may run before the row policies and find an index."""
    return f"({{t}}.area >= :{argument} AND {{t}}.area < :{argument} || ':')"


def _named(names: Mapping[str, str], code: str) -> str:
    """SQL that turns a code into its name."""
    literal = json.dumps(names, ensure_ascii=False).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{literal}'::jsonb ->> {code}"


def _holder(prefix: str, column: str) -> dict[str, str]:
    """Who that is, in parts: PERSON, AGENT or DEPARTMENT, and the agent's subject or the department's code."""
    return {
        f"{prefix}": f"upper(split_part({{t}}.{column}, '/', 1))",
        f"{prefix}Code": f"nullif(substr({{t}}.{column}, position('/' IN {{t}}.{column} || '/') + 1), '')",
        f"{prefix}Name": (
            f"CASE split_part({{t}}.{column}, '/', 1) WHEN 'person' THEN '本人' "
            f"WHEN 'agent' THEN (SELECT a.name FROM errand_agent a WHERE a.subject = substr({{t}}.{column}, 7)) "
            f"ELSE (SELECT d.name FROM department d WHERE d.code = substr({{t}}.{column}, 12)) END"
        ),
    }


ERRAND = View(
    "Errand",
    "errand",
    {
        "id": "global_id('Errand', {t}.ticket::text)",
        "key": "{t}.ticket",
        "number": "(SELECT n.number FROM ticket n WHERE n.id = {t}.ticket)",
        "item": "{t}.item",
        "itemName": (
            "(SELECT i.name FROM service_item i WHERE i.code = {t}.item "
            "AND i.valid_from <= ({t}.requested_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY i.valid_from DESC LIMIT 1)"
        ),
        "state": "{t}.state",
        "stateName": _named({state.value: name for state, name in STATES.items()}, "{t}.state"),
        "areaCode": "{t}.area",
        "householdKey": "{t}.household",
        "personId": "global_id('Member', {t}.person::text)",
        "version": "{t}.version",
        "requestedAt": "rfc3339({t}.requested_at)",
        "mandatedAt": "rfc3339({t}.mandated_at)",
        "deliveredAt": "rfc3339({t}.delivered_at)",
        "endedAt": "rfc3339({t}.ended_at)",
        "tripsSaved": "{t}.trips",
        "allowed": ALLOWED,
        "receiptUrl": "'/files/tickets/errands/' || {t}.ticket || '/receipt.html'",
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "agent": Edge("ErrandAgent", "{t}.subject = {p}.agent"),
        "submittedTo": Edge("Department", "{t}.code = {p}.submitted_to"),
        "mandate": Edge("Mandate", "{t}.id = {p}.mandate"),
        "mandates": Edge("Mandate", "{t}.errand = {p}.ticket", many=True, order="{t}.signed_at, {t}.id"),
        "documents": Edge("ErrandDocument", "{t}.errand = {p}.ticket", many=True, order="{t}.registered_at, {t}.id"),
        "visits": Edge("ErrandVisit", "{t}.errand = {p}.ticket", many=True, order="{t}.planned_for, {t}.id"),
        "delivery": Edge("ErrandDelivery", "{t}.errand = {p}.ticket"),
        "alarms": Edge("ErrandAlarm", "{t}.errand = {p}.ticket", many=True, order="{t}.at, {t}.id"),
        "history": Edge("ErrandStep", "{t}.errand = {p}.ticket", many=True, order="{t}.version", first=500),
    },
)
STEP = View(
    "ErrandStep",
    "errand_step",
    {
        "at": "rfc3339({t}.at)",
        "recordedAt": "rfc3339({t}.recorded_at)",
        "deed": "{t}.deed",
        "deedName": _named({deed.past: deed.title for deed in DEEDS}, "{t}.deed"),
        "fromState": "{t}.from_state",
        "toState": "{t}.to_state",
        "actor": "{t}.actor",
        "actorRole": "{t}.actor_role",
        "note": "{t}.note",
    },
)
AGENT = View(
    "ErrandAgent",
    "errand_agent",
    {
        "subject": "{t}.subject",
        "name": "{t}.name",
        "areas": "{t}.areas",
        "items": "{t}.items",
        "active": "{t}.active",
        "version": "{t}.version",
        "onHand": "(SELECT count(*) FROM errand_load l WHERE l.agent = {t}.subject)",
    },
)
MANDATE = View(
    "Mandate",
    "mandate",
    {
        "id": "global_id('Mandate', {t}.id::text)",
        "items": "{t}.items",
        "validFrom": "{t}.valid_from",
        "validTo": "{t}.valid_to",
        "form": "{t}.form",
        "attachmentId": "global_id('TicketAttachment', {t}.attachment::text)",
        "signedAt": "rfc3339({t}.signed_at)",
        "signedBy": "{t}.signed_by",
        "revokedAt": "rfc3339({t}.revoked_at)",
        "revokedBy": "{t}.revoked_by",
        "valid": f"{{t}}.revoked_at IS NULL AND {TODAY} BETWEEN {{t}}.valid_from AND {{t}}.valid_to",
    },
    {"agent": Edge("ErrandAgent", "{t}.subject = {p}.agent")},
)
DOCUMENT = View(
    "ErrandDocument",
    "errand_document",
    {
        "id": "global_id('ErrandDocument', {t}.id::text)",
        "kind": "{t}.kind",
        "kindName": _named(KINDS, "{t}.kind"),
        "description": "{t}.description",
        "last4": "{t}.last4",
        **_holder("holder", "holder"),
        **_holder("offeredTo", "offered_to"),
        "issued": "{t}.origin <> 'person'",
        "out": "{t}.out",
        "handedAt": "rfc3339({t}.handed_at)",
        "outSince": "rfc3339({t}.out_since)",
        "daysOut": f"{TODAY} - ({{t}}.out_since AT TIME ZONE 'Asia/Shanghai')::date",
        "dueOn": "{t}.due_on",
        "overdue": f"{{t}}.out AND {{t}}.due_on < {TODAY}",
        "offerUntil": "rfc3339({t}.offer_until)",
        "offerOverdue": "coalesce({t}.offer_until < now(), false)",
    },
    {
        "errand": Edge("Errand", "{t}.ticket = {p}.errand"),
        "chain": Edge("CustodyEntry", "{t}.document = {p}.id", many=True, order="{t}.seq", first=500),
    },
)
ENTRY = View(
    "CustodyEntry",
    "custody",
    {
        "number": "{t}.seq",
        "deed": "{t}.deed",
        **_holder("from", "before"),
        **_holder("holder", "holder"),
        **_holder("offeredTo", "offered_to"),
        "at": "rfc3339({t}.at)",
        "recordedAt": "rfc3339({t}.recorded_at)",
        "place": "{t}.place",
        "attachmentId": "global_id('TicketAttachment', {t}.attachment::text)",
        "actor": "{t}.actor",
        "actorRole": "{t}.actor_role",
        "note": "{t}.note",
    },
)
VISIT = View(
    "ErrandVisit",
    "errand_visit",
    {
        "id": "global_id('ErrandVisit', {t}.id::text)",
        "plannedFor": "rfc3339({t}.planned_for)",
        "place": "{t}.place",
        "state": "{t}.state",
        "visitedAt": "rfc3339({t}.visited_at)",
        "note": "{t}.note",
        "plannedBy": "{t}.planned_by",
    },
    {"agent": Edge("ErrandAgent", "{t}.subject = {p}.agent")},
)
DELIVERY = View(
    "ErrandDelivery",
    "errand_delivery",
    {
        "recipientId": "global_id('Member', {t}.recipient::text)",
        "relation": "{t}.relation",
        "relationName": _named(RELATIONS, "{t}.relation"),
        "proof": "{t}.proof",
        "signatureId": "global_id('TicketAttachment', {t}.signature::text)",
        "photoId": "global_id('TicketAttachment', {t}.photo::text)",
        "place": "{t}.place",
        "at": "rfc3339({t}.at)",
        "by": "{t}.by",
    },
)
ALARM = View(
    "ErrandAlarm",
    "errand_alarm",
    {
        "reason": "{t}.reason",
        "documentId": "CASE WHEN {t}.reason <> 'MANDATE_EXPIRED' THEN global_id('ErrandDocument', {t}.about::text) END",
        "since": "rfc3339({t}.since)",
        "at": "rfc3339({t}.at)",
    },
)
RULE = View(
    "ErrandRule",
    "errand_rule",
    {
        "areaCode": "{t}.area",
        "acceptHours": "{t}.accept_hours",
        "outWorkdays": "{t}.out_workdays",
        "version": "{t}.version",
    },
)
ITEM = View("ErrandItem", "errand_item", {"item": "{t}.item", "trips": "{t}.trips", "version": "{t}.version"})

_MEASURED = """(
    SELECT {group} AS key, count(*) FILTER (WHERE e.state = 'DONE') AS done, count(*) AS delivered,
        coalesce(sum(e.trips), 0) AS trips,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.delivered_at - e.mandated_at) / 86400) AS p50,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM e.delivered_at - e.mandated_at) / 86400) AS p90
    FROM errand e
    WHERE e.delivered_at >= :since::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND e.delivered_at < (:until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND e.area >= coalesce(:area, '') AND e.area < coalesce(:area, '') || ':'
    GROUP BY 1)"""
_BY = {"by_area": "left(e.area, 12)", "by_agent": "e.agent", "by_item": "e.item"}
MEASURE = View(
    "ErrandMeasure",
    "(SELECT NULL::text AS key, 0 AS done, 0 AS delivered, 0 AS trips, 0.0 AS p50, 0.0 AS p90)",
    {
        "key": "{t}.key",
        "delivered": "{t}.delivered",
        "done": "{t}.done",
        "daysP50": "round({t}.p50::numeric, 2)",
        "daysP90": "round({t}.p90::numeric, 2)",
        "tripsSaved": "{t}.trips",
    },
)

VIEWS = [ERRAND, STEP, AGENT, MANDATE, DOCUMENT, ENTRY, VISIT, DELIVERY, ALARM, RULE, ITEM, MEASURE]
ROOTS = {
    "errand": Root("Errand", "one", {"id": "uuid"}, always="{t}.ticket = :id"),
    "errands": Root(
        "Errand",
        "page",
        {"area": "text", "state": "text", "agent": "text", "household": "uuid", "within": "text", "own": "boolean"},
        {
            "area": _within("area"),
            "within": f"({_within('within')} OR {REQUESTED})",
            "own": f"({{t}}.household = (SELECT caller_household()) OR {REQUESTED}) AND :own",
            "state": "{t}.state = :state",
            "agent": "{t}.agent = :agent",
            "household": "{t}.household = :household",
        },
        order=NEWEST,
        descending=True,
    ),
    "errandAgent": Root("ErrandAgent", "one", {"id": "text"}, always="{t}.subject = :id"),
    "errandAgents": Root(
        "ErrandAgent",
        "many",
        {"area": "text"},
        {"area": "EXISTS (SELECT FROM unnest({t}.areas) code WHERE code ^@ :area OR :area ^@ code)"},
        order=(("{t}.subject", "text"),),
    ),
    "errandCandidates": Root(
        "ErrandAgent",
        "many",
        {"id": "uuid"},
        always=(
            "{t}.active AND EXISTS (SELECT FROM errand e WHERE e.ticket = :id AND ({t}.items = '{{}}' OR e.item = ANY ({t}.items)) "
            "AND EXISTS (SELECT FROM unnest({t}.areas) code WHERE e.area ^@ code))"
        ),
        order=(("(SELECT count(*) FROM errand_load l WHERE l.agent = {t}.subject)", "bigint"), ("{t}.subject", "text")),
    ),
    "documentsOut": Root(
        "ErrandDocument",
        "page",
        {"area": "text", "agent": "text", "overdue": "boolean"},
        {
            "area": _within("area"),
            "agent": "{t}.holder = 'agent/' || :agent",
            "overdue": f"({{t}}.due_on < {TODAY}) = :overdue",
        },
        always="{t}.out",
        order=(("{t}.due_on", "date"), ("{t}.id", "uuid")),
    ),
    "errandRule": Root("ErrandRule", "one", {"id": "text"}, always="{t}.area = :id"),
    "errandRules": Root("ErrandRule", "many", order=(("{t}.area", "text"),)),
    "errandItem": Root("ErrandItem", "one", {"id": "text"}, always="{t}.item = :id"),
    "errandItems": Root("ErrandItem", "many", order=(("{t}.item", "text"),), most=1000),
    "errandMeasures": Root(
        "ErrandMeasure",
        "many",
        {"since": "date", "until": "date", "area": "text", **dict.fromkeys(_BY, "boolean")},
        sources={name: _MEASURED.replace("{group}", group) for name, group in _BY.items()},
        order=(("{t}.key", "text"),),
        most=1000,
    ),
}
