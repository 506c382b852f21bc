"""The departments, as loaded from the deployment's files."""

from collections.abc import Iterable

from services.chassis.db import Connection
from services.chassis.departments import Department

KNOWN = "SELECT EXISTS (SELECT 1 FROM department WHERE code = $1)"
KEEP = """
INSERT INTO department AS known (code, name) VALUES ($1, $2)
ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE known.name <> excluded.name
RETURNING code
"""


async def known(connection: Connection, code: str) -> bool:
    found: bool = await connection.fetchval(KNOWN, code)
    return found


async def keep(connection: Connection, departments: Iterable[Department]) -> int:
    """Adds or renames departments; returns how many of them were new or changed."""
    changed = [await connection.fetchval(KEEP, department.code, department.name) for department in departments]
    return sum(code is not None for code in changed)
