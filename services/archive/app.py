"""The archive's composition root."""

import tomllib
from functools import partial
from pathlib import Path

from services.archive.commands.area import publish_areas
from services.archive.commands.example import add_example, example_areas
from services.archive.commands.household import revise_household
from services.archive.commands.visit import ADD_VISIT_NOTE
from services.archive.config import Keys, Load, key_bytes
from services.archive.domain.access import reach
from services.archive.domain.area import divisions
from services.archive.domain.vault import Vault
from services.archive.reactions import REACTIONS
from services.archive.routes.area import KnownAreas, prepare_areas
from services.archive.routes.household import prepare_household, prepare_households
from services.archive.views import VIEWS
from services.chassis.clock import SystemClock
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself
from services.chassis.service import Service

HERE = Path(__file__).parent


def vault_of(keys: Keys) -> Vault:
    return Vault(
        key_bytes("SANMIN_PERSONAL_DATA_KEY", keys.personal_data_key),
        key_bytes("SANMIN_BLIND_INDEX_KEY", keys.blind_index_key),
    )


def declare(config: DatabaseConfig) -> Service:
    """Commands are there only where the config has the keys that they need: in the api."""
    known = KnownAreas()
    return Service(
        name="archive",
        migrations=HERE / "migrations",
        views=VIEWS,
        reach=reach,
        commands=(revise_household(vault_of(config)), ADD_VISIT_NOTE) if isinstance(config, Keys) else (),
        prepare={
            "areas": partial(prepare_areas, known),
            "household": prepare_household,
            "households": partial(prepare_households, known),
        },
        reactions=REACTIONS,
    )


async def load_data(pool: Pool, config: Load, example: bool) -> str:
    """Publishes the real divisions; with `example` also the example village's areas, grid workers and sheets."""
    clock = SystemClock()
    real = divisions((HERE / "data" / "divisions.csv").read_text(encoding="utf-8"))
    document = tomllib.loads((HERE / "data" / "example.toml").read_text(encoding="utf-8"))
    areas = [*real, *example_areas(document)] if example else real
    async with transaction(pool, itself("archive")) as connection:
        told = await publish_areas(connection, clock, areas)
        done = f"archive: {len(areas)} areas, {told} of them new or changed"
        if example:
            opened = await add_example(connection, clock, vault_of(config), document)
            done += f"; example village: {opened} sheets opened"
    return done
