"""The bench of the import on two villages: the same file every time, all of it taken in, its memory seen."""

import asyncio
from pathlib import Path

from bench import county, importing, loading
from services.chassis.keys import vault_of
from tests.bench.test_county import FEW, SEED, access, count, database
from tests.support.databases import Database

__all__ = ["access", "database"]


async def test_the_county_of_a_file_is_taken_in(access: loading.Access, database: Database, tmp_path: Path) -> None:
    villages, _ = await county.plan(access, SEED, FEW)
    await importing.lay(database.app_url, villages)
    files = [tmp_path / name for name in ("one.csv", "other.csv")]
    wrote = [importing.write(file, villages, SEED, vault_of(access)) for file in files]
    assert files[0].read_bytes() == files[1].read_bytes()
    persons, households = wrote[0]
    settings = {
        "SANMIN_DATABASE_URL": database.app_url,
        "SANMIN_PERSONAL_DATA_KEY": access.personal_data_key,
        "SANMIN_BLIND_INDEX_KEY": access.blind_index_key,
    }
    seconds, megabytes = await asyncio.to_thread(importing.run, files[0], settings)
    assert (await count(access, "household"), await count(access, "person")) == (households, persons)
    assert await count(access, "person WHERE id_number_sealed IS NULL") == 0
    assert 0 < seconds < 300
    assert 50 < megabytes < 1000
