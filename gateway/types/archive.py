"""Areas and household sheets (owner: archive). Edges to other services: Household.tickets, Area.duty, Area.nextSessions."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, GeoJSON, Node, PageInfo, filled, first

if TYPE_CHECKING:
    from gateway.types.attachment import Attachment
    from gateway.types.freshness import StaleFact, VisitNeed
    from gateway.types.liaison import Duty
    from gateway.types.people import PersonMerge
    from gateway.types.plot import Plot
    from gateway.types.session import Session
    from gateway.types.sheet import Benefit, Fact, Income, Membership, Migration, Need, Skill, Talent
    from gateway.types.tickets import Ticket
    from gateway.types.village import VillageSheet


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


@strawberry.enum(
    description="How a fact is known: told, seen on a visit, read in a document, heard from a department (来源)"
)
class Provenance(Enum):
    DECLARED = "DECLARED"
    VISITED = "VISITED"
    DOCUMENT = "DOCUMENT"
    DEPARTMENT = "DEPARTMENT"


@strawberry.type(description="An administrative area, from province down to grid (区划、网格)")
class Area(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code; that of a part begins with that of the whole (区划代码)")
    name: str = filled("name (名称)")
    kind: AreaKind = filled("level (层级)")
    valid_from: Date = filled("first day of validity (生效日)")
    valid_to: Date | None = filled("last day of validity; null while it is valid (失效日)")
    shape: GeoJSON | None = filled(
        "its outline, or what lies around its own plots; null where there is none, or outside the caller's areas (范围)"
    )
    parent: "Area | None" = filled("the area that this is part of (上级)")
    children: list["Area"] = filled("the areas that this consists of (下级)", **first(500))
    predecessors: list["Area"] = filled("the areas that something of came to this (前身)", **first(100))
    successors: list["Area"] = filled("the areas that something of this went to (后继)", **first(100))
    names: list["AreaName"] = filled(
        "its names in their order; none where it was never renamed (历次名称)", **first(100)
    )
    grid_workers: list["GridWorker"] = filled("who works in the grids of this area (网格员)")
    village_sheet: Annotated["VillageSheet", strawberry.lazy("gateway.types.village")] | None = filled(
        "the sheet of a village; null for another area, and outside the caller's reach (村情单)"
    )
    duty: Annotated["Duty", strawberry.lazy("gateway.types.liaison")] | None = filled(
        "who is on duty here on a day (值班)", date=(Date, ..., "the day in China")
    )
    next_sessions: list[Annotated["Session", strawberry.lazy("gateway.types.session")]] = filled(
        "the next gatherings and dialogues in a village, 20 at most; none for another area (近期活动)"
    )


@strawberry.type(description="A name that an area bears, or bore (曾用名)")
class AreaName:
    name: str = filled("the name (名称)")
    valid_from: Date = filled("first day on which it held; until the next begins (启用日)")


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
    sheet_url: str = filled("path of the sheet in print; .html for .pdf is the page itself (打印件路径)")
    attachments: list[Annotated["Attachment", strawberry.lazy("gateway.types.attachment")]] = filled(
        "documents and photos of the sheet and all its parts, newest first (附件)", **first(50)
    )
    upload_url: str = filled(
        "path at the gateway that takes one more: PUT, with title=… and, if it has one, takenOn=… (上传路径)"
    )
    members: list["Member"] = filled("who belongs to the household (家庭成员)")
    plots: list[Annotated["Plot", strawberry.lazy("gateway.types.plot")]] = filled(
        "the plots that it holds (地块)", **first(500)
    )
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
    split_from: "Household | None" = filled("the household that it was split from (分出户)")
    merged_into: "Household | None" = filled("the household that took it up (并入户)")
    incomes: list[Annotated["Income", strawberry.lazy("gateway.types.sheet")]] = filled("income (收入)", **first(500))
    benefits: list[Annotated["Benefit", strawberry.lazy("gateway.types.sheet")]] = filled(
        "benefits that are granted (待遇)", **first(500)
    )
    skills: list[Annotated["Skill", strawberry.lazy("gateway.types.sheet")]] = filled("skills (技能)", **first(500))
    stated_needs: list[Annotated["Need", strawberry.lazy("gateway.types.sheet")]] = filled(
        "what the household says that it needs (需求)", **first(500)
    )
    migrations: list[Annotated["Migration", strawberry.lazy("gateway.types.sheet")]] = filled(
        "who works away from home (外出务工)", **first(500)
    )
    talents: list[Annotated["Talent", strawberry.lazy("gateway.types.sheet")]] = filled(
        "talents away (在外能人)", **first(500)
    )
    memberships: list[Annotated["Membership", strawberry.lazy("gateway.types.sheet")]] = filled(
        "who was a member when, and why they came and left (成员变动)", **first(500)
    )
    facts: list[Annotated["Fact", strawberry.lazy("gateway.types.sheet")]] = filled(
        "where the sheet's own facts come from (信息来源)"
    )
    stale_facts: list[Annotated["StaleFact", strawberry.lazy("gateway.types.freshness")]] = filled(
        "what is past its review interval today; of another day nothing (待核实信息)"
    )
    needs: list[Annotated["VisitNeed", strawberry.lazy("gateway.types.freshness")]] = filled(
        "what makes a visit more urgent (走访优先因素)"
    )


@strawberry.type(description="A member of a household (家庭成员)")
class Member(Node):
    id: strawberry.ID = filled("global id")
    name: str = filled("name (姓名)")
    id_number: str | None = filled("citizen's id number by GB 11643, masked (身份证号，脱敏)")
    sex: Sex = filled("sex (性别)")
    birth_date: Date | None = filled(
        "date of birth; of a child under 14 only for those who serve the household, and itself (出生日期)"
    )
    birth_year: int | None = filled("year of birth (出生年份)")
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
    facts: list[Annotated["Fact", strawberry.lazy("gateway.types.sheet")]] = filled("where it comes from (信息来源)")
    household: Household = filled("their household (所属农户)")
    attachments: list[Annotated["Attachment", strawberry.lazy("gateway.types.attachment")]] = filled(
        "documents and photos of them, newest first (附件)", **first(50)
    )
    upload_url: str = filled(
        "path at the gateway that takes one more: PUT, with title=… and, if it has one, takenOn=… (上传路径)"
    )
    merges: list[Annotated["PersonMerge", strawberry.lazy("gateway.types.people")]] = filled(
        "who turned out to be this person, the last first (合并记录)", **first(20)
    )


@strawberry.type(description="A note of a visit (走访记录)")
class VisitNote(Node):
    id: strawberry.ID = filled("global id")
    text: str = filled("what was seen and said (内容)")
    visited_on: Date = filled("day of the visit (走访日期)")
    author: str = filled("who wrote it: subject of their account (记录人)")
    promise: str | None = filled("category of what was promised; a promise opens a ticket (承诺事项类别)")
    created_at: DateTime = filled("when it was written (记录时间)")
    attachments: list[Annotated["Attachment", strawberry.lazy("gateway.types.attachment")]] = filled(
        "documents and photos of the visit, newest first (附件)", **first(50)
    )
    upload_url: str = filled(
        "path at the gateway that takes one more: PUT, with title=… and, if it has one, takenOn=… (上传路径)"
    )


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
