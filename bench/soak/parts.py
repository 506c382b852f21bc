"""The two services: `source` publishes what is written, `sink` takes it in. Each is a worker process as any service's.

`python -m bench.soak.parts source|sink` runs one; its settings are those of every worker.
"""

import sys
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import msgspec

from services.chassis.config import WorkerConfig, load
from services.chassis.envelope import EventData
from services.chassis.inbox import Reacting, Reaction
from services.chassis.principal import Caller, Principal
from services.chassis.service import Service, build_worker, serve
from services.chassis.views import Views

MIGRATIONS = Path(__file__).with_name("migrations")
INSERT_EFFECT = "INSERT INTO effect (event, subject, number) VALUES ($1, $2, $3)"


class EntryWritten(EventData, frozen=True):
    type: ClassVar[str] = "source.entry.written.v1"

    entry: UUID
    subject: str
    number: int


class Written(msgspec.Struct, frozen=True):
    """What `sink` reads of it."""

    subject: str
    number: int


async def on_entry_written(reacting: Reacting, data: Written) -> None:
    await reacting.connection.execute(INSERT_EFFECT, reacting.event.id, data.subject, data.number)


def _nothing(principal: Principal) -> Caller:
    return Caller(principal.subject)


SOURCE = Service("source", MIGRATIONS / "source", Views([], {}), _nothing)
SINK = Service(
    "sink",
    MIGRATIONS / "sink",
    Views([], {}),
    _nothing,
    reactions={EntryWritten.type: Reaction(Written, on_entry_written)},
)
SERVICES = {service.name: service for service in (SOURCE, SINK)}

if __name__ == "__main__":
    name = sys.argv[1]
    config = load(WorkerConfig)
    serve(f"{name}-worker", build_worker(SERVICES[name], config), config)
