"""How an operation is answered. Two ways, which must be equal in data and errors (a property test holds them together):

spliced: every root field's subtree belongs to one service each; their bytes become the answer without a row being touched.
executed: graphql-core resolves the operation over the services' answers, with loaders where edges cross services.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from graphql import ExecutionResult, GraphQLSchema, OperationType, execute, subscribe
from prometheus_client import Counter

from gateway import errors
from gateway.auth import Caller
from gateway.calls import Calls
from gateway.clients import Services
from gateway.context import Context
from gateway.errors import VALIDATION_FAILED, Formatted
from gateway.feed import Feed
from gateway.planner.documents import Bound, Documents, Refused
from gateway.planner.plan import Deed, Fetch, Introspection, Own, Root, Typename
from services.chassis.errors import Problem

ANSWERED = Counter("sanmin_answers_total", "Operations answered, by the way of answering", ["way"])


@dataclass(frozen=True)
class Question:
    """A GraphQL request."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None


@dataclass(frozen=True)
class Answer:
    """The response's bytes. `executed` is False when the request was refused before anything ran: it then has no data."""

    body: bytes
    executed: bool = True


def refusal(found: list[Formatted]) -> Answer:
    return Answer(orjson.dumps({"errors": found}), executed=False)


class Answers:
    """Answers operations of one schema by the services."""

    def __init__(self, schema: GraphQLSchema, services: Services, feed: Feed, *, development: bool) -> None:
        self._schema = schema
        self._documents = Documents(schema, development=development)
        self._services = services
        self._feed = feed
        self._development = development

    def bind(self, question: Question) -> Bound:
        """Raises Refused."""
        return self._documents.get(question.query).operation(question.operation_name).bind(question.variables)

    async def answer(self, bound: Bound, caller: Caller, *, splice: bool = True) -> Answer:
        """Answers a query or a mutation. `splice=False` has it executed though it could be spliced."""
        calls = Calls(self._services, caller)
        spliced = splice and not any(root.executes for root in bound.roots)
        ANSWERED.labels("spliced" if spliced else "executed").inc()
        if spliced:
            return await _Splice(bound, calls).answer()
        result = execute(
            self._schema,
            bound.document,
            context_value=Context(bound, calls, self._feed),
            variable_values=dict(bound.variables),
            operation_name=bound.name,
            hide_suggestions=not self._development,
        )
        return _executed(result if isinstance(result, ExecutionResult) else await result)

    async def changes(self, bound: Bound, caller: Caller) -> AsyncGenerator[Answer, None]:
        """Answers a subscription, event by event; ends with an answer that has errors only when it cannot go on."""
        context = Context(bound, Calls(self._services, caller), self._feed)
        events = subscribe(
            self._schema,
            bound.document,
            context_value=context,
            variable_values=dict(bound.variables),
            operation_name=bound.name,
        )
        if not isinstance(events, ExecutionResult | AsyncIterator):
            events = await events
        if isinstance(events, ExecutionResult):
            yield refusal(errors.of_execution(events.errors or []))
            return
        root = bound.roots[0]
        try:
            async for result in events:
                yield _executed(result)
        except Problem as problem:
            yield refusal([errors.of_problem(problem, root.nodes, [root.key])])


def _executed(result: ExecutionResult) -> Answer:
    if not result.errors:
        return Answer(orjson.dumps({"data": result.data}))
    found = errors.of_execution(result.errors)
    if result.data is None and all(error.path is None for error in result.errors):
        return refusal(found)
    return Answer(orjson.dumps({"data": result.data, "errors": found}))


class _Splice:
    """One operation's answer put together from bytes."""

    def __init__(self, bound: Bound, calls: Calls) -> None:
        self._bound = bound
        self._calls = calls
        self._errors: list[Formatted] = []
        self._null = False

    async def answer(self) -> Answer:
        roots = self._bound.roots
        if len(roots) == 1:
            values = [await self._value(roots[0])]
        elif self._bound.kind is OperationType.MUTATION:
            values = [await self._value(root) for root in roots]
        else:
            values = list(await asyncio.gather(*map(self._value, roots)))
        if self._null:
            data = b"null"
        else:
            pairs = [b'"%b":%b' % (root.key.encode(), value) for root, value in zip(roots, values, strict=True)]
            data = b"{%b}" % b",".join(pairs)
        if not self._errors:
            return Answer(b'{"data":%b}' % data)
        return Answer(b'{"data":%b,"errors":%b}' % (data, orjson.dumps(self._errors)))

    async def _value(self, root: Root) -> bytes:
        """The JSON of a field. Where it fails it is null, and the whole data with it if the field must not be null."""
        try:
            return await self._planned(root)
        except Problem as problem:
            self._errors.append(errors.of_problem(problem, root.nodes, [root.key]))
        except Exception as error:
            self._errors.append(errors.of_unexpected(error, root.nodes, [root.key]))
        self._null = self._null or not root.nullable
        return b"null"

    async def _planned(self, root: Root) -> bytes:
        selector = self._bound.selector
        match root.plan:
            case Fetch() as plan:
                return await self._calls.fetch(plan, selector)
            case Deed() as plan:
                pairs = await self._calls.perform(plan, selector)
                return b"{%b}" % b",".join(b'"%b":%b' % (key.encode(), value) for key, value in pairs)
            case Own() as plan:
                return msgspec.json.encode(self._calls.own(plan))
            case Typename(name):
                return msgspec.json.encode(name)
            case Problem() as problem:
                raise problem.with_traceback(None)  # a kept plan raises it time and again
            case Introspection():
                raise LookupError("introspection is executed, never spliced")


def only(bound: Bound, *kinds: OperationType) -> Bound:
    """The operation if it is of one of the kinds; raises Refused."""
    if bound.kind not in kinds:
        names = " or ".join(kind.value for kind in kinds)
        problem = Problem(f"only a {names} can be answered here")
        problem.code = VALIDATION_FAILED
        raise Refused([errors.of_problem(problem)])
    return bound
