"""The mediation pack: both plots as of a day, what was known when, the map as SVG and PNG, who gets it, and that it is written down."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest

from tests.archive.conftest import VILLAGE, Archive, household
from tests.archive.plots import command, record, square
from tests.support.client import Service

SVG = "{http://www.w3.org/2000/svg}"
SIDE = [["code", "code"], ["contractMu", "contractMu"], ["household", "household", None, [["number", "number"]]]]
PACK = [
    *([name, name] for name in ("asOf", "overlapMu", "overlap", "htmlUrl", "svgUrl", "pngUrl")),
    ["a", "a", None, SIDE],
    ["b", "b", None, SIDE],
]


async def get(client: Service, form: str, **params: str) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {client.token}"}
    url = f"{client.base_url}/files/plots/mediation.{form}"
    async with client.session.get(url, params=params, headers=headers) as answer:
        return answer.status, answer.content_type, await answer.read()


async def two(archive: Archive) -> dict[str, str]:
    """Two plots that cover the same ground, and one beside them."""
    a = await record(archive, 1, shape=square(0, 0), effectiveOn="2025-01-01", witness="示例丙一", measuredMu=1.42)
    b = await record(archive, 2, holder=5, shape=square(0.9, 0), effectiveOn="2025-01-01", contractMu=1.6)
    await record(archive, 3, holder=None, shape=square(0, 1), effectiveOn="2025-01-01")
    return {"a": a["key"], "b": b["key"]}


async def test_the_pack_shows_both_plots_as_of_a_day(archive: Archive) -> None:
    asked = await two(archive)
    await command(
        archive, "revisePlot", id=asked["a"], version=1, contractMu=1.45, effectiveOn="2025-06-01", reason="重新丈量"
    )
    status, _ = await command(
        archive, "transferPlot", id=asked["b"], version=1, householdId=household(2), effectiveOn="2025-07-01"
    )
    assert status == 200
    cadre = archive.as_("cadre")
    status, early = await cadre.read("mediationPack", {**asked, "asOf": "2025-05-31"}, PACK)
    assert status == 200, early
    assert (early["a"]["contractMu"], early["b"]["household"], early["overlapMu"]) == (1.5, {"number": "0005"}, 0.15)
    assert early["overlap"]["type"] == "Polygon"
    _, late = await cadre.read("mediationPack", {**asked, "asOf": "2025-07-01"}, PACK)
    assert (late["a"]["contractMu"], late["b"]["household"]) == (1.45, {"number": "0002"})
    url = urlsplit(late["htmlUrl"])
    assert url.path == "/files/archive/plots/mediation.html"
    status, kind, body = await get(cadre, "html", **dict(parse_qsl(url.query)))
    assert (status, kind) == (200, "text/html")
    shown = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", body.decode()))
    for words in (
        "示例甲一（户号 0001）",
        "示例乙一（户号 0002）",
        "示例戊一（户号 0005）",
        "重叠 0.15 亩",
        "重新丈量",
        "不再由其承包",
    ):
        assert words in shown, words
    status, _, body = await get(cadre, "html", **asked, asOf="2025-05-31")
    shown = re.sub("<[^>]+>", " ", body.decode())
    assert "重新丈量" not in shown
    assert "示例乙一（户号" not in shown


async def test_what_was_not_known_yet_is_not_shown(archive: Archive) -> None:
    asked = await two(archive)
    then = datetime.now(UTC).isoformat()
    await command(
        archive, "revisePlot", id=asked["a"], version=1, contractMu=1.45, effectiveOn="2025-02-01", reason="重新丈量"
    )
    cadre = archive.as_("cadre")
    for known, expected in (({"knownAt": then}, 1.5), ({}, 1.45)):
        _, pack = await cadre.read("mediationPack", {**asked, "asOf": "2025-03-01", **known}, PACK)
        assert pack["a"]["contractMu"] == expected
        _, _, body = await get(cadre, "html", **asked, asOf="2025-03-01", **known)
        assert ("重新丈量" in body.decode()) is not bool(known)


async def test_the_map_as_svg_and_as_png(archive: Archive) -> None:
    asked = await two(archive)
    cadre = archive.as_("cadre")
    status, kind, svg = await get(cadre, "svg", **asked)
    assert (status, kind) == (200, "image/svg+xml")
    texts = [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  our own
    for words in ("甲地块　示例甲一", "乙地块　示例戊一", "村集体", "重叠 0.15 亩", "北", "图例"):
        assert words in texts
    status, kind, png = await get(cadre, "png", **asked)
    assert (status, kind) == (200, "image/png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (2400, 1800)


async def test_plots_without_a_shape_have_a_pack_without_a_map(archive: Archive) -> None:
    a, b = await record(archive, 1), await record(archive, 2, holder=2, shape=square(0, 0))
    asked = {"a": a["key"], "b": b["key"]}
    status, _, body = await get(archive.as_("cadre"), "html", **asked)
    assert status == 200
    assert "无法绘图" in body.decode()
    assert (await get(archive.as_("cadre"), "svg", **asked))[0] == 404


async def test_a_pack_is_recorded_on_both_sheets(archive: Archive) -> None:
    asked = await two(archive)
    await get(archive.as_("cadre"), "png", **asked)
    rows = await archive.admin.fetch(
        "SELECT by, purpose, household_id::text FROM audit WHERE deed = 'MEDIATION' ORDER BY household_id"
    )
    assert [tuple(row) for row in rows] == [("example-cadre", "MEDIATION", household(number)) for number in (1, 5)]


async def test_who_gets_it(archive: Archive) -> None:
    asked = await two(archive)
    mediator = archive.with_(roles=["mediator"], areas=[VILLAGE])
    elsewhere = archive.with_(roles=["mediator"], areas=["339999100201"])
    assert (await get(mediator, "svg", **asked))[0] == 200
    for client, refused in (
        (elsewhere, 404),
        (archive.as_("grid-worker"), 404),
        (archive.as_("resident"), 403),
        (archive.as_("officer"), 403),
    ):
        assert (await get(client, "svg", **asked))[0] == refused
        assert (await client.read("mediationPack", {**asked, "asOf": "2025-06-01"}, PACK))[0] == refused
    assert await archive.admin.fetchval("SELECT count(*) FROM audit WHERE deed = 'MEDIATION'") == 2


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"b": "x"}, 422),
        ({"asOf": "yesterday"}, 422),
        ({"knownAt": "then"}, 422),
        ({"knownAt": "2025-01-01T00:00:00"}, 422),
        ({"more": "1"}, 422),
        ({"b": "00000000-0000-7000-8000-000000000099"}, 404),
    ],
)
async def test_what_is_no_question(archive: Archive, more: dict[str, Any], status: int) -> None:
    asked = await two(archive)
    assert (await get(archive.as_("cadre"), "html", **asked | more))[0] == status
    assert (await get(archive.as_("cadre"), "html", a=asked["a"], b=asked["a"]))[0] == 422
    assert (await get(archive.as_("cadre"), "pdf", **asked))[0] == 404
