"""Service tickets (owner: tickets). Edges to other services: Ticket.area, Ticket.household."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first

if TYPE_CHECKING:
    from gateway.types.archive import Area, Household
    from gateway.types.deadline import Deadline, Extension
    from gateway.types.errand import Errand
    from gateway.types.hotline import Call
    from gateway.types.mediation import Mediation
    from gateway.types.network import TicketPlace, Unit
    from gateway.types.suggestion import Suggestion
    from gateway.types.team import Mission


@strawberry.enum(description="Where a ticket stands (事项状态)")
class TicketStatus(Enum):
    DRAFTED = "DRAFTED"
    ACCEPTED = "ACCEPTED"
    DISPATCHED = "DISPATCHED"
    SIGNED = "SIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    AWAITING = "AWAITING"
    RETURNED = "RETURNED"
    RESOLVED = "RESOLVED"
    VERIFIED = "VERIFIED"
    CALLED_BACK = "CALLED_BACK"
    CLOSED = "CLOSED"
    MERGED = "MERGED"
    WITHDRAWN = "WITHDRAWN"
    REFERRED_OUT = "REFERRED_OUT"


@strawberry.enum(description="How a matter came in (诉求来源)")
class TicketSource(Enum):
    APP = "APP"
    WALK_IN = "WALK_IN"
    DUTY = "DUTY"
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"
    HOTLINE = "HOTLINE"
    VISIT = "VISIT"
    MARKET_STALL = "MARKET_STALL"
    DEPARTMENT = "DEPARTMENT"


@strawberry.enum(description="How pressing a matter is (紧急程度)")
class TicketPriority(Enum):
    NORMAL = "NORMAL"
    URGENT = "URGENT"


@strawberry.enum(description="What the callback found (满意度)")
class Satisfaction(Enum):
    SATISFIED = "SATISFIED"
    DISSATISFIED = "DISSATISFIED"
    UNREACHED = "UNREACHED"


@strawberry.type(description="A department of the county (部门)")
class Department:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")


@strawberry.enum(description="What was done when a matter is said to be done (办理结论)")
class Outcome(Enum):
    DONE = "DONE"
    PARTLY = "PARTLY"
    EXPLAINED = "EXPLAINED"
    PLANNED = "PLANNED"
    UNFOUNDED = "UNFOUNDED"
    NOT_POSSIBLE = "NOT_POSSIBLE"


@strawberry.type(description="A document or photo of a matter (事项附件)")
class TicketAttachment(Node):
    id: strawberry.ID = filled("global id")
    title: str = filled("title (标题)")
    content_type: str = filled("media type, such as image/jpeg (文件类型)")
    bytes: int = filled("size in bytes (大小)")
    sha256: str = filled("SHA-256 of what is kept, in hexadecimal; photos are kept without place and time (校验值)")
    url: str = filled("path of the content at the gateway: GET, with the access token (下载路径)")
    added_by: str = filled("who added it: subject of their account (上传人)")
    added_at: DateTime = filled("when (上传时间)")
    ticket: "Ticket" = filled("the matter (所属事项)")


@strawberry.type(description="What a step changed beside the status (变更)")
class TicketStepChange:
    field: str = filled("what (项目)")
    value: str | None = filled("as it is after the step; null for nothing (新值)")


@strawberry.type(description="Where a matter stands that may be somebody else's (并入事项情况)")
class TicketStanding:
    number: str = filled("number (事项编号)")
    status: TicketStatus = filled("where it stands (状态)")
    updated_at: DateTime = filled("when it last changed (更新时间)")


@strawberry.type(description="A step in a ticket's life (办理环节)")
class TicketStep:
    at: DateTime = filled("when (时间)")
    deed: str = filled("what was done (环节)")
    from_status: TicketStatus | None = filled("status before (原状态)")
    to_status: TicketStatus = filled("status after (新状态)")
    actor: str = filled("who did it: subject of their account (经办人)")
    actor_role: str = filled("in which role (经办角色)")
    reason: str | None = filled("its reason or outcome, code (原因)")
    note: str | None = filled("remark (备注)")
    changes: list[TicketStepChange] = filled("what else it changed (变更)")
    attachments: list[TicketAttachment] = filled("documents that it brought (附件)")


@strawberry.type(description="Whom to call about a matter, masked (联系方式)")
class TicketContact:
    name: str | None = filled("name, its first character alone (姓名)")
    phone: str | None = filled("phone, such as 138****5678 (电话)")
    email: str | None = filled("email (邮箱)")
    set_by: str = filled("who set it: subject of the account (登记人)")
    set_at: DateTime = filled("when (登记时间)")


@strawberry.type(description="A matter that someone brought forward, until it is closed (诉求事项、工单)")
class Ticket(Node):
    id: strawberry.ID = filled("global id")
    number: str = filled("number, told to the resident (事项编号)")
    title: str = filled("title (标题)")
    description: str = filled("description (内容)")
    category: str = filled("category, code (类别代码)")
    category_name: str | None = filled("its name; null for one that the catalogue does not know (类别)")
    source: TicketSource = filled("how it came in (来源)")
    status: TicketStatus = filled("where it stands (状态)")
    area_code: str = filled("code of the area where it is (区划代码)")
    area: Annotated["Area", strawberry.lazy("gateway.types.archive")] | None = filled("the area where it is (区划)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "whose matter it is; null for none, or outside the caller's reach (所属农户)"
    )
    department: Department | None = filled("the department it was dispatched to (承办部门)")
    version: int = filled("version (版本)")
    reported_at: DateTime = filled("when it was reported (上报时间)")
    updated_at: DateTime = filled("when it last changed (更新时间)")
    satisfaction: Satisfaction | None = filled("what the callback found (满意度)")
    superior_satisfaction: Satisfaction | None = filled("what a superior says of it (上级满意度)")
    priority: TicketPriority = filled("how pressing it is (紧急程度)")
    owner: str = filled("whose move it is: department/<code>, or area/<code> of the unit in charge (责任单位)")
    assignee: str | None = filled("who does it: subject of the account (承办人)")
    station_code: str = filled("code of the area whose unit is in charge (主管单位区划)")
    due_on: Date | None = filled("the day that was agreed for the whole of it (约定办结日)")
    household_on: Date = filled(
        "the day as of which household, persons and plots are meant: household(id, asOf) (信息时点)"
    )
    person_ids: list[strawberry.ID] = filled("persons concerned: members' ids (涉及人员)")
    plot_ids: list[strawberry.ID] = filled("plots concerned (涉及地块)")
    returns: int = filled("how often departments sent it back (退单次数)")
    ruled: str | None = filled("reason of the ruling that the department does it, code; null without one (裁定依据)")
    reopened: bool = filled("whether it was done again after somebody was dissatisfied (是否重办)")
    awaiting_reason: str | None = filled("why it rests, code; null where it does not (挂起原因)")
    awaiting_until: DateTime | None = filled("until when it rests at most (挂起截止)")
    supervised_at: DateTime | None = filled("when a superior last required it to be done (督办时间)")
    escalation: int = filled("before which level it was brought, 0 to 3 (升级级别)")
    referred_to: str | None = filled("where it was referred to, code (转出去向)")
    end_reason: str | None = filled("why it was taken back, code (撤回原因)")
    allowed: list[str] = filled("deeds that it allows the caller as it stands (可办操作)")
    history: list[TicketStep] = filled("all steps, oldest first (办理过程)")
    attachments: list[TicketAttachment] = filled("its documents and photos (附件)")
    upload_url: str = filled("path at the gateway that takes one more: PUT, with title=… (上传路径)")
    deadlines: list[Annotated["Deadline", strawberry.lazy("gateway.types.deadline")]] = filled(
        "its limits, each with its reasons (办理时限)", **first(100)
    )
    extensions: list[Annotated["Extension", strawberry.lazy("gateway.types.deadline")]] = filled(
        "requests for more time, oldest first (延期申请)", **first(100)
    )
    parent: "Ticket | None" = filled("the matter whose part it is (主事项)")
    parts: "list[Ticket]" = filled("its parts in several departments (子事项)")
    merged: "list[Ticket]" = filled("matters that were merged into it (并入的事项)")
    merged_into: TicketStanding | None = filled("where it went when it was merged, whoever's that matter is (并入去向)")
    missions: list[Annotated["Mission", strawberry.lazy("gateway.types.team")]] = filled(
        "service teams that were sent to it (派遣任务)"
    )
    mediation: Annotated["Mediation", strawberry.lazy("gateway.types.mediation")] | None = filled(
        "its mediation, if it is mediated; what was agreed is followed there, whether the matter is closed or not (调解)"
    )
    errand: Annotated["Errand", strawberry.lazy("gateway.types.errand")] | None = filled(
        "the errand that it stands behind, if it is one (代办件)"
    )
    unit: Annotated["Unit", strawberry.lazy("gateway.types.network")] | None = filled(
        "the unit in charge; null where none is set up for its area (主管单位)"
    )
    place: Annotated["TicketPlace", strawberry.lazy("gateway.types.network")] | None = filled(
        "where exactly it is; null where nobody said (事发位置)"
    )
    suggestion: Annotated["Suggestion", strawberry.lazy("gateway.types.suggestion")] | None = filled(
        "the suggestion that it came from; null for none, or outside the caller's reach (意见建议)"
    )
    contact: TicketContact | None = filled("whom to call about it, masked (联系方式)")
    calls: list[Annotated["Call", strawberry.lazy("gateway.types.hotline")]] = filled(
        "calls about it, for the hotline's agents (关联来电)"
    )


@strawberry.type(description="The matters of an area (区域事项情况)")
class AreaTickets:
    open: int = filled("tickets that the caller may see and that are not closed (未办结数)")


@strawberry.type(description="A ticket and where it stands in the list")
class TicketEdge:
    node: Ticket = filled("the ticket")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of tickets (事项列表)")
class TicketConnection:
    edges: list[TicketEdge] = filled("the page's tickets")
    page_info: PageInfo = filled("where the page stands")
