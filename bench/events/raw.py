"""What the broker and the client library can do at the most: the same messages published without a database, 500 in flight, each confirmed.

`python -m bench.events.raw COUNT` prints messages a second, by aio-pika's own `publish` and by the call below it, which the relay uses.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import aio_pika
import msgspec
import typer
import uvloop
from aiormq import Channel, spec

from bench.soak.parts import EntryWritten
from services.chassis import broker
from services.chassis.config import BrokerConfig, load
from services.chassis.envelope import CONTENT_TYPE, Event, encode, number, routing_key
from services.chassis.relay import BATCH

AREA = "3399991002000001"


def _body(n: int) -> bytes:
    data = msgspec.to_builtins(EntryWritten(entry=uuid4(), subject=f"raw-{n}", number=n))
    return encode(
        Event(
            id=uuid4(),
            source="urn:sanmin:source",
            type=EntryWritten.type,
            subject=f"raw-{n}",
            time=datetime.now(UTC),
            sequence=number(n),
            data=data,
        )
    )


async def _measure(count: int, publish: Callable[[int], Awaitable[object]]) -> float:
    started = time.perf_counter()
    for first in range(0, count, BATCH):
        await asyncio.gather(*(publish(n) for n in range(first, min(count, first + BATCH))))
    return count / (time.perf_counter() - started)


async def rates(config: BrokerConfig, count: int) -> tuple[float, float]:
    """Messages a second by aio-pika's own `publish`, and by the lower call."""
    bodies = [_body(n) for n in range(count)]
    key = routing_key(EntryWritten.type, None, AREA)
    exchange_name = broker.Topology(config.broker_prefix).exchange
    async with await broker.connect(config.amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(exchange_name, ensure=False)
        lower = cast("Channel", await channel.get_underlay_channel())
        properties: dict[str, Any] = {"content_type": CONTENT_TYPE, "delivery_mode": 2, "timestamp": datetime.now(UTC)}

        async def usual(n: int) -> object:
            message = aio_pika.Message(bodies[n], message_id=str(n), type=EntryWritten.type, **properties)
            return await exchange.publish(message, key, mandatory=True, timeout=10)

        async def low(n: int) -> object:
            header = spec.Basic.Properties(message_id=str(n), message_type=EntryWritten.type, **properties)
            return await lower.basic_publish(
                bodies[n],
                exchange=exchange_name,
                routing_key=key,
                properties=header,
                mandatory=True,
                timeout=10,
                wait=False,
            )

        return await _measure(count, usual), await _measure(count, low)


def main(count: int) -> None:
    typer.echo(msgspec.json.encode(uvloop.run(rates(load(BrokerConfig), count))).decode())


if __name__ == "__main__":
    typer.run(main)
