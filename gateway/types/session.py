"""Series of meetings, their sessions and who signs up (owner: liaison). Edges to other services: SignUp.household, SignUp.ticket."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.dialogue import Dialogue
from gateway.types.inputs import asked, optional

if TYPE_CHECKING:
    from gateway.types.archive import Household
    from gateway.types.tickets import Ticket

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="What is met for: a weekly gathering 集中, or a monthly dialogue 沟通日 (活动类型)")
class SessionKind(Enum):
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"


@strawberry.enum(description="Where a session stands; SKIPPED is for want of a workday (活动状态)")
class SessionState(Enum):
    PLANNED = "PLANNED"
    HELD = "HELD"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="What happens when the day is no workday (节假日规则)")
class SeriesPolicy(Enum):
    SKIP = "SKIP"
    NEXT_WORKDAY = "NEXT_WORKDAY"
    PREVIOUS_WORKDAY = "PREVIOUS_WORKDAY"


@strawberry.enum(description="Whether who is sent came (到场情况)")
class SessionStaffState(Enum):
    PLANNED = "PLANNED"
    CAME = "CAME"
    ABSENT = "ABSENT"


@strawberry.enum(description="Where a sign-up stands (报名状态)")
class SignUpState(Enum):
    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"
    ANSWERED = "ANSWERED"
    RAISED = "RAISED"


@strawberry.type(description="A series of meetings in the villages of an area (活动系列)")
class Series(Node):
    id: strawberry.ID = filled("global id")
    kind: SessionKind = filled("what is met for (活动类型)")
    area_code: str = filled("code of the area: there is a session in each of its villages (区划代码)")
    title: str = filled("title (标题)")
    weekday: int | None = filled("each week on this day, 1 is Monday; or day (星期)")
    day: int | None = filled("each month that has this day, on it (日)")
    policy: SeriesPolicy = filled("what happens when the day is no workday (节假日规则)")
    opens: str = filled("when a session begins, China's time, 09:00 (开始时间)")
    minutes: int = filled("how long it takes (时长分钟)")
    departments: list[str] = filled("codes of the departments of which each sends somebody (参加部门代码)")
    starts: Date = filled("first day (起始日期)")
    ends: Date | None = filled("last day (截止日期)")
    planned_until: Date | None = filled("up to when its sessions stand; null while they are being planned (已排至)")
    version: int = filled("version (版本)")


@strawberry.type(description="Whom a department sends to a session (参加人员)")
class SessionStaff:
    department: str = filled("code of the department (部门代码)")
    subject: str | None = filled("subject of the account; null where nobody is free (账号)")
    name: str | None = filled("name (姓名)")
    state: SessionStaffState = filled("whether they came (到场情况)")
    by_hand: bool = filled("whether somebody chose them (人工指定)")


@strawberry.type(description="How many signed up with a topic (报名议题)")
class SessionTopic:
    topic: str = filled("the topic (议题)")
    people: int = filled("how many (人数)")


@strawberry.type(description="A meeting in a village: a gathering or a dialogue (集中/沟通日活动)")
class Session(Node):
    id: strawberry.ID = filled("global id")
    series: Series | None = filled("its series (活动系列)")
    kind: SessionKind = filled("what is met for (活动类型)")
    area_code: str = filled("code of the village (村代码)")
    due: Date = filled("its day by the series (应办日期)")
    date: Date = filled("the day on which it is, or would be (日期)")
    opens: str = filled("when it begins, China's time, 09:00 (开始时间)")
    minutes: int = filled("how long it takes (时长分钟)")
    begins: DateTime = filled("the instant at which it begins (开始时刻)")
    ends: DateTime = filled("the instant at which it ends (结束时刻)")
    state: SessionState = filled("where it stands (状态)")
    reason: str | None = filled("why it was moved, skipped or cancelled (原因)")
    by_hand: bool = filled("whether somebody moved or cancelled it (人工调整)")
    topic: str | None = filled("what it is about (主题)")
    outcome: str | None = filled("what came of it (成果)")
    people: int | None = filled("how many came (到场人数)")
    held_by: str | None = filled("who wrote down that it was held: subject of the account (登记人)")
    held_at: DateTime | None = filled("when it was held (举行时间)")
    staff: list[SessionStaff] = filled("whom the departments send (参加人员)", **first(50))
    gaps: int = filled("how many departments have nobody free (缺员部门数)")
    topics: list[SessionTopic] = filled("what people signed up with, the most asked for first (报名议题)", **first(50))
    signed_up: int = filled("how many signed up (报名人数)")
    sign_ups: list["SignUp"] = filled(
        "who signed up, as far as it is the caller's own or of their village (报名人员)", **first(100)
    )
    dialogue: Dialogue | None = filled("what is written down of a dialogue; null for a gathering (沟通日记录)")
    version: int = filled("version (版本)")


@strawberry.type(description="A session and where it stands in the list")
class SessionEdge:
    node: Session = filled("the session")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of sessions (活动列表)")
class SessionConnection:
    edges: list[SessionEdge] = filled("the page's sessions")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Somebody will come to a gathering, with a topic (报名)")
class SignUp(Node):
    id: strawberry.ID = filled("global id")
    session: Session = filled("the gathering (集中活动)")
    subject: str | None = filled("who: subject of the account; null where staff did it for somebody (账号)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] | None = filled(
        "the household concerned; null outside the caller's reach (农户)"
    )
    topic: str = filled("what they come with (议题)")
    state: SignUpState = filled("where it stands (状态)")
    outcome: str | None = filled("what was answered (答复)")
    ticket: Annotated["Ticket", strawberry.lazy("gateway.types.tickets")] | None = filled(
        "the matter that was raised of it; null until it is, and outside the caller's reach (事情单)"
    )
    signed_by: str = filled("who signed up: subject of the account (登记人)")
    signed_at: DateTime = filled("when (报名时间)")
    ended_by: str | None = filled("who withdrew, answered or raised it: subject of the account (办理人)")
    ended_at: DateTime | None = filled("when (办理时间)")
    version: int = filled("version (版本)")


@strawberry.type(description="A sign-up and where it stands in the list")
class SignUpEdge:
    node: SignUp = filled("the sign-up")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of sign-ups (报名列表)")
class SignUpConnection:
    edges: list[SignUpEdge] = filled("the page's sign-ups")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="Set a series of meetings, or anew (设置活动系列)")
class SetSeriesInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID | None = optional("the series; absent for a new one (活动系列)")
    version: int | None = optional("the version that the caller saw (版本)")
    kind: SessionKind = asked("what is met for; it stays (活动类型)")
    area_code: str = asked("code of the area: there is a session in each of its villages (区划代码)")
    title: str = asked("title (标题)")
    weekday: int | None = optional("each week on this day, 1 is Monday; or day (星期)")
    day: int | None = optional("each month that has this day, on it (日)")
    policy: SeriesPolicy = asked("what happens when the day is no workday (节假日规则)")
    opens: str = asked("when a session begins, China's time, 09:00 (开始时间)")
    minutes: int = asked("how long it takes, 15 to 600 (时长分钟)")
    departments: list[str] = strawberry.field(
        description="codes of the departments of which each sends somebody (参加部门代码)", default_factory=list
    )
    starts: Date = asked("first day (起始日期)")
    ends: Date | None = optional("last day (截止日期)")


@strawberry.input(description="End a series (终止活动系列)")
class EndSeriesInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the series (活动系列)")
    version: int | None = optional("the version that the caller saw (版本)")
    ends: Date | None = optional("last day; by default today (截止日期)")


@strawberry.input(description="A change of a session (活动操作)")
class ChangeSessionInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the session (活动)")
    version: int | None = optional("the version that the caller saw (版本)")


@strawberry.input(description="Another day or time; there it stays when the series is planned again (调整活动日期)")
class MoveSessionInput(ChangeSessionInput):
    date: Date = asked("the day (日期)")
    opens: str | None = optional("when it begins, China's time, 09:00; absent for the same time (开始时间)")
    reason: str = asked("why (原因)")


@strawberry.input(description="It will not be held (取消活动)")
class CancelSessionInput(ChangeSessionInput):
    reason: str = asked("why (原因)")


@strawberry.input(description="What it will be about (设置主题)")
class SetTopicInput(ChangeSessionInput):
    topic: str = asked("topic (主题)")


@strawberry.input(description="Choose whom a department sends (指定参加人员)")
class AssignStaffInput(ChangeSessionInput):
    department: str = asked("code of the department (部门代码)")
    subject: str = asked("whom: subject of the account (账号)")


@strawberry.input(description="It was held; a repeat changes nothing (登记活动情况)")
class HoldSessionInput(ChangeSessionInput):
    people: int = asked("how many came (到场人数)")
    topic: str | None = optional("what it was about (主题)")
    outcome: str | None = optional("what came of it (成果)")
    came: list[str] | None = optional(
        "codes of the departments whose cadre came; absent where that is not known (到场部门代码)"
    )
    held_at: DateTime | None = optional("when, if the phone was offline then (举行时间)")


@strawberry.input(description="Sign up for a gathering (报名)")
class SignUpInput:
    client_key: strawberry.ID = asked(_KEY)
    session_id: strawberry.ID = asked("the gathering (集中活动)")
    topic: str = asked("what one comes with; everybody reads it, so no names (议题)")
    household_id: strawberry.ID | None = optional("the household; by default a resident's own (农户)")


@strawberry.input(description="Will not come after all (撤回报名)")
class WithdrawSignUpInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the sign-up (报名)")


@strawberry.input(description="They came, and were answered (答复报名)")
class AnswerSignUpInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the sign-up (报名)")
    outcome: str = asked("what was answered (答复)")


@strawberry.input(description="They came, and it becomes a matter (报名转事情单)")
class RaiseSignUpInput:
    client_key: strawberry.ID = asked(_KEY)
    id: strawberry.ID = asked("the sign-up (报名)")
    category: str = asked("code of the matter's category (类别)")
    department: str | None = optional("code of the department that is to do it (部门代码)")
    due: Date | None = optional("the last day on which all of it is to be done (办结期限)")
    outcome: str | None = optional("what was answered there (答复)")


@strawberry.type(description="The series after it (活动系列结果)")
class SeriesPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    series: Series = filled("the series after it (活动系列)")


@strawberry.type(description="The session after it (活动操作结果)")
class SessionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    session: Session = filled("the session after it (活动)")


@strawberry.type(description="The sign-up after it (报名操作结果)")
class SignUpPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    sign_up: SignUp = filled("the sign-up after it (报名)")


AreaCode = Annotated[
    str | None, strawberry.argument(description="area code: all villages that begin with it (区划代码)")
]
AroundArea = Annotated[
    str | None, strawberry.argument(description="code of an area that they concern, or that holds theirs (区划代码)")
]
OfKind = Annotated[SessionKind | None, strawberry.argument(description="of this kind (活动类型)")]
InState = Annotated[SessionState | None, strawberry.argument(description="in this state (状态)")]
Since = Annotated[Date | None, strawberry.argument(name="from", description="first day (开始日期)")]
Until = Annotated[Date | None, strawberry.argument(name="to", description="last day (结束日期)")]
Subject = Annotated[
    str | None, strawberry.argument(description="to which they are sent: subject of the account (参加人员账号)")
]
Gap = Annotated[
    bool | None,
    strawberry.argument(description="only those to which a department has nobody to send, or only others (缺员)"),
]
OfSession = Annotated[strawberry.ID | None, strawberry.argument(description="of this gathering (集中活动)")]
SignUpIn = Annotated[SignUpState | None, strawberry.argument(description="in this state (状态)")]
