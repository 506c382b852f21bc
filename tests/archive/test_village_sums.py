"""Village sheets folded as of any day and any knowledge, and what the household sheets add up to."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.domain.history import Entry, state
from tests.archive.commands.areas import BESIDE, EVE, NEW, carry_out, settle
from tests.archive.commands.areas import DAY as MERGED_ON
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key, person
from tests.support.client import Service as Client

SET_CALLER = "SELECT set_config('sanmin.caller', $1, true)"
SAY = """
INSERT INTO village_entry (area_code, kind, key, open, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, 'DECLARED', $5, $6, $7, 'example')
"""
SAY_OF_SHEET = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, 'DECLARED', $5, $6, $7, 'example')
"""
MEASURE = [[name, name] for name in ("measure", "title", "unit", "year", "declared", "confirmed", "computed", "gap")]
DAY, TIME = date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)

said = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["FACTS", "TERM"]),
        "key": st.sampled_from(["", "a"]),
        "open": st.booleans(),
        "day": st.integers(0, 5),
        "known": st.integers(0, 5),
        "patch": st.dictionaries(st.sampled_from("xyz"), st.none() | st.integers(0, 9), min_size=1),
    }
)


CALLERS = {
    False: json.dumps({"subject": "a", "areas": [VILLAGE]}),
    True: json.dumps({"subject": "a", "household": household(1)}),
}
"""Staff, who read all, and a resident, who reads what is open."""


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    words=st.lists(said, max_size=8),
    as_of=st.none() | st.integers(0, 6),
    known=st.none() | st.integers(0, 6),
    resident=st.booleans(),
)
async def test_the_fold_is_the_models(
    archive: Archive,
    words: list[dict[str, Any]],
    as_of: int | None,
    known: int | None,
    resident: bool,
) -> None:
    """The database's answer is domain/history.state of the entries that the caller may read, for any day and any time of knowing."""
    entries = []
    transaction = archive.admin.transaction()
    await transaction.start()
    await archive.admin.execute("INSERT INTO village_sheet (area_code) VALUES ($1) ON CONFLICT DO NOTHING", VILLAGE)
    for serial, word in enumerate(words):
        day, recorded = DAY + timedelta(days=word["day"]), TIME + timedelta(hours=word["known"])
        values = (word["key"], word["open"], day, json.dumps(word["patch"]), recorded)
        await archive.admin.execute(SAY, VILLAGE, word["kind"], *values)
        if word["open"] or not resident:
            part = uuid5(NAMESPACE_OID, word["key"])
            entries.append(Entry(serial, word["kind"], part, day, recorded, word["patch"]))
    on = None if as_of is None else DAY + timedelta(days=as_of)
    at = None if known is None else TIME + timedelta(hours=known)
    await archive.admin.execute("SET LOCAL ROLE archive_app")
    await archive.admin.fetchval(SET_CALLER, CALLERS[resident])
    found = {
        (kind, uuid5(NAMESPACE_OID, row["key"])): json.loads(row["state"])
        for kind in ("FACTS", "TERM")
        for row in await archive.admin.fetch("SELECT * FROM village_parts_as_of($1, $2, $3, $4)", VILLAGE, kind, on, at)
    }
    await transaction.rollback()
    assert found == state(entries, on or date.max, at or datetime.max.replace(tzinfo=UTC))


async def reconciled(client: Client, **args: Any) -> dict[str, Any]:
    status, rows = await client.read("villageReconciliation", {"code": VILLAGE, **args}, MEASURE)
    assert status == 200, rows
    return {row["measure"]: row for row in rows}


async def say_of_sheet(archive: Archive, kind: str, part: str, day: str, /, **patch: Any) -> None:
    sheet = None if kind == "village's plot" else household(1)
    area = GRID if sheet else VILLAGE
    kind = "plot" if sheet is None else kind
    values = (date.fromisoformat(day), json.dumps(patch), datetime.now(UTC))
    await archive.admin.execute(SAY_OF_SHEET, kind, part, sheet, area, *values)


async def test_what_is_declared_stands_beside_what_the_sheets_add_up_to(archive: Archive) -> None:
    client = archive.as_("cadre")
    persons = await archive.admin.fetchval("SELECT count(*) FROM person WHERE household_id IS NOT NULL")
    for figure, value in (("POPULATION", persons + 3), ("HOUSEHOLDS", 10), ("PER_CAPITA_INCOME", 2500)):
        given = {"clientKey": key(), "code": VILLAGE, "year": 2024, "figure": figure, "value": value, "source": "示例"}
        assert (await client.command("recordFigure", given, [["code", "code"]]))[0] == 200
    confirm = {"clientKey": key(), "code": VILLAGE, "year": 2024, "figure": "HOUSEHOLDS", "value": 10}
    assert (await archive.as_("clerk").command("confirmFigure", confirm, [["code", "code"]]))[0] == 200
    facts = {"clientKey": key(), "code": VILLAGE, "version": 4, "facts": {"cultivatedMu": 20}}
    assert (await client.command("reviseVillage", facts, [["code", "code"]]))[0] == 200
    plot = {"category": "10", "contract_mu": "2.5", "measured_mu": "3"}
    await say_of_sheet(archive, "plot", person(901), "2024-03-01", code="3399991002000100001", **plot)
    await say_of_sheet(
        archive, "plot", person(902), "2024-03-01", code="3399991002000100002", **plot | {"category": "21"}
    )
    await say_of_sheet(
        archive, "village's plot", person(903), "2024-03-01", code="3399991002000100003", **plot | {"measured_mu": None}
    )
    for serial, year in ((904, 2024), (905, 2023)):
        data = {"year": year, "source": "WAGES", "amount": 62000}
        await say_of_sheet(archive, "item", person(serial), "2024-03-01", kind="INCOME", data=data)
    rows = await reconciled(client)
    assert list(rows) == ["HOUSEHOLDS", "POPULATION", "CONTRACT_MU", "CULTIVATED_MU", "PER_CAPITA_INCOME"]
    assert rows["HOUSEHOLDS"] == {
        "measure": "HOUSEHOLDS",
        "title": "户数",
        "unit": "户",
        "year": 2024,
        "declared": 10,
        "confirmed": True,
        "computed": 10,
        "gap": 0,
    }
    told = {name: (row["declared"], row["confirmed"], row["computed"], row["gap"]) for name, row in rows.items()}
    income = round(62000 / persons, 2)
    assert told == {
        "HOUSEHOLDS": (10, True, 10, 0),
        "POPULATION": (persons + 3, False, persons, 3),
        "CONTRACT_MU": (None, None, 5, None),
        "CULTIVATED_MU": (20, None, 8.5, 11.5),
        "PER_CAPITA_INCOME": (2500, False, income, pytest.approx(2500 - income)),
    }
    before = await reconciled(client, asOf="2024-02-29")
    assert (before["CONTRACT_MU"]["computed"], before["PER_CAPITA_INCOME"]["computed"]) == (0, None)
    assert before["POPULATION"]["gap"] == 3
    long_ago = await reconciled(client, asOf="2023-12-31")
    assert {row["computed"] for row in long_ago.values()} == {0, None}
    assert {row["declared"] for row in long_ago.values()} == {None}


async def test_who_left_is_not_counted_from_that_day_on(archive: Archive) -> None:
    client = archive.as_("clerk")
    before = await reconciled(client)
    known = datetime.now(UTC)
    await say_of_sheet(archive, "household", household(1), "2025-05-01", closed_on="2025-05-01", closed_reason="MOVED")
    after = await reconciled(client)
    assert after["HOUSEHOLDS"]["computed"] == before["HOUSEHOLDS"]["computed"] - 1
    assert after["POPULATION"]["computed"] == before["POPULATION"]["computed"] - 5
    assert await reconciled(client, asOf="2025-04-30") == before
    assert await reconciled(client, asOf="2025-05-01") == after
    assert await reconciled(client, asOf="2025-05-01", knownAt=known.isoformat()) == before


async def test_households_count_where_they_lay_on_the_day(archive: Archive) -> None:
    await settle(archive, BESIDE, ("0100", "0101"))
    client = archive.as_("clerk")
    before = await reconciled(client, asOf=EVE)
    await carry_out(archive, "MERGE", [VILLAGE, BESIDE], {"code": NEW, "name": "示例合并村"})
    assert await reconciled(client, asOf=EVE) == before
    assert (await reconciled(client, asOf=MERGED_ON))["HOUSEHOLDS"]["computed"] == 0
    merged = {day: (await reconciled(client, code=NEW, asOf=day))["HOUSEHOLDS"]["computed"] for day in (EVE, MERGED_ON)}
    assert merged == {EVE: 0, MERGED_ON: before["HOUSEHOLDS"]["computed"] + 2}


@pytest.mark.parametrize("account", ["grid-worker", "resident", "officer"])
async def test_sums_are_for_who_reaches_the_whole_village(archive: Archive, account: str) -> None:
    status, problem = await archive.as_(account).read("villageReconciliation", {"code": VILLAGE}, MEASURE)
    assert (status, problem["code"]) == (403, "FORBIDDEN")
    part = json.dumps({"subject": "a", "areas": [GRID], "household": household(1)})
    async with archive.pool.acquire() as connection, connection.transaction():
        await connection.execute(SET_CALLER, part)
        assert await connection.fetch("SELECT * FROM village_reconciliation($1, NULL, NULL)", VILLAGE) == []


async def test_sums_are_of_a_village(archive: Archive) -> None:
    status, problem = await archive.as_("clerk").read("villageReconciliation", {"code": "339999100"}, MEASURE)
    assert (status, problem["rule"]) == (422, "area.kind")
