"""JSON Schemas for others to read: enumerations open, no keyword beside a `$ref`."""

from collections.abc import Iterable
from typing import Any

import msgspec

from services.chassis.envelope import EventData


def published_schema(data: type[EventData]) -> dict[str, Any]:
    """A schema that stands alone."""
    schema: dict[str, Any] = opened(msgspec.json.schema(data))
    return schema


def component_schemas(service: str, data: Iterable[type[EventData]]) -> dict[str, Any]:
    """The schemas of a service's events and of all that they use, each as `<service>.<name>` below `#/components/schemas/`."""
    _, found = msgspec.json.schema_components(data, ref_template=f"#/components/schemas/{service}.{{name}}")
    return {f"{service}.{name}": opened(schema) for name, schema in found.items()}


def opened(node: Any) -> Any:
    """The schema with each `enum` as its type and `x-extensible-enum`, since a newer version may add values."""
    if isinstance(node, list):
        return [opened(each) for each in node]
    if not isinstance(node, dict):
        return node
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key == "enum" and isinstance(value, list):
            result |= open_values(value)
        elif key == "$ref" and len(node) > 1 and "$defs" not in node:
            result["allOf"] = [{"$ref": value}]
        elif key == "properties":
            result[key] = {name: opened(schema) for name, schema in value.items()}
        else:
            result[key] = opened(value)
    return result


def open_values(values: list[Any]) -> dict[str, Any]:
    """Values that a newer version may add to; those of several types apart."""
    parts: list[dict[str, Any]] = []
    for kind, name in ((str, "string"), (int, "integer")):
        if of_kind := [value for value in values if type(value) is kind]:
            parts.append({"type": name, "x-extensible-enum": of_kind})
    if None in values:
        parts.append({"type": "null"})
    return parts[0] if len(parts) == 1 else {"anyOf": parts}
