"""Areas."""

import pytest

from services.archive.domain.area import narrowed, parent_of


@pytest.mark.parametrize(
    ("area", "reach", "asked"),
    [
        ("339999", ("339999",), "339999"),
        ("339999100200", ("339999",), "339999100200"),
        ("339999", ("339999100200",), "339999100200"),
        ("33", ("3399991002000001", "3399991002000002"), "339999100200000"),
        ("33", ("330881", "339999"), "33"),
        ("330881", ("339999",), None),
        ("339999", (), None),
    ],
)
def test_a_question_is_narrowed_to_what_the_caller_reaches(
    area: str, reach: tuple[str, ...], asked: str | None
) -> None:
    assert narrowed(area, reach) == asked


def test_a_parent_is_the_nearest_area_above() -> None:
    known = {"33", "3308", "330881", "339999"}
    assert parent_of("330881", known) == "3308"
    assert parent_of("339999", known) == "33"
    assert parent_of("33", known) is None
