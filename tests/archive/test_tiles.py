"""Vector tiles, read by another's library: the right shapes in the right place, for the right caller, and nobody's name."""

import gzip
from math import asinh, atan, degrees, pi, radians, sinh, tan
from typing import Any

import mapbox_vector_tile

from tests.archive.conftest import VILLAGE, Archive, key
from tests.archive.plots import SOUTH, STEP, WEST, record, square
from tests.support.client import Service

ZOOM = 16


def tile_of(longitude: float, latitude: float, zoom: int = ZOOM) -> tuple[int, int, int]:
    """By the formula of Web Mercator's tiles."""
    x = (longitude + 180) / 360
    y = (1 - asinh(tan(radians(latitude))) / pi) / 2
    return zoom, int(x * 2**zoom), int(y * 2**zoom)


def place(tile: tuple[int, int, int], point: tuple[int, int], extent: int = 4096) -> tuple[float, float]:
    """Where a point of a tile lies, in degrees; y grows to the south, as on the wire."""
    zoom, x, y = tile
    longitude = (x + point[0] / extent) / 2**zoom * 360 - 180
    latitude = degrees(atan(sinh(pi * (1 - 2 * (y + point[1] / extent) / 2**zoom))))
    return longitude, latitude


async def get(client: Service, tile: tuple[int, int, int], **headers: str) -> tuple[int, dict[str, str], bytes]:
    url = f"{client.base_url}/files/tiles/{'/'.join(map(str, tile))}.mvt"
    sent = {"Authorization": f"Bearer {client.token}", "Accept-Encoding": "identity", **headers}
    async with client.session.get(url, headers=sent, auto_decompress=False) as answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, await answer.read()


def layers(body: bytes) -> dict[str, list[dict[str, Any]]]:
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in decoded.items()}


HERE = tile_of(WEST + STEP / 2, SOUTH + STEP / 2)


async def test_plots_and_grids_where_they_are(archive: Archive) -> None:
    made = await record(archive, 1, shape=square(0, 0), witness="示例甲二")
    await record(archive, 2, holder=5, shape=square(1, 0))
    await record(archive, 3, holder=None, shape=square(0, 1), category="99")
    status, headers, body = await get(archive.as_("cadre"), HERE)
    assert (status, headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    found = layers(body)
    plots = {plot["properties"]["code"][-1]: plot for plot in found["plots"]}
    assert plots.keys() == {"1", "2", "3"}
    assert plots["1"]["properties"] == {
        "id": made["key"],
        "code": f"{VILLAGE}0100001",
        "category": "10",
        "disputed": False,
        "contract_mu": 1.5,
        "common": False,
    }
    assert plots["3"]["properties"]["common"] is True
    corners = {place(HERE, tuple(point)) for point in plots["1"]["geometry"]["coordinates"][0]}
    for x in (WEST, WEST + STEP):
        for y in (SOUTH, SOUTH + STEP):
            assert min(abs(x - a) + abs(y - b) for a, b in corners) < 3e-6
    assert {grid["properties"]["code"][-1] for grid in found["grids"]} == {"1", "2"}
    assert "示例甲".encode() not in body


async def test_a_caller_sees_their_own_areas(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0))
    await record(archive, 2, holder=5, shape=square(1, 0))
    found = layers((await get(archive.as_("grid-worker"), HERE))[2])
    assert [plot["properties"]["code"][-1] for plot in found["plots"]] == ["1"]
    assert [grid["properties"]["code"][-1] for grid in found["grids"]] == ["1"]
    elsewhere = archive.with_(roles=["village_cadre"], areas=["330881"])
    assert (await get(elsewhere, HERE))[2] == b""
    for account in ("resident", "officer"):
        assert (await get(archive.as_(account), HERE))[0] == 403


async def test_from_far_away_there_are_grids_only(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0, width=20, height=20))
    far = tile_of(WEST, SOUTH + STEP, zoom=12)
    assert layers((await get(archive.as_("cadre"), far))[2]).keys() == {"grids"}
    assert layers((await get(archive.as_("cadre"), tile_of(WEST, SOUTH + STEP, zoom=13)))[2]).keys() == {
        "plots",
        "grids",
    }


async def test_an_outline_that_was_drawn_is_shown_instead(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0))
    grid = "3399991002000001"
    given = {"clientKey": key(), "code": grid, "shape": square(-2, -2, width=6, height=6)}
    assert (await archive.as_("cadre").command("setAreaShape", given, [["code", "code"]]))[0] == 200
    (shown,) = layers((await get(archive.as_("cadre"), HERE))[2])["grids"]
    assert shown["properties"] == {"code": grid, "name": "示例村(example)第一网格", "drawn": True}
    east = max(place(HERE, tuple(point))[0] for point in shown["geometry"]["coordinates"][0])
    assert abs(east - (WEST + 4 * STEP)) < 3e-6


async def test_a_tile_that_is_known_is_not_sent_again(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0))
    _, headers, body = await get(archive.as_("cadre"), HERE)
    tag = headers["etag"]
    assert headers["cache-control"] == "private, no-cache"
    status, headers, nothing = await get(archive.as_("cadre"), HERE, **{"If-None-Match": tag})
    assert (status, headers["etag"], nothing) == (304, tag, b"")
    status, headers, packed = await get(
        archive.as_("cadre"), HERE, **{"Accept-Encoding": "gzip", "If-None-Match": 'W/"x"'}
    )
    assert (status, headers["content-encoding"], headers["etag"]) == (200, "gzip", tag)
    assert gzip.decompress(packed) == body
    await record(archive, 2, holder=2, shape=square(1, 0))
    assert (await get(archive.as_("cadre"), HERE, **{"If-None-Match": tag}))[0] == 200


async def test_what_is_no_tile(archive: Archive) -> None:
    for path in ((21, 0, 0), (3, 8, 0), (3, 0, 8)):
        assert (await get(archive.as_("cadre"), path))[0] == 422
    for words in ("a/0/0", "1/-1/0", "1/0/0.5", "1/٣/0"):
        assert (await get(archive.as_("cadre"), tuple(words.split("/"))))[0] == 422  # type: ignore[arg-type]
