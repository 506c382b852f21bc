"""Rules of duty, leave, offers, the stations' logs and the fairness report (owner: liaison).

Edges to other services: DutyVisit.household, DutyVisit.ticket.
"""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.liaison import Cadre, Duty, DutyOffer, DutyOfferState, Station

if TYPE_CHECKING:
    from gateway.types.archive import Household
    from gateway.types.tickets import Ticket

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="How the pool takes its turns (排班方式)")
class DutyPattern(Enum):
    ROTATION = "ROTATION"
    WEEKDAYS = "WEEKDAYS"
    FAIR = "FAIR"


@strawberry.enum(description="Whether somebody signed in for a duty; MISSED is of a day that is past (到岗情况)")
class DutyAttendance(Enum):
    SIGNED = "SIGNED"
    MISSED = "MISSED"


@strawberry.enum(description="Why somebody is away (请假类型)")
class LeaveReason(Enum):
    ANNUAL = "ANNUAL"
    SICK = "SICK"
    TRAINING = "TRAINING"
    OFFICIAL = "OFFICIAL"
    FAMILY = "FAMILY"
    OTHER = "OTHER"


@strawberry.enum(description="What somebody came to the station for (来访事由)")
class DutyPurpose(Enum):
    CONSULT = "CONSULT"
    APPLY = "APPLY"
    REPORT = "REPORT"
    COMPLAINT = "COMPLAINT"
    VISIT = "VISIT"
    OTHER = "OTHER"


@strawberry.type(description="A cadre of a rule's pool (值班人员)")
class PoolMember:
    subject: str = filled("subject of their account (账号)")
    weekdays: list[int] = filled("their weekdays where the pattern is WEEKDAYS, 1 is Monday (固定星期)")
    cadre: Cadre = filled("the cadre (干部)")


@strawberry.type(description="By which rule a village's duties come about (排班规则)")
class DutyRule(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    starts: Date = filled("its first day; it holds until the village's next rule starts (起始日期)")
    pattern: DutyPattern = filled("how the pool takes its turns (排班方式)")
    pool: list[PoolMember] = filled("who takes turns, in order (值班人员)", **first(60))
    eve_weight: float = filled("what the eve of a holiday counts, where another day counts 1 (节前权重)")
    opens: str = filled("when the station opens, China's time, 08:30 (开门时间)")
    late_minutes: int = filled("who signs in more than so many minutes later is late (迟到分钟)")
    alarm_days: int = filled("so many working days ahead a gap is told of (缺岗预警天数)")
    planned_until: Date | None = filled("up to where the roster stands; null while it is due for planning (已排至)")
    version: int = filled("version (版本)")


@strawberry.type(description="When somebody is away (请假)")
class Leave(Node):
    id: strawberry.ID = filled("global id")
    cadre: Cadre = filled("who (干部)")
    first: Date = filled("first day (起始日期)")
    last: Date = filled("last day (截止日期)")
    reason: LeaveReason | None = filled("why; null but for themselves and whoever arranges (类型)")
    withdrawn: bool = filled("whether it was withdrawn (已撤销)")
    noted_by: str = filled("who noted it: subject of the account (登记人)")
    noted_at: DateTime = filled("when (登记时间)")


@strawberry.type(description="Somebody who came to the station (值班接待记录)")
class DutyVisit(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    at: DateTime = filled("when they came (来访时间)")
    purpose: DutyPurpose = filled("what for (事由)")
    note: str = filled("what was said (内容)")
    visitor_name: str | None = filled("who came, masked (来访人)")
    visitor_phone: str | None = filled("their phone, masked (电话)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "whose household it was about; null outside the caller's reach (农户)"
    )
    category: str | None = filled("category of the matter that it became (事项类别)")
    ticket: Annotated["Ticket", strawberry.lazy("gateway.types.tickets")] | None = filled(
        "that matter, once it is opened (事项)"
    )
    noted_by: str = filled("who wrote it down: subject of the account (登记人)")
    received_at: DateTime = filled("when that arrived (收到时间)")


@strawberry.type(description="What somebody did of their duties, and what would have been fair (值班公平性)")
class DutyShare:
    subject: str = filled("subject of their account (账号)")
    name: str = filled("name (姓名)")
    cadre: Cadre = filled("the cadre (干部)")
    days: int = filled("days of duty (值班天数)")
    eves: int = filled("of these on eves of holidays (节前天数)")
    makeup_days: int = filled("of these on make-up workdays (调休上班天数)")
    taken: int = filled("of these taken from others (代班天数)")
    given: int = filled("days given to others (被代班天数)")
    missed: int = filled("past days without a sign-in (未签到天数)")
    leave_days: int = filled("working days on leave (请假天数)")
    weight: float = filled("the days, an eve counting more (工作量)")
    fair_share: float = filled("their part: of each day the same of all who were not on leave (应承担量)")
    balance: float = filled("how far they are ahead; negative: behind (差额)")


@strawberry.type(description="A duty and where it stands in the list")
class DutyEdge:
    node: Duty = filled("the duty")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of duties (值班列表)")
class DutyConnection:
    edges: list[DutyEdge] = filled("the page's duties")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A rule of duty and where it stands in the list")
class DutyRuleEdge:
    node: DutyRule = filled("the rule")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of rules of duty (排班规则列表)")
class DutyRuleConnection:
    edges: list[DutyRuleEdge] = filled("the page's rules")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="An offer and where it stands in the list")
class DutyOfferEdge:
    node: DutyOffer = filled("the offer")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of offers (换班申请列表)")
class DutyOfferConnection:
    edges: list[DutyOfferEdge] = filled("the page's offers")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A visit to the station and where it stands in the list")
class DutyVisitEdge:
    node: DutyVisit = filled("the visit")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of visits to stations (值班接待记录列表)")
class DutyVisitConnection:
    edges: list[DutyVisitEdge] = filled("the page's visits")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A cadre's share and where it stands in the list")
class DutyShareEdge:
    node: DutyShare = filled("the share")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of the fairness report (值班公平性报表)")
class DutyShareConnection:
    edges: list[DutyShareEdge] = filled("the page's shares")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A cadre and where they stand in the list")
class CadreEdge:
    node: Cadre = filled("the cadre")
    cursor: str = filled("their place in the list")


@strawberry.type(description="A page of cadres (干部列表)")
class CadreConnection:
    edges: list[CadreEdge] = filled("the page's cadres")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A leave and where it stands in the list")
class LeaveEdge:
    node: Leave = filled("the leave")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of leaves (请假列表)")
class LeaveConnection:
    edges: list[LeaveEdge] = filled("the page's leaves")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="Put a cadre on record, or anew (登记干部)")
class ReviseCadreInput:
    client_key: strawberry.ID = asked(_KEY)
    subject: str = asked("subject of their account (账号)")
    version: int | None = optional("the version that the caller saw; absent for a new cadre (版本)")
    name: str = asked("name (姓名)")
    area_code: str = asked("code of the area within which they may be sent anywhere (服务区域代码)")
    base_code: str | None = optional("code of the area in it that they set out from; by default itself (驻地区划代码)")
    department: str | None = optional("code of the department that they come for (部门代码)")
    since: Date | None = optional("their first day; by default today (任职日期)")
    until: Date | None = optional("their last day (离任日期)")


@strawberry.input(description="Somebody will be away (请假登记)")
class NoteLeaveInput:
    client_key: strawberry.ID = asked(_KEY)
    subject: str | None = optional("who: subject of the account; by default the caller (账号)")
    first: Date = asked("first day (起始日期)")
    last: Date = asked("last day (截止日期)")
    reason: LeaveReason = asked("why (类型)")


@strawberry.input(description="They will not be away (撤销请假)")
class WithdrawLeaveInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the leave (请假)")


@strawberry.input(description="A cadre of a rule's pool (值班人员)")
class PoolMemberInput:
    subject: str = asked("subject of their account (账号)")
    weekdays: list[int] = strawberry.field(
        description="their weekdays where the pattern is WEEKDAYS, 1 is Monday (固定星期)", default_factory=list
    )


@strawberry.input(description="Say by which rule a village's duties come about (设置排班规则)")
class SetDutyRuleInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("code of the village (村代码)")
    starts: Date = asked("its first day (起始日期)")
    version: int | None = optional("the version that the caller saw; absent for a new rule (版本)")
    pool: list[PoolMemberInput] = asked("who takes turns, in order (值班人员)")
    pattern: DutyPattern = optional("how they take turns (排班方式)", DutyPattern.ROTATION)
    eve_weight: float = optional("what the eve of a holiday counts, where another day counts 1 (节前权重)", 1.5)
    opens: str = optional("when the station opens, China's time (开门时间)", "08:30")
    late_minutes: int = optional("who signs in more than so many minutes later is late (迟到分钟)", 15)
    alarm_days: int = optional("so many working days ahead a gap is told of (缺岗预警天数)", 3)


@strawberry.input(description="Say where a village's station is (设置村服务站位置)")
class SetStationInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("code of the village (村代码)")
    version: int | None = optional("the version that the caller saw; absent for a new one (版本)")
    name: str = asked("name (名称)")
    address: str | None = optional("address (地址)")
    longitude: float = asked("longitude in WGS 84 (经度)")
    latitude: float = asked("latitude in WGS 84 (纬度)")
    radius: int = optional("within so many metres one is at it (范围米)", 200)


@strawberry.input(description="Ask another, or anybody, to take a duty (申请换班)")
class OfferDutyInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("code of the village (村代码)")
    date: Date = asked("the day of the caller's duty (日期)")
    to: str | None = optional("who is asked: subject of the account; absent for anybody (对象)")
    exchange: Date | None = optional("a day of the other's in the same village, to take in return (交换日期)")


@strawberry.input(description="Take a duty that is offered (接受换班)")
class TakeDutyInput:
    client_key: strawberry.ID = asked(_KEY)
    offer_id: strawberry.ID = asked("the offer (换班申请)")


@strawberry.input(description="Do not take a duty that is offered (谢绝换班)")
class DeclineDutyInput:
    client_key: strawberry.ID = asked(_KEY)
    offer_id: strawberry.ID = asked("the offer (换班申请)")


@strawberry.input(description="Keep the duty after all (撤回换班申请)")
class WithdrawDutyOfferInput:
    client_key: strawberry.ID = asked(_KEY)
    offer_id: strawberry.ID = asked("the offer (换班申请)")


@strawberry.input(description="Give a duty to somebody in an emergency, without consent (紧急指派值班)")
class AssignDutyInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("code of the village (村代码)")
    date: Date = asked("the day (日期)")
    subject: str = asked("who: subject of the account (账号)")


@strawberry.input(description="The cadre on duty goes (签退)")
class SignOutOfDutyInput:
    client_key: strawberry.ID = asked(_KEY)
    area: str = asked("code of the village (村代码)")
    date: Date = asked("the day (日期)")
    signed_at: DateTime | None = optional("when, if the phone was offline then (签退时间)")


@strawberry.input(description="Write down who came to the station (登记值班接待)")
class NoteDutyVisitInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("UUID that the phone chose for the visit: what arrives twice counts once (记录标识)")
    area_code: str = asked("code of the village (村代码)")
    at: DateTime | None = optional("when they came; by default now (来访时间)")
    purpose: DutyPurpose = asked("what for (事由)")
    note: str = asked("what was said (内容)")
    household_id: strawberry.ID | None = optional("whose household it was about (农户)")
    visitor_name: str | None = optional("who came (来访人)")
    visitor_phone: str | None = optional("their phone (电话)")
    category: str | None = optional("category, where it becomes a matter (事项类别)")


@strawberry.type(description="The cadre, on record (登记结果)")
class CadrePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    cadre: Cadre = filled("the cadre after it (干部)")


@strawberry.type(description="The leave after it (请假结果)")
class LeavePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    leave: Leave = filled("the leave after it (请假)")


@strawberry.type(description="The rule after it (排班规则结果)")
class DutyRulePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    rule: DutyRule = filled("the rule after it (排班规则)")


@strawberry.type(description="The station after it (村服务站结果)")
class StationPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    station: Station = filled("the station after it (村服务站)")


@strawberry.type(description="The offer after it (换班结果)")
class DutyOfferPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    offer: DutyOffer = filled("the offer after it (换班申请)")


@strawberry.type(description="The duty after it (值班结果)")
class DutyPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    duty: Duty = filled("the duty after it (值班)")


@strawberry.type(description="The visit, written down (接待登记结果)")
class DutyVisitPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    visit: DutyVisit = filled("the visit (值班接待记录)")


AreaCode = Annotated[
    str | None, strawberry.argument(description="area code: all villages that begin with it (区划代码)")
]
ThisArea = Annotated[str, strawberry.argument(description="area code: all villages that begin with it (区划代码)")]
ServingArea = Annotated[
    str | None, strawberry.argument(description="code of an area in which, or around which, they serve (区划代码)")
]
Subject = Annotated[str | None, strawberry.argument(description="whose: subject of the account (账号)")]
From = Annotated[
    Date | None, strawberry.argument(name="from", description="first day, in China; by default today (起始日期)")
]
To = Annotated[
    Date | None, strawberry.argument(description="last day, 400 days on at most; by default a quarter on (截止日期)")
]
Since = Annotated[Date | None, strawberry.argument(name="from", description="first day, in China (起始日期)")]
Until = Annotated[Date | None, strawberry.argument(name="to", description="last day (截止日期)")]
FirstDay = Annotated[Date, strawberry.argument(name="from", description="first day, in China (起始日期)")]
LastDay = Annotated[Date, strawberry.argument(name="to", description="last day, 400 days on at most (截止日期)")]
Gap = Annotated[bool | None, strawberry.argument(description="only those where nobody is free, or only others (缺岗)")]
Unsigned = Annotated[
    bool | None,
    strawberry.argument(description="only those of today and before that nobody signed, or only others (未签到)"),
]
Attendance = Annotated[
    DutyAttendance | None, strawberry.argument(description="only those that were signed, or that were missed (到岗)")
]
Department = Annotated[
    str | None, strawberry.argument(description="code of the department that they come for (部门代码)")
]
Serving = Annotated[bool | None, strawberry.argument(description="only those in office today, or only others (在任)")]
Mine = Annotated[
    bool, strawberry.argument(description="only those that the caller made, is asked by or answered (与我相关)")
]
InState = Annotated[DutyOfferState | None, strawberry.argument(description="where they stand (状态)")]
OfPurpose = Annotated[DutyPurpose | None, strawberry.argument(description="what for (事由)")]
