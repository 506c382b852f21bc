"""Changes of areas: what a plan looks at, how it is kept, carried out and undone. Sheets are moved set by set: a village has up to 1,500."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.archive.domain.area_change import AreaChange, Impact, Plan, Register, Request, Sheet
from services.archive.store.area import COLUMNS, area_of, keep, rename
from services.chassis.db import Connection

SECONDS = 60
"""Limit of the statements that move sheets."""

AREAS = f"""
SELECT {COLUMNS} FROM area WHERE code = ANY($1::text[]) OR code = ANY(SELECT left(c, 9) FROM unnest($2::text[]) c) OR left(code, 12) = ANY($2)
"""
SHEETS = """
SELECT h.id, h.area_code, h.number, h.closed_on IS NULL AS open,
    (SELECT count(*) FROM person p WHERE p.household_id = h.id) AS persons,
    (SELECT count(*) FROM plot l WHERE l.household_id = h.id) AS plots
FROM unnest($1::text[]) v JOIN household h ON h.area_code >= v COLLATE "C" AND h.area_code < (v || ':') COLLATE "C" ORDER BY h.id
"""
PLOTS = "SELECT code, area_code FROM plot WHERE household_id IS NULL AND area_code = ANY($1::text[])"
WORKERS = """
SELECT w.grid_code, array_agg(w.subject) AS subjects
FROM unnest($1::text[]) v JOIN grid_worker w ON w.grid_code >= v COLLATE "C" AND w.grid_code < (v || ':') COLLATE "C" GROUP BY 1
"""
CHANGED = """
SELECT code, max(day) AS day FROM (
    SELECT unnest(c.codes) AS code, c.changed_on AS day FROM area_change c
    WHERE c.done_at IS NOT NULL AND c.undone_at IS NULL AND c.codes && $1::text[]
    UNION ALL
    SELECT n.code, n.valid_from FROM area_name n WHERE n.code = ANY($1)
) told WHERE code = ANY($1) GROUP BY code
"""

ADD = """
INSERT INTO area_change (id, area_code, kind, changed_on, reason, request, impact, codes, version, planned_by, planned_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
LOCK = """
SELECT id, area_code, request, impact, codes, version, planned_by, planned_at, done_at, undone_at FROM area_change WHERE id = $1 FOR UPDATE
"""
# Changes of areas exclude one another. Sheets are locked before areas: whoever revises a sheet takes them in this order.
ALONE = "LOCK TABLE area_edge IN SHARE ROW EXCLUSIVE MODE"
LOCK_SHEETS = """
SELECT h.id FROM unnest($1::text[]) v JOIN household h ON h.area_code >= v COLLATE "C" AND h.area_code < (v || ':') COLLATE "C"
ORDER BY h.id FOR UPDATE OF h
"""
LOCK_AREAS = (
    "SELECT code FROM area WHERE code = ANY($1::text[]) OR left(code, 12) = ANY($2::text[]) ORDER BY code FOR UPDATE"
)

END = "UPDATE area SET valid_to = $2::date - 1 WHERE code = ANY($1::text[])"
ADD_EDGES = """
INSERT INTO area_edge (predecessor, successor, kind, changed_on, change_id)
SELECT p, s, $3, $4, $5 FROM unnest($1::text[], $2::text[]) AS given (p, s)
"""
CONCERNED = "UPDATE area SET change_id = $2 WHERE code = ANY($1::text[])"

# Where a household lay on the day and on each later day on which its grid was told, and where that is now. Those that have left the area since,
# or whose grid was told with a later day, must find a valid area on every day too.
TELL_GRIDS = """
WITH way AS (
    SELECT * FROM unnest($1::text[], $2::text[]) AS w (former, grid)
), named AS (
    SELECT * FROM unnest($3::uuid[], $4::text[]) AS n (household, grid)
), told AS MATERIALIZED (
    SELECT e.household_id, e.valid_from FROM sheet_entry e
    WHERE e.kind = 'household' AND e.patch ? 'area_code' AND e.valid_from > $5::date
), sheet AS (
    SELECT h.id, h.area_code FROM household h WHERE h.area_code = ANY($1) OR h.id IN (SELECT household_id FROM told)
), day AS (
    SELECT id, area_code, $5::date AS day FROM sheet
    UNION
    SELECT s.id, s.area_code, told.valid_from FROM sheet s JOIN told ON told.household_id = s.id
), lay AS (
    SELECT d.*, (
        SELECT e.patch ->> 'area_code' FROM sheet_entry e
        WHERE e.household_id = d.id AND e.kind = 'household' AND e.patch ? 'area_code' AND e.valid_from <= d.day
        ORDER BY e.valid_from DESC, e.id DESC LIMIT 1) AS former
    FROM day d
)
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
SELECT 'household', l.id, l.id, l.area_code, l.day, 'DEPARTMENT', l.day, $6, jsonb_build_object('area_code', coalesce(n.grid, w.grid)), $7, $8
FROM lay l JOIN way w ON w.former = l.former LEFT JOIN named n ON n.household = l.id
WHERE coalesce(n.grid, w.grid) <> l.former
RETURNING id
"""
# From the day on, or from a later one on which the number was told.
TELL_NUMBERS = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
SELECT 'household', h.id, h.id, h.area_code, day.last, 'DEPARTMENT', day.last, $4, jsonb_build_object('number', given.number), $5, $6
FROM unnest($1::uuid[], $2::text[]) AS given (id, number) JOIN household h ON h.id = given.id CROSS JOIN LATERAL (
    SELECT greatest($3::date, max(e.valid_from)) AS last FROM sheet_entry e
    WHERE e.household_id = h.id AND e.kind = 'household' AND e.patch ? 'number') AS day
RETURNING id
"""
# What of the same fact and day held before the entries, said again.
TELL_FORMER = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, reason, patch, recorded_at, recorded_by)
SELECT e.kind, e.key, e.household_id, h.area_code, e.valid_from, 'DEPARTMENT', e.valid_from, $2, jsonb_build_object(fact.name, (
        SELECT p.patch -> fact.name FROM sheet_entry p
        WHERE p.household_id = e.household_id AND p.kind = e.kind AND p.patch ? fact.name AND p.valid_from <= e.valid_from
            AND p.id < (SELECT min(id) FROM unnest($1::bigint[]) AS id)
        ORDER BY p.valid_from DESC, p.id DESC LIMIT 1)), $3, $4
FROM sheet_entry e JOIN household h ON h.id = e.household_id CROSS JOIN LATERAL jsonb_object_keys(e.patch) AS fact (name)
WHERE e.id = ANY($1::bigint[]) ORDER BY e.id
RETURNING id
"""
PROJECT = """
UPDATE household h SET area_code = f.area_code, number = f.number, sources = f.sources, version = h.version + 1, revised_at = $2
FROM (SELECT DISTINCT e.household_id FROM sheet_entry e WHERE e.id = ANY($1::bigint[])) told
CROSS JOIN LATERAL household_as_of(told.household_id, NULL, NULL) f
WHERE h.id = told.household_id RETURNING h.id
"""
MOVE_TERMS = """
UPDATE household_term t SET area_code = h.area_code FROM household h
WHERE h.id = ANY($1::uuid[]) AND t.household_id = h.id AND t.area_code <> h.area_code
"""
MOVE_PERSONS = """
UPDATE person p SET area_code = w.successor FROM unnest($1::text[], $2::text[]) AS w (former, successor)
WHERE p.household_id IS NULL AND p.area_code = w.former AND w.successor <> w.former RETURNING p.id, w.former
"""
MOVE_PLOTS = """
WITH moved AS (
    UPDATE plot l SET area_code = coalesce(n.area, w.successor)
    FROM unnest($1::text[], $2::text[]) AS w (former, successor), plot before
    LEFT JOIN unnest($3::text[], $4::text[]) AS n (code, area) ON n.code = before.code
    WHERE l.id = before.id AND before.household_id IS NULL AND before.area_code = w.former AND coalesce(n.area, w.successor) <> w.former
    RETURNING l.id, l.area_code, w.former
), entry AS (
    UPDATE sheet_entry e SET area_code = moved.area_code FROM moved
    WHERE e.key = moved.id AND e.kind = 'plot' AND e.household_id IS NULL AND e.area_code = moved.former
)
SELECT id, former FROM moved
"""
ADD_WORKERS = """
INSERT INTO grid_worker (grid_code, subject, name, phone_sealed, phone_index, phone_masked)
SELECT way.successor, w.subject, w.name, w.phone_sealed, w.phone_index, w.phone_masked
FROM unnest($1::text[], $2::text[]) AS way (former, successor) JOIN grid_worker w ON w.grid_code = way.former
ON CONFLICT DO NOTHING RETURNING grid_code, subject
"""
DONE = "UPDATE area_change SET done_by = $2, done_at = $3, written = $4, version = version + 1 WHERE id = $1"

LASTING = """
WITH change AS (
    SELECT c.*, ARRAY(SELECT entry::bigint FROM jsonb_array_elements_text(c.written -> 'entries') AS entry ORDER BY 1) AS entries,
        ARRAY(SELECT a.code FROM area_change_area a WHERE a.change_id = c.id AND a.fate = 'BEGUN') AS begun
    FROM area_change c WHERE c.id = $1
)
SELECT rule FROM change, LATERAL (VALUES
    (1, 'undo.later_change', EXISTS (
        SELECT FROM area_change c
        WHERE c.changed_on > change.changed_on AND c.done_at IS NOT NULL AND c.undone_at IS NULL AND c.codes && change.codes)),
    (2, 'undo.sheets', EXISTS (
        SELECT FROM household h JOIN sheet_entry e ON e.household_id = h.id
        WHERE (h.area_code = ANY(change.begun) OR h.id IN (SELECT t.household_id FROM sheet_entry t WHERE t.id = ANY(change.entries)))
            AND e.id > coalesce(change.entries[cardinality(change.entries)], 0)
            AND (change.entries <> '{}' OR e.recorded_at >= change.done_at))),
    (3, 'undo.persons', EXISTS (
        SELECT FROM person p WHERE p.household_id IS NULL AND p.area_code = ANY(change.begun)
            AND NOT change.written -> 'persons' @> jsonb_build_array(jsonb_build_array(p.id)))),
    (4, 'undo.areas', EXISTS (
        SELECT FROM area a WHERE a.parent = ANY(change.begun) AND a.change_id IS DISTINCT FROM change.id)),
    (5, 'undo.grid_workers', EXISTS (
        SELECT FROM grid_worker w WHERE w.grid_code = ANY(change.begun)
            AND NOT change.written -> 'workers' @> jsonb_build_array(jsonb_build_array(w.grid_code, w.subject)))),
    (6, 'undo.plots', EXISTS (
        SELECT FROM plot l WHERE l.household_id IS NULL AND l.area_code = ANY(change.begun)
            AND NOT change.written -> 'plots' @> jsonb_build_array(jsonb_build_array(l.id)))),
    (7, 'undo.village_sheet', EXISTS (SELECT FROM village_entry v WHERE v.area_code = ANY(change.begun)))
) AS why (place, rule, found) WHERE found ORDER BY place LIMIT 1
"""
WRITTEN = "SELECT written FROM area_change WHERE id = $1"
WITHDRAW = "UPDATE area SET valid_to = valid_from - 1 WHERE code = ANY($1::text[])"
REVIVE = "UPDATE area SET valid_to = NULL WHERE code = ANY($1::text[])"
DROP_EDGES = "DELETE FROM area_edge WHERE change_id = $1"
DROP_NAMES = "DELETE FROM area_name WHERE change_id = $1"
LAST_NAME = """
UPDATE area a SET name = (SELECT n.name FROM area_name n WHERE n.code = a.code ORDER BY n.valid_from DESC LIMIT 1) WHERE a.code = ANY($1::text[])
"""
RETURN_PERSONS = """
UPDATE person p SET area_code = was.area FROM unnest($1::uuid[], $2::text[]) AS was (id, area)
WHERE p.id = was.id AND p.household_id IS NULL
"""
RETURN_PLOTS = """
WITH moved AS (
    UPDATE plot l SET area_code = was.area FROM unnest($1::uuid[], $2::text[]) AS was (id, area)
    WHERE l.id = was.id AND l.household_id IS NULL RETURNING l.id, l.area_code
)
UPDATE sheet_entry e SET area_code = moved.area_code FROM moved WHERE e.key = moved.id AND e.kind = 'plot' AND e.household_id IS NULL
"""
DROP_WORKERS = """
DELETE FROM grid_worker w USING unnest($1::text[], $2::text[]) AS added (grid, subject)
WHERE w.grid_code = added.grid AND w.subject = added.subject
"""
UNDONE = "UPDATE area_change SET undone_by = $2, undone_at = $3, version = version + 1 WHERE id = $1"


class Written(msgspec.Struct, frozen=True):
    """What a change wrote, for its undoing; pairs of plots and persons with their former areas, of grids with the subjects of added workers."""

    entries: list[int]
    persons: list[tuple[UUID, str]]
    plots: list[tuple[UUID, str]]
    workers: list[tuple[str, str]]


async def register(connection: Connection, request: Request) -> Register:
    """All that a plan looks at, as far as the caller sees it."""
    named, villages = list(request.named), list(request.villages)
    areas = {row["code"]: area_of(row) for row in await connection.fetch(AREAS, named, villages)}
    return Register(
        areas,
        [Sheet(*row) for row in await connection.fetch(SHEETS, villages)],
        {row["code"]: row["area_code"] for row in await connection.fetch(PLOTS, list(areas))},
        {row["grid_code"]: frozenset(row["subjects"]) for row in await connection.fetch(WORKERS, villages)},
        {row["code"]: row["day"] for row in await connection.fetch(CHANGED, list(areas))},
    )


async def add(connection: Connection, change: AreaChange) -> None:
    await connection.execute(
        ADD,
        change.id,
        change.area,
        change.request.kind,
        change.request.changed_on,
        change.request.reason,
        msgspec.to_builtins(change.request),
        msgspec.to_builtins(change.impact),
        list(change.codes),
        change.version,
        change.planned_by,
        change.planned_at,
    )


async def lock(connection: Connection, key: UUID) -> AreaChange | None:
    """The change, locked, and with it all changes of areas; None when there is none that the caller may see."""
    await connection.execute(ALONE)
    row = await connection.fetchrow(LOCK, key)
    if row is None:
        return None
    return AreaChange(
        id=row["id"],
        area=row["area_code"],
        request=msgspec.convert(row["request"], Request),
        impact=msgspec.convert(row["impact"], Impact),
        codes=tuple(row["codes"]),
        version=row["version"],
        planned_by=row["planned_by"],
        planned_at=row["planned_at"],
        state="UNDONE" if row["undone_at"] else "DONE" if row["done_at"] else "PLANNED",
    )


async def lock_concerned(connection: Connection, change: AreaChange) -> None:
    """Locks the sheets and areas of the villages concerned: nobody opens, revises or moves a household there until the transaction ends."""
    villages = list(change.request.villages)
    await connection.fetch(LOCK_SHEETS, villages, timeout=SECONDS)
    await connection.fetch(LOCK_AREAS, list(change.codes), villages)


async def carry_out(connection: Connection, change: AreaChange, plan: Plan, by: str, at: datetime) -> None:
    """Does what the plan says, all of it valid from its day on."""
    request, telling = plan.request, (plan.request.reason, at, by)
    day, former, successors = request.changed_on, list(plan.ways), list(plan.ways.values())
    await keep(connection, plan.begun, change=change.id)
    await rename(connection, plan.names, day, change.id)
    ends, begins = [edge[0] for edge in plan.edges], [edge[1] for edge in plan.edges]
    await connection.execute(ADD_EDGES, ends, begins, request.kind, day, change.id)
    told = await connection.fetch(
        TELL_GRIDS, former, successors, list(plan.sheets), list(plan.sheets.values()), day, *telling, timeout=SECONDS
    )
    numbers = [number.household for number in plan.numbers], [number.number for number in plan.numbers]
    told += await connection.fetch(TELL_NUMBERS, *numbers, day, *telling)
    entries = [row["id"] for row in told]
    await _project(connection, entries, at)
    persons = await connection.fetch(MOVE_PERSONS, former, successors)
    plots = await connection.fetch(MOVE_PLOTS, former, successors, list(plan.plots), list(plan.plots.values()))
    workers = await connection.fetch(ADD_WORKERS, ends, begins)
    await connection.execute(END, list(plan.ended), day)
    await connection.execute(CONCERNED, list(change.codes), change.id)
    written = Written(entries, *([(row[0], row[1]) for row in rows] for rows in (persons, plots, workers)))
    await connection.execute(DONE, change.id, by, at, msgspec.to_builtins(written))


async def lasting(connection: Connection, key: UUID) -> str | None:
    """The rule that forbids to undo the change: what has come of it that would be lost. None when it may be undone."""
    rule: str | None = await connection.fetchval(LASTING, key)
    return rule


async def undo(connection: Connection, change: AreaChange, reason: str, by: str, at: datetime) -> None:
    """Takes back what the change wrote: for the same days it is said again what held before; areas that it began have never been."""
    written = msgspec.convert(await connection.fetchval(WRITTEN, change.id), Written)
    await connection.execute(REVIVE, fated(change, "ENDED"))
    told = await connection.fetch(TELL_FORMER, written.entries, reason, at, by, timeout=SECONDS)
    await _project(connection, [row["id"] for row in told], at)
    await connection.execute(RETURN_PERSONS, *_columns(written.persons))
    await connection.execute(RETURN_PLOTS, *_columns(written.plots))
    await connection.execute(DROP_WORKERS, *_columns(written.workers))
    await connection.execute(DROP_EDGES, change.id)
    await connection.execute(DROP_NAMES, change.id)
    await connection.execute(LAST_NAME, [area.code for area in change.impact.areas if area.former_name is not None])
    await connection.execute(WITHDRAW, fated(change, "BEGUN"))
    await connection.execute(UNDONE, change.id, by, at)


def fated(change: AreaChange, *fates: str) -> list[str]:
    """The codes of the areas that have one of the fates."""
    return [area.code for area in change.impact.areas if area.fate in fates]


async def _project(connection: Connection, entries: Sequence[int], at: datetime) -> None:
    """Brings what is read every day, and what it is found by, to what the entries say."""
    rows = await connection.fetch(PROJECT, entries, at, timeout=SECONDS)
    await connection.execute(MOVE_TERMS, [row["id"] for row in rows], timeout=SECONDS)


def _columns(pairs: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
