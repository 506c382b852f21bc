"""The catalogue of matters and the clocks of tickets (owner: tickets)."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.declare import Date, DateTime, PageInfo, filled, first
from gateway.types.inputs import MoveTicketInput, asked, optional
from gateway.types.tickets import Department, Ticket, TicketPriority

On = Annotated[Date | None, strawberry.argument(description="as it is on that day; absent for today (日期)")]
SINCE = "first day, today or later; absent for today (生效日)"
LIMIT = "working time: days (5d), hours (4h) or minutes (30m); 0d is the same day"


@strawberry.enum(description="What a limit is for (时限种类)")
class DeadlineKind(Enum):
    SIGN = strawberry.enum_value("SIGN", description="to sign for the matter (签收)")
    WORK = strawberry.enum_value("WORK", description="the department's, to do it (承办)")
    OVERALL = strawberry.enum_value("OVERALL", description="the whole matter's; it never starts anew (总时限)")


@strawberry.enum(description="Where a limit stands (时限状态)")
class DeadlineState(Enum):
    RUNNING = strawberry.enum_value("RUNNING", description="there is time (未到期)")
    MISSED = strawberry.enum_value("MISSED", description="it has run out (已超期)")
    MET = strawberry.enum_value("MET", description="done in time (按期)")
    LATE = strawberry.enum_value("LATE", description="done after it had run out (超期办结)")
    ENDED = strawberry.enum_value("ENDED", description="it counts no more, as after a return (已终止)")


@strawberry.enum(description="What a day is in the working calendar (日期类型)")
class CalendarDayKind(Enum):
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"


@strawberry.enum(description="Why a clock stood still (停计原因)")
class PauseKind(Enum):
    AWAITING = strawberry.enum_value("AWAITING", description="the matter rested, up to the cap (挂起)")
    CHECKED = strawberry.enum_value("CHECKED", description="the work was looked at and given back (办结待核实)")


@strawberry.enum(description="Where a request for more time stands (延期状态)")
class ExtensionState(Enum):
    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


@strawberry.enum(description="Why a department needs more time (延期原因)")
class ExtensionReason(Enum):
    COMPLEX = "COMPLEX"
    SURVEY = "SURVEY"
    OTHER_BODY = "OTHER_BODY"
    MATERIALS = "MATERIALS"
    WEATHER = "WEATHER"
    FUNDS = "FUNDS"


@strawberry.type(description="A day within a limit that is no plain workday (特殊日期)")
class SkippedDay:
    date: Date = filled("the day (日期)")
    kind: CalendarDayKind = filled("what it is (日期类型)")
    counts: bool = filled("whether it counts: only a make-up workday does (是否计入)")
    festival: str | None = filled("what it is off or worked for; null for a plain weekend (节日)")


@strawberry.type(description="A time in which a clock stood still (停计时段)")
class CountedPause:
    since: DateTime = filled("from (起)")
    until: DateTime = filled("until; where the cap ends it, until then (止)")
    kind: PauseKind = filled("why (停计原因)")
    reason: str | None = filled("reason that was given, code (原因)")
    minutes: int = filled("working time that is left out (扣除分钟)")
    capped: bool = filled("whether it would have been longer without the cap (已达上限)")


@strawberry.type(description="A limit of a matter, and how it comes about (办理时限)")
class Deadline:
    kind: DeadlineKind = filled("what it is for (种类)")
    round: int = filled("the how manieth dispatch it belongs to; 1 for OVERALL (轮次)")
    state: DeadlineState = filled("where it stands (状态)")
    ticket: Ticket | None = filled("the matter (事项)")
    department: Department | None = filled("whose it is; null for OVERALL (承办部门)")
    started_at: DateTime = filled("when it started: the dispatch (起算时间)")
    due_at: DateTime = filled("last instant in time; while the matter rests, the latest that it can become (截止时间)")
    return_by: DateTime | None = filled("until when the department may return the matter; only of WORK (退单截止)")
    warn_at: DateTime | None = filled("when it warns (预警时间)")
    met_at: DateTime | None = filled("when it was done (完成时间)")
    missed_at: DateTime | None = filled("when it ran out (超期时间)")
    ended_at: DateTime | None = filled("when it ceased to count (终止时间)")
    level: int = filled("level of escalation, 0 to 3 (升级级别)")
    limit: str | None = filled(
        f"the limit as it was at the dispatch: {LIMIT}; null where a day was agreed in its place (时限)"
    )
    due_on: Date | None = filled("the day that was agreed for it, until business closes (约定办结日)")
    extensions: list[str] = filled("what was granted besides (延期)")
    rule: str = filled("name of the rule (依据)")
    rule_since: Date = filled("since when the rule holds (施行日)")
    rule_category: str | None = filled("category that the rule is for; null for every one (适用类别)")
    rule_priority: TicketPriority | None = filled("priority that the rule is for; null for every one (适用等级)")
    provisional: bool = filled("whether a year within it is not published yet: it may move (暂定)")
    skipped: list[SkippedDay] = filled("days within it that are no plain workdays, in order", **first(100))
    pauses: list[CountedPause] = filled("when it stood still, in order", **first(100))
    explanation: str = filled("all of this in a sentence (说明)")


@strawberry.type(description="A limit and where it stands in the list")
class DeadlineEdge:
    node: Deadline = filled("the limit")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of limits (时限列表)")
class DeadlineConnection:
    edges: list[DeadlineEdge] = filled("the page's limits")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A department's request for more time (延期申请)")
class Extension:
    state: ExtensionState = filled("where it stands (状态)")
    days: int = filled("working days asked for (申请天数)")
    granted_days: int | None = filled("working days granted (批准天数)")
    reason: ExtensionReason = filled("why (原因)")
    note: str | None = filled("remark (说明)")
    requested_by: str = filled("who asked: subject of their account (申请人)")
    requested_at: DateTime = filled("when (申请时间)")
    decided_by: str | None = filled("who decided (审批人)")
    decided_at: DateTime | None = filled("when (审批时间)")


@strawberry.type(description="A category of matters (事项类别)")
class Category:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")
    priority: TicketPriority = filled("what a matter of it is unless said otherwise (紧急程度)")
    since: Date = filled("first day of this line (生效日)")
    until: Date | None = filled("last day of validity (失效日)")
    parent_code: str | None = filled("the category above (上级代码)")
    children: list["Category"] = filled("the categories right below it (下级)", **first(500))


@strawberry.type(description="Where matters of a category in an area go (派遣去向)")
class Route:
    area_code: str = filled("code of the area (区划代码)")
    category: str | None = filled("code of the category; null for every one (类别)")
    department: Department | None = filled("the department; null for none from then on (承办部门)")
    since: Date = filled("first day (生效日)")


@strawberry.type(description="Limits of a category and a priority (时限规则)")
class Limits:
    category: str | None = filled("code of the category; null for every one (类别)")
    priority: TicketPriority | None = filled("priority; null for every one (紧急程度)")
    since: Date = filled("first day (生效日)")
    name: str = filled("where it comes from (依据)")
    sign: str = filled(f"to sign: {LIMIT} (签收)")
    work: str = filled("to do it (承办)")
    overall: str = filled("the whole matter (总时限)")
    return_within: str = filled("to return it (退单)")
    extension: str = filled("the longest extension (单次延期上限)")
    extensions: int = filled("how many extensions (延期次数)")
    pause: int = filled("how many working days a matter may rest (挂起上限)")
    warn: int = filled("share of the time after which it warns, percent; 0 for never (预警比例)")
    escalate: str = filled("from one level of escalation to the next (升级间隔)")


@strawberry.type(description="Whom late matters are told to (督办升级)")
class Escalation:
    unit: str = filled("department/<code> or area/<code> (单位)")
    level: int = filled("level, 1 to 3 (级别)")
    subjects: list[str] = filled("subjects of accounts (人员)")


@strawberry.input(description="A category, from a day on (修订类别)")
class ReviseCategoryInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code (代码)")
    name: str = asked("name (名称)")
    parent: str | None = optional("code of the category above; absent for the topmost (上级代码)")
    priority: TicketPriority = optional("what a matter of it is (紧急程度)", TicketPriority.NORMAL)
    since: Date | None = optional(SINCE)
    until: Date | None = optional("last day of validity (失效日)")


@strawberry.input(description="Where matters go, from a day on (修订派遣去向)")
class ReviseRouteInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    area_code: str = asked("code of the area (区划代码)")
    category: str | None = optional("code of the category; absent for every one (类别)")
    department_code: str | None = optional("code of the department; absent for none (部门代码)")
    since: Date | None = optional(SINCE)


@strawberry.input(description="Limits, from a day on; open matters keep theirs (修订时限)")
class ReviseLimitsInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    category: str | None = optional("code of the category; absent for every one (类别)")
    priority: TicketPriority | None = optional("priority; absent for every one (紧急程度)")
    since: Date | None = optional(SINCE)
    name: str = asked("where it comes from (依据)")
    sign: str = asked(f"to sign: {LIMIT} (签收)")
    work: str = asked("to do it (承办)")
    overall: str = asked("the whole matter (总时限)")
    return_within: str = asked("to return it (退单)")
    extension: str = asked("the longest extension, in days (单次延期上限)")
    extensions: int = asked("how many extensions (延期次数)")
    pause: int = asked("how many working days a matter may rest (挂起上限)")
    warn: int = asked("share of the time after which it warns, percent; 0 for never (预警比例)")
    escalate: str = asked("from one level of escalation to the next (升级间隔)")


@strawberry.input(description="Whom a unit's late matters are told to (修订督办人员)")
class ReviseEscalationInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    unit: str = asked("department/<code> or area/<code> (单位)")
    level: int = asked("level, 1 to 3 (级别)")
    subjects: list[str] = asked("subjects of accounts; none for nobody (人员)")


@strawberry.input(description="The department asks for more time (申请延期)")
class RequestExtensionInput(MoveTicketInput):
    reason: ExtensionReason = asked("why (原因)")
    days: int = asked("working days (天数)")


@strawberry.input(description="What is decided of a request for more time (审批延期)")
class DecideExtensionInput(MoveTicketInput):
    granted: bool = asked("whether it is granted (是否批准)")
    days: int | None = optional("working days that are granted; absent for as many as were asked for (批准天数)")


@strawberry.type(description="The category after the deed (类别修订结果)")
class ReviseCategoryPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    category: Category = filled("the category as it is from then on (类别)")


@strawberry.type(description="The route after the deed (派遣去向修订结果)")
class ReviseRoutePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    route: Route = filled("the route as it is from then on (派遣去向)")


@strawberry.type(description="The limits after the deed (时限修订结果)")
class ReviseLimitsPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    limits: Limits = filled("the limits as they are from then on (时限规则)")


@strawberry.type(description="The escalation after the deed (督办人员修订结果)")
class ReviseEscalationPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    escalation: Escalation = filled("whom they are told to (督办升级)")


@strawberry.type(description="The matter after a request for more time, or its decision (延期结果)")
class ExtensionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the matter after it (事项)")
