"""The broker's topology as data, and the one declarer that acts on it.

Everything is durable: quorum queues with an explicit delivery limit and at-least-once dead-lettering, one stream that keeps the log. Valid on
RabbitMQ 3.10 and 4.x (no transient, mirrored or global-QoS features).
"""

from dataclasses import dataclass, field
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 10
DELIVERY_LIMIT = 20
LOG_DAYS = 7
LOG_BYTES = 5_000_000_000
FEED_BYTES = 1_000_000_000
LETTERS: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
"""Of a queue of dead letters: whoever looks at them must not use them up. 4.x would give a message up after 20 looks."""

GONE = (OSError, AMQPError, ChannelInvalidStateError)
"""What is raised when the broker cannot be reached or a connection to it has ended."""


@dataclass(frozen=True)
class Queue:
    """A queue, and the routing keys by which it is bound to the exchange that `source` names after the prefix."""

    name: str
    bindings: tuple[str, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    source: str = "events"


@dataclass(frozen=True)
class Topology:
    """All that one prefix owns on a broker: its exchanges, the log stream, dead letters, queues.

    `<prefix>.events` carries every event, `<prefix>.departments` the departments' own copies, `<prefix>.dead` dead letters.
    """

    prefix: str
    queues: tuple[Queue, ...] = ()

    @property
    def exchange(self) -> str:
        return f"{self.prefix}.events"

    @property
    def departments_exchange(self) -> str:
        return f"{self.prefix}.departments"

    @property
    def dead_exchange(self) -> str:
        return f"{self.prefix}.dead"

    @property
    def log_queue(self) -> Queue:
        """The stream that every event reaches; it makes each key routable."""
        return stream(self.prefix, "log", "#", most_bytes=LOG_BYTES)


def stream(prefix: str, name: str, *bindings: str, most_bytes: int, source: str = "events") -> Queue:
    """A stream: it keeps what it was sent, for readers at any place, for LOG_DAYS and up to `most_bytes`."""
    arguments = {"x-queue-type": "stream", "x-max-age": f"{LOG_DAYS}D", "x-max-length-bytes": most_bytes}
    return Queue(f"{prefix}.{name}", bindings, arguments, source)


def quorum(prefix: str, name: str, *bindings: str, single: bool = False, source: str = "events") -> Queue:
    """A quorum queue whose refused or over-delivered messages go to `<name>.dead`. `single`: one active consumer keeps the order."""
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": f"{prefix}.dead",
        "x-dead-letter-routing-key": f"{prefix}.{name}",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if single:
        arguments["x-single-active-consumer"] = True
    return Queue(f"{prefix}.{name}", bindings, arguments, source)


def inbox_queue(prefix: str, service: str, *event_types: str) -> Queue:
    """A service's inbox, bound to event types such as `archive.visit.noted.v1`, wherever they happen."""
    return quorum(prefix, f"{service}.inbox", *(f"{kind.rsplit('.', 1)[0]}.#" for kind in event_types), single=True)


def department_queues(prefix: str, code: str) -> tuple[Queue, Queue]:
    """A department's queue, which it empties, and its own log, out of which it replays. Both get its own copies only."""
    name, source = f"department.{code}", "departments"
    return (
        quorum(prefix, name, f"{code}.#", single=True, source=source),
        stream(prefix, f"{name}.log", f"{code}.#", most_bytes=FEED_BYTES, source=source),
    )


async def connect(url: str) -> AbstractConnection:
    """A plain connection: whoever holds it watches its end and connects anew, so that nothing hangs on a half-dead one."""
    separator = "&" if "?" in url else "?"
    return await aio_pika.connect(f"{url}{separator}heartbeat={HEARTBEAT_SECONDS}", timeout=CONNECT_SECONDS)


async def declare(channel: AbstractChannel, topology: Topology) -> None:
    """Declares the topology; does nothing where it stands already, fails where something else stands under a name."""
    sources = {
        source: await channel.declare_exchange(f"{topology.prefix}.{source}", aio_pika.ExchangeType.TOPIC, durable=True)
        for source in ("events", "departments")
    }
    dead = await channel.declare_exchange(topology.dead_exchange, aio_pika.ExchangeType.DIRECT, durable=True)
    for queue in (topology.log_queue, *topology.queues):
        declared = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        for key in queue.bindings:
            await declared.bind(sources[queue.source], key)
        if queue.arguments["x-queue-type"] == "quorum":
            letters = await channel.declare_queue(f"{queue.name}.dead", durable=True, arguments=LETTERS)
            await letters.bind(dead, queue.name)
