"""Mediation as rows: cases, mediators, parties, sessions, agreements, obligations. Whoever changes what hangs on a case holds its row."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.contact import NAME, mask_name
from services.chassis.db import Connection
from services.chassis.vault import Vault
from services.tickets.domain.mediation import Elsewhere, Mediation, Mediator, Obligation, Party, Side, State

TICKET = "SELECT category, area, plots, household_on FROM ticket WHERE id = $1"
_COLUMNS = """
ticket, area, state, reason, referred_to, signed_version, open, overdue, version, opened_by, opened_at, concluded_by, concluded_at
"""
ADD = f"""
INSERT INTO mediation ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING
"""
FIND = f"SELECT {_COLUMNS} FROM mediation WHERE ticket = $1"
LOCK = f"{FIND} FOR NO KEY UPDATE"
MOVE = """
UPDATE mediation SET state = $3, reason = $4, referred_to = $5, signed_version = $6, open = $7, overdue = $8, version = $9, concluded_by = $10,
    concluded_at = $11
WHERE ticket = $1 AND version = $2 RETURNING ticket
"""
_MEDIATOR = "subject, name, areas, committee, household, active, version"
MEDIATORS = f"SELECT {_MEDIATOR} FROM mediator WHERE subject = ANY ($1)"
LOCK_MEDIATOR = f"SELECT {_MEDIATOR} FROM mediator WHERE subject = $1 FOR NO KEY UPDATE"
ADD_MEDIATOR = f"""
INSERT INTO mediator ({_MEDIATOR}, revised_by, revised_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (subject) DO NOTHING RETURNING subject
"""
REVISE_MEDIATOR = """
UPDATE mediator SET name = $2, areas = $3, committee = $4, household = $5, active = $6, version = $7, revised_by = $8, revised_at = $9
WHERE subject = $1 RETURNING subject
"""
ON_CASE = "SELECT subject FROM mediation_mediator WHERE ticket = $1 AND until IS NULL"
ASSIGN = """
INSERT INTO mediation_mediator (ticket, subject, since) SELECT $1, subject, $3 FROM unnest($2::text[]) subject
ON CONFLICT (ticket, subject) DO UPDATE SET until = NULL WHERE mediation_mediator.until IS NOT NULL
"""
RELIEVE = "UPDATE mediation_mediator SET until = $3 WHERE ticket = $1 AND subject <> ALL ($2) AND until IS NULL"
ADD_PARTY = """
INSERT INTO mediation_party (id, ticket, area, side, household, person, name_sealed, name_masked, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
PARTIES = "SELECT id, side, household, person FROM mediation_party WHERE ticket = $1 ORDER BY id"
NAMES = "SELECT id, name_sealed FROM mediation_party WHERE ticket = $1 AND name_sealed IS NOT NULL"
PUT_PLOT = """
INSERT INTO mediation_plot (ticket, area, plot, as_of) SELECT $1, $2, plot, $4 FROM unnest($3::uuid[]) plot
"""
RENEW_PLOT = f"{PUT_PLOT} ON CONFLICT (ticket, plot) DO UPDATE SET as_of = excluded.as_of"
ADD_SESSION = """
INSERT INTO mediation_session (id, ticket, area, held_at, place, parties, mediators, noted_by, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
ADD_NOTE = "INSERT INTO mediation_note (session, ticket, area, tried) VALUES ($1, $2, $3, $4)"
NEXT_VERSION = "SELECT coalesce(max(version), 0) + 1 FROM agreement WHERE ticket = $1"
DRAFT = """
INSERT INTO agreement (ticket, version, area, facts, terms, oral, copies, written_by, written_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
ADD_OBLIGATION = """
INSERT INTO obligation (id, ticket, version, area, place, party, side, what, due_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
AGREEMENT = "SELECT version, oral, signed_on FROM agreement WHERE ticket = $1 AND version = $2"
SIGN = """
UPDATE agreement SET signed_on = $3, attachment = $4 WHERE ticket = $1 AND version = $2 AND signed_on IS NULL RETURNING version
"""
OPEN = """
SELECT count(*) AS open, count(*) FILTER (WHERE alarmed_at IS NOT NULL) AS overdue FROM obligation
WHERE ticket = $1 AND version = $2 AND performed_on IS NULL
"""
OBLIGATION = "SELECT id, ticket, version, performed_on FROM obligation WHERE id = $1"
PERFORM = """
UPDATE obligation SET performed_on = $2, proof = $3, attachment = $4, performed_by = $5 WHERE id = $1 AND performed_on IS NULL RETURNING id
"""
KEEP_CONFIDENTIAL = "UPDATE attachment SET confidential = true WHERE id = $1 AND ticket = $2 RETURNING id"
_DUE = """
SELECT o.id, o.ticket, o.area, o.due_on FROM obligation o JOIN mediation m ON m.ticket = o.ticket AND m.signed_version = o.version
"""
TO_REMIND = f"""{_DUE} WHERE o.performed_on IS NULL AND o.reminded_at IS NULL
    AND o.due_on <= $1::date + (SELECT remind_days FROM team_rule) AND o.due_on >= $1
ORDER BY o.due_on, o.id LIMIT $2 FOR NO KEY UPDATE OF o SKIP LOCKED
"""
TO_ALARM = f"""{_DUE} WHERE o.performed_on IS NULL AND o.alarmed_at IS NULL AND o.due_on < $1
ORDER BY o.due_on, o.id LIMIT $2 FOR NO KEY UPDATE OF m, o SKIP LOCKED
"""
REMINDED = "UPDATE obligation SET reminded_at = $2 WHERE id = $1"
ALARMED = "UPDATE obligation SET alarmed_at = $2 WHERE id = $1"
OVERDUE = "UPDATE mediation SET overdue = overdue + 1 WHERE ticket = $1"


@dataclass(frozen=True)
class Behind:
    """What of the ticket behind a mediation its opening asks for."""

    category: str
    area: str
    plots: Sequence[UUID]
    household_on: date | None


async def behind(connection: Connection, ticket: UUID) -> Behind | None:
    row = await connection.fetchrow(TICKET, ticket)
    return None if row is None else Behind(**dict(row))


async def add(connection: Connection, mediation: Mediation) -> bool:
    """Whether it was added; not where the ticket has one."""
    return bool(await connection.execute(ADD, *astuple(mediation)) == "INSERT 0 1")


async def find(connection: Connection, ticket: UUID) -> Mediation | None:
    return _mediation(await connection.fetchrow(FIND, ticket))


async def lock(connection: Connection, ticket: UUID) -> Mediation | None:
    """The case, held; None where the caller mediates none such."""
    return _mediation(await connection.fetchrow(LOCK, ticket))


async def move(connection: Connection, mediation: Mediation, was: int) -> bool:
    """Whether the row was changed: only where it still had version `was`."""
    changed = await connection.fetchval(
        MOVE,
        mediation.ticket,
        was,
        mediation.state,
        mediation.reason,
        mediation.referred_to,
        mediation.signed_version,
        mediation.open,
        mediation.overdue,
        mediation.version,
        mediation.concluded_by,
        mediation.concluded_at,
    )
    return changed is not None


def _mediation(row: asyncpg.Record | None) -> Mediation | None:
    if row is None:
        return None
    to = row["referred_to"]
    return Mediation(**dict(row) | {"state": State(row["state"]), "referred_to": None if to is None else Elsewhere(to)})


# --- Mediators and parties ---------------------------------------------------------------------------------------------


async def mediators(connection: Connection, subjects: Collection[str]) -> dict[str, Mediator]:
    rows = await connection.fetch(MEDIATORS, list(subjects))
    return {row["subject"]: Mediator(**dict(row)) for row in rows}


async def lock_mediator(connection: Connection, subject: str) -> Mediator | None:
    """The mediator, held; None for one that is unknown or beyond the caller's areas."""
    row = await connection.fetchrow(LOCK_MEDIATOR, subject)
    return None if row is None else Mediator(**dict(row))


async def keep_mediator(connection: Connection, mediator: Mediator, by: str, at: datetime) -> bool:
    """Adds the mediator (version 1) or writes one anew; False where one was to be added and is there."""
    statement = ADD_MEDIATOR if mediator.version == 1 else REVISE_MEDIATOR
    return await connection.fetchval(statement, *astuple(mediator), by, at) is not None


async def on_case(connection: Connection, ticket: UUID) -> frozenset[str]:
    """The subjects of the case's mediators at present."""
    return frozenset(row["subject"] for row in await connection.fetch(ON_CASE, ticket))


async def assign(connection: Connection, ticket: UUID, subjects: Sequence[str], at: datetime, *, anew: bool) -> None:
    """These mediate from now on; where the case is not new, whoever else did does no more."""
    if anew:
        await connection.execute(RELIEVE, ticket, list(subjects), at)
    await connection.execute(ASSIGN, ticket, list(subjects), at)


async def add_parties(
    connection: Connection, vault: Vault, mediation: Mediation, parties: Sequence[Party], at: datetime
) -> None:
    for party in parties:
        name = None if party.name is None else vault.close(party.name, owner=str(party.id), field=NAME)
        masked = None if party.name is None else mask_name(party.name)
        key, side, household, person = party.id, party.side, party.household, party.person
        place = (mediation.ticket, mediation.area)
        await connection.execute(ADD_PARTY, key, *place, side, household, person, name, masked, at)


async def parties(connection: Connection, ticket: UUID) -> list[Party]:
    """All that the caller may see, without names."""
    rows = await connection.fetch(PARTIES, ticket)
    return [Party(**dict(row) | {"side": Side(row["side"])}) for row in rows]


async def names(connection: Connection, vault: Vault, ticket: UUID) -> dict[UUID, str]:
    """The parties' names in clear, so far as they are known and the caller may see the parties."""
    rows = await connection.fetch(NAMES, ticket)
    return {row["id"]: vault.open(row["name_sealed"], owner=str(row["id"]), field=NAME) for row in rows}


async def put_plots(
    connection: Connection, mediation: Mediation, plots: Sequence[UUID], as_of: date, *, anew: bool
) -> None:
    statement = RENEW_PLOT if anew else PUT_PLOT
    await connection.execute(statement, mediation.ticket, mediation.area, list(plots), as_of)


# --- Sessions, agreements, obligations ---------------------------------------------------------------------------------


async def add_session(connection: Connection, key: UUID, mediation: Mediation, tried: str, *values: Any) -> None:
    """When, place, parties, mediators, by whom, when noted."""
    await connection.execute(ADD_SESSION, key, mediation.ticket, mediation.area, *values)
    await connection.execute(ADD_NOTE, key, mediation.ticket, mediation.area, tried)


async def draft(
    connection: Connection, mediation: Mediation, *values: Any, obligations: Sequence[tuple[UUID, Obligation]]
) -> int:
    """Facts, terms, whether oral, copies, by whom, when; returns the new version."""
    ticket, area = mediation.ticket, mediation.area
    version: int = await connection.fetchval(NEXT_VERSION, ticket)
    await connection.execute(DRAFT, ticket, version, area, *values)
    rows = [
        (key, ticket, version, area, place, one.party, one.side, one.what, one.due_on)
        for place, (key, one) in enumerate(obligations, 1)
    ]
    await connection.executemany(ADD_OBLIGATION, rows)
    return version


async def agreement(connection: Connection, ticket: UUID, version: int) -> asyncpg.Record | None:
    return await connection.fetchrow(AGREEMENT, ticket, version)


async def sign(connection: Connection, ticket: UUID, version: int, on: date, attachment: UUID | None) -> bool:
    """Whether it was signed now; not when it was already."""
    return await connection.fetchval(SIGN, ticket, version, on, attachment) is not None


async def unperformed(connection: Connection, ticket: UUID, version: int) -> tuple[int, int]:
    """How many obligations of the agreement are open, and how many of these overdue."""
    row = await connection.fetchrow(OPEN, ticket, version)
    assert row is not None  # noqa: S101  a count
    return row["open"], row["overdue"]


async def obligation(connection: Connection, key: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(OBLIGATION, key)


async def perform(connection: Connection, *values: Any) -> bool:
    """Id, on which day, proof, attachment, by whom. Whether it was performed now; not when it was already."""
    return await connection.fetchval(PERFORM, *values) is not None


async def keep_confidential(connection: Connection, ticket: UUID, attachment: UUID) -> bool:
    """Whether the document is one of the ticket's; then only who may see what it belongs to sees it."""
    return await connection.fetchval(KEEP_CONFIDENTIAL, attachment, ticket) is not None


async def due(connection: Connection, day: date, most: int) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    """Up to `most` obligations to remind of, and up to `most` that are overdue, of which nobody was told yet, each held."""
    remind = await connection.fetch(TO_REMIND, day, most)
    return list(remind), list(await connection.fetch(TO_ALARM, day, most))


async def told(connection: Connection, key: UUID, ticket: UUID, at: datetime, *, overdue: bool) -> None:
    if overdue:
        await connection.execute(OVERDUE, ticket)
    await connection.execute(ALARMED if overdue else REMINDED, key, at)
