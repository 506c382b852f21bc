"""A database of a version that had rosters only is brought up to date with what it holds."""

from pathlib import Path

import asyncpg

from services.chassis.migrations import migrate, migrations_of
from services.liaison import __file__ as liaison
from tests.liaison.conftest import SERVICE, VILLAGE
from tests.support.databases import Databases

ROSTER = f"""
INSERT INTO duty_rule VALUES ('{VILLAGE}', '2026-01-01', '2026-12-31');
INSERT INTO duty_rule_cadre VALUES ('{VILLAGE}', '2026-01-01', 1, 'example-cadre', '示例村干部甲');
INSERT INTO duty VALUES ('{VILLAGE}', '2026-01-04', 'example-cadre', '示例村干部甲'), ('{VILLAGE}', '2026-01-05', 'example-cadre', '示例村干部甲');
"""


async def test_a_roster_gets_cadres_and_engagements(databases: Databases) -> None:
    database = await databases.empty("liaison")
    every = migrations_of("liaison", Path(liaison).parent / "migrations")
    await migrate(database.owner_url, [each for each in every if each.name < "0004"])
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("SELECT set_config('sanmin.caller', $1, false)", SERVICE.setting)
    await connection.execute(ROSTER)
    await migrate(database.owner_url, every)
    cadre = await connection.fetchrow("SELECT subject, name, area, base, since::text, until FROM cadre")
    assert cadre is not None
    assert tuple(cadre) == ("example-cadre", "示例村干部甲", VILLAGE, VILLAGE, "2026-01-01", None)
    refs = await connection.fetch(
        "SELECT ref FROM engagement WHERE kind = 'DUTY' AND subject = 'example-cadre' ORDER BY 1"
    )
    assert [row["ref"] for row in refs] == [f"{VILLAGE}/2026-01-04", f"{VILLAGE}/2026-01-05"]
    await connection.close()
