"""Mediation (owner: tickets). Edges to other services: MediationParty.household."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.tickets import Ticket

if TYPE_CHECKING:
    from gateway.types.archive import Household

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="Where a mediation stands (调解状态)")
class MediationState(Enum):
    RUNNING = "RUNNING"
    AGREED = "AGREED"
    PARTLY = "PARTLY"
    FAILED = "FAILED"


@strawberry.enum(description="How a mediation ends (调解结果)")
class MediationOutcome(Enum):
    AGREED = "AGREED"
    PARTLY = "PARTLY"
    FAILED = "FAILED"


@strawberry.enum(description="On which side a party is (当事人地位)")
class MediationSide(Enum):
    APPLICANT = "APPLICANT"
    RESPONDENT = "RESPONDENT"
    OTHER = "OTHER"


@strawberry.enum(description="Where what was not settled goes: the court, arbitration (转出去向)")
class MediationReferral(Enum):
    COURT = "COURT"
    ARBITRATION = "ARBITRATION"


@strawberry.enum(description="Whether what was agreed is done: NONE agreed, OPEN, OVERDUE, PERFORMED (履行情况)")
class Performance(Enum):
    NONE = "NONE"
    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    PERFORMED = "PERFORMED"


@strawberry.enum(
    description="Where an obligation stands; DRAFT: not signed yet, REPLACED: by a later agreement (履行状态)"
)
class ObligationState(Enum):
    DRAFT = "DRAFT"
    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    PERFORMED = "PERFORMED"
    REPLACED = "REPLACED"


@strawberry.type(description="Somebody who mediates (人民调解员、老娘舅)")
class Mediator:
    subject: str = filled("subject of the account (账号)")
    name: str = filled("name (姓名)")
    areas: list[str] = filled("codes of the areas where they mediate (区划代码)")
    committee: str = filled("their committee (人民调解委员会)")
    active: bool = filled("whether they mediate at present (启用)")
    version: int = filled("version (版本)")


@strawberry.type(description="A mediator of a case (本案调解员)")
class CaseMediator:
    subject: str = filled("subject of the account (账号)")
    name: str = filled("name (姓名)")
    committee: str = filled("their committee (人民调解委员会)")
    since: DateTime = filled("since when (起始时间)")
    until: DateTime | None = filled("until when (终止时间)")


@strawberry.type(description="Between whom is mediated (当事人)")
class MediationParty:
    id: strawberry.ID = filled("global id")
    side: MediationSide = filled("the side (地位)")
    side_name: str = filled("the same in words (地位名称)")
    name: str | None = filled("name, its first character alone (姓名)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "the household; null for somebody from outside, or outside the caller's reach (农户)"
    )
    person_id: strawberry.ID | None = filled("whom of it (家庭成员)")


@strawberry.type(description="A plot in dispute (涉及地块)")
class MediationPlot:
    plot_id: strawberry.ID = filled("the plot; query `plot` with it and asOf (地块)")
    as_of: Date = filled("as it was that day (时点)")


@strawberry.type(description="Two plots in dispute; query `mediationPack` with a, b and asOf (调解资料)")
class MediationPackLink:
    a: strawberry.ID = filled("one plot (地块甲)")
    b: strawberry.ID = filled("the other plot (地块乙)")
    as_of: Date = filled("as they were that day (时点)")
    pack_url: str = filled("the pack to print, on the gateway (调解资料地址)")


@strawberry.type(description="A session (调解会)")
class MediationSession:
    id: strawberry.ID = filled("global id")
    held_at: DateTime = filled("when (时间)")
    place: str = filled("place (地点)")
    parties: list[MediationParty] = filled("the parties who were there (到场当事人)", **first(100))
    mediators: list[str] = filled("the mediators who were there: subjects of accounts (到场调解员)")
    tried: str | None = filled("what was tried; for mediators alone (调解经过)")
    noted_by: str = filled("who noted it: subject of the account (记录人)")
    noted_at: DateTime = filled("when (记录时间)")


@strawberry.type(description="What somebody owes by an agreement (履行事项)")
class Obligation(Node):
    id: strawberry.ID = filled("global id")
    number: int = filled("its place in the agreement (序号)")
    party: MediationParty | None = filled("who owes it; null where the caller may not see that party (履行人)")
    side: MediationSide = filled("that party's side (地位)")
    side_name: str = filled("the same in words (地位名称)")
    what: str = filled("what (履行内容)")
    due_on: Date = filled("the last day on which it is in time (履行期限)")
    state: ObligationState = filled("where it stands (履行状态)")
    performed_on: Date | None = filled("when it was performed (履行日期)")
    proof: str | None = filled("what proves it (履行凭据)")
    attachment_id: strawberry.ID | None = filled("the proof's picture (凭据附件)")
    reminded_at: DateTime | None = filled("when its mediators were reminded (提醒时间)")
    alarmed_at: DateTime | None = filled("when they were told that it is overdue (逾期提示时间)")
    mediation: Annotated["Mediation", strawberry.lazy("gateway.types.mediation")] = filled("the case (调解)")


@strawberry.type(description="An agreement, in one of its versions (调解协议)")
class MediationAgreement:
    version: int = filled("version (版本)")
    facts: str = filled("what the dispute was about (纠纷事实)")
    terms: str = filled("what was agreed (协议内容)")
    oral: bool = filled("by word of mouth (口头协议)")
    copies: int = filled("how many copies of the paper (份数)")
    obligations: list[Obligation] = filled("who owes what by when (履行事项)", **first(100))
    written_by: str = filled("who wrote it down: subject of the account (拟定人)")
    written_at: DateTime = filled("when (拟定时间)")
    signed_on: Date | None = filled("the day on which it took effect; null for a draft (生效日期)")
    attachment_id: strawberry.ID | None = filled("the signed paper (签字件)")
    in_force: bool = filled("whether it is the one that holds (现行有效)")
    confirm_by: Date | None = filled(
        "the last day on which the parties can together ask the court to confirm it; 30 days, by law (司法确认截止日)"
    )
    effect: str = filled("what it binds to, by law (法律效力)")
    url: str = filled("the paper to print and sign, on the gateway (打印地址)")


@strawberry.type(
    description="Mediation of a dispute. Its matter can be closed while obligations are open: they are followed here (调解)"
)
class Mediation(Node):
    id: strawberry.ID = filled("global id")
    ticket: Ticket | None = filled("the matter; null for a party's household outside its reach (事项)")
    area_code: str = filled("code of the area where it is (区划代码)")
    state: MediationState = filled("where it stands (状态)")
    state_name: str = filled("the same in words (状态名称)")
    reason: str | None = filled("code of why it failed (原因代码)")
    reason_name: str | None = filled("the same in words (原因)")
    referred_to: MediationReferral | None = filled("where what was not settled goes (转出去向)")
    performance: Performance = filled("whether what was agreed is done (履行情况)")
    open_obligations: int = filled("obligations that are not performed (未履行数)")
    overdue_obligations: int = filled("of these, overdue (逾期未履行数)")
    version: int = filled("version (版本)")
    opened_by: str = filled("who opened it: subject of the account (启动人)")
    opened_at: DateTime = filled("when (启动时间)")
    concluded_at: DateTime | None = filled("when it ended (终结时间)")
    allowed: list[str] = filled("deeds that its state allows next (可办操作)")
    mediators: list[CaseMediator] = filled("the mediators, former ones too (调解员)", **first(100))
    parties: list[MediationParty] = filled("the parties, for mediators and auditors (当事人)", **first(100))
    plots: list[MediationPlot] = filled("the plots in dispute, for mediators and auditors (涉及地块)", **first(100))
    packs: list[MediationPackLink] = filled("each two of them (调解资料)", **first(100))
    sessions: list[MediationSession] = filled("the sessions, for mediators and auditors (调解会)", **first(100))
    agreement: MediationAgreement | None = filled("the agreement that holds (现行协议)")
    agreements: list[MediationAgreement] = filled("all versions; a party sees the signed ones (历次协议)", **first(100))
    obligations: list[Obligation] = filled("the obligations of the one that holds (履行事项)", **first(100))


@strawberry.type(description="A mediation and where it stands in the list")
class MediationEdge:
    node: Mediation = filled("the mediation")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of mediations (调解列表)")
class MediationConnection:
    edges: list[MediationEdge] = filled("the page's mediations")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="An obligation and where it stands in the list")
class ObligationEdge:
    node: Obligation = filled("the obligation")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of obligations (履行事项列表)")
class ObligationConnection:
    edges: list[ObligationEdge] = filled("the page's obligations")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="Put a mediator on record, or anew (登记调解员)")
class ReviseMediatorInput:
    client_key: strawberry.ID = asked(_KEY)
    subject: str = asked("subject of the account (账号)")
    version: int | None = optional("the version that the caller saw; absent for a new one (版本)")
    name: str = asked("name (姓名)")
    areas: list[str] = asked("codes of the areas where they mediate (区划代码)")
    committee: str = asked("their committee (人民调解委员会)")
    household_id: strawberry.ID | None = optional("their own household, for which they do not mediate (所属农户)")
    active: bool = optional("whether they mediate at present (启用)", default=True)


@strawberry.input(description="A party: a household, or somebody from outside by name (当事人)")
class MediationPartyInput:
    side: MediationSide = asked("the side (地位)")
    household_id: strawberry.ID | None = optional("the household (农户)")
    person_id: strawberry.ID | None = optional("whom of it (家庭成员)")
    name: str | None = optional("name; kept sealed (姓名)")


@strawberry.input(description="Have a dispute mediated (启动调解)")
class OpenMediationInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the matter (事项)")
    mediators: list[str] = asked("who mediates: subjects of accounts (调解员)")
    parties: list[MediationPartyInput] = asked("between whom; both sides (当事人)")
    plots: list[strawberry.ID] = strawberry.field(
        description="plots in dispute; by default those that the matter concerns (涉及地块)", default_factory=list
    )
    as_of: Date | None = optional("as they were that day; by default today (时点)")


@strawberry.input(description="Other mediators, more parties or plots (调整调解)")
class ReviseMediationInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the mediation (调解)")
    version: int | None = optional("the version that the caller saw (版本)")
    mediators: list[str] | None = optional("all who mediate from now on: subjects of accounts (调解员)")
    parties: list[MediationPartyInput] = strawberry.field(
        description="parties that come in (新增当事人)", default_factory=list
    )
    plots: list[strawberry.ID] = strawberry.field(
        description="plots that come in, or as of another day (涉及地块)", default_factory=list
    )
    as_of: Date | None = optional("as they were that day; by default today (时点)")


@strawberry.input(description="A session was held (登记调解会)")
class NoteMediationSessionInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the mediation (调解)")
    version: int | None = optional("the version that the caller saw (版本)")
    held_at: DateTime = asked("when (时间)")
    place: str = asked("place (地点)")
    parties: list[strawberry.ID] = asked("the parties who were there (到场当事人)")
    mediators: list[str] = strawberry.field(
        description="the mediators who were there; by default the caller (到场调解员)", default_factory=list
    )
    tried: str = asked("what was tried; for mediators alone (调解经过)")


@strawberry.input(description="Who owes what by when (履行事项)")
class ObligationInput:
    party_id: strawberry.ID = asked("who (履行人)")
    what: str = asked("what (履行内容)")
    due_on: Date = asked("the last day on which it is in time (履行期限)")


@strawberry.input(description="Put an agreement into words: the next version (拟定协议)")
class DraftAgreementInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the mediation (调解)")
    version: int | None = optional("the version of the mediation that the caller saw (版本)")
    facts: str = asked("what the dispute was about (纠纷事实)")
    terms: str = asked("what is agreed (协议内容)")
    obligations: list[ObligationInput] = strawberry.field(
        description="who owes what by when (履行事项)", default_factory=list
    )
    oral: bool = optional("by word of mouth (口头协议)", default=False)
    copies: int = optional("how many copies of the paper (份数)", default=3)


@strawberry.input(description="The parties have signed, or mediation has failed (调解终结)")
class ConcludeMediationInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the mediation (调解)")
    version: int | None = optional("the version of the mediation that the caller saw (版本)")
    outcome: MediationOutcome = asked("how it ended (结果)")
    agreement_version: int | None = optional("the agreement that is signed: its version (协议版本)")
    signed_on: Date | None = optional("when it took effect; by default today (生效日期)")
    attachment_id: strawberry.ID | None = optional(
        "the signed paper, a document of the matter; none for an oral agreement (签字件)"
    )
    reason: str | None = optional("of FAILED: NO_AGREEMENT, UNWILLING, ABSENT, OUT_OF_SCOPE or DANGER (原因代码)")
    refer_to: MediationReferral | None = optional(
        "where what is not settled goes; of FAILED the matter is referred out there (转出去向)"
    )


@strawberry.input(description="What somebody owes is done (登记履行)")
class PerformObligationInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the obligation (履行事项)")
    performed_on: Date | None = optional("when; by default today (履行日期)")
    proof: str = asked("what proves it (履行凭据)")
    attachment_id: strawberry.ID | None = optional("its picture, a document of the matter (凭据附件)")


@strawberry.type(description="The mediator (调解员操作结果)")
class MediatorPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    mediator: Mediator = filled("the mediator after it (调解员)")


@strawberry.type(description="The mediation (调解操作结果)")
class MediationPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    mediation: Mediation = filled("the mediation after it (调解)")


OfState = Annotated[MediationState | None, strawberry.argument(description="in this state (状态)")]
OfMediator = Annotated[
    str | None, strawberry.argument(description="of this mediator: subject of the account (调解员账号)")
]
DueUntil = Annotated[Date | None, strawberry.argument(description="due on this day or before (期限截至)")]
