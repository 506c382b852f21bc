"""Where something is, in WGS 84. Pure."""

from dataclasses import dataclass

from services.chassis.errors import InvalidInput

LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
"""Of China: what lies outside was mistaken, or has its two numbers the wrong way round."""


@dataclass(frozen=True)
class Point:
    """Degrees."""

    longitude: float
    latitude: float


def point(longitude: float | None, latitude: float | None) -> Point | None:
    """Raises InvalidInput for half a point, or one that cannot be in China."""
    if (longitude is None) != (latitude is None):
        raise InvalidInput("give longitude and latitude, or neither", field="longitude", rule="required")
    if longitude is None or latitude is None:
        return None
    for name, value, (least, most) in (("longitude", longitude, LONGITUDES), ("latitude", latitude, LATITUDES)):
        if not least <= value <= most:
            raise InvalidInput(f"{name} must be from {least:g} to {most:g} degrees (WGS 84)", field=name, rule="range")
    return Point(longitude, latitude)
