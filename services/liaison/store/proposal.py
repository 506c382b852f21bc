"""Proposals, ballots, and the box of a secret vote."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.liaison.domain.ballot import Choice, Decision, Proposal, Proposer, State

ADD = """
INSERT INTO proposal (id, session, area, place, title, text, proposed_by, state, noted_by, noted_at)
SELECT $1, $2, $3, coalesce(max(place), 0) + 1, $4, $5, $6, 'OPEN', $7, $8 FROM proposal WHERE session = $2
"""
PLACES = "SELECT count(*) FROM proposal WHERE session = $1"
_COLUMNS = "id, session, area, state, body, secret, version"
LOCK = f"SELECT {_COLUMNS} FROM proposal WHERE id = $1 FOR NO KEY UPDATE"
SHARE = f"SELECT {_COLUMNS} FROM proposal WHERE id = $1 FOR SHARE"
FIND = f"SELECT {_COLUMNS} FROM proposal WHERE id = $1"
VOTED = "SELECT EXISTS (SELECT FROM proposal WHERE session = $1 AND state NOT IN ('OPEN', 'WITHDRAWN'))"
DECIDED = """
SELECT EXISTS (SELECT FROM proposal WHERE session = $1 AND state IN ('ADOPTED', 'REJECTED', 'NOT_QUORATE'))
"""
VOTING = "SELECT EXISTS (SELECT FROM proposal WHERE session = $1 AND state = 'VOTING')"
OPEN_VOTE = "UPDATE proposal SET state = 'VOTING', body = $2, secret = $3, version = version + 1 WHERE id = $1"
END = """
UPDATE proposal SET state = $2, ended_by = $3, ended_at = $4, version = version + 1 WHERE id = $1
"""
DECIDE = """
UPDATE proposal SET state = $2, eligible = $3, present = $4, needed = $5, votes_for = $6, votes_against = $7, votes_abstain = $8,
    explanation = $9, counters = $10, body = $11, secret = $12, ended_by = $13, ended_at = $14, version = version + 1
WHERE id = $1
"""
CAST = """
INSERT INTO ballot (proposal, member, area, choice) VALUES ($1, $2, $3, $4)
ON CONFLICT (proposal, member) DO UPDATE SET choice = excluded.choice
"""
DROP = "SELECT drop_ballot($1, $2, $3)"
CHOICES = "SELECT choice FROM ballot WHERE proposal = $1"
EMPTY = "SELECT empty_box($1)"


async def add(
    connection: Connection,
    key: UUID,
    session: UUID,
    area: str,
    *,
    title: str,
    text: str,
    proposed_by: Proposer,
    by: str,
    at: datetime,
) -> None:
    """At the end of the session's proposals; the dialogue must be locked."""
    await connection.execute(ADD, key, session, area, title, text, proposed_by, by, at)


async def number_of(connection: Connection, session: UUID) -> int:
    """How many the session has."""
    number: int = await connection.fetchval(PLACES, session)
    return number


async def find(connection: Connection, key: UUID) -> Proposal | None:
    return _proposal(await connection.fetchrow(FIND, key))


async def lock(connection: Connection, key: UUID) -> Proposal | None:
    """Held for a change: waits for ballots that are being cast."""
    return _proposal(await connection.fetchrow(LOCK, key))


async def share(connection: Connection, key: UUID) -> Proposal | None:
    """Held as it is, while others cast ballots too."""
    return _proposal(await connection.fetchrow(SHARE, key))


async def any_voted(connection: Connection, session: UUID) -> bool:
    """Whether a vote was opened or decided."""
    return bool(await connection.fetchval(VOTED, session))


async def any_decided(connection: Connection, session: UUID) -> bool:
    return bool(await connection.fetchval(DECIDED, session))


async def any_voting(connection: Connection, session: UUID) -> bool:
    return bool(await connection.fetchval(VOTING, session))


async def open_vote(connection: Connection, key: UUID, body: UUID, secret: bool) -> None:
    await connection.execute(OPEN_VOTE, key, body, secret)


async def withdraw(connection: Connection, key: UUID, *, by: str, at: datetime) -> None:
    """Ballots of a secret vote are destroyed."""
    await connection.execute(EMPTY, key)
    await connection.execute(END, key, State.WITHDRAWN, by, at)


async def decide(
    connection: Connection,
    key: UUID,
    decision: Decision,
    *,
    counters: Sequence[str],
    body: UUID | None,
    secret: bool,
    by: str,
    at: datetime,
) -> None:
    standing, tally = decision.standing, decision.tally
    await connection.execute(
        DECIDE,
        key,
        decision.state,
        standing.eligible,
        standing.present,
        standing.needed,
        tally.in_favour,
        tally.against,
        tally.abstain,
        decision.explanation,
        list(counters),
        body,
        secret,
        by,
        at,
    )


async def cast(connection: Connection, proposal: Proposal, member: UUID, choice: Choice) -> None:
    """One ballot a member: a later one stands in the place of the earlier."""
    await connection.execute(CAST, proposal.id, member, proposal.area, choice)


async def drop(connection: Connection, proposal: Proposal, member: UUID, sealed: bytes) -> bool:
    """A ballot of a secret vote; False where the member has voted."""
    return bool(await connection.fetchval(DROP, proposal.id, member, sealed))


async def choices(connection: Connection, key: UUID) -> list[Choice]:
    return [Choice(row["choice"]) for row in await connection.fetch(CHOICES, key)]


async def empty_box(connection: Connection, key: UUID) -> list[bytes]:
    """The sealed ballots, which the box then has no more."""
    return list(await connection.fetchval(EMPTY, key))


def _proposal(row: asyncpg.Record | None) -> Proposal | None:
    return None if row is None else Proposal(**dict(row) | {"state": State(row["state"])})
