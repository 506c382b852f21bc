"""Changes of areas, over HTTP on a real database: the dry run, the change in one transaction, what holds afterwards, undoing it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.archive.app import load_data
from services.archive.config import Load
from tests.archive.commands.areas import (
    BESIDE,
    CHANGE,
    DAY,
    EVE,
    NEW,
    carry_out,
    decide,
    grid_on,
    plan,
    request,
    resolved,
    settle,
    undo,
)
from tests.archive.conftest import GRID, KEYS, OTHER_GRID, VILLAGE, Archive, household, key

MERGED = {"code": NEW, "name": "示例合并村"}


async def test_a_plan_shows_what_would_follow_and_changes_nothing(archive: Archive) -> None:
    there = await settle(archive, BESIDE, ("0001", "0002", "0100"))
    before = await archive.everything()
    change = await plan(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    after = await archive.everything()
    assert {name for name in after if after[name] != before[name]} == {"area_change", "client_key"}
    households, persons = [
        await archive.admin.fetchval(f"SELECT count(*) FROM {table}") for table in ("household", "person")
    ]
    assert (change["households"], change["persons"], change["gridWorkers"]) == (households, persons, 2)
    assert [(area["fate"], area["code"]) for area in change["areas"]] == [
        ("ENDED", VILLAGE),
        ("ENDED", BESIDE),
        ("ENDED", GRID),
        ("ENDED", OTHER_GRID),
        ("ENDED", f"{BESIDE}0001"),
        ("BEGUN", NEW),
        ("BEGUN", f"{NEW}0001"),
        ("BEGUN", f"{NEW}0002"),
        ("BEGUN", f"{NEW}0003"),
    ]
    assert {(move["predecessor"], move["successor"]) for move in change["moves"]} == {
        (VILLAGE, NEW),
        (BESIDE, NEW),
        (GRID, f"{NEW}0001"),
        (OTHER_GRID, f"{NEW}0002"),
        (f"{BESIDE}0001", f"{NEW}0003"),
    }
    assert change["renumbered"] == [
        {
            "gridCode": f"{NEW}0003",
            "formerNumber": number,
            "number": f"{number}-2",
            "household": {"key": str(there[number])},
        }
        for number in ("0001", "0002")
    ]


async def test_a_merge_takes_everything_along_and_rewrites_nothing(archive: Archive) -> None:
    there = await settle(archive, BESIDE, ("0001", "0100"))
    entries = await archive.admin.fetch("SELECT id, patch FROM sheet_entry ORDER BY id")
    await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    assert [await grid_on(archive, household(1), day) for day in (EVE, DAY, None)] == [GRID, f"{NEW}0001", f"{NEW}0001"]
    assert [await grid_on(archive, there["0100"], day) for day in (EVE, DAY)] == [f"{BESIDE}0001", f"{NEW}0003"]
    assert await archive.admin.fetchval("SELECT number FROM household WHERE id = $1", there["0001"]) == "0001-2"
    assert (
        await archive.admin.fetch(
            "SELECT id, patch FROM sheet_entry WHERE id = ANY($1) ORDER BY id", [row[0] for row in entries]
        )
        == entries
    )
    ends = await archive.admin.fetch("SELECT code, valid_to FROM area WHERE valid_to IS NOT NULL ORDER BY 1")
    assert [tuple(row) for row in ends] == [
        (code, date(2026, 2, 28)) for code in (VILLAGE, GRID, OTHER_GRID, BESIDE, f"{BESIDE}0001")
    ]
    admin = archive.as_("admin")
    _, found = await admin.read(
        "households",
        {"area": NEW, "search": "示例甲一"},
        [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]],
    )
    assert found == {"edges": [{"node": {"key": household(1)}}]}
    _, area = await admin.read(
        "area",
        {"code": NEW},
        [
            ["children", "children", None, [["code", "code"]]],
            ["predecessors", "predecessors", None, [["code", "code"]]],
            ["gridWorkers", "gridWorkers", None, [["name", "name"]]],
        ],
    )
    assert [child["code"] for child in area["children"]] == [f"{NEW}0001", f"{NEW}0002", f"{NEW}0003"]
    assert [former["code"] for former in area["predecessors"]] == [VILLAGE, BESIDE]
    assert [worker["name"] for worker in area["gridWorkers"]] == ["示例网格员", "示例网格员乙"]
    _, villages = await admin.read("areas", {"parent": "339999100"}, [["code", "code"]])
    assert villages == [{"code": NEW}]
    _, villages = await admin.read("areas", {"parent": "339999100", "asOf": EVE}, [["code", "code"]])
    assert villages == [{"code": VILLAGE}, {"code": BESIDE}]


async def test_what_is_read_every_day_is_what_the_entries_say(archive: Archive) -> None:
    await settle(archive, BESIDE, ("0001", "0100"))
    change = await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    sound = """
        SELECT count(*) FROM household h JOIN household_as_of(h.id, NULL, NULL) f USING (id)
        WHERE (h.area_code, h.number, h.sources) = (f.area_code, f.number, f.sources)
            AND NOT EXISTS (SELECT FROM household_term t WHERE t.household_id = h.id AND t.area_code <> h.area_code)
            AND NOT EXISTS (SELECT FROM person p WHERE p.household_id = h.id AND p.area_code <> h.area_code)
            AND NOT EXISTS (SELECT FROM sheet_entry e WHERE e.household_id = h.id AND e.area_code <> h.area_code)
    """
    count = await archive.admin.fetchval("SELECT count(*) FROM household")
    assert await archive.admin.fetchval(sound) == count
    assert (await undo(archive, change))[0] == 200
    assert await archive.admin.fetchval(sound) == count


async def test_codes_resolve_on_any_day(archive: Archive) -> None:
    await settle(archive, BESIDE, ("0100",))
    await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    moved = "339999100001"
    await carry_out(archive, "MOVE", [NEW], {"code": moved}, changedOn="2026-04-01")
    assert await resolved(archive, VILLAGE, "2025-01-01") == [VILLAGE]
    assert await resolved(archive, VILLAGE, "2026-03-15") == [NEW]
    assert await resolved(archive, VILLAGE, "2026-05-01") == [moved]
    assert await resolved(archive, moved, "2026-03-15") == [NEW]
    assert await resolved(archive, moved, EVE) == [VILLAGE, BESIDE]
    assert await resolved(archive, f"{moved}0003", EVE) == [f"{BESIDE}0001"]
    assert await resolved(archive, moved, "2020-01-01") == []
    status, problem = await archive.as_("cadre").read(
        "areasOn", {"code": "330881999999", "on": DAY}, [["code", "code"]]
    )
    assert (status, problem["code"], problem["field"]) == (422, "UNKNOWN_AREA", "code")


async def test_a_village_that_absorbs_another_goes_on_and_keeps_its_numbers(archive: Archive) -> None:
    there = await settle(archive, BESIDE, ("0001",), ("0200",))
    change = await carry_out(archive, "MERGE", [BESIDE, VILLAGE], {"code": VILLAGE, "name": "示例大村"})
    assert [(area["fate"], area["code"], area["formerName"]) for area in change["areas"]] == [
        ("ENDED", BESIDE, None),
        ("ENDED", f"{BESIDE}0001", None),
        ("ENDED", f"{BESIDE}0002", None),
        ("BEGUN", f"{VILLAGE}0003", None),
        ("BEGUN", f"{VILLAGE}0004", None),
        ("RENAMED", VILLAGE, "示例村(example)"),
    ]
    assert [(row["household"]["key"], row["number"]) for row in change["renumbered"]] == [
        (str(there["0001"]), "0001-2")
    ]
    assert await grid_on(archive, household(1)) == GRID
    assert await grid_on(archive, there["0200"]) == f"{VILLAGE}0004"
    assert await resolved(archive, BESIDE, DAY) == [VILLAGE]


async def test_a_village_is_split_by_grids(archive: Archive) -> None:
    change = await carry_out(
        archive, "SPLIT", [VILLAGE], {"code": VILLAGE}, {"code": NEW, "name": "示例新村", "grids": [OTHER_GRID]}
    )
    assert [(area["fate"], area["code"]) for area in change["areas"]] == [
        ("ENDED", OTHER_GRID),
        ("BEGUN", NEW),
        ("BEGUN", f"{NEW}0002"),
        ("KEPT", VILLAGE),
    ]
    assert await grid_on(archive, household(1)) == GRID
    assert await resolved(archive, OTHER_GRID, DAY) == [f"{NEW}0002"]
    assert await resolved(archive, NEW, EVE) == [VILLAGE]


async def test_a_grid_is_split_by_households(archive: Archive) -> None:
    change = await carry_out(
        archive, "SPLIT", [GRID], {"name": "示例新网格", "households": [household(1)]}, {"code": GRID}
    )
    assert change["households"] == 1
    assert change["renumbered"] == []
    assert await grid_on(archive, household(1)) == f"{VILLAGE}0003"
    assert await grid_on(archive, household(2)) == GRID
    workers = await archive.admin.fetch("SELECT subject FROM grid_worker WHERE grid_code = $1", f"{VILLAGE}0003")
    assert [row["subject"] for row in workers] == ["example-grid-worker"]


async def test_a_name_holds_from_its_day_on(archive: Archive) -> None:
    await carry_out(archive, "RENAME", [VILLAGE], {"name": "示例新名村"})
    admin = archive.as_("admin")
    select = [["name", "name"], ["names", "names", None, [["name", "name"], ["validFrom", "validFrom"]]]]
    _, area = await admin.read("area", {"code": VILLAGE}, select)
    assert area == {
        "name": "示例新名村",
        "names": [{"name": "示例村(example)", "validFrom": "2024-01-01"}, {"name": "示例新名村", "validFrom": DAY}],
    }
    _, area = await admin.read("area", {"code": VILLAGE, "asOf": EVE}, [["name", "name"]])
    assert area == {"name": "示例村(example)"}
    sheet = [["area", "area", None, [["name", "name"]]]]
    assert (await admin.read("household", {"id": household(1), "asOf": EVE}, sheet))[1] == {
        "area": {"name": "示例村(example)"}
    }
    assert (await admin.read("household", {"id": household(1), "asOf": DAY}, sheet))[1] == {
        "area": {"name": "示例新名村"}
    }


async def test_a_list_of_divisions_does_not_take_a_change_back(archive: Archive) -> None:
    await carry_out(archive, "RENAME", ["330881001"], {"name": "示例街道"})
    await carry_out(archive, "MERGE", ["330881001001", "330881001002"], {"code": "330881001001"})
    done = await load_data(archive.pool, Load(database_url=archive.database.app_url, **KEYS), False)
    assert done == "archive: 345 areas, 0 of them new or changed"


async def test_facts_that_were_told_for_a_later_day_follow(archive: Archive) -> None:
    """A household that changed its grid after the day, or was opened after it, lies in a valid area on each day."""
    there = await settle(archive, BESIDE, ("0100",), ("0200",), opened=date(2026, 4, 1))
    given = {"clientKey": key(), "id": household(1), "version": 1, "gridCode": OTHER_GRID}
    assert (await archive.as_("admin").command("reviseHousehold", given, [["key", "key"]]))[0] == 200
    today = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    assert [await grid_on(archive, household(1), day) for day in (EVE, DAY, today)] == [
        GRID,
        f"{NEW}0001",
        f"{NEW}0002",
    ]
    assert await grid_on(archive, there["0100"], "2026-04-01") == f"{NEW}0003"
    assert (await archive.as_("admin").read("household", {"id": str(there["0100"]), "asOf": DAY}, [["key", "key"]]))[
        0
    ] == 404


async def test_undone_it_has_never_been_and_stays_on_record(archive: Archive) -> None:
    there = await settle(archive, BESIDE, ("0001",))
    change = await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    known = datetime.now(UTC).isoformat()
    status, undone = await undo(archive, change)
    assert (status, undone["state"]) == (200, "UNDONE")
    for day in (EVE, DAY, None):
        assert await grid_on(archive, household(1), day) == GRID
        assert await grid_on(archive, there["0001"], day) == f"{BESIDE}0001"
    assert await archive.admin.fetchval("SELECT number FROM household WHERE id = $1", there["0001"]) == "0001"
    sheet = [["grid", "grid", None, [["code", "code"]]]]
    _, believed = await archive.as_("admin").read(
        "household", {"id": household(1), "asOf": DAY, "knownAt": known}, sheet
    )
    assert believed == {"grid": {"code": f"{NEW}0001"}}
    assert await resolved(archive, VILLAGE, DAY) == [VILLAGE]
    assert await resolved(archive, NEW, DAY) == []
    workers = await archive.admin.fetch("SELECT grid_code FROM grid_worker ORDER BY 1")
    assert [row["grid_code"] for row in workers] == [GRID, OTHER_GRID]
    again = await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    assert again["areas"] == change["areas"]
    assert await grid_on(archive, household(1)) == f"{NEW}0001"


async def test_an_undone_name_is_none(archive: Archive) -> None:
    change = await carry_out(archive, "RENAME", [VILLAGE], {"name": "示例新名村"})
    assert (await undo(archive, change))[0] == 200
    _, area = await archive.as_("admin").read("area", {"code": VILLAGE}, [["name", "name"]])
    assert area == {"name": "示例村(example)"}


async def test_each_area_is_told_and_then_the_change(archive: Archive) -> None:
    await settle(archive, BESIDE, ())
    start = await archive.admin.fetchval("SELECT max(recorded) FROM outbox")
    change = await carry_out(archive, "MERGE", [VILLAGE, BESIDE], MERGED)
    types = await archive.admin.fetch(
        "SELECT type, subject, routing_key FROM outbox WHERE recorded > $1 ORDER BY recorded", start
    )
    assert [row["type"] for row in types] == ["archive.area.published.v1"] * 9 + ["archive.area.changed.v1"]
    assert (types[-1]["subject"], types[-1]["routing_key"]) == (change["key"], "archive.area.changed.-.339999.100.-.-")
    told = {
        event["code"]: (event["validFrom"], event["validTo"])
        for event in await archive.events("archive.area.published.v1")
    }
    assert (told[VILLAGE], told[NEW]) == (("2024-01-01", EVE), (DAY, None))
    (event,) = await archive.events("archive.area.changed.v1")
    assert event == {
        "change": change["key"],
        "kind": "MERGE",
        "undone": False,
        "ended": [VILLAGE, BESIDE, GRID, OTHER_GRID, f"{BESIDE}0001"],
        "begun": [NEW, f"{NEW}0001", f"{NEW}0002", f"{NEW}0003"],
        "renamed": [],
        "changedOn": DAY,
    }
    await undo(archive, change)
    undone = (await archive.events("archive.area.changed.v1"))[-1]
    assert (undone["undone"], undone["begun"], undone["ended"]) == (True, event["ended"], event["begun"])
    told = {
        event["code"]: (event["validFrom"], event["validTo"])
        for event in await archive.events("archive.area.published.v1")
    }
    assert (told[VILLAGE], told[NEW]) == (("2024-01-01", None), (DAY, EVE))


async def revise(archive: Archive) -> None:
    version = await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(1))
    given = {"clientKey": key(), "id": household(1), "version": version, "house": "示例"}
    assert (await archive.as_("admin").command("reviseHousehold", given, [["key", "key"]]))[0] == 200


async def open_another(archive: Archive) -> None:
    await archive.admin.execute(
        "INSERT INTO person (id, area_code, name, sex) VALUES (gen_random_uuid(), $1, '示例', '0')", f"{NEW}0001"
    )


async def add_worker(archive: Archive) -> None:
    await archive.admin.execute("INSERT INTO grid_worker VALUES ($1, 'example-3', '示例')", f"{NEW}0001")


async def rename_again(archive: Archive) -> None:
    await carry_out(archive, "RENAME", [NEW], {"name": "示例又名村"}, changedOn="2026-04-01")


async def add_area(archive: Archive) -> None:
    await archive.admin.execute(
        "INSERT INTO area (code, name, parent, code_scheme, source, valid_from) VALUES ($1, '示例', $2, 'village-serial', '', $3)",
        f"{NEW}0099",
        NEW,
        date(2026, 4, 1),
    )


@pytest.mark.parametrize(
    ("then", "rule"),
    [
        (revise, "undo.sheets"),
        (open_another, "undo.persons"),
        (add_worker, "undo.grid_workers"),
        (rename_again, "undo.later_change"),
        (add_area, "undo.areas"),
    ],
)
async def test_what_something_has_come_of_is_not_undone(archive: Archive, then: Any, rule: str) -> None:
    change = await carry_out(archive, "MOVE", [VILLAGE], MERGED)
    await then(archive)
    before = await archive.everything()
    status, problem = await undo(archive, change)
    assert (status, problem["code"], problem["rule"]) == (409, "CONFLICT", rule)
    assert await archive.everything() == before


async def test_what_was_not_planned_is_not_carried_out(archive: Archive) -> None:
    change = await plan(archive, "MOVE", [VILLAGE], MERGED)
    await settle(archive, VILLAGE, ("0900",))
    status, problem = await decide(archive, "carryOutAreaChange", change)
    assert (status, problem["code"], problem["rule"]) == (409, "CONFLICT", "impact.changed")


async def test_a_change_is_decided_once_and_in_its_order(archive: Archive) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    change = await plan(archive, "MOVE", [VILLAGE], MERGED, changedOn=ahead)
    assert (await decide(archive, "carryOutAreaChange", change))[1]["rule"] == "changed_on.future"
    assert (await undo(archive, change))[1]["allowed"] == ["carryOutAreaChange"]
    change = await carry_out(archive, "MOVE", [VILLAGE], MERGED)
    assert (await decide(archive, "carryOutAreaChange", change))[1]["code"] == "ILLEGAL_TRANSITION"
    assert (await undo(archive, change | {"version": 1}))[1]["current"] == 2
    assert (await undo(archive, change))[0] == 200
    status, problem = await undo(archive, change | {"version": 3})
    assert (status, problem["from"], problem["allowed"]) == (409, "UNDONE", [])


@pytest.mark.parametrize(
    ("kind", "former", "to", "field", "rule"),
    [
        ("MERGE", [VILLAGE], [MERGED], "from", "change.from"),
        ("MERGE", [VILLAGE, GRID], [MERGED], "from[1]", "area.kind"),
        ("MERGE", [VILLAGE, VILLAGE], [MERGED], "from[1]", "unique"),
        ("MERGE", [VILLAGE, "339999100777"], [MERGED], "from[1]", "known.area"),
        ("MERGE", [VILLAGE, "330881001001"], [MERGED], "to", "change.one_county"),
        ("MERGE", [], [MERGED], "from", "required"),
        ("MERGE", [GRID, OTHER_GRID], [], "to", "required"),
        ("MERGE", [GRID, OTHER_GRID], [{}], "to[0].name", "required"),
        ("MERGE", [GRID, OTHER_GRID], [{"code": f"{VILLAGE}1"}], "to[0].code", "area.kind"),
        ("MOVE", [VILLAGE], [{"code": "330881001001"}], "to", "change.one_county"),
        ("MOVE", [VILLAGE], [{"code": VILLAGE}], "to[0].code", "code.unused"),
        ("MOVE", [VILLAGE], [{"code": "339999101200"}], "to[0].code", "area.above"),
        ("MOVE", [VILLAGE], [{"code": "339999100000"}], "to[0].code", "area.kind"),
        ("MOVE", [VILLAGE], [{"code": "33999910020x"}], "to[0].code", "code.digits"),
        ("MOVE", [VILLAGE], [{}], "to[0].code", "required"),
        ("MOVE", [VILLAGE], [MERGED, MERGED], "to", "change.to"),
        ("MOVE", [VILLAGE], [MERGED | {"grids": [GRID]}], "to[0]", "change.parts"),
        ("SPLIT", [VILLAGE], [MERGED, {"code": VILLAGE}], "to[1].grids", "split.rest"),
        ("SPLIT", [VILLAGE], [MERGED | {"grids": [GRID, OTHER_GRID]}, {"code": VILLAGE}], "to[1].grids", "split.empty"),
        ("SPLIT", [VILLAGE], [MERGED | {"grids": [GRID]}, {"code": VILLAGE, "grids": []}], "to", "split.whole"),
        ("SPLIT", [VILLAGE], [MERGED | {"grids": [GRID]}, {"code": VILLAGE, "grids": [GRID]}], "to[1].grids", "unique"),
        ("SPLIT", [VILLAGE], [MERGED | {"grids": [NEW]}, {"code": VILLAGE}], "to[0].grids", "split.known"),
        ("SPLIT", [VILLAGE], [MERGED | {"plots": ["1"]}, {"code": VILLAGE, "grids": [GRID]}], "to[0].plots", "split.known"),
        ("SPLIT", [GRID], [{"name": "示例", "households": [household(5)]}, {"code": GRID}], "to[0].households", "split.known"),
        ("SPLIT", [GRID], [{"code": GRID}, {"code": GRID}], "to[1].code", "unique"),
        ("RENAME", [VILLAGE], [{"name": "示例村(example)"}], "to[0].name", "name.changed"),
        ("RENAME", [VILLAGE], [{"name": "a\nb"}], "to[0].name", "characters"),
        ("RENAME", [VILLAGE], [MERGED], "to[0].code", "change.code"),
    ],
)  # fmt: skip
async def test_a_request_that_makes_no_sense_is_refused(
    archive: Archive, kind: str, former: list[str], to: list[Any], *, field: str, rule: str
) -> None:
    before = await archive.everything()
    _, problem = await archive.as_("admin").command("planAreaChange", request(kind, former, *to), CHANGE)
    assert (problem.get("field"), problem.get("rule")) == (field, rule), problem
    assert await archive.everything() == before


@pytest.mark.parametrize(
    ("day", "rule"), [("2024-01-01", "changed_on.after_begin"), ("2023-01-01", "changed_on.after_begin")]
)
async def test_an_area_is_valid_for_a_day_at_least(archive: Archive, day: str, rule: str) -> None:
    _, problem = await archive.as_("admin").command(
        "planAreaChange", request("RENAME", [VILLAGE], {"name": "x"}, changedOn=day), CHANGE
    )
    assert (problem["field"], problem["rule"]) == ("changedOn", rule)


async def test_changes_follow_one_another_in_time(archive: Archive) -> None:
    await carry_out(archive, "RENAME", [VILLAGE], {"name": "示例新名村"})
    _, problem = await archive.as_("admin").command(
        "planAreaChange", request("RENAME", [VILLAGE], {"name": "x"}), CHANGE
    )
    assert (problem["field"], problem["rule"]) == ("changedOn", "changed_on.order")


@pytest.mark.parametrize("account", ["resident", "grid-worker", "cadre", "clerk", "officer", "auditor"])
async def test_only_the_citys_admin_changes_areas(archive: Archive, account: str) -> None:
    _, problem = await archive.as_(account).command(
        "planAreaChange", request("RENAME", [VILLAGE], {"name": "x"}), CHANGE
    )
    assert problem["code"] == "FORBIDDEN"


async def test_an_admin_changes_areas_of_theirs(archive: Archive) -> None:
    change = await plan(archive, "MOVE", [VILLAGE], MERGED)
    other = archive.with_(roles=["city_admin"], areas=["330881"])
    _, problem = await other.command("planAreaChange", request("RENAME", [VILLAGE], {"name": "x"}), CHANGE)
    assert problem["code"] == "NOT_FOUND"
    _, problem = await other.command(
        "carryOutAreaChange", {"clientKey": key(), "id": change["key"], "version": 1}, CHANGE
    )
    assert problem["code"] == "NOT_FOUND"
    assert (await other.read("areaChange", {"id": change["key"]}, [["key", "key"]]))[0] == 404
    page = [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]]
    assert (await other.read("areaChanges", {}, page))[1] == {"edges": []}
    seen = await archive.as_("admin").read("areaChanges", {"area": VILLAGE}, page)
    assert seen[1] == {"edges": [{"node": {"key": change["key"]}}]}


async def test_nobody_moves_into_an_area_that_has_ended(archive: Archive) -> None:
    await settle(archive, BESIDE, ("0100",), ())
    await carry_out(archive, "MERGE", [f"{BESIDE}0001", f"{BESIDE}0002"], {"code": f"{BESIDE}0001"})
    version = await archive.admin.fetchval("SELECT version FROM household WHERE number = '0100'")
    key_of = await archive.admin.fetchval("SELECT id::text FROM household WHERE number = '0100'")
    given = {"clientKey": key(), "id": key_of, "version": version, "gridCode": f"{BESIDE}0002"}
    _, problem = await archive.as_("admin").command("reviseHousehold", given, [["key", "key"]])
    assert (problem["code"], problem["field"], problem["rule"]) == ("INVALID_INPUT", "gridCode", "area.ended")
    with pytest.raises(Exception, match="not valid"):
        await archive.admin.execute("UPDATE household SET area_code = $1 WHERE number = '0100'", f"{BESIDE}0002")


PLOT = """
INSERT INTO plot (id, code, household_id, area_code, name, category, contract_mu, east, south, west, north, shape)
VALUES ($1, $2, $3, $4, '示例', '10', 1, '东', '南', '西', '北', ST_GeomFromText('POLYGON((118 28, 118.001 28, 118 28.001, 118 28))', 4490))
"""
ENTRY = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
VALUES ('plot', $1, $2, $3, '2024-01-01', 'DECLARED', '2024-01-01', '{"code": "1"}', '2024-01-01', 'example')
"""


async def test_plots_go_along_and_the_villages_own_as_they_are_named(archive: Archive) -> None:
    plots = {n: uuid4() for n in range(3)}
    for n, (holder, area) in enumerate(((household(6), OTHER_GRID), (None, VILLAGE), (None, VILLAGE))):
        await archive.admin.execute(PLOT, plots[n], f"{VILLAGE}01{n:05d}", holder, area)
        await archive.admin.execute(ENTRY, plots[n], holder, area)
    new = {"code": NEW, "name": "示例新村", "grids": [OTHER_GRID], "plots": [f"{VILLAGE}0100002"]}

    async def lie() -> list[str]:
        rows = await archive.admin.fetch(
            "SELECT l.area_code, e.area_code AS entry FROM plot l JOIN sheet_entry e ON e.key = l.id ORDER BY l.code"
        )
        assert all(row["area_code"] == row["entry"] for row in rows)
        return [row["area_code"] for row in rows]

    change = await carry_out(archive, "SPLIT", [VILLAGE], {"code": VILLAGE}, new)
    assert change["plots"] == 2
    assert await lie() == [f"{NEW}0002", VILLAGE, NEW]
    assert (await undo(archive, change))[0] == 200
    assert await lie() == [OTHER_GRID, VILLAGE, VILLAGE]


async def test_all_that_belongs_to_a_household_goes_along(archive: Archive) -> None:
    """Whatever table holds a household's rows by area follows the household, or is moved; the audit log tells of then."""
    rows = await archive.admin.fetch(
        """
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND 2 = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('area_code', 'household_id'))
            AND NOT EXISTS (SELECT FROM pg_constraint k
                WHERE k.conrelid = c.oid AND k.confrelid = 'household'::regclass AND k.confupdtype = 'c') ORDER BY 1
        """
    )
    assert [row["relname"] for row in rows] == ["audit", "household_term"]
