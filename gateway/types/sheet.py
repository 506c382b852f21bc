"""What a household's sheet holds besides members and plots (owner: archive)."""

from enum import Enum

import strawberry

from gateway.types.archive import Area, Provenance, Sex
from gateway.types.declare import Date, PageInfo, filled


@strawberry.enum(description="Where income comes from (收入来源)")
class IncomeSource(Enum):
    FARMING = "FARMING"
    FORESTRY = "FORESTRY"
    WAGES = "WAGES"
    BUSINESS = "BUSINESS"
    TRANSFERS = "TRANSFERS"
    PROPERTY = "PROPERTY"
    OTHER = "OTHER"


@strawberry.enum(description="What a household or member is granted (待遇)")
class BenefitKind(Enum):
    MINIMUM_LIVING = "MINIMUM_LIVING"
    EXTREME_POVERTY = "EXTREME_POVERTY"
    DISABILITY = "DISABILITY"
    MEDICAL_AID = "MEDICAL_AID"
    PENSION = "PENSION"
    ORPHAN = "ORPHAN"
    OTHER = "OTHER"


@strawberry.enum(description="Why somebody became a member, or is one no more (变动原因)")
class MembershipReason(Enum):
    REGISTERED = "REGISTERED"
    BIRTH = "BIRTH"
    MARRIAGE = "MARRIAGE"
    SPLIT = "SPLIT"
    MERGE = "MERGE"
    MOVE = "MOVE"
    ARMY = "ARMY"
    SCHOOL = "SCHOOL"
    DEATH = "DEATH"
    MISTAKE = "MISTAKE"
    RESTATED = "RESTATED"


@strawberry.type(description="A fact, and how well it is known (信息来源)")
class Fact:
    name: str = filled("name of the field (字段)")
    provenance: Provenance = filled("how it is known (来源)")
    verified_on: Date = filled("day of the last verification (核实日期)")
    stale_on: Date | None = filled("first day on which it is due for verification; null where it never is (应核实日期)")


@strawberry.interface(description="An entry of a sheet, valid on its days (档案条目)")
class Item:
    id: strawberry.ID = filled("id, for recordItem and endItem (条目)")
    member_id: strawberry.ID | None = filled("the member that it is about; null for the household (成员)")
    since: Date | None = filled("first day (起始日)")
    until: Date | None = filled("last day (终止日)")
    facts: list[Fact] = filled("where it comes from (信息来源)")


@strawberry.type(description="Income of a year (收入)")
class Income(Item):
    year: int = filled("year (年份)")
    source: IncomeSource = filled("where it comes from (收入来源)")
    amount: str = filled("yuan, masked: * (金额，脱敏)")


@strawberry.type(description="A benefit that is granted (待遇)")
class Benefit(Item):
    benefit: BenefitKind = filled("which one (待遇类别)")
    certificate: str | None = filled("number of the certificate, masked: * (证件号，脱敏)")
    note: str | None = filled("remark (备注)")


@strawberry.type(description="What somebody is skilled in (技能)")
class Skill(Item):
    skill: str = filled("the skill (技能)")
    level: str | None = filled("certificate or grade (等级)")


@strawberry.type(description="What the household says that it needs (需求)")
class Need(Item):
    need: str = filled("the need (需求)")


@strawberry.type(description="A member works away from home (外出务工)")
class Migration(Item):
    place: str = filled("where (务工地)")
    employer: str | None = filled("for whom (用工单位)")
    work: str | None = filled("as what (工种)")
    emergency_contact: str | None = filled("whom to call, masked: * (紧急联系人，脱敏)")


@strawberry.type(description="One of the points that are known of a talent away (知晓内容)")
class TalentPoint:
    point: str = filled("code of the point (事项)")
    text: str = filled("what is known (内容)")


@strawberry.type(description="A talent away (在外能人)")
class Talent(Item):
    points: list[TalentPoint] = filled("what is known of them (知晓内容)")


@strawberry.type(description="Somebody's time in a household, with one relation to its head (成员关系期间)")
class Membership:
    member_id: strawberry.ID = filled("global id of the member, who may be out of reach by now (成员)")
    name: str = filled("name under which the sheet knows them (姓名)")
    relation: str = filled("relation to the head by GB/T 4761, code (与户主关系代码)")
    relation_name: str = filled("relation to the head, in Chinese (与户主关系)")
    since: Date = filled("first day (起始日)")
    until: Date | None = filled("last day; null while it lasts (终止日)")
    reason: MembershipReason = filled("why it began; RESTATED: goes on with another relation (开始原因)")
    left_reason: MembershipReason | None = filled("why it ended (结束原因)")


@strawberry.type(description="A person who belongs to no household at present (待落户人员)")
class UnattachedPerson:
    id: strawberry.ID = filled("global id, with which they can be taken in (成员)")
    name: str = filled("name (姓名)")
    sex: Sex = filled("sex (性别)")
    birth_date: Date | None = filled("date of birth (出生日期)")
    id_number: str | None = filled("citizen's id number by GB 11643, masked (身份证号，脱敏)")
    area: Area | None = filled("the area that they went to, or the grid that they left (去往区划)")


@strawberry.type(description="Such a person and where they stand in the list")
class UnattachedPersonEdge:
    node: UnattachedPerson = filled("the person")
    cursor: str = filled("their place in the list")


@strawberry.type(description="A page of persons who belong to no household (待落户人员列表)")
class UnattachedPersonConnection:
    edges: list[UnattachedPersonEdge] = filled("the page's persons")
    page_info: PageInfo = filled("where the page stands")
