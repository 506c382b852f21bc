"""The schemas of all events, as this version knows them: `schemas.json`, a copy of the services' contracts.

A department's copy of an event may lack fields, and a newer service may send more fields and more values of an enumeration. So what is
there is checked, what is missing or unknown is not.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs
from jsonschema_rs import Draft202012Validator

from subscribe.errors import Unreadable
from subscribe.event import Event

RULES = {"type": "is not of type {}", "format": "has not the form {}", "anyOf": "is of none of the allowed types"}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Event type → JSON Schema of its data."""
    known: dict[str, dict[str, Any]] = json.loads((resources.files("subscribe") / "schemas.json").read_bytes())
    return known


def loosened(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with no field required at its top, and every enumeration open."""
    top = schema.get("$ref", "").rpartition("/")[2]
    definitions = {
        name: _open({key: part for key, part in each.items() if not (name == top and key == "required")})
        for name, each in schema.get("$defs", {}).items()
    }
    rest = {key: _open(part) for key, part in schema.items() if key not in ("$defs", "required")}
    return {**rest, "$defs": definitions}


def check(event: Event) -> None:
    """Raises Unreadable for a type that this version does not know, and for data that breaks its schema."""
    validator = _validators().get(event.type)
    if validator is None:
        raise Unreadable("unknown type: a newer version of sanmin-subscribe may know it")
    if not validator.is_valid(event.data):
        raise Unreadable("; ".join(_sentence(error) for error in validator.iter_errors(event.data)))


@cache
def _validators() -> dict[str, Draft202012Validator]:
    return {kind: Draft202012Validator(loosened(schema), validate_formats=True) for kind, schema in schemas().items()}


def _open(part: Any) -> Any:
    if isinstance(part, list):
        return [_open(each) for each in part]
    if not isinstance(part, dict):
        return part
    values = part.get("enum")
    if not isinstance(values, list):
        return {key: _open(each) for key, each in part.items()}
    kinds = {"type": "string"} if all(isinstance(value, str) for value in values) else {}
    return {**kinds, **{key: _open(each) for key, each in part.items() if key != "enum"}}


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    field = ".".join(str(part) for part in ("data", *error.instance_path))
    rule = str(error.schema_path[-1])
    if rule not in RULES:
        return f"{field} breaks the rule {rule}"
    expected = error.kind.as_dict()
    words = [expected["format"]] if rule == "format" else expected.get("types", [])
    return f"{field} {RULES[rule].format(' or '.join(words))}"
