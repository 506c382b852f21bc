"""The envelope of every event, as JSON Schema and filled in for an example (chassis/envelope.py has it as code)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from services.catalogue.published import Published
from services.chassis.envelope import Event, encode, number, source_of

NUMBER = {"type": "string", "pattern": "^[0-9]{20}$"}
INSTANT = {"type": "string", "format": "date-time"}

ENVELOPE: dict[str, Any] = {
    "title": "CloudEvent",
    "description": "CloudEvents 1.0 in structured JSON. A newer version may add attributes.",
    "type": "object",
    "properties": {
        "specversion": {"type": "string", "const": "1.0", "description": "`1.0`"},
        "id": {"type": "string", "format": "uuid", "description": "Remember it: the same event may come again."},
        "source": {
            "type": "string",
            "pattern": "^urn:sanmin:[a-z]+$",
            "description": "`urn:sanmin:<service>`, the one that published it.",
        },
        "type": {
            "type": "string",
            "pattern": r"^[a-z]+\.[a-z_]+\.[a-z_]+\.v[0-9]+$",
            "description": "`<service>.<noun>.<verb>.v<N>`",
        },
        "subject": {
            "type": "string",
            "description": "What it is about. Events of one subject come in the order of their commits.",
        },
        "time": {**INSTANT, "description": "When the change was recorded."},
        "datacontenttype": {"type": "string", "const": "application/json", "description": "`application/json`"},
        "sequence": {
            **NUMBER,
            "description": "20 digits. Counts the events of one source without a gap, in the order of publishing.",
        },
        "position": {
            **NUMBER,
            "description": "Only on a department's own copy, 20 digits: counts, without a gap, those of one source that this department was sent.",
        },
        "republished": {
            **INSTANT,
            "description": "Only on an event that was published anew: when. Its id and numbers are the old ones.",
        },
        "correlationid": {"type": "string", "description": "The request that caused it, as in the logs."},
        "data": {"type": "object", "description": "What the schema of the type says."},
    },
    "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "sequence", "data"],
}
COPY: dict[str, Any] = {
    "type": "object",
    "description": "`data` has, of the fields of the event's type, those that the department's file allows.",
    "required": ["position"],
}
COPIED = (
    "tickets.ticket.dispatched.v1",
    frozenset({"ticket", "number", "area", "category", "status", "version", "at"}),
)
"""The event and the fields of it that stand for all that a department is sent."""


def cloud_event(event: Published) -> dict[str, Any]:
    """The event type's example as it is on the wire."""
    return _on_the_wire(event, event.example)


def own_copy(events: Iterable[Published]) -> dict[str, Any]:
    """An example of a department's copy as it is on the wire."""
    kind, fields = COPIED
    event = next(event for event in events if event.type == kind)
    return _on_the_wire(event, {name: value for name, value in event.example.items() if name in fields}, number(7))


def _on_the_wire(event: Published, data: dict[str, Any], position: str | UnsetType = UNSET) -> dict[str, Any]:
    envelope = Event(
        id=UUID("00000000-0000-7000-8009-000000000001"),
        source=source_of(event.owner),
        type=event.type,
        subject=event.subject.format_map(event.example),
        time=datetime(2026, 1, 5, 1, 30, 0, 250_000, UTC),
        sequence=number(4711),
        position=position,
        correlationid="00000000-0000-7000-8008-000000000001",
        data=data,
    )
    wire: dict[str, Any] = json.loads(encode(envelope))
    return wire
