"""Errands (owner: tickets). Edges to other services: Errand.area, Errand.household."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.tickets import Department, Ticket, TicketSource

if TYPE_CHECKING:
    from gateway.types.archive import Area, Household


@strawberry.enum(description="Where an errand stands (代办状态)")
class ErrandState(Enum):
    REQUESTED = "REQUESTED"
    MANDATED = "MANDATED"
    COLLECTED = "COLLECTED"
    SUBMITTED = "SUBMITTED"
    OBTAINED = "OBTAINED"
    DELIVERED = "DELIVERED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="Kind of a paper (证件种类)")
class DocumentKind(Enum):
    ID_CARD = "ID_CARD"
    HOUSEHOLD_REGISTER = "HOUSEHOLD_REGISTER"
    LAND_CERTIFICATE = "LAND_CERTIFICATE"
    HOMESTEAD_CERTIFICATE = "HOMESTEAD_CERTIFICATE"
    PROPERTY_CERTIFICATE = "PROPERTY_CERTIFICATE"
    MARRIAGE_CERTIFICATE = "MARRIAGE_CERTIFICATE"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    DISABILITY_CERTIFICATE = "DISABILITY_CERTIFICATE"
    SOCIAL_SECURITY_CARD = "SOCIAL_SECURITY_CARD"
    BANK_CARD = "BANK_CARD"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    BUSINESS_LICENCE = "BUSINESS_LICENCE"
    SEAL = "SEAL"
    CONTRACT = "CONTRACT"
    PERMIT = "PERMIT"
    CERTIFICATE = "CERTIFICATE"
    OTHER = "OTHER"


@strawberry.enum(description="Who can hold a paper: the person, an agent or a department (保管人)")
class HolderKind(Enum):
    PERSON = "PERSON"
    AGENT = "AGENT"
    DEPARTMENT = "DEPARTMENT"


@strawberry.enum(description="An entry in a paper's chain (交接动作)")
class CustodyDeed(Enum):
    REGISTERED = "REGISTERED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@strawberry.enum(description="How a mandate was signed: on paper or by the person in the app (签署方式)")
class MandateForm(Enum):
    PAPER = "PAPER"
    APP = "APP"


@strawberry.enum(description="How a visit to the door went (上门情况)")
class ErrandVisitState(Enum):
    PLANNED = "PLANNED"
    DONE = "DONE"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="How a visit to the door ended (上门结果)")
class ErrandVisitOutcome(Enum):
    DONE = "DONE"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="What the recipient is to the person (与本人关系)")
class RecipientRelation(Enum):
    SELF = "SELF"
    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    PARENT = "PARENT"
    OTHER_KIN = "OTHER_KIN"
    ENTRUSTED = "ENTRUSTED"


@strawberry.enum(
    description="What proves a delivery: a signature on paper, or the code that only the person was told (送达凭据)"
)
class DeliveryProof(Enum):
    SIGNATURE = "SIGNATURE"
    CODE = "CODE"


@strawberry.enum(
    description="What stands still: an offer that nobody accepted, a paper that should be back, a mandate that expired in the middle (预警)"
)
class ErrandAlarmReason(Enum):
    OFFER_UNACCEPTED = "OFFER_UNACCEPTED"
    DOCUMENT_OVERDUE = "DOCUMENT_OVERDUE"
    MANDATE_EXPIRED = "MANDATE_EXPIRED"


@strawberry.enum(description="What errands are counted by (统计口径)")
class ErrandMeasureBy(Enum):
    AREA = "AREA"
    AGENT = "AGENT"
    ITEM = "ITEM"


@strawberry.type(description="Somebody who runs errands for people (代办员)")
class ErrandAgent:
    subject: str = filled("subject of their account (账号)")
    name: str = filled("name, as people are told it (姓名)")
    areas: list[str] = filled("codes of the areas where they run errands (负责区划)")
    items: list[str] = filled("codes of the service items that they may run; none means every one (可代办事项)")
    active: bool = filled("whether they run errands at present (在岗)")
    version: int = filled("version (版本)")
    on_hand: int = filled("how many errands they have on hand (在办件数)")


@strawberry.type(description="What the person allows the agent to do (委托)")
class Mandate:
    id: strawberry.ID = filled("id, for other errands of the household")
    items: list[str] = filled("codes of the service items (委托事项)")
    valid_from: Date = filled("first day (起始日期)")
    valid_to: Date = filled("last day (截止日期)")
    form: MandateForm = filled("how it was signed (签署方式)")
    attachment_id: strawberry.ID | None = filled("the picture of the signed paper (委托书影像)")
    signed_at: DateTime = filled("when it was signed (签署时间)")
    signed_by: str = filled("who signed in the app, or laid the paper before us: subject of their account (签署账号)")
    revoked_at: DateTime | None = filled("when it was revoked (撤销时间)")
    revoked_by: str | None = filled("by whom (撤销人)")
    valid: bool = filled("whether it holds today (当前有效)")
    agent: ErrandAgent = filled("the agent it was given to (受托代办员)")


@strawberry.type(description="An entry in a paper's chain; it is never changed (交接记录)")
class CustodyEntry:
    number: int = filled("its place in the chain (序号)")
    deed: CustodyDeed = filled("what was done (动作)")
    from_: HolderKind | None = strawberry.field(
        name="from", description="who held it before; null at the first entry (交出方)"
    )
    from_code: str | None = filled("the agent's subject or the department's code (交出方代码)")
    from_name: str | None = filled("how they are called (交出方名称)")
    holder: HolderKind = filled("who holds it after (保管方)")
    holder_code: str | None = filled("the agent's subject or the department's code (保管方代码)")
    holder_name: str | None = filled("how they are called (保管方名称)")
    offered_to: HolderKind | None = filled("to whom it is offered after (拟交给)")
    offered_to_code: str | None = filled("the agent's subject or the department's code (拟交给代码)")
    offered_to_name: str | None = filled("how they are called (拟交给名称)")
    at: DateTime = filled("when it was done (交接时间)")
    recorded_at: DateTime = filled("when it was told of (登记时间)")
    place: str | None = filled("where (地点)")
    attachment_id: strawberry.ID | None = filled("the picture of a signature (签字影像)")
    actor: str = filled("who told of it: subject of their account (经办账号)")
    actor_role: str = filled("in which role (经办角色)")
    note: str | None = filled("remark (备注)")


@strawberry.type(description="A paper in custody: one holder at any time (证件保管)")
class ErrandDocument:
    id: strawberry.ID = filled("id, for hand-overs")
    kind: DocumentKind = filled("kind (种类)")
    kind_name: str = filled("kind, in Chinese (种类名称)")
    description: str | None = filled("what it looks like; no number (说明)")
    last4: str | None = filled("the last four characters of its number (尾号)")
    holder: HolderKind = filled("who holds it (保管方)")
    holder_code: str | None = filled("the agent's subject or the department's code (保管方代码)")
    holder_name: str | None = filled("how they are called (保管方名称)")
    offered_to: HolderKind | None = filled("to whom it is offered (拟交给)")
    offered_to_code: str | None = filled("the agent's subject or the department's code (拟交给代码)")
    offered_to_name: str | None = filled("how they are called (拟交给名称)")
    issued: bool = filled("whether the errand obtained it, and it is no original of the person's (办理结果)")
    out: bool = filled("whether it is out: neither with the person nor where it was issued (在外)")
    handed_at: DateTime = filled("when the last entry of its chain happened (最近交接时间)")
    out_since: DateTime | None = filled("since when it is out (在外起始)")
    days_out: int | None = filled("days since then (在外天数)")
    due_on: Date | None = filled("when it should be back (应还日期)")
    overdue: bool = filled("whether it should be back already (逾期)")
    offer_until: DateTime | None = filled("until when the offer should be accepted (应签收时间)")
    offer_overdue: bool = filled("whether that has passed (签收超时)")
    errand: Annotated["Errand", strawberry.lazy("gateway.types.errand")] = filled("its errand (代办件)")
    chain: list[CustodyEntry] = filled("its hand-overs, oldest first (交接链)", **first(100))


@strawberry.type(description="A visit to the person's door (上门)")
class ErrandVisit:
    id: strawberry.ID = filled("id, for noting it")
    planned_for: DateTime = filled("when the agent comes (约定时间)")
    place: str = filled("where (地点)")
    state: ErrandVisitState = filled("how it went (情况)")
    visited_at: DateTime | None = filled("when the agent was there (上门时间)")
    note: str | None = filled("remark (备注)")
    planned_by: str = filled("who planned it: subject of their account (预约账号)")
    agent: ErrandAgent = filled("who comes (上门代办员)")


@strawberry.type(description="Who got what was obtained, and what proves it (送达)")
class ErrandDelivery:
    recipient_id: strawberry.ID | None = filled("which member of the household got it (签收人)")
    relation: RecipientRelation = filled("what they are to the person (与本人关系)")
    relation_name: str = filled("the same in Chinese (与本人关系名称)")
    proof: DeliveryProof = filled("what proves it (凭据)")
    signature_id: strawberry.ID | None = filled("the picture of the signature (签字影像)")
    photo_id: strawberry.ID | None = filled("a photo (照片)")
    place: str | None = filled("where (地点)")
    at: DateTime = filled("when (送达时间)")
    by: str = filled("who delivered it: subject of their account (送达账号)")


@strawberry.type(description="Something of an errand that stood still (预警)")
class ErrandAlarm:
    reason: ErrandAlarmReason = filled("what (原因)")
    document_id: strawberry.ID | None = filled("the paper it is about (证件)")
    since: DateTime = filled("since when (起始)")
    at: DateTime = filled("when it was noticed (预警时间)")


@strawberry.type(description="A step in an errand's life (代办环节)")
class ErrandStep:
    at: DateTime = filled("when it was done (办理时间)")
    recorded_at: DateTime = filled("when it was told of: later where a phone had no network (登记时间)")
    deed: str = filled("what was done (环节代码)")
    deed_name: str = filled("the same in Chinese (环节)")
    from_state: ErrandState | None = filled("state before (原状态)")
    to_state: ErrandState = filled("state after (新状态)")
    actor: str = filled("who did it: subject of their account (经办人)")
    actor_role: str = filled("in which role (经办角色)")
    note: str | None = filled("remark (备注)")


@strawberry.type(description="A matter that an agent runs for somebody, with a ticket behind it (代办件)")
class Errand(Node):
    id: strawberry.ID = filled("global id")
    number: str = filled("number, told to the person: the ticket's (编号)")
    ticket: Ticket = filled("the ticket behind it (事情单)")
    item: str = filled("code of the service item (事项代码)")
    item_name: str | None = filled("its name when it was requested (事项)")
    state: ErrandState = filled("where it stands (状态)")
    state_name: str = filled("the same in Chinese (状态名称)")
    area_code: str = filled("code of the area where the person is (区划代码)")
    area: Annotated["Area", strawberry.lazy("gateway.types.archive")] | None = filled("the area (区划)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "for whom it is; null for none, or outside the caller's reach (农户)"
    )
    person_id: strawberry.ID | None = filled("the member of the household whom it is for (本人)")
    agent: ErrandAgent | None = filled("who runs it (代办员)")
    submitted_to: Department | None = filled("the department it was submitted to (承办部门)")
    mandate: Mandate | None = filled("the mandate that it goes by (现行委托)")
    mandates: list[Mandate] = filled("all mandates that were signed for it (历次委托)", **first(100))
    documents: list[ErrandDocument] = filled("papers in custody, and what was obtained (证件材料)", **first(100))
    visits: list[ErrandVisit] = filled("visits to the door (上门记录)", **first(100))
    delivery: ErrandDelivery | None = filled("the delivery (送达)")
    alarms: list[ErrandAlarm] = filled("what stood still (预警记录)", **first(100))
    history: list[ErrandStep] = filled("all steps, oldest first (办理过程)", **first(500))
    version: int = filled("version (版本)")
    requested_at: DateTime = filled("when it was requested (申请时间)")
    mandated_at: DateTime | None = filled("when the first mandate was signed (委托时间)")
    delivered_at: DateTime | None = filled("when it was delivered (送达时间)")
    ended_at: DateTime | None = filled("when it ended (办结时间)")
    trips_saved: int = filled("how often the person would have gone themselves (少跑趟数)")
    allowed: list[str] = filled("deeds that its state allows next (可办操作)")
    receipt_url: str = filled("path of the receipt in print, for A4 or with ?size=A5 (交接单路径)")


@strawberry.type(description="An errand and where it stands in the list")
class ErrandEdge:
    node: Errand = filled("the errand")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of errands (代办件列表)")
class ErrandConnection:
    edges: list[ErrandEdge] = filled("the page's errands")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A paper and where it stands in the list")
class ErrandDocumentEdge:
    node: ErrandDocument = filled("the paper")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of papers (在外证件列表)")
class ErrandDocumentConnection:
    edges: list[ErrandDocumentEdge] = filled("the page's papers")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="When custody alarms, for all areas that begin with a code (预警规则)")
class ErrandRule:
    area_code: str = filled("the code; empty for every area (区划代码)")
    accept_hours: int = filled("hours within which an offer should be accepted (签收时限，小时)")
    out_workdays: int = filled("working days within which a paper should be back (归还时限，工作日)")
    version: int = filled("version (版本)")


@strawberry.type(description="What an errand of a service item saves (事项代办参数)")
class ErrandItem:
    item: str = filled("code of the service item (事项代码)")
    trips: int = filled("how often somebody would go themselves (自办趟数)")
    version: int = filled("version (版本)")


@strawberry.type(description="Figures of the errands delivered in a span of days (代办统计)")
class ErrandMeasure:
    key: str = filled("the village's code, the agent's subject or the item's code (分组)")
    delivered: int = filled("errands delivered (送达件数)")
    done: int = filled("of these, errands that have ended as done (办结件数)")
    days_p50: float | None = filled(
        "days from the mandate to the delivery: half took at most so long (委托至送达天数中位)"
    )
    days_p90: float | None = filled("nine in ten took at most so long (委托至送达天数九成)")
    trips_saved: int = filled("trips that people did not have to make (少跑趟数)")


# --- Inputs ------------------------------------------------------------------------------------------------------------


@strawberry.input(description="Have something done for somebody (申请代办)")
class RequestErrandInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    item: str = asked("code of the service item (事项代码)")
    area_code: str = asked("where the person is (区划代码)")
    household_id: strawberry.ID | None = optional("for whom (农户)")
    person_id: strawberry.ID | None = optional("for which member of the household (本人)")
    source: TicketSource = optional("WALK_IN, VISIT, APP or HOTLINE; residents request by APP (来源)", TicketSource.APP)
    note: str | None = optional("remark (备注)")


@strawberry.input(description="A deed on an errand (代办操作)")
class ErrandDeedInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the errand (代办件)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    note: str | None = optional("remark (备注)")
    occurred_at: DateTime | None = optional(
        "when it was done, if the phone was offline then: at most 7 days ago (发生时间)"
    )


@strawberry.input(description="Who shall run it (指派代办员)")
class AssignErrandInput(ErrandDeedInput):
    agent: str | None = optional(
        "subject of the agent's account; absent: whoever may and has the fewest on hand (代办员)"
    )


@strawberry.input(description="The person signs what the agent may do (签署委托)")
class MandateErrandInput(ErrandDeedInput):
    items: list[str] | None = optional("codes of service items; absent: this errand's (委托事项)")
    valid_from: Date | None = optional("first day; absent: today (起始日期)")
    valid_to: Date | None = optional("last day; needed unless mandateId is given (截止日期)")
    attachment_id: strawberry.ID | None = optional(
        "picture of the signed paper; absent: the person signs in the app (委托书影像)"
    )
    mandate_id: strawberry.ID | None = optional("a mandate of the household that is there already (已有委托)")


@strawberry.input(description="Take the mandate back (撤销委托)")
class RevokeMandateInput(ErrandDeedInput):
    pass


@strawberry.input(description="End an errand; nothing may be out (代办办结)")
class FinishErrandInput(ErrandDeedInput):
    pass


@strawberry.input(description="A paper (证件材料)")
class DocumentInput:
    kind: DocumentKind = asked("kind (种类)")
    description: str | None = optional("what it looks like; no number (说明)")
    last4: str | None = optional("the last four characters of its number (尾号)")


@strawberry.input(description="The person hands papers to the agent (收取证件)")
class CollectDocumentsInput(ErrandDeedInput):
    documents: list[DocumentInput] | None = optional("the papers; none where nothing is needed (证件材料)")
    place: str | None = optional("where (地点)")
    attachment_id: strawberry.ID | None = optional("picture of the person's signature (签字影像)")


@strawberry.input(description="The agent applies at the department (递交办理)")
class SubmitErrandInput(ErrandDeedInput):
    department_code: str = asked("code of the department (部门代码)")
    document_ids: list[strawberry.ID] | None = optional("papers that go to the department (递交证件)")
    place: str | None = optional("where (地点)")
    attachment_id: strawberry.ID | None = optional(
        "picture of the department's receipt; absent: it accepts in the app (收件凭证影像)"
    )


@strawberry.input(description="The agent has what the department issued (取得结果)")
class ObtainErrandInput(ErrandDeedInput):
    documents: list[DocumentInput] | None = optional("what was issued (办理结果)")
    document_ids: list[strawberry.ID] | None = optional("papers that came back (取回证件)")
    place: str | None = optional("where (地点)")
    attachment_id: strawberry.ID | None = optional("picture of a signature (签字影像)")


@strawberry.input(
    description="All that the agent holds goes to the person: with a signature or with the person's code (送达)"
)
class DeliverErrandInput(ErrandDeedInput):
    relation: RecipientRelation = optional("what the recipient is to the person (与本人关系)", RecipientRelation.SELF)
    recipient_id: strawberry.ID | None = optional("which member of the household got it (签收人)")
    signature_id: strawberry.ID | None = optional("picture of the signature (签字影像)")
    code: str | None = optional("the code that the person was told (送达码)")
    photo_id: strawberry.ID | None = optional("a photo (照片)")
    place: str | None = optional("where (地点)")


@strawberry.input(description="End an errand without its being done; a note is required (取消代办)")
class CancelErrandInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the errand (代办件)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    note: str = asked("why (原因)")
    occurred_at: DateTime | None = optional("when it was done, if the phone was offline then (发生时间)")


@strawberry.input(description="Papers of one errand (证件交接)")
class HandDocumentsInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the errand (代办件)")
    document_ids: list[strawberry.ID] = asked("the papers (证件)")
    place: str | None = optional("where (地点)")
    note: str | None = optional("remark (备注)")
    occurred_at: DateTime | None = optional(
        "when it was done, if the phone was offline then: at most 7 days ago (发生时间)"
    )


@strawberry.input(description="Take papers over (签收证件)")
class AcceptDocumentsInput(HandDocumentsInput):
    pass


@strawberry.input(description="Do not take papers over, or take an offer back (拒收、收回)")
class DeclineDocumentsInput(HandDocumentsInput):
    pass


@strawberry.input(description="Whoever holds papers offers them to somebody (交出证件)")
class OfferDocumentsInput(HandDocumentsInput):
    to: HolderKind = asked("to whom (交给)")
    to_code: str | None = optional("the agent's subject or the department's code (接收方代码)")
    attachment_id: strawberry.ID | None = optional(
        "picture of the receiver's signature, with which it is accepted, too (接收方签字影像)"
    )


@strawberry.input(description="The agent will come to the door (预约上门)")
class PlanErrandVisitInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the errand (代办件)")
    planned_for: DateTime = asked("when, within the next 90 days (约定时间)")
    place: str = asked("where (地点)")


@strawberry.input(description="How a visit to the door ended (登记上门)")
class NoteErrandVisitInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the visit (上门记录)")
    outcome: ErrandVisitOutcome = asked("how it ended (结果)")
    note: str | None = optional("remark (备注)")
    occurred_at: DateTime | None = optional("when it was, if the phone was offline then (发生时间)")


@strawberry.input(description="Ask for the code that proves a delivery (查看送达码)")
class TellDeliveryCodeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the errand (代办件)")


@strawberry.input(description="Who runs errands, and where (登记代办员)")
class ReviseErrandAgentInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    subject: str = asked("subject of their account (账号)")
    version: int | None = optional("the version that the caller saw; absent for a new agent (版本)")
    name: str = asked("name, as people are told it (姓名)")
    areas: list[str] = asked("codes of areas (负责区划)")
    items: list[str] | None = optional("codes of service items; none means every one (可代办事项)")
    active: bool = optional("whether they run errands at present (在岗)", default=True)


@strawberry.input(description="When custody alarms (设置预警规则)")
class ReviseErrandRuleInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    area_code: str = asked("for all areas that begin with this code (区划代码)")
    accept_hours: int = asked("hours within which an offer should be accepted, 1 to 720 (签收时限，小时)")
    out_workdays: int = asked("working days within which a paper should be back, 1 to 250 (归还时限，工作日)")


@strawberry.input(description="What an errand of a service item saves (设置事项代办参数)")
class ReviseErrandItemInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    item: str = asked("code of the service item (事项代码)")
    trips: int = asked("how often somebody would go themselves, 0 to 20 (自办趟数)")


# --- Payloads ----------------------------------------------------------------------------------------------------------


@strawberry.type(description="The errand after a deed (代办操作结果)")
class ErrandPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    errand: Errand = filled("the errand after it (代办件)")


@strawberry.type(description="The code that the person tells the agent at the door (送达码)")
class DeliveryCode:
    code: str = filled("eight digits (送达码)")


@strawberry.type(description="The code of a delivery; it is kept nowhere (送达码结果)")
class TellDeliveryCodePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    delivery: DeliveryCode = filled("the code (送达码)")


@strawberry.type(description="The agent after a revision (代办员登记结果)")
class ErrandAgentPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    agent: ErrandAgent = filled("the agent after it (代办员)")


@strawberry.type(description="The rule after a revision (预警规则结果)")
class ErrandRulePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    rule: ErrandRule = filled("the rule after it (预警规则)")


@strawberry.type(description="The item after a revision (事项代办参数结果)")
class ErrandItemPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    item: ErrandItem = filled("the item after it (事项代办参数)")
