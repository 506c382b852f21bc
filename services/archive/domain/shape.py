"""Shapes as people send them: GeoJSON (RFC 7946) in CGCS2000, longitude and latitude in degrees.

CGCS2000 and the WGS 84 of RFC 7946 differ by centimetres, so the coordinates are the same. Whether a ring crosses itself is the database's to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.chassis.errors import InvalidInput

EAST, NORTH = (73.0, 136.0), (3.0, 54.0)
"""Degrees between which China lies."""
MOST_PLOT_POINTS = 500
MOST_AREA_POINTS = 5_000

Ring = list[Any]


def checked_polygon(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A plot's polygon with nothing but type and coordinates; raises InvalidInput that names where in it which rule is broken."""
    return _checked(given, "Polygon", field, MOST_PLOT_POINTS)


def checked_multi_polygon(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    """An area's outline; a Polygon counts as one of one part."""
    if given.get("type") == "Polygon":
        given = {"type": "MultiPolygon", "coordinates": [given.get("coordinates")]}
    return _checked(given, "MultiPolygon", field, MOST_AREA_POINTS)


def _checked(given: Mapping[str, Any], kind: str, field: str, most: int) -> dict[str, Any]:
    if given.get("type") != kind:
        raise _broken(f"{field}.type", "shape.type", f"must be {kind}")
    coordinates = given.get("coordinates")
    where = f"{field}.coordinates"
    parts = [(where, coordinates)]
    if kind == "MultiPolygon":
        parts = [(f"{where}[{n}]", part) for n, part in enumerate(_filled(coordinates, where, "of polygons"))]
    points = 0
    for at, part in parts:
        for name, ring in _rings(part, at):
            points += len(ring)
            if points > most:
                raise _broken(field, "shape.points", f"must have at most {most} points")
            _check_ring(ring, name)
    return {"type": kind, "coordinates": coordinates}


def _rings(part: Any, where: str) -> Iterator[tuple[str, Ring]]:
    for number, ring in enumerate(_filled(part, where, "of rings")):
        name = f"{where}[{number}]"
        yield name, _filled(ring, name, "of points")


def _filled(value: Any, where: str, of: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _broken(where, "shape.form", f"must be a list {of}")
    return value


def _check_ring(ring: Ring, where: str) -> None:
    for number, point in enumerate(ring):
        name = f"{where}[{number}]"
        if not isinstance(point, list) or len(point) != 2 or any(type(value) not in (int, float) for value in point):
            raise _broken(name, "shape.point", "must be [longitude, latitude] in degrees")
        if not (EAST[0] <= point[0] <= EAST[1] and NORTH[0] <= point[1] <= NORTH[1]):
            raise _broken(name, "shape.bounds", "lies outside of China, or is not in degrees, longitude first")
    if len(ring) < 4:
        raise _broken(where, "shape.few_points", "must have at least four points, the last of them the first again")
    if ring[0] != ring[-1]:
        raise _broken(where, "shape.closed", "must be closed: its last point must be its first")


def _broken(field: str, rule: str, what: str) -> InvalidInput:
    return InvalidInput(f"{field} {what}", field=field, rule=rule)
