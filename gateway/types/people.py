"""People: found, twice on record, merged (owner: archive)."""

from enum import Enum

import strawberry

from gateway.types.archive import Household, Member, Sex
from gateway.types.declare import Date, DateTime, PageInfo, filled
from gateway.types.deeds import RelationInput
from gateway.types.inputs import asked, optional


@strawberry.enum(description="Why two persons on record may be one (疑似重复依据)")
class DuplicateReason(Enum):
    SAME_ID_NUMBER = strawberry.enum_value("SAME_ID_NUMBER", description="the same id number (身份证号相同)")
    SAME_NAME_AND_BIRTH_DATE = strawberry.enum_value(
        "SAME_NAME_AND_BIRTH_DATE", description="name and birth date are the same (姓名与出生日期相同)"
    )
    SAME_NAME_AND_PHONE = strawberry.enum_value(
        "SAME_NAME_AND_PHONE", description="name and phone are the same (姓名与电话相同)"
    )
    SAME_SOUND_AND_BIRTH_DATE = strawberry.enum_value(
        "SAME_SOUND_AND_BIRTH_DATE",
        description="the names sound alike, the birth date is the same (同音且出生日期相同)",
    )
    SAME_NAME_AND_SWAPPED_BIRTH_DATE = strawberry.enum_value(
        "SAME_NAME_AND_SWAPPED_BIRTH_DATE",
        description="the same name, and a birth date of the same digits in another order (出生日期数字颠倒)",
    )
    SIMILAR_NAME_AND_BIRTH_DATE = strawberry.enum_value(
        "SIMILAR_NAME_AND_BIRTH_DATE",
        description="one character of the name is another, the birth date is the same (一字之差且出生日期相同)",
    )


@strawberry.type(description="A person on record, member of a household or not (在册人员)")
class PersonOnRecord:
    id: strawberry.ID = filled("global id, that of the member (人员)")
    name: str = filled("name (姓名)")
    id_number: str | None = filled("citizen's id number by GB 11643, masked (身份证号，脱敏)")
    sex: Sex = filled("sex (性别)")
    birth_date: Date | None = filled("date of birth (出生日期)")
    phone: str | None = filled("phone, masked (电话，脱敏)")
    relation_name: str | None = filled("relation to the head; null outside of a household (与户主关系)")
    died_on: Date | None = filled("day of death (死亡日期)")
    household: Household | None = filled("their household; null for none (所属农户)")


@strawberry.type(description="Two persons on record who may be one (疑似重复人员)")
class LikelyDuplicate:
    id: strawberry.ID = filled("global id")
    score: int = filled("how likely, 40 to 100 (相似度)")
    reasons: list[DuplicateReason] = filled("why, the strongest reason first (依据)")
    one: PersonOnRecord = filled("one of them (人员一)")
    other: PersonOnRecord = filled("the other (人员二)")
    dismissed_at: DateTime | None = filled("when somebody said that they are two; null while nobody has (排除时间)")
    dismissed_reason: str | None = filled("why they are two (排除理由)")


@strawberry.type(description="A pair and where it stands in the list")
class LikelyDuplicateEdge:
    node: LikelyDuplicate = filled("the pair")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of pairs (疑似重复列表)")
class LikelyDuplicateConnection:
    edges: list[LikelyDuplicateEdge] = filled("the page's pairs")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Somebody on record who may be the person asked for (可能已在册)")
class DuplicateCandidate:
    score: int = filled("how likely, 40 to 100 (相似度)")
    reasons: list[DuplicateReason] = filled("why, the strongest reason first (依据)")
    person: PersonOnRecord = filled("who it may be (在册人员)")


@strawberry.type(description="A member and where they stand in the list")
class MemberEdge:
    node: Member = filled("the member")
    cursor: str = filled("their place in the list")


@strawberry.type(description="A page of people (人员列表)")
class MemberConnection:
    edges: list[MemberEdge] = filled("the page's people")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Two persons on record who turned out to be one (人员合并)")
class PersonMerge:
    id: strawberry.ID = filled("global id; give it to undo the merge")
    kept: PersonOnRecord = filled("who stays (保留人员)")
    dropped_id: strawberry.ID = filled("the id that leads to the kept person (并入人员)")
    dropped: PersonOnRecord | None = filled("the other, as they were on record (并入人员)")
    reason: str = filled("why (理由)")
    effective_on: Date = filled("first day on which the sheets say so (生效日期)")
    merged_at: DateTime = filled("when (合并时间)")
    merged_by: str = filled("who did it: subject of their account (操作人)")
    undone_at: DateTime | None = filled("when it was undone; null while it stands (撤销时间)")
    undone_by: str | None = filled("who undid it (撤销人)")
    undone_reason: str | None = filled("why (撤销理由)")


@strawberry.input(description="Two persons on record are one (人员合并)")
class MergePersonsInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    keep_id: strawberry.ID = asked("who stays (保留人员)")
    drop_id: strawberry.ID = asked("whose id leads to them from now on (并入人员)")
    reason: str = asked("why they are one (理由)")
    ends_in: strawberry.ID | None = optional(
        "the household in which the membership ends; needed where both are members of different ones (终止成员关系的户)"
    )
    effective_on: Date | None = optional("first day on which it holds; absent for today (生效日期)")
    relations: list[RelationInput] | None = optional(
        "relations of those who stay in that household, where its head leaves (重述与户主关系)"
    )


@strawberry.input(description="A merge of persons was wrong (撤销人员合并)")
class UnmergePersonsInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the merge (合并记录)")
    reason: str = asked("why they are two (理由)")


@strawberry.input(description="Two persons who look alike are two (排除疑似重复)")
class DismissDuplicateInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    one_id: strawberry.ID = asked("one of them (人员一)")
    other_id: strawberry.ID = asked("the other (人员二)")
    reason: str = asked("how it is known (理由)")


@strawberry.type(description="The merge (合并结果)")
class PersonMergePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    merge: PersonMerge = filled("the merge after it (合并记录)")


@strawberry.type(description="The pair, dismissed (排除结果)")
class DismissDuplicatePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    duplicate: LikelyDuplicate = filled("the pair after it (疑似重复人员)")
