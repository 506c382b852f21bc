"""Open311's clients with their keys, what services ask, and the requests that came in."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.tickets.domain.catalogue import Category, Priority
from services.tickets.domain.open311 import MOST_REQUESTS, Attribute, Client, Query, Request, Told, valid

CLIENT = """
SELECT c.code, c.name, c.areas, c.rate FROM open311_key k JOIN open311_client c ON c.code = k.client
WHERE k.digest = $1 AND k.ended_at IS NULL
"""
HIT = """
UPDATE open311_client SET used = CASE WHEN minute > $2::timestamptz - interval '1 minute' THEN used + 1 ELSE 1 END,
    minute = CASE WHEN minute > $2::timestamptz - interval '1 minute' THEN minute ELSE $2::timestamptz END
WHERE code = $1 RETURNING used, minute
"""
HOLD = "SELECT code FROM open311_client WHERE code = $1 FOR UPDATE"
CLIENTS = """
SELECT c.code, c.name, c.areas, c.rate, count(k.digest) FILTER (WHERE k.ended_at IS NULL) AS keys,
    max(k.made_at) AS newest, (SELECT count(*) FROM open311_request r WHERE r.client = c.code) AS requests
FROM open311_client c LEFT JOIN open311_key k ON k.client = c.code GROUP BY c.code ORDER BY c.code
"""
KEEP_CLIENT = """
INSERT INTO open311_client (code, name, areas, rate) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, areas = excluded.areas, rate = excluded.rate
"""
ADD_KEY = "INSERT INTO open311_key (digest, client, made_at) VALUES ($1, $2, $3)"
END_KEYS = """
UPDATE open311_key SET ended_at = $2 WHERE client = $1 AND ended_at IS NULL
    AND ($3 OR digest <> (SELECT digest FROM open311_key WHERE client = $1 AND ended_at IS NULL ORDER BY made_at DESC LIMIT 1))
RETURNING digest
"""
CATEGORIES = "SELECT code, parent, name, since, until, priority FROM category WHERE since <= $1 ORDER BY code, since"
ATTRIBUTES = """
SELECT category, code, datatype, required, description, hint, choices FROM open311_attribute ORDER BY category, place
"""
FORGET_ATTRIBUTES = "DELETE FROM open311_attribute"
ADD_ATTRIBUTE = """
INSERT INTO open311_attribute (category, code, place, datatype, required, description, hint, choices)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
SAME_KEY = "SELECT t.number, r.digest FROM open311_request r JOIN ticket t ON t.id = r.ticket WHERE r.client = $1 AND r.key = $2"
SAME = """
SELECT t.number FROM open311_request r JOIN ticket t ON t.id = r.ticket
WHERE r.client = $1 AND r.digest = $2 AND r.at > $3 ORDER BY r.at DESC LIMIT 1
"""
ADD_PLACE = "INSERT INTO ticket_place (ticket, lat, long, address, media_url) VALUES ($1, $2, $3, $4, $5)"
ADD_REQUEST = """
INSERT INTO open311_request (ticket, client, key, digest, description, at) VALUES ($1, $2, $3, $4, $5, $6)
"""
NUMBER = "SELECT number FROM ticket WHERE id = $1"
_TOLD = """
SELECT t.number, t.status, t.category, t.area, t.reported_at, t.updated_at, r.description,
    coalesce((SELECT c.name FROM category c WHERE c.code = t.category ORDER BY c.since DESC LIMIT 1), t.category) AS category_name,
    coalesce(d.name, u.name, a.name) AS agency, p.lat, p.long, p.address, p.media_url,
    (SELECT l.due_at FROM deadline l WHERE l.ticket = t.id AND l.kind = 'OVERALL' AND l.ended_at IS NULL) AS due_at,
    (SELECT s.note FROM step s WHERE s.ticket = t.id AND s.deed = ANY ($1) AND s.note IS NOT NULL
        ORDER BY s.version DESC LIMIT 1) AS note
FROM open311_request r JOIN ticket t ON t.id = r.ticket LEFT JOIN ticket_place p ON p.ticket = t.id
    LEFT JOIN department d ON t.owner = 'department/' || d.code
    LEFT JOIN unit u ON t.owner = 'area/' || u.code
    LEFT JOIN area a ON t.owner = 'area/' || a.code
WHERE t.area ^@ $2
"""
BY_NUMBER = f"{_TOLD} AND t.number = ANY ($3) ORDER BY r.at DESC, r.ticket DESC"
NEWEST = f"""{_TOLD} AND r.at >= $3 AND r.at <= $4 AND ($5::text[] IS NULL OR t.category = ANY ($5))
    AND ($6::boolean IS NULL OR (t.status = ANY ($7)) = $6)
ORDER BY r.at DESC, r.ticket DESC LIMIT {MOST_REQUESTS}
"""


@dataclass(frozen=True)
class Earlier:
    """The request that a client key opened."""

    number: str
    digest: bytes


def key_digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def client(connection: Connection, key: str) -> Client | None:
    """Whose api key it is; None for one that is unknown or has ended."""
    row = await connection.fetchrow(CLIENT, key_digest(key))
    return None if row is None else Client(row["code"], row["name"], tuple(row["areas"]), row["rate"])


async def hit(connection: Connection, client: Client, now: datetime) -> int | None:
    """Counts a request; returns in how many seconds the client may send the next where it has sent too many, else None."""
    row = await connection.fetchrow(HIT, client.code, now)
    if row is None or row["used"] <= client.rate:
        return None
    return max(1, 60 - int((now - row["minute"]).total_seconds()))


async def hold(connection: Connection, client: Client) -> None:
    """Other requests of the client wait until the transaction ends."""
    await connection.execute(HOLD, client.code)


async def clients(connection: Connection) -> list[asyncpg.Record]:
    return await connection.fetch(CLIENTS)


async def keep_client(connection: Connection, client: Client) -> None:
    await connection.execute(KEEP_CLIENT, client.code, client.name, client.areas, client.rate)


async def add_key(connection: Connection, client: str, key: str, at: datetime) -> None:
    await connection.execute(ADD_KEY, key_digest(key), client, at)


async def end_keys(connection: Connection, client: str, at: datetime, *, newest: bool) -> int:
    """Ends the client's keys, the newest only where `newest` says so; returns how many."""
    return len(await connection.fetch(END_KEYS, client, at, newest))


async def categories(connection: Connection, day: date) -> list[Category]:
    """The catalogue as it is on a day."""
    rows = await connection.fetch(CATEGORIES, day)
    return valid((Category(**dict(row) | {"priority": Priority(row["priority"])}) for row in rows), day)


async def attributes(connection: Connection) -> dict[str, list[Attribute]]:
    """What services ask, by category, in order."""
    found: dict[str, list[Attribute]] = {}
    for row in await connection.fetch(ATTRIBUTES):
        values = dict(row) | {"choices": tuple((each["key"], each["name"]) for each in row["choices"])}
        found.setdefault(values.pop("category"), []).append(Attribute(**values))
    return found


async def put_attributes(connection: Connection, by_category: Mapping[str, Sequence[Attribute]]) -> None:
    """These and no others, in their order."""
    await connection.execute(FORGET_ATTRIBUTES)
    for category, listed in by_category.items():
        for place, each in enumerate(listed, 1):
            choices = [{"key": key, "name": name} for key, name in each.choices]
            values = (place, each.datatype, each.required, each.description, each.hint, choices)
            await connection.execute(ADD_ATTRIBUTE, category, each.code, *values)


async def same_key(connection: Connection, client: Client, key: UUID) -> Earlier | None:
    row = await connection.fetchrow(SAME_KEY, client.code, key)
    return None if row is None else Earlier(**dict(row))


async def same(connection: Connection, client: Client, digest: bytes, since: datetime) -> str | None:
    """The number of the client's same request after that time."""
    number: str | None = await connection.fetchval(SAME, client.code, digest, since)
    return number


async def add_request(
    connection: Connection, client: Client, ticket: UUID, key: UUID, sent: Request, at: datetime
) -> str:
    """Keeps what of a request is not the ticket's own; returns the ticket's number."""
    await connection.execute(ADD_PLACE, ticket, sent.lat, sent.long, sent.address, sent.media_url)
    await connection.execute(ADD_REQUEST, ticket, client.code, key, sent.digest, sent.description, at)
    number: str = await connection.fetchval(NUMBER, ticket)
    return number


async def told(
    connection: Connection, query: Query, area: str, answers: Sequence[str], closed: Sequence[str]
) -> list[Told]:
    """The requests in an area, the newest first. `answers` are the deeds whose note is told, `closed` the states that count as such."""
    if query.numbers is not None:
        rows = await connection.fetch(BY_NUMBER, answers, area, query.numbers)
    else:
        wanted = (query.since, query.until, query.services, query.closed, closed)
        rows = await connection.fetch(NEWEST, answers, area, *wanted)
    return [Told(**dict(row)) for row in rows]
