"""Documents: parsed, limited and validated once, and remembered by their text."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_variable_values,
    parse,
    validate,
    visit,
)
from graphql.execution.values import VariableValues

from gateway import limits
from gateway.errors import INVALID_INPUT, PARSE_FAILED, VALIDATION_FAILED, Formatted, of_request
from gateway.planner.plan import Root, plan_root
from gateway.planner.select import Selector

MOST_DOCUMENTS = 1_000


class Refused(Exception):
    """The request cannot be executed at all; `errors` say why."""

    def __init__(self, errors: list[Formatted]) -> None:
        super().__init__("the request cannot be executed")
        self.errors = errors


@dataclass(frozen=True)
class Bound:
    """An operation with its variables: ready to be answered."""

    document: DocumentNode
    kind: OperationType
    name: str | None
    variables: Mapping[str, Any]
    selector: Selector
    roots: list[Root]


@dataclass
class Operation:
    """One operation of a document. `fixed`: no variable changes its selections, so the plan is made once."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    fixed: bool
    _plan: list[Root] | None = field(default=None)

    def bind(self, variables: Mapping[str, Any]) -> Bound:
        """Raises Refused when a variable has not the form of its type."""
        coerced = self._coerced(variables)
        selector = Selector(self.schema, self.node, self.fragments, coerced)
        roots = self._plan
        if roots is None:
            roots = [plan_root(selector, group) for group in selector.roots()]
            if self.fixed:
                self._plan = roots
        name = self.node.name.value if self.node.name else None
        return Bound(self.document, self.node.operation, name, variables, selector, roots)

    def _coerced(self, variables: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(
            self.schema, self.node.variable_definitions or (), dict(variables), max_errors=10, hide_suggestions=True
        )
        if isinstance(values, list):
            raise Refused([of_request(error, INVALID_INPUT, rule="type", **_variable(error)) for error in values])
        return values


def _variable(error: GraphQLError) -> dict[str, str]:
    """The name of the variable that an error is about."""
    for node in error.nodes or ():
        name = getattr(getattr(node, "variable", None), "name", None)
        if name is not None:
            return {"field": name.value}
    return {}


@dataclass(frozen=True)
class Document:
    """A document as the cache keeps it: its operations, or the errors that refuse it."""

    operations: Mapping[str | None, Operation]
    errors: list[GraphQLError]
    code: str = VALIDATION_FAILED

    def operation(self, name: str | None) -> Operation:
        """Raises Refused: the document is refused, or the name names none of its operations."""
        if self.errors:
            raise Refused([of_request(error, self.code) for error in self.errors])
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name is not None else None
        if found is None:
            text = (
                "operationName names no operation of the document" if name else "operationName must choose an operation"
            )
            raise Refused([of_request(GraphQLError(text), VALIDATION_FAILED, field="operationName")])
        return found


class Documents:
    """The cache of documents of one schema."""

    def __init__(self, schema: GraphQLSchema, *, development: bool) -> None:
        self._schema = schema
        self._rules: Collection[type[ASTValidationRule]] = (
            limits.DEVELOPMENT_RULES if development else limits.PRODUCTION_RULES
        )
        self._development = development
        self._known: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        if (known := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return known
        document = self._document(text)
        self._known[text] = document
        if len(self._known) > MOST_DOCUMENTS:
            self._known.popitem(last=False)
        return document

    def _document(self, text: str) -> Document:
        if len(text.encode("utf-8", "surrogatepass")) > limits.DOCUMENT_BYTES:
            error = GraphQLError(f"A document is limited to {limits.DOCUMENT_BYTES} bytes.")
            return Document({}, [error], PARSE_FAILED)
        try:
            parsed = parse(text, max_tokens=limits.TOKENS)
        except GraphQLError as error:
            return Document({}, [error], PARSE_FAILED)
        errors = limits.check(parsed) or validate(
            self._schema, parsed, self._rules, max_errors=20, hide_suggestions=not self._development
        )
        if errors:
            return Document({}, errors)
        fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}
        operations = {
            node.name.value if node.name else None: Operation(
                self._schema, parsed, node, fragments, _fixed(parsed, node)
            )
            for node in parsed.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        return Document(operations, [])


def _fixed(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether variables stand only in arguments of the operation's own root fields (and not in `node`, whose id decides the type)."""
    if not operation.variable_definitions:
        return True
    finder = _Variables()
    for selection in operation.selection_set.selections:
        if not isinstance(selection, FieldNode) or selection.name.value == "node" or selection.directives:
            return False
        if selection.selection_set is not None:
            visit(selection.selection_set, finder)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            visit(definition, finder)
    return not finder.found


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, node: VariableNode, *_: Node) -> None:
        self.found = True
