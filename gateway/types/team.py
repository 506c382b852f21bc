"""Service teams, missions and activities (owner: tickets). Edges to other services: Activity.households, Activity.stall."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.tickets import Ticket

if TYPE_CHECKING:
    from gateway.types.archive import Household
    from gateway.types.market import Stall

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="Where a mission stands (任务状态)")
class MissionState(Enum):
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    ON_SITE = "ON_SITE"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="How a mission ends (任务结果)")
class MissionOutcome(Enum):
    DONE = "DONE"
    FAILED = "FAILED"


@strawberry.enum(
    description="What a distance is reckoned from: a point that was given, the centre of the village or grid, or codes (距离依据)"
)
class DistanceBasis(Enum):
    PLACE = "PLACE"
    CENTRE = "CENTRE"
    SAME_VILLAGE = "SAME_VILLAGE"
    SAME_TOWNSHIP = "SAME_TOWNSHIP"
    SAME_COUNTY = "SAME_COUNTY"
    ELSEWHERE = "ELSEWHERE"


@strawberry.enum(description="Where an activity stands (活动状态)")
class ActivityState(Enum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="What figures are made by; AREA is one level down (统计口径)")
class ActivitySpan(Enum):
    AREA = "AREA"
    TEAM = "TEAM"
    KIND = "KIND"
    SKILL = "SKILL"
    MONTH = "MONTH"


@strawberry.type(description="What a member of a team can do (技能)")
class TeamSkill:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")


@strawberry.type(description="A kind of team (团队类型)")
class TeamKind:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")


@strawberry.type(description="A member's skill (成员技能)")
class MemberSkill:
    code: str = filled("code of the skill (技能代码)")
    name: str = filled("its name (技能名称)")
    level: int = filled("1 helps, 2 works alone, 3 leads (级别)")
    level_name: str = filled("the level in words (级别名称)")


@strawberry.type(description="A member of a service team (团队成员)")
class TeamMember:
    subject: str = filled("subject of the account (账号)")
    name: str = filled("name (姓名)")
    skills: list[MemberSkill] = filled("what they can do (技能)", **first(100))
    since: Date = filled("first day on which they can be sent (起始日期)")
    until: Date | None = filled("the last one (截止日期)")
    available: bool = filled("whether that is so today (当前可派)")
    on_hand: int = filled("missions that they have on hand (在手任务)")


@strawberry.type(description="A service team (服务团队)")
class Team(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")
    kind: str = filled("code of its kind (类型代码)")
    kind_name: str = filled("its kind (类型)")
    areas: list[str] = filled("codes: it serves all areas that begin with one of them (服务区域代码)")
    base_code: str = filled("code of the area that it sets out from (驻地区划代码)")
    longitude: float | None = filled("where in it: longitude in WGS 84 (经度)")
    latitude: float | None = filled("latitude in WGS 84 (纬度)")
    active: bool = filled("whether it can be sent (启用)")
    version: int = filled("version (版本)")
    members: list[TeamMember] = filled("its members (成员)", **first(200))


@strawberry.type(description="Somebody who could be sent, and why at this place of the list (派遣建议)")
class TeamProposal:
    team: Team = filled("their team (团队)")
    subject: str = filled("subject of the account (账号)")
    name: str = filled("name (姓名)")
    level: int = filled("level of the skill (级别)")
    level_name: str = filled("the level in words (级别名称)")
    kilometres: float = filled("how far the team's base is (距离公里)")
    basis: DistanceBasis = filled("what that is reckoned from (距离依据)")
    on_hand: int = filled("missions on hand (在手任务)")
    cost: float = filled("kilometres, and some for each mission on hand: the list's order (合计)")
    why: str = filled("all that in words (说明)")


@strawberry.type(description="A team's members on their way to a matter (派遣任务)")
class Mission(Node):
    id: strawberry.ID = filled("global id")
    ticket: Ticket | None = filled("the matter; null for a member outside its reach (事项)")
    area_code: str = filled("code of the area where it is (区划代码)")
    team: Team = filled("the team (团队)")
    members: list[TeamMember] = filled("who is sent (成员)", **first(100))
    skill: str = filled("code of the skill that is asked for (技能代码)")
    skill_name: str = filled("the skill (技能)")
    level: int = filled("the least level of it (级别)")
    longitude: float | None = filled("where: longitude in WGS 84 (经度)")
    latitude: float | None = filled("latitude in WGS 84 (纬度)")
    begins: DateTime = filled("from when they are taken (开始时间)")
    ends: DateTime = filled("until when (结束时间)")
    state: MissionState = filled("where it stands (状态)")
    state_name: str = filled("the same in words (状态名称)")
    reason: str | None = filled("code of why it was declined, failed or cancelled (原因代码)")
    reason_name: str | None = filled("the same in words (原因)")
    brief: str | None = filled("what is to be done (任务说明)")
    result: str | None = filled("what was done (完成情况)")
    kilometres: float = filled("how far it was when they were sent (距离公里)")
    basis_name: str = filled("what that was reckoned from (距离依据)")
    version: int = filled("version (版本)")
    offered_by: str = filled("who sent them: subject of the account (派遣人)")
    offered_at: DateTime = filled("when (派遣时间)")
    answered_by: str | None = filled("who answered: subject of the account (答复人)")
    answered_at: DateTime | None = filled("when (答复时间)")
    arrived_at: DateTime | None = filled("when they were there (到场时间)")
    ended_at: DateTime | None = filled("when it ended (结束时间)")
    allowed: list[str] = filled("deeds that its state allows next (可办操作)")
    next: list[TeamProposal] = filled("where it was declined: who could be sent instead (备选)", **first(5))


@strawberry.type(description="A mission and where it stands in the list")
class MissionEdge:
    node: Mission = filled("the mission")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of missions (任务列表)")
class MissionConnection:
    edges: list[MissionEdge] = filled("the page's missions")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A team and where it stands in the list")
class TeamEdge:
    node: Team = filled("the team")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of teams (团队列表)")
class TeamConnection:
    edges: list[TeamEdge] = filled("the page's teams")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="How many people got a kind of service (服务人次)")
class ActivityServed:
    skill: str = filled("code of the kind of service (技能代码)")
    skill_name: str = filled("its name (技能)")
    people: int = filled("people (人次)")


@strawberry.type(description="A team's day in a village (下乡服务活动)")
class Activity(Node):
    id: strawberry.ID = filled("global id")
    team: Team = filled("the team (团队)")
    area_code: str = filled("code of the area where it is (区划代码)")
    place: str = filled("place (地点)")
    topic: str = filled("what it is about (主题)")
    day: Date = filled("day (日期)")
    begins: str = filled("from, China's time, 08:30 (开始时间)")
    ends: str = filled("until (结束时间)")
    state: ActivityState = filled("where it stands (状态)")
    reason: str | None = filled("why it was cancelled (取消原因)")
    people: int = filled("people served, all kinds together (服务人次)")
    served: list[ActivityServed] = filled("of these by kind (分类人次)", **first(100))
    households: list[Annotated["Household", strawberry.lazy("gateway.types.archive")] | None] = filled(
        "households served, where they were asked; null outside the caller's reach (服务农户)"
    )
    stall: Annotated["Stall", strawberry.lazy("gateway.types.market")] | None = filled(
        "the stall on a market day that it is (墟日摊位)"
    )
    version: int = filled("version (版本)")
    planned_by: str = filled("who planned it: subject of the account (登记人)")


@strawberry.type(description="An activity and where it stands in the list")
class ActivityEdge:
    node: Activity = filled("the activity")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of activities (活动列表)")
class ActivityConnection:
    edges: list[ActivityEdge] = filled("the page's activities")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Activities counted; `activities` with the key as argument lists them (活动统计)")
class ActivityFigure:
    key: str = filled("code of the area, team, kind or skill, or the month (统计项)")
    name: str | None = filled("its name (名称)")
    planned: int = filled("planned (计划场次)")
    held: int = filled("held (已开展场次)")
    cancelled: int = filled("cancelled (取消场次)")
    people: int = filled("people served (服务人次)")


@strawberry.type(description="Where a village or a grid lies (区划中心点)")
class AreaCentre:
    area_code: str = filled("code of the area (区划代码)")
    longitude: float = filled("longitude in WGS 84 (经度)")
    latitude: float = filled("latitude in WGS 84 (纬度)")


@strawberry.input(description="A skill and its level (技能级别)")
class MemberSkillInput:
    code: str = asked("code of the skill (技能代码)")
    level: int = asked("1 helps, 2 works alone, 3 leads (级别)")


@strawberry.input(description="A member of a team (成员)")
class TeamMemberInput:
    subject: str = asked("subject of the account (账号)")
    name: str = asked("name (姓名)")
    skills: list[MemberSkillInput] = asked("what they can do (技能)")
    since: Date | None = optional("first day on which they can be sent; by default today (起始日期)")
    until: Date | None = optional("the last one (截止日期)")


@strawberry.input(description="Put a team on record, or anew (登记服务团队)")
class ReviseTeamInput:
    client_key: strawberry.ID = asked(_KEY)
    code: str = asked("code (代码)")
    version: int | None = optional("the version that the caller saw; absent for a new team (版本)")
    name: str = asked("name (名称)")
    kind: str = asked("code of its kind (类型代码)")
    areas: list[str] = asked("codes of the areas that it serves (服务区域代码)")
    base: str = asked("code of the area that it sets out from (驻地区划代码)")
    longitude: float | None = optional("where in it: longitude in WGS 84 (经度)")
    latitude: float | None = optional("latitude in WGS 84 (纬度)")
    members: list[TeamMemberInput] = asked("all its members; whoever is not named leaves (成员)")
    active: bool = optional("whether it can be sent (启用)", default=True)


@strawberry.input(description="Say where a village or a grid lies (设置区划中心点)")
class ReviseAreaCentreInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("code of the area (区划代码)")
    longitude: float = asked("longitude in WGS 84 (经度)")
    latitude: float = asked("latitude in WGS 84 (纬度)")


@strawberry.input(description="Send a team to a matter (派服务团队)")
class SendTeamInput:
    client_key: strawberry.ID = asked(_KEY)
    ticket_id: strawberry.ID = asked("the matter (事项)")
    skill: str = asked("code of the skill that is asked for (技能代码)")
    level: int = optional("the least level of it (级别)", default=1)
    team: str | None = optional("code of the team; absent: whoever is nearest and has least on hand (团队代码)")
    members: list[str] = strawberry.field(
        description="whom of it: subjects of accounts; absent: one (成员账号)", default_factory=list
    )
    longitude: float | None = optional("where: longitude in WGS 84; by default the area's centre (经度)")
    latitude: float | None = optional("latitude in WGS 84 (纬度)")
    begins: DateTime | None = optional("from when; by default now (开始时间)")
    ends: DateTime | None = optional("until when; by default some hours later (结束时间)")
    brief: str | None = optional("what is to be done (任务说明)")


@strawberry.input(description="A step of a mission (任务操作)")
class MoveMissionInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the mission (任务)")
    version: int | None = optional("the version that the caller saw (版本)")


@strawberry.input(description="They will come (接受任务)")
class AcceptMissionInput(MoveMissionInput):
    pass


@strawberry.input(description="They are there (到场)")
class ArriveAtMissionInput(MoveMissionInput):
    pass


@strawberry.input(description="They will not come (谢绝任务)")
class DeclineMissionInput(MoveMissionInput):
    reason: str = asked("BUSY, AWAY, ILL, SKILL, DANGER or OTHER (原因代码)")


@strawberry.input(description="Nobody needs to come any more (取消任务)")
class CancelMissionInput(MoveMissionInput):
    reason: str = asked("SOLVED, WITHDRAWN, MISTAKE or OTHER (原因代码)")


@strawberry.input(description="It is done, or could not be done (任务结束)")
class FinishMissionInput(MoveMissionInput):
    outcome: MissionOutcome = asked("how it ended (结果)")
    reason: str | None = optional("of FAILED: ABSENT, REFUSED, MATERIAL, SKILL, DANGER, WEATHER or OTHER (原因代码)")
    result: str | None = optional("what was done (完成情况)")


@strawberry.input(description="A team will be in a village (安排下乡服务)")
class PlanActivityInput:
    client_key: strawberry.ID = asked(_KEY)
    team: str = asked("code of the team (团队代码)")
    area_code: str = asked("code of the area (区划代码)")
    place: str = asked("place (地点)")
    topic: str = asked("what it is about (主题)")
    day: Date = asked("day (日期)")
    begins: str = asked("from, China's time, 08:30 (开始时间)")
    ends: str = asked("until (结束时间)")


@strawberry.input(description="How many people got a kind of service (服务人次)")
class ActivityServedInput:
    skill: str = asked("code of the kind of service (技能代码)")
    people: int = asked("people (人次)")


@strawberry.input(description="The activity was held (登记活动情况)")
class HoldActivityInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the activity (活动)")
    version: int | None = optional("the version that the caller saw (版本)")
    served: list[ActivityServedInput] = asked("people served, by kind (分类人次)")
    household_ids: list[strawberry.ID] = strawberry.field(
        description="households served, where they were asked (服务农户)", default_factory=list
    )


@strawberry.input(description="The activity will not be held (取消活动)")
class CancelActivityInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the activity (活动)")
    version: int | None = optional("the version that the caller saw (版本)")
    reason: str = asked("why (原因)")


@strawberry.type(description="The team (团队操作结果)")
class TeamPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    team: Team = filled("the team after it (团队)")


@strawberry.type(description="The centre (中心点操作结果)")
class AreaCentrePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    area_centre: AreaCentre = filled("the centre after it (中心点)")


@strawberry.type(description="The mission (任务操作结果)")
class MissionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    mission: Mission = filled("the mission after it (任务)")


@strawberry.type(description="The activity (活动操作结果)")
class ActivityPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    activity: Activity = filled("the activity after it (活动)")


Area = Annotated[str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
Place = Annotated[str | None, strawberry.argument(description="or the area where it is (区划代码)")]
TicketId = Annotated[strawberry.ID | None, strawberry.argument(description="the matter (事项)")]
WantedSkill = Annotated[str, strawberry.argument(description="code of the skill that is asked for (技能代码)")]
Level = Annotated[int, strawberry.argument(description="the least level of it (级别)")]
Longitude = Annotated[float | None, strawberry.argument(description="where: longitude in WGS 84 (经度)")]
Latitude = Annotated[float | None, strawberry.argument(description="latitude in WGS 84 (纬度)")]
Begins = Annotated[DateTime | None, strawberry.argument(description="from when; by default now (开始时间)")]
Ends = Annotated[DateTime | None, strawberry.argument(description="until when; by default some hours later (结束时间)")]
Code = Annotated[str, strawberry.argument(description="code of the team (团队代码)")]
OfTeam = Annotated[str | None, strawberry.argument(description="code of a team (团队代码)")]
OfKind = Annotated[str | None, strawberry.argument(description="code of a kind of team (类型代码)")]
OfSkill = Annotated[str | None, strawberry.argument(description="code of a skill (技能代码)")]
Active = Annotated[bool | None, strawberry.argument(description="whether they can be sent (启用)")]
Member = Annotated[str | None, strawberry.argument(description="of one member: subject of the account (成员账号)")]
Mine = Annotated[bool, strawberry.argument(description="those that the caller is sent on (我的任务)")]
OfState = Annotated[MissionState | None, strawberry.argument(description="in this state (状态)")]
InState = Annotated[ActivityState | None, strawberry.argument(description="in this state (状态)")]
Since = Annotated[Date | None, strawberry.argument(description="first day (开始日期)")]
Until = Annotated[Date | None, strawberry.argument(description="last day (结束日期)")]
FirstDay = Annotated[Date, strawberry.argument(description="first day (开始日期)")]
LastDay = Annotated[Date, strawberry.argument(description="last day (结束日期)")]
By = Annotated[ActivitySpan, strawberry.argument(description="what they are made by (统计口径)")]
