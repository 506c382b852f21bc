"""Service teams as liaison knows them: noted when tickets tell of them."""

from collections.abc import Sequence

from services.chassis.db import Connection
from services.liaison.store import team


async def note_team(connection: Connection, code: str, areas: Sequence[str], version: int, *, active: bool) -> None:
    await team.put(connection, code, areas, version, active=active)
