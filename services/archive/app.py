"""The archive's composition root."""

import tomllib
from functools import partial
from pathlib import Path

from services.archive.commands.area import publish_areas
from services.archive.commands.area_change import AREA_COMMANDS
from services.archive.commands.attachment import REMOVE_ATTACHMENT, sweep_attachments
from services.archive.commands.correction import privacy_commands
from services.archive.commands.deeds import deed_commands
from services.archive.commands.example import add_example, example_areas
from services.archive.commands.finding import keep_findable
from services.archive.commands.household import household_commands
from services.archive.commands.imports import Means, take_in
from services.archive.commands.person_merge import person_commands
from services.archive.commands.plot import plot_commands
from services.archive.commands.review import keep_fresh
from services.archive.commands.upkeep import keep_retention, sealing
from services.archive.commands.village import VILLAGE_COMMANDS
from services.archive.commands.visit import ADD_VISIT_NOTE
from services.archive.config import Audit, Load, Worker
from services.archive.domain.access import noted, reach
from services.archive.domain.area import divisions
from services.archive.domain.chain import Signer
from services.archive.reactions import REACTIONS
from services.archive.routes.area import KnownAreas, prepare_area, prepare_area_changes, prepare_areas, prepare_areas_on
from services.archive.routes.attachment import attachment_files
from services.archive.routes.exports import EXPORT_FILE
from services.archive.routes.finding import HOUSEHOLDS, PEOPLE, prepare_duplicates, prepare_duplicates_of, prepare_list
from services.archive.routes.freshness import prepare_freshness, prepare_visit_queue
from services.archive.routes.household import prepare_household, prepare_unattached
from services.archive.routes.imports import import_files, prepare_imports
from services.archive.routes.mediation import MEDIATION_FILE
from services.archive.routes.plot import prepare_mediation, prepare_plot, prepare_plots, prepare_report
from services.archive.routes.printing import sheet_files
from services.archive.routes.privacy import prepare_access, prepare_corrections
from services.archive.routes.register import REGISTER_FILE, prepare_register, prepare_registers
from services.archive.routes.subject import subject_files
from services.archive.routes.tiles import TILE_FILE
from services.archive.routes.village import prepare_reconciliation, prepare_village
from services.archive.views import VIEWS
from services.chassis.clock import SystemClock
from services.chassis.commands import Command, Secret
from services.chassis.config import DatabaseConfig
from services.chassis.db import Pool, transaction
from services.chassis.keys import Keys, key_bytes, vault_of
from services.chassis.objects import Objects, store_of
from services.chassis.principal import itself
from services.chassis.service import FileRoute, Service, Task
from services.chassis.vault import Vault

HERE = Path(__file__).parent


def trusted_keys(config: Audit) -> list[bytes]:
    """The public keys whose checkpoints are believed; the present one first."""
    seed, public = config.audit_signing_key, config.audit_public_key.split()
    own = [Signer(key_bytes("SANMIN_AUDIT_SIGNING_KEY", seed)).public] if seed else []
    return own + [key_bytes("SANMIN_AUDIT_PUBLIC_KEY", key) for key in public]


def commands(vault: Vault) -> tuple[Command | Secret, ...]:
    return (
        *household_commands(vault),
        *deed_commands(vault),
        ADD_VISIT_NOTE,
        *AREA_COMMANDS,
        *VILLAGE_COMMANDS,
        *plot_commands(vault),
        *privacy_commands(vault),
        *person_commands(vault),
        REMOVE_ATTACHMENT,
    )


def files(vault: Vault, objects: Objects | None) -> tuple[FileRoute, ...]:
    return (
        EXPORT_FILE,
        MEDIATION_FILE,
        TILE_FILE,
        REGISTER_FILE,
        *subject_files(vault),
        *import_files(vault, objects),
        *attachment_files(objects),
    )


def tasks(config: DatabaseConfig, objects: Objects | None) -> dict[str, Task]:
    """What the worker does of itself."""
    if not isinstance(config, Worker):
        return {}
    return {
        "freshness": keep_fresh,
        "audit": sealing(Signer(key_bytes("SANMIN_AUDIT_SIGNING_KEY", config.audit_signing_key))),
        "retention": keep_retention,
        "finding": keep_findable,
        **({} if objects is None else {"attachments": partial(sweep_attachments, objects)}),
        **(
            {}
            if objects is None
            else {"imports": partial(take_in, Means(config.database_url, partial(vault_of, config)), objects)}
        ),
    }


def declare(config: DatabaseConfig) -> Service:
    """Commands and documents are there only where the config has the keys that they need: in the api; tasks only in the worker."""
    known = KnownAreas()
    objects = store_of(config)
    vault = vault_of(config) if isinstance(config, Keys) else None
    return Service(
        name="archive",
        migrations=HERE / "migrations",
        views=VIEWS,
        reach=reach,
        commands=commands(vault_of(config)) if isinstance(config, Keys) else (),
        files=(*files(vault_of(config), objects), *sheet_files(known)) if isinstance(config, Keys) else (),
        prepare={
            "area": prepare_area,
            "areas": partial(prepare_areas, known),
            "areasOn": partial(prepare_areas_on, known),
            "areaChanges": partial(prepare_area_changes, known),
            "household": prepare_household,
            "households": partial(prepare_list, known, vault, HOUSEHOLDS),
            "people": partial(prepare_list, known, vault, PEOPLE),
            "duplicates": partial(prepare_duplicates, known),
            "duplicatesOf": partial(prepare_duplicates_of, known, vault),
            "unattachedPersons": partial(prepare_unattached, known),
            "imports": prepare_imports,
            "householdAccess": prepare_access,
            "corrections": partial(prepare_corrections, known),
            "registers": prepare_registers,
            "register": partial(prepare_register, known),
            "visitQueue": partial(prepare_visit_queue, known),
            "freshness": partial(prepare_freshness, known),
            "plot": prepare_plot,
            "plots": partial(prepare_plots, known),
            "villagePlotReport": partial(prepare_report, known),
            "mediationPack": prepare_mediation,
            "villageSheet": partial(prepare_village, known),
            "villageReconciliation": partial(prepare_reconciliation, known),
        },
        reactions=REACTIONS,
        tasks=tasks(config, objects),
        note=noted,
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
