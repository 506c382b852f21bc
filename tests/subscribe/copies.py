"""A department's copies of invented events, as the relay makes them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.chassis.envelope import Event, encode, number, source_of

TYPE = "tickets.ticket.dispatched.v1"
SOURCE = source_of("tickets")
BEGAN = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
NAMESPACE = UUID("00000000-0000-7000-8000-00000000c0de")


def ticket(n: int) -> str:
    return str(uuid5(NAMESPACE, f"ticket {n}"))


def copy(position: int, subject: int = 0, **changes: Any) -> Event:
    """The event at a position; the same whenever it is made. `data` takes the place of fields."""
    data = {"ticket": ticket(subject), "area": "339999100200", "department": "water", "status": "DISPATCHED"}
    fields: dict[str, Any] = {
        "id": uuid5(NAMESPACE, f"{changes.get('source', SOURCE)} {position}"),
        "source": SOURCE,
        "type": TYPE,
        "subject": ticket(subject),
        "time": BEGAN + timedelta(seconds=position),
        "sequence": number(position),
        "position": number(position),
        **changes,
        "data": {**data, **changes.get("data", {})},
    }
    return Event(**fields)


def body(position: int, subject: int = 0, **changes: Any) -> bytes:
    return encode(copy(position, subject, **changes))
