"""What a document may cost before anything of it runs. Each check is cheaper than what it saves: size before the lexer, tokens while
parsing, shape before validation. Fragments are counted once and remembered, so that doubled fragments cost nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    SelectionNode,
    specified_rules,
)

DOCUMENT_BYTES = 32_768
TOKENS = 1_000
DEPTH = 12
ALIASES = 30
DIRECTIVES = 50
EXPANDED = 1_000

DEVELOPMENT_RULES: tuple[type[ASTValidationRule], ...] = tuple(specified_rules)
PRODUCTION_RULES: tuple[type[ASTValidationRule], ...] = (*specified_rules, NoSchemaIntrospectionCustomRule)


@dataclass(frozen=True)
class Shape:
    """Depth in fields, and how many fields, aliases and directives a selection has with its fragments spread out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: "Shape") -> "Shape":
        return Shape(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
        )


def check(document: DocumentNode) -> list[GraphQLError]:
    """The limits that a parsed document breaks."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured = _Measured(fragments)
    errors = []
    for definition in document.definitions:
        selections = getattr(definition, "selection_set", None)
        shape = measured.of(selections.selections) if selections is not None else Shape()
        for name, value, most in (
            ("depth", shape.depth, DEPTH),
            ("number of fields", shape.fields, EXPANDED),
            ("number of aliases", shape.aliases, ALIASES),
            ("number of directives", shape.directives, DIRECTIVES),
        ):
            if value > most:
                errors.append(GraphQLError(f"The {name} of an operation is limited to {most}.", nodes=[definition]))
    if measured.reserved is not None:
        errors.append(GraphQLError("An alias must not begin with two underscores.", nodes=[measured.reserved]))
    return errors


class _Measured:
    """Measures selections; introspection is left out, since where it is allowed it comes from tools."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Shape] = {}
        self.reserved: FieldNode | None = None

    def of(self, selections: Iterable[SelectionNode]) -> Shape:
        total = Shape()
        for selection in selections:
            total = total.beside(self._selection(selection))
        return total

    def _selection(self, node: SelectionNode) -> Shape:
        directives = len(node.directives or ())
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value).beside(Shape(directives=directives))
        inner = self.of(node.selection_set.selections) if getattr(node, "selection_set", None) else Shape()  # type: ignore[attr-defined]
        if not isinstance(node, FieldNode):
            return inner.beside(Shape(directives=directives))
        if node.name.value in ("__schema", "__type"):
            return Shape(1, 1, 0, directives)
        if node.alias is not None and node.alias.value.startswith("__"):
            self.reserved = node
        return Shape(
            inner.depth + 1, inner.fields + 1, inner.aliases + (node.alias is not None), inner.directives + directives
        )

    def _fragment(self, name: str) -> Shape:
        """A fragment within itself counts nothing: validation refuses the cycle."""
        if name not in self._known:
            self._known[name] = Shape()
            if (fragment := self._fragments.get(name)) is not None:
                self._known[name] = self.of(fragment.selection_set.selections)
        return self._known[name]
