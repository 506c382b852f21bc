"""Suggestions, matters that liaison raised, contacts in clear, and figures of what was held (owner: liaison).

Edges to other services: Suggestion.ticket, Suggestion.household, RaisedMatter.ticket.
"""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.privacy import Purpose
from gateway.types.session import Session
from gateway.types.tickets import Satisfaction, TicketStatus

if TYPE_CHECKING:
    from gateway.types.archive import Household
    from gateway.types.tickets import Ticket

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="Where a suggestion stands (意见建议状态)")
class SuggestionState(Enum):
    RAISED = "RAISED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    DUPLICATE = "DUPLICATE"
    ANSWERED = "ANSWERED"
    SOLVED = "SOLVED"
    REOPENED = "REOPENED"


@strawberry.enum(description="Where something came up: duty, gathering, dialogue, market stall or app (来源)")
class LiaisonSource(Enum):
    DUTY = "DUTY"
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"
    MARKET_STALL = "MARKET_STALL"
    APP = "APP"


@strawberry.enum(
    description="Where a suggestion is raised outside of a session: at the station, or by the app (提出途径)"
)
class SuggestionPlace(Enum):
    DUTY = "DUTY"
    APP = "APP"


@strawberry.enum(description="What was done to a suggestion on a day (办理环节)")
class SuggestionDeed(Enum):
    RAISED = "RAISED"
    ACCEPTED = "ACCEPTED"
    ANSWERED = "ANSWERED"
    SOLVED = "SOLVED"


@strawberry.enum(description="What was done to a matter on a day (办理环节)")
class MatterDeed(Enum):
    RAISED = "RAISED"
    SOLVED = "SOLVED"


@strawberry.enum(description="A line for all, for each month, or for each township or village (统计口径)")
class LiaisonSpan(Enum):
    NONE = "NONE"
    MONTH = "MONTH"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


@strawberry.type(description="Whom to call about it, masked (联系方式)")
class LiaisonContact:
    name: str | None = filled("name, masked (姓名)")
    phone: str | None = filled("phone, masked (电话)")


@strawberry.type(description="A step of a suggestion (办理过程)")
class SuggestionStep:
    at: DateTime = filled("when (时间)")
    deed: str = filled("what was done (操作)")
    from_state: SuggestionState | None = filled("the state before it (原状态)")
    to_state: SuggestionState = filled("the state after it (新状态)")
    by: str | None = filled("who: subject of the account; null for an anonymous person (操作人)")
    note: str | None = filled("remark, or what shows that it is solved (说明)")


@strawberry.type(description="What liaison asked tickets to see to (转办事项)")
class RaisedMatter:
    source: LiaisonSource = filled("where it came up (来源)")
    area_code: str = filled("code of the area (区划代码)")
    category: str = filled("code of the category (类别代码)")
    department_code: str | None = filled("code of the department that is to do it (部门代码)")
    due: Date | None = filled("the last day on which all of it is to be done (办结期限)")
    raised_at: DateTime = filled("when it was raised (转办时间)")
    ticket_state: TicketStatus | None = filled("where its ticket stands; null until it is opened (事项状态)")
    satisfaction: Satisfaction | None = filled("what the callback found (满意度)")
    solved_at: DateTime | None = filled("when the person was satisfied with it (解决时间)")
    ticket: Annotated["Ticket", strawberry.lazy("gateway.types.tickets")] | None = filled(
        "its ticket; null until it is opened, or outside the caller's reach (事项)"
    )


@strawberry.type(description="A suggestion in the ledger (意见建议)")
class Suggestion(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    source: LiaisonSource = filled("where it was raised (来源)")
    session: Session | None = filled("the gathering or dialogue in which it was raised (集中或沟通日)")
    category: str = filled("code of the category (类别代码)")
    state: SuggestionState = filled("where it stands (状态)")
    text: str | None = filled("its words; of a published one, for everybody as they were reviewed (内容)")
    public_text: str | None = filled("its words as they were reviewed; null before it is published (公开内容)")
    anonymous: bool = filled("whether who raised it is withheld from all but those who host there (匿名)")
    raised_by: str | None = filled("who raised it: subject of the account; null where that is withheld (提出人)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "for which household; null for none, or where that is withheld (农户)"
    )
    contact: LiaisonContact | None = filled("whom to call back, masked; null where that is withheld (联系方式)")
    department_code: str | None = filled("code of the department whose it is (责任部门代码)")
    owner_area_code: str | None = filled("or code of the area whose unit has it; both null before (责任区划代码)")
    due: Date | None = filled("the last day on which it is to be answered (答复期限)")
    overdue: bool = filled("whether it is not answered though that day is past (逾期)")
    reason: str | None = filled("why it was declined (不予受理理由)")
    answer: str | None = filled("the answer (答复)")
    satisfaction: Satisfaction | None = filled("what the last callback found (满意度)")
    published_at: DateTime | None = filled("since when everybody may read it (公开时间)")
    supports: int = filled("how many support it (附议数)")
    supported: bool = filled("whether the caller does (本人已附议)")
    raised_at: DateTime = filled("when it was raised (提出时间)")
    accepted_on: Date | None = filled("the day on which it was accepted (受理日期)")
    answered_on: Date | None = filled("the day on which it was first answered (答复日期)")
    solved_on: Date | None = filled("the day on which it was solved; null where it was reopened (解决日期)")
    updated_at: DateTime = filled("when it last changed (更新时间)")
    version: int = filled("version (版本)")
    allowed: list[str] = filled("deeds that it allows the caller as it stands (可办操作)")
    history: list[SuggestionStep] = filled(
        "all steps, oldest first; none for whoever reads it because it is published (办理过程)", **first(200)
    )
    matter: RaisedMatter | None = filled("what was asked of tickets for it (转办事项)")
    ticket: Annotated["Ticket", strawberry.lazy("gateway.types.tickets")] | None = filled(
        "its ticket; null for none, or outside the caller's reach (事项)"
    )
    duplicate_of: "Suggestion | None" = filled("the one that says the same and goes on (并入)")
    duplicates: "list[Suggestion]" = filled("those that went with it (同类)", **first(100))


@strawberry.type(description="A suggestion and where it stands in the list")
class SuggestionEdge:
    node: Suggestion = filled("the suggestion")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of suggestions (意见建议列表)")
class SuggestionConnection:
    edges: list[SuggestionEdge] = filled("the page's suggestions")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A matter and where it stands in the list")
class RaisedMatterEdge:
    node: RaisedMatter = filled("the matter")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of matters (转办事项列表)")
class RaisedMatterConnection:
    edges: list[RaisedMatterEdge] = filled("the page's matters")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="That somebody was shown a contact in clear (联系方式查阅记录)")
class LiaisonDisclosure:
    at: DateTime = filled("when (时间)")
    account: str = filled("who: subject of the account (账号)")
    name: str | None = filled("their name (姓名)")
    roles: list[str] = filled("their roles then (角色)")
    area_codes: list[str] = filled("their areas then (区划代码)")
    department: str | None = filled("their department then (部门代码)")
    purpose: Purpose = filled("what for (用途)")
    visit_id: strawberry.ID | None = filled("of which visit (接待记录)")
    suggestion_id: strawberry.ID | None = filled("of which suggestion (意见建议)")
    area_code: str = filled("code of the area where that is (区划代码)")
    fields: list[str] = filled("what was shown: names, never values (内容项)")
    note: str | None = filled("remark (说明)")


@strawberry.type(description="A disclosure and where it stands in the list")
class LiaisonDisclosureEdge:
    node: LiaisonDisclosure = filled("the disclosure")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of disclosures (联系方式查阅记录列表)")
class LiaisonDisclosureConnection:
    edges: list[LiaisonDisclosureEdge] = filled("the page's disclosures")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A contact in clear (联系方式明文)")
class LiaisonContactInClear:
    name: str | None = filled("name (姓名)")
    phone: str | None = filled("phone, with the country's code (电话)")


@strawberry.type(description="One figure, and how to list what it counts (统计项)")
class LiaisonFigure:
    name: str = filled("which one, such as gatheringsHeld (统计项)")
    value: int = filled("how many (数值)")
    query: str = filled("the query whose list it counts, or sums up where it counts people (明细查询)")
    arguments: str = filled("that query's arguments, as a JSON object (明细查询参数)")


@strawberry.type(description="What was held and suggested in an area and period (工作统计)")
class LiaisonFigures:
    key: str = filled("the month, or the code of the township or village; empty for all (统计行)")
    area_code: str = filled("code of the area (区划代码)")
    from_: Date = strawberry.field(name="from", description="first day (起始日期)")
    to: Date = filled("last day (截止日期)")
    computed_at: DateTime = filled("when they were counted (统计时间)")
    counts: list[LiaisonFigure] = filled("the figures, always in the same order (统计项)", **first(100))


@strawberry.input(description="Whom to call back; at least one of the two (联系方式)")
class LiaisonContactInput:
    name: str | None = optional("name (姓名)")
    phone: str | None = optional("phone (电话)")


@strawberry.input(description="A suggestion (提出意见建议)")
class RaiseSuggestionInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID | None = optional("UUID made by a phone that was offline; a repetition counts once (离线标识)")
    area_code: str = asked("code of the village, or of a grid in it (区划代码)")
    text: str = asked("what is suggested (内容)")
    category: str = asked("code of the category (类别代码)")
    session_id: strawberry.ID | None = optional("the gathering or dialogue in which it is raised (集中或沟通日)")
    source: SuggestionPlace | None = optional("where, outside of a session; residents raise by APP (提出途径)")
    household_id: strawberry.ID | None = optional("for which household; a resident's own (农户)")
    contact: LiaisonContactInput | None = optional("whom to call back; kept sealed (联系方式)")
    anonymous: bool = optional("withhold who raises it from all but those who host there (匿名)", default=False)
    raised_at: DateTime | None = optional("when, if the phone was offline then (提出时间)")


@strawberry.input(description="A step of a suggestion (办理意见建议)")
class SuggestionStepInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the suggestion (意见建议)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")


@strawberry.input(description="Take a suggestion on (受理意见建议)")
class AcceptSuggestionInput(SuggestionStepInput):
    due: Date = asked("the last day on which it is to be answered (答复期限)")
    department_code: str | None = optional("code of the department whose it is (责任部门代码)")
    owner_area_code: str | None = optional("or of the area whose unit has it; by default the village (责任区划代码)")
    opens_matter: bool = optional("whether tickets see to it, due on that day (转办)", default=True)


@strawberry.input(description="Do not take a suggestion on (不予受理)")
class DeclineSuggestionInput(SuggestionStepInput):
    reason: str = asked("why, for everybody to read (理由)")


@strawberry.input(description="A suggestion says the same as another (并入同类意见)")
class MergeSuggestionInput(SuggestionStepInput):
    into: strawberry.ID = asked("the one that goes on (并入)")


@strawberry.input(description="Answer a suggestion (答复意见建议)")
class AnswerSuggestionInput(SuggestionStepInput):
    answer: str = asked("the answer, for everybody to read (答复)")


@strawberry.input(description="A suggestion is solved (认定解决)")
class SolveSuggestionInput(SuggestionStepInput):
    evidence: str = asked("what shows it (依据)")


@strawberry.input(description="What the person said when called back (登记回访)")
class NoteSuggestionCallbackInput(SuggestionStepInput):
    satisfaction: Satisfaction = asked("whether they are satisfied (满意度)")
    note: str | None = optional("remark (备注)")


@strawberry.input(description="Let everybody read a suggestion with its answer (公开意见建议)")
class PublishSuggestionInput(SuggestionStepInput):
    public_text: str | None = optional("its words as they may be read; by default as they were said (公开内容)")


@strawberry.input(description="Support a suggestion (附议)")
class SupportSuggestionInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the suggestion (意见建议)")


@strawberry.input(description="Show a contact in clear; it is written down (查看联系方式)")
class RevealLiaisonContactInput:
    client_key: strawberry.ID = asked(_KEY)
    visit_id: strawberry.ID | None = optional("of who came to a station (接待记录)")
    suggestion_id: strawberry.ID | None = optional("or of who raised a suggestion (意见建议)")
    purpose: Purpose = asked("what for (用途)")
    note: str | None = optional("which matter, in a few words without personal data (说明)")


@strawberry.type(description="The suggestion (意见建议操作结果)")
class SuggestionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    suggestion: Suggestion = filled("the suggestion after it (意见建议)")


@strawberry.type(description="The contact in clear (联系方式明文)")
class RevealLiaisonContactPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    contact: LiaisonContactInClear = filled("the values (内容)")


AreaCode = Annotated[str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
ThisArea = Annotated[str, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
InState = Annotated[SuggestionState | None, strawberry.argument(description="in this state (状态)")]
InSession = Annotated[
    strawberry.ID | None, strawberry.argument(description="raised in this gathering or dialogue (集中或沟通日)")
]
Owner = Annotated[
    str | None, strawberry.argument(description="whose they are: department/<code> or area/<code> (责任单位)")
]
Overdue = Annotated[bool | None, strawberry.argument(description="only those that are overdue, or only others (逾期)")]
Published = Annotated[bool | None, strawberry.argument(description="only published ones, or only others (公开)")]
Mine = Annotated[bool | None, strawberry.argument(description="only the caller's and their household's (本人提出)")]
Deed = Annotated[
    SuggestionDeed | None,
    strawberry.argument(description="what was done from `from` to `to`; by default it was raised (办理环节)"),
]
OfMatter = Annotated[
    MatterDeed | None,
    strawberry.argument(description="what was done from `from` to `to`; by default it was raised (办理环节)"),
]
OfSource = Annotated[LiaisonSource | None, strawberry.argument(description="where it came up (来源)")]
Since = Annotated[Date | None, strawberry.argument(name="from", description="first day, in China (起始日期)")]
Until = Annotated[Date | None, strawberry.argument(description="last day, in China (截止日期)")]
FirstDay = Annotated[Date, strawberry.argument(name="from", description="first day, in China (起始日期)")]
LastDay = Annotated[Date, strawberry.argument(description="last day, at most 366 days in all (截止日期)")]
By = Annotated[LiaisonSpan, strawberry.argument(description="what they are made by (统计口径)")]
