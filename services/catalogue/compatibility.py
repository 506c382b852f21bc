"""Whether consumers of the last release can go on with the schemas of this version. Pure: schemas in, breaches out.

Adding fields, event types and values of an enumeration breaks nobody, and a stricter schema does not either, but for a format.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

RULES: Mapping[str, str] = {
    "type.removed": "an event type is published no more",
    "field.removed": "a field is gone",
    "field.retyped": "a field has another type or format",
    "field.optional": "a field that was always there may be missing",
    "field.nullable": "a field that was never null may be null",
}
"""What breaks a consumer. A breach asks for a new event type, `….v2`, published beside the old one until nobody uses that."""


@dataclass(frozen=True, order=True)
class Breach:
    """`field` is a path such as `members[].phone`, or empty for the data as a whole."""

    type: str
    field: str
    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.type} {self.field or '(data)'}: {self.rule}: {RULES[self.rule]} ({self.detail})"


@dataclass(frozen=True)
class Node:
    """A place in a schema: the schemas that a value there may have besides null, and the document that `$ref` looks into."""

    document: Schema
    choices: tuple[Schema, ...]
    nullable: bool


def breaches(released: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[Breach]:
    """All breaches of the released schemas (by event type), by type and field."""
    found: set[Breach] = set()
    for kind, before in released.items():
        after = current.get(kind)
        if after is None:
            found.add(Breach(kind, "", "type.removed", "released before"))
        else:
            walked = differences(node(before, before), node(after, after), "", frozenset())
            found.update(Breach(kind, field, rule, detail) for field, rule, detail in walked)
    return sorted(found)


def node(document: Schema, schema: Schema) -> Node:
    """The place that a schema describes; `$ref`, `anyOf` and an `allOf` of one are resolved."""
    choices: list[Schema] = []
    nullable = False
    waiting, seen = [schema], set()
    while waiting:
        each = waiting.pop()
        if "$ref" in each:
            if each["$ref"] not in seen:
                seen.add(each["$ref"])
                waiting.append(resolved(document, each["$ref"]))
        elif "allOf" in each and len(each["allOf"]) == 1:
            waiting.extend(each["allOf"])
        elif alternatives := each.get("anyOf") or each.get("oneOf"):
            waiting.extend(alternatives)
        elif each.get("type") == "null":
            nullable = True
        else:
            choices.append(each)
    return Node(document, tuple(choices), nullable)


def resolved(document: Schema, reference: str) -> Schema:
    """What `#/a/b` names in the document; raises KeyError where there is no such thing."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    schema: Schema = found
    return schema


def kind_of(schema: Schema) -> str:
    """Its type and format, as one word: what must not change."""
    name = str(schema.get("type", "anything"))
    return f"{name} ({schema['format']})" if "format" in schema else name


def by_kind(choices: tuple[Schema, ...]) -> dict[str, Schema]:
    """The choices by kind, and by title where several are of one kind, as the objects of a tagged union are."""
    kinds = [kind_of(choice) for choice in choices]
    return {
        kind if kinds.count(kind) == 1 else f"{kind} {choice.get('title', at)}": choice
        for at, (kind, choice) in enumerate(zip(kinds, choices, strict=True))
    }


Walked = Iterator[tuple[str, str, str]]
Above = frozenset[tuple[int, int]]
Pair = tuple[Schema, Schema]
"""Something released, and the same as it is now."""


def differences(before: Node, after: Node, path: str, above: Above) -> Walked:
    """(field, rule, detail) of each breach at the place and below. `above` are the pairs that are being compared already."""
    if after.nullable and not before.nullable:
        yield path, "field.nullable", "null is new"
    old, new = by_kind(before.choices), by_kind(after.choices)
    if set(old) != set(new):
        yield path, "field.retyped", f"{told(before)} → {told(after)}"
    for kind in sorted(old.keys() & new.keys()):
        pair = (id(old[kind]), id(new[kind]))
        if pair not in above:
            documents = before.document, after.document
            yield from members(documents, (old[kind], new[kind]), path, above | {pair})


def members(documents: Pair, pair: Pair, path: str, above: Above) -> Walked:
    """The breaches below two schemas of one kind: in an object's fields, a map's values, an array's items."""
    old, new = pair
    fields, still = old.get("properties", {}), new.get("properties", {})
    for name, schema in fields.items():
        field = f"{path}.{name}".removeprefix(".")
        if name not in still:
            yield field, "field.removed", f"was {told(node(documents[0], schema))}"
            continue
        if name in old.get("required", ()) and name not in new.get("required", ()):
            yield field, "field.optional", "was required"
        yield from differences(node(documents[0], schema), node(documents[1], still[name]), field, above)
    for key, mark in (("additionalProperties", "{}"), ("items", "[]")):
        yield from inner(documents, (old.get(key), new.get(key)), path + mark, above)
    places, now = old.get("prefixItems", ()), new.get("prefixItems", ())
    if len(places) != len(now):
        yield path, "field.retyped", f"{len(places)} → {len(now)} places"
    for at, each in enumerate(zip(places, now, strict=False)):
        yield from inner(documents, each, f"{path}[{at}]", above)


def inner(documents: Pair, pair: tuple[Any, Any], path: str, above: Above) -> Walked:
    """The breaches of what is inside; no schema, or `true`, or `false`, promises nothing."""
    old, new = ({} if isinstance(each, bool | None) else each for each in pair)
    if old:
        yield from differences(node(documents[0], old), node(documents[1], new), path, above)


def told(place: Node) -> str:
    """The kinds of value that a place has, for a person to read."""
    return " or ".join([*sorted(by_kind(place.choices)), *(["null"] if place.nullable else [])])
