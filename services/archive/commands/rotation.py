"""Replaces the keys of personal data while everything runs. It may be stopped at any time: what is done is found done."""

from collections.abc import AsyncIterator, Mapping

from services.archive.store import resealing as store
from services.chassis.db import Pool, transaction
from services.chassis.principal import itself
from services.chassis.vault import Vault


async def left(pool: Pool, vault: Vault) -> Mapping[str, int]:
    """Table → rows that an older key, or an older form, still seals."""
    async with transaction(pool, itself("archive")) as connection:
        return await store.left(connection, vault)


async def reseal(pool: Pool, vault: Vault, *, everything: bool = False) -> AsyncIterator[int]:
    """Seals under the first key what is not; yields how many rows each batch had. A batch is a transaction.

    `everything` also makes every index anew, for a new index key. Raises CannotOpen for a value that none of the keys opens.
    """
    for place in store.PLACES:
        last = place.first
        while True:
            async with transaction(pool, itself("archive")) as connection:
                done = await store.reseal(connection, vault, place, last, everything=everything)
            if done is None:
                break
            last, count = done
            yield count
    serial = 0
    while True:
        async with transaction(pool, itself("archive")) as connection:
            found = await store.reseal_entries(connection, vault, serial, everything=everything)
        if found is None:
            return
        serial, count = found
        yield count
