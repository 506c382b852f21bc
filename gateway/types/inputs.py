"""The mutations' inputs and payloads. Every input carries a client key (a UUID that the client chose for the deed): the same key twice has
one effect and the same answer.
"""

from typing import Any

import strawberry

from gateway.types.archive import Household, Sex, VisitNote
from gateway.types.declare import Date, DateTime, filled
from gateway.types.liaison import Duty
from gateway.types.tickets import Outcome, Satisfaction, Ticket, TicketPriority, TicketSource


def asked(description: str) -> Any:
    return strawberry.field(description=description)


def optional(description: str, default: Any = strawberry.UNSET) -> Any:
    return strawberry.field(description=description, default=default)


@strawberry.input(description="A new matter (上报)")
class ReportTicketInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    title: str = asked("title (标题)")
    description: str = asked("content (内容)")
    category: str = asked("category (类别)")
    area_code: str | None = optional("where it is; by default the household's village (区划代码)")
    household_id: strawberry.ID | None = optional("whose matter it is (农户)")
    household_on: Date | None = optional(
        "the day as of which household, persons and plots are meant; absent for today (信息时点)"
    )
    person_ids: list[strawberry.ID] | None = optional("persons concerned (涉及人员)")
    plot_ids: list[strawberry.ID] | None = optional("plots concerned (涉及地块)")
    source: TicketSource = optional("how it came in; residents report by APP (来源)", TicketSource.APP)


@strawberry.input(description="A step of a ticket (办理)")
class MoveTicketInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the ticket (事项)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    note: str | None = optional("remark (备注)")
    attachment_ids: list[strawberry.ID] | None = optional("documents of the ticket that the step brings (附件)")


@strawberry.input(description="Take a matter on (受理)")
class AcceptTicketInput(MoveTicketInput):
    category: str | None = optional("another category than it was reported with (类别)")
    priority: TicketPriority | None = optional("how pressing it is; absent for its category's (紧急程度)")


@strawberry.input(description="Give a matter to a department (分派)")
class DispatchTicketInput(MoveTicketInput):
    department_code: str | None = optional(
        "code of the department; absent for where the catalogue routes it (部门代码)"
    )
    assignee: str | None = optional("who of it: subject of the account (承办人)")


@strawberry.input(description="The department signs for a matter (签收)")
class SignTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="The department says that it is done, and how (办结)")
class ResolveTicketInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the ticket (事项)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    note: str = asked("what was done (办理结果)")
    outcome: Outcome = optional("the same in one word (办理结论)", Outcome.DONE)
    attachment_ids: list[strawberry.ID] | None = optional("documents of the ticket that the step brings (附件)")


@strawberry.input(description="Someone looked, and it is done (核实)")
class VerifyTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="The person was asked whether they are satisfied (回访)")
class CallBackTicketInput(MoveTicketInput):
    satisfaction: Satisfaction = asked("what they said (满意度)")


@strawberry.input(description="End a matter (归档)")
class CloseTicketInput(MoveTicketInput):
    pass


@strawberry.input(description="A note of a visit (走访记录)")
class AddVisitNoteInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    household_id: strawberry.ID = asked("the household that was visited (农户)")
    text: str = asked("what was seen and said (内容)")
    visited_on: Date = asked("day of the visit (走访日期)")
    promise: str | None = optional("category of what was promised; a promise opens a ticket (承诺事项类别)")
    confirmed: list[str] | None = optional("references of the facts that were found to be so (已核实信息)")
    confirm_all: bool = optional("whether all facts of the sheet were found to be so (全部核实)", default=False)


@strawberry.input(description="A member as the sheet shall show them (家庭成员)")
class MemberInput:
    id: strawberry.ID | None = optional("who of the present members; absent for a new one (成员)")
    name: str = asked("name (姓名)")
    id_number: str | None = optional("citizen's id number by GB 11643 (身份证号)")
    sex: Sex | None = optional("sex (性别)")
    birth_date: Date | None = optional("date of birth (出生日期)")
    relation: str = asked("relation to the head by GB/T 4761, code (与户主关系代码)")
    phone: str | None = optional("phone (电话)")
    id_number_override: str | None = optional(
        "why an id number with a wrong check digit stands as it is (校验豁免理由)"
    )
    ethnicity: str | None = optional("ethnic group by GB/T 3304, code (民族代码)")
    marital: str | None = optional("marital status by GB/T 2261.2, code (婚姻状况代码)")
    education: str | None = optional("education by GB/T 4658, code (学历代码)")
    health: str | None = optional("health by GB/T 2261.3, code (健康状况代码)")
    politics: str | None = optional("political affiliation by GB/T 4762, code (政治面貌代码)")


@strawberry.input(description="What of a household's sheet changes (修订档案)")
class ReviseHouseholdInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the household (农户)")
    version: int = asked("the version that the caller saw (版本)")
    address: str | None = optional("address (住址)")
    house: str | None = optional("the house itself (房屋情况)")
    grid_code: str | None = optional("code of the grid (网格代码)")
    members: list[MemberInput] | None = optional(
        "members that are added (without id) or changed; the others stay (家庭成员)"
    )


@strawberry.input(description="The cadre on duty is there (签到)")
class SignInForDutyInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    area: str = asked("code of the village (村代码)")
    date: Date = asked("the day (日期)")
    signed_at: DateTime | None = optional("when, if the phone was offline then (签到时间)")
    longitude: float | None = optional("where: longitude in WGS 84; compared with the station's, not kept (经度)")
    latitude: float | None = optional("latitude in WGS 84 (纬度)")
    accuracy_metres: float | None = optional("so far the phone may be from there (定位精度米)")


@strawberry.type(description="The new ticket (上报结果)")
class ReportTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")
    status_code: str = filled(
        "with it and the number anybody may ask where the matter stands, without an account; made where it is asked for, and told only now (查询码)"
    )


@strawberry.type(description="The ticket, taken on (受理结果)")
class AcceptTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, dispatched (分派结果)")
class DispatchTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, signed for (签收结果)")
class SignTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, resolved (办结结果)")
class ResolveTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, verified (核实结果)")
class VerifyTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, called back (回访结果)")
class CallBackTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The ticket, closed (归档结果)")
class CloseTicketPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (事项)")


@strawberry.type(description="The note and its household (走访记录结果)")
class AddVisitNotePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    visit_note: VisitNote = filled("the new note (走访记录)")
    household: Household = filled("the household after it (农户)")


@strawberry.type(description="The revised sheet (修订结果)")
class ReviseHouseholdPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household after it (农户)")


@strawberry.type(description="The duty, signed in (签到结果)")
class SignInForDutyPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    duty: Duty = filled("the duty after it (值班)")
