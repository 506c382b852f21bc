"""The services' contracts, which the client holds as schemas.json, are read with the tolerance that a department's copy needs.

That the file is what the contracts say: tests/contracts/test_catalogue.py.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from subscribe.errors import Unreadable
from subscribe.event import read
from subscribe.schema import check, loosened
from tests.subscribe.copies import body

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    contract["type"]: contract["example"]
    for contract in (json.loads(path.read_bytes()) for path in ROOT.glob("services/*/contract/*.json"))
}


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_an_example_passes_whole_and_with_each_field_left_out(kind: str) -> None:
    example = EXAMPLES[kind]
    for data in (example, *({key: each for key, each in example.items() if key != left_out} for left_out in example)):
        check(msgspec.structs.replace(read(body(1)), type=kind, data=data))


def test_a_newer_event_with_more_fields_and_new_values_passes() -> None:
    check(read(body(1, data={"status": "A_NEW_STATUS", "aNewerField": {"deep": [1]}, "household": None})))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"version": "secret"}, "data.version is not of type integer"),
        ({"ticket": "secret"}, "data.ticket has not the form uuid"),
        ({"status": 7}, "data.status is not of type string"),
        ({"household": ["secret"]}, "data.household is of none of the allowed types"),
    ],
)
def test_data_of_another_type_is_named_without_its_value(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        check(read(body(1, data=data)))
    assert str(told.value) == sentence


def test_an_unknown_type_is_told_as_such() -> None:
    with pytest.raises(Unreadable, match="unknown type"):
        check(read(body(1, type="tickets.ticket.sung.v1")))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        body(1).replace(b'"1.0"', b'"0.3"'),
        body(1).replace(b"00001", b"0000x"),
        body(1, sequence="9" * 20),
    ],
)
def test_what_is_no_event_is_unreadable(text: bytes) -> None:
    with pytest.raises(Unreadable, match="no CloudEvent"):
        read(text)


def test_loosening_touches_enumerations_and_required_fields_of_the_top_only() -> None:
    inner = {"type": "object", "properties": {"enum": {"type": "integer"}}, "required": ["enum"]}
    outer = {"properties": {"inner": {"$ref": "#/$defs/Inner"}, "kind": {"enum": ["A"]}}, "required": ["inner"]}
    assert loosened({"$ref": "#/$defs/Outer", "$defs": {"Outer": outer, "Inner": inner}}) == {
        "$ref": "#/$defs/Outer",
        "$defs": {
            "Outer": {"properties": {"inner": {"$ref": "#/$defs/Inner"}, "kind": {"type": "string"}}},
            "Inner": inner,
        },
    }
