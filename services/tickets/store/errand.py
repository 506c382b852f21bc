"""Errands, their agents, mandates, visits and deliveries as rows. Whoever changes what hangs on an errand holds the errand's row."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.tickets.domain.errand import Agent, Errand, Mandate, State, Step

_COLUMNS = """
ticket, area, household, person, item, state, agent, mandate, submitted_to, trips, version, requested_by, requested_at, moved_at, mandated_at,
delivered_at, ended_at
"""
INSERT = f"""
INSERT INTO errand ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""
LOCK = f"SELECT {_COLUMNS} FROM errand WHERE ticket = $1 FOR NO KEY UPDATE"
TICKET = "SELECT number, status, department FROM ticket WHERE id = $1"
UPDATE = """
UPDATE errand SET state = $3, agent = $4, mandate = $5, submitted_to = $6, version = $7, moved_at = $8, mandated_at = $9, delivered_at = $10,
    ended_at = $11
WHERE ticket = $1 AND version = $2 RETURNING version
"""
ADD_STEP = """
INSERT INTO errand_step (errand, version, at, recorded_at, deed, from_state, to_state, actor, actor_role, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
LOADED = (
    "INSERT INTO errand_load (errand, agent) VALUES ($1, $2) ON CONFLICT (errand) DO UPDATE SET agent = excluded.agent"
)
UNLOADED = "DELETE FROM errand_load WHERE errand = $1"
AGENT = "SELECT subject, name, areas, items, active, version FROM errand_agent WHERE subject = $1"
AGENT_LOCK = f"{AGENT} FOR NO KEY UPDATE"
AGENTS_OF = """
SELECT a.subject, a.name, a.areas, a.items, a.active, a.version, (SELECT count(*) FROM errand_load l WHERE l.agent = a.subject) AS load
FROM errand_agent a
WHERE a.active AND EXISTS (SELECT FROM unnest(a.areas) code WHERE $1 ^@ code) AND (a.items = '{}' OR $2 = ANY (a.items))
"""
ADD_AGENT = """
INSERT INTO errand_agent (subject, name, areas, items, active, version, revised_by, revised_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (subject) DO NOTHING RETURNING version
"""
REVISE_AGENT = """
UPDATE errand_agent SET name = $2, areas = $3, items = $4, active = $5, version = $6, revised_by = $7, revised_at = $8
WHERE subject = $1 RETURNING version
"""
RULE = "SELECT accept_hours, out_workdays FROM errand_rule WHERE $1 ^@ area ORDER BY length(area) DESC LIMIT 1"
REVISE_RULE = """
INSERT INTO errand_rule AS known (area, accept_hours, out_workdays, version, revised_by, revised_at) VALUES ($1, $2, $3, 1, $4, $5)
ON CONFLICT (area) DO UPDATE SET accept_hours = excluded.accept_hours, out_workdays = excluded.out_workdays, version = known.version + 1,
    revised_by = excluded.revised_by, revised_at = excluded.revised_at
"""
ITEM = """
SELECT name, category, agent AND NOT withdrawn AS runs FROM service_item WHERE code = $1 AND valid_from <= $2
ORDER BY valid_from DESC LIMIT 1
"""
TRIPS = "SELECT trips FROM errand_item WHERE item = $1"
REVISE_ITEM = """
INSERT INTO errand_item AS known (item, trips, version, revised_by, revised_at) VALUES ($1, $2, 1, $3, $4)
ON CONFLICT (item) DO UPDATE SET trips = excluded.trips, version = known.version + 1, revised_by = excluded.revised_by,
    revised_at = excluded.revised_at
"""
_MANDATE = (
    "id, errand, household, agent, items, valid_from, valid_to, form, attachment, signed_at, signed_by, revoked_at"
)
MANDATE = f"SELECT {_MANDATE} FROM mandate WHERE id = $1"
ADD_MANDATE = f"INSERT INTO mandate ({_MANDATE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
REVOKE = "UPDATE mandate SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING id"
ADD_VISIT = """
INSERT INTO errand_visit (id, errand, area, agent, planned_for, place, state, planned_by, planned_at)
VALUES ($1, $2, $3, $4, $5, $6, 'PLANNED', $7, $8)
"""
VISIT = "SELECT errand, state, agent FROM errand_visit WHERE id = $1"
NOTE_VISIT = """
UPDATE errand_visit SET state = $2, visited_at = $3, note = $4 WHERE id = $1 AND state = 'PLANNED' RETURNING errand
"""
ADD_DELIVERY = """
INSERT INTO errand_delivery (errand, recipient, relation, proof, signature, photo, place, at, by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
UNACCEPTED = """
SELECT d.errand, d.id AS about, d.offer_until AS since FROM errand_document d
WHERE d.offer_until < $1 AND NOT EXISTS (
    SELECT FROM errand_alarm a WHERE a.about = d.id AND a.reason = 'OFFER_UNACCEPTED' AND a.since = d.offer_until)
ORDER BY d.offer_until LIMIT $2 FOR NO KEY UPDATE OF d SKIP LOCKED
"""
OVERDUE = """
SELECT d.errand, d.id AS about, d.out_since AS since FROM errand_document d
WHERE d.out AND d.due_on < $1 AND NOT EXISTS (
    SELECT FROM errand_alarm a WHERE a.about = d.id AND a.reason = 'DOCUMENT_OVERDUE' AND a.since = d.out_since)
ORDER BY d.due_on, d.id LIMIT $2 FOR NO KEY UPDATE OF d SKIP LOCKED
"""
EXPIRED = """
SELECT e.ticket AS errand, m.id AS about, (m.valid_to + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since
FROM errand e JOIN mandate m ON m.id = e.mandate
WHERE e.ended_at IS NULL AND e.state IN ('MANDATED', 'COLLECTED', 'SUBMITTED') AND m.revoked_at IS NULL AND m.valid_to < $1 AND NOT EXISTS (
    SELECT FROM errand_alarm a WHERE a.errand = e.ticket AND a.about = m.id AND a.reason = 'MANDATE_EXPIRED')
ORDER BY m.valid_to, e.ticket LIMIT $2 FOR NO KEY UPDATE OF e SKIP LOCKED
"""
ALARM = """
INSERT INTO errand_alarm (id, errand, reason, about, since, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id
"""
FIND = f"SELECT {_COLUMNS} FROM errand WHERE ticket = $1"


@dataclass(frozen=True)
class Behind:
    """What of the ticket behind an errand its deeds ask for."""

    number: str
    status: str
    department: str | None


async def insert(connection: Connection, errand: Errand) -> None:
    await connection.execute(INSERT, *astuple(errand))


async def lock(connection: Connection, ticket: UUID) -> Errand | None:
    """The errand, held until the transaction ends; None when there is none that the caller reaches."""
    row = await connection.fetchrow(LOCK, ticket)
    return None if row is None else _errand(row)


async def find(connection: Connection, ticket: UUID) -> Errand | None:
    row = await connection.fetchrow(FIND, ticket)
    return None if row is None else _errand(row)


async def behind(connection: Connection, ticket: UUID) -> Behind:
    """The ticket as it stands now: asked for after the errand is held."""
    row = await connection.fetchrow(TICKET, ticket)
    assert row is not None  # noqa: S101  who reaches an errand reaches its ticket
    return Behind(**dict(row))


async def update(connection: Connection, errand: Errand, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    changed = await connection.fetchval(
        UPDATE,
        errand.ticket,
        was,
        errand.state,
        errand.agent,
        errand.mandate,
        errand.submitted_to,
        errand.version,
        errand.moved_at,
        errand.mandated_at,
        errand.delivered_at,
        errand.ended_at,
    )
    if errand.ended_at is not None:
        await connection.execute(UNLOADED, errand.ticket)
    elif errand.agent is not None:
        await connection.execute(LOADED, errand.ticket, errand.agent)
    return changed is not None


async def add_step(connection: Connection, step: Step) -> None:
    await connection.execute(ADD_STEP, *astuple(step))


def _errand(row: asyncpg.Record) -> Errand:
    columns = dict(row)
    return Errand(**columns | {"state": State(columns["state"])})


# --- Agents and rules --------------------------------------------------------------------------------------------------


async def agent(connection: Connection, subject: str) -> Agent | None:
    row = await connection.fetchrow(AGENT, subject)
    return None if row is None else Agent(**dict(row))


async def agents_of(connection: Connection, area: str, item: str) -> tuple[list[Agent], dict[str, int]]:
    """The agents who may run such an errand, and how many errands each has on hand."""
    rows = [dict(row) for row in await connection.fetch(AGENTS_OF, area, item)]
    load = {row["subject"]: row.pop("load") for row in rows}
    return [Agent(**row) for row in rows], load


async def lock_agent(connection: Connection, subject: str) -> Agent | None:
    """The agent, held; None for one that is unknown or beyond the caller's areas."""
    row = await connection.fetchrow(AGENT_LOCK, subject)
    return None if row is None else Agent(**dict(row))


async def keep_agent(connection: Connection, agent: Agent, by: str, at: datetime) -> bool:
    """Adds the agent (version 1) or writes one anew; False where one was to be added and is there."""
    values = (agent.subject, agent.name, list(agent.areas), list(agent.items), agent.active, agent.version, by, at)
    kept = await connection.fetchval(ADD_AGENT if agent.version == 1 else REVISE_AGENT, *values)
    return kept is not None


async def rule(connection: Connection, area: str) -> tuple[int, int]:
    """Hours until an offer should be accepted, and working days until a document should be back."""
    row = await connection.fetchrow(RULE, area)
    assert row is not None  # noqa: S101  the rule of all areas is never deleted
    return row["accept_hours"], row["out_workdays"]


async def revise_rule(connection: Connection, area: str, hours: int, days: int, by: str, at: datetime) -> None:
    await connection.execute(REVISE_RULE, area, hours, days, by, at)


async def item(connection: Connection, code: str, day: date) -> asyncpg.Record | None:
    """A service item as it is that day: name, category, and whether an agent runs it; None for an unknown one."""
    return await connection.fetchrow(ITEM, code, day)


async def trips(connection: Connection, item: str) -> int | None:
    """How often somebody would go themselves for the item; None where nobody has said."""
    found: int | None = await connection.fetchval(TRIPS, item)
    return found


async def revise_item(connection: Connection, item: str, trips: int, by: str, at: datetime) -> None:
    await connection.execute(REVISE_ITEM, item, trips, by, at)


# --- Mandates, visits, deliveries, alarms ------------------------------------------------------------------------------


async def mandate(connection: Connection, key: UUID | None) -> Mandate | None:
    row = None if key is None else await connection.fetchrow(MANDATE, key)
    return None if row is None else Mandate(**dict(row))


async def add_mandate(connection: Connection, mandate: Mandate) -> None:
    await connection.execute(ADD_MANDATE, *astuple(mandate))


async def revoke(connection: Connection, key: UUID, at: datetime, by: str) -> bool:
    """Whether it was revoked now; not when it was already."""
    return await connection.fetchval(REVOKE, key, at, by) is not None


async def add_visit(connection: Connection, *values: Any) -> None:
    """Id, errand, area, agent, planned for, place, by whom, when."""
    await connection.execute(ADD_VISIT, *values)


async def visit(connection: Connection, key: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(VISIT, key)


async def note_visit(connection: Connection, key: UUID, state: str, at: datetime | None, note: str | None) -> bool:
    """Whether it was noted: only where it was still planned."""
    return await connection.fetchval(NOTE_VISIT, key, state, at, note) is not None


async def add_delivery(connection: Connection, *values: Any) -> None:
    """Errand, recipient, relation, proof, signature, photo, place, when, by whom."""
    await connection.execute(ADD_DELIVERY, *values)


async def due(connection: Connection, reason: str, limit: Any, most: int) -> Sequence[asyncpg.Record]:
    """Up to `most` causes of alarms that nobody was told of yet, each held: errand, about, since."""
    statement = {"OFFER_UNACCEPTED": UNACCEPTED, "DOCUMENT_OVERDUE": OVERDUE, "MANDATE_EXPIRED": EXPIRED}[reason]
    return list(await connection.fetch(statement, limit, most))


async def alarm(connection: Connection, *values: Any) -> bool:
    """Id, errand, reason, about, since, when. Whether it is new."""
    return await connection.fetchval(ALARM, *values) is not None
