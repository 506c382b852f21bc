"""All that the archive holds on a household, for the household itself: every table that tells of households, also those to come."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.db import Connection
from services.chassis.vault import Vault

# What is made from the rest, such as the terms that a household is found by, tells nothing of its own.
TABLES = """
SELECT c.table_name AS name, c.column_name AS key FROM information_schema.columns c JOIN pg_class t ON t.oid = c.table_name::regclass
WHERE c.table_schema = 'public' AND (c.column_name = 'household_id' OR (c.table_name, c.column_name) = ('household', 'id'))
    AND t.relkind = 'r' AND c.table_name <> 'household_term' AND has_table_privilege(t.oid, 'SELECT')
ORDER BY c.table_name <> 'household', c.table_name <> 'person', c.table_name
"""
_SEALED = "_sealed"
_OF_NUMBERS = (_SEALED, "_index", "_masked")


async def everything(connection: Connection, vault: Vault, household: UUID) -> dict[str, list[dict[str, Any]]]:
    """Table → rows, as far as the caller may see them, numbers in clear."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in await connection.fetch(TABLES):
        sql = f'SELECT to_jsonb(t) AS row FROM "{table["name"]}" t WHERE t."{table["key"]}" = $1 ORDER BY 1'
        rows = [record["row"] for record in await connection.fetch(sql, household)]
        found[table["name"]] = [_told(vault, table["name"], row) for row in rows]
    return found


def _told(vault: Vault, table: str, row: dict[str, Any]) -> dict[str, Any]:
    if table == "sheet_entry":
        return row | {"patch": _in_clear(vault, row["key"], row["patch"])}
    return _in_clear(vault, str(row.get("id")), row)


def _in_clear(vault: Vault, owner: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in facts.items() if not name.endswith(_OF_NUMBERS)}
    for name, value in facts.items():
        if name.endswith(_SEALED):
            field = name.removesuffix(_SEALED)
            told[field] = None if value is None else vault.open(bytes.fromhex(value[2:]), owner=owner, field=field)
    return told
