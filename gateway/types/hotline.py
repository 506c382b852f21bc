"""The hotline (owner: tickets): calls, callers, callbacks, contacts and who was shown them in clear, measures."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled
from gateway.types.inputs import asked, optional
from gateway.types.privacy import Purpose
from gateway.types.tickets import Department, Ticket

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.enum(description="Which way a call goes (呼叫方向)")
class CallDirection(Enum):
    IN = "IN"
    OUT = "OUT"


@strawberry.enum(
    description="How the caller was told that the call is recorded: by a voice, or by the agent (录音告知方式)"
)
class RecordingNotice(Enum):
    PLAYED = "PLAYED"
    ANNOUNCED = "ANNOUNCED"


@strawberry.enum(description="How an attempt to call back ended (回访拨打结果)")
class CallbackOutcome(Enum):
    REACHED = "REACHED"
    UNREACHED = "UNREACHED"
    BUSY = "BUSY"


@strawberry.enum(description="What the measures are made by; HOUR is the hour of the day (统计口径)")
class HotlineSpan(Enum):
    TOTAL = "TOTAL"
    HOUR = "HOUR"
    DAY = "DAY"
    AGENT = "AGENT"
    TRUNK = "TRUNK"


@strawberry.type(description="A call of the hotline (来电)")
class Call(Node):
    id: strawberry.ID = filled("global id")
    trunk: str | None = filled("code of the line; null where an agent noted the call (线路代码)")
    area_code: str = filled("code of the area that the line is for (区划代码)")
    direction: CallDirection = filled("which way it went (呼叫方向)")
    agent: str | None = filled("who answered: subject of the account (话务员)")
    number: str | None = filled("the other side's number, masked (对方号码)")
    begun_at: DateTime = filled("when it rang, or the first that is known of it (开始时间)")
    rung_at: DateTime | None = filled("when it rang (振铃时间)")
    answered_at: DateTime | None = filled("when it was answered (接听时间)")
    ended_at: DateTime | None = filled("when it ended (结束时间)")
    wait_seconds: int | None = filled("seconds from ringing to answer (等待秒数)")
    talk_seconds: int | None = filled("seconds from answer to end (通话秒数)")
    notice: RecordingNotice | None = filled("how the caller was told of the recording (录音告知方式)")
    recorded: bool = filled("whether there is a recording (有录音)")
    transcribed: bool = filled("whether there is a transcript (有转写)")
    keep_until: DateTime = filled("then number, recording and transcript are forgotten (保存期限)")
    forgotten_at: DateTime | None = filled("when they were (清除时间)")
    tickets: list[Ticket] = filled("what it opened or was about (关联事项)")


@strawberry.type(description="A call and where it stands in the list")
class CallEdge:
    node: Call = filled("the call")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of calls (来电列表)")
class CallConnection:
    edges: list[CallEdge] = filled("the page's calls")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="What was said in a call, for hotline agents (录音与转写)")
class CallRecord:
    recording_uri: str | None = filled("where the recording is (录音地址)")
    recording_sha256: str | None = filled("SHA-256 of its bytes, hexadecimal (录音校验值)")
    transcript: str | None = filled("what was said (转写文本)")
    keep_until: DateTime = filled("then both are forgotten (保存期限)")


@strawberry.type(description="Who calls, by their number (来电人)")
class Caller:
    number: str | None = filled("the number, masked; null where nobody has called from it (号码)")
    call_count: int = filled("how often they have called (来电次数)")
    open_tickets: list[Ticket] = filled("matters of that number that have not ended, newest first (未办结事项)")
    calls: list[Call] = filled("their last calls, newest first (最近来电)")


@strawberry.type(description="A matter that waits for its callback (待回访)")
class Callback:
    ticket: Ticket = filled("the matter (事项)")
    since: DateTime = filled("when it was verified (核实时间)")
    attempts: int = filled("how often it was tried since (已拨打次数)")
    last_attempt_at: DateTime | None = filled("when it was tried last (最近拨打时间)")
    last_outcome: CallbackOutcome | None = filled("how that ended (最近拨打结果)")
    claimed_by: str | None = filled("who took it last: subject of the account (领取人)")
    claimed_until: DateTime | None = filled("until when it is theirs (领取有效期)")


@strawberry.type(description="A callback and where it stands in the queue")
class CallbackEdge:
    node: Callback = filled("the callback")
    cursor: str = filled("its place in the queue")


@strawberry.type(description="A page of the queue (待回访列表)")
class CallbackConnection:
    edges: list[CallbackEdge] = filled("the page's callbacks")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="That somebody was shown a contact in clear (联系方式查阅记录)")
class Disclosure:
    at: DateTime = filled("when (时间)")
    account: str = filled("subject of the account (账号)")
    name: str | None = filled("whose account (姓名)")
    roles: list[str] = filled("their roles then (角色代码)")
    area_codes: list[str] = filled("the areas that they served then (所属区域代码)")
    department: str | None = filled("code of their department (部门代码)")
    purpose: Purpose = filled("what for (用途)")
    area_code: str = filled("code of the area that the matter is of (区划代码)")
    fields: list[str] = filled("names of what was shown (内容)")
    note: str | None = filled("which matter, in a few words (说明)")
    ticket: Ticket | None = filled("the matter whose contact it was (事项)")
    call: Call | None = filled("or the call whose number it was (来电)")


@strawberry.type(description="A disclosure and where it stands in the list")
class DisclosureEdge:
    node: Disclosure = filled("the disclosure")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of disclosures (查阅记录列表)")
class DisclosureConnection:
    edges: list[DisclosureEdge] = filled("the page's disclosures")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Who does a permit or certificate for an area and all in it (事项经办人)")
class ItemClerk:
    item_code: str = filled("code of the category or service item (事项代码)")
    area_code: str = filled("code of the area (区划代码)")
    department: Department = filled("the department (承办部门)")
    subject: str = filled("subject of the clerk's account (经办人)")
    active: bool = filled("whether matters go to them (启用)")


@strawberry.type(description="How the hotline answers, by GB/T 33358 (热线服务指标)")
class HotlineMeasure:
    key: str = filled("the hour 00 to 23, the day, the agent or the line; all; - where none is known (统计项)")
    calls: int = filled("calls that came in (呼入量)")
    answered: int = filled("of these, answered (接通量)")
    answered_in_time: int = filled("of these, within 15 seconds (限时接通量)")
    connect_rate: float | None = filled("share of calls that were answered (接通率)")
    in_time_rate: float | None = filled("share of calls that were answered within 15 seconds (限时接通率)")
    goal_met: bool = filled("whether the share answered is the goal's, 95 % (接通率达标)")
    mean_wait_seconds: float | None = filled("mean seconds from ringing to answer (平均等待秒数)")
    mean_talk_seconds: float | None = filled("mean seconds from answer to end (平均通话秒数)")


@strawberry.type(description="A contact in clear (联系方式明文)")
class RevealedContact:
    name: str | None = filled("name (姓名)")
    phone: str | None = filled("phone, with the country's code (电话)")
    email: str | None = filled("email (邮箱)")


@strawberry.input(description="Whom to call or write to; at least one of the three (联系方式)")
class ContactInput:
    name: str | None = optional("name (姓名)")
    phone: str | None = optional("phone (电话)")
    email: str | None = optional("email (邮箱)")


@strawberry.input(description="A call that no telephone system told of (登记来电)")
class NoteCallInput:
    client_key: strawberry.ID = asked(_KEY)
    area_code: str = asked("the area whose hotline it is (区划代码)")
    phone: str | None = optional("the other side's number (对方号码)")
    direction: CallDirection = optional("which way it went (呼叫方向)", CallDirection.IN)
    rung_at: DateTime = asked("when it began (开始时间)")
    answered_at: DateTime | None = optional("when it was answered (接听时间)")
    ended_at: DateTime | None = optional("when it ended (结束时间)")
    notice: RecordingNotice | None = optional("how the caller was told of a recording (录音告知方式)")


@strawberry.input(description="A matter that a caller tells of (电话登记事项)")
class ReportByPhoneInput:
    client_key: strawberry.ID = asked(_KEY)
    call_id: strawberry.ID = asked("the call; it may open several (来电)")
    title: str = asked("title (标题)")
    description: str = asked("content (内容)")
    category: str = asked("category (类别)")
    area_code: str = asked("where it is (区划代码)")
    item_code: str | None = optional(
        "the permit or certificate, if it is about one: it goes straight to its clerk (办事事项代码)"
    )
    household_id: strawberry.ID | None = optional("whose matter it is (农户)")
    contact: ContactInput | None = optional("whom to call back; by default the caller's number (联系方式)")


@strawberry.input(description="A call is about a matter that is there (关联来电)")
class LinkCallInput:
    client_key: strawberry.ID = asked(_KEY)
    call_id: strawberry.ID = asked("the call (来电)")
    ticket_id: strawberry.ID = asked("the matter (事项)")
    press: str | None = optional("what the caller urges; the matter's history says so (催办内容)")


@strawberry.input(description="Whom to call about a matter (登记联系方式)")
class SetContactInput:
    client_key: strawberry.ID = asked(_KEY)
    ticket_id: strawberry.ID = asked("the matter (事项)")
    contact: ContactInput = asked("takes the place of the present one (联系方式)")


@strawberry.input(description="Show a contact in clear; it is written down (查看联系方式)")
class RevealContactInput:
    client_key: strawberry.ID = asked(_KEY)
    ticket_id: strawberry.ID | None = optional("a matter's contact (事项)")
    call_id: strawberry.ID | None = optional("or a call's number (来电)")
    purpose: Purpose = asked("what for (用途)")
    note: str | None = optional("which matter, in a few words without personal data (说明)")


@strawberry.input(description="Take a callback for oneself, for a while (领取回访)")
class ClaimCallbackInput:
    client_key: strawberry.ID = asked(_KEY)
    ticket_id: strawberry.ID = asked("the matter (事项)")


@strawberry.input(description="How an attempt to call back ended (登记回访拨打)")
class NoteCallbackInput:
    client_key: strawberry.ID = asked(_KEY)
    ticket_id: strawberry.ID = asked("the matter (事项)")
    outcome: CallbackOutcome = asked("how it ended (拨打结果)")


@strawberry.input(description="Who does a permit or certificate for an area (设置事项经办人)")
class ReviseItemClerkInput:
    client_key: strawberry.ID = asked(_KEY)
    item_code: str = asked("code of the category or service item (事项代码)")
    area_code: str = asked("code of the area (区划代码)")
    department_code: str = asked("code of the department (部门代码)")
    subject: str = asked("subject of the clerk's account (经办人)")
    active: bool = optional("whether matters go to them (启用)", default=True)


@strawberry.type(description="The call (来电操作结果)")
class CallPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    call: Call = filled("the call after it (来电)")


@strawberry.type(description="The matter (事项操作结果)")
class CallTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the matter after it (事项)")


@strawberry.type(description="The contact in clear (联系方式明文)")
class RevealContactPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    contact: RevealedContact = filled("the values (内容)")


@strawberry.type(description="The callback (回访操作结果)")
class CallbackPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    callback: Callback = filled("the callback after it (待回访)")


@strawberry.type(description="The clerk (事项经办人)")
class ItemClerkPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    item_clerk: ItemClerk = filled("the clerk after it (经办人)")


Area = Annotated[
    str | None,
    strawberry.argument(description="area code: all areas that begin with it; absent for the caller's own (区划代码)"),
]
From = Annotated[Date, strawberry.argument(name="from", description="first day, in China (开始日期)")]
To = Annotated[Date, strawberry.argument(name="to", description="last day, in China; at most 366 days (结束日期)")]
By = Annotated[HotlineSpan, strawberry.argument(description="what they are made by (统计口径)")]
Agent = Annotated[str | None, strawberry.argument(description="subject of an agent's account (话务员)")]
Unlinked = Annotated[bool | None, strawberry.argument(description="true: those without a matter (未关联事项)")]
CallId = Annotated[strawberry.ID | None, strawberry.argument(description="a call (来电)")]
Phone = Annotated[str | None, strawberry.argument(description="or a phone number (电话)")]
TicketId = Annotated[strawberry.ID | None, strawberry.argument(description="of one matter (事项)")]
Item = Annotated[str | None, strawberry.argument(description="code of a category or service item (事项代码)")]
