"""Service teams (服务团队): who can do what and when, their missions to matters, and their days in the villages (下乡服务). Pure.

A mission's state machine is data, as a ticket's is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from services.chassis.place import Point
from services.chassis.principal import Principal
from services.chassis.text import Text
from services.tickets.domain.role import HANDLERS, OFFICERS, REPORTERS, Role
from services.tickets.domain.ticket import SEND_TEAM

NAME = Text(60)
PLACE = Text(100)
TOPIC = Text(100)
LEVELS: Mapping[int, str] = {1: "辅助", 2: "独立", 3: "带队"}
"""Of a skill: helps, works alone, leads."""
MOST_MEMBERS = 200
MOST_SENT = 20
MOST_AREAS = 50
MOST_HOUSEHOLDS = 500
MOST_SERVED = 100_000
LONGEST_MISSION = timedelta(days=7)
FARTHEST = timedelta(days=90)
"""How far ahead a mission may begin."""
FARTHEST_ACTIVITY_DAYS = 400
LATE_ACTIVITY_DAYS = 60
"""How long ago an activity may have been when it is first told of."""

BASES: Mapping[str, str] = {
    "PLACE": "按事项位置计算",
    "CENTRE": "按村（网格）中心计算",
    "SAME_VILLAGE": "同村，按区划估计",
    "SAME_TOWNSHIP": "同乡镇，按区划估计",
    "SAME_COUNTY": "同县，按区划估计",
    "ELSEWHERE": "县外，按区划估计",
}
"""What a distance was reckoned from."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """`skills` maps codes to levels; from `since` to `until`, both included, they can be sent."""

    subject: str
    name: str
    skills: Mapping[str, int]
    since: date
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Team:
    """`areas` are codes that begin those that it serves; `base` is the area that it sets out from, `at` where in it."""

    code: str
    name: str
    kind: str
    areas: Sequence[str]
    base: str
    at: Point | None = None
    active: bool = True
    members: Sequence[Member] = ()
    version: int = 1


def checked_level(level: int, name: str) -> int:
    if level not in LEVELS:
        raise InvalidInput(f"{name} must be 1 (helps), 2 (works alone) or 3 (leads)", field=name, rule="range")
    return level


def check_members(members: Sequence[Member]) -> None:
    """Raises InvalidInput that names the member by its place."""
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(f"members: at most {MOST_MEMBERS}", field="members", rule="size")
    seen: set[str] = set()
    for n, member in enumerate(members):
        if member.subject in seen:
            raise InvalidInput(f"members[{n}].subject is named twice", field=f"members[{n}].subject", rule="unique")
        seen.add(member.subject)
        if member.until is not None and member.until < member.since:
            raise InvalidInput(
                f"members[{n}].until must not be before since", field=f"members[{n}].until", rule="order"
            )
        for level in member.skills.values():
            checked_level(level, f"members[{n}].skills.level")


# --- Missions ----------------------------------------------------------------------------------------------------------


class State(StrEnum):
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    ON_SITE = "ON_SITE"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


STATES: Mapping[State, str] = {
    State.OFFERED: "待接受",
    State.ACCEPTED: "已接受",
    State.DECLINED: "已谢绝",
    State.ON_SITE: "已到场",
    State.DONE: "已完成",
    State.FAILED: "未完成",
    State.CANCELLED: "已取消",
}
ENDS = frozenset({State.DECLINED, State.DONE, State.FAILED, State.CANCELLED})

DECLINING: Mapping[str, str] = {
    "BUSY": "另有任务",
    "AWAY": "不在本地",
    "ILL": "身体原因",
    "SKILL": "技能不符",
    "DANGER": "现场不安全",
    "OTHER": "其他",
}
FAILING: Mapping[str, str] = {
    "ABSENT": "当事人不在",
    "REFUSED": "当事人谢绝",
    "MATERIAL": "缺材料设备",
    "SKILL": "超出能力",
    "DANGER": "现场不安全",
    "WEATHER": "天气原因",
    "OTHER": "其他",
}
CANCELLING: Mapping[str, str] = {"SOLVED": "已解决", "WITHDRAWN": "事项撤回", "MISTAKE": "派遣有误", "OTHER": "其他"}


@dataclass(frozen=True)
class Deed:
    """`members` do it, or whoever is in charge of the ticket; `reasons` are those of which one must be given, by the state it leads to."""

    name: str
    past: str
    members: bool
    moves: Mapping[State, tuple[State, ...]]
    reasons: Mapping[State, Mapping[str, str]] = field(default_factory=dict)


ACCEPT = Deed("acceptMission", "accepted", True, {State.OFFERED: (State.ACCEPTED,)})
DECLINE = Deed(
    "declineMission",
    "declined",
    True,
    {State.OFFERED: (State.DECLINED,), State.ACCEPTED: (State.DECLINED,)},
    {State.DECLINED: DECLINING},
)
ARRIVE = Deed("arriveAtMission", "arrived", True, {State.ACCEPTED: (State.ON_SITE,)})
FINISH = Deed(
    "finishMission",
    "finished",
    True,
    {State.ON_SITE: (State.DONE, State.FAILED), State.ACCEPTED: (State.FAILED,)},
    {State.FAILED: FAILING},
)
CANCEL = Deed(
    "cancelMission",
    "cancelled",
    False,
    {State.OFFERED: (State.CANCELLED,), State.ACCEPTED: (State.CANCELLED,)},
    {State.CANCELLED: CANCELLING},
)
DEEDS = (ACCEPT, DECLINE, ARRIVE, FINISH, CANCEL)
REASONS: Mapping[str, str] = {**CANCELLING, **FAILING, **DECLINING}

SENT = frozenset({*REPORTERS, *OFFICERS})
"""Whoever has an account can be a team's member."""


@dataclass(frozen=True, kw_only=True)
class Mission:
    """A team's members on their way to a matter. `kilometres` as reckoned when they were sent, from what `basis` says."""

    id: UUID
    ticket: UUID
    area: str
    team: str
    members: Sequence[str]
    skill: str
    level: int
    longitude: float | None = None
    latitude: float | None = None
    begins: datetime
    ends: datetime
    state: State = State.OFFERED
    reason: str | None = None
    brief: str | None = None
    result: str | None = None
    kilometres: float
    basis: str
    version: int = 1
    offered_by: str
    offered_at: datetime
    answered_by: str | None = None
    answered_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None


def allowed(state: State) -> tuple[str, ...]:
    """The names of the deeds that a state allows, whoever may do them."""
    return tuple(deed.name for deed in DEEDS if state in deed.moves)


def moved(mission: Mission, deed: Deed, to: State, reason: str | None, by: str, at: datetime) -> Mission:
    """The mission after the deed, one version on; raises IllegalTransition or InvalidInput."""
    if mission.state not in deed.moves or to not in deed.moves[mission.state]:
        possible = allowed(mission.state)
        then = f"it allows {', '.join(possible)}" if possible else "nothing more can be done with it"
        raise IllegalTransition(
            f"{deed.name} to {to} is not possible while the mission is {mission.state}: {then}",
            state=mission.state,
            allowed=possible,
        )
    reasons = deed.reasons.get(to)
    if reasons is None and reason is not None:
        raise InvalidInput(f"reason is not asked for {to}", field="reason", rule="mission.reason")
    if reasons is not None and reason not in reasons:
        raise InvalidInput(f"reason must be one of {', '.join(reasons)}", field="reason", rule="mission.reason")
    after = replace(mission, state=to, reason=reason, version=mission.version + 1)
    if to in (State.ACCEPTED, State.DECLINED) and mission.answered_at is None:
        after = replace(after, answered_by=by, answered_at=at)
    if to is State.ON_SITE:
        after = replace(after, arrived_at=at)
    return replace(after, ended_at=at) if to in ENDS else after


def require_part(deed: Deed, principal: Principal, mission: Mission) -> None:
    """Raises Forbidden where the caller has no part in the deed."""
    if deed.members and principal.subject in mission.members:
        return
    if not deed.members and principal.covers(mission.area) and principal.has(frozenset(SEND_TEAM.roles)):
        return
    who = "those who were sent" if deed.members else "whoever is in charge of the matter"
    raise Forbidden(f"{deed.name} is for {who}")


def window(
    begins: datetime | None, ends: datetime | None, usual: timedelta, now: datetime
) -> tuple[datetime, datetime]:
    """From when to when a mission is; by default from now, and so long as is usual. Raises InvalidInput."""
    first = begins or now
    last = ends or first + usual
    for name, instant in (("begins", first), ("ends", last)):
        if instant.tzinfo is None:
            raise InvalidInput(f"{name} must have a time zone", field=name, rule="form")
    if not now - timedelta(hours=1) <= first <= now + FARTHEST:
        raise InvalidInput(
            f"begins must lie within the next {FARTHEST.days} days", field="begins", rule="mission.begins"
        )
    if not first < last <= first + LONGEST_MISSION:
        raise InvalidInput(
            f"ends must lie after begins, at most {LONGEST_MISSION.days} days", field="ends", rule="mission.ends"
        )
    return first, last


# --- Activities --------------------------------------------------------------------------------------------------------


class Held(StrEnum):
    """Where an activity stands."""

    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A team's day in a village. `day`, `begins` and `ends` are China's; `people` is the sum of those served.

    `stall_version` is liaison's version of the stall that it follows; None of what the team planned itself.
    """

    id: UUID
    team: str
    area: str
    place: str
    topic: str
    day: date
    begins: time
    ends: time
    state: Held = Held.PLANNED
    reason: str | None = None
    people: int = 0
    version: int = 1
    planned_by: str
    planned_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    stall_version: int | None = None


def check_activity(day: date, begins: time, ends: time, today: date) -> None:
    """Raises InvalidInput."""
    if not today - timedelta(LATE_ACTIVITY_DAYS) <= day <= today + timedelta(FARTHEST_ACTIVITY_DAYS):
        raise InvalidInput(
            f"day: at most {LATE_ACTIVITY_DAYS} days back and {FARTHEST_ACTIVITY_DAYS} ahead",
            field="day",
            rule="activity.day",
        )
    if ends <= begins:
        raise InvalidInput("ends must lie after begins, on the same day", field="ends", rule="order")


def ended(
    activity: Activity, state: Held, by: str, at: datetime, *, people: int = 0, reason: str | None = None
) -> Activity:
    """The activity after it was held or cancelled; raises Conflict where it was already, or where its time has not come."""
    if activity.state is not Held.PLANNED:
        raise Conflict(f"the activity is {activity.state} already", rule="activity.ended")
    if state is Held.HELD and datetime.combine(activity.day, activity.begins, CHINA) > at:
        raise Conflict("the activity has not begun yet", field="id", rule="activity.early")
    return replace(
        activity, state=state, people=people, reason=reason, ended_by=by, ended_at=at, version=activity.version + 1
    )


def require_organiser(principal: Principal, area: str, members: Sequence[Member], today: date) -> None:
    """Raises Forbidden but for a handler of the area and the team's own members."""
    handler = principal.covers(area) and principal.has(frozenset(HANDLERS))
    if not handler and not any(
        member.subject == principal.subject and (member.until is None or member.until >= today) for member in members
    ):
        raise Forbidden("this is for a handler of the area, or a member of the team")


ADMINS: frozenset[str] = frozenset({Role.TOWNSHIP_CLERK, Role.CITY_ADMIN})
"""Revise teams, mediators and centres, in their areas."""
