"""The minutes of a dialogue and their signatures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.db import Connection
from services.liaison.domain.minutes import Signer

RECORD = """
SELECT json_build_object(
    'session', json_build_object('id', s.id, 'area', s.area, 'village', (SELECT a.name FROM area a WHERE a.code = s.area),
        'due', s.due, 'date', s.date, 'opens', to_char(s.opens, 'HH24:MI'), 'minutes', s.minutes, 'topic', s.topic,
        'people', s.people, 'outcome', s.outcome),
    'body', CASE WHEN d.body IS NOT NULL THEN (SELECT b.name FROM voting_body b WHERE b.id = d.body) END,
    'standing', json_build_object('eligible', d.eligible, 'present', d.present, 'needed', d.needed, 'quorate', d.quorate,
        'explanation', d.explanation),
    'attendance', (SELECT coalesce(json_agg(json_build_object('kind', a.kind, 'people', a.people) ORDER BY a.kind), '[]')
        FROM attendance a WHERE a.session = s.id),
    'suggestions', (SELECT count(*) FROM suggestion g WHERE g.session = s.id),
    'agenda', (SELECT coalesce(json_agg(json_build_object('place', i.place, 'kind', i.kind, 'title', i.title, 'minutes', i.minutes,
        'presenter', i.presenter) ORDER BY i.place), '[]') FROM agenda_item i WHERE i.session = s.id),
    'study', (SELECT coalesce(json_agg(json_build_object('item', t.item, 'title', t.title, 'material', t.material, 'minutes', t.minutes,
        'presenter', t.presenter, 'people', t.people) ORDER BY t.item, t.id), '[]') FROM study t WHERE t.session = s.id),
    'proposals', (SELECT coalesce(json_agg(json_build_object('place', p.place, 'title', p.title, 'text', p.text, 'proposedBy', p.proposed_by,
        'state', p.state, 'secret', p.secret, 'eligible', p.eligible, 'present', p.present, 'for', p.votes_for,
        'against', p.votes_against, 'abstain', p.votes_abstain, 'explanation', p.explanation) ORDER BY p.place), '[]')
        FROM proposal p WHERE p.session = s.id)
)::jsonb
FROM session s JOIN dialogue d ON d.session = s.id WHERE s.id = $1
"""
NEWEST = """
SELECT version, record::jsonb ->> 'text' AS text, digest, drafted_by FROM minutes WHERE session = $1 ORDER BY version DESC LIMIT 1
"""
ADD = """
INSERT INTO minutes (session, version, area, record, digest, drafted_by, drafted_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SIGN = """
INSERT INTO minutes_signature (session, version, role, signer, name, digest, signed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SIGNATURES = "SELECT role, signer FROM minutes_signature WHERE session = $1 AND version = $2"


@dataclass(frozen=True)
class Draft:
    """The newest minutes; `text` is what was written freely."""

    version: int
    text: str
    digest: str
    drafted_by: str


async def record(connection: Connection, session: UUID) -> dict[str, Any]:
    """All that is written down of the session but its free text."""
    found: dict[str, Any] = await connection.fetchval(RECORD, session)
    return found


async def newest(connection: Connection, session: UUID) -> Draft | None:
    row = await connection.fetchrow(NEWEST, session)
    return None if row is None else Draft(**dict(row))


async def add(
    connection: Connection, session: UUID, version: int, area: str, record: str, digest: str, *, by: str, at: datetime
) -> None:
    await connection.execute(ADD, session, version, area, record, digest, by, at)


async def sign(
    connection: Connection,
    session: UUID,
    draft: Draft,
    role: Signer,
    *,
    signer: str,
    name: str | None,
    at: datetime,
) -> None:
    await connection.execute(SIGN, session, draft.version, role, signer, name, draft.digest, at)


async def signatures(connection: Connection, session: UUID, version: int) -> list[tuple[Signer, str]]:
    """Of that version: in which role, and by whom."""
    return [(Signer(row["role"]), row["signer"]) for row in await connection.fetch(SIGNATURES, session, version)]
