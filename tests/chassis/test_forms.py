"""The forms of what people give: codes, times of the day, places."""

from datetime import time

import pytest

from services.chassis.clock import clock_time
from services.chassis.errors import InvalidInput
from services.chassis.place import Point, point
from services.chassis.text import checked_code


def test_a_code_has_the_form_of_one() -> None:
    assert checked_code("road-1", "category") == "road-1"
    for code in ("", "Road", "1road", "道路", "a" * 41):
        with pytest.raises(InvalidInput, match="category must be a code"):
            checked_code(code, "category")


def test_a_time_of_the_day_has_two_digits_each() -> None:
    assert clock_time("08:30", "opens") == time(8, 30)
    for text in ("8点", "8:30", "24:00", "25:00", "08:30:00", "T0830", "08:3０", "08:30\n"):
        with pytest.raises(InvalidInput, match="opens must be a time such as 08:30"):
            clock_time(text, "opens")


def test_points_are_whole_and_in_china() -> None:
    assert point(118.6, 28.7) == Point(118.6, 28.7)
    assert point(None, None) is None
    for longitude, latitude, field in (
        (118.6, None, "longitude"),
        (28.7, 118.6, "longitude"),
        (118.6, 60.0, "latitude"),
    ):
        with pytest.raises(InvalidInput) as refused:
            point(longitude, latitude)
        assert refused.value.extra["field"] == field
