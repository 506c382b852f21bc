"""Mediation: that there is one for whoever reaches the ticket, what is said in it for those whom it concerns.

`key` and `householdKey` are raw keys, by which a party is joined to what is not read here.
"""

import json

from services.chassis.views import Edge, Root, View
from services.tickets.domain.mediation import CONFIRM_DAYS, EFFECT, FAILING, SIDES, STATES, State, allowed
from services.tickets.views.team import TODAY, named

NEWEST = (("{t}.opened_at", "timestamptz"), ("{t}.ticket", "uuid"))
ALLOWED = (
    "CASE {t}.state "
    + " ".join(f"WHEN '{state.value}' THEN '{json.dumps(allowed(state))}'" for state in State)
    + " END::json"
)
SIDE_NAME = named({side.value: name for side, name in SIDES.items()}, "{t}.side")
IN_FORCE = "EXISTS (SELECT FROM mediation m WHERE m.ticket = {t}.ticket AND m.signed_version = {t}.version)"

MEDIATION = View(
    "Mediation",
    "mediation",
    {
        "id": "global_id('Mediation', {t}.ticket::text)",
        "areaCode": "{t}.area",
        "state": "{t}.state",
        "stateName": named({state.value: name for state, name in STATES.items()}, "{t}.state"),
        "reason": "{t}.reason",
        "reasonName": named(FAILING, "{t}.reason"),
        "referredTo": "{t}.referred_to",
        "performance": (
            "CASE WHEN {t}.signed_version IS NULL THEN 'NONE' WHEN {t}.overdue > 0 THEN 'OVERDUE' "
            "WHEN {t}.open > 0 THEN 'OPEN' ELSE 'PERFORMED' END"
        ),
        "openObligations": "{t}.open",
        "overdueObligations": "{t}.overdue",
        "version": "{t}.version",
        "openedBy": "{t}.opened_by",
        "openedAt": "rfc3339({t}.opened_at)",
        "concludedAt": "rfc3339({t}.concluded_at)",
        "allowed": ALLOWED,
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "mediators": Edge("CaseMediator", "{t}.ticket = {p}.ticket", many=True, order="{t}.since, {t}.subject"),
        "parties": Edge("MediationParty", "{t}.ticket = {p}.ticket", many=True, order="{t}.id"),
        "plots": Edge("MediationPlot", "{t}.ticket = {p}.ticket", many=True, order="{t}.plot"),
        "packs": Edge(
            "MediationPackLink",
            "true",
            many=True,
            order="{t}.a, {t}.b",
            source=(
                "(SELECT a.plot AS a, b.plot AS b, least(a.as_of, b.as_of) AS as_of FROM mediation_plot a "
                "JOIN mediation_plot b ON b.ticket = a.ticket AND b.plot > a.plot WHERE a.ticket = {p}.ticket)"
            ),
        ),
        "sessions": Edge("MediationSession", "{t}.ticket = {p}.ticket", many=True, order="{t}.held_at, {t}.id"),
        "agreements": Edge("MediationAgreement", "{t}.ticket = {p}.ticket", many=True, order="{t}.version"),
        "agreement": Edge("MediationAgreement", "{t}.ticket = {p}.ticket AND {t}.version = {p}.signed_version"),
        "obligations": Edge(
            "Obligation",
            "{t}.ticket = {p}.ticket AND {t}.version = {p}.signed_version",
            many=True,
            order="{t}.due_on, {t}.place",
        ),
    },
)
CASE_MEDIATOR = View(
    "CaseMediator",
    "mediation_mediator",
    {
        "subject": "{t}.subject",
        "name": "(SELECT m.name FROM mediator m WHERE m.subject = {t}.subject)",
        "committee": "(SELECT m.committee FROM mediator m WHERE m.subject = {t}.subject)",
        "since": "rfc3339({t}.since)",
        "until": "rfc3339({t}.until)",
    },
)
MEDIATOR = View(
    "Mediator",
    "mediator",
    {
        "subject": "{t}.subject",
        "name": "{t}.name",
        "areas": "{t}.areas",
        "committee": "{t}.committee",
        "active": "{t}.active",
        "version": "{t}.version",
    },
)
PARTY = View(
    "MediationParty",
    "mediation_party",
    {
        "id": "global_id('MediationParty', {t}.id::text)",
        "key": "{t}.id",
        "side": "{t}.side",
        "sideName": SIDE_NAME,
        "name": "{t}.name_masked",
        "personId": "global_id('Member', {t}.person::text)",
        "householdKey": "{t}.household",
    },
    sensitive=frozenset({"name"}),
)
PLOT = View(
    "MediationPlot",
    "mediation_plot",
    {"plotId": "global_id('Plot', {t}.plot::text)", "asOf": "{t}.as_of"},
)
PACK = View(
    "MediationPackLink",
    "(SELECT NULL::uuid AS a, NULL::uuid AS b, NULL::date AS as_of)",
    {
        "a": "global_id('Plot', {t}.a::text)",
        "b": "global_id('Plot', {t}.b::text)",
        "asOf": "{t}.as_of",
        "packUrl": "'/files/archive/plots/mediation.html?a=' || {t}.a || '&b=' || {t}.b || '&asOf=' || {t}.as_of",
    },
)
SESSION = View(
    "MediationSession",
    "mediation_session",
    {
        "id": "global_id('MediationSession', {t}.id::text)",
        "heldAt": "rfc3339({t}.held_at)",
        "place": "{t}.place",
        "mediators": "{t}.mediators",
        "tried": "(SELECT n.tried FROM mediation_note n WHERE n.session = {t}.id)",
        "notedBy": "{t}.noted_by",
        "notedAt": "rfc3339({t}.noted_at)",
    },
    {"parties": Edge("MediationParty", "{t}.id = ANY ({p}.parties)", many=True, order="{t}.id")},
)
AGREEMENT = View(
    "MediationAgreement",
    "agreement",
    {
        "version": "{t}.version",
        "facts": "{t}.facts",
        "terms": "{t}.terms",
        "oral": "{t}.oral",
        "copies": "{t}.copies",
        "writtenBy": "{t}.written_by",
        "writtenAt": "rfc3339({t}.written_at)",
        "signedOn": "{t}.signed_on",
        "attachmentId": "global_id('TicketAttachment', {t}.attachment::text)",
        "inForce": IN_FORCE,
        "confirmBy": f"{{t}}.signed_on + {CONFIRM_DAYS}",
        "effect": f"'{EFFECT}'",
        "url": "'/files/tickets/mediations/' || {t}.ticket || '/agreements/' || {t}.version || '.html'",
    },
    {
        "obligations": Edge(
            "Obligation", "{t}.ticket = {p}.ticket AND {t}.version = {p}.version", many=True, order="{t}.place"
        )
    },
)
OBLIGATION = View(
    "Obligation",
    "obligation",
    {
        "id": "global_id('Obligation', {t}.id::text)",
        "number": "{t}.place",
        "side": "{t}.side",
        "sideName": SIDE_NAME,
        "what": "{t}.what",
        "dueOn": "{t}.due_on",
        "state": (
            "CASE WHEN {t}.performed_on IS NOT NULL THEN 'PERFORMED' "
            f"WHEN EXISTS (SELECT FROM mediation m WHERE m.ticket = {{t}}.ticket AND m.signed_version > {{t}}.version) THEN 'REPLACED' "
            f"WHEN NOT {IN_FORCE} THEN 'DRAFT' WHEN {{t}}.due_on < {TODAY} THEN 'OVERDUE' ELSE 'OPEN' END"
        ),
        "performedOn": "{t}.performed_on",
        "proof": "{t}.proof",
        "attachmentId": "global_id('TicketAttachment', {t}.attachment::text)",
        "remindedAt": "rfc3339({t}.reminded_at)",
        "alarmedAt": "rfc3339({t}.alarmed_at)",
    },
    {
        "party": Edge("MediationParty", "{t}.id = {p}.party"),
        "mediation": Edge("Mediation", "{t}.ticket = {p}.ticket"),
    },
)

VIEWS = [MEDIATION, CASE_MEDIATOR, MEDIATOR, PARTY, PLOT, PACK, SESSION, AGREEMENT, OBLIGATION]
ROOTS = {
    "mediation": Root("Mediation", "one", {"id": "uuid"}, always="{t}.ticket = :id"),
    "mediations": Root(
        "Mediation",
        "page",
        {"area": "text", "state": "text", "mediator": "text"},
        {
            "area": "{t}.area ^@ :area",
            "state": "{t}.state = :state",
            "mediator": (
                "EXISTS (SELECT FROM mediation_mediator m WHERE m.ticket = {t}.ticket AND m.subject = :mediator AND m.until IS NULL)"
            ),
        },
        order=NEWEST,
        descending=True,
    ),
    "obligation": Root("Obligation", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "obligationsDue": Root(
        "Obligation",
        "page",
        {"area": "text", "until": "date"},
        {"area": "{t}.area ^@ :area", "until": "{t}.due_on <= :until"},
        always=f"{{t}}.performed_on IS NULL AND {IN_FORCE}",
        order=(("{t}.due_on", "date"), ("{t}.id", "uuid")),
    ),
    "mediator": Root("Mediator", "one", {"id": "text"}, always="{t}.subject = :id"),
    "mediators": Root(
        "Mediator",
        "many",
        {"area": "text"},
        {"area": "EXISTS (SELECT FROM unnest({t}.areas) code WHERE code ^@ :area OR :area ^@ code)"},
        order=(("{t}.subject", "text"),),
    ),
}
