"""The connection pool, and transactions that carry the caller for row-level security.

A session's day is China's. Sessions keep no state of their own: the caller is set for one transaction or one statement only, so nothing can
leak through the pool.
JSON made by PostgreSQL (type json) comes out as bytes, jsonb as Python values.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from services.chassis.errors import Forbidden, Unavailable
from services.chassis.principal import Caller

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What is raised when the database cannot be reached, refuses, or ends in the midst of a word."""
UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,
)
"""Of these, what tells of a server that is away or ending, and never of a mistake in what we asked."""
CROSSED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Two transactions stood in each other's way, and one was undone: done again it goes through."""
SET_CALLER = "SELECT set_config('sanmin.caller', $1, true)"
COMMAND_SECONDS = 15
RELEASE_SECONDS = 2
CLOSE_SECONDS = 3
VANISHED = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "20s",
}
"""Settings of a session: when a network swallows us, the server gives up what we hold (locks, claims) within half a minute, not after hours."""


class _Stateless(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """Nothing to reset: saves a round trip each time a connection goes back to the pool."""
        return ""


class _Bounded(asyncpg.Pool):
    async def release(self, connection: Any, *, timeout: float | None = RELEASE_SECONDS) -> None:  # noqa: ASYNC109  asyncpg's own signature
        """Without a limit, giving back a connection whose server fell silent would wait for ever."""
        await super().release(connection, timeout=timeout)


async def prepare_connection(connection: Any) -> None:
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )


async def open_pool(url: str, size: int) -> Pool:
    """Opens a pool of up to `size` connections; raises Unavailable when the server does not answer."""
    try:
        return await _Bounded(
            url,
            min_size=1,
            max_size=size,
            max_queries=50_000,
            max_inactive_connection_lifetime=300.0,
            loop=None,
            record_class=asyncpg.Record,
            connection_class=_Stateless,
            init=prepare_connection,
            command_timeout=COMMAND_SECONDS,
            statement_cache_size=512,
            max_cacheable_statement_size=0,
            server_settings={"jit": "off", "application_name": "sanmin", "TimeZone": "Asia/Shanghai", **VANISHED},
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(f"the database cannot be reached ({type(error).__name__})") from error


async def close_pool(pool: Pool) -> None:
    """Closes in order, or without a word where the server does not answer any more."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await pool.close()


def beginning(caller: Caller) -> str:
    """The words that open a transaction and set its caller in one round trip.

    They can have no parameters, so the caller goes in as hexadecimal digits, in which nothing can be smuggled.
    """
    digits = caller.setting.encode().hex()
    return f"BEGIN; SELECT set_config('sanmin.caller', convert_from(decode('{digits}', 'hex'), 'UTF8'), true)"


@asynccontextmanager
async def transaction(pool: Pool, caller: Caller) -> AsyncIterator[Connection]:
    """A transaction in which row-level security sees the caller; raises Forbidden when a policy refuses a write."""
    try:
        async with pool.acquire() as connection:
            await connection.execute(beginning(caller))
            try:
                yield connection
            except BaseException:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")
    except asyncpg.InsufficientPrivilegeError:
        raise Forbidden("what was to be written is outside the caller's reach") from None


@asynccontextmanager
async def savepoint(connection: Connection) -> AsyncIterator[None]:
    """A part of a transaction that is undone alone when it raises."""
    await connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if not connection.is_closed():
            await connection.execute("ROLLBACK TO part")
        raise
    await connection.execute("RELEASE part")


@asynccontextmanager
async def acting(connection: Connection, caller: Caller) -> AsyncIterator[None]:
    """A part of a transaction in which row-level security sees another caller. What it raises must end the transaction."""
    before = await connection.fetchval("SELECT current_setting('sanmin.caller')")
    await connection.execute(SET_CALLER, caller.setting)
    yield
    await connection.execute(SET_CALLER, before)
