"""The connection to the broker. The department's user may only read its own queues, so nothing is declared, bound or published here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
)
from aiormq.exceptions import ChannelAccessRefused, ConnectionNotAllowed
from yarl import URL

from subscribe.errors import Refused

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 10
CLOSE_SECONDS = 5

GONE = (OSError, AMQPError, ChannelInvalidStateError)
"""What is raised when the broker cannot be reached or a connection to it has ended; TimeoutError is an OSError."""


def user_of(url: str) -> str:
    return URL(url).user or "-"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AbstractConnection]:
    """A plain connection: whoever holds it watches its end. Raises Refused for credentials that are not good."""
    try:
        connection = await aio_pika.connect(
            str(URL(url).update_query(heartbeat=HEARTBEAT_SECONDS)), timeout=CONNECT_SECONDS
        )
    except (ProbableAuthenticationError, AuthenticationError, ConnectionNotAllowed):
        raise Refused(
            f"the broker refuses the user {user_of(url)}: is the password right, and the user still there?"
        ) from None
    try:
        yield connection
    finally:
        with suppress(*GONE):
            async with asyncio.timeout(CLOSE_SECONDS):
                await connection.close()


@asynccontextmanager
async def refusals(url: str, queue: str) -> AsyncIterator[None]:
    """Turns the broker's refusal of a queue into Refused."""
    try:
        yield
    except ChannelAccessRefused:
        raise Refused(
            f"the broker does not let {user_of(url)} read {queue}: are the user and SANMIN_SUBSCRIBE_DEPARTMENT of one department?"
        ) from None
    except ChannelNotFoundEntity:
        raise Refused(f"there is no queue {queue} on the broker: is the department known there?") from None


async def waiting(connection: AbstractConnection, queue: str) -> int | None:
    """How many messages wait in the queue; None where there is no such queue."""
    channel = await connection.channel(publisher_confirms=False)
    try:
        declared = await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        return None
    await channel.close()
    return declared.declaration_result.message_count or 0


async def readable(connection: AbstractConnection, queue: str) -> str:
    """`yes`, `refused` or `missing`, found out without taking a message.

    The broker looks at the right to read first, then at the arguments, which this request gets wrong on purpose.
    """
    channel: AbstractChannel = await connection.channel(publisher_confirms=False)
    asked = await channel.get_queue(queue, ensure=False)
    try:
        await asked.consume(lambda _: None, arguments={"x-priority": "none"})  # type: ignore[arg-type, return-value]
    except ChannelPreconditionFailed:
        return "yes"
    except ChannelAccessRefused:
        return "refused"
    except ChannelNotFoundEntity:
        return "missing"
    await channel.close()
    return "yes"


def reason_of(error: BaseException) -> str:
    """Why the broker is away, in words without an address or a credential."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
