"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http): POST for everything, GET for queries only.

Media types: application/graphql-response+json, whose status tells of errors in the request, and application/json, where a well-formed
request is answered with 200.
"""

import asyncio
from typing import Any

import msgspec
import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from gateway import errors
from gateway.answers import Answer, Answers, Question, only, refusal
from gateway.auth import caller_of
from gateway.graphiql import PAGE
from gateway.planner.documents import Refused
from services.chassis.auth import Verifier
from services.chassis.errors import InvalidInput, PayloadTooLarge, Problem, Unavailable

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
ALLOWED = {"Allow": "GET, POST"}


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class NotAcceptable(Problem):
    status, code, title = 406, "INVALID_INPUT", "No acceptable media type"


class WrongMediaType(Problem):
    status, code, title = 415, "INVALID_INPUT", "Unsupported media type"


class WrongMethod(Problem):
    status, code, title = 405, "INVALID_INPUT", "Method not allowed"


_bodies = msgspec.json.Decoder(_Body)


class Endpoint:
    """`/graphql` over HTTP."""

    def __init__(self, answers: Answers, verifier: Verifier, *, body_limit: int, development: bool) -> None:
        self._answers = answers
        self._verifier = verifier
        self._limit = body_limit
        self._development = development

    async def answer(self, request: Request) -> Response:
        accept = request.headers.get("accept", "*/*")
        if request.method == "GET" and self._development and "text/html" in accept:
            return HTMLResponse(PAGE)
        try:
            media = _media(accept)
        except NotAcceptable as problem:
            return _refused(problem, JSON)
        try:
            answer = await self._answer(request)
        except Refused as refused:
            answer = refusal(refused.errors)
        except Problem as problem:
            return _refused(problem, media)
        except ClientDisconnect:
            raise
        except asyncio.CancelledError:
            return _refused(Unavailable("the gateway is stopping; try again"), media)
        except Exception as error:
            return _response(refusal([errors.of_unexpected(error)]), media, 500)
        return _response(answer, media, 200 if answer.executed or media == JSON else 400)

    async def _answer(self, request: Request) -> Answer:
        if request.method == "GET":
            caller = await caller_of(request.headers.get("authorization"), self._verifier)
            bound = self._answers.bind(_in_url(request))
            if bound.kind is not OperationType.QUERY:
                raise WrongMethod("GET is for queries: send other operations by POST")
        else:
            body = await self._body(request)
            caller = await caller_of(request.headers.get("authorization"), self._verifier)
            bound = only(self._answers.bind(_in_body(request, body)), OperationType.QUERY, OperationType.MUTATION)
        return await self._answers.answer(bound, caller)

    async def _body(self, request: Request) -> bytes:
        """Raises PayloadTooLarge as soon as the declared or the real length is over the limit."""
        too_large = PayloadTooLarge(f"the body is over the limit of {self._limit} bytes", limit=self._limit)
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._limit:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._limit:
                raise too_large
        return bytes(body)


def _media(accept: str) -> str:
    """The answer's media type: the first of the two that is accepted, application/json where any is."""
    for offered in accept.split(","):
        name, _, parameters = offered.partition(";")
        if "q=0" in parameters.replace(" ", "").split(";"):
            continue
        match name.strip().lower():
            case "application/graphql-response+json":
                return RESPONSE
            case "application/json" | "application/*" | "*/*" | "":
                return JSON
    raise NotAcceptable(f"answers come as {RESPONSE} or {JSON}")


def _in_body(request: Request, body: bytes) -> Question:
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    if content_type.strip().lower() != JSON:
        raise WrongMediaType(f"send the request as {JSON}")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise WrongMediaType("send the request in UTF-8")
    try:
        given = _bodies.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed from None
    return Question(given.query, given.variables or {}, given.operation_name or None)


class Malformed(InvalidInput):
    """The body is no GraphQL request: always a 400, whatever the media type."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "send a JSON object with `query` (text), and if needed `variables` and `operationName`", rule="form"
        )


def _in_url(request: Request) -> Question:
    parameters = request.query_params
    variables: Any = {}
    try:
        if text := parameters.get("variables"):
            variables = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed from None
    if "query" not in parameters or not isinstance(variables, dict | None):
        raise Malformed
    return Question(parameters["query"], variables or {}, parameters.get("operationName") or None)


def _refused(problem: Problem, media: str) -> Response:
    response = _response(refusal([errors.of_problem(problem)]), media, problem.status)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status == 405:
        response.headers.update(ALLOWED)
    return response


def _response(answer: Answer, media: str, status: int) -> Response:
    return Response(answer.body, status, media_type=f"{media}; charset=utf-8")
