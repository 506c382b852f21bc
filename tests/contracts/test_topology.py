"""What is declared on the broker stands on RabbitMQ 3.10 and on 4.x, where transient, mirrored and global-QoS features are gone.

The rules are those of RabbitMQ's list of deprecated features and of the release notes of 4.0 and 4.3.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel

from deploy.local.layout import ROOT
from deploy.local.stack import DEPARTMENTS
from services.chassis import broker
from services.chassis.broker import Topology
from services.chassis.config import DatabaseConfig
from services.chassis.departments import departments

SERVICES = ("archive", "liaison", "tickets")
REMOVED = re.compile(r"x-(ha-.*|queue-mode|queue-master-locator|queue-version)")
KNOWN = {
    "quorum": {
        "x-queue-type", "x-delivery-limit", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-dead-letter-strategy", "x-overflow",
        "x-single-active-consumer",
    },
    "stream": {"x-queue-type", "x-max-age", "x-max-length-bytes"},
}  # fmt: skip
"""Arguments that both versions take, by kind of queue; each is listed here once it has been tried on both."""

REFUSED = {
    r"global_\s*=\s*True": "a global QoS",
    r"\bx-ha-|ha-mode": "mirrored queues",
    r"\.nack\(|basic_nack": "nack, which 4.3 no longer counts as a delivery: reject",
    r"durable\s*=\s*False": "what a restart forgets",
    r"queue_bind\(.*amq\.": "a queue without a name of ours",
}
"""What no line of ours may ask of a broker, each with what it is."""


class Recorder:
    """Notes what a declarer asks of a channel, in place of a broker."""

    def __init__(self) -> None:
        self.queues: list[dict[str, Any]] = []
        self.exchanges: list[dict[str, Any]] = []

    async def declare_exchange(self, name: str, kind: Any, **options: Any) -> "Recorder":
        self.exchanges.append({"name": name, "kind": kind, **options})
        return self

    async def declare_queue(self, name: str, **options: Any) -> "Recorder":
        self.queues.append({"name": name, **options})
        return self

    async def bind(self, *_: Any) -> None: ...


async def declared() -> Recorder:
    """All that the services and the departments' declarer declare."""
    recorder = Recorder()
    channel: AbstractChannel = recorder  # type: ignore[assignment]
    for name in SERVICES:
        service = import_module(f"services.{name}.app").declare(DatabaseConfig(database_url=""))
        await broker.declare(channel, service.topology("sanmin", departments(str(DEPARTMENTS))))
    return recorder


async def test_every_queue_is_one_that_4_x_takes() -> None:
    recorder = await declared()
    assert {queue["name"] for queue in recorder.queues} > {
        "sanmin.log",
        "sanmin.tickets.inbox",
        "sanmin.department.water",
    }
    for queue in recorder.queues:
        arguments = queue["arguments"]
        assert queue["durable"] is True, queue
        assert not queue.get("exclusive"), queue
        assert not queue.get("auto_delete"), queue
        assert set(arguments) <= KNOWN[arguments["x-queue-type"]], queue
        assert not [name for name in arguments if REMOVED.fullmatch(name)], queue
    assert all(exchange["durable"] is True for exchange in recorder.exchanges)


async def test_no_letter_of_a_quorum_queue_can_vanish() -> None:
    """From 4.0 on a message over the delivery limit is dropped where there is no dead-letter exchange."""
    for queue in (await declared()).queues:
        arguments = queue["arguments"]
        if arguments["x-queue-type"] == "quorum" and not queue["name"].endswith(".dead"):
            assert arguments["x-delivery-limit"] == broker.DELIVERY_LIMIT
            assert arguments["x-dead-letter-exchange"] == Topology("sanmin").dead_exchange
            # At-least-once dead-lettering needs reject-publish, or it silently becomes at-most-once.
            assert (arguments["x-dead-letter-strategy"], arguments["x-overflow"]) == ("at-least-once", "reject-publish")


@pytest.mark.parametrize("pattern", REFUSED)
def test_nothing_is_asked_that_4_x_refuses(pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("services", "gateway", "subscribe", "deploy")
        for path in Path(ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(pattern, line)
    ]
    assert not found, f"{REFUSED[pattern]}: {found}"


def test_a_temporary_queue_is_exclusive() -> None:
    """A transient queue that is not exclusive is refused from 4.3 on; the gateway's is the only one that ends with its process."""
    calls = [
        line.strip()
        for folder in ("services", "gateway", "subscribe")
        for path in Path(ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "auto_delete=True" in line
    ]
    assert len(calls) == 1
    assert "exclusive=True" in calls[0]
