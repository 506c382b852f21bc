"""Deeds on plots over HTTP: what they write, what they refuse, and that a plot's history can be read on every sheet that held it."""

from datetime import UTC, datetime
from typing import Any

from services.chassis.clock import SystemClock, today
from tests.archive.conftest import VILLAGE, Archive, household, person
from tests.archive.plots import command, facts, record, square

SHEET = [["plots", "plots", None, [["code", "code"], ["contractMu", "contractMu"]]], ["version", "version"]]
HELD = [["household", "household", None, [["number", "number"]]], ["contractMu", "contractMu"]]
SPANS = [
    [
        *("holdings", "holdings", None),
        [["since", "since"], ["until", "until"], ["household", "household", None, [["number", "number"]]]],
    ]
]


async def sheet(archive: Archive, number: int, **when: str) -> list[str]:
    """The last digits of the codes of the plots on an example sheet."""
    status, answer = await archive.as_("cadre").read("household", {"id": household(number), **when}, SHEET)
    assert status == 200, answer
    return [plot["code"][-1] for plot in answer["plots"]]


async def plot(archive: Archive, key: str, **when: str) -> Any:
    return (await archive.as_("cadre").read("plot", {"id": key, **when}, HELD))[1]


async def test_a_plot_is_put_on_record(archive: Archive) -> None:
    before = datetime.now(UTC).isoformat()
    made = await record(archive, 1, effectiveOn="2025-03-01", shape=square(0, 0), witness="示例丙一")
    assert (made["version"], made["code"]) == (1, f"{VILLAGE}0100001")
    assert await sheet(archive, 1) == ["1"]
    assert await sheet(archive, 1, asOf="2025-02-28") == []
    assert await sheet(archive, 1, asOf="2025-03-01") == ["1"]
    assert await sheet(archive, 1, asOf="2025-03-01", knownAt=before) == []
    recorded = await archive.events("archive.plot.recorded.v1")
    assert recorded == [{"plot": made["key"], "household": household(1), "area": "3399991002000001"}]
    assert (await archive.events("archive.household.revised.v1"))[0]["changed"] == ["plots"]
    status, read = await archive.as_("cadre").read(
        "plot",
        {"id": made["key"]},
        [[name, name] for name in ("computedMu", "computedDifferenceMu", "measuredMu", "shape")],
    )
    assert status == 200
    assert read["shape"] == square(0, 0)
    # 29.3 m by 33.25 m on the ellipsoid at 28.7° north
    assert (read["computedMu"], read["computedDifferenceMu"], read["measuredMu"]) == (1.46, -0.04, None)


async def test_a_revision_holds_from_its_day_on(archive: Archive) -> None:
    made = await record(archive, 1, effectiveOn="2025-01-01")
    status, after = await command(
        archive, "revisePlot", id=made["key"], version=1, contractMu=1.8, effectiveOn="2025-07-01", reason="重新丈量"
    )
    assert (status, after["version"]) == (200, 2)
    assert (await plot(archive, made["key"], asOf="2025-06-30"))["contractMu"] == 1.5
    assert (await plot(archive, made["key"]))["contractMu"] == 1.8
    assert [event["changed"] for event in await archive.events("archive.plot.revised.v1")] == [["contractMu"]]
    before = await archive.everything()
    status, same = await command(archive, "revisePlot", id=made["key"], version=2, contractMu=1.8)
    assert (status, same["version"]) == (200, 2)
    after_all = await archive.everything()
    assert {name for name in before if before[name] != after_all[name]} <= {"client_key"}
    status, problem = await command(archive, "revisePlot", id=made["key"], version=1, contractMu=1.9)
    assert (status, problem["code"], problem["current"]) == (409, "STALE_VERSION", 2)


async def test_a_plot_goes_and_its_history_stays_on_both_sheets(archive: Archive) -> None:
    made = await record(archive, 1, effectiveOn="2025-01-01", witness="示例丙一")
    status, moved = await command(
        archive,
        "transferPlot",
        id=made["key"],
        version=1,
        householdId=household(5),
        effectiveOn="2025-06-01",
        reason="流转",
    )
    assert status == 200, moved
    assert moved["id"] == made["id"]
    assert (await sheet(archive, 1), await sheet(archive, 5)) == ([], ["1"])
    assert (await sheet(archive, 1, asOf="2025-05-31"), await sheet(archive, 5, asOf="2025-05-31")) == (["1"], [])
    assert (await plot(archive, made["key"], asOf="2025-05-31"))["household"] == {"number": "0001"}
    assert (await plot(archive, made["key"]))["household"] == {"number": "0005"}
    assert (await archive.as_("cadre").read("plot", {"id": made["key"]}, SPANS))[1]["holdings"] == [
        {"since": "2025-01-01", "until": "2025-05-31", "household": {"number": "0001"}},
        {"since": "2025-06-01", "until": None, "household": {"number": "0005"}},
    ]
    assert await archive.events("archive.plot.transferred.v1") == [
        {
            "plot": made["key"],
            "fromHousehold": household(1),
            "household": household(5),
            "area": "3399991002000002",
        }
    ]


async def test_what_comes_back_is_what_it_has_become(archive: Archive) -> None:
    made = await record(archive, 1, effectiveOn="2025-01-01", witness="示例丙一", measuredMu=1.4)
    for version, holder, day in ((1, 2, "2025-02-01"), (4, 1, "2025-04-01")):
        if holder == 1:
            status, _ = await command(
                archive, "revisePlot", id=made["key"], version=3, witness="", effectiveOn="2025-03-01"
            )
            assert status == 200
        status, moved = await command(
            archive, "transferPlot", id=made["key"], version=version, householdId=household(holder), effectiveOn=day
        )
        assert status == 200, moved
    row = await archive.admin.fetchrow("SELECT household_id::text, witness, measured_mu::float8 FROM plot")
    assert tuple(row or ()) == (household(1), None, 1.4)


async def test_two_plots_are_exchanged(archive: Archive) -> None:
    one = await record(archive, 1, contractMu=1.5)
    other = await record(archive, 2, holder=5, contractMu=0.7)
    total = "SELECT sum(contract_mu)::float8, count(*) FROM plot"
    before = await archive.admin.fetchrow(total)
    status, moved = await command(
        archive, "transferPlot", id=one["key"], version=1, householdId=household(5), exchangeForId=other["key"]
    )
    assert status == 200, moved
    assert (await sheet(archive, 1), await sheet(archive, 5)) == (["2"], ["1"])
    assert await archive.admin.fetchrow(total) == before
    assert len(await archive.events("archive.plot.transferred.v1")) == 2


async def test_a_village_holds_plots_of_its_own(archive: Archive) -> None:
    made = await record(archive, 1, holder=None, category="99", effectiveOn="2025-01-01", shape=square(0, 0))
    assert (await plot(archive, made["key"]))["household"] is None
    status, _ = await command(archive, "revisePlot", id=made["key"], version=1, contractMu=2, effectiveOn="2025-02-01")
    assert status == 200
    status, moved = await command(
        archive, "transferPlot", id=made["key"], version=2, householdId=household(1), effectiveOn="2025-03-01"
    )
    assert status == 200, moved
    status, back = await command(
        archive, "transferPlot", id=made["key"], version=4, villageCode=VILLAGE, effectiveOn="2025-05-01"
    )
    assert status == 200, back
    assert (await plot(archive, made["key"]))["household"] is None
    assert (await plot(archive, made["key"], asOf="2025-01-31"))["contractMu"] == 1.5
    assert (await plot(archive, made["key"], asOf="2025-04-01"))["household"] == {"number": "0001"}
    assert (await plot(archive, made["key"], asOf="2025-04-01"))["contractMu"] == 2
    assert await sheet(archive, 1, asOf="2025-04-01") == ["1"]
    other = await record(archive, 2, holder=3)
    status, moved = await command(
        archive, "transferPlot", id=made["key"], version=6, householdId=household(3), exchangeForId=other["key"]
    )
    assert status == 200, moved
    assert await sheet(archive, 3) == ["1"]
    assert (await plot(archive, other["key"]))["household"] is None


async def test_a_plot_is_taken_off_the_record(archive: Archive) -> None:
    made = await record(archive, 1, effectiveOn="2025-01-01", shape=square(0, 0))
    status, removed = await command(archive, "removePlot", id=made["key"], version=1, effectiveOn="2025-06-01")
    assert (status, removed["id"]) == (200, made["id"])
    assert await sheet(archive, 1) == []
    assert await sheet(archive, 1, asOf="2025-05-31") == ["1"]
    assert (await archive.as_("cadre").read("plot", {"id": made["key"]}, HELD))[0] == 404
    assert await archive.admin.fetchval("SELECT hull IS NULL FROM area_shape WHERE area_code = '3399991002000001'")


async def test_a_dispute_holds_a_plot_where_it_is(archive: Archive) -> None:
    made = await record(archive, 1)
    mediator = archive.with_(roles=["mediator"], areas=[VILLAGE])
    given = {"id": made["key"], "reason": "东边田埂归属不清"}
    status, after = await mediator.command(
        "disputePlot", {**given, "clientKey": facts(1)["clientKey"], "version": 1}, [["disputed", "disputed"]]
    )
    assert (status, after) == (200, {"disputed": True})
    for name, more in (
        ("removePlot", {}),
        ("transferPlot", {"householdId": household(2)}),
        ("disputePlot", {"reason": "又"}),
    ):
        status, problem = await command(archive, name, id=made["key"], version=2, **more)
        assert (status, problem["field"]) == (422, "id"), problem
    parts = {"members": [{"id": person(3), "relation": "02"}], "plotIds": [made["key"]]}
    new = {"number": "0101", "address": "示例", "version": 3, "effectiveOn": str(today(SystemClock()))}
    status, problem = await command(archive, "splitHousehold", id=household(1), **parts, **new)
    assert (status, problem["field"], problem["rule"]) == (422, "plotIds", "plot.disputed")
    status, after = await command(archive, "settlePlot", version=2, **given)
    assert status == 200, after
    assert (await command(archive, "removePlot", id=made["key"], version=3))[0] == 200
    assert [len(await archive.events(f"archive.plot.{deed}.v1")) for deed in ("disputed", "settled", "removed")] == [
        1,
        1,
        1,
    ]


BOW = [[118.6, 28.7], [118.601, 28.701], [118.601, 28.7], [118.6, 28.701], [118.6, 28.7]]
FLAT = [[118.6, 28.7], [118.601, 28.7], [118.6005, 28.7], [118.6, 28.7]]
OUTSIDE_HOLE = [square(0, 0)["coordinates"][0], square(5, 5)["coordinates"][0]]


REFUSED: list[tuple[dict[str, Any], str, str | None, str | None]] = [
    ({"shape": {"type": "Polygon", "coordinates": [BOW]}}, "INVALID_INPUT", "shape", "shape.valid"),
    ({"shape": {"type": "Polygon", "coordinates": [FLAT]}}, "INVALID_INPUT", "shape", "shape.valid"),
    ({"shape": {"type": "Polygon", "coordinates": OUTSIDE_HOLE}}, "INVALID_INPUT", "shape", "shape.valid"),
    ({"shape": {"type": "Point", "coordinates": [118.6, 28.7]}}, "INVALID_INPUT", "shape.type", "shape.type"),
    ({"shape": []}, "INVALID_INPUT", "shape", "form"),
    ({"code": "3399991002010100001"}, "INVALID_INPUT", "code", "plot_code.village"),
    ({"code": "33999910020001"}, "INVALID_INPUT", "code", "plot_code.form"),
    ({"category": "12"}, "INVALID_INPUT", "category", "plot.category"),
    ({"contractMu": 1.555}, "INVALID_INPUT", "contractMu", "mu.decimals"),
    ({"contractMu": -1}, "INVALID_INPUT", "contractMu", "mu.range"),
    ({"east": ""}, "INVALID_INPUT", "east", "required"),
    ({"effectiveOn": "2999-01-01"}, "INVALID_INPUT", "effectiveOn", "day.future"),
    ({"verifiedOn": "2999-01-01"}, "INVALID_INPUT", "verifiedOn", "day.future"),
    ({"effectiveOn": "1999-01-01"}, "INVALID_INPUT", "effectiveOn", "day.household"),
    ({"villageCode": VILLAGE}, "INVALID_INPUT", "householdId", "plot.holder"),
    ({"householdId": household(4711)}, "NOT_FOUND", None, None),
]


async def test_what_is_refused(archive: Archive) -> None:
    before = await archive.everything()
    for more, code, field, rule in REFUSED:
        given = facts(1, householdId=household(1)) | more
        _, problem = await archive.as_("cadre").command("recordPlot", given, [["id", "id"]])
        assert (problem["code"], problem.get("field"), problem.get("rule")) == (code, field, rule), problem
        assert "118" not in problem["detail"]
    assert await archive.everything() == before


async def test_a_code_is_one_plots(archive: Archive) -> None:
    await record(archive, 1)
    common = await record(archive, 2, holder=None)
    for given in ({"householdId": household(2)}, {"villageCode": VILLAGE}):
        status, problem = await archive.as_("cadre").command("recordPlot", facts(1, **given), [["id", "id"]])
        assert (status, problem["rule"]) == (409, "plot_code.unique")
    status, problem = await command(archive, "revisePlot", id=common["key"], version=1, code=f"{VILLAGE}0100001")
    assert (status, problem["rule"]) == (409, "plot_code.unique")


async def test_what_holds_later_is_not_left_behind(archive: Archive) -> None:
    made = await record(archive, 1, effectiveOn="2025-01-01")
    await command(archive, "revisePlot", id=made["key"], version=1, contractMu=2, effectiveOn="2025-06-01")
    for name, more in (("removePlot", {}), ("transferPlot", {"householdId": household(2)})):
        status, problem = await command(archive, name, id=made["key"], version=2, effectiveOn="2025-03-01", **more)
        assert (status, problem["rule"]) == (409, "plot.later_facts")


async def test_a_plot_stays_in_its_village(archive: Archive) -> None:
    made = await record(archive, 1)
    other = VILLAGE[:-1] + "1"
    await archive.admin.execute(
        "INSERT INTO area (code, name, parent, code_scheme, source, valid_from) SELECT $1, '示例二村', parent, code_scheme, source, "
        "valid_from FROM area WHERE code = $2",
        other,
        VILLAGE,
    )
    status, problem = await command(archive, "transferPlot", "clerk", id=made["key"], version=1, villageCode=other)
    assert (status, problem["rule"]) == (422, "plot.same_village")
    status, problem = await command(archive, "transferPlot", id=made["key"], version=1, householdId=household(1))
    assert (status, problem["rule"]) == (422, "plot.holder")


async def test_who_may_do_what(archive: Archive) -> None:
    made, common = await record(archive, 1), await record(archive, 2, holder=None)
    for account in ("resident", "officer", "auditor"):
        status, problem = await command(archive, "revisePlot", account, id=made["key"], version=1, name="新名")
        assert (status, problem["code"]) == (403, "FORBIDDEN")
    assert (await command(archive, "revisePlot", "grid-worker", id=made["key"], version=1, name="新名"))[0] == 200
    assert (await command(archive, "revisePlot", "grid-worker", id=common["key"], version=1, name="新名"))[0] == 404
    far = await record(archive, 3, holder=5)
    assert (await command(archive, "revisePlot", "grid-worker", id=far["key"], version=1, name="新名"))[0] == 404
    status, _ = await command(
        archive, "transferPlot", "grid-worker", id=made["key"], version=2, householdId=household(5)
    )
    assert status == 404
    assert (await archive.as_("resident").read("plot", {"id": made["key"]}, HELD))[0] == 200
    assert (await archive.as_("resident").read("plot", {"id": far["key"]}, HELD))[0] == 404
    assert (await archive.as_("officer").read("plot", {"id": made["key"]}, HELD))[0] == 404


async def test_an_area_gets_an_outline(archive: Archive) -> None:
    given = {"clientKey": facts(1)["clientKey"], "code": VILLAGE, "shape": square(0, 0, width=20, height=20)}
    outline = [["shape", "shape"]]
    status, area = await archive.as_("cadre").command("setAreaShape", given, outline)
    assert status == 200, area
    assert area["shape"] == {"type": "MultiPolygon", "coordinates": [given["shape"]["coordinates"]]}
    assert await archive.events("archive.area.outlined.v1") == [{"code": VILLAGE}]
    assert (await archive.as_("grid-worker").read("area", {"code": VILLAGE}, outline))[1] == {"shape": None}
    for account, code, refused in (("grid-worker", VILLAGE, 403), ("cadre", "330881", 404), ("cadre", "77", 422)):
        given = {"clientKey": facts(1)["clientKey"], "code": code, "shape": square(0, 0)}
        assert (await archive.as_(account).command("setAreaShape", given, outline))[0] == refused


async def test_a_household_that_moves_takes_its_land_along(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0))
    await archive.admin.execute(
        "UPDATE household SET area_code = '3399991002000002' WHERE id = $1::text::uuid", household(1)
    )
    hulls = await archive.admin.fetch("SELECT area_code, hull IS NULL FROM area_shape")
    assert {row[0]: row[1] for row in hulls} == {"3399991002000001": True, "3399991002000002": False}
