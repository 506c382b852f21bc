"""Inputs and payloads of the deeds on households (owner: archive)."""

from enum import Enum

import strawberry

from gateway.types.archive import Household, Provenance
from gateway.types.declare import Date, filled
from gateway.types.inputs import MemberInput, asked, optional
from gateway.types.sheet import BenefitKind, IncomeSource


@strawberry.enum(description="Why somebody moves (迁移原因)")
class MoveReason(Enum):
    MOVE = "MOVE"
    ARMY = "ARMY"
    SCHOOL = "SCHOOL"


@strawberry.enum(description="Why a household is none any more (销户原因)")
class ClosingReason(Enum):
    MOVED_OUT = "MOVED_OUT"
    MISTAKE = "MISTAKE"


@strawberry.input(description="A member, and what they are to the head (成员与户主关系)")
class RelationInput:
    id: strawberry.ID = asked("the member (成员)")
    relation: str = asked("relation to the head by GB/T 4761, code; 02 is the head (与户主关系代码)")


@strawberry.input(description="A household, and the version that the caller saw (农户及版本)")
class SheetInput:
    id: strawberry.ID = asked("the household (农户)")
    version: int = asked("the version that the caller saw (版本)")


@strawberry.input(description="A deed and the day from which it holds (业务)")
class DeedInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    effective_on: Date = asked("first day on which it holds, not later than today (生效日期)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DECLARED)
    verified_on: Date | None = optional("day on which it was verified; absent for the first day (核实日期)")
    reason: str | None = optional("remark (说明)")


@strawberry.input(description="A deed on one household (单户业务)")
class SheetDeedInput(DeedInput):
    id: strawberry.ID = asked("the household (农户)")
    version: int = asked("the version that the caller saw (版本)")


RELATIONS = "relations of those who stay; of all of them where the head becomes another (重述与户主关系)"
DESTINATION = "code of the area where those who leave can be taken in; absent where it is not known (去往区划代码)"


@strawberry.input(description="A new household (立户)")
class OpenHouseholdInput(DeedInput):
    grid_code: str = asked("code of the grid (网格代码)")
    number: str = asked("number of the sheet, unique in the village (户号)")
    address: str = asked("address (住址)")
    house: str | None = optional("the house itself (房屋情况)")
    members: list[MemberInput] = asked("its members; one with id belongs to no household at present (家庭成员)")


@strawberry.input(description="What of a household's sheet was different on an earlier day already (更正档案)")
class CorrectHouseholdInput(SheetDeedInput):
    reason: str = asked("why it was wrong (更正理由)")
    address: str | None = optional("address (住址)")
    house: str | None = optional("the house itself (房屋情况)")
    grid_code: str | None = optional("code of the grid (网格代码)")
    members: list[MemberInput] | None = optional("members that are added (without id) or changed (家庭成员)")
    strike: list[strawberry.ID] | None = optional(
        "members who should not have stood on the sheet from that day on (删除误登成员)"
    )


@strawberry.input(description="Some of a household found another (分户)")
class SplitHouseholdInput(SheetDeedInput):
    number: str = asked("number of the new sheet, unique in the village (新户号)")
    address: str = asked("address of the new household (新户住址)")
    house: str | None = optional("its house (房屋情况)")
    grid_code: str | None = optional("code of its grid; absent for the same (网格代码)")
    members: list[RelationInput] = asked("who goes, with their relations to the new head (分出成员)")
    relations: list[RelationInput] | None = optional(RELATIONS)
    item_ids: list[strawberry.ID] | None = optional("entries that go besides those about who goes (划转条目)")
    plot_ids: list[strawberry.ID] | None = optional("plots that go (划转地块)")


@strawberry.input(description="Households go up in one (并户)")
class MergeHouseholdsInput(SheetDeedInput):
    others: list[SheetInput] = asked("the households that go up in this one (并入户)")
    relations: list[RelationInput] = asked(
        "relations of everybody who comes, and of who stays where the head becomes another (与户主关系)"
    )


@strawberry.input(description="Members leave (迁出)")
class MoveMembersOutInput(SheetDeedInput):
    member_ids: list[strawberry.ID] = asked("who leaves (迁出成员)")
    move_reason: MoveReason = optional("why; who goes to the army or school will come back (迁移原因)", MoveReason.MOVE)
    destination_code: str | None = optional(DESTINATION)
    relations: list[RelationInput] | None = optional(RELATIONS)


@strawberry.input(description="Members come (迁入)")
class MoveMembersInInput(SheetDeedInput):
    members: list[MemberInput] = asked("who comes; one with id belongs to no household at present (迁入成员)")
    move_reason: MoveReason = optional("why; or where they come back from (迁移原因)", MoveReason.MOVE)
    relations: list[RelationInput] | None = optional(RELATIONS)


@strawberry.input(description="A child is born (出生登记)")
class RegisterBirthInput(SheetDeedInput):
    child: MemberInput = asked("the child; born on the deed's day unless it says otherwise (新生儿)")


@strawberry.input(description="A member has died; the deed's day is that of the death (死亡登记)")
class RegisterDeathInput(SheetDeedInput):
    member_id: strawberry.ID = asked("who has died (死亡成员)")
    relations: list[RelationInput] | None = optional(RELATIONS)


@strawberry.input(description="A spouse comes (婚入)")
class RegisterMarriageInput(SheetDeedInput):
    spouse: MemberInput = asked("who comes; with id somebody who belongs to no household at present (配偶)")
    partner_id: strawberry.ID | None = optional("the member whom they marry (结婚成员)")
    marital: str = optional("marital status by GB/T 2261.2 from then on (婚姻状况代码)", "21")


@strawberry.input(description="A member marries into another household (婚出)")
class RegisterMarriageOutInput(SheetDeedInput):
    member_id: strawberry.ID = asked("who leaves (婚出成员)")
    marital: str = optional("marital status by GB/T 2261.2 from then on (婚姻状况代码)", "21")
    destination_code: str | None = optional(DESTINATION)
    relations: list[RelationInput] | None = optional(RELATIONS)


@strawberry.input(description="Another head (变更户主)")
class ChangeHeadInput(SheetDeedInput):
    head_id: strawberry.ID = asked("the new head (新户主)")
    relations: list[RelationInput] = asked("relations of all others to the new head (与户主关系)")


@strawberry.input(description="A household is none any more (销户)")
class CloseHouseholdInput(SheetDeedInput):
    closed_reason: ClosingReason = asked("why (销户原因)")
    destination_code: str | None = optional(DESTINATION)


@strawberry.input(description="Income of a year (收入)")
class IncomeInput:
    year: int = asked("year (年份)")
    source: IncomeSource = asked("where it comes from (收入来源)")
    amount: float = asked("yuan (金额)")


@strawberry.input(description="A benefit that is granted (待遇)")
class BenefitInput:
    benefit: BenefitKind = asked("which one (待遇类别)")
    certificate: str | None = optional("number of the certificate (证件号)")
    note: str | None = optional("remark (备注)")


@strawberry.input(description="What somebody is skilled in (技能)")
class SkillInput:
    skill: str = asked("the skill (技能)")
    level: str | None = optional("certificate or grade (等级)")


@strawberry.input(description="What the household says that it needs (需求)")
class NeedInput:
    need: str = asked("the need (需求)")


@strawberry.input(description="A member works away from home (外出务工)")
class MigrationInput:
    place: str = asked("where (务工地)")
    employer: str | None = optional("for whom (用工单位)")
    work: str | None = optional("as what (工种)")
    emergency_contact: str | None = optional("whom to call (紧急联系人)")


@strawberry.input(description="One of the points that are known of a talent away (知晓内容)")
class TalentPointInput:
    point: str = asked("code of the point (事项)")
    text: str = asked("what is known (内容)")


@strawberry.input(description="A talent away (在外能人)")
class TalentInput:
    points: list[TalentPointInput] = asked("what is known of them (知晓内容)")


@strawberry.input(description="An entry of the sheet: just one of the kinds (登记档案条目)")
class RecordItemInput(SheetDeedInput):
    item_id: strawberry.ID | None = optional("the entry that says this from now on; absent for a new one (条目)")
    member_id: strawberry.ID | None = optional("the member that it is about; absent for the household (成员)")
    since: Date | None = optional("first day (起始日)")
    until: Date | None = optional("last day (终止日)")
    income: IncomeInput | None = optional("income (收入)")
    benefit: BenefitInput | None = optional("benefit (待遇)")
    skill: SkillInput | None = optional("skill (技能)")
    need: NeedInput | None = optional("need (需求)")
    migration: MigrationInput | None = optional("work away from home (外出务工)")
    talent: TalentInput | None = optional("talent away (在外能人)")


@strawberry.input(description="An entry holds until the day before the deed's (终止档案条目)")
class EndItemInput(SheetDeedInput):
    item_id: strawberry.ID = asked("the entry (条目)")
    mistaken: bool = optional("whether it never should have stood there: it is taken off (误登)", default=False)


@strawberry.type(description="The household after a deed (办理结果)")
class HouseholdPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household after it (农户)")


@strawberry.type(description="Both households after a split (分户结果)")
class SplitHouseholdPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household that they left (原户)")
    founded: Household = filled("the household that they founded (新户)")
