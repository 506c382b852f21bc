"""GraphQL over WebSocket, protocol graphql-transport-ws
(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): subscriptions, and queries and mutations too.

The token comes in connection_init's payload (`authorization` or `Authorization`) or in the upgrade's header, and is verified again for every
operation, so that an expired one starts nothing.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
import structlog
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway import errors
from gateway.answers import Answer, Answers, Question, refusal
from gateway.auth import Caller, caller_of
from gateway.planner.documents import Refused
from services.chassis.auth import Verifier
from services.chassis.errors import Problem
from services.chassis.telemetry import place_of

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10
MOST_OPERATIONS = 50

INVALID_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
UNKNOWN_PROTOCOL = 4406
INIT_TIMEOUT = 4408
ALREADY_EXISTS = 4409
TOO_MANY_INITS = 4429
TOO_LARGE = 1009

log = structlog.get_logger()


class _Asked(msgspec.Struct, frozen=True, rename="camel"):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class _Message(msgspec.Struct, frozen=True):
    type: str
    id: str | None = None
    payload: msgspec.Raw = msgspec.Raw()


class _Closing(Exception):
    """The connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


_messages = msgspec.json.Decoder(_Message)
_asked = msgspec.json.Decoder(_Asked)


class Sockets:
    """`/graphql` over WebSocket."""

    def __init__(self, answers: Answers, verifier: Verifier, *, message_limit: int) -> None:
        self._answers = answers
        self._verifier = verifier
        self._limit = message_limit

    async def serve(self, socket: WebSocket) -> None:
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await socket.close(UNKNOWN_PROTOCOL, f"speak {PROTOCOL}")
            return
        await socket.accept(PROTOCOL)
        connection = _Connection(socket, self._answers, self._verifier, self._limit)
        try:
            await connection.run()
        except _Closing as closing:
            await socket.close(closing.code, closing.reason)
        except WebSocketDisconnect:
            pass
        finally:
            await connection.end()


class _Connection:
    def __init__(self, socket: WebSocket, answers: Answers, verifier: Verifier, limit: int) -> None:
        self._socket = socket
        self._answers = answers
        self._verifier = verifier
        self._limit = limit
        self._authorization: str | None = socket.headers.get("authorization")
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serves until the client leaves (WebSocketDisconnect) or must go (_Closing)."""
        await self._initialise()
        while True:
            message = await self._receive()
            match message.type:
                case "ping":
                    await self._send(b'{"type":"pong"}')
                case "pong":
                    pass
                case "subscribe":
                    self._subscribe(message)
                case "complete" if message.id is not None:
                    if (task := self._operations.pop(message.id, None)) is not None:
                        task.cancel()
                case "connection_init":
                    raise _Closing(TOO_MANY_INITS, "Too many initialisation requests")
                case _:
                    raise _Closing(INVALID_MESSAGE, "Unknown message type")

    async def end(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _initialise(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while (message := await self._receive()).type in ("ping", "pong"):
                    if message.type == "ping":
                        await self._send(b'{"type":"pong"}')
        except TimeoutError:
            raise _Closing(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message.type != "connection_init":
            raise _Closing(UNAUTHORIZED, "Unauthorized")
        try:
            payload = msgspec.json.decode(bytes(message.payload) or b"{}", type=dict[str, Any] | None) or {}
        except msgspec.ValidationError:
            raise _Closing(INVALID_MESSAGE, "connection_init's payload must be an object") from None
        given = payload.get("authorization") or payload.get("Authorization")
        self._authorization = given if isinstance(given, str) else self._authorization
        try:
            await self._caller()
        except Problem:
            raise _Closing(FORBIDDEN, "Forbidden") from None
        await self._send(b'{"type":"connection_ack"}')

    async def _caller(self) -> Caller:
        return await caller_of(self._authorization, self._verifier)

    async def _receive(self) -> _Message:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1000))
        text = event.get("text")
        if text is None:
            raise _Closing(INVALID_MESSAGE, "Messages must be text")
        if len(text) > self._limit:
            raise _Closing(TOO_LARGE, "Message too large")
        try:
            return _messages.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            raise _Closing(INVALID_MESSAGE, "Invalid message") from None

    def _subscribe(self, message: _Message) -> None:
        if message.id is None or not bytes(message.payload):
            raise _Closing(INVALID_MESSAGE, "subscribe needs an id and a payload")
        if message.id in self._operations:
            raise _Closing(ALREADY_EXISTS, f"Subscriber for {message.id[:100]} already exists")
        try:
            asked = _asked.decode(message.payload)
        except msgspec.DecodeError:
            raise _Closing(INVALID_MESSAGE, "subscribe's payload needs a query") from None
        if len(self._operations) >= MOST_OPERATIONS:
            raise _Closing(INVALID_MESSAGE, f"At most {MOST_OPERATIONS} operations at a time")
        question = Question(asked.query, asked.variables or {}, asked.operation_name or None)
        task = asyncio.create_task(self._operate(message.id, question))
        self._operations[message.id] = task
        task.add_done_callback(self._done)

    @staticmethod
    def _done(task: asyncio.Task[None]) -> None:
        if (
            not task.cancelled()
            and (error := task.exception()) is not None
            and not isinstance(error, WebSocketDisconnect)
        ):
            log.error("socket.operation_failed", error=type(error).__name__, at=place_of(error))

    async def _operate(self, operation: str, question: Question) -> None:
        """Sends `next` for each answer and `complete`, or `error` where the operation never began or cannot go on."""
        key = msgspec.json.encode(operation)
        last = b'{"id":%b,"type":"complete"}' % key
        async with aclosing(self._results(question)) as answers:
            async for answer in answers:
                if not answer.executed:
                    failed = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])["errors"]
                    last = b'{"id":%b,"type":"error","payload":%b}' % (key, bytes(failed))
                    break
                await self._send(b'{"id":%b,"type":"next","payload":%b}' % (key, answer.body))
        if self._operations.get(operation) is asyncio.current_task():
            del self._operations[operation]
        await self._send(last)

    async def _results(self, question: Question) -> AsyncGenerator[Answer, None]:
        try:
            caller = await self._caller()
            bound = self._answers.bind(question)
        except Refused as refused:
            yield refusal(refused.errors)
            return
        except Problem as problem:
            yield refusal([errors.of_problem(problem)])
            return
        if bound.kind is not OperationType.SUBSCRIPTION:
            yield await self._answers.answer(bound, caller)
            return
        async with aclosing(self._answers.changes(bound, caller)) as changes:
            async for answer in changes:
                yield answer

    async def _send(self, message: bytes) -> None:
        await self._socket.send_text(message.decode())
