"""Offers of duties."""

from uuid import UUID

import asyncpg

from services.chassis.db import Connection, savepoint
from services.chassis.errors import Conflict
from services.liaison.domain.swap import Offer, OfferState

_COLUMNS = 'id, area, date, by, "to", exchange, state, made_at, answered_by, answered_at'
ADD = f"INSERT INTO duty_offer ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
FIND = f"SELECT {_COLUMNS} FROM duty_offer WHERE id = $1"
LOCK = f"{FIND} FOR NO KEY UPDATE"
ANSWER = """
UPDATE duty_offer SET state = $2, answered_by = $3, answered_at = $4 WHERE id = $1 AND state = 'OPEN' RETURNING id
"""


async def add(connection: Connection, offer: Offer) -> None:
    """Raises Conflict where they have offered that day already."""
    values = (offer.id, offer.area, offer.date, offer.by, offer.to, offer.exchange, offer.state.value, offer.made_at)
    try:
        async with savepoint(connection):
            await connection.execute(ADD, *values, offer.answered_by, offer.answered_at)
    except asyncpg.UniqueViolationError:
        detail = "that duty is offered already: withdraw the offer first"
        raise Conflict(detail, field="date", rule="offer.once") from None


async def lock(connection: Connection, key: UUID) -> Offer | None:
    """The offer; held, where the caller may answer it."""
    row = await connection.fetchrow(LOCK, key) or await connection.fetchrow(FIND, key)
    return None if row is None else _offer(row)


def _offer(row: asyncpg.Record) -> Offer:
    return Offer(**dict(row) | {"state": OfferState(row["state"])})


async def answer(connection: Connection, offer: Offer) -> bool:
    """False where it was answered before."""
    values = (offer.state.value, offer.answered_by, offer.answered_at)
    return await connection.fetchval(ANSWER, offer.id, *values) is not None
