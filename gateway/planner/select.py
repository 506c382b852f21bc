"""From GraphQL's selection sets to the services' `select`: fields merged, fragments spread out, @skip and @include decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

from gateway.planner.owners import CROSSINGS

Select = list[list[Any]]

# What is asked of an object when all its fields are skipped: the answer then has a key too many, and must be executed.
NOTHING: Select = [["_", "__typename"]]


@dataclass(frozen=True)
class Group:
    """Fields of one response key, to be merged."""

    key: str
    name: str
    nodes: Sequence[FieldNode]


@dataclass(frozen=True)
class Edge:
    """A crossing as one operation asks for it: its arguments, and what to select on the far side."""

    args: Mapping[str, Any]
    select: bytes


def plain(value: Any) -> Any:
    """A coerced argument in JSON's terms: enums by name."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


class Selector:
    """Selects for one operation with its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = {name: FragmentDetails(node) for name, node in fragments.items()}
        self._variables = variables
        self._edges: dict[tuple[int, ...], Edge] = {}

    def root_type(self) -> GraphQLObjectType:
        found = self._schema.get_root_type(self._operation.operation)
        if found is None:
            raise LookupError(f"the schema has no {self._operation.operation.value}")
        return found

    def object_type(self, name: str) -> GraphQLObjectType:
        found = self._schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise LookupError(f"{name} is no object type")
        return found

    def roots(self) -> list[Group]:
        collected = collect_fields(
            self._schema, self._fragments, self._variables, self.root_type(), self._operation
        ).grouped_field_set
        return _groups(collected)

    def groups(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> list[Group]:
        details = [FieldDetails(node, None) for node in nodes]
        collected = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, kind, details
        ).grouped_field_set
        return _groups(collected)

    def args(self, kind: GraphQLObjectType, group: Group) -> dict[str, Any]:
        """Arguments coerced by their types, enums by name; raises GraphQLError."""
        coerced = get_argument_values(kind.fields[group.name], group.nodes[0], self._variables)
        return {name: plain(value) for name, value in coerced.items()}

    def type_of(self, kind: GraphQLObjectType, group: Group) -> Any:
        return get_named_type(kind.fields[group.name].type)

    def select(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> tuple[Select, bool]:
        """The select of an object, and whether the answer needs executing. An edge that crosses to another service reads its key in place."""
        selected: Select = []
        executes = False
        for group in self.groups(kind, nodes):
            if group.name == "__typename":
                selected.append([group.key, group.name])
            elif (crossing := CROSSINGS.get((kind.name, group.name))) is not None:
                selected.append([group.key, crossing.source])
                executes = True
            elif is_leaf_type(inner := self.type_of(kind, group)):
                selected.append([group.key, group.name])
            else:
                args = {name: value for name, value in self.args(kind, group).items() if value is not None}
                below, executes_below = self.select(inner, group.nodes)
                selected.append([group.key, group.name, args or None, below])
                executes = executes or executes_below
        return (selected, executes) if selected else (NOTHING, True)

    def edge(self, kind: GraphQLObjectType, name: str, nodes: Sequence[FieldNode]) -> Edge:
        """A crossing's arguments and far selection, worked out once however many rows have it."""
        memo = tuple(map(id, nodes))
        if (known := self._edges.get(memo)) is None:
            group = Group("", name, nodes)
            select, _ = self.select(self.type_of(kind, group), nodes)
            known = self._edges[memo] = Edge(self.args(kind, group), msgspec.json.encode(select))
        return known


def _groups(collected: Mapping[str, Sequence[FieldDetails]]) -> list[Group]:
    return [
        Group(key, details[0].node.name.value, [detail.node for detail in details])
        for key, details in collected.items()
    ]
