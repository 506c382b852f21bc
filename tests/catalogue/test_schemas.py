"""Published schemas: enumerations stay open, and nothing stands beside a `$ref`."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import jsonschema_rs
import msgspec
from msgspec import Meta

from services.catalogue.schemas import component_schemas, published_schema
from services.chassis.envelope import EventData


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Inner(msgspec.Struct):
    enum: list[str]


class Planted(EventData, frozen=True, kw_only=True):
    """An event."""

    type: ClassVar[str] = "test.event.planted.v1"

    colour: Annotated[Colour, Meta(description="Its colour.")]
    before: Colour | None
    level: Literal[1, 2, None]
    inner: Inner


EXAMPLE: dict[str, Any] = {"colour": "RED", "before": None, "level": 1, "inner": {"enum": ["a"]}}


ALLOWED: list[dict[str, Any]] = [{}, {"colour": "GREEN", "before": "GREEN"}, {"level": 3}, {"level": None}]
REFUSED: list[dict[str, Any]] = [{"colour": 1}, {"colour": None}, {"level": "1"}, {"inner": {"enum": [1]}}]


def test_an_enumeration_is_open() -> None:
    schema = published_schema(Planted)
    assert schema["$defs"]["Colour"]["x-extensible-enum"] == ["BLUE", "RED"]
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [values for values in ALLOWED if not validator.is_valid(EXAMPLE | values)] == []
    assert [values for values in REFUSED if validator.is_valid(EXAMPLE | values)] == []


def test_a_fields_own_description_stays_beside_what_it_refers_to() -> None:
    colour = published_schema(Planted)["$defs"]["Planted"]["properties"]["colour"]
    assert colour == {"description": "Its colour.", "allOf": [{"$ref": "#/$defs/Colour"}]}


def test_a_field_may_be_called_after_a_keyword() -> None:
    inner = published_schema(Planted)["$defs"]["Inner"]["properties"]
    assert inner == {"enum": {"type": "array", "items": {"type": "string"}}}


def test_components_bear_the_name_of_their_service() -> None:
    schemas = component_schemas("test", [Planted])
    assert set(schemas) == {"test.Planted", "test.Colour", "test.Inner"}
    assert schemas["test.Planted"]["properties"]["inner"] == {"$ref": "#/components/schemas/test.Inner"}
