"""Teams, their missions and activities as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.db import Connection
from services.chassis.errors import Conflict
from services.chassis.place import Point
from services.tickets.domain.team import Activity, Held, Member, Mission, State, Team

PUT_SKILL = """
INSERT INTO skill (code, name) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE skill.name <> excluded.name
"""
PUT_KIND = """
INSERT INTO team_kind (code, name) VALUES ($1, $2)
ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE team_kind.name <> excluded.name
"""
PUT_CENTRE = """
INSERT INTO area_centre (area, longitude, latitude) VALUES ($1, $2, $3)
ON CONFLICT (area) DO UPDATE SET longitude = excluded.longitude, latitude = excluded.latitude
"""
SKILLS = "SELECT code FROM skill WHERE code = ANY ($1)"
KIND = "SELECT EXISTS (SELECT FROM team_kind WHERE code = $1)"
USUAL = "SELECT mission FROM team_rule"
LOCK = """
SELECT code, name, kind, areas, base, longitude, latitude, active, version FROM team WHERE code = $1 FOR NO KEY UPDATE
"""
FIND = "SELECT code, name, kind, areas, base, longitude, latitude, active, version FROM team WHERE code = $1"
MEMBERS = "SELECT subject, name, skills, since, until FROM team_member WHERE team = $1 ORDER BY subject"
ADD = """
INSERT INTO team (code, name, kind, areas, base, longitude, latitude, active, version, revised_by, revised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (code) DO NOTHING RETURNING code
"""
REVISE = """
UPDATE team SET name = $2, kind = $3, areas = $4, base = $5, longitude = $6, latitude = $7, active = $8, version = $9, revised_by = $10,
    revised_at = $11
WHERE code = $1 RETURNING code
"""
PUT_MEMBER = """
INSERT INTO team_member (team, subject, name, skills, since, until) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (team, subject) DO UPDATE SET name = excluded.name, skills = excluded.skills, since = excluded.since, until = excluded.until
"""
LEAVE = """
UPDATE team_member SET until = $3 WHERE team = $1 AND subject <> ALL ($2) AND coalesce(until, 'infinity') > $3
"""

_MISSION = """
id, ticket, area, team, members, skill, level, longitude, latitude, begins, ends, state, reason, brief, result, kilometres, basis, version,
offered_by, offered_at, answered_by, answered_at, arrived_at, ended_at
"""
PROPOSE = """
SELECT team, subject, name, level, kilometres, basis, load, busy, cost FROM propose_teams($1, $2, $3, $4, $5, $6, $7, $8)
"""
ADD_MISSION = f"""
INSERT INTO mission ({_MISSION})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
"""
TAKE = """
INSERT INTO mission_member (mission, subject, begins, ends, active) SELECT $1, subject, $3, $4, true FROM unnest($2::text[]) subject
"""
FREE = "UPDATE mission_member SET active = false WHERE mission = $1 AND active"
LOCK_MISSION = f"SELECT {_MISSION} FROM mission WHERE id = $1 FOR NO KEY UPDATE"
MOVE_MISSION = """
UPDATE mission SET state = $3, reason = $4, result = $5, version = $6, answered_by = $7, answered_at = $8, arrived_at = $9, ended_at = $10
WHERE id = $1 AND version = $2 RETURNING id
"""

_ACTIVITY = """
id, team, area, place, topic, day, begins, ends, state, reason, people, version, planned_by, planned_at, ended_by, ended_at,
stall_version
"""
ADD_ACTIVITY = f"""
INSERT INTO activity ({_ACTIVITY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""
LOCK_ACTIVITY = f"SELECT {_ACTIVITY} FROM activity WHERE id = $1 FOR NO KEY UPDATE"
END_ACTIVITY = """
UPDATE activity SET state = $3, reason = $4, people = $5, version = $6, ended_by = $7, ended_at = $8
WHERE id = $1 AND version = $2 RETURNING id
"""
MOVE_ACTIVITY = "UPDATE activity SET day = $2, begins = $3, ends = $4, version = $5, stall_version = $6 WHERE id = $1"
ADD_SERVED = "INSERT INTO activity_served (activity, skill, people) VALUES ($1, $2, $3)"
ADD_HOUSEHOLD = "INSERT INTO activity_household (activity, area, household) VALUES ($1, $2, $3)"


async def put_catalogue(connection: Connection, kinds: Mapping[str, str], skills: Mapping[str, str]) -> None:
    """Adds codes, renews names."""
    await connection.executemany(PUT_KIND, sorted(kinds.items()))
    await connection.executemany(PUT_SKILL, sorted(skills.items()))


async def put_centre(connection: Connection, area: str, centre: Point) -> None:
    await connection.execute(PUT_CENTRE, area, centre.longitude, centre.latitude)


async def known_skills(connection: Connection, codes: Sequence[str]) -> frozenset[str]:
    return frozenset(row["code"] for row in await connection.fetch(SKILLS, list(codes)))


async def known_kind(connection: Connection, code: str) -> bool:
    return bool(await connection.fetchval(KIND, code))


async def usual_time(connection: Connection) -> timedelta:
    """How long a mission is reckoned to take."""
    usual: timedelta = await connection.fetchval(USUAL)
    return usual


async def find(connection: Connection, code: str) -> Team | None:
    return _team(await connection.fetchrow(FIND, code), await connection.fetch(MEMBERS, code))


async def lock(connection: Connection, code: str) -> Team | None:
    """The team, held; None for one that is unknown or serves beyond the caller's areas."""
    return _team(await connection.fetchrow(LOCK, code), await connection.fetch(MEMBERS, code))


async def keep(connection: Connection, team: Team, *, by: str, at: datetime, left: date) -> bool:
    """Adds the team (version 1) or writes it anew. Members who are not named leave, `left` their last day. False where it is there already."""
    place = (None, None) if team.at is None else (team.at.longitude, team.at.latitude)
    values = (team.code, team.name, team.kind, list(team.areas), team.base, *place, team.active, team.version, by, at)
    if await connection.fetchval(ADD if team.version == 1 else REVISE, *values) is None:
        return False
    await connection.execute(LEAVE, team.code, [member.subject for member in team.members], left)
    for member in team.members:
        await connection.execute(
            PUT_MEMBER, team.code, member.subject, member.name, dict(member.skills), member.since, member.until
        )
    return True


def _team(row: asyncpg.Record | None, members: Sequence[asyncpg.Record]) -> Team | None:
    if row is None:
        return None
    columns = dict(row)
    longitude, latitude = columns.pop("longitude"), columns.pop("latitude")
    at = None if longitude is None else Point(longitude, latitude)
    return Team(**columns, at=at, members=[Member(**dict(member)) for member in members])


# --- Missions ----------------------------------------------------------------------------------------------------------


async def propose(connection: Connection, *values: Any) -> list[asyncpg.Record]:
    """Ticket, skill, least level, area, longitude, latitude, from, to: who could be sent, the nearest and freest first, the busy last."""
    return list(await connection.fetch(PROPOSE, *values))


async def offer(connection: Connection, mission: Mission) -> None:
    """Adds the mission and takes its members' time; raises Conflict where one is taken then."""
    await connection.execute(ADD_MISSION, *astuple(mission))
    try:
        await connection.execute(TAKE, mission.id, sorted(mission.members), mission.begins, mission.ends)
    except asyncpg.ExclusionViolationError:
        raise Conflict("a member has another mission at that time", field="members", rule="mission.busy") from None


async def lock_mission(connection: Connection, key: UUID) -> Mission | None:
    row = await connection.fetchrow(LOCK_MISSION, key)
    return None if row is None else Mission(**dict(row) | {"state": State(row["state"])})


async def move_mission(connection: Connection, mission: Mission, was: int) -> bool:
    """Whether the row was changed; an ended mission gives its members' time free."""
    changed = await connection.fetchval(
        MOVE_MISSION,
        mission.id,
        was,
        mission.state,
        mission.reason,
        mission.result,
        mission.version,
        mission.answered_by,
        mission.answered_at,
        mission.arrived_at,
        mission.ended_at,
    )
    if mission.ended_at is not None:
        await connection.execute(FREE, mission.id)
    return changed is not None


# --- Activities --------------------------------------------------------------------------------------------------------


async def add_activity(connection: Connection, activity: Activity) -> None:
    await connection.execute(ADD_ACTIVITY, *astuple(activity))


async def lock_activity(connection: Connection, key: UUID) -> Activity | None:
    row = await connection.fetchrow(LOCK_ACTIVITY, key)
    return None if row is None else Activity(**dict(row) | {"state": Held(row["state"])})


async def move_activity(connection: Connection, activity: Activity) -> None:
    """Writes day, times and versions of one that is locked."""
    when = activity.day, activity.begins, activity.ends
    await connection.execute(MOVE_ACTIVITY, activity.id, *when, activity.version, activity.stall_version)


async def end_activity(
    connection: Connection, activity: Activity, was: int, served: Mapping[str, int], households: Sequence[UUID]
) -> bool:
    """Whether the row was changed; with it goes who was served."""
    changed = await connection.fetchval(
        END_ACTIVITY,
        activity.id,
        was,
        activity.state,
        activity.reason,
        activity.people,
        activity.version,
        activity.ended_by,
        activity.ended_at,
    )
    await connection.executemany(ADD_SERVED, [(activity.id, skill, people) for skill, people in served.items()])
    await connection.executemany(ADD_HOUSEHOLD, [(activity.id, activity.area, household) for household in households])
    return changed is not None
