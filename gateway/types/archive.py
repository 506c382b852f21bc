"""Areas and household sheets (owner: archive). Edges to other services: Household.tickets, Area.duty."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first

if TYPE_CHECKING:
    from gateway.types.liaison import Duty
    from gateway.types.tickets import Ticket


@strawberry.enum(description="Level of an administrative area (区划层级)")
class AreaKind(Enum):
    PROVINCE = "PROVINCE"
    PREFECTURE = "PREFECTURE"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"
    GRID = "GRID"


@strawberry.enum(description="Sex by GB/T 2261.1 (性别)")
class Sex(Enum):
    UNKNOWN = "UNKNOWN"
    MALE = "MALE"
    FEMALE = "FEMALE"
    UNSPECIFIED = "UNSPECIFIED"


@strawberry.type(description="An administrative area, from province down to grid (区划、网格)")
class Area(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code; that of a part begins with that of the whole (区划代码)")
    name: str = filled("name (名称)")
    kind: AreaKind = filled("level (层级)")
    valid_from: Date = filled("first day of validity (生效日)")
    valid_to: Date | None = filled("last day of validity; null while it is valid (失效日)")
    parent: "Area | None" = filled("the area that this is part of (上级)")
    children: list["Area"] = filled("the areas that this consists of (下级)", **first(500))
    grid_workers: list["GridWorker"] = filled("who works in the grids of this area (网格员)")
    duty: Annotated["Duty", strawberry.lazy("gateway.types.liaison")] | None = filled(
        "who is on duty here on a day (值班)", date=(Date, ..., "the day in China")
    )


@strawberry.type(description="A person who cares for one grid (网格员)")
class GridWorker:
    name: str = filled("name (姓名)")
    phone: str | None = filled("phone, masked (电话，脱敏)")
    grid: Area = filled("their grid (网格)")


@strawberry.type(description="A household and its sheet (农户档案)")
class Household(Node):
    id: strawberry.ID = filled("global id")
    number: str = filled("number of the sheet (档案编号)")
    address: str = filled("address (住址)")
    house: str | None = filled("the house itself: form, condition (房屋情况)")
    area: Area = filled("the village (所在村)")
    grid: Area = filled("the grid (所在网格)")
    version: int = filled("version of the sheet; give it when revising (版本)")
    members: list["Member"] = filled("who belongs to the household (家庭成员)")
    visit_notes: list["VisitNote"] = filled("notes of visits, newest first (走访记录)", **first(20))
    timeline: list["TimelineEntry"] = filled(
        "what happened with the household's tickets, newest first (办事动态)", **first(50)
    )
    tickets: list[Annotated["Ticket", strawberry.lazy("gateway.types.tickets")]] | None = filled(
        "the household's tickets, newest first; null while tickets is away (诉求事项)", **first(20)
    )
    revised_at: DateTime = filled("when the sheet was last revised (更新时间)")
    closed_on: Date | None = filled(
        "first day on which the household was none any more; null while it is one (销户日期)"
    )
    closed_reason: str | None = filled("why it ended (销户原因)")
    review_on: Date | None = filled("first day on which a fact of the sheet is due for verification (应核实日期)")


@strawberry.type(description="A member of a household (家庭成员)")
class Member(Node):
    id: strawberry.ID = filled("global id")
    name: str = filled("name (姓名)")
    id_number: str | None = filled("citizen's id number by GB 11643, masked (身份证号，脱敏)")
    sex: Sex = filled("sex (性别)")
    birth_date: Date | None = filled("date of birth (出生日期)")
    relation: str = filled("relation to the head by GB/T 4761, code (与户主关系代码)")
    relation_name: str = filled("relation to the head, in Chinese (与户主关系)")
    phone: str | None = filled("phone, masked (电话，脱敏)")
    is_head: bool = filled("whether they head the household (户主)")
    ethnicity: str | None = filled("ethnic group by GB/T 3304, code (民族代码)")
    ethnicity_name: str | None = filled("ethnic group, in Chinese (民族)")
    marital: str | None = filled("marital status by GB/T 2261.2, code (婚姻状况代码)")
    marital_name: str | None = filled("marital status, in Chinese (婚姻状况)")
    education: str | None = filled("education by GB/T 4658, code (学历代码)")
    education_name: str | None = filled("education, in Chinese (学历)")
    health: str | None = filled("health by GB/T 2261.3, masked: * where something is on record (健康状况，脱敏)")
    politics: str | None = filled("political affiliation by GB/T 4762, code (政治面貌代码)")
    politics_name: str | None = filled("political affiliation, in Chinese (政治面貌)")
    died_on: Date | None = filled("day of death (死亡日期)")


@strawberry.type(description="A note of a visit (走访记录)")
class VisitNote(Node):
    id: strawberry.ID = filled("global id")
    text: str = filled("what was seen and said (内容)")
    visited_on: Date = filled("day of the visit (走访日期)")
    author: str = filled("who wrote it: subject of their account (记录人)")
    promise: str | None = filled("category of what was promised; a promise opens a ticket (承诺事项类别)")
    created_at: DateTime = filled("when it was written (记录时间)")


@strawberry.type(description="A step of a ticket as the household's sheet shows it (办事动态)")
class TimelineEntry:
    at: DateTime = filled("when (时间)")
    deed: str = filled("what was done: reported, accepted … (环节)")
    ticket_number: str = filled("number of the ticket (事项编号)")
    status: str = filled("the ticket's status after it (状态)")
    ticket_id: strawberry.ID = filled("global id of the ticket (事项)")


@strawberry.type(description="A household and where it stands in the list")
class HouseholdEdge:
    node: Household = filled("the household")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of households (农户列表)")
class HouseholdConnection:
    edges: list[HouseholdEdge] = filled("the page's households")
    page_info: PageInfo = filled("where the page stands")
