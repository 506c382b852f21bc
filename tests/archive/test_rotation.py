"""Keys are replaced while everything runs: what older keys sealed, entries of the history too, is sealed anew, and nothing else changes."""

import asyncio
from typing import Any

import pytest

from services.archive.commands import rotation
from services.archive.store import resealing
from services.archive.store import sheet as sheets
from services.archive.store.sealed import ID_NUMBER
from services.chassis.db import transaction
from services.chassis.principal import Caller, itself
from services.chassis.vault import CannotOpen, SealingKey, Vault
from tests.archive.conftest import VILLAGE, Archive, household, key, person, uuid

OLD, NEW = SealingKey("aes", b"p" * 32), SealingKey("sm4", b"n" * 16)
INDEX = b"b" * 32
NUMBER = "339999196203121033"
SEALED_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name LIKE '%\\_sealed' ORDER BY 1, 2
"""


async def resealed(archive: Archive, vault: Vault, *, everything: bool = False) -> int:
    return sum([count async for count in rotation.reseal(archive.pool, vault, everything=everything)])


async def everything_else(archive: Archive) -> dict[str, list[Any]]:
    """All rows without the sealed values."""
    return {
        "person": await archive.admin.fetch(
            "SELECT to_jsonb(p) - '{id_number_sealed,phone_sealed}'::text[] AS row FROM person p ORDER BY id"
        ),
        "grid_worker": await archive.admin.fetch(
            "SELECT to_jsonb(w) - 'phone_sealed' AS row FROM grid_worker w ORDER BY grid_code, subject"
        ),
        "sheet_entry": await archive.admin.fetch(
            "SELECT to_jsonb(e) || jsonb_build_object('patch', patch - '{id_number_sealed,phone_sealed}'::text[]) AS row "
            "FROM sheet_entry e ORDER BY id"
        ),
    }


async def test_after_the_rotation_the_old_key_is_needed_no_more(archive: Archive) -> None:
    both, only_new = Vault([NEW, OLD], INDEX), Vault([NEW], INDEX)
    before = await everything_else(archive)
    left = await rotation.left(archive.pool, both)
    assert left.keys() == {"person", "grid_worker", "sheet_entry"}
    assert all(left.values())
    assert await resealed(archive, both) == sum(left.values())
    assert set((await rotation.left(archive.pool, both)).values()) == {0}
    assert await everything_else(archive) == before
    async with transaction(archive.pool, itself("archive")) as connection:
        sheet = await sheets.find(connection, only_new, uuid(household(1)))
        then = await sheets.find(
            connection, only_new, uuid(household(1)), as_of=sheet.members[0].since if sheet else None
        )
    assert sheet is not None
    assert then is not None
    assert sheet.members[0].id_number == then.members[0].id_number == NUMBER
    with pytest.raises(CannotOpen):
        archive.vault.open(
            await archive.admin.fetchval("SELECT id_number_sealed FROM person WHERE id = $1", person(1)),
            owner=person(1),
            field=ID_NUMBER,
        )
    assert await resealed(archive, both) == 0


async def test_entries_and_sheets_stay_the_same_values(archive: Archive) -> None:
    """What is read every day is a copy of what the entries say, byte for byte, after the rotation too."""
    await resealed(archive, Vault([NEW, OLD], INDEX))
    differing = await archive.admin.fetchval(
        "SELECT count(*) FROM person p WHERE EXISTS (SELECT FROM sheet_entry e WHERE e.key = p.id AND e.patch ? 'id_number_sealed') "
        "AND NOT EXISTS (SELECT FROM sheet_entry e WHERE e.key = p.id AND (e.patch ->> 'id_number_sealed')::bytea = p.id_number_sealed)"
    )
    assert differing == 0


async def test_it_goes_on_where_it_stopped_while_sheets_are_written(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 7)
    both = Vault([NEW, OLD], INDEX)
    async for _ in rotation.reseal(archive.pool, both):
        break
    left = await rotation.left(archive.pool, both)
    assert (
        0
        < left["person"]
        < await archive.admin.fetchval("SELECT count(*) FROM person WHERE id_number_sealed IS NOT NULL")
    )

    async def write(number: int) -> int:
        given = {"clientKey": key(), "id": household(number), "version": 1, "house": f"示例房屋{number}"}
        status, _ = await archive.as_("cadre").command("reviseHousehold", given, [["version", "version"]])
        return status

    done, *statuses = await asyncio.gather(resealed(archive, both), *(write(number) for number in range(1, 9)))
    assert set(statuses) == {200}
    assert done >= sum(left.values())
    await resealed(archive, both)
    assert set((await rotation.left(archive.pool, both)).values()) == {0}


async def test_a_missing_key_stops_it(archive: Archive) -> None:
    before = await archive.everything()
    with pytest.raises(CannotOpen):
        await resealed(archive, Vault([NEW], INDEX))
    assert await archive.everything() == before


async def test_a_new_index_key_makes_every_index_anew(archive: Archive) -> None:
    vault = Vault([OLD], b"j" * 32)
    await resealed(archive, vault, everything=True)
    index = vault.index(NUMBER, field=ID_NUMBER)
    assert await archive.admin.fetchval("SELECT id::text FROM person WHERE id_number_index = $1", index) == person(1)
    entry = await archive.admin.fetchval(
        "SELECT patch ->> 'id_number_index' FROM sheet_entry WHERE key = $1 AND patch ? 'id_number_index'", person(1)
    )
    assert entry == f"\\x{index.hex()}"


REWRITE = "SELECT rewrite_sealed(ARRAY[$1::bigint], ARRAY[$2::jsonb], ARRAY[$3::jsonb])"


async def test_the_database_lets_nothing_else_of_an_entry_be_changed(archive: Archive) -> None:
    entry = await archive.admin.fetchrow(
        "SELECT id, patch ->> 'id_number_sealed' AS sealed FROM sheet_entry WHERE patch ? 'id_number_sealed' ORDER BY id LIMIT 1"
    )
    assert entry is not None
    sealed, other = {"id_number_sealed": entry["sealed"]}, {"id_number_sealed": "\\x0102"}
    refused = [
        (sealed, {"name": "\\x00"}),
        (sealed, {"phone_sealed": "\\x00"}),
        (sealed, {"id_number_sealed": "in clear"}),
        (sealed, {"id_number_sealed": None}),
        ({"name": "x"}, {"name": "y"}),
    ]
    for caller, cases in ((itself("archive"), refused), (Caller("a", areas=(VILLAGE,)), [(sealed, other)])):
        for former, facts in cases:
            with pytest.raises(Exception, match="reach"):
                async with transaction(archive.pool, caller) as connection:
                    await connection.execute(REWRITE, entry["id"], former, facts)
    async with transaction(archive.pool, itself("archive")) as connection:
        assert await connection.fetchval(REWRITE, entry["id"], other, {"id_number_sealed": "\\x03"}) == 0
        assert await connection.fetchval(REWRITE, entry["id"], sealed, other) == 1
    with pytest.raises(Exception, match="reach"):
        async with transaction(archive.pool, itself("archive")) as connection:
            await connection.execute("UPDATE sheet_entry SET reason = 'x'")


async def test_every_sealed_column_is_rotated(archive: Archive) -> None:
    columns = {(table, column) for table, column in await archive.admin.fetch(SEALED_COLUMNS)}
    assert columns == {(place.table, f"{field}_sealed") for place in resealing.PLACES for field in place.fields}
