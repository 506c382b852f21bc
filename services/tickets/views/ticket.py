"""Ticket and TicketStep, and what of an area is open.

`key` and `householdKey` are raw keys, by which the gateway joins tickets to what other services own.
"""

import json

from services.chassis.views import Edge, Root, View
from services.tickets.domain.ticket import Status, allowed

ALLOWED = (
    "CASE {t}.status "
    + " ".join(f"WHEN '{status.value}' THEN '{json.dumps(allowed(status))}'" for status in Status)
    + " END::json"
)
"""The deeds that a state allows, made from the state machine itself."""

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
        "source": "{t}.source",
        "status": "{t}.status",
        "areaCode": "{t}.area",
        "householdKey": "{t}.household",
        "version": "{t}.version",
        "reportedAt": "rfc3339({t}.reported_at)",
        "updatedAt": "rfc3339({t}.updated_at)",
        "satisfaction": "{t}.satisfaction",
        "allowed": ALLOWED,
    },
    {
        "department": Edge("Department", "{t}.code = {p}.department"),
        "history": Edge("TicketStep", "{t}.ticket = {p}.id", many=True, order="{t}.version", first=500),
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
        "note": "{t}.note",
    },
)
AREA_TICKETS = View(
    "AreaTickets",
    "area",
    {
        "open": "(SELECT count(*) FROM ticket o WHERE o.area >= {t}.code AND o.area < {t}.code || ':' AND o.status <> 'CLOSED')"
    },
)
VIEWS = [TICKET, STEP, AREA_TICKETS]
ROOTS = {
    "ticket": Root("Ticket", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "tickets": Root(
        "Ticket",
        "page",
        {"area": "text", "status": "text", "own": "boolean", "department": "text", "within": "text"},
        {
            "area": "{t}.area ^@ :area",
            "status": "{t}.status = :status",
            "own": f"({{t}}.household = (SELECT caller_household()) OR {REPORTED}) AND :own",
            "department": f"({{t}}.department = :department OR {REPORTED})",
            "within": f"({{t}}.area ^@ :within OR {REPORTED})",
        },
        order=NEWEST,
        descending=True,
    ),
    "ticketsById": Root("Ticket", "each_one", key="{t}.id", key_type="uuid"),
    "ticketsByHousehold": Root(
        "Ticket", "each_many", key="{t}.household", key_type="uuid", order=NEWEST, descending=True, most=20
    ),
    "openTicketsByArea": Root("AreaTickets", "each_one", key="{t}.code"),
}
