"""Duty of one village on one day: its key, the station that serves an area, and when a sign-in counts."""

import re
from datetime import date, datetime

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.liaison.domain.calendar import Day

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


def station(code: str) -> str:
    """The village whose station serves an area: a village (12 digits) itself, a grid's (16 digits) village. Raises InvalidInput."""
    if len(code) not in (12, 16):
        raise InvalidInput(
            "area must be a village (12 digits) or a grid (16 digits)", field="area", rule="area.village"
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
