"""CloudEvents 1.0 in structured JSON: how every event looks on the wire (https://github.com/cloudevents/spec)."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

CONTENT_TYPE = "application/cloudevents+json"


class EventData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The data of one event type: ids, codes, names of changed fields and states; never a personal value or free text.

    `type` is `<service>.<noun>.<verb in the past tense>.v<N>`.
    """

    type: ClassVar[str]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A CloudEvent. `sequence` counts the events of one source without a gap, in the order of publishing."""

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: str | None = None
    correlationid: str | None = None
    data: dict[str, Any]


_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    return msgspec.json.encode(event)


def decode(body: bytes) -> Event:
    """Raises msgspec.ValidationError or DecodeError (both ValueError) when the body is no CloudEvent of ours."""
    return _decoder.decode(body)


def routing_key(event_type: str, department: str | None, area: str) -> str:
    """`<service>.<noun>.<verb>.<department or ->.<county>.<township>.<village>.<grid>`; a part that is missing is `-`."""
    service, noun, verb, _ = event_type.split(".")
    parts = (area[:6], area[6:9], area[9:12], area[12:16])
    return ".".join((service, noun, verb, department or "-", *(part or "-" for part in parts)))
