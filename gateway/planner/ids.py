"""Global ids: base64 of `Type:key`. Services make them; only the gateway takes them apart."""

import base64
from uuid import UUID

from services.chassis.errors import InvalidInput

UUID_KEYED = frozenset(
    {
        "Activity",
        "AreaChange",
        "Assessment",
        "AssessmentCase",
        "AssessmentObjection",
        "AssessmentResult",
        "Attachment",
        "CalendarFeed",
        "Call",
        "Correction",
        "Dialogue",
        "DutyOffer",
        "DutyVisit",
        "Errand",
        "ErrandDocument",
        "ErrandVisit",
        "Household",
        "Import",
        "Intake",
        "Item",
        "Leave",
        "Mandate",
        "Market",
        "Mediation",
        "MediationParty",
        "MediationSession",
        "Member",
        "Mission",
        "Obligation",
        "PersonMerge",
        "Plot",
        "Proposal",
        "QueueNumber",
        "Series",
        "Session",
        "SignUp",
        "Stall",
        "StallPlan",
        "Suggestion",
        "Ticket",
        "TicketAttachment",
        "VillageBooking",
        "VillageTerm",
        "VisitNote",
        "VotingBody",
    }
)


def global_id(type_name: str, key: str) -> str:
    return base64.b64encode(f"{type_name}:{key}".encode()).decode()


def parts(value: str, field: str) -> tuple[str, str]:
    """Type and key; raises InvalidInput that names the field."""
    try:
        type_name, separator, key = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        type_name, separator, key = "", "", ""
    if not separator or not key or not type_name.isidentifier():
        raise InvalidInput(f"{field} is no global id", field=field, rule="global.id")
    return type_name, _uuid(key, field) if type_name in UUID_KEYED else key


def _uuid(key: str, field: str) -> str:
    """The key as services and events write it."""
    try:
        return str(UUID(key))
    except ValueError:
        raise InvalidInput(f"{field} is no global id", field=field, rule="global.id") from None


def key_of(value: str, type_name: str, field: str) -> str:
    """The key inside the global id of a `type_name`; raises InvalidInput."""
    found, key = parts(value, field)
    if found != type_name:
        raise InvalidInput(f"{field} must be the id of a {type_name}, not of another type", field=field, rule="id.type")
    return key
