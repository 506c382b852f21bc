"""Plans: what each root field of an operation needs from services. Arguments and inputs are functions of the selector, which knows the
variables, so that a plan whose selections no variable changes serves every request.

Each way of answering (splicing, executing) takes its reads from here, so they cannot differ in what they ask.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLObjectType, is_non_null_type

from gateway.planner.ids import key_of, parts
from gateway.planner.owners import COMMANDS, NODES, READS, Read
from gateway.planner.select import NOTHING, Group, Select, Selector
from services.chassis.errors import InvalidInput, NotFound, Problem

__all__ = ["Deed", "Fetch", "Introspection", "Own", "Part", "Root", "Typename", "plan_root"]


@dataclass(frozen=True)
class Fetch:
    """A read. `executes`: the answer is not ready to send as it comes (an edge crosses services).

    `type` is the type of the node that a `node` field will yield."""

    read: Read
    args: Callable[[Selector], dict[str, Any]]
    select: bytes
    executes: bool
    type: str | None = None


@dataclass(frozen=True)
class Part:
    """A field of a mutation's payload. `edge` leads to it from the changed object, None is the object itself; `beside` it is a secret."""

    key: str
    name: str
    select: Select | None = None
    edge: str | None = None
    beside: bool = False


@dataclass(frozen=True)
class Deed:
    """A command, and how its answer becomes the payload."""

    name: str
    service: str
    input: Callable[[Selector], dict[str, Any]]
    parts: Sequence[Part]
    select: bytes
    direct: bool
    executes: bool


@dataclass(frozen=True)
class Own:
    """A field that the gateway answers from the token."""

    select: Select
    executes: bool


@dataclass(frozen=True)
class Typename:
    name: str


@dataclass(frozen=True)
class Introspection:
    pass


@dataclass(frozen=True)
class Root:
    """A root field and its plan, or why it has none."""

    key: str
    name: str
    nodes: Sequence[Any]
    nullable: bool
    plan: Fetch | Deed | Own | Typename | Introspection | Problem

    @property
    def executes(self) -> bool:
        """Whether the answer of this field needs graphql-core to execute it, and cannot be spliced."""
        return isinstance(self.plan, Introspection) or (
            isinstance(self.plan, Fetch | Deed | Own) and self.plan.executes
        )


def plan_root(selector: Selector, group: Group) -> Root:
    kind = selector.root_type()
    if group.name == "__typename":
        return Root(group.key, group.name, group.nodes, False, Typename(kind.name))
    if group.name.startswith("__"):
        return Root(group.key, group.name, group.nodes, True, Introspection())
    nullable = not is_non_null_type(kind.fields[group.name].type)
    try:
        plan = _plan(selector, kind, group)
    except Problem as problem:
        return Root(group.key, group.name, group.nodes, nullable, problem)
    return Root(group.key, group.name, group.nodes, nullable, plan)


def _plan(selector: Selector, kind: GraphQLObjectType, group: Group) -> Fetch | Deed | Own:
    if group.name in COMMANDS:
        return _deed(selector, kind, group)
    if group.name == "node":
        return _node(selector, kind, group)
    far = selector.type_of(kind, group)
    select, executes = selector.select(far, group.nodes)
    if group.name == "me":
        return Own(select, executes)
    read = READS[group.name]
    return Fetch(read, lambda bound: _read_args(bound, kind, group, read), msgspec.json.encode(select), executes)


def _read_args(selector: Selector, kind: GraphQLObjectType, group: Group, read: Read) -> dict[str, Any]:
    args = _coerced(selector, kind, group)
    for name, type_name in read.ids.items():
        if name in args:
            args[name] = key_of(args[name], type_name, name)
    return args


def _coerced(selector: Selector, kind: GraphQLObjectType, group: Group) -> dict[str, Any]:
    try:
        args = selector.args(kind, group)
    except GraphQLError as error:
        raise InvalidInput(error.message, rule="form") from None
    return {name: value for name, value in args.items() if value is not None}


def _node(selector: Selector, kind: GraphQLObjectType, group: Group) -> Fetch:
    type_name, key = parts(_coerced(selector, kind, group)["id"], "id")
    if type_name not in NODES:
        raise NotFound("id: there are no nodes of this type")
    read, argument = NODES[type_name]
    select, executes = selector.select(selector.object_type(type_name), group.nodes)
    return Fetch(read, lambda _: {argument: key}, msgspec.json.encode(select), executes, type_name)


def _deed(selector: Selector, kind: GraphQLObjectType, group: Group) -> Deed:
    command = COMMANDS[group.name]
    payload = selector.type_of(kind, group)
    found: list[Part] = []
    executes = False
    for inner in selector.groups(payload, group.nodes):
        if inner.name in command.payload:
            select, below = selector.select(selector.type_of(payload, inner), inner.nodes)
            executes = executes or below
            found.append(Part(inner.key, inner.name, select, command.payload[inner.name]))
        else:
            found.append(Part(inner.key, inner.name, beside=inner.name in command.beside))
    objects = [part for part in found if part.select is not None]
    secrets = [[f"_{part.name}_{part.key}", part.name] for part in found if part.beside]
    direct = len(objects) == 1 and objects[0].edge is None and not secrets
    select = (objects[0].select if direct else None) or _joined(objects) + secrets or NOTHING
    return Deed(
        group.name,
        command.service,
        lambda bound: _input(_coerced(bound, kind, group)["input"], command.ids),
        found,
        msgspec.json.encode(select),
        direct,
        executes,
    )


def _joined(objects: Sequence[Part]) -> Select:
    """One select for all objects of a payload, their keys marked by position so that they cannot meet."""
    joined: Select = []
    for position, part in enumerate(objects):
        if part.edge is not None:
            joined.append([f"_{position}", part.edge, None, part.select])
        else:
            joined += [[f"_{position}_{node[0]}", *node[1:]] for node in part.select or ()]
    return joined


def _input(given: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The input with its global ids taken apart. A path such as `revision.members.id` goes through objects and lists."""
    result = dict(given)
    for path, type_name in ids.items():
        outer, _, inner = path.partition(".")
        if result.get(outer) is not None:
            result[outer] = _keyed(result[outer], inner, type_name, outer)
    return result


def _keyed(value: Any, path: str, type_name: str, field: str) -> Any:
    if isinstance(value, list):
        return [_keyed(item, path, type_name, f"{field}[{position}]") for position, item in enumerate(value)]
    if not path:
        return key_of(value, type_name, field)
    name, _, rest = path.partition(".")
    return value | {name: _keyed(value[name], rest, type_name, f"{field}.{name}")} if value.get(name) else value
