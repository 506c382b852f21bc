"""Publishes numbered events over one connection: pipelined, each confirmed, a subject's one after the other."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

import asyncpg
import msgspec
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq import Channel, spec
from msgspec import UNSET, UnsetType

from services.chassis import broker
from services.chassis.envelope import CONTENT_TYPE, Event, Recorded, encode, number

WAVE_SECONDS = 10
"""For all confirms of a wave; a timer a message would cost a tenth of the rate."""
PERSISTENT = 2

T = TypeVar("T")


def waves(events: Iterable[T], subject_of: Callable[[T], str]) -> list[list[T]]:
    """Splits events so that each wave has a subject at most once and a subject's events keep their order."""
    result: list[list[T]] = []
    depth: dict[str, int] = {}
    for event in events:
        subject = subject_of(event)
        at = depth.get(subject, 0)
        depth[subject] = at + 1
        if at == len(result):
            result.append([])
        result[at].append(event)
    return result


@dataclass(frozen=True)
class Numbered:
    """An event as it goes out: the row, its sequence, and for each department that gets a copy its position and the fields of it.

    Not `to_all`: only the departments' copies go out.
    """

    row: asyncpg.Record
    sequence: int
    positions: Mapping[str, int]
    fields: Mapping[str, set[str]]
    to_all: bool = True


class Publisher:
    """Publishes numbered events with confirms. Copies have a channel of their own, since a return names a message by its id alone."""

    def __init__(
        self,
        connection: AbstractConnection,
        channels: tuple[Channel, Channel],
        topology: broker.Topology,
        source: str,
    ) -> None:
        assert connection.transport is not None  # noqa: S101  it is open
        self._wire = connection.transport.connection
        self._events, self._copies = channels
        self._topology = topology
        self._source = source

    @classmethod
    async def open(cls, connection: AbstractConnection, topology: broker.Topology, source: str) -> "Publisher":
        """Declares the topology too. A message that no queue takes raises, as one that the broker refuses does."""
        channels: list[AbstractChannel] = [
            await connection.channel(publisher_confirms=True, on_return_raises=True) for _ in range(2)
        ]
        await broker.declare(channels[0], topology)
        events, departments = [cast("Channel", await channel.get_underlay_channel()) for channel in channels]
        return cls(connection, (events, departments), topology, source)

    async def ready(self) -> None:
        """Waits while the broker takes no messages because its memory or disk runs short. Raises ConnectionError once the connection has ended."""
        ready = asyncio.ensure_future(self._wire.ready())
        try:
            await asyncio.wait((ready, self._wire.closing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._wire.closing.done():
            raise ConnectionError("the broker closed the connection")

    async def publish(self, batch: Sequence[Numbered], republished: datetime | UnsetType = UNSET) -> None:
        """Returns when all is confirmed; raises, after all outcomes of a wave are known, when one is not."""
        for wave in waves(batch, lambda event: str(event.row["subject"])):
            sent = [self._send(*message) for event in wave for message in self._messages(event, republished)]
            async with asyncio.timeout(WAVE_SECONDS):
                outcomes = await asyncio.gather(*sent, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome

    def _messages(
        self, event: Numbered, republished: datetime | UnsetType
    ) -> Iterator[tuple[Channel, str, str, Event | Recorded]]:
        """The event, and the departments' copies of it, each with its channel, exchange and routing key."""
        row = event.row
        envelope: dict[str, Any] = {
            "id": row["id"],
            "source": self._source,
            "type": row["type"],
            "subject": row["subject"],
            "time": row["recorded_at"],
            "sequence": number(event.sequence),
            "republished": republished,
            "correlationid": row["correlation_id"] or UNSET,
        }
        whole = Recorded(**envelope, data=msgspec.Raw(row["data"]))
        if event.to_all:
            yield self._events, self._topology.exchange, row["routing_key"], whole
        if event.fields:
            data = msgspec.json.decode(row["data"])
            for code, fields in event.fields.items():
                reduced = {name: value for name, value in data.items() if name in fields}
                copy = Event(
                    **envelope, position=number(given) if (given := event.positions.get(code)) else UNSET, data=reduced
                )
                yield self._copies, self._topology.departments_exchange, f"{code}.{row['routing_key']}", copy

    @staticmethod
    async def _send(channel: Channel, exchange: str, key: str, event: Event | Recorded) -> None:
        properties = spec.Basic.Properties(
            content_type=CONTENT_TYPE,
            message_id=str(event.id),
            correlation_id=event.correlationid or None,
            message_type=event.type,
            timestamp=event.time,
            delivery_mode=PERSISTENT,
        )
        await channel.basic_publish(
            encode(event),
            exchange=exchange,
            routing_key=key,
            properties=properties,
            mandatory=True,
            wait=False,
        )
