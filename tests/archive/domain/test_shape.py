"""GeoJSON that people send: each broken rule is named with its place, and no coordinate is in the error."""

import copy
from typing import Any

import pytest

from services.archive.domain.shape import checked_multi_polygon, checked_polygon
from services.chassis.errors import InvalidInput

RING = [[118.6, 28.7], [118.601, 28.7], [118.601, 28.701], [118.6, 28.7]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(copy.deepcopy(rings))}


def test_a_polygon_comes_back_with_nothing_but_its_shape() -> None:
    given = {**polygon(RING), "crs": {"type": "name"}, "bbox": [0, 0, 0, 0]}
    assert checked_polygon(given, "shape") == polygon(RING)


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        ({}, "shape.type", "shape.type"),
        ({"type": "Point", "coordinates": [118.6, 28.7]}, "shape.type", "shape.type"),
        ({"type": "Polygon"}, "shape.coordinates", "shape.form"),
        ({"type": "Polygon", "coordinates": []}, "shape.coordinates", "shape.form"),
        (polygon([]), "shape.coordinates[0]", "shape.form"),
        (polygon("line"), "shape.coordinates[0]", "shape.form"),
        (polygon(RING[:2]), "shape.coordinates[0]", "shape.few_points"),
        (polygon([*RING[:3], [118.6, 28.70001]]), "shape.coordinates[0]", "shape.closed"),
        (polygon(RING, RING[:3]), "shape.coordinates[1]", "shape.few_points"),
        (polygon([*RING[:1], [118.6], *RING[2:]]), "shape.coordinates[0][1]", "shape.point"),
        (polygon([*RING[:1], [118.6, 28.7, 100], *RING[2:]]), "shape.coordinates[0][1]", "shape.point"),
        (polygon([*RING[:1], [118.6, "28.7"], *RING[2:]]), "shape.coordinates[0][1]", "shape.point"),
        (polygon([*RING[:1], [118.6, True], *RING[2:]]), "shape.coordinates[0][1]", "shape.point"),
        (polygon([*RING[:1], [118.6, float("nan")], *RING[2:]]), "shape.coordinates[0][1]", "shape.bounds"),
        (polygon([[28.7, 118.6], *RING[1:]]), "shape.coordinates[0][0]", "shape.bounds"),
        (polygon([[40_500_000, 3_175_000], *RING[1:]]), "shape.coordinates[0][0]", "shape.bounds"),
        (polygon([RING[0]] * 501), "shape", "shape.points"),
        (polygon([RING[0]] * 300, [RING[0]] * 201), "shape", "shape.points"),
    ],
)
def test_what_is_no_polygon(given: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as error:
        checked_polygon(given, "shape")
    assert (error.value.extra["field"], error.value.extra["rule"]) == (field, rule)
    assert "118" not in error.value.detail


def test_five_hundred_points_are_allowed() -> None:
    ring = [RING[0], *([[118.6005, 28.7001]] * 498), RING[0]]
    assert checked_polygon(polygon(ring), "shape")["coordinates"] == [ring]


def test_an_outline_has_parts() -> None:
    two = {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}
    assert checked_multi_polygon(two, "shape") == two
    assert checked_multi_polygon(polygon(RING), "shape") == {"type": "MultiPolygon", "coordinates": [[RING]]}
    with pytest.raises(InvalidInput) as error:
        checked_multi_polygon({"type": "MultiPolygon", "coordinates": [[RING], [RING[:3]]]}, "shape")
    assert error.value.extra["field"] == "shape.coordinates[1][0]"
