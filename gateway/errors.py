"""Errors in GraphQL's form: message, path, locations and extensions {code, field, rule, current, from, allowed, retryAfter, correlationId}.

What was not foreseen is logged and masked: its text may hold personal values.
"""

from collections.abc import Collection, Sequence
from typing import Any

import structlog
from graphql import GraphQLError, Node

from services.chassis.errors import Problem
from services.chassis.telemetry import correlation, place_of

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
INVALID_INPUT = "INVALID_INPUT"

log = structlog.get_logger()

Formatted = dict[str, Any]


class RemoteProblem(Problem):
    """A problem document that a service answered with."""

    def __init__(self, document: dict[str, Any]) -> None:
        standard = ("type", "title", "status", "code", "detail", "correlationId")
        super().__init__(
            str(document.get("detail", "the service failed")),
            **{name: value for name, value in document.items() if name not in standard},
        )
        self.code = str(document.get("code", "INTERNAL"))


def extensions(code: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, **(extra or {}), "correlationId": correlation.get()}


def of_problem(problem: Problem, nodes: Collection[Node] = (), path: Collection[str | int] | None = None) -> Formatted:
    """A problem at a field of the answer, or of the whole request."""
    error = GraphQLError(
        problem.detail, nodes=nodes or None, path=path, extensions=extensions(problem.code, problem.extra)
    )
    return dict(error.formatted)


def of_unexpected(
    error: BaseException, nodes: Collection[Node] = (), path: Collection[str | int] | None = None
) -> Formatted:
    log.error("field.failed", error=type(error).__name__, path=list(path or ()), at=place_of(error))
    return of_problem(Problem("something went wrong here; the correlation id finds it in the log"), nodes, path)


def of_request(error: GraphQLError, code: str, **extra: Any) -> Formatted:
    """An error of graphql-core about the request itself: its text speaks of the document, not of data."""
    formatted = dict(error.formatted)
    formatted["extensions"] = extensions(code, extra)
    return formatted


def of_execution(errors: Sequence[GraphQLError]) -> list[Formatted]:
    """The errors that an execution collected."""
    return [_of_field(error) for error in errors]


def _of_field(error: GraphQLError) -> Formatted:
    match error.original_error:
        case None if error.path is None:
            return of_request(error, INVALID_INPUT)
        case Problem() as problem:
            return of_problem(problem, error.nodes or (), error.path)
        case original:
            return of_unexpected(original or error, error.nodes or (), error.path)
