"""The connection pool, and transactions that carry the caller for row-level security.

Sessions keep no state of their own: the caller is set for one transaction or one statement only, so nothing can leak through the pool.
JSON made by PostgreSQL (type json) comes out as bytes, jsonb as Python values.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

COMMAND_SECONDS = 15
SET_CALLER = "SELECT set_config('sanmin.caller', $1, true)"


class _Stateless(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """Nothing to reset: saves a round trip each time a connection goes back to the pool."""
        return ""


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
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            connection_class=_Stateless,
            init=prepare_connection,
            command_timeout=COMMAND_SECONDS,
            statement_cache_size=512,
            max_cacheable_statement_size=0,
            server_settings={"jit": "off", "application_name": "sanmin"},
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(f"the database cannot be reached ({type(error).__name__})") from error


@asynccontextmanager
async def transaction(pool: Pool, caller: Caller) -> AsyncIterator[Connection]:
    """A transaction in which row-level security sees the caller; raises Forbidden when a policy refuses a write."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SET_CALLER, caller.setting)
            yield connection
    except asyncpg.InsufficientPrivilegeError:
        raise Forbidden("what was to be written is outside the caller's reach") from None
