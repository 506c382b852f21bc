"""What breaks a consumer is found, and nothing else is."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.catalogue.compatibility import RULES, breaches

KIND = "tickets.ticket.closed.v1"
DEFS = {
    "Closed": {
        "type": "object",
        "properties": {
            "ticket": {"type": "string", "format": "uuid"},
            "version": {"type": "integer"},
            "household": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
            "status": {"description": "…", "allOf": [{"$ref": "#/$defs/Status"}]},
            "note": {"type": "string"},
            "members": {"type": "array", "items": {"$ref": "#/$defs/Member"}},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
            "cause": {"anyOf": [{"$ref": "#/$defs/Call"}, {"$ref": "#/$defs/Visit"}]},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "anything": {},
        },
        "required": ["ticket", "version", "household", "status", "members"],
    },
    "Status": {"title": "Status", "type": "string", "x-extensible-enum": ["CLOSED", "SIGNED"]},
    "Member": {
        "type": "object",
        "properties": {"role": {"type": "string"}, "under": {"anyOf": [{"$ref": "#/$defs/Member"}, {"type": "null"}]}},
        "required": ["role", "under"],
    },
    "Call": {"title": "Call", "type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
    "Visit": {"title": "Visit", "type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
}
SCHEMA: dict[str, Any] = {"$ref": "#/$defs/Closed", "$defs": DEFS}

Change = Callable[[dict[str, Any]], object]


def fields(defs: dict[str, Any], name: str = "Closed") -> dict[str, Any]:
    properties: dict[str, Any] = defs[name]["properties"]
    return properties


def after(change: Change) -> list[tuple[str, str]]:
    """(field, rule) of the breaches after a change of the definitions."""
    schema = copy.deepcopy(SCHEMA)
    change(schema["$defs"])
    return [(breach.field, breach.rule) for breach in breaches({KIND: SCHEMA}, {KIND: schema})]


BREAKING: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "a field goes": (lambda defs: fields(defs).pop("note"), [("note", "field.removed")]),
    "another type": (lambda defs: fields(defs).update(version={"type": "string"}), [("version", "field.retyped")]),
    "another format": (
        lambda defs: fields(defs).update(ticket={"type": "string", "format": "date"}),
        [("ticket", "field.retyped")],
    ),
    "no format": (lambda defs: fields(defs).update(ticket={"type": "string"}), [("ticket", "field.retyped")]),
    "one more type": (
        lambda defs: fields(defs)["either"]["anyOf"].append({"type": "boolean"}),
        [("either", "field.retyped")],
    ),
    "any type": (lambda defs: fields(defs).update(note={}), [("note", "field.retyped")]),
    "no longer required": (lambda defs: defs["Closed"]["required"].remove("ticket"), [("ticket", "field.optional")]),
    "null allowed": (
        lambda defs: fields(defs).update(note={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        [("note", "field.nullable")],
    ),
    "null allowed of what is referred to": (
        lambda defs: fields(defs).update(status={"anyOf": [{"$ref": "#/$defs/Status"}, {"type": "null"}]}),
        [("status", "field.nullable")],
    ),
    "an enumeration of another type": (
        lambda defs: defs.update(Status={"type": "integer", "x-extensible-enum": [1]}),
        [("status", "field.retyped")],
    ),
    "deep inside": (lambda defs: fields(defs, "Member").pop("role"), [("members[].role", "field.removed")]),
    "a map's values": (
        lambda defs: fields(defs)["counts"].update(additionalProperties={"type": "string"}),
        [("counts{}", "field.retyped")],
    ),
    "a map of anything": (
        lambda defs: fields(defs)["counts"].pop("additionalProperties"),
        [("counts{}", "field.retyped")],
    ),
    "an array's items": (
        lambda defs: fields(defs)["members"].update(items={"type": "string"}),
        [("members[]", "field.retyped")],
    ),
    "a place of a tuple": (
        lambda defs: fields(defs)["pair"]["prefixItems"].__setitem__(1, {"type": "string"}),
        [("pair[1]", "field.retyped")],
    ),
    "one more place": (
        lambda defs: fields(defs)["pair"]["prefixItems"].append({"type": "string"}),
        [("pair", "field.retyped")],
    ),
    "one of several objects": (lambda defs: fields(defs, "Call").pop("at"), [("cause.at", "field.removed")]),
    "one more of several objects": (
        lambda defs: fields(defs)["cause"]["anyOf"].append({"title": "Duty", "type": "object"}),
        [("cause", "field.retyped")],
    ),
    "several at once": (
        lambda defs: (fields(defs).pop("note"), defs["Closed"]["required"].clear()),
        [
            ("household", "field.optional"),
            ("members", "field.optional"),
            ("note", "field.removed"),
            ("status", "field.optional"),
            ("ticket", "field.optional"),
            ("version", "field.optional"),
        ],
    ),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda _: None,
    "a new field": lambda defs: fields(defs).update(newer={"type": "string"}),
    "a new required field": lambda defs: (
        fields(defs).update(newer={"type": "string"}),
        defs["Closed"]["required"].append("newer"),
    ),
    "a new field of a field": lambda defs: fields(defs, "Member").update(newer={}),
    "more values": lambda defs: defs["Status"]["x-extensible-enum"].append("MERGED"),
    "other values": lambda defs: defs["Status"].update({"x-extensible-enum": ["MERGED"]}),
    "now required": lambda defs: defs["Closed"]["required"].append("note"),
    "never null any more": lambda defs: fields(defs).update(household={"type": "string", "format": "uuid"}),
    "another description": lambda defs: defs["Closed"].update(description="Otherwise."),
    "another title": lambda defs: defs["Member"].update(title="Person"),
    "no reference any more": lambda defs: fields(defs).update(status=copy.deepcopy(defs["Status"])),
    "what promised nothing": lambda defs: defs["Closed"].update(additionalProperties=False),
}


@pytest.mark.parametrize(("change", "found"), BREAKING.values(), ids=BREAKING)
def test_what_breaks_a_consumer_is_found(change: Change, found: list[tuple[str, str]]) -> None:
    assert after(change) == found


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_is_let_pass(change: Change) -> None:
    assert after(change) == []


def test_an_event_type_that_is_gone_is_found_and_a_new_one_is_not() -> None:
    (breach,) = breaches({KIND: SCHEMA}, {"tickets.ticket.closed.v2": SCHEMA})
    assert (breach.type, breach.rule) == (KIND, "type.removed")
    assert str(breach) == f"{KIND} (data): type.removed: an event type is published no more (released before)"


def test_every_rule_is_tried() -> None:
    tried = {rule for _, found in BREAKING.values() for _, rule in found}
    assert tried | {"type.removed"} == set(RULES)


# --- Any schema, any change --------------------------------------------------------------------------------------------

SCALARS: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "id": {"type": "string", "format": "uuid"},
    "count": {"type": "integer"},
    "yes": {"type": "boolean"},
}
NAMES = st.sampled_from(["a", "b", "c", "type", "properties", "required"])


@dataclass
class Tree:
    """A value's shape. `named`: its schema stands in `$defs`; `fields` of an object, `inner` of an array or a map."""

    kind: str
    nullable: bool
    named: bool
    required: bool = True
    fields: "dict[str, Tree] | None" = None
    inner: "Tree | None" = None


def trees() -> st.SearchStrategy[Tree]:
    flags = (st.booleans(), st.booleans(), st.booleans())
    scalars = st.builds(Tree, st.sampled_from(sorted(SCALARS)), *flags)

    def larger(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        inner = st.builds(Tree, st.sampled_from(["array", "map"]), *flags, inner=children)
        return inner | st.builds(Tree, st.just("object"), *flags, fields=st.dictionaries(NAMES, children, max_size=3))

    return st.recursive(scalars, larger, max_leaves=8)


ROOTS = st.builds(
    Tree,
    st.just("object"),
    st.just(False),
    st.booleans(),
    fields=st.dictionaries(NAMES, trees(), min_size=1, max_size=4),
)


def schema_of(root: Tree) -> dict[str, Any]:
    """The tree as JSON Schema."""
    defs: dict[str, Any] = {}

    def rendered(tree: Tree) -> dict[str, Any]:
        schema: dict[str, Any]
        if tree.kind == "object":
            members = tree.fields or {}
            schema = {
                "type": "object",
                "properties": {name: rendered(member) for name, member in members.items()},
                "required": [name for name, member in members.items() if member.required],
            }
        elif tree.inner is not None:
            key = "items" if tree.kind == "array" else "additionalProperties"
            schema = {"type": "array" if tree.kind == "array" else "object", key: rendered(tree.inner)}
        else:
            schema = dict(SCALARS[tree.kind])
        if tree.named:
            name = f"D{len(defs)}"
            defs[name] = schema
            schema = {"$ref": f"#/$defs/{name}"}
        return {"anyOf": [schema, {"type": "null"}]} if tree.nullable else schema

    return {**rendered(root), "$defs": defs}


def places(tree: Tree, path: str = "") -> Iterator[tuple[str, Tree]]:
    """Every place of the tree with its path, as breaches name it."""
    yield path, tree
    for name, member in (tree.fields or {}).items():
        yield from places(member, f"{path}.{name}".removeprefix("."))
    if tree.inner is not None:
        yield from places(tree.inner, path + ("[]" if tree.kind == "array" else "{}"))


def remove(tree: Tree, draw: st.DrawFn) -> str:
    assert tree.fields
    name = draw(st.sampled_from(sorted(tree.fields)))
    del tree.fields[name]
    return f".{name}"


def make_optional(tree: Tree, draw: st.DrawFn) -> str:
    assert tree.fields
    name = draw(st.sampled_from(sorted(name for name, member in tree.fields.items() if member.required)))
    tree.fields[name].required = False
    return f".{name}"


def retype(tree: Tree, draw: st.DrawFn) -> str:
    tree.kind = draw(st.sampled_from(sorted(SCALARS.keys() - {tree.kind})))
    tree.fields = tree.inner = None
    return ""


def allow_null(tree: Tree, _: st.DrawFn) -> str:
    tree.nullable = True
    return ""


def add_field(tree: Tree, draw: st.DrawFn) -> None:
    assert tree.fields is not None
    tree.fields["newer"] = draw(trees())


def forbid_null(tree: Tree, _: st.DrawFn) -> None:
    tree.nullable = False


def require_all(tree: Tree, _: st.DrawFn) -> None:
    for member in (tree.fields or {}).values():
        member.required = True


def name_it(tree: Tree, _: st.DrawFn) -> None:
    tree.named = not tree.named


Fits = Callable[[Tree], bool]
BREAKS: dict[str, tuple[Fits, Callable[[Tree, st.DrawFn], str]]] = {
    "field.removed": (lambda tree: bool(tree.fields), remove),
    "field.optional": (lambda tree: any(member.required for member in (tree.fields or {}).values()), make_optional),
    "field.retyped": (lambda _: True, retype),
    "field.nullable": (lambda tree: not tree.nullable, allow_null),
}
CHANGES: tuple[tuple[Fits, Callable[[Tree, st.DrawFn], None]], ...] = (
    (lambda tree: tree.kind == "object", add_field),
    (lambda tree: tree.nullable, forbid_null),
    (lambda tree: bool(tree.fields), require_all),
    (lambda _: True, name_it),
)


@st.composite
def broken(draw: st.DrawFn) -> tuple[Tree, Tree, tuple[str, str]]:
    """A tree, the same after one breaking change, and that change's place and rule."""
    before = draw(ROOTS)
    now = copy.deepcopy(before)
    rule = draw(st.sampled_from(sorted(BREAKS)))
    fits, change = BREAKS[rule]
    fitting = [(path, tree) for path, tree in places(now) if fits(tree)]
    assume(fitting)
    path, tree = draw(st.sampled_from(fitting))
    return before, now, ((path + change(tree, draw)).removeprefix("."), rule)


@st.composite
def grown(draw: st.DrawFn) -> tuple[Tree, Tree]:
    """A tree, and the same after up to five changes that break nobody."""
    before = draw(ROOTS)
    now = copy.deepcopy(before)
    for _ in range(draw(st.integers(0, 5))):
        fits, change = draw(st.sampled_from(CHANGES))
        fitting = [tree for _, tree in places(now) if fits(tree)]
        if fitting:
            change(draw(st.sampled_from(fitting)), draw)
    return before, now


@given(broken())
def test_any_one_breach_is_found_where_it_is(case: tuple[Tree, Tree, tuple[str, str]]) -> None:
    before, now, expected = case
    found = breaches({KIND: schema_of(before)}, {KIND: schema_of(now)})
    assert [(breach.field, breach.rule) for breach in found] == [expected]


@given(grown())
def test_whatever_only_grows_breaks_nobody(case: tuple[Tree, Tree]) -> None:
    before, now = case
    assert breaches({KIND: schema_of(before)}, {KIND: schema_of(now)}) == []
