"""The bodies of a village that decide, and who sits in them."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.liaison.domain.dialogue import Body, Rule, Share, Who

VOTED = "members: one who leaves has voted; let them leave from a later day on"
_COLUMNS = "id, area, name, rule, quorum_numerator, quorum_denominator, quorum_above, eligible, since, version"
ADD = f"""
INSERT INTO voting_body ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (area, name) DO NOTHING RETURNING id
"""
REVISE = """
UPDATE voting_body SET name = $2, rule = $3, quorum_numerator = $4, quorum_denominator = $5, quorum_above = $6, eligible = $7,
    since = $8, version = $9
WHERE id = $1 RETURNING id
"""
LOCK = f"SELECT {_COLUMNS} FROM voting_body WHERE id = $1 FOR NO KEY UPDATE"
FIND = f"SELECT {_COLUMNS} FROM voting_body WHERE id = $1"
MEMBERS = """
SELECT id, household, subject FROM body_member WHERE body = $1 AND $2 BETWEEN since AND coalesce(until, 'infinity') ORDER BY id
"""
SITTING = "SELECT id, household, subject FROM body_member WHERE body = $1 AND until IS NULL ORDER BY id"
DROP = "DELETE FROM body_member WHERE id = ANY ($1::uuid[]) AND since >= $2"
LEAVE = "UPDATE body_member SET until = $2::date - 1 WHERE id = ANY ($1::uuid[]) AND since < $2"
JOIN = "INSERT INTO body_member (id, body, area, household, subject, since) VALUES ($1, $2, $3, $4, $5, $6)"
MEMBER_OF = """
SELECT id FROM body_member
WHERE body = $1 AND (subject = $2 OR household = $3) AND $4 BETWEEN since AND coalesce(until, 'infinity') ORDER BY subject NULLS LAST, id LIMIT 1
"""
SEATS = """
SELECT m.id FROM body_member m JOIN voting_body b ON b.id = m.body
WHERE m.area = $1 AND b.rule = 'REPRESENTATIVES' AND (m.subject = $2 OR m.household = $3)
    AND $4 BETWEEN m.since AND coalesce(m.until, 'infinity') ORDER BY m.id
"""


async def add(connection: Connection, body: Body) -> bool:
    """False where the village has one of that name."""
    return await connection.fetchval(ADD, body.id, body.area, *_values(body)) is not None


async def revise(connection: Connection, body: Body) -> bool:
    """False where the village has another of that name; nothing more can be done in the transaction then."""
    try:
        await connection.execute(REVISE, body.id, *_values(body))
    except asyncpg.UniqueViolationError:
        return False
    return True


def _values(body: Body) -> tuple[Any, ...]:
    share = (None,) * 3 if body.quorum is None else (body.quorum.numerator, body.quorum.denominator, body.quorum.above)
    return (body.name, body.rule, *share, body.eligible, body.since, body.version)


async def lock(connection: Connection, key: UUID) -> Body | None:
    row = await connection.fetchrow(LOCK, key)
    return None if row is None else _body(dict(row), {})


async def on(connection: Connection, key: UUID, day: date) -> Body | None:
    """The body with those who sit in it on the day, who then are its eligible; where nobody is named for that day it has as many as it says."""
    row = await connection.fetchrow(FIND, key)
    if row is None:
        return None
    members = _members(await connection.fetch(MEMBERS, key, day))
    return _body({**dict(row), "eligible": len(members) or row["eligible"]}, members)


async def sitting(connection: Connection, key: UUID) -> Mapping[Who, UUID]:
    """Those whose seat has no end."""
    return _members(await connection.fetch(SITTING, key))


async def seat(
    connection: Connection, body: Body, *, leave: Collection[UUID], join: Mapping[Who, UUID], since: date
) -> None:
    """From that day on some sit no more, and others do. A seat that would end before it began was none; raises Conflict where it has voted."""
    try:
        await connection.execute(DROP, list(leave), since)
    except asyncpg.ForeignKeyViolationError:
        raise Conflict(VOTED, field="since", rule="body.voted") from None
    await connection.execute(LEAVE, list(leave), since)
    await connection.executemany(
        JOIN, [(key, body.id, body.area, who.household, who.subject, since) for who, key in join.items()]
    )


async def member_of(connection: Connection, body: UUID, subject: str, household: UUID | None, day: date) -> UUID | None:
    """The seat of an account, or of the household that it is of."""
    found: UUID | None = await connection.fetchval(MEMBER_OF, body, subject, household, day)
    return found


async def seats(connection: Connection, area: str, subject: str, household: UUID | None, day: date) -> list[UUID]:
    """Their seats as a representative (村民代表) of the village."""
    return [row["id"] for row in await connection.fetch(SEATS, area, subject, household, day)]


def _members(rows: list[asyncpg.Record]) -> Mapping[Who, UUID]:
    return {Who(row["household"], row["subject"]): row["id"] for row in rows}


def _body(row: Mapping[str, Any], members: Mapping[Who, UUID]) -> Body:
    share = None
    if row["quorum_numerator"] is not None:
        share = Share(row["quorum_numerator"], row["quorum_denominator"], row["quorum_above"])
    return Body(
        id=row["id"],
        area=row["area"],
        name=row["name"],
        rule=Rule(row["rule"]),
        quorum=share,
        eligible=row["eligible"],
        since=row["since"],
        version=row["version"],
        members=members,
    )
