"""No ID number and no phone in clear: not in a table, an event or an answer."""

import json
import re
import tomllib
from typing import Any

import pytest

from services.archive.app import HERE
from services.archive.store.sealed import ID_NUMBER, PHONE
from services.archive.views import VIEWS
from services.chassis.vault import CannotOpen, SealingKey, Vault
from tests.archive.conftest import Archive, household, key, person
from tests.archive.test_views import select_all

NEW_NUMBER, NEW_PHONE = "339999201809081121", "13800001234"
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('text', 'bytea', 'json', 'jsonb', 'ARRAY', 'character varying')
    AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys')
"""


def secrets() -> list[str]:
    """Each number and phone of the example, and those that the tests add."""
    example = tomllib.loads((HERE / "data" / "example.toml").read_text(encoding="utf-8"))
    people = [member for sheet in example["households"] for member in sheet["members"]] + example["workers"]
    values = [person[name] for person in people for name in ("id_number", "phone") if name in person]
    assert len(values) > 50
    return [*values, NEW_NUMBER, NEW_PHONE]


async def revise(archive: Archive) -> tuple[int, Any]:
    given = {
        "clientKey": key(),
        "id": household(1),
        "version": 1,
        "members": [{"name": "示例甲六", "relation": "42", "idNumber": NEW_NUMBER, "phone": NEW_PHONE}],
    }
    return await archive.as_("cadre").command("reviseHousehold", given, select_all("Household"))


async def test_no_table_holds_one_in_clear(archive: Archive) -> None:
    status, answer = await revise(archive)
    assert status == 200
    assert not any(secret in json.dumps(answer) for secret in secrets())
    looked = 0
    for table, column, kind in await archive.admin.fetch(COLUMNS):
        for row in await archive.admin.fetch(f'SELECT "{column}"{"" if kind == "bytea" else "::text"} FROM "{table}"'):
            value = row[0].decode("latin-1") if isinstance(row[0], bytes) else row[0] or ""
            looked += 1
            assert not any(secret in value for secret in secrets()), (table, column)
    assert looked > 3000


async def test_sealed_values_open_for_their_owner_only(archive: Archive) -> None:
    rows = await archive.admin.fetch("SELECT id::text, id_number_sealed, phone_sealed FROM person ORDER BY id LIMIT 2")
    first, second = rows
    assert archive.vault.open(first["id_number_sealed"], owner=person(1), field=ID_NUMBER) == "339999196203121033"
    assert archive.vault.open(first["phone_sealed"], owner=person(1), field=PHONE) == "+8613800000001"
    for owner, vault in ((person(2), archive.vault), (person(1), Vault([SealingKey("aes", b"x" * 32)], b"b" * 32))):
        with pytest.raises(CannotOpen):
            vault.open(first["id_number_sealed"], owner=owner, field=ID_NUMBER)
    assert second["id"] == person(2)
    found = await archive.admin.fetchval(
        "SELECT id::text FROM person WHERE id_number_index = $1",
        archive.vault.index("339999196203121033", field=ID_NUMBER),
    )
    assert found == person(1)


def test_views_read_masked_columns_only() -> None:
    for view in VIEWS.views.values():
        for name, expression in view.fields.items():
            assert not re.search(r"_(sealed|index)\b", expression), name
            masked = expression.endswith(("_masked", "THEN '*' END"))
            assert (name in view.sensitive) == masked, name
