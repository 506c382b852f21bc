"""Service tickets (owner: tickets). Edges to other services: Ticket.area, Ticket.household."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import DateTime, Node, PageInfo, filled

if TYPE_CHECKING:
    from gateway.types.archive import Area, Household


@strawberry.enum(description="Where a ticket stands (事项状态)")
class TicketStatus(Enum):
    DRAFTED = "DRAFTED"
    ACCEPTED = "ACCEPTED"
    DISPATCHED = "DISPATCHED"
    SIGNED = "SIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    VERIFIED = "VERIFIED"
    CALLED_BACK = "CALLED_BACK"
    CLOSED = "CLOSED"


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


@strawberry.enum(description="What the callback found (满意度)")
class Satisfaction(Enum):
    SATISFIED = "SATISFIED"
    DISSATISFIED = "DISSATISFIED"
    UNREACHED = "UNREACHED"


@strawberry.type(description="A department of the county (部门)")
class Department:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")


@strawberry.type(description="A step in a ticket's life (办理环节)")
class TicketStep:
    at: DateTime = filled("when (时间)")
    deed: str = filled("what was done (环节)")
    from_status: TicketStatus | None = filled("status before (原状态)")
    to_status: TicketStatus = filled("status after (新状态)")
    actor: str = filled("who did it: subject of their account (经办人)")
    actor_role: str = filled("in which role (经办角色)")
    note: str | None = filled("remark (备注)")


@strawberry.type(description="A matter that someone brought forward, until it is closed (诉求事项、工单)")
class Ticket(Node):
    id: strawberry.ID = filled("global id")
    number: str = filled("number, told to the resident (事项编号)")
    title: str = filled("title (标题)")
    description: str = filled("description (内容)")
    category: str = filled("category (类别)")
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
    allowed: list[str] = filled("deeds that its status allows next (可办操作)")
    history: list[TicketStep] = filled("all steps, oldest first (办理过程)")


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
