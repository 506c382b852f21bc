"""The import of a whole county from one file of its members: the operator's call, as it is, on a database of its own.

The file is the invented county's (`rows.py`), a row a person, in GB18030. Seconds are those of the call, from its start to its end. Memory is what
all of its processes held together at the worst moment, pages that they share counted for each; PostgreSQL's is not in it.
"""

import asyncio
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from bench import rows
from bench.loading import Access
from bench.report import Goal
from bench.shape import Village
from services.archive.app import HERE
from services.archive.commands.area import publish_areas
from services.archive.domain.area import LISTED_ON, Area, divisions
from services.archive.domain.imports import SHEETS
from services.chassis.clock import SystemClock
from services.chassis.db import open_pool, transaction
from services.chassis.keys import vault_of
from services.chassis.migrations import migrate, migrations_of
from services.chassis.principal import itself
from services.chassis.vault import Vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DATABASE = "archive_import"
SECONDS = 300.0
MEGABYTES = 500.0
SAMPLE_SECONDS = 0.2
FIELDS = ("gridCode", "number", "address", "house", "name", "relation", "sex", "birthDate", "idNumber", "phone")


class ImportFailed(Exception):
    """The import did not do what it should; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Place(Access):
    """Also the archive's database under its two roles."""

    archive_database_url: str = field(repr=False)
    archive_owner_database_url: str = field(repr=False)

    def at(self, url: str) -> str:
        """The same server and role, another database."""
        return urlunsplit(urlsplit(url)._replace(path="/" + quote(DATABASE)))


@dataclass(frozen=True)
class Imported:
    """What a run took: seconds, and megabytes of all its processes together at the worst moment."""

    rows: int
    households: int
    file_megabytes: float
    seconds: float
    megabytes: float

    @property
    def goals(self) -> list[Goal]:
        return [
            Goal(
                f"{self.rows:,} persons of {self.households:,} households imported, seconds",
                self.seconds,
                "under",
                SECONDS,
            ),
            Goal("memory of the import's processes, MB", self.megabytes, "under", MEGABYTES),
        ]


def write(path: Path, villages: Iterable[Village], seed: int, vault: Vault) -> tuple[int, int]:
    """Writes the file; returns how many rows and households it has. The same seed gives the same file."""
    sheet = SHEETS["MEMBERS"]
    titles = {column.field: column.title for column in sheet.columns}
    count = households = 0
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([titles[name] for name in FIELDS])
        for village in villages:
            for household in rows.batch(village, seed, vault).sheets:
                households += 1
                for member in household.members:
                    place = (household.area, household.number, household.address, household.house)
                    phone = (member.phone or "").removeprefix("+86")
                    person = (member.name, member.relation, member.sex, member.birth_date, member.id_number, phone)
                    writer.writerow([*place, *person])
                    count += 1
    return count, households


def run(file: Path, settings: dict[str, str]) -> tuple[float, float]:
    """Calls the import; returns its seconds and megabytes. Raises ImportFailed unless all rows are taken in."""
    command = [sys.executable, "-m", "services.archive", "import", str(file), "--kind", "members"]
    started, peak = time.monotonic(), 0
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=told, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max(peak, sum(_resident(key) for key in _tree(process.pid)))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.monotonic() - started
        told.seek(0)
        if process.returncode:
            raise ImportFailed(
                f"the import ended with status {process.returncode}: {told.read()[-500:].decode(errors='replace')}"
            )
    return round(seconds, 1), round(peak / 1e6, 1)


def _tree(root: int) -> Iterator[int]:
    """A process and all that come from it."""
    yield root
    try:
        children = [
            key for task in Path(f"/proc/{root}/task").iterdir() for key in (task / "children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _resident(process: int) -> int:
    """Bytes; 0 of a process that has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


async def lay(url: str, villages: Sequence[Village]) -> None:
    """Publishes the divisions and the county's grids."""
    real = divisions((HERE / "data" / "divisions.csv").read_text(encoding="utf-8"))
    grids = [
        Area(village.grid_code(number), f"{village.name}第{number + 1}网格", LISTED_ON, None, rows.SOURCE)
        for village in villages
        for number in range(village.grids)
    ]
    async with await open_pool(url, 1) as pool, transaction(pool, itself("archive")) as connection:
        await publish_areas(connection, SystemClock(), [*real, *grids])


def measure(place: Place, villages: Sequence[Village], seed: int) -> Imported:
    """Makes the database and the file, imports, looks whether all are there, and removes both."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "county.csv"
        count, households = write(file, villages, seed, vault_of(place))
        seconds, megabytes, there = asyncio.run(_measure(place, villages, file))
        if there != (households, count):
            raise ImportFailed(
                f"{there[0]:,} households and {there[1]:,} persons are there, not {households:,} and {count:,}"
            )
        return Imported(count, households, round(file.stat().st_size / 1e6, 1), seconds, megabytes)


async def _measure(place: Place, villages: Sequence[Village], file: Path) -> tuple[float, float, tuple[Any, ...]]:
    async with _database(place) as url:
        await lay(url, villages)
        settings = {
            "SANMIN_DATABASE_URL": url,
            "SANMIN_PERSONAL_DATA_KEY": place.personal_data_key,
            "SANMIN_BLIND_INDEX_KEY": place.blind_index_key,
        }
        seconds, megabytes = await asyncio.to_thread(run, file, settings)
        connection = await asyncpg.connect(place.at(place.superuser_database_url))
        try:
            row = await connection.fetchrow("SELECT (SELECT count(*) FROM household), (SELECT count(*) FROM person)")
        finally:
            await connection.close()
    return seconds, megabytes, tuple(row or ())


@asynccontextmanager
async def _database(place: Place) -> "AsyncIterator[str]":
    """A database of the archive's schema for the time of the block; yields its address under the run-time role."""
    server = await asyncpg.connect(place.superuser_database_url)
    try:
        await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {DATABASE} OWNER archive_owner ENCODING 'UTF8' TEMPLATE template0")
        try:
            await server.execute(
                f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC; GRANT CONNECT ON DATABASE {DATABASE} TO archive_app"
            )
            own = await asyncpg.connect(place.at(place.superuser_database_url))
            await own.execute("ALTER SCHEMA public OWNER TO archive_owner; CREATE EXTENSION IF NOT EXISTS postgis")
            await own.close()
            await migrate(place.at(place.archive_owner_database_url), migrations_of("archive", HERE / "migrations"))
            yield place.at(place.archive_database_url)
        finally:
            await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    finally:
        await server.close()
