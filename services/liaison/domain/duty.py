"""Duty of one village on one day: its key, the station that serves an area, and when a sign-in counts."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.chassis.place import Point
from services.liaison.domain.calendar import Day

EARTH_METRES = 6_371_008.8
"""The earth's mean radius (IUGG)."""
RADII = (10, 5000)
MOST_ACCURACY_METRES = 100_000
KEY = re.compile(r"(\d{12}|\d{16})/(\d{4}-\d{2}-\d{2})", re.ASCII)


def key_of(area: str, day: date) -> str:
    """`<village code>/<YYYY-MM-DD>`."""
    return f"{area}/{day.isoformat()}"


def read_key(text: str, field: str) -> tuple[str, date]:
    """The village and day of a key; a grid's code stands for its village. Raises InvalidInput."""
    match = KEY.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return station(match[1]), date.fromisoformat(match[2])
    except ValueError:
        raise InvalidInput(f"{field} must have the form <village>/<YYYY-MM-DD>", field=field, rule="form") from None


def station(code: str, field: str = "area") -> str:
    """The village whose station serves an area: a village (12 digits) itself, a grid's (16 digits) village. Raises InvalidInput."""
    if len(code) not in (12, 16):
        raise InvalidInput(
            f"{field} must be a village (12 digits) or a grid (16 digits)", field=field, rule="area.village"
        )
    return code[:12]


def instant_of_sign_in(day: date, given: datetime | None, now: datetime) -> datetime:
    """When a sign-in happened: as given when it was sent late, else now. It must not lie ahead, and on the duty's day in China."""
    if given is not None and given > now:
        raise InvalidInput("signedAt lies in the future", field="signedAt", rule="not.future")
    at = given or now
    if at.astimezone(CHINA).date() != day:
        field = "date" if given is None else "signedAt"
        raise InvalidInput("one signs in on the day of the duty, by China's time", field=field, rule="on.the.duty.day")
    return at


def check_on_duty(day: Day, rostered: str | None, subject: str) -> None:
    """Raises unless `subject` is the one who is rostered on the day."""
    if rostered is None:
        if not day.works:
            raise Conflict(f"no duty on {day.date.isoformat()}: {day.explanation}")
        raise NotFound(f"nobody is rostered in this village on {day.date.isoformat()}")
    if rostered != subject:
        raise Forbidden("somebody else is on duty in this village on that day")


class Place(StrEnum):
    """Where somebody signed in. UNKNOWN without a place of either, or where the phone's accuracy leaves both open."""

    AT_STATION = "AT_STATION"
    AWAY = "AWAY"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Found:
    """How far a sign-in was from the station, in metres, and what that means."""

    place: Place
    metres: int | None


def metres_between(one: Point, other: Point) -> float:
    """Along the great circle (haversine)."""
    north, north_there = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half = sin((north_there - north) / 2) ** 2 + cos(north) * cos(north_there) * sin(east / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(half))


def found(station_at: Point | None, radius: int, at: Point | None, accuracy: float | None) -> Found:
    """Where a sign-in was. `accuracy` in metres: so far the phone may be from where it thinks it is. Raises InvalidInput."""
    if accuracy is not None and not 0 <= accuracy <= MOST_ACCURACY_METRES:
        detail = f"accuracyMetres must be from 0 to {MOST_ACCURACY_METRES}"
        raise InvalidInput(detail, field="accuracyMetres", rule="range")
    if station_at is None or at is None:
        return Found(Place.UNKNOWN, None)
    metres = metres_between(station_at, at)
    if metres <= radius:
        return Found(Place.AT_STATION, round(metres))
    return Found(Place.UNKNOWN if metres - (accuracy or 0) <= radius else Place.AWAY, round(metres))


def check_sign_out(signed_in: datetime | None, at: datetime) -> None:
    """Raises Conflict before the sign-in, InvalidInput for a time before it."""
    if signed_in is None:
        raise Conflict("one signs out after having signed in", rule="duty.unsigned")
    if at < signed_in:
        raise InvalidInput("signedAt lies before the sign-in", field="signedAt", rule="order")
