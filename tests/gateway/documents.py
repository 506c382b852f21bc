"""Random but valid documents over the public schema, within what services answer for themselves (no edge between services)."""

import json
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st

from gateway.planner.ids import global_id
from gateway.planner.owners import CROSSINGS
from gateway.schema import build_schema
from tests.gateway.conftest import GRID, VILLAGE
from tests.gateway.test_reads import household

SCHEMA = build_schema()
SESSION = global_id("Session", "00000000-0000-7000-8000-000000000001")
IDS: tuple[str, ...] = (
    SESSION,
    household(1),
    household(2),
    household(3),
    household(999_999),
    global_id("Ticket", "x"),
    "nonsense",
    global_id("Area", "33"),
)
IDS += (global_id("Area", VILLAGE), global_id("Duty", f"{VILLAGE}/2026-01-05"), global_id("Nothing", "1"), "")
VALUES: dict[str, tuple[Any, ...]] = {
    "id": IDS,
    "code": ("33", VILLAGE, GRID, "339999", "99", "", "LIVING_ALONE", "ELDERLY"),
    "parent": ("33", "330881", VILLAGE, "99", None),
    "area": (VILLAGE, "339999", GRID, "3308", "99"),
    "areaCode": (VILLAGE, "339999", GRID, "99", ""),
    "date": ("2026-01-05", "2026-01-01", "1990-01-01"),
    "on": ("2026-01-05", "1990-01-01"),
    "search": ("示例", "甲", "%", "slj", "shilijia", "13800000001", None),
    "name": ("示例甲一", "示例丁一", ""),
    "birthDate": ("1962-03-12", "1962-12-03", None),
    "idNumber": ("339999196203121033", "nonsense", None),
    "phone": ("13800000001", "nonsense", None),
    "household": (household(1), household(999_999), "nonsense", None),
    "asOf": ("2026-01-05", "1990-01-01", None),
    "knownAt": ("2026-01-05T08:00:00Z", None),
    "first": (1, 2, 50, 0, 201, None),
    "after": (None, "nonsense"),
    "agent": ("example-hotline", None),
    "owner": ("department/agriculture", f"area/{VILLAGE}", "nonsense", None),
    "assignee": ("example-officer", "", None),
    "open": (True, False, None),
    "unlinked": (True, False, None),
    "callId": (global_id("Call", "00000000-0000-7000-8000-000000000001"), "nonsense", None),
    "ticket": (global_id("Ticket", "00000000-0000-7000-8000-000000000001"), "nonsense", None),
    "item": ("id-card", "road", ""),
    "from": ("2026-01-05", "2020-01-01"),
    "to": ("2026-01-06", "2026-01-04"),
    "centre": ("example-town-centre", "nowhere"),
    "level": ("TOWNSHIP", None),
    "department": ("health", None),
    "since": ("2026-01-01",),
    "until": ("2026-01-31", "2025-01-01"),
    "kind": ("agriculture", "", None),
    "skill": ("power-repair", "flying"),
    "team": ("example-electricians", None),
    "active": (True, False, None),
    "member": ("example-grid-worker", None),
    "mine": (True, False),
    "longitude": (118.6, 28.7, None),
    "latitude": (28.7, None),
    "begins": ("2026-01-05T08:00:00Z", None),
    "ends": ("2026-01-05T12:00:00Z", None),
    "mediator": ("example-mediator", None),
    "a": (global_id("Plot", "00000000-0000-7000-8000-000000000001"), household(1)),
    "b": (global_id("Plot", "00000000-0000-7000-8000-000000000002"), "nonsense"),
    **dict.fromkeys(("closed", "missed", "counted", "leftOut", "undecided", "overdue"), (True, False, None)),
    "period": ("2026-10", "2026-Q3", "nonsense"),
    "version": (1, None),
    "scheme": ("departments", None),
    "unit": ("department/water", None),
    "result": (global_id("AssessmentResult", "00000000-0000-7000-8000-000000000001"), "nonsense"),
    "category": ("10", "11", None),
    "disputed": (True, False, None),
    "common": (True, False, None),
    "subject": ("example-cadre", "nobody", None),
    "market": (global_id("Market", "00000000-0000-7000-8009-000000000001"), "nonsense", None),
    **dict.fromkeys(("session", "sessionId"), (SESSION, "nonsense", None)),
    **dict.fromkeys(("conflicting", "published", "gap", "unsigned", "serving"), (True, False, None)),
    **dict.fromkeys(("overlapMu", "gapMetres", "gapFromMu", "gapToMu"), (0, 0.5, -1, None)),
}
CHANGING = {"householdAccess"}
"""Roots that answer otherwise when they are asked again: looking at a sheet is written down, and so seen here."""
TYPES = {"id": "ID!", "code": "String!", "area": "String!", "date": "Date!", "first": "Int", "search": "String"}


def is_enum(argument: GraphQLArgument) -> bool:
    return isinstance(get_named_type(argument.type), GraphQLEnumType)


def values(name: str, argument: GraphQLArgument) -> tuple[Any, ...]:
    """What an argument may be given: of an enum any, else what VALUES has."""
    kind = get_named_type(argument.type)
    return (*kind.values, None) if isinstance(kind, GraphQLEnumType) else VALUES[name]


@dataclass
class Writer:
    """Writes one document, drawing every choice."""

    draw: Any
    names: int = 0
    variables: dict[str, Any] = field(default_factory=dict)
    signatures: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == one_in)

    def name(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def variable(self, kind: str, value: Any) -> str:
        name = self.name()
        self.variables[name] = value
        self.signatures.append(f"${name}: {kind}")
        return f"${name}"

    def document(self) -> str:
        query = SCHEMA.query_type
        assert query is not None
        chosen = self.draw(st.lists(st.sampled_from(sorted(query.fields.keys() - CHANGING)), min_size=1, max_size=3))
        body = " ".join(f"{self.name()}: {self.one(name, query.fields[name], 4)}" for name in chosen)
        if self.chance(4):
            body += " __typename"
        signature = f"({', '.join(self.signatures)})" if self.signatures else ""
        return f"query {signature} {{ {body} }} {' '.join(self.fragments)}"

    def one(self, name: str, declared: GraphQLField, depth: int) -> str:
        arguments = []
        for argument, definition in declared.args.items():
            value = self.draw(st.sampled_from(values(argument, definition)))
            if value is None or (not is_required_argument(definition) and self.chance(3)):
                continue
            if argument in TYPES and self.chance(2) and not (argument == "area" and name == "tickets"):
                arguments.append(f"{argument}: {self.variable(TYPES[argument], value)}")
            else:
                arguments.append(f"{argument}: {value if is_enum(definition) else json.dumps(value)}")
        inner = get_named_type(declared.type)
        written = name + (f"({', '.join(arguments)})" if arguments else "") + self.directive()
        return written if is_leaf_type(inner) else f"{written} {self.selection(inner, depth - 1)}"

    def directive(self) -> str:
        if not self.chance(8):
            return ""
        value = self.draw(st.booleans())
        condition = self.variable("Boolean!", value) if self.chance(2) else str(value).lower()
        return f" @{self.draw(st.sampled_from(('skip', 'include')))}(if: {condition})"

    def selection(self, kind: Any, depth: int) -> str:
        if isinstance(kind, GraphQLInterfaceType):
            some = self.draw(
                st.lists(st.sampled_from(("Area", "Household", "Duty", "Ticket")), max_size=3, unique=True)
            )
            parts = [f"... on {name} {self.selection(SCHEMA.type_map[name], depth)}" for name in some]
            return "{ id " + " ".join(parts) + " }"
        assert isinstance(kind, GraphQLObjectType)
        names = [
            name
            for name, declared in kind.fields.items()
            if (kind.name, name) not in CROSSINGS and (depth > 0 or is_leaf_type(get_named_type(declared.type)))
        ]
        if not names:
            return "{ __typename }"
        chosen = self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))
        parts = []
        for name in chosen:
            declared = kind.fields[name]
            merges = not declared.args and self.chance(2)
            parts.append(
                self.one(name, declared, depth) if merges else f"{self.name()}: {self.one(name, declared, depth)}"
            )
        if self.chance(4):
            parts.append("__typename")
        return self.wrapped(kind, " ".join(parts))

    def wrapped(self, kind: GraphQLObjectType, body: str) -> str:
        """The selection itself, or part of it in an inline or a named fragment."""
        if self.chance(6):
            return f"{{ ... on {kind.name}{self.directive()} {{ {body} }} __typename }}"
        if self.chance(6):
            name = self.name()
            self.fragments.append(f"fragment {name} on {kind.name} {{ {body} }}")
            return f"{{ ...{name} ...{name} }}"
        return f"{{ {body} }}"


@st.composite
def documents(draw: Any) -> tuple[str, dict[str, Any]]:
    """A document and its variables."""
    writer = Writer(draw)
    return writer.document(), writer.variables
