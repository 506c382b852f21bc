"""CloudEvents 1.0 in structured JSON: how every event looks on the wire (https://github.com/cloudevents/spec)."""

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

CONTENT_TYPE = "application/cloudevents+json"

PersonalData = Literal["none", "reference"]
"""`none`: the event tells of no person or household. `reference`: it carries an id (household, visit, ticket, an account's subject) by
which whoever may ask the gateway can find a person. There is no third: no event carries a personal value.
"""


class EventData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The data of one event type: ids, codes, names of changed fields and states; never a personal value or free text.

    `type` is `<service>.<noun>.<verb in the past tense>.v<N>`.
    """

    type: ClassVar[str]
    personal_data: ClassVar[PersonalData]


class _Envelope(msgspec.Struct, frozen=True, kw_only=True):
    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: str | UnsetType | None = UNSET
    position: str | UnsetType | None = UNSET
    republished: datetime | UnsetType | None = UNSET
    correlationid: str | UnsetType | None = UNSET


class Event(_Envelope, frozen=True, kw_only=True):
    """A CloudEvent. What is UNSET is left out of the JSON.

    `sequence` counts the events of one source without a gap, in the order of publishing. On a department's own copy `position` counts
    those of one source that this department was sent. Both are `number()`s. `republished` marks an event that was published anew
    out of the service's table, and says when.
    """

    data: dict[str, Any]


class Recorded(_Envelope, frozen=True, kw_only=True):
    """The same with its data as the JSON that the database keeps."""

    data: msgspec.Raw


_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def source_of(service: str) -> str:
    return f"urn:sanmin:{service}"


def number(value: int) -> str:
    """20 digits: CloudEvents asks that a sequence be ordered as text (https://github.com/cloudevents/spec, extension "sequence")."""
    return f"{value:020d}"


def encode(event: Event | Recorded) -> bytes:
    return _encoder.encode(event)


def decode(body: bytes) -> Event:
    """Raises msgspec.ValidationError or DecodeError (both ValueError) when the body is no CloudEvent of ours."""
    return _decoder.decode(body)


def routing_key(event_type: str, department: str | None, area: str) -> str:
    """`<service>.<noun>.<verb>.<department or ->.<county>.<township>.<village>.<grid>`; a part that is missing is `-`."""
    service, noun, verb, _ = event_type.split(".")
    parts = (area[:6], area[6:9], area[9:12], area[12:16])
    return ".".join((service, noun, verb, department or "-", *(part or "-" for part in parts)))


def place(key: str) -> tuple[str | None, str]:
    """The department and the area that a routing key was made of."""
    _, _, _, department, *parts = key.split(".")
    return (None if department == "-" else department), "".join(part for part in parts if part != "-")
