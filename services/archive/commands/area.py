"""Publishing areas."""

from collections.abc import Sequence

from services.archive.domain.area import Area
from services.archive.events import AreaPublished
from services.archive.store import area as store
from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.outbox import record


async def publish_areas(connection: Connection, clock: Clock, areas: Sequence[Area]) -> int:
    """Writes areas and tells of those that are new or changed, parts before the whole; returns how many were.

    Whoever keeps a copy knows by a province that all of it has arrived.
    """
    written = await store.keep(connection, areas)
    for area in reversed(written):
        event = AreaPublished(
            code=area.code, name=area.name, kind=area.kind, valid_from=area.valid_from, valid_to=area.valid_to
        )
        await record(connection, clock, event, subject=area.code, area=area.code)
    return len(written)
