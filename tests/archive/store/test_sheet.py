"""Random deeds and corrections on a real database: for any day and time the answer is what the entries say, and nothing changes an earlier one.

SANMIN_TEST_EXAMPLES sets how many histories are tried (15 by default).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.domain.history import GONE, Entry, History, read, state
from services.archive.domain.household import Household
from services.archive.store import sheet as store
from services.archive.store.sealed import ID_NUMBER, PHONE
from services.chassis.db import Connection, savepoint
from services.chassis.errors import Conflict
from services.chassis.principal import itself
from services.chassis.vault import Vault
from tests.archive.conftest import Archive
from tests.archive.domain.histories import ACTIONS, BEGAN, DAYS, Told, World, ids

EXAMPLES = int(os.environ.get("SANMIN_TEST_EXAMPLES", "15"))
PRESENT = date(9999, 12, 31)
FACTS = ("name", "relation", "sex", "birth_date", "marital", "died_on", "id_number_override")
COLUMNS = {
    "person": (*FACTS, "id_number_masked"),
    "item": ("kind", "person_id", "since", "until", "data"),
    "plot": ("code", "name", "category", "contract_mu", "east", "disputed"),
}


@asynccontextmanager
async def undone(archive: Archive) -> AsyncIterator[Connection]:
    """A connection of which nothing stays."""
    async with archive.pool.acquire() as connection:
        await connection.execute("BEGIN")
        await connection.execute("SELECT set_config('sanmin.caller', $1, true)", itself("archive").setting)
        try:
            yield connection
        finally:
            await connection.execute("ROLLBACK")


async def keep(connection: Connection, vault: Vault, world: World, told: Told) -> None:
    """Writes what a deed made of sheets; raises Conflict."""
    for sheet in told.outcome.sheets:
        version = world.histories[sheet.id].version
        former = told.formers.get(sheet.id)
        if former is None:
            assert await store.add(connection, vault, replace(sheet, version=version), told.change)
        else:
            assert former.version == version - 1
            assert await store.save(connection, vault, former, replace(sheet, version=version), told.change)


def expected(
    entries: list[Entry], vault: Vault, as_of: date, known_at: datetime
) -> dict[str, dict[UUID, dict[str, Any]]]:
    """Each kind's parts with their facts, numbers in clear."""
    result: dict[str, dict[UUID, dict[str, Any]]] = {"household": {}, "person": {}, "item": {}, "plot": {}}
    for (kind, key), facts in state(entries, as_of, known_at).items():
        if kind == "household" or facts.get(GONE[kind]) is not None:
            clear = read(facts)
            for name in (ID_NUMBER, PHONE):
                sealed = facts.get(f"{name}_sealed")
                clear[name] = sealed and vault.open(bytes.fromhex(sealed[2:]), owner=str(key), field=name)
            result[kind][key] = clear
    return result


def shown(sheet: Household | None) -> dict[str, dict[UUID, dict[str, Any]]]:
    """The same of a sheet."""
    if sheet is None:
        return {"household": {}, "person": {}, "item": {}, "plot": {}}
    own = vars(sheet) | {"area_code": sheet.area}
    items = {item.id: vars(item) | {"person_id": item.person} for item in sheet.items}
    return {
        "household": {sheet.id: own},
        "person": {member.id: vars(member) for member in sheet.members},
        "item": items,
        "plot": {plot.id: vars(plot) for plot in sheet.plots},
    }


def agree(one: dict[str, dict[UUID, dict[str, Any]]], other: dict[str, dict[UUID, dict[str, Any]]]) -> bool:
    names = {
        "household": (
            "area_code",
            "number",
            "address",
            "house",
            "closed_on",
            "closed_reason",
            "split_from",
            "merged_into",
        ),
        **COLUMNS,
        "person": (*FACTS, ID_NUMBER, PHONE),
    }
    picked = [
        {
            kind: {key: {name: facts.get(name) for name in names[kind]} for key, facts in parts.items()}
            for kind, parts in side.items()
        }
        for side in (one, other)
    ]
    return picked[0] == picked[1]


async def projections_agree(connection: Connection, key: UUID, entries: list[Entry], version: int) -> None:
    """The tables that are read every day say what the entries say of the present."""
    facts = state(entries, PRESENT, datetime.max.replace(tzinfo=BEGAN.tzinfo))
    row = await connection.fetchrow("SELECT * FROM household WHERE id = $1", key)
    assert row is not None
    own = read(facts["household", key])
    assert row["version"] == version
    for name in ("area_code", "number", "address", "closed_on", "closed_reason", "split_from", "merged_into"):
        assert row[name] == own.get(name), name
    for kind, table in (("person", "person"), ("item", "sheet_item"), ("plot", "plot")):
        rows = await connection.fetch(f"SELECT * FROM {table} WHERE household_id = $1", key)
        parts = {
            one: read(part) for (of, one), part in facts.items() if of == kind and part.get(GONE[kind]) is not None
        }
        assert {row["id"]: {name: row[name] for name in COLUMNS[kind]} for row in rows} == {
            one: {name: part.get(name) for name in COLUMNS[kind]} for one, part in parts.items()
        }
    spans = await connection.fetch(
        "SELECT person_id, relation, since, until FROM membership WHERE household_id = $1", key
    )
    days: dict[tuple[UUID, date], str] = {
        (span["person_id"], day): span["relation"]
        for span in spans
        for day in DAYS
        if span["since"] <= day and (span["until"] is None or day <= span["until"])
    }
    assert days == {
        (one, day): part["relation"]
        for day in DAYS
        for (of, one), part in state(entries, day, datetime.max.replace(tzinfo=BEGAN.tzinfo)).items()
        if of == "person" and part.get("relation") is not None
    }


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
async def test_the_database_answers_what_the_entries_say(archive: Archive, data: st.DataObject) -> None:
    vault = archive.vault
    world = World(data.draw, ACTIONS)
    answers: dict[tuple[UUID, date, datetime], Household | None] = {}
    async with undone(archive) as connection:
        for opened in world.open():
            await keep(connection, vault, world, opened)
        for _ in range(data.draw(st.integers(1, 8))):
            before = (dict(world.histories), dict(world.persons))
            told = world.do()
            if told is None:
                continue
            try:
                async with savepoint(connection):
                    await keep(connection, vault, world, told)
            except Conflict as conflict:
                if conflict.extra["rule"] != "id_number.unique":
                    raise
                world.histories, world.persons = before
                continue
            for key in world.histories:
                day = data.draw(st.sampled_from(DAYS))
                at = BEGAN + timedelta(seconds=data.draw(st.integers(0, world.told - 1)))
                answers[key, day, at] = await store.find(connection, vault, key, day, at)
        for (key, day, at), answer in answers.items():
            again = await store.find(connection, vault, key, day, at)
            assert again == (answer and replace(answer, version=again.version if again else 0))
            entries = await store.entries(connection, key)
            assert agree(shown(answer), expected(entries, vault, day, at))
        for key, history in world.histories.items():
            entries = await store.entries(connection, key)
            await projections_agree(connection, key, entries, history.version)
            for day in DAYS:
                found = await store.find(connection, vault, key, day)
                assert found == history.on(day)
            loaded = await store.history(connection, vault, key)
            assert loaded is not None
            assert [loaded.on(day) for day in DAYS] == [history.on(day) for day in DAYS]
        loose = ids(*(history.on(DAYS[-1]) for history in world.histories.values()))
        rows = await connection.fetch(
            "SELECT id, household_id FROM person WHERE id = ANY($1::uuid[])", list(world.persons)
        )
        assert {row["id"] for row in rows if row["household_id"] is not None} == loose
        assert {row["id"] for row in rows} == world.persons.keys()


def test_of_all_that_is_said_the_last_word_for_the_latest_day_holds() -> None:
    key = UUID(int=1)
    said: list[tuple[int, int, dict[str, str | None]]] = [
        (1, 1, {"address": "一", "house": "甲"}),
        (2, 5, {"address": "二"}),
        (3, 3, {"address": "三"}),
        (4, 5, {"house": None}),
    ]
    entries = [Entry(n, "household", key, DAYS[day], BEGAN + timedelta(seconds=n), patch) for n, day, patch in said]

    def known(day: int, seconds: int) -> Any:
        return state(entries, DAYS[day], BEGAN + timedelta(seconds=seconds)).get(("household", key))

    assert known(0, 9) is None
    assert known(1, 0) is None
    assert known(4, 2) == {"address": "一", "house": "甲"}
    assert known(4, 3) == {"address": "三", "house": "甲"}
    assert known(6, 3) == {"address": "二", "house": "甲"}
    assert known(6, 4) == {"address": "二", "house": None}
    assert History(key, 1, ()).on(DAYS[0]) is None
