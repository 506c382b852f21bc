"""Plots through the gateway: deeds with global ids and GeoJSON, reads, the report, the mediation pack and tiles at the paths of the schema."""

from typing import Any

from gateway.planner.ids import global_id
from tests.archive.plots import facts, square
from tests.archive.test_tiles import HERE
from tests.gateway.conftest import GRID, VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

PLOT = "plot { id code version contractMu computedMu disputed shape household { number } }"
READ = """query ($id: ID!, $asOf: Date) { plot(id: $id, asOf: $asOf) {
    code categoryName household { number } area { code } holdings { since household { number } } entries { provenance facts } } }"""
SHEET = "query ($id: ID!) { household(id: $id) { plots { code contractMu } } }"
REPORT = """query ($code: String!) { villagePlotReport(code: $code, overlapMu: 0.05) {
    name overlaps(first: 5) { mu a { code } b { code household { number } } } gaps { mu plots { code } }
    neighbours { kind side words plot { code } others { code } } } }"""
PACK = """query ($a: ID!, $b: ID!) { mediationPack(a: $a, b: $b, asOf: "2999-01-01") {
    overlapMu overlap pngUrl a { code } b { code } area { name } } }"""
LITERAL = """mutation ($input: ID!, $id: ID!) { recordPlot(input: { clientKey: $input, householdId: $id, code: "3399991002000100009",
    name: "示例田", category: "10", contractMu: 2, east: "路", south: "路", west: "路", north: "路",
    shape: { type: "Polygon", coordinates: [[[118.61, 28.7], [118.611, 28.7], [118.611, 28.701], [118.61, 28.7]]] } }) { plot { shape } } }"""


async def test_a_plots_life(running: Running) -> None:
    cadre = running.as_("cadre")

    def given(serial: int, **more: Any) -> dict[str, Any]:
        return {name: value for name, value in facts(serial, **more).items() if name != "clientKey"}

    one = (
        await do(
            cadre,
            "recordPlot",
            PLOT,
            **given(1, householdId=household(1), shape=square(0, 0), effectiveOn="2025-01-01"),
        )
    )["plot"]
    assert (one["shape"], one["computedMu"], one["household"]) == (square(0, 0), 1.46, {"number": "0001"})
    other = (await do(cadre, "recordPlot", PLOT, **given(2, householdId=household(2), shape=square(0.9, 0))))["plot"]
    common = (await do(cadre, "recordPlot", PLOT, **given(3, villageCode=VILLAGE)))["plot"]
    assert common["household"] is None
    literal = await cadre(LITERAL, input=facts(9)["clientKey"], id=household(3))
    assert literal["recordPlot"]["plot"]["shape"]["coordinates"][0][2] == [118.611, 28.701]

    report = (await cadre(REPORT, code=VILLAGE))["villagePlotReport"]
    assert report["overlaps"] == [
        {"mu": 0.15, "a": {"code": one["code"]}, "b": {"code": other["code"], "household": {"number": "0002"}}}
    ]
    pack = (await cadre(PACK, a=one["id"], b=other["id"]))["mediationPack"]
    assert (pack["overlapMu"], pack["a"]["code"], pack["overlap"]["type"]) == (0.15, one["code"], "Polygon")
    async with running.session.get(running.url + pack["pngUrl"], headers=cadre.headers) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    tile = f"{running.url}/files/archive/tiles/{'/'.join(map(str, HERE))}.mvt"
    async with running.session.get(tile, headers=cadre.headers) as answer:
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert one["code"].encode() in await answer.read()
        tag = answer.headers["ETag"]
    async with running.session.get(tile, headers={**cadre.headers, "If-None-Match": tag}) as answer:
        assert answer.status == 304

    given_back = {"id": one["id"], "version": 1, "householdId": household(2), "exchangeForId": other["id"]}
    moved = (await do(cadre, "transferPlot", PLOT, **given_back))["plot"]
    assert moved["household"] == {"number": "0002"}
    assert [plot["code"] for plot in (await cadre(SHEET, id=household(1)))["household"]["plots"]] == [other["code"]]
    disputed = (await do(cadre, "disputePlot", PLOT, id=one["id"], version=moved["version"], reason="示例"))["plot"]
    assert disputed["disputed"]
    settled = (await do(cadre, "settlePlot", PLOT, id=one["id"], version=disputed["version"], reason="示例"))["plot"]
    revised = await do(cadre, "revisePlot", PLOT, id=one["id"], version=settled["version"], contractMu=1.25)
    assert revised["plot"]["contractMu"] == 1.25
    read = (await cadre(READ, id=one["id"], asOf="2999-01-01"))["plot"]
    assert (read["categoryName"], read["area"], len(read["holdings"])) == ("承包地块", {"code": VILLAGE}, 2)
    assert read["entries"][-1] == {"provenance": "DOCUMENT", "facts": ["contract_mu"]}
    removed = "removedPlot { id holdings { until household { number } } }"
    gone = await do(cadre, "removePlot", removed, id=common["id"], version=1)
    assert gone["removedPlot"]["id"] == common["id"]
    assert (await cadre(READ, id=other["id"]))["plot"]["household"] == {"number": "0001"}
    page = await cadre(
        "query ($area: String!) { plots(area: $area, common: false) { edges { node { code } } } }", area=GRID
    )
    assert other["code"] in {edge["node"]["code"] for edge in page["plots"]["edges"]}
    shaped = await do(cadre, "setAreaShape", "area { code shape }", code=GRID, shape=square(0, 0))
    assert shaped["area"]["shape"]["type"] == "MultiPolygon"


async def test_what_is_refused(running: Running) -> None:
    cadre = running.as_("cadre")
    none = global_id("Plot", "00000000-0000-7000-8000-000000000099")
    assert (await refused(cadre, "revisePlot", PLOT, id=none, version=1))["code"] == "NOT_FOUND"
    assert (await refused(cadre, "revisePlot", PLOT, id=household(1), version=1))["rule"] == "id.type"
    answer = await cadre.answer(
        "mutation ($input: SetAreaShapeInput!) { setAreaShape(input: $input) { clientKey } }",
        input={"clientKey": facts(1)["clientKey"], "code": GRID, "shape": "round"},
    )
    assert "GeoJSON must be an object" in answer["errors"][0]["message"]
