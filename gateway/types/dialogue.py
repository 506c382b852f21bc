"""The monthly dialogue: agenda, attendance, study, proposals and votes, minutes (owner: liaison). Edges to other services: household of Attendee and
BodyMember.
"""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.archive import Household
from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="What an item of an agenda is (议程类别)")
class AgendaKind(Enum):
    STUDY = "STUDY"
    REMOTE_EDUCATION = "REMOTE_EDUCATION"
    DELIBERATION = "DELIBERATION"
    HEARING = "HEARING"
    OTHER = "OTHER"


@strawberry.enum(description="As what somebody came; everybody counts under one (到会身份)")
class AttendeeKind(Enum):
    VILLAGER = "VILLAGER"
    REPRESENTATIVE = "REPRESENTATIVE"
    PARTY_MEMBER = "PARTY_MEMBER"
    CADRE = "CADRE"
    GUEST = "GUEST"


@strawberry.enum(
    description="By which rule a body decides: all villagers, a representative of each household, the elected representatives, or none (议事规则)"
)
class VotingRule(Enum):
    ASSEMBLY = "ASSEMBLY"
    HOUSEHOLDS = "HOUSEHOLDS"
    REPRESENTATIVES = "REPRESENTATIVES"
    CONSULTATION = "CONSULTATION"


@strawberry.enum(description="Where a proposal stands (议案状态)")
class ProposalState(Enum):
    OPEN = "OPEN"
    VOTING = "VOTING"
    ADOPTED = "ADOPTED"
    REJECTED = "REJECTED"
    NOT_QUORATE = "NOT_QUORATE"
    WITHDRAWN = "WITHDRAWN"


@strawberry.enum(description="Whose proposal it is (提出主体)")
class Proposer(Enum):
    PARTY_BRANCH = "PARTY_BRANCH"
    COMMITTEE = "COMMITTEE"
    REPRESENTATIVES = "REPRESENTATIVES"
    VILLAGERS = "VILLAGERS"
    OTHER = "OTHER"


@strawberry.enum(description="A vote (表决意见)")
class VoteChoice(Enum):
    FOR = "FOR"
    AGAINST = "AGAINST"
    ABSTAIN = "ABSTAIN"


@strawberry.enum(description="As what somebody signs the minutes (签字身份)")
class MinutesSigner(Enum):
    RECORDER = "RECORDER"
    HOST = "HOST"
    REPRESENTATIVE = "REPRESENTATIVE"


@strawberry.type(description="A seat in a body (成员)")
class BodyMember:
    id: strawberry.ID = filled("global id")
    subject: str | None = filled("subject of the account that votes (账号)")
    household: Household | None = filled("or the household that votes by whoever of it has an account (农户)")
    since: Date = filled("first day of the seat (起始日期)")
    until: Date | None = filled("the last one (截止日期)")


@strawberry.type(description="Who of a village decides: its assembly, or its representatives (议事主体)")
class VotingBody(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    name: str = filled("name (名称)")
    rule: VotingRule = filled("by which rule it decides (议事规则)")
    rule_name: str = filled("the same in words (规则名称)")
    source: str = filled("where the rule is written (依据)")
    quorum: str | None = filled("which share of it must be present; null: no rule (法定人数)")
    passing: str = filled("which share of those present must be in favour (通过比例)")
    eligible: int = filled("how many may vote (应到人数)")
    since: Date = filled("first day of the present roll (起始日期)")
    version: int = filled("version (版本)")
    members: list[BodyMember] = filled("the seats that the caller may see, former ones too (成员)", **first(100))


@strawberry.type(description="A body and where it stands in the list")
class VotingBodyEdge:
    node: VotingBody = filled("the body")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of bodies (议事主体列表)")
class VotingBodyConnection:
    edges: list[VotingBodyEdge] = filled("the page's bodies")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="An item of an agenda (议程)")
class AgendaItem:
    place: int = filled("its place, from 1 (序号)")
    kind: AgendaKind = filled("what it is (类别)")
    kind_name: str = filled("the same in words (类别名称)")
    title: str = filled("title (内容)")
    minutes: int = filled("minutes (时长)")
    presenter: str | None = filled("who presents it, by office (主讲)")


@strawberry.type(description="How many came of a kind (到会人数)")
class AttendanceCount:
    kind: AttendeeKind = filled("as what (身份)")
    kind_name: str = filled("the same in words (身份名称)")
    people: int = filled("how many (人数)")


@strawberry.type(description="Somebody of whom it is noted whether they came (到会人员)")
class Attendee:
    kind: AttendeeKind = filled("as what (身份)")
    subject: str | None = filled("subject of their account (账号)")
    household: Household | None = filled("or the household that they came for (农户)")
    present: bool = filled("whether they came (是否到会)")
    proxy_for_subject: str | None = filled("account of the member in whose place they came (受托账号)")
    proxy_for_household_id: strawberry.ID | None = filled("or household in whose place (受托农户)")


@strawberry.type(description="Who came to a dialogue, and whether the body can decide (到会情况)")
class DialogueAttendance:
    people: int = filled("how many came (到会人数)")
    eligible: int = filled("how many members the body has (应到)")
    present: int = filled("how many of them came, as the rule counts them (实到)")
    needed: int = filled("how many are needed; 0: no rule (法定人数)")
    quorate: bool = filled("whether it can decide (是否达到法定人数)")
    explanation: str = filled("all that in words, with the source (说明)")
    noted_at: DateTime = filled("when it was noted (登记时间)")
    counts: list[AttendanceCount] = filled("by kind (分类人数)", **first(10))
    named: list[Attendee] = filled("those who are named and whom the caller may see (到会人员)", **first(100))


@strawberry.type(description="What was studied (学习记录)")
class StudyRecord:
    item: int = filled("place in the agenda (议程序号)")
    title: str = filled("title (内容)")
    material: str | None = filled("where the material is to be found (材料)")
    minutes: int = filled("minutes (时长)")
    presenter: str | None = filled("who presented it, by office (主讲)")
    people: int = filled("how many took part (人数)")
    noted_at: DateTime = filled("when it was noted (登记时间)")


@strawberry.type(description="A signature of the minutes; a representative's name is not told (签字)")
class MinutesSignature:
    role: MinutesSigner = filled("as what (签字身份)")
    role_name: str = filled("the same in words (身份名称)")
    name: str | None = filled("name of the office-holder (姓名)")
    signed_at: DateTime = filled("when (签字时间)")


@strawberry.type(description="The minutes of a dialogue (会议纪要)")
class DialogueMinutes:
    version: int = filled("version; signatures are of one version (版本)")
    text: str = filled("what the recorder adds to what is written down (纪要)")
    record: str = filled("all of it as canonical JSON: keys in order, no blanks (全文)")
    digest: str = filled("SHA-256 of the record in UTF-8, in hexadecimal (摘要)")
    drafted_at: DateTime = filled("when (起草时间)")
    published: bool = filled("whether everybody may read it (是否公布)")
    missing: list[MinutesSigner] = filled("whose signature is still needed (待签字)")
    url: str = filled("where it is to be had for A4, with the caller's token (打印)")
    signatures: list[MinutesSignature] = filled("the signatures of this version (签字)", **first(50))


@strawberry.type(description="Something that is proposed and voted on (议案)")
class Proposal(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    number: int = filled("its number in the dialogue (序号)")
    title: str = filled("title (标题)")
    text: str = filled("what is proposed (内容)")
    proposed_by: Proposer = filled("whose proposal it is (提出主体)")
    proposed_by_name: str = filled("the same in words (提出主体名称)")
    state: ProposalState = filled("where it stands (状态)")
    state_name: str = filled("the same in words (状态名称)")
    secret: bool | None = filled("whether the vote is secret; null before there is one (无记名)")
    eligible: int | None = filled("how many members the body had (应到)")
    present: int | None = filled("how many of them were present (实到)")
    needed: int | None = filled("how many were needed (法定人数)")
    cast: int | None = filled("how many have voted, while the vote is open (已投票数)")
    votes_for: int | None = filled("in favour, once it is decided (同意)")
    votes_against: int | None = filled("against (反对)")
    votes_abstain: int | None = filled("abstaining (弃权)")
    explanation: str | None = filled("how the result comes about, in words (说明)")
    voted: bool = filled("whether the caller has voted (本人已投票)")
    my_choice: VoteChoice | None = filled("how, where the vote is not secret (本人意见)")
    ended_at: DateTime | None = filled("when it was decided or withdrawn (结束时间)")
    version: int = filled("version (版本)")
    allowed: list[str] = filled("deeds that the state allows (可办操作)")
    body: VotingBody | None = filled("which body votes (议事主体)")
    dialogue: Annotated["Dialogue", strawberry.lazy("gateway.types.dialogue")] = filled("where it was made (沟通日)")


@strawberry.type(description="A proposal and where it stands in the list")
class ProposalEdge:
    node: Proposal = filled("the proposal")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of proposals (议案列表)")
class ProposalConnection:
    edges: list[ProposalEdge] = filled("the page's proposals")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="What is written down of a monthly dialogue (民情沟通日)")
class Dialogue(Node):
    id: strawberry.ID = filled("global id")
    session_id: strawberry.ID = filled("its session (场次)")
    area_code: str = filled("code of the village (村代码)")
    date: Date = filled("the day (日期)")
    version: int = filled("version, one on with each deed; 0: nothing is written down yet (版本)")
    published_at: DateTime | None = filled("when its minutes were published (公布时间)")
    body: VotingBody | None = filled("which body meets; null: a consultation (议事主体)")
    agenda: list[AgendaItem] = filled("in order (议程)", **first(30))
    attendance: DialogueAttendance | None = filled("null until it is noted (到会情况)")
    study: list[StudyRecord] = filled("what was studied (学习记录)", **first(100))
    proposals: list[Proposal] = filled("what was proposed, in order (议案)", **first(99))
    minutes: DialogueMinutes | None = filled("the published, else the newest that the caller may read (会议纪要)")


@strawberry.input(description="A share of a body (比例)")
class QuorumInput:
    numerator: int = asked("numerator (分子)")
    denominator: int = asked("denominator, at most 100 (分母)")
    above: bool = asked("whether more than that is needed, or as much is enough (须超过)")


@strawberry.input(description="An account or a household (成员)")
class BodyMemberInput:
    household_id: strawberry.ID | None = optional("the household (农户)")
    subject: str | None = optional("subject of the account (账号)")


@strawberry.input(description="Put the roll of a body on record, or anew (登记议事主体)")
class SetVotingBodyInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID | None = optional("the body; absent for a new one (议事主体)")
    version: int | None = optional("the version that the caller saw; absent for a new one (版本)")
    area_code: str = asked("code of the village (村代码)")
    name: str = asked("name (名称)")
    rule: VotingRule = asked("by which rule it decides (议事规则)")
    quorum: QuorumInput | None = optional("stricter than the law's (法定人数)")
    eligible: int | None = optional("how many it has, where members are not named (应到人数)")
    members: list[BodyMemberInput] = strawberry.field(
        description="all its members; whoever is not named leaves (成员)", default_factory=list
    )
    since: Date | None = optional("from which day on; by default today (起始日期)")


@strawberry.input(description="An item of an agenda (议程)")
class AgendaItemInput:
    kind: AgendaKind = asked("what it is (类别)")
    title: str = asked("title (内容)")
    minutes: int = asked("minutes (时长)")
    presenter: str | None = optional("who presents it, by office (主讲)")


@strawberry.input(description="Set a dialogue's agenda (设定议程)")
class SetAgendaInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    version: int = asked("version of the dialogue that the caller saw; 0 where nothing is written down yet (版本)")
    items: list[AgendaItemInput] = asked("all items, in order (议程)")
    body_id: strawberry.ID | None = optional("which body meets; absent: a consultation (议事主体)")


@strawberry.input(description="How many came of a kind (到会人数)")
class AttendanceCountInput:
    kind: AttendeeKind = asked("as what (身份)")
    people: int = asked("how many (人数)")


@strawberry.input(description="Somebody who came, or did not (到会人员)")
class AttendeeInput(BodyMemberInput):
    kind: AttendeeKind = asked("as what (身份)")
    present: bool = optional("whether they came (是否到会)", default=True)
    proxy_for: BodyMemberInput | None = optional("the member in whose place they came (受托)")


@strawberry.input(description="Note who came: numbers by kind are enough (登记到会)")
class NoteAttendanceInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    version: int = asked("version of the dialogue that the caller saw (版本)")
    counts: list[AttendanceCountInput] = strawberry.field(description="by kind (分类人数)", default_factory=list)
    people: list[AttendeeInput] = strawberry.field(
        description="who, where it is noted (到会人员)", default_factory=list
    )
    entitled: int | None = optional("how many of the body came, where that does not follow (有表决权的到会人数)")


@strawberry.input(description="Note what was studied (登记学习)")
class NoteStudyInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    item: int = asked("place in the agenda (议程序号)")
    title: str = asked("title (内容)")
    material: str | None = optional("where the material is to be found (材料)")
    minutes: int = asked("minutes (时长)")
    presenter: str | None = optional("who presented it, by office (主讲)")
    people: int = asked("how many took part (人数)")


@strawberry.input(description="Propose something at a dialogue (提出议案)")
class ProposeInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    title: str = asked("title (标题)")
    text: str = asked("what is proposed (内容)")
    by: Proposer = asked("whose proposal it is (提出主体)")


@strawberry.input(description="Open the vote on a proposal (开始表决)")
class OpenVoteInput:
    client_key: strawberry.ID = asked(_KEY)
    proposal_id: strawberry.ID = asked("the proposal (议案)")
    version: int | None = optional("the version that the caller saw (版本)")
    secret: bool = asked("whether nobody can know who votes how (无记名)")


@strawberry.input(description="Vote. In a secret vote once and for all, else anew until it is closed (投票)")
class CastVoteInput:
    client_key: strawberry.ID = asked(_KEY)
    proposal_id: strawberry.ID = asked("the proposal (议案)")
    choice: VoteChoice = asked("for, against or abstaining; nothing of it is kept with the key (表决意见)")


@strawberry.input(description="Close the vote, which counts it (结束表决)")
class CloseVoteInput:
    client_key: strawberry.ID = asked(_KEY)
    proposal_id: strawberry.ID = asked("the proposal (议案)")
    version: int | None = optional("the version that the caller saw (版本)")


@strawberry.input(description="Write down a vote that was counted by hand (登记表决结果)")
class RecordVoteInput:
    client_key: strawberry.ID = asked(_KEY)
    proposal_id: strawberry.ID = asked("the proposal (议案)")
    version: int | None = optional("the version that the caller saw (版本)")
    secret: bool = optional("whether it was on paper without names (无记名)", default=False)
    votes_for: int = asked("in favour (同意)")
    votes_against: int = asked("against (反对)")
    votes_abstain: int = asked("abstaining (弃权)")
    counters: list[str] = asked("accounts of those who counted (计票人账号)")


@strawberry.input(description="Take a proposal back before it is decided (撤回议案)")
class WithdrawProposalInput:
    client_key: strawberry.ID = asked(_KEY)
    proposal_id: strawberry.ID = asked("the proposal (议案)")
    version: int | None = optional("the version that the caller saw (版本)")


@strawberry.input(description="Draft the minutes from what is written down (起草纪要)")
class DraftMinutesInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    version: int | None = optional("version of the newest minutes; absent where there are none (版本)")
    text: str = asked("what the recorder adds (纪要)")


@strawberry.input(description="Sign the minutes (签字)")
class SignMinutesInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    version: int = asked("version of the minutes that the signer has read (版本)")
    digest: str = asked("digest of the minutes that the signer has read (摘要)")
    role: MinutesSigner = asked("as what (签字身份)")


@strawberry.input(description="Publish the minutes, when all have signed (公布纪要)")
class PublishMinutesInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the session (场次)")
    version: int = asked("version of the minutes (版本)")


@strawberry.type(description="The body (议事主体操作结果)")
class VotingBodyPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    body: VotingBody = filled("the body after it (议事主体)")


@strawberry.type(description="The dialogue (沟通日操作结果)")
class DialoguePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    dialogue: Dialogue = filled("the dialogue after it (沟通日)")


@strawberry.type(description="The proposal (议案操作结果)")
class ProposalPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    proposal: Proposal = filled("the proposal after it (议案)")


SessionId = Annotated[strawberry.ID, strawberry.argument(description="the session (场次)")]
InArea = Annotated[str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
InState = Annotated[ProposalState | None, strawberry.argument(description="in this state (状态)")]
Since = Annotated[Date | None, strawberry.argument(description="made from this day on (开始日期)")]
Until = Annotated[Date | None, strawberry.argument(description="made until this day (结束日期)")]
