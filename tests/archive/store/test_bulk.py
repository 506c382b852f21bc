"""Sheets that are written by the hundred are, row by row, what each would be if it were written alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.domain.codes import CODES
from services.archive.domain.history import Change
from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.plot import Plot
from services.archive.store import bulk, finding
from services.archive.store import sheet as store
from services.chassis.db import Connection, savepoint, transaction
from services.chassis.principal import Caller
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive

CHANGE = Change(by="example", at=datetime(2026, 3, 2, 1, tzinfo=UTC), valid_from=date(2026, 3, 1), reason="example")
CALLER = Caller("example", areas=(VILLAGE,))
TABLES = (
    "household",
    "person",
    "membership",
    "household_term",
    "sheet_item",
    "plot",
    "sheet_entry",
    "likely_duplicate",
)
DRAWN = {"sheet_entry": {"id"}}
"""Columns that the database draws."""

words = st.text("示例甲乙丙丁 abc", min_size=1, max_size=8).filter(str.strip)
days = st.dates(date(1930, 1, 1), date(2026, 2, 28))


def codes(name: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(sorted(CODES[name]))


members = st.builds(
    Member,
    id=st.uuids(),
    name=words,
    relation=st.sampled_from(["11", "20", "30", "97", "99"]),
    sex=st.just("9"),
    birth_date=st.none() | days,
    since=st.just(CHANGE.valid_from),
    phone=st.none() | st.from_regex(r"\+861540[0-9]{7}", fullmatch=True),
    **{name: codes(name) for name in CODES},
)
items = st.builds(
    Item,
    id=st.uuids(),
    kind=st.just("INCOME"),
    data=st.fixed_dictionaries(
        {"year": st.integers(2000, 2026), "source": st.just("WAGES"), "amount": st.floats(0, 9e5)}
    ),
    until=st.none() | days,
)
plots = st.builds(
    Plot,
    id=st.uuids(),
    code=st.integers(1, 99999).map(lambda serial: f"{VILLAGE}01{serial:05d}"),
    name=words,
    category=st.just("10"),
    contract_mu=st.decimals(0, 99, places=2),
    measured_mu=st.none() | st.just(Decimal("1.50")),
    **dict.fromkeys(("east", "south", "west", "north"), words),
)


@st.composite
def sheets(draw: st.DrawFn) -> list[Household]:
    """A few households of two grids; no id, number or code is there twice."""
    persons = iter(draw(st.lists(members, min_size=2, max_size=8, unique_by=lambda member: member.id)))
    entries = iter(draw(st.lists(items, max_size=3, unique_by=lambda item: item.id)))
    fields = iter(draw(st.lists(plots, max_size=3, unique_by=(lambda plot: str(plot.id), lambda plot: plot.code))))
    result: list[Household] = []
    for serial, head in enumerate(persons):
        others = tuple(member for member in [next(persons, None), next(persons, None)] if member is not None)
        number = f"33999919620312{serial:03d}" if draw(st.booleans()) else None
        result.append(
            Household(
                id=draw(st.uuids(version=4)),
                area=draw(st.sampled_from([GRID, OTHER_GRID])),
                number=f"示例{serial}",
                address=draw(words),
                house=draw(st.none() | words),
                version=1,
                members=(
                    Member(
                        **{
                            **vars(head),
                            "relation": "02",
                            "id_number": number,
                            "id_number_override": number and "example",
                        }
                    ),
                    *others,
                ),
                items=tuple(item for item in [next(entries, None)] if item is not None),
                plots=tuple(plot for plot in [next(fields, None)] if plot is not None),
            )
        )
    return result


async def written(connection: Connection, made: list[Household]) -> dict[str, list[Any]]:
    """All rows about the households, but for what is drawn and for nonces."""
    households, persons = [sheet.id for sheet in made], [member.id for sheet in made for member in sheet.members]
    rows: dict[str, list[Any]] = {}
    for table in TABLES:
        column = {"household": "id", "likely_duplicate": "one"}.get(table, "household_id")
        keys = persons if table == "likely_duplicate" else households
        found = await connection.fetch(f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = ANY($1)", keys)
        rows[table] = sorted((_comparable(table, row[0]) for row in found), key=str)
    return rows


def _comparable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    def plain(value: dict[str, Any]) -> dict[str, Any]:
        return {
            name: plain(inner) if isinstance(inner, dict) else inner
            for name, inner in sorted(value.items())
            if not name.endswith("_sealed")
        }

    return plain({name: value for name, value in row.items() if name not in DRAWN.get(table, set())})


class Undo(Exception):
    pass


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=sheets())
async def test_many_at_once_are_what_each_is_alone(archive: Archive, made: list[Household]) -> None:
    async def alone(connection: Connection) -> None:
        for sheet in made:
            assert await store.add(connection, archive.vault, sheet, CHANGE)

    async def together(connection: Connection) -> None:
        await bulk.add_all(connection, archive.vault, made, CHANGE)
        await finding.make_findable(connection, [sheet.id for sheet in made])

    async with transaction(archive.pool, CALLER) as connection:
        one, other = [await undone(connection, way, made) for way in (alone, together)]
    assert {table: len(rows) for table, rows in one.items()} == {table: len(rows) for table, rows in other.items()}
    assert one == other


async def undone(
    connection: Connection, way: Callable[[Connection], Any], made: list[Household]
) -> dict[str, list[Any]]:
    """What is there after one way of writing, which is then undone."""
    try:
        async with savepoint(connection):
            await way(connection)
            rows = await written(connection, made)
            raise Undo
    except Undo:
        return rows


async def test_a_number_that_is_taken_is_told(archive: Archive) -> None:
    sheet = Household(UUID(int=1), GRID, "x1", "示例", None, 1, (Member(UUID(int=2), "示例甲", "02"),))
    with pytest.raises(bulk.Taken):
        async with transaction(archive.pool, CALLER) as connection:
            await bulk.add_all(
                connection, archive.vault, [sheet, Household(**{**vars(sheet), "id": UUID(int=3)})], CHANGE
            )
    assert await archive.admin.fetchval("SELECT count(*) FROM household WHERE number = 'x1'") == 0
