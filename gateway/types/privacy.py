"""Personal data (owner: archive): who saw it, what is shown in clear, what households ask to have corrected."""

from enum import Enum
from typing import Any

import strawberry

from gateway.types.archive import Area, Household, Member
from gateway.types.declare import Date, DateTime, Node, PageInfo, filled
from gateway.types.inputs import MemberInput


def _asked(description: str) -> Any:
    return strawberry.field(description=description)


def _optional(description: str) -> Any:
    return strawberry.field(description=description, default=strawberry.UNSET)


_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="Why personal data are asked for (用途)")
class Purpose(Enum):
    SERVICE = "SERVICE"
    VERIFICATION = "VERIFICATION"
    BENEFIT_REVIEW = "BENEFIT_REVIEW"
    EMERGENCY = "EMERGENCY"
    MEDIATION = "MEDIATION"
    STATISTICS = "STATISTICS"
    SUBJECT_REQUEST = "SUBJECT_REQUEST"


@strawberry.enum(description="Where a request for correction stands (更正申请状态)")
class CorrectionState(Enum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


@strawberry.type(description="That somebody saw a household's data (查阅记录)")
class Access:
    at: DateTime = filled("when (时间)")
    deed: str = filled("READ masked, REVEAL in clear, PRINT, EXPORT, MEDIATION, SUBJECT_EXPORT, RETENTION (方式代码)")
    deed_name: str | None = filled("how, in Chinese (方式)")
    account: str = filled("subject of the account (账号)")
    name: str | None = filled("whose account (姓名)")
    roles: list[str] = filled("their roles then (角色代码)")
    role_names: list[str] = filled("their roles then, in Chinese (角色)")
    areas: list[Area] = filled("the areas that they served then (所属区域)")
    department: str | None = filled("code of their department (部门代码)")
    purpose: Purpose | None = filled("what for; null where a sheet was opened on a screen, masked (用途)")
    purpose_name: str | None = filled("what for, in Chinese (用途名称)")
    fields: list[str] = filled("names of what was seen (内容)")
    member_name: str | None = filled("the member, if it was about one (涉及成员)")


@strawberry.type(description="An access and where it stands in the list")
class AccessEdge:
    node: Access = filled("the access")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of accesses (查阅记录列表)")
class AccessConnection:
    edges: list[AccessEdge] = filled("the page's accesses")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A household's request to have its sheet corrected (更正申请)")
class Correction(Node):
    id: strawberry.ID = filled("global id")
    field: str = filled("what is said to be wrong, code (更正项代码)")
    field_name: str | None = filled("what is said to be wrong, in Chinese (更正项)")
    wrong: str = filled("what is wrong with it (说明)")
    evidence: str | None = filled("what shows that (依据)")
    state: CorrectionState = filled("where it stands (状态)")
    requested_at: DateTime = filled("when it was asked for (申请时间)")
    due_on: Date = filled("last day for an answer (答复期限)")
    decided_at: DateTime | None = filled("when it was decided (办结时间)")
    reason: str | None = filled("why it was decided so (答复理由)")
    version: int = filled("version; give it when deciding (版本)")
    household: Household = filled("the household (农户)")
    member: Member | None = filled("the member whom it is about (涉及成员)")


@strawberry.type(description="A request and where it stands in the list")
class CorrectionEdge:
    node: Correction = filled("the request")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of requests (更正申请列表)")
class CorrectionConnection:
    edges: list[CorrectionEdge] = filled("the page's requests")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="One value in clear (明文)")
class Revealed:
    member_id: strawberry.ID | None = filled("the member; null where it is the household's (成员)")
    label: str | None = filled("tells several of a kind apart: year and source of an income, place of work (名目)")
    field: str = filled("which field (字段)")
    value: str | None = filled("the value; null where nothing is on record (内容)")


@strawberry.input(description="What to show in clear (查看明文)")
class RevealInput:
    client_key: strawberry.ID = _asked(_KEY)
    household_id: strawberry.ID | None = _optional("a household with all its members (农户)")
    member_id: strawberry.ID | None = _optional("or one member (成员)")
    fields: list[str] = _asked("idNumber, phone, birthDate, health, income, emergencyContact (字段)")
    purpose: Purpose = _asked("what for; the household sees it (用途)")
    note: str | None = _optional("which matter, in a few words without personal data (说明)")


@strawberry.input(description="What is wrong on the sheet (更正申请)")
class RequestCorrectionInput:
    client_key: strawberry.ID = _asked(_KEY)
    household_id: strawberry.ID = _asked("the resident's own household (农户)")
    member_id: strawberry.ID | None = _optional("the member whom it is about (涉及成员)")
    field: str = _asked("what is wrong, such as address, birthDate, income, plots, other (更正项代码)")
    wrong: str = _asked("what is wrong with it; without ID numbers and phones (说明)")
    evidence: str | None = _optional("what shows that, such as a document at hand (依据)")


@strawberry.input(description="What of the sheet changes, as in reviseHousehold (更正内容)")
class CorrectingInput:
    version: int = _asked("the version of the sheet that was seen (版本)")
    address: str | None = _optional("address (住址)")
    house: str | None = _optional("the house itself (房屋情况)")
    members: list[MemberInput] | None = _optional("members that are changed (家庭成员)")


@strawberry.input(description="The answer to a request for correction (答复更正申请)")
class DecideCorrectionInput:
    client_key: strawberry.ID = _asked(_KEY)
    id: strawberry.ID = _asked("the request (更正申请)")
    version: int = _asked("the version of the request that was seen (版本)")
    accept: bool = _asked("whether the household is right (是否采纳)")
    reason: str | None = _optional("why; a refusal needs it (理由)")
    revision: CorrectingInput | None = _optional(
        "what becomes of the sheet; absent where another deed has done so (更正内容)"
    )


@strawberry.input(description="Nothing of the household is erased for the time being (暂缓清除)")
class HoldHouseholdInput:
    client_key: strawberry.ID = _asked(_KEY)
    id: strawberry.ID = _asked("the household (农户)")
    reason: str = _asked("why, such as a lawsuit (理由)")


@strawberry.input(description="The hold is lifted (解除暂缓)")
class LiftHoldInput:
    client_key: strawberry.ID = _asked(_KEY)
    id: strawberry.ID = _asked("the household (农户)")


@strawberry.type(description="What is shown in clear (明文)")
class RevealPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    values: list[Revealed] = filled("the values (内容)")


@strawberry.type(description="The request (更正申请结果)")
class RequestCorrectionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    correction: Correction = filled("the new request (更正申请)")


@strawberry.type(description="The answer (答复结果)")
class DecideCorrectionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    correction: Correction = filled("the request after it (更正申请)")
    household: Household = filled("the household after it (农户)")


@strawberry.type(description="The household, held (暂缓结果)")
class HoldHouseholdPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household after it (农户)")


@strawberry.type(description="The household, not held any more (解除结果)")
class LiftHoldPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household after it (农户)")
