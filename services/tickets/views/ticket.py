"""Ticket with its history and documents, and what of an area is open.

`key` and `householdKey` are raw keys, by which the gateway joins tickets to what other services own.
"""

from collections.abc import Iterable

from services.chassis.views import Edge, Root, View
from services.tickets.domain.role import HANDLERS, OFFICERS, Role
from services.tickets.domain.ticket import ENDS, MOVES, WITH_DEPARTMENT, Deed
from services.tickets.views.deadline import OF_TICKET

ENDED = "{t}.status IN (" + ", ".join(f"'{status.value}'" for status in ENDS) + ")"


def _one_of(roles: Iterable[Role]) -> str:
    return f"coalesce(m.roles ?| ARRAY[{', '.join(repr(role.value) for role in roles)}], false)"


def _acting(deed: Deed) -> str:
    """Whether the caller may do the deed: domain.access.acting as SQL, but that staff who are officers too are staff alone here."""
    handlers, others = (
        [role for role in deed.roles if role not in OFFICERS and (role in HANDLERS) is kind] for kind in (True, False)
    )
    ways = []
    if deed.above:
        ways.append(f"({_one_of(deed.roles)} AND m.above) OR ({_one_of([Role.CITY_ADMIN])} AND m.station)")
    elif handlers:
        ways.append(f"{_one_of(handlers)} AND m.station")
    if others:
        ways.append(f"{_one_of(others)} AND m.area")
    if deed.owner:
        ways = [f"(NOT m.working AND ({' OR '.join(ways)}))"]
    if set(OFFICERS) & set(deed.roles):
        ways.append("m.officer AND m.working" if deed.owner else "m.officer")
    if deed.own:
        whose = ["m.reported", *(["m.family"] if deed.family else [])]
        who = f"(m.roles IS NULL OR {_one_of(deed.own)})"
        ways.append(f"{who} AND ({' OR '.join(whose)})")
    return " OR ".join(f"({way})" for way in ways)


def _offer(place: int, deed: Deed) -> str:
    states = ",".join(status.value for status in deed.moves)
    holds = " AND ".join([f"({_acting(deed)})", *(condition.sql for condition in deed.conditions)])
    return f"({place}, '{deed.name}', '{{{{{states}}}}}'::text[], {holds})"


_IN_AREAS = "coalesce({{t}}.{0} ^@ ANY ((SELECT caller_areas())::text[]), false)"
ALLOWED = f"""(
    SELECT coalesce(json_agg(d.name ORDER BY d.place), '[]') FROM (SELECT
        {_IN_AREAS.format("station")} AND (SELECT caller_department()) IS NULL AS station,
        {_IN_AREAS.format("area")} AND (SELECT caller_department()) IS NULL AS area,
        EXISTS (SELECT FROM unnest((SELECT caller_areas())) a WHERE {{t}}.station ^@ a AND {{t}}.station <> a) AS above,
        {_IN_AREAS.format("area")} AND coalesce({{t}}.department = (SELECT caller_department()), false) AS officer,
        {{t}}.status IN ({", ".join(f"'{status.value}'" for status in WITH_DEPARTMENT)}) AS working,
        {{t}}.reported_by = (SELECT caller_subject()) AS reported,
        coalesce({{t}}.household = (SELECT caller_household()), false) AS family,
        (SELECT caller() -> 'roles') AS roles OFFSET 0) m
    CROSS JOIN LATERAL (VALUES {", ".join(_offer(place, deed) for place, deed in enumerate(MOVES))}) d (place, name, states, may)
    WHERE d.may AND {{t}}.status = ANY (d.states))"""
"""The deeds that the ticket as it stands allows the caller, made from the state machine itself."""

REPORTED = "{t}.reported_by = (SELECT caller_subject())"
NEWEST = (("{t}.reported_at", "timestamptz"), ("{t}.id", "uuid"))

TICKET = View(
    "Ticket",
    "ticket",
    {
        "id": "global_id('Ticket', {t}.id::text)",
        "key": "{t}.id",
        "number": "{t}.number",
        "title": "{t}.title",
        "description": "{t}.description",
        "category": "{t}.category",
        "categoryName": """(SELECT c.name FROM category c WHERE c.code = {t}.category AND c.since <= china_day({t}.reported_at)
            ORDER BY c.since DESC LIMIT 1)""",
        "source": "{t}.source",
        "status": "{t}.status",
        "areaCode": "{t}.area",
        "householdKey": "{t}.household",
        "version": "{t}.version",
        "reportedAt": "rfc3339({t}.reported_at)",
        "updatedAt": "rfc3339({t}.updated_at)",
        "satisfaction": "{t}.satisfaction",
        "superiorSatisfaction": "{t}.superior_satisfaction",
        "priority": "{t}.priority",
        "stationCode": "{t}.station",
        "owner": "{t}.owner",
        "assignee": "{t}.assignee",
        "dueOn": "{t}.due_on",
        "householdOn": "coalesce({t}.household_on, ({t}.reported_at AT TIME ZONE 'Asia/Shanghai')::date)",
        "personIds": "(SELECT coalesce(json_agg(global_id('Member', k::text)), '[]') FROM unnest({t}.persons) k)",
        "plotIds": "(SELECT coalesce(json_agg(global_id('Plot', k::text)), '[]') FROM unnest({t}.plots) k)",
        "returns": "{t}.returns",
        "ruled": "{t}.ruled",
        "reopened": "{t}.reopened",
        "awaitingReason": "{t}.awaiting_reason",
        "awaitingUntil": "rfc3339({t}.awaiting_until)",
        "supervisedAt": "rfc3339({t}.supervised_at)",
        "escalation": "{t}.escalation",
        "referredTo": "{t}.referred_to",
        "endReason": "{t}.end_reason",
        "uploadUrl": "'/files/tickets/attachments?ticket=' || {t}.id",
        "allowed": ALLOWED,
    },
    {
        "department": Edge("Department", "{t}.code = {p}.department"),
        "errand": Edge("Errand", "{t}.ticket = {p}.id"),
        "contact": Edge("TicketContact", "{t}.ticket = {p}.id"),
        "unit": Edge("Unit", "{t}.code = {p}.station AND {t}.active"),
        "place": Edge("TicketPlace", "{t}.ticket = {p}.id"),
        "calls": Edge(
            "Call",
            "{t}.id IN (SELECT k.call FROM call_ticket k WHERE k.ticket = {p}.id)",
            many=True,
            order="{t}.begun_at, {t}.id",
        ),
        "missions": Edge("Mission", "{t}.ticket = {p}.id", many=True, order="{t}.offered_at, {t}.id"),
        "mediation": Edge("Mediation", "{t}.ticket = {p}.id"),
        "history": Edge("TicketStep", "{t}.ticket = {p}.id", many=True, order="{t}.version", first=500),
        "attachments": Edge("TicketAttachment", "{t}.ticket = {p}.id", many=True, order="{t}.added_at, {t}.id"),
        **OF_TICKET,
        "parent": Edge("Ticket", "{t}.id = {p}.parent"),
        "parts": Edge("Ticket", "{t}.parent = {p}.id", many=True, order="{t}.number"),
        "merged": Edge("Ticket", "{t}.merged_into = {p}.id", many=True, order="{t}.number"),
        "mergedInto": Edge("TicketStanding", "true", source="standing({p}.merged_into)"),
    },
)
STEP = View(
    "TicketStep",
    "step",
    {
        "at": "rfc3339({t}.at)",
        "deed": "{t}.deed",
        "fromStatus": "{t}.from_status",
        "toStatus": "{t}.to_status",
        "actor": "{t}.actor",
        "actorRole": "{t}.actor_role",
        "reason": "{t}.reason",
        "note": "{t}.note",
    },
    {
        "changes": Edge(
            "TicketStepChange",
            "true",
            many=True,
            source="(SELECT c.key AS field, c.value FROM jsonb_each_text({p}.data) c)",
            order="{t}.field",
        ),
        "attachments": Edge(
            "TicketAttachment",
            "{t}.id = ANY ({p}.attachments)",
            many=True,
            order="array_position({p}.attachments, {t}.id)",
        ),
    },
)
STEP_CHANGE = View(
    "TicketStepChange",
    "(SELECT NULL::text AS field, NULL::text AS value)",
    {"field": "{t}.field", "value": "{t}.value"},
)
STANDING = View(
    "TicketStanding",
    "standing(NULL)",
    {"number": "{t}.number", "status": "{t}.status", "updatedAt": "rfc3339({t}.updated_at)"},
)
ATTACHMENT = View(
    "TicketAttachment",
    "attachment",
    {
        "id": "global_id('TicketAttachment', {t}.id::text)",
        "title": "{t}.title",
        "contentType": "{t}.content_type",
        "bytes": "{t}.bytes",
        "sha256": "encode({t}.sha256, 'hex')",
        "url": "'/files/tickets/attachments/' || {t}.id",
        "addedBy": "{t}.added_by",
        "addedAt": "rfc3339({t}.added_at)",
    },
    {"ticket": Edge("Ticket", "{t}.id = {p}.ticket")},
)
AREA_TICKETS = View(
    "AreaTickets",
    "area",
    {
        "open": (
            "(SELECT count(*) FROM ticket o WHERE o.area >= {t}.code AND o.area < {t}.code || ':' "
            f"AND NOT {ENDED.format(t='o')})"
        )
    },
)
VIEWS = [TICKET, STEP, STEP_CHANGE, STANDING, ATTACHMENT, AREA_TICKETS]
ROOTS = {
    "ticket": Root("Ticket", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "tickets": Root(
        "Ticket",
        "page",
        {
            **dict.fromkeys(("area", "status", "owner", "assignee", "department", "within"), "text"),
            **dict.fromkeys(("own", "open", "ended"), "boolean"),
        },
        {
            "owner": "{t}.owner = :owner",
            "assignee": "{t}.assignee = :assignee",
            "open": f"NOT {ENDED} AND :open",
            "ended": f"{ENDED} AND :ended",
            "area": "{t}.area ^@ :area",
            "status": "{t}.status = :status",
            "own": f"({{t}}.household = (SELECT caller_household()) OR {REPORTED}) AND :own",
            "department": f"({{t}}.department = :department OR {REPORTED})",
            "within": f"({{t}}.area ^@ :within OR {REPORTED})",
        },
        order=NEWEST,
        descending=True,
    ),
    "ticketAttachment": Root("TicketAttachment", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "ticketsById": Root("Ticket", "each_one", key="{t}.id", key_type="uuid"),
    "ticketsByHousehold": Root(
        "Ticket", "each_many", key="{t}.household", key_type="uuid", order=NEWEST, descending=True, most=20
    ),
    "openTicketsByArea": Root("AreaTickets", "each_one", key="{t}.code"),
}
