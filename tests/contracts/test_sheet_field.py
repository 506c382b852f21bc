"""A field of the household sheet stands in several places. Whoever adds it to one is told of all the others."""

import dataclasses
import re
from typing import Any

import asyncpg
import msgspec
import pytest

from gateway.types import archive as public
from gateway.types import inputs
from services.archive.commands.household import ReviseHousehold
from services.archive.commands.sheets import GivenMember
from services.archive.domain.household import Household, Revision
from services.archive.domain.member import Member, MemberInput
from services.archive.views import VIEWS
from tests.conftest import MakeDatabase

# What a table holds besides the sheet's fields, and fields that the sheet shows or takes in another way.
ASIDE = {
    "area_code",
    "household_id",
    "opened_at",
    "revised_at",
    "search_text",
    "search_version",
    "pinyin",
    "id",
    "version",
    "id_number_override",
    "since",
}
ELSEWHERE = {
    "items",
    "plots",
    "sources",
    "closed_on",
    "closed_reason",
    "split_from",
    "merged_into",
    "review_on",
    "needs",
    "rank_on",
    "facts",
    "stale_facts",
    "recount_on",
    "died_on",
    "area",
    "grid",
    "grid_code",
    "members",
    "client_key",
    "number",
}


def fields(kind: Any) -> set[str]:
    """The names of a dataclass's or a Struct's fields."""
    if issubclass(kind, msgspec.Struct):
        return set(kind.__struct_fields__)
    return {field.name for field in dataclasses.fields(kind)}


def snake(names: set[str]) -> set[str]:
    return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower() for name in names}


def places(shown: type, domain: type, given: tuple[type, ...], view: str) -> dict[str, set[str]]:
    """Each place in the code with the sheet's fields that it names."""
    return {
        f"services/archive/domain ({domain.__name__})": fields(domain),
        f"services/archive/views.py ({view})": snake(set(VIEWS.views[view].fields)),
        f"gateway/types/archive.py ({shown.__name__})": fields(shown),
        **{f"{kind.__module__.replace('.', '/')}.py ({kind.__name__})": fields(kind) for kind in given},
    }


@pytest.mark.parametrize(
    ("table", "known"),
    [
        (
            "household",
            places(public.Household, Household, (Revision, ReviseHousehold, inputs.ReviseHouseholdInput), "Household"),
        ),
        ("person", places(public.Member, Member, (MemberInput, GivenMember, inputs.MemberInput), "Member")),
    ],
)
async def test_a_field_of_the_sheet_stands_in_all_its_places(
    make_database: MakeDatabase, table: str, known: dict[str, set[str]]
) -> None:
    database = await make_database("archive")
    connection = await asyncpg.connect(database.app_url)
    rows = await connection.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
    await connection.close()
    columns = {re.sub(r"_(sealed|index|masked)$", "", row["column_name"]) for row in rows} - ASIDE
    wanted = columns | {
        name for place, names in known.items() if "Input" in place or "Revis" in place for name in names - ASIDE
    }
    known = {f"services/archive/migrations (table {table})": columns, **known}
    missing = {place: sorted(wanted - ELSEWHERE - names) for place, names in known.items()}
    assert not {place: names for place, names in missing.items() if names}, "these places do not know these fields yet"
