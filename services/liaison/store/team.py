"""The copy of tickets' service teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.db import Connection

PUT = """
INSERT INTO team (code, areas, active, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET areas = excluded.areas, active = excluded.active, version = excluded.version
WHERE team.version < excluded.version
"""
FIND = "SELECT areas, active FROM team WHERE code = $1"


@dataclass(frozen=True)
class Team:
    """It serves all areas that begin with one of the codes."""

    areas: Sequence[str]
    active: bool

    def serves(self, area: str) -> bool:
        return self.active and any(area.startswith(code) for code in self.areas)


async def put(connection: Connection, code: str, areas: Sequence[str], version: int, *, active: bool) -> None:
    """What was told later of a team stays."""
    await connection.execute(PUT, code, list(areas), active, version)


async def find(connection: Connection, code: str) -> Team | None:
    row = await connection.fetchrow(FIND, code)
    return None if row is None else Team(row["areas"], row["active"])
