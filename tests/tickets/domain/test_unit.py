"""Units and their staff: what they must be, and to whom a matter may be handed."""

from typing import Any

import pytest

from services.chassis.errors import Conflict, InvalidInput
from services.tickets.domain.unit import Staff, Unit, checked_staff, checked_unit, require_handled

UNIT: dict[str, Any] = {
    "code": "339999100",
    "name": "示例镇便民服务中心",
    "phone": "0570-4000001",
    "hours": "工作日",
    "items": ("road",),
}
STAFF: dict[str, Any] = {"unit": "339999100", "subject": "example-clerk", "name": "示例", "items": ("road",)}


@pytest.mark.parametrize("code", ["339999", "339999100", "339999100200"])
def test_a_unit_is_a_countys_a_townships_or_a_villages(code: str) -> None:
    assert checked_unit(Unit(**UNIT | {"code": code})).code == code


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "33"}, "code"),
        ({"code": "3399991002000001"}, "code"),
        ({"name": " "}, "name"),
        ({"phone": "nobody"}, "phone"),
        ({"hours": "x" * 201}, "hours"),
        ({"items": ("road", "road")}, "items"),
        ({"items": ("道路",)}, "items"),
    ],
)
def test_what_is_no_unit_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_unit(Unit(**UNIT | wrong))
    assert refused.value.extra["field"] == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"deputy": "example-clerk"}, "deputy"),
        ({"items": ()}, "items"),
        ({"name": ""}, "name"),
        ({"subject": ""}, "subject"),
    ],
)
def test_who_cannot_be_on_the_staff_is_refused_by_the_field(wrong: dict[str, Any], field: str) -> None:
    assert checked_staff(Staff(**STAFF, deputy="example-cadre")).deputy == "example-cadre"
    with pytest.raises(InvalidInput) as refused:
        checked_staff(Staff(**STAFF | wrong))
    assert refused.value.extra["field"] == field


def test_a_matter_goes_only_to_a_unit_that_is_there_and_handles_it() -> None:
    unit = Unit(code="339999100", name="示例", items=("infrastructure", "id-card"))
    require_handled(unit, ("road", "infrastructure"))
    require_handled(unit, ("id-card", "permit"))
    for there, codes, rule in (
        (unit, ("irrigation", "agriculture"), "unit.handles"),
        (Unit(code="339999100", name="示例", items=("road",), active=False), ("road",), "unit.known"),
        (None, ("road",), "unit.known"),
    ):
        with pytest.raises(Conflict) as refused:
            require_handled(there, codes)
        assert refused.value.extra["rule"] == rule
