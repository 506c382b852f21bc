"""A ticket and its state machine, which is data: errors, `Ticket.allowed`, events, tests and STATES.md are all made from DEEDS."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.chassis.errors import IllegalTransition
from services.tickets.domain import role
from services.tickets.domain.catalogue import Priority
from services.tickets.domain.role import Role


class Code(StrEnum):
    """A code, and the words that people read for it."""

    words: str

    def __new__(cls, value: str, words: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_, member.words = value, words
        return member


class Status(Code):
    """Where a ticket stands."""

    DRAFTED = "DRAFTED", "待受理"
    ACCEPTED = "ACCEPTED", "已受理"
    DISPATCHED = "DISPATCHED", "已派遣"
    SIGNED = "SIGNED", "已签收"
    IN_PROGRESS = "IN_PROGRESS", "办理中"
    AWAITING = "AWAITING", "挂起"
    RETURNED = "RETURNED", "退单待裁定"
    RESOLVED = "RESOLVED", "已办结"
    VERIFIED = "VERIFIED", "已核实"
    CALLED_BACK = "CALLED_BACK", "已回访"
    CLOSED = "CLOSED", "已归档"
    MERGED = "MERGED", "已并单"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    REFERRED_OUT = "REFERRED_OUT", "已转出"


S = Status
ENDS = (S.CLOSED, S.MERGED, S.WITHDRAWN, S.REFERRED_OUT)
OPEN = tuple(status for status in Status if status not in ENDS)
WITH_DEPARTMENT = (S.DISPATCHED, S.SIGNED, S.IN_PROGRESS, S.AWAITING)
"""The department has it: it owns the matter."""
UNDONE = (S.DRAFTED, S.ACCEPTED, *WITH_DEPARTMENT, S.RETURNED)
"""Nobody has said yet that it is done."""
MOST_RETURNS = 2
"""So often departments send a matter back before it is ruled which of them does it."""
MOST_ESCALATION = 3


class Source(StrEnum):
    """How a matter came in."""

    APP = "APP"
    WALK_IN = "WALK_IN"
    DUTY = "DUTY"
    GATHERING = "GATHERING"
    DIALOGUE = "DIALOGUE"
    HOTLINE = "HOTLINE"
    VISIT = "VISIT"
    MARKET_STALL = "MARKET_STALL"
    DEPARTMENT = "DEPARTMENT"


class Satisfaction(StrEnum):
    """What the person said at the callback (回访). A superior has said nothing or one of the first two (双满意)."""

    SATISFIED = "SATISFIED"
    DISSATISFIED = "DISSATISFIED"
    UNREACHED = "UNREACHED"


class AwaitingReason(Code):
    """Why a matter rests."""

    MATERIALS = "MATERIALS", "待补材料"
    OTHER_BODY = "OTHER_BODY", "待其他单位答复"
    PROCEDURE = "PROCEDURE", "法定程序"
    PERSON_AWAY = "PERSON_AWAY", "当事人不在"
    WEATHER = "WEATHER", "天气或农时"
    FUNDS = "FUNDS", "待资金安排"


class ReturnReason(Code):
    """Why a department sends a matter back."""

    NOT_OURS = "NOT_OURS", "非本部门职责"
    SEVERAL_DEPARTMENTS = "SEVERAL_DEPARTMENTS", "涉及多部门"
    UNCLEAR = "UNCLEAR", "诉求不清"
    DUPLICATE = "DUPLICATE", "重复工单"
    NO_POWER = "NO_POWER", "无管辖权"


class RulingReason(Code):
    """By what it is ruled which department does it."""

    BY_LAW = "BY_LAW", "依法律法规"
    BY_DUTIES = "BY_DUTIES", "依三定职责"
    BY_PLACE = "BY_PLACE", "依属地"
    FIRST_ASKED = "FIRST_ASKED", "首问负责"
    LEADERSHIP = "LEADERSHIP", "领导指定"


class ExtensionReason(Code):
    """Why a department needs more time."""

    COMPLEX = "COMPLEX", "情况复杂"
    SURVEY = "SURVEY", "需勘查鉴定"
    OTHER_BODY = "OTHER_BODY", "需其他单位配合"
    MATERIALS = "MATERIALS", "待补材料"
    WEATHER = "WEATHER", "天气或农时"
    FUNDS = "FUNDS", "待资金安排"


class Outcome(Code):
    """What was done when a matter is said to be done."""

    DONE = "DONE", "已办理"
    PARTLY = "PARTLY", "部分办理"
    EXPLAINED = "EXPLAINED", "已解释说明"
    PLANNED = "PLANNED", "列入计划"
    UNFOUNDED = "UNFOUNDED", "情况不属实"
    NOT_POSSIBLE = "NOT_POSSIBLE", "依规不能办理"


class ReworkReason(Code):
    """Why what is said to be done is not."""

    NOT_DONE = "NOT_DONE", "未办理"
    PARTLY_DONE = "PARTLY_DONE", "办理不全"
    BADLY_DONE = "BADLY_DONE", "质量不合格"
    NO_PROOF = "NO_PROOF", "缺少佐证"
    NOT_TOLD = "NOT_TOLD", "未告知当事人"


class WithdrawReason(Code):
    """Why a matter is taken back."""

    SETTLED = "SETTLED", "已自行解决"
    MISTAKE = "MISTAKE", "误报"
    NO_LONGER_WANTED = "NO_LONGER_WANTED", "不再需要"
    DUPLICATE = "DUPLICATE", "重复上报"
    NO_MATTER = "NO_MATTER", "不属受理范围"


class Referral(Code):
    """Where a matter goes that is not for the county to settle."""

    COURT = "COURT", "法院"
    PETITION = "PETITION", "信访"
    POLICE = "POLICE", "公安"
    ARBITRATION = "ARBITRATION", "仲裁"
    HIGHER_LEVEL = "HIGHER_LEVEL", "上级"


class HandOverReason(Code):
    """Why another unit takes charge."""

    BEYOND_POWERS = "BEYOND_POWERS", "超出本级权限"
    SEVERAL_PLACES = "SEVERAL_PLACES", "涉及多地"
    NEARER = "NEARER", "就近办理"
    ASKED_BY_SUPERIOR = "ASKED_BY_SUPERIOR", "上级交办或提办"
    INVOLVED = "INVOLVED", "需回避"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A matter. `area` is a code; `station` is the area whose unit is in charge, one that holds `area`; household, persons and plots are
    keys of the archive's, as they stood on `household_on`; `source_id` is the key of what it came from; `parent` that of whose part it is;
    `due_on` is the day that was agreed for the whole of it.
    """

    id: UUID
    number: str
    title: str
    description: str
    category: str
    priority: Priority = Priority.NORMAL
    source: Source
    source_id: str | None = None
    status: Status
    area: str
    station: str
    household: UUID | None = None
    household_on: date | None = None
    persons: tuple[UUID, ...] = ()
    plots: tuple[UUID, ...] = ()
    parent: UUID | None = None
    due_on: date | None = None
    department: str | None = None
    assignee: str | None = None
    version: int = 1
    reported_by: str
    reported_at: datetime
    updated_at: datetime
    returns: int = 0
    ruled: str | None = None
    reopened: bool = False
    awaiting_reason: str | None = None
    awaiting_until: datetime | None = None
    supervised_at: datetime | None = None
    escalation: int = 0
    satisfaction: Satisfaction | None = None
    superior_satisfaction: Satisfaction | None = None
    merged_into: UUID | None = None
    referred_to: str | None = None
    end_reason: str | None = None

    @property
    def owner(self) -> str:
        """Whose move it is: `department/<code>` or `area/<code>`, one at any time."""
        return f"department/{self.department}" if self.status in WITH_DEPARTMENT else f"area/{self.station}"

    @property
    def dissatisfied(self) -> bool:
        """Whether the person or a superior is."""
        return Satisfaction.DISSATISFIED in (self.satisfaction, self.superior_satisfaction)


TOLD = (
    *("category", "priority", "station", "department", "assignee", "awaiting_until", "escalation", "satisfaction"),
    *("superior_satisfaction", "merged_into", "referred_to"),
)
"""What of a ticket its history tells when a deed changes it."""


def station_of(area: str) -> str:
    """The area whose unit is in charge of a matter in `area` at first: the village, or what there is."""
    return area[:12]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a ticket's history; its number is the ticket's version after it. `data` is what else changed: codes and subjects."""

    ticket: UUID
    version: int
    at: datetime
    deed: str
    before: Status | None
    after: Status
    actor: str
    actor_role: str
    reason: str | None = None
    note: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Condition:
    """What must hold of a ticket beside its state. `sql` is the same over {t}; `why` says what is wrong where it does not hold."""

    rule: str
    words: str
    holds: Callable[[Ticket], bool]
    sql: str
    why: Callable[[Ticket], str]


_DISSATISFIED = "'DISSATISFIED' IN (coalesce({t}.satisfaction, ''), coalesce({t}.superior_satisfaction, ''))"
UNDECIDED = Condition(
    "ticket.returned_twice",
    "not after the second return: then ruleTicket decides",
    lambda ticket: ticket.status is not S.RETURNED or ticket.returns < MOST_RETURNS,
    f"({{t}}.status <> 'RETURNED' OR {{t}}.returns < {MOST_RETURNS})",
    lambda ticket: f"it was returned {ticket.returns} times: rule by ruleTicket which department does it",
)
UNRULED = Condition(
    "ticket.ruled",
    "not after a ruling that the department does it",
    lambda ticket: ticket.ruled is None,
    "{t}.ruled IS NULL",
    lambda ticket: f"it was ruled ({ticket.ruled}) that the department {ticket.department} does it",
)
DISSATISFIED = Condition(
    "ticket.dissatisfied",
    "somebody is dissatisfied",
    lambda ticket: ticket.dissatisfied,
    f"({_DISSATISFIED})",
    lambda _: "nobody is dissatisfied with it",
)
ONCE = Condition(
    "ticket.reopened_once",
    "it was not reopened before",
    lambda ticket: not ticket.reopened,
    "NOT {t}.reopened",
    lambda _: "it was reopened once already",
)
ANSWERED = Condition(
    "ticket.reopen_first",
    "nobody is dissatisfied, or it was reopened once",
    lambda ticket: ticket.reopened or not ticket.dissatisfied,
    f"({{t}}.reopened OR NOT ({_DISSATISFIED}))",
    lambda _: "somebody is dissatisfied: it is to be reopened once, with a new owner",
)


@dataclass(frozen=True)
class Deed:
    """What can be done. `name` is the GraphQL mutation, `past` the verb of history and events, `moves` from state to state.

    `roles` may do it where they are in charge (domain.access); who has several acts under the first that fits. `own` may do it to what they
    have reported, residents with `family` to what is of their household too. `above` asks for a unit above the one in charge, `owner` for
    the one whose move it is. `reasons` are the codes of which one must be given, or, where it has a default, can.
    """

    name: str
    past: str
    words: str
    roles: tuple[Role, ...]
    moves: Mapping[Status, Status] = field(default_factory=dict)
    own: tuple[Role, ...] = ()
    family: bool = False
    above: bool = False
    owner: bool = False
    reasons: type[Code] | None = None
    needs_note: bool = False
    conditions: tuple[Condition, ...] = ()

    @property
    def doers(self) -> frozenset[str]:
        """All who may, somewhere."""
        return frozenset({*self.roles, *self.own})

    def broken(self, ticket: Ticket) -> Condition | None:
        """The first condition that does not hold."""
        return next((condition for condition in self.conditions if not condition.holds(ticket)), None)


def stays(states: Iterable[Status]) -> dict[Status, Status]:
    return {state: state for state in states}


def to(state: Status, states: Iterable[Status]) -> dict[Status, Status]:
    return dict.fromkeys(states, state)


REPORT = Deed("reportTicket", "reported", "上报", role.REPORTERS)
ACCEPT = Deed("acceptTicket", "accepted", "受理", role.HANDLERS, {S.DRAFTED: S.ACCEPTED})
DISPATCH = Deed(
    "dispatchTicket",
    "dispatched",
    "派遣",
    role.HANDLERS,
    to(S.DISPATCHED, (S.ACCEPTED, S.RETURNED)),
    conditions=(UNDECIDED,),
)
SIGN = Deed("signTicket", "signed", "签收", role.OFFICERS, {S.DISPATCHED: S.SIGNED})
START = Deed("startTicket", "started", "开始办理", role.OFFICERS, {S.SIGNED: S.IN_PROGRESS})
SUSPEND = Deed(
    "suspendTicket",
    "suspended",
    "挂起",
    role.OFFICERS,
    {S.IN_PROGRESS: S.AWAITING},
    reasons=AwaitingReason,
    needs_note=True,
)
RESUME = Deed("resumeTicket", "resumed", "恢复办理", (*role.OFFICERS, *role.HANDLERS), {S.AWAITING: S.IN_PROGRESS})
RETURN = Deed(
    "returnTicket",
    "returned",
    "退单",
    role.OFFICERS,
    to(S.RETURNED, (S.DISPATCHED, S.SIGNED)),
    reasons=ReturnReason,
    needs_note=True,
    conditions=(UNRULED,),
)
RULE = Deed("ruleTicket", "ruled", "裁定", role.HANDLERS, {S.RETURNED: S.DISPATCHED}, reasons=RulingReason)
RESOLVE = Deed(
    "resolveTicket",
    "resolved",
    "办结",
    role.OFFICERS,
    to(S.RESOLVED, (S.SIGNED, S.IN_PROGRESS)),
    reasons=Outcome,
    needs_note=True,
)
VERIFY = Deed("verifyTicket", "verified", "核实", role.HANDLERS, {S.RESOLVED: S.VERIFIED})
REWORK = Deed("reworkTicket", "reworked", "退回重办", role.HANDLERS, {S.RESOLVED: S.IN_PROGRESS}, reasons=ReworkReason)
CALL_BACK = Deed(
    "callBackTicket",
    "called_back",
    "回访",
    role.CALLERS_BACK,
    {S.VERIFIED: S.CALLED_BACK},
    own=(Role.RESIDENT,),
    family=True,
)
REOPEN = Deed(
    "reopenTicket", "reopened", "重办", role.HANDLERS, {S.CALLED_BACK: S.DISPATCHED}, conditions=(ONCE, DISSATISFIED)
)
CLOSE = Deed("closeTicket", "closed", "归档", role.HANDLERS, {S.CALLED_BACK: S.CLOSED}, conditions=(ANSWERED,))
MERGE = Deed("mergeTicket", "merged", "并单", role.HANDLERS, to(S.MERGED, UNDONE))
WITHDRAW = Deed(
    "withdrawTicket",
    "withdrawn",
    "撤回",
    role.HANDLERS,
    to(S.WITHDRAWN, UNDONE),
    own=role.REPORTERS,
    reasons=WithdrawReason,
)
REFER = Deed(
    "referTicket",
    "referred",
    "转出",
    (*role.HANDLERS, Role.MEDIATOR),
    to(S.REFERRED_OUT, UNDONE),
    reasons=Referral,
    needs_note=True,
)
ASSIGN = Deed("assignTicket", "assigned", "指派", (*role.OFFICERS, *role.HANDLERS), stays(OPEN), owner=True)
HAND_OVER = Deed(
    "handOverTicket",
    "handed_over",
    "移交",
    role.HANDLERS,
    stays(status for status in OPEN if status not in WITH_DEPARTMENT),
    reasons=HandOverReason,
)
SUPERVISE = Deed("superviseTicket", "supervised", "督办", role.SUPERIORS, stays(OPEN), needs_note=True)
ESCALATE = Deed("escalateTicket", "escalated", "升级", role.HANDLERS, stays(OPEN))
RATE = Deed(
    "rateTicket", "rated", "上级评价", role.SUPERIORS, stays((S.RESOLVED, S.VERIFIED, S.CALLED_BACK)), above=True
)
REQUEST_EXTENSION = Deed(
    "requestExtension",
    "extension_requested",
    "申请延期",
    role.OFFICERS,
    stays(WITH_DEPARTMENT),
    reasons=ExtensionReason,
)
DECIDE_EXTENSION = Deed("decideExtension", "extension_decided", "延期审批", role.HANDLERS, stays(WITH_DEPARTMENT))
PRESS = Deed("linkCall", "pressed", "催办", (Role.HOTLINE_AGENT,), stays(OPEN))
"""A caller urges a matter on (催办): its state stays, its history says so."""
SEND_TEAM = Deed("sendTeam", "assisted", "派服务团队", (*role.HANDLERS, *role.OFFICERS), stays(OPEN))
MEDIATE = Deed("openMediation", "mediated", "启动调解", (*role.HANDLERS, Role.MEDIATOR), stays(OPEN))

MOVES = (
    *(ACCEPT, DISPATCH, SIGN, START, SUSPEND, RESUME, RETURN, RULE, RESOLVE, VERIFY, REWORK, CALL_BACK, REOPEN, CLOSE),
    *(MERGE, WITHDRAW, REFER, ASSIGN, HAND_OVER, SUPERVISE, ESCALATE, RATE, REQUEST_EXTENSION, DECIDE_EXTENSION),
)
"""All that changes a ticket and is asked for by its own name."""
DEEDS = (REPORT, *MOVES, PRESS, SEND_TEAM, MEDIATE)


def possible(ticket: Ticket) -> tuple[Deed, ...]:
    """The deeds that the ticket allows as it stands, whoever may do them."""
    return tuple(deed for deed in MOVES if ticket.status in deed.moves and deed.broken(ticket) is None)


def moved(ticket: Ticket, deed: Deed, at: datetime, *, may: Callable[[Deed], bool] = lambda _: True) -> Ticket:
    """The ticket after the deed, one version on; raises IllegalTransition where its state or a condition does not allow it.

    `may` says which deeds the caller could do, for the error to name those that are left to them.
    """
    status, broken = deed.moves.get(ticket.status), deed.broken(ticket)
    if status is None or broken is not None:
        left = [each.name for each in possible(ticket) if may(each)]
        then = f"it allows {', '.join(left)}" if left else "nothing more can be done with it"
        why = "" if status is None or broken is None else f" ({broken.why(ticket)})"
        raise IllegalTransition(
            f"{deed.name} is not possible while the ticket is {ticket.status.value}{why}: {then}",
            state=ticket.status.value,
            allowed=left,
            rule=None if status is None or broken is None else broken.rule,
        )
    if ticket.status is S.AWAITING and status is not S.AWAITING:
        ticket = replace(ticket, awaiting_reason=None, awaiting_until=None)
    return replace(ticket, status=status, version=ticket.version + 1, updated_at=at)


def sent(ticket: Ticket, department: str, assignee: str | None) -> Ticket:
    """The ticket with that department, and that person of it; a ruling binds only the department that it named."""
    ruled = ticket.ruled if department == ticket.department else None
    return replace(ticket, department=department, assignee=assignee, ruled=ruled)


def changes(before: Ticket, after: Ticket) -> dict[str, object]:
    """What the history tells beside the state: each of TOLD that has changed, as it is after the deed."""
    return {name: value for name in TOLD if (value := getattr(after, name)) != getattr(before, name)}


def number(day: date, serial: int) -> str:
    """The number that people quote: T, the day of the report in China, and a serial of at least six digits."""
    return f"T{day:%Y%m%d}-{serial:06d}"
