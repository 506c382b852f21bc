"""What a department receives: CloudEvents 1.0 in structured JSON (https://github.com/cloudevents/spec)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from subscribe.errors import Unreadable

Number = Annotated[str, msgspec.Meta(pattern="^0{0,2}[0-9]{1,18}$")]
"""A count as text, padded with zeros to 20 digits so that it is ordered as text; it fits 63 bits."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. `data` holds the fields that this department may have, and may hold more in a newer version.

    `position` counts, from 1 and without a gap, the events of one source that this department was sent; `sequence` all of the source's.
    `republished` says when an event was published anew. `id` is the same whenever and however the event comes again.
    """

    specversion: Annotated[str, msgspec.Meta(pattern=r"^1\.")]
    id: UUID
    source: str
    type: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    datacontenttype: str | None = None
    sequence: Number | None = None
    position: Number | None = None
    republished: datetime | None = None
    correlationid: str | None = None
    data: dict[str, Any]


_decoder = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def read(body: bytes) -> Event:
    """Raises Unreadable when the body is no CloudEvent with data. The data itself is the schema's to check."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"no CloudEvent: {error}") from None


def write(event: Event) -> bytes:
    """The event as JSON on one line."""
    return _encoder.encode(event)
