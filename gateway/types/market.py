"""Market days and teams' stalls on them (owner: liaison). Edges to other services: Market.area, Stall.team, Stall.activity."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.archive import Area as Division
from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.team import Activity, Team
from gateway.types.village import MarketRule

_KEY = "UUID chosen by the client for this deed (幂等键)"
_DAYS = (
    "last digits of the day of the Gregorian or lunar month, weekdays from Monday = 1, or branches from 子 = 1 (墟日)"
)


@strawberry.enum(
    description="What a month does that ends before its third day of a digit, such as 逢十 in one of 29 days (小月处理)"
)
class ShortMonth(Enum):
    SKIP = "SKIP"
    LAST_DAY = "LAST_DAY"


@strawberry.enum(description="What an exception does (例外类型)")
class MarketExceptionKind(Enum):
    ADDED = "ADDED"
    DROPPED = "DROPPED"


@strawberry.enum(description="Where a stall stands (摊位状态)")
class StallState(Enum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


@strawberry.enum(
    description="Why a stall is cancelled: no market that day, the plan was taken back, or the team will not come (取消原因)"
)
class StallCause(Enum):
    MARKET = "MARKET"
    PLAN = "PLAN"
    TEAM = "TEAM"


@strawberry.enum(description="What else claims somebody (冲突类型)")
class StallConflictKind(Enum):
    DUTY = "DUTY"
    SESSION = "SESSION"
    STALL = "STALL"


@strawberry.type(description="A day that is added, dropped or moved (墟日例外)")
class MarketException:
    date: Date = filled("the day (日期)")
    kind: MarketExceptionKind = filled("what it does (类型)")
    reason: str = filled("why (原因)")
    instead_of: Date | None = filled("the day by the rule whose market was moved to this one (原墟日)")


@strawberry.type(description="A market, held by a rule (墟市)")
class Market(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village or township (区划代码)")
    area: Division | None = filled("where it is (区划)")
    name: str = filled("name (名称)")
    rule: MarketRule = filled("what its days go by (墟日规则)")
    days: list[int] = filled(_DAYS)
    short_month: ShortMonth = filled("what a short month does (小月处理)")
    words: str = filled("the rule as people say it (规则说明)")
    since: Date = filled("the first day of the rule (生效日期)")
    until: Date | None = filled("the last one (失效日期)")
    version: int = filled("version (版本)")
    next_market_day: "MarketDay | None" = filled("the next one, today included (下一墟日)")
    upcoming: list["MarketDay"] = filled("the days from today on, to the end of next year (近期墟日)", **first(10))
    exceptions: list[MarketException] = filled(
        "days that are not what the rule says, latest first (例外)", **first(100)
    )


@strawberry.type(description="A day on which market is held (墟日)")
class MarketDay:
    date: Date = filled("the day (日期)")
    text: str = filled("why it is one: 农历八月初三，逢三 (说明)")
    market: Market = filled("the market (墟市)")
    stalls: list["Stall"] = filled("stalls of service teams on it (服务摊位)", **first(100))


@strawberry.type(description="Who is at a stall (摊位人员)")
class StallStaff:
    subject: str = filled("subject of the account (账号)")
    name: str | None = filled("name, of somebody who also does duty or goes to gatherings (姓名)")


@strawberry.type(description="Where else somebody of a stall's staff is to be at that time (时间冲突)")
class StallConflict:
    subject: str = filled("who: subject of the account (账号)")
    kind: StallConflictKind = filled("what claims them (冲突类型)")
    area_code: str = filled("code of the area where (区划代码)")
    begins: DateTime = filled("from when (开始时间)")
    ends: DateTime = filled("until when (结束时间)")


@strawberry.type(description="A team's stall on a market day (墟日摊位)")
class Stall(Node):
    id: strawberry.ID = filled("global id")
    market: Market = filled("the market (墟市)")
    plan: "StallPlan" = filled("the plan that it belongs to (摆摊计划)")
    area_code: str = filled("code of the village or township (区划代码)")
    team_code: str = filled("code of the team (团队代码)")
    team: Team | None = filled("the team (服务团队)")
    activity: Activity | None = filled(
        "the team's activity that it is, where people served are noted; null until tickets have taken it over (服务活动)"
    )
    staff: list[StallStaff] = filled("who is there (人员)", **first(100))
    topic: str = filled("what it is about (主题)")
    date: Date = filled("the day (日期)")
    begins: str = filled("from, China's time (开始时间)")
    ends: str = filled("until (结束时间)")
    state: StallState = filled("where it stands (状态)")
    cause: StallCause | None = filled("why it is cancelled (取消原因)")
    people: int | None = filled("how many people were served, once it was held (服务人次)")
    why: str | None = filled("why there is market that day (墟日说明)")
    conflicts: list[StallConflict] = filled(
        "whom of its staff duty, a meeting or another stall claims elsewhere at that time (时间冲突)", **first(100)
    )
    version: int = filled("version (版本)")


@strawberry.type(description="A team's stalls on a market's days (摆摊计划)")
class StallPlan(Node):
    id: strawberry.ID = filled("global id")
    market: Market = filled("the market (墟市)")
    from_: Date = strawberry.field(name="from", description="first day (开始日期)")
    to: Date = filled("last day (结束日期)")
    every_nth: int = filled("on every nth market day; 1 is each (间隔)")
    planned_by: str = filled("who planned it: subject of the account (安排人)")
    stalls: list[Stall] = filled("the stalls, in order (摊位)", **first(500))
    conflicting: list[Stall] = filled("those with conflicts (有冲突的摊位)", **first(100))


@strawberry.type(description="A market and where it stands in the list")
class MarketEdge:
    node: Market = filled("the market")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of markets (墟市列表)")
class MarketConnection:
    edges: list[MarketEdge] = filled("the page's markets")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A market day and where it stands in the list")
class MarketDayEdge:
    node: MarketDay = filled("the market day")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of market days (墟日列表)")
class MarketDayConnection:
    edges: list[MarketDayEdge] = filled("the page's market days")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A stall and where it stands in the list")
class StallEdge:
    node: Stall = filled("the stall")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of stalls (摊位列表)")
class StallConnection:
    edges: list[StallEdge] = filled("the page's stalls")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="A market's rule; what is past stays (墟日规则修订)")
class ReviseMarketInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID | None = optional("the market; absent for a new one (墟市)")
    version: int | None = optional("the version that the caller saw (版本)")
    area_code: str = asked("code of the village or township (区划代码)")
    name: str = asked("name (名称)")
    rule: MarketRule = asked("what its days go by (墟日规则)")
    days: list[int] = asked(_DAYS)
    short_month: ShortMonth = optional("what a short month does (小月处理)", ShortMonth.SKIP)
    since: Date = asked("the first day of the rule (生效日期)")
    until: Date | None = optional("the last one (失效日期)")


@strawberry.input(description="A day is added, dropped or moved (新增墟日例外)")
class AddMarketExceptionInput:
    client_key: strawberry.ID = asked(_KEY)
    market_id: strawberry.ID = asked("the market (墟市)")
    version: int | None = optional("the version that the caller saw (版本)")
    date: Date = asked("the day (日期)")
    kind: MarketExceptionKind = asked("what it does (类型)")
    reason: str = asked("why (原因)")
    instead_of: Date | None = optional("of one that is added: the market day that was moved to it (原墟日)")


@strawberry.input(description="The day is again what the rule says (撤销墟日例外)")
class DropMarketExceptionInput:
    client_key: strawberry.ID = asked(_KEY)
    market_id: strawberry.ID = asked("the market (墟市)")
    version: int | None = optional("the version that the caller saw (版本)")
    date: Date = asked("the day (日期)")


@strawberry.input(description="A team has a stall on a market's days (安排墟日摆摊)")
class PlanStallsInput:
    client_key: strawberry.ID = asked(_KEY)
    market_id: strawberry.ID = asked("the market (墟市)")
    team: str = asked("code of the team (团队代码)")
    staff: list[str] = asked("who is there: subjects of accounts (人员账号)")
    topic: str = asked("what it is about (主题)")
    begins: str = asked("from, China's time, 08:30 (开始时间)")
    ends: str = asked("until (结束时间)")
    from_: Date = strawberry.field(name="from", description="first day (开始日期)")
    to: Date = asked("last day (结束日期)")
    every_nth: int = optional("on every nth market day (间隔)", 1)


@strawberry.input(description="There are no stalls of the plan from a day on (取消墟日摆摊)")
class CancelStallsInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the plan (摆摊计划)")
    from_: Date = strawberry.field(name="from", description="from this day on (开始日期)")


@strawberry.type(description="The market (墟市操作结果)")
class MarketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    market: Market = filled("the market after it (墟市)")


@strawberry.type(description="The plan, with its stalls and their conflicts (摆摊计划操作结果)")
class StallPlanPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    stall_plan: StallPlan = filled("the plan after it (摆摊计划)")


Area = Annotated[str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
MarketArea = Annotated[
    str | None,
    strawberry.argument(description="area code: markets in it, and those of the township that it lies in (区划代码)"),
]
From = Annotated[Date, strawberry.argument(name="from", description="first day (开始日期)")]
To = Annotated[Date, strawberry.argument(description="last day, at most 400 after the first (结束日期)")]
MaybeFrom = Annotated[Date | None, strawberry.argument(name="from", description="first day (开始日期)")]
MaybeTo = Annotated[Date | None, strawberry.argument(description="last day (结束日期)")]
OfTeam = Annotated[str | None, strawberry.argument(description="code of a team (团队代码)")]
Subject = Annotated[
    str | None, strawberry.argument(description="with this one at it: subject of the account (人员账号)")
]
OfMarket = Annotated[strawberry.ID | None, strawberry.argument(description="at this market (墟市)")]
InState = Annotated[StallState | None, strawberry.argument(description="in this state (状态)")]
Conflicting = Annotated[bool | None, strawberry.argument(description="whether they have conflicts (是否有冲突)")]
