"""Teams are put on record, sent to matters, and go to the villages."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, clock_time, today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.db import Connection
from services.chassis.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    UnknownCode,
    none_such,
    require_version,
)
from services.chassis.outbox import record
from services.chassis.place import point
from services.chassis.principal import itself
from services.chassis.text import checked_code
from services.tickets.commands.transition import Move, move
from services.tickets.domain.mediation import Mediator
from services.tickets.domain.role import HANDLERS
from services.tickets.domain.team import (
    ACCEPT,
    ADMINS,
    ARRIVE,
    CANCEL,
    DECLINE,
    FINISH,
    MOST_AREAS,
    MOST_HOUSEHOLDS,
    MOST_SENT,
    MOST_SERVED,
    NAME,
    PLACE,
    SENT,
    TOPIC,
    Activity,
    Deed,
    Held,
    Member,
    Mission,
    State,
    Team,
    check_activity,
    check_members,
    checked_level,
    ended,
    moved,
    require_organiser,
    require_part,
    window,
)
from services.tickets.domain.text import NOTE, REASON, SUBJECT
from services.tickets.domain.ticket import SEND_TEAM
from services.tickets.events import TeamRevised, activity_event, mission_event
from services.tickets.store import area as areas
from services.tickets.store import mediation as mediations
from services.tickets.store import team as store

STAFF: frozenset[str] = frozenset(HANDLERS)
SENDERS: frozenset[str] = SEND_TEAM.doers
ANYBODY: frozenset[str] = frozenset(SENT)

Codes = Annotated[Sequence[str], msgspec.Meta(max_length=MOST_AREAS)]


class SkillGiven(Part, frozen=True, kw_only=True):
    code: str
    level: int


class MemberGiven(Part, frozen=True, kw_only=True):
    """Without `since` the member can be sent from today on."""

    subject: str
    name: str
    skills: Sequence[SkillGiven]
    since: date | None = None
    until: date | None = None


class ReviseTeam(Input, frozen=True, kw_only=True):
    """A new team has no version. `members` are all: whoever is not named leaves today. WGS 84."""

    code: str
    version: int | None = None
    name: str
    kind: str
    areas: Codes
    base: str
    longitude: float | None = None
    latitude: float | None = None
    members: Sequence[MemberGiven]
    active: bool = True


class ReviseAreaCentre(Input, frozen=True, kw_only=True):
    area_code: str
    longitude: float
    latitude: float


async def revise_team(doing: Doing, given: ReviseTeam) -> str:
    """Raises InvalidInput, UnknownCode, NotFound out of the caller's areas, Conflict or StaleVersion."""
    day = today(doing.clock)
    members = [_member(n, each, day) for n, each in enumerate(given.members)]
    check_members(members)
    team = Team(
        code=checked_code(given.code, "code"),
        name=NAME.check(given.name, "name"),
        kind=given.kind,
        areas=await covered(doing, given.areas),
        base=await _known_area(doing.connection, given.base, "base"),
        at=point(given.longitude, given.latitude),
        active=given.active,
        members=members,
        version=1 if given.version is None else given.version + 1,
    )
    if not await store.known_kind(doing.connection, team.kind):
        raise UnknownCode("kind", field="kind")
    codes = {code for member in members for code in member.skills}
    if unknown := codes - await store.known_skills(doing.connection, sorted(codes)):
        n = next(n for n, member in enumerate(members) if unknown & member.skills.keys())
        raise UnknownCode("skill", field=f"members[{n}].skills")
    if given.version is not None:
        known = await store.lock(doing.connection, team.code)
        if known is None:
            raise none_such("team")
        if known.version != given.version:
            raise StaleVersion("team", current=known.version)
    by, now = doing.principal.subject, doing.clock.now()
    if not await store.keep(doing.connection, team, by=by, at=now, left=day - timedelta(days=1)):
        raise Conflict("a team of that code is there already: give its version", field="code", rule="team.new")
    await _tell_team(doing.connection, doing.clock, team, now)
    return team.code


def _member(n: int, given: MemberGiven, day: date) -> Member:
    at = f"members[{n}]"
    skills = {checked_code(skill.code, f"{at}.skills.code"): skill.level for skill in given.skills}
    if len(skills) < len(given.skills):
        raise InvalidInput(f"{at}.skills names one twice", field=f"{at}.skills", rule="unique")
    return Member(
        subject=SUBJECT.check(given.subject, f"{at}.subject"),
        name=NAME.check(given.name, f"{at}.name"),
        skills=skills,
        since=given.since or day,
        until=given.until,
    )


async def _tell_team(connection: Connection, clock: Clock, team: Team, at: datetime) -> None:
    event = TeamRevised(
        team=team.code, kind=team.kind, areas=list(team.areas), active=team.active, version=team.version, at=at
    )
    await record(connection, clock, event, subject=team.code, area=team.base)


async def covered(doing: Doing, codes: Sequence[str]) -> list[str]:
    """The areas, each known and one of the caller's; raises UnknownCode, InvalidInput or NotFound."""
    if not codes:
        raise InvalidInput("areas must not be empty", field="areas", rule="required")
    for n, code in enumerate(codes):
        await _known_area(doing.connection, code, f"areas[{n}]")
        if not doing.principal.covers(code):
            raise NotFound(f"areas[{n}]: outside your areas", field=f"areas[{n}]")
    return sorted(set(codes))


async def _known_area(connection: Connection, code: str, name: str) -> str:
    if await areas.find(connection, code) is None:
        raise UnknownCode("area", field=name)
    return code


async def revise_area_centre(doing: Doing, given: ReviseAreaCentre) -> str:
    """Where a village or a grid lies, for distances. Raises UnknownCode, InvalidInput or NotFound."""
    area = await areas.find(doing.connection, given.area_code)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    if area.kind not in ("VILLAGE", "GRID"):
        raise InvalidInput("areaCode must name a village or a grid", field="areaCode", rule="kind.area")
    if not doing.principal.covers(area.code):
        raise NotFound("areaCode: outside your areas")
    centre = point(given.longitude, given.latitude)
    assert centre is not None  # noqa: S101  both are given
    await store.put_centre(doing.connection, area.code, centre)
    return area.code


# --- Missions ----------------------------------------------------------------------------------------------------------


class SendTeam(Input, frozen=True, kw_only=True):
    """Without a team whoever is nearest and has least on hand, without members one of the team. `begins` by default now."""

    ticket_id: UUID
    skill: str
    level: int = 1
    team: str | None = None
    members: Annotated[Sequence[str], msgspec.Meta(max_length=MOST_SENT)] = ()
    longitude: float | None = None
    latitude: float | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    brief: str | None = None


class MoveMission(Input, frozen=True, kw_only=True):
    id: UUID
    version: int | None = None


class EndMission(MoveMission, frozen=True, kw_only=True):
    """`reason` is a code of the deed's list."""

    reason: str


class FinishMission(MoveMission, frozen=True, kw_only=True):
    """`outcome` is DONE or FAILED, which needs a reason; `result` is what was done."""

    outcome: State
    reason: str | None = None
    result: str | None = None


async def send_team(doing: Doing, given: SendTeam) -> str:
    """Offers a mission and says so in the ticket's history; returns the mission's key.

    Raises as a move of the ticket does; UnknownCode; InvalidInput for a member who cannot be sent; Conflict where nobody can, or one is taken.
    """
    brief = None if given.brief is None else NOTE.check(given.brief, "brief")
    level = checked_level(given.level, "level")
    if not await store.known_skills(doing.connection, [given.skill]):
        raise UnknownCode("skill", field="skill")
    if given.team is None and given.members:
        raise InvalidInput("members needs the team", field="team", rule="required")
    if given.team is not None and await store.find(doing.connection, given.team) is None:
        raise UnknownCode("team", field="team")
    place = point(given.longitude, given.latitude)
    now = doing.clock.now()
    begins, ends = window(given.begins, given.ends, await store.usual_time(doing.connection), now)
    ticket = await mediations.behind(doing.connection, given.ticket_id)
    if ticket is None:
        raise none_such("ticket")
    at = (None, None) if place is None else (place.longitude, place.latitude)
    asked = (given.skill, level, ticket.area, *at, begins, ends)
    refuser = given.ticket_id if given.team is None else None
    found = await store.propose(doing.connection, refuser, *asked)
    chosen = _chosen(found, given)
    mission = Mission(
        id=uuid7(),
        ticket=given.ticket_id,
        area=ticket.area,
        team=chosen[0]["team"],
        members=[each["subject"] for each in chosen],
        skill=given.skill,
        level=level,
        longitude=at[0],
        latitude=at[1],
        begins=begins,
        ends=ends,
        brief=brief,
        kilometres=chosen[0]["kilometres"],
        basis=chosen[0]["basis"],
        offered_by=doing.principal.subject,
        offered_at=now,
    )
    told = {"mission": str(mission.id), "team": mission.team, "skill": mission.skill}
    step = Move(client_key=given.client_key, id=given.ticket_id, note=brief)
    await move(doing, SEND_TEAM, step, data=told)
    await store.offer(doing.connection, mission)
    await _tell_mission(doing, "offered", mission, None)
    return str(mission.id)


def _chosen(found: Sequence[Any], given: SendTeam) -> list[Any]:
    """Of those who could be sent, who is."""
    of_team = {each["subject"]: each for each in found if given.team in (None, each["team"])}
    for n, subject in enumerate(given.members):
        if subject not in of_team:
            raise InvalidInput(
                f"members[{n}] cannot be sent: not of the team, without the skill, not there then, or the team does not serve the area",
                field=f"members[{n}]",
                rule="team.fit",
            )
    if given.members:
        return [of_team[subject] for subject in dict.fromkeys(given.members)]
    free = [each for each in of_team.values() if not each["busy"]]
    if not free:
        raise Conflict("nobody with the skill serves the area and is free then", field="team", rule="team.none")
    return free[:1]


async def _tell_mission(doing: Doing, past: str, mission: Mission, before: State | None) -> None:
    event = mission_event(past, mission, before, doing.clock.now())
    await record(doing.connection, doing.clock, event, subject=str(mission.id), area=mission.area)


async def _move(
    doing: Doing, deed: Deed, given: MoveMission, to: State, reason: str | None = None, result: str | None = None
) -> str:
    result = None if result is None else NOTE.check(result, "result")
    mission = await store.lock_mission(doing.connection, given.id)
    if mission is None:
        raise none_such("mission")
    require_part(deed, doing.principal, mission)
    require_version("mission", given.version, mission.version)
    after = moved(mission, deed, to, reason, doing.principal.subject, doing.clock.now())
    after = replace(after, result=result)
    if not await store.move_mission(doing.connection, after, was=mission.version):
        raise StaleVersion("mission", current=mission.version)
    await _tell_mission(doing, deed.past, after, mission.state)
    return str(mission.id)


async def accept_mission(doing: Doing, given: MoveMission) -> str:
    return await _move(doing, ACCEPT, given, State.ACCEPTED)


async def decline_mission(doing: Doing, given: EndMission) -> str:
    """Then `Mission.next` names who could be sent instead."""
    return await _move(doing, DECLINE, given, State.DECLINED, given.reason)


async def arrive_at_mission(doing: Doing, given: MoveMission) -> str:
    return await _move(doing, ARRIVE, given, State.ON_SITE)


async def finish_mission(doing: Doing, given: FinishMission) -> str:
    return await _move(doing, FINISH, given, given.outcome, given.reason, given.result)


async def cancel_mission(doing: Doing, given: EndMission) -> str:
    return await _move(doing, CANCEL, given, State.CANCELLED, given.reason)


# --- Activities --------------------------------------------------------------------------------------------------------


class PlanActivity(Input, frozen=True, kw_only=True):
    """Times are China's."""

    team: str
    area_code: str
    place: str
    topic: str
    day: date
    begins: str
    ends: str


class ServedGiven(Part, frozen=True, kw_only=True):
    skill: str
    people: Annotated[int, msgspec.Meta(ge=1, le=MOST_SERVED)]


class HoldActivity(Input, frozen=True, kw_only=True):
    """Who was served: numbers by kind of service, and, where they were asked, which households."""

    id: UUID
    version: int | None = None
    served: Sequence[ServedGiven]
    household_ids: Annotated[Sequence[UUID], msgspec.Meta(max_length=MOST_HOUSEHOLDS)] = ()


class CancelActivity(Input, frozen=True, kw_only=True):
    id: UUID
    version: int | None = None
    reason: str


async def plan_activity(doing: Doing, given: PlanActivity) -> str:
    team = await store.find(doing.connection, given.team)
    if team is None:
        raise UnknownCode("team", field="team")
    area = await areas.find(doing.connection, given.area_code)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    day = today(doing.clock)
    area.require_place(day)
    require_organiser(doing.principal, area.code, team.members, day)
    if not any(area.code.startswith(code) for code in team.areas):
        raise InvalidInput("areaCode: the team does not serve this area", field="areaCode", rule="team.area")
    begins, ends = clock_time(given.begins, "begins"), clock_time(given.ends, "ends")
    check_activity(given.day, begins, ends, day)
    activity = Activity(
        id=uuid7(),
        team=team.code,
        area=area.code,
        place=PLACE.check(given.place, "place"),
        topic=TOPIC.check(given.topic, "topic"),
        day=given.day,
        begins=begins,
        ends=ends,
        planned_by=doing.principal.subject,
        planned_at=doing.clock.now(),
    )
    await store.add_activity(doing.connection, activity)
    await _tell_activity(doing, activity)
    return str(activity.id)


async def hold_activity(doing: Doing, given: HoldActivity) -> str:
    served = {each.skill: each.people for each in given.served}
    if len(served) < len(given.served):
        raise InvalidInput("served names a kind twice", field="served", rule="unique")
    known = await store.known_skills(doing.connection, sorted(served))
    for n, each in enumerate(given.served):
        if each.skill not in known:
            raise UnknownCode("skill", field=f"served[{n}].skill")
    return await _end(doing, given, Held.HELD, people=sum(served.values()), served=served)


async def cancel_activity(doing: Doing, given: CancelActivity) -> str:
    return await _end(doing, given, Held.CANCELLED, reason=REASON.check(given.reason, "reason"))


async def _end(
    doing: Doing, given: HoldActivity | CancelActivity, state: Held, *, served: dict[str, int] | None = None, **how: Any
) -> str:
    activity = await store.lock_activity(doing.connection, given.id)
    team = None if activity is None else await store.find(doing.connection, activity.team)
    if activity is None or team is None:
        raise Forbidden("activity: none such, or it is for a handler of its area or a member of its team")
    require_organiser(doing.principal, activity.area, team.members, today(doing.clock))
    require_version("activity", given.version, activity.version)
    after = ended(activity, state, doing.principal.subject, doing.clock.now(), **how)
    households = sorted(set(given.household_ids)) if isinstance(given, HoldActivity) else []
    if not await store.end_activity(doing.connection, after, activity.version, served or {}, households):
        raise StaleVersion("activity", current=activity.version)
    await _tell_activity(doing, after)
    return str(activity.id)


async def _tell_activity(doing: Doing, activity: Activity) -> None:
    event = activity_event(activity, doing.clock.now())
    await record(doing.connection, doing.clock, event, subject=str(activity.id), area=activity.area)


TEAM_COMMANDS = (
    Command("reviseTeam", ReviseTeam, ADMINS, revise_team, "team"),
    Command("reviseAreaCentre", ReviseAreaCentre, ADMINS, revise_area_centre, "areaCentre"),
    Command(SEND_TEAM.name, SendTeam, SENDERS, send_team, "mission"),
    Command(ACCEPT.name, MoveMission, ANYBODY, accept_mission, "mission"),
    Command(DECLINE.name, EndMission, ANYBODY, decline_mission, "mission"),
    Command(ARRIVE.name, MoveMission, ANYBODY, arrive_at_mission, "mission"),
    Command(FINISH.name, FinishMission, ANYBODY, finish_mission, "mission"),
    Command(CANCEL.name, EndMission, SENDERS, cancel_mission, "mission"),
    Command("planActivity", PlanActivity, ANYBODY, plan_activity, "activity"),
    Command("holdActivity", HoldActivity, ANYBODY, hold_activity, "activity"),
    Command("cancelActivity", CancelActivity, ANYBODY, cancel_activity, "activity"),
)


# --- Loading -----------------------------------------------------------------------------------------------------------


async def load_skills(connection: Connection, path: Path) -> None:
    """Kinds of teams and skills, by code."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))  # noqa: ASYNC240  once, at the load
    await store.put_catalogue(connection, given["kinds"], given["skills"])


async def load_teams(connection: Connection, clock: Clock, path: Path) -> None:
    """Adds the teams, mediators and centres of a file; what is there stays."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))  # noqa: ASYNC240  once, at the load
    by, now, day = itself("tickets").subject, clock.now(), today(clock)
    for centre in given.get("centre", []):
        place = point(centre["longitude"], centre["latitude"])
        if place is not None:
            await store.put_centre(connection, centre["area"], place)
    for values in given.get("team", []):
        at = point(values.pop("longitude", None), values.pop("latitude", None))
        members = [Member(**member) for member in values.pop("members")]
        check_members(members)
        team = Team(**values, at=at, members=members)
        if await store.keep(connection, team, by=by, at=now, left=day - timedelta(days=1)):
            await _tell_team(connection, clock, team, now)
    for values in given.get("mediator", []):
        household = values.pop("household", None)
        mediator = Mediator(**values, household=None if household is None else UUID(household))
        await mediations.keep_mediator(connection, mediator, by, now)
