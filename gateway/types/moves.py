"""The side moves of a ticket (owner: tickets): their codes and inputs. The main way is in inputs.py."""

from enum import Enum

import strawberry

from gateway.types.declare import DateTime, filled
from gateway.types.inputs import MoveTicketInput, asked, optional
from gateway.types.tickets import Satisfaction, Ticket


@strawberry.enum(description="Why a matter rests (挂起原因)")
class AwaitingReason(Enum):
    MATERIALS = "MATERIALS"
    OTHER_BODY = "OTHER_BODY"
    PROCEDURE = "PROCEDURE"
    PERSON_AWAY = "PERSON_AWAY"
    WEATHER = "WEATHER"
    FUNDS = "FUNDS"


@strawberry.enum(description="Why a department sends a matter back (退单原因)")
class ReturnReason(Enum):
    NOT_OURS = "NOT_OURS"
    SEVERAL_DEPARTMENTS = "SEVERAL_DEPARTMENTS"
    UNCLEAR = "UNCLEAR"
    DUPLICATE = "DUPLICATE"
    NO_POWER = "NO_POWER"


@strawberry.enum(description="By what it is ruled which department does it (裁定依据)")
class RulingReason(Enum):
    BY_LAW = "BY_LAW"
    BY_DUTIES = "BY_DUTIES"
    BY_PLACE = "BY_PLACE"
    FIRST_ASKED = "FIRST_ASKED"
    LEADERSHIP = "LEADERSHIP"


@strawberry.enum(description="Why what is said to be done is not (重办原因)")
class ReworkReason(Enum):
    NOT_DONE = "NOT_DONE"
    PARTLY_DONE = "PARTLY_DONE"
    BADLY_DONE = "BADLY_DONE"
    NO_PROOF = "NO_PROOF"
    NOT_TOLD = "NOT_TOLD"


@strawberry.enum(description="Why a matter is taken back (撤回原因)")
class WithdrawReason(Enum):
    SETTLED = "SETTLED"
    MISTAKE = "MISTAKE"
    NO_LONGER_WANTED = "NO_LONGER_WANTED"
    DUPLICATE = "DUPLICATE"
    NO_MATTER = "NO_MATTER"


@strawberry.enum(description="Where a matter goes that is not the county's to settle (转出去向)")
class Referral(Enum):
    COURT = "COURT"
    PETITION = "PETITION"
    POLICE = "POLICE"
    ARBITRATION = "ARBITRATION"
    HIGHER_LEVEL = "HIGHER_LEVEL"


@strawberry.enum(description="Why another unit takes charge (移交原因)")
class HandOverReason(Enum):
    BEYOND_POWERS = "BEYOND_POWERS"
    SEVERAL_PLACES = "SEVERAL_PLACES"
    NEARER = "NEARER"
    ASKED_BY_SUPERIOR = "ASKED_BY_SUPERIOR"
    INVOLVED = "INVOLVED"


@strawberry.input(description="The department begins to work on it (开始办理)")
class StartTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="The matter rests; the note says for what (挂起)")
class SuspendTicketInput(MoveTicketInput):
    reason: AwaitingReason = asked("why (原因)")
    until: DateTime = asked("until when at most, within a year (截止时间)")


@strawberry.input(description="The matter rests no more (恢复办理)")
class ResumeTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="The department sends the matter back; the note says why it is not its own (退单)")
class ReturnTicketInput(MoveTicketInput):
    reason: ReturnReason = asked("why (原因)")


@strawberry.input(description="Rule which department does it; it cannot send it back any more (裁定)")
class RuleTicketInput(MoveTicketInput):
    reason: RulingReason = asked("by what (依据)")
    department_code: str = asked("code of the department (部门代码)")
    assignee: str | None = optional("who of it: subject of the account (承办人)")


@strawberry.input(description="It is not done: the department goes on (退回重办)")
class ReworkTicketInput(MoveTicketInput):
    reason: ReworkReason = asked("why (原因)")


@strawberry.input(
    description="Do a matter again with which somebody is dissatisfied; at least one of them is new (重新办理)"
)
class ReopenTicketInput(MoveTicketInput):
    department_code: str | None = optional("another department; absent for the same (部门代码)")
    assignee: str | None = optional("another person: subject of the account (承办人)")


@strawberry.input(description="It is one with another matter, which goes on (并单)")
class MergeTicketInput(MoveTicketInput):
    into: strawberry.ID = asked("the ticket that goes on (并入事项)")


@strawberry.input(description="Take a matter back (撤回)")
class WithdrawTicketInput(MoveTicketInput):
    reason: WithdrawReason = asked("why (原因)")


@strawberry.input(description="It is not the county's to settle; the note says why (转出)")
class ReferTicketInput(MoveTicketInput):
    to: Referral = asked("where it goes (去向)")


@strawberry.input(description="Name the person who does it, of those whose move it is (指派)")
class AssignTicketInput(MoveTicketInput):
    assignee: str | None = asked("subject of the account; null for nobody in particular (承办人)")


@strawberry.input(description="Another unit of the network takes charge (移交)")
class HandOverTicketInput(MoveTicketInput):
    station: str = asked("code of the village, township or county, in which the matter lies (接收单位区划)")
    reason: HandOverReason = asked("why (原因)")


@strawberry.input(description="Require that a matter be done; the note says by when or how (督办)")
class SuperviseTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="Bring a matter before the next level, 3 at most (升级)")
class EscalateTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="Say as the superior of the unit in charge whether one is satisfied (上级评价)")
class RateTicketInput(MoveTicketInput):
    satisfaction: Satisfaction = asked("SATISFIED or DISSATISFIED (满意度)")


@strawberry.type(description="The ticket after a deed (办理结果)")
class MoveTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")
