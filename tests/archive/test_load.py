"""What `load` brings, once."""

import csv
from pathlib import Path

from services.archive.app import HERE, load_data
from services.archive.config import Load
from tests.archive.conftest import KEYS, Archive


async def test_the_real_divisions_are_there_and_each_was_told_once(archive: Archive) -> None:
    counts = await archive.admin.fetch(
        "SELECT kind, count(*)::int AS n FROM area WHERE source LIKE 'National%' GROUP BY kind"
    )
    assert {row["kind"]: row["n"] for row in counts} == {
        "PROVINCE": 1,
        "PREFECTURE": 1,
        "COUNTY": 1,
        "TOWNSHIP": 19,
        "VILLAGE": 323,
    }
    told = [event["code"] for event in await archive.events("archive.area.published.v1")]
    assert len(told) == len(set(told)) == 345 + 5
    assert told.index("330881001001") < told.index("330881001") < told.index("330881")
    assert told[-1] == "33", "whoever copies areas knows by a province that all of it has arrived"


async def test_loading_again_tells_nothing_and_changes_nothing(archive: Archive) -> None:
    before = await archive.everything()
    done = await load_data(archive.pool, Load(database_url=archive.database.app_url, **KEYS), True)
    assert done == "archive: 350 areas, 0 of them new or changed; example village: 0 sheets opened"
    assert await archive.everything() == before


async def test_a_changed_area_is_told_again(archive: Archive) -> None:
    await archive.admin.execute("UPDATE area SET name = 'x' WHERE code = '330881001'")
    await load_data(archive.pool, Load(database_url=archive.database.app_url, **KEYS), False)
    told = await archive.events("archive.area.published.v1")
    assert told[-1] == {
        "code": "330881001",
        "name": "双塔街道",
        "kind": "TOWNSHIP",
        "validFrom": "2023-06-30",
        "validTo": None,
    }
    assert len(told) == 351


async def test_every_example_sheet_is_marked_and_whole(archive: Archive) -> None:
    rows = await archive.admin.fetch(
        """
        SELECT h.address, count(*)::int AS members, bool_and(p.name LIKE '示例%') AS marked, array_agg(DISTINCT h.area_code) AS grids
        FROM household h JOIN person p ON p.household_id = h.id GROUP BY h.id
        """
    )
    assert len(rows) >= 8
    assert all(row["marked"] and "示例" in row["address"] and 2 <= row["members"] <= 5 for row in rows)
    assert len({tuple(row["grids"]) for row in rows}) == 2
    workers = await archive.admin.fetch("SELECT subject, name FROM grid_worker ORDER BY 1")
    assert [row["subject"] for row in workers] == ["example-grid-worker", "example-grid-worker-2"]
    assert all(row["name"].startswith("示例") for row in workers)


def test_the_list_of_divisions_is_sorted_and_closed_under_parents() -> None:
    text = Path(HERE / "data" / "divisions.csv").read_text(encoding="utf-8")
    codes = [row["code"] for row in csv.DictReader(text.splitlines())]
    assert len(codes) == len(set(codes)) == 345
    assert all(code[:size] in codes for code in codes for size in (2, 4, 6, 9, 12) if len(code) > size)
