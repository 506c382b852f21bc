"""Service centres, their windows, items and queues, and intakes of several items (owner: tickets)."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled
from gateway.types.inputs import asked, optional
from gateway.types.tickets import Department, Ticket


@strawberry.enum(description="A kind of day of a timetable (日期类型)")
class OpenOn(Enum):
    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"


@strawberry.enum(description="Where an item can be handled (办理层级)")
class ServiceLevel(Enum):
    VILLAGE = "VILLAGE"
    TOWNSHIP = "TOWNSHIP"
    COUNTY = "COUNTY"


@strawberry.enum(description="Where a number stands; VOID: it was not served on its day (排队状态)")
class QueueStatus(Enum):
    WAITING = "WAITING"
    CALLED = "CALLED"
    SERVING = "SERVING"
    FINISHED = "FINISHED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    VOID = "VOID"


@strawberry.enum(description="What came of a visit to a window (办理结果)")
class QueueOutcome(Enum):
    DONE = "DONE"
    ACCEPTED = "ACCEPTED"
    MATERIALS_MISSING = "MATERIALS_MISSING"
    ADVISED = "ADVISED"
    ELSEWHERE = "ELSEWHERE"


@strawberry.enum(description="What figures are made for (统计维度)")
class QueuePer(Enum):
    CENTRE = "CENTRE"
    GROUP = "GROUP"
    WINDOW = "WINDOW"
    DAY = "DAY"


@strawberry.enum(description="A DRAFT waits for papers, OPENED has its tickets (收件状态)")
class IntakeStatus(Enum):
    DRAFT = "DRAFT"
    OPENED = "OPENED"


@strawberry.type(description="A paper that an item asks for (申请材料)")
class Material:
    code: str = filled("code: one code is one paper, whichever items ask for it (材料代码)")
    name: str = filled("name (材料名称)")
    original: bool = filled("whether the original is looked at (核验原件)")
    copies: int = filled("how many copies stay (复印件份数)")


@strawberry.type(description="What can be handled at a window (办事事项)")
class ServiceItem:
    code: str = filled("code (事项代码)")
    name: str = filled("name (事项名称)")
    category: str = filled("code of the category of its matters (类别)")
    legal_basis: str = filled("legal basis (法律依据)")
    limit_days: int = filled("limit in working days; 0 is at once (办理时限)")
    fee: float = filled("fee in yuan (收费)")
    agent: bool = filled("whether an agent may run it (可代办)")
    departments: list[Department] = filled("departments concerned, the leading first (办理部门)")
    levels: list[ServiceLevel] = filled("where it can be handled (办理层级)")
    materials: list[Material] = filled("the papers that it asks for (申请材料)")
    withdrawn: bool = filled("whether it is not handled any more (已取消)")
    effective_on: Date = filled("the day from which it is so (生效日期)")


@strawberry.type(description="A service item and where it stands in the list")
class ServiceItemEdge:
    node: ServiceItem = filled("the item")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of service items (办事事项列表)")
class ServiceItemConnection:
    edges: list[ServiceItemEdge] = filled("the page's items")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A period in which a centre is open (办理时间)")
class CentreOpening:
    day: OpenOn = filled("the kind of day; a make-up workday is a workday (日期类型)")
    opens: str = filled("when it opens, HH:MM in China (开始)")
    closes: str = filled("when it closes, HH:MM in China (结束)")


@strawberry.type(description="A waiting time, and of what it was made (等候预估)")
class QueueEstimate:
    ahead: int = filled("how many wait ahead (前面人数)")
    windows: int = filled("windows that are staffed; before the opening, that there are (窗口数)")
    samples: int = filled("so many of today's services made the average; 0: it is the usual time (样本数)")
    average_minutes: float = filled("average service in minutes (平均用时)")
    wait_minutes: int = filled("the wait in minutes, rounded up (预计等候)")
    basis: str = filled("the same in words (估算依据)")


@strawberry.type(description="A queue of a centre, today (排队业务)")
class QueueGroup:
    code: str = filled("its letter (业务代码)")
    name: str = filled("name (业务名称)")
    minutes: int = filled("how long a service usually takes (平常用时)")
    waiting: int = filled("how many wait (等候人数)")
    estimate: QueueEstimate | None = filled("for who comes now (等候预估)")


@strawberry.type(description="A window of a centre (窗口)")
class ServiceWindow:
    centre_code: str = filled("code of its centre (中心代码)")
    code: str = filled("code (窗口号)")
    name: str = filled("name (窗口名称)")
    groups: list[str] = filled("letters of the queues that it serves (受理业务)")
    departments: list[Department] = filled("departments in residence; none: it serves whatever comes (入驻部门)")
    closed: bool = filled("whether it is there no more (已撤销)")
    effective_on: Date = filled("the day from which it is so (生效日期)")
    staffed: bool = filled("whether a clerk is there now (在岗)")
    number: str | None = filled("the number that is called to it or served at it (当前号)")


@strawberry.type(description="A service centre (便民服务中心)")
class ServiceCentre:
    code: str = filled("code (中心代码)")
    name: str = filled("name (名称)")
    area_code: str = filled("code of the area that it serves (区划代码)")
    opening: list[CentreOpening] = filled("when it is open (办理时间)")
    groups: list[QueueGroup] = filled("its queues (排队业务)")
    windows: list[ServiceWindow] = filled("its windows (窗口)")
    calls: int = filled("so many calls make a no-show (过号叫号次数)")
    behind: int = filled("so many go ahead of who comes back (过号后移)")
    lead: int = filled("minutes before the opening from which numbers are given (提前取号)")
    closed: bool = filled("whether it is there no more (已撤销)")
    effective_on: Date = filled("the day from which it is so (生效日期)")
    display_url: str = filled("path of the screen above the windows, open to everybody (叫号屏)")


@strawberry.type(description="A centre and where it stands in the list")
class ServiceCentreEdge:
    node: ServiceCentre = filled("the centre")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of centres (服务中心列表)")
class ServiceCentreConnection:
    edges: list[ServiceCentreEdge] = filled("the page's centres")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Who goes first (优先类别)")
class QueueClass:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")
    ground: str = filled("what the window looks at (凭证)")


@strawberry.type(description="A number of a day at a centre (排队号)")
class QueueNumber(Node):
    id: strawberry.ID = filled("global id")
    number: str = filled("the number as it is called (号码)")
    day: Date = filled("the day for which it holds (日期)")
    status: QueueStatus = filled("where it stands (状态)")
    centre: ServiceCentre = filled("the centre (服务中心)")
    group_code: str = filled("letter of the queue in which it waits (业务代码)")
    item: ServiceItem | None = filled("the item for which it was taken (办事事项)")
    priority: str | None = filled("code of the class that goes first (优先类别)")
    window_code: str | None = filled("the window to which it is called (窗口)")
    calls: int = filled("how often it was called (叫号次数)")
    taken_at: DateTime = filled("when it was taken (取号时间)")
    called_at: DateTime | None = filled("when it was called last (叫号时间)")
    started_at: DateTime | None = filled("when the service began (开始办理)")
    ended_at: DateTime | None = filled("when it ended (结束时间)")
    outcome: QueueOutcome | None = filled("what came of it (办理结果)")
    ticket: Ticket | None = filled("the matter to which it led, where the caller may see it (事项)")
    estimate: QueueEstimate | None = filled("how long it waits still; null once it is called (等候预估)")
    allowed: list[str] = filled("deeds that its status allows next (可办操作)")
    version: int = filled("version (版本)")
    slip_url: str = filled("path of the number on paper (号票)")


@strawberry.type(description="A number and where it stands in the queue")
class QueueNumberEdge:
    node: QueueNumber = filled("the number")
    cursor: str = filled("its place in the queue")


@strawberry.type(description="A page of a queue (排队列表)")
class QueueNumberConnection:
    edges: list[QueueNumberEdge] = filled("the page's numbers")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Figures of a queue (排队统计)")
class QueueFigures:
    centre_code: str = filled("code of the centre (中心代码)")
    group_code: str | None = filled("letter of the queue, where figures are per group (业务代码)")
    window_code: str | None = filled("the window, where they are per window (窗口)")
    day: Date | None = filled("the day, where they are per day (日期)")
    served: int = filled("how many were served (办理数)")
    no_shows: int = filled("how many did not come (过号数)")
    wait_p50: float | None = filled("minutes within which half of the called were called (等候中位数)")
    wait_p90: float | None = filled("minutes within which nine of ten were called (等候九成位)")


@strawberry.type(description="A paper that was handed in (已收材料)")
class HandedMaterial:
    code: str = filled("code (材料代码)")
    original_seen: bool = filled("whether the original was seen (已核原件)")
    copies: int = filled("how many copies were handed in (复印件份数)")
    attachment_ids: list[strawberry.ID] = filled("documents that were attached (附件)")


@strawberry.type(description="What of a paper is still wanted (需补正材料)")
class MissingMaterial:
    code: str = filled("code (材料代码)")
    name: str = filled("name (材料名称)")
    original: bool = filled("whether the original is wanted (需核原件)")
    copies: int = filled("how many copies are wanted (需复印件份数)")
    items: list[str] = filled("codes of the items that ask for it (用于事项)")


@strawberry.type(description="One form for several items (一窗受理件)")
class Intake(Node):
    id: strawberry.ID = filled("global id")
    status: IntakeStatus = filled("where it stands (状态)")
    title: str = filled("title (标题)")
    description: str = filled("content (内容)")
    area_code: str = filled("code of the centre's area (区划代码)")
    centre: ServiceCentre = filled("the centre (服务中心)")
    items: list[ServiceItem] = filled("the items, as they were on the day of the form (办事事项)")
    handed: list[HandedMaterial] = filled("papers that were handed in (已收材料)")
    missing: list[MissingMaterial] = filled("all that is still wanted, in one list (一次性告知)")
    due_on: Date | None = filled("the one day by which all of it is due (承诺办结日)")
    ticket: Ticket = filled("the parent ticket, to which documents may be added (主件)")
    parts: list[Ticket] = filled("the sub-applications, one an item and department (子件)")
    created_at: DateTime = filled("when it was begun (收件时间)")
    updated_at: DateTime = filled("when it last changed (更新时间)")
    version: int = filled("version (版本)")
    resolvable: bool = filled("whether all parts are done, and the whole is not yet (可办结)")
    notice_url: str = filled("path of the notice on paper (一次性告知书)")


@strawberry.type(description="An intake and where it stands in the list")
class IntakeEdge:
    node: Intake = filled("the intake")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of intakes (一窗受理件列表)")
class IntakeConnection:
    edges: list[IntakeEdge] = filled("the page's intakes")
    page_info: PageInfo = filled("where the page stands")


EFFECTIVE = "first day on which it holds; absent for today (生效日期)"


@strawberry.input(description="A period in which a centre is open (办理时间)")
class OpeningInput:
    day: OpenOn = asked("the kind of day (日期类型)")
    opens: str = asked("HH:MM in China (开始)")
    closes: str = asked("HH:MM in China (结束)")


@strawberry.input(description="A queue of a centre (排队业务)")
class QueueGroupInput:
    code: str = asked("a letter from A to Z (业务代码)")
    name: str = asked("name (业务名称)")
    minutes: int = asked("how long a service usually takes (平常用时)")


@strawberry.input(description="A centre, all of it, as it is from a day on (修订服务中心)")
class ReviseCentreInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code (中心代码)")
    area_code: str = asked("code of the county, township or village that it serves (区划代码)")
    name: str = asked("name (名称)")
    opening: list[OpeningInput] = asked("when it is open (办理时间)")
    groups: list[QueueGroupInput] = asked("its queues (排队业务)")
    calls: int = optional("so many calls make a no-show (过号叫号次数)", 3)
    behind: int = optional("so many go ahead of who comes back (过号后移)", 3)
    lead: int = optional("minutes before the opening from which numbers are given (提前取号)", 30)
    closed: bool = optional("whether it is there no more (撤销)", default=False)
    effective_on: Date | None = optional(EFFECTIVE)


@strawberry.input(description="A window, all of it, as it is from a day on (修订窗口)")
class ReviseWindowInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    centre_code: str = asked("code of its centre (中心代码)")
    code: str = asked("code: up to four digits or capitals (窗口号)")
    name: str = asked("name (窗口名称)")
    groups: list[str] = asked("letters of the queues that it serves (受理业务)")
    departments: list[str] = asked("codes of departments in residence; none: it serves whatever comes (入驻部门)")
    closed: bool = optional("whether it is there no more (撤销)", default=False)
    effective_on: Date | None = optional(EFFECTIVE)


@strawberry.input(description="A paper that an item asks for (申请材料)")
class MaterialInput:
    code: str = asked("code (材料代码)")
    name: str = asked("name (材料名称)")
    original: bool = optional("whether the original is looked at (核验原件)", default=False)
    copies: int = optional("how many copies stay (复印件份数)", 0)


@strawberry.input(description="A service item, all of it, as it is from a day on (修订办事事项)")
class ReviseItemInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code (事项代码)")
    name: str = asked("name (事项名称)")
    category: str = asked("code of the category of its matters (类别)")
    legal_basis: str = asked("legal basis (法律依据)")
    limit_days: int = asked("limit in working days; 0 is at once (办理时限)")
    fee: float = optional("fee in yuan (收费)", 0)
    agent: bool = optional("whether an agent may run it (可代办)", default=False)
    departments: list[str] = asked("codes of the departments concerned, the leading first (办理部门)")
    levels: list[ServiceLevel] = asked("where it can be handled (办理层级)")
    materials: list[MaterialInput] = asked("the papers that it asks for (申请材料)")
    withdrawn: bool = optional("whether it is not handled any more (取消)", default=False)
    effective_on: Date | None = optional(EFFECTIVE)


@strawberry.input(description="Take a number for an item or for a queue (取号)")
class TakeNumberInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    centre_code: str = asked("code of the centre (中心代码)")
    item_code: str | None = optional("code of the item (事项代码)")
    group_code: str | None = optional("letter of the queue (业务代码)")
    priority: str | None = optional("code of the class that goes first (优先类别)")


@strawberry.input(description="A clerk's window (窗口)")
class AtWindowInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    centre_code: str = asked("code of the centre (中心代码)")
    window_code: str = asked("code of the window (窗口号)")


@strawberry.input(description="Sit down at a window, also in another clerk's place (开窗)")
class OpenWindowInput(AtWindowInput):
    pass


@strawberry.input(description="Leave a window (停窗)")
class CloseWindowInput(AtWindowInput):
    pass


@strawberry.input(description="Call who is next for a window (叫号)")
class CallNextInput(AtWindowInput):
    pass


@strawberry.input(description="A deed on a number (排队操作)")
class NumberDeedInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the number (排队号)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")


@strawberry.input(description="Call a number once more (重呼)")
class RecallNumberInput(NumberDeedInput):
    pass


@strawberry.input(description="The person is there (开始办理)")
class StartServingInput(NumberDeedInput):
    pass


@strawberry.input(description="Pass a number on; it waits by the time at which it was taken (转号)")
class TransferNumberInput(NumberDeedInput):
    group_code: str | None = optional("letter of the queue to which it goes (业务代码)")
    window_code: str | None = optional("the window to which it goes (窗口号)")
    drop_priority: bool = optional("whether it goes first no more: the ground was not shown (取消优先)", default=False)


@strawberry.input(description="Nobody came (过号)")
class MarkNoShowInput(NumberDeedInput):
    pass


@strawberry.input(description="Who did not show has come, once, behind the next few (过号重排)")
class ReturnNumberInput(NumberDeedInput):
    pass


@strawberry.input(description="The service has ended (办结)")
class FinishServingInput(NumberDeedInput):
    outcome: QueueOutcome = asked("what came of it (办理结果)")
    ticket_id: strawberry.ID | None = optional("the matter to which it led (事项)")


@strawberry.input(description="Give a number up (弃号)")
class CancelNumberInput(NumberDeedInput):
    pass


@strawberry.input(description="A paper that was handed in or shown (已收材料)")
class HandedMaterialInput:
    code: str = asked("code (材料代码)")
    original_seen: bool = optional("whether the original was seen (已核原件)", default=False)
    copies: int = optional("how many copies were handed in (复印件份数)", 0)
    attachment_ids: list[strawberry.ID] | None = optional("documents, each a copy (附件)")


@strawberry.input(description="One form for several items (一窗受理)")
class OpenIntakeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    centre_code: str = asked("code of the centre (中心代码)")
    item_codes: list[str] = asked("codes of the items, each once (事项代码)")
    title: str = asked("title (标题)")
    description: str = asked("content (内容)")
    household_id: strawberry.ID | None = optional("whose matter it is (农户)")
    materials: list[HandedMaterialInput] = asked("papers that were handed in (已收材料)")
    number_id: strawberry.ID | None = optional("the number with which the person came (排队号)")
    draft: bool = optional("keep it as a draft where papers are missing (暂存)", default=False)


@strawberry.input(description="Papers that an intake still wants (补正材料)")
class CompleteIntakeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the intake (受理件)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    materials: list[HandedMaterialInput] = asked("papers that are handed in now (补交材料)")
    draft: bool = optional("keep it as a draft where papers are missing even so (暂存)", default=False)


@strawberry.input(description="All parts are done, and so is the whole (并联件办结)")
class ResolveIntakeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the parent ticket (主件)")
    version: int | None = optional("the version that the caller saw; absent takes the present one (版本)")
    note: str = asked("what the person is told (办理结果)")


@strawberry.type(description="The centre as it was revised (服务中心修订结果)")
class CentrePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    centre: ServiceCentre = filled("the centre, as it is from that day on (服务中心)")


@strawberry.type(description="The window after a deed (窗口操作结果)")
class WindowPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    window: ServiceWindow = filled("the window; where it was revised, as it is from that day on (窗口)")


@strawberry.type(description="The item as it was revised (办事事项修订结果)")
class ServiceItemPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    item: ServiceItem = filled("the item, as it is from that day on (办事事项)")


@strawberry.type(description="The number after a deed (排队操作结果)")
class QueueNumberPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    number: QueueNumber = filled("the number after it (排队号)")


@strawberry.type(description="The intake after a deed (受理结果)")
class IntakePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    intake: Intake = filled("the intake after it (受理件)")


@strawberry.type(description="The parent ticket, resolved (并联件办结结果)")
class ResolveIntakePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    ticket: Ticket = filled("the ticket after it (主件)")


CentreCode = Annotated[str, strawberry.argument(description="code of the centre (中心代码)")]
OneCentre = Annotated[str | None, strawberry.argument(description="code of a centre; absent for all (中心代码)")]
ItemCode = Annotated[str, strawberry.argument(description="code of the item (事项代码)")]
On = Annotated[Date | None, strawberry.argument(description="as it is on that day; absent for today (日期)")]
Level = Annotated[ServiceLevel | None, strawberry.argument(description="where they can be handled (办理层级)")]
DepartmentCode = Annotated[str | None, strawberry.argument(description="code of a department concerned (部门代码)")]
Named = Annotated[str | None, strawberry.argument(description="part of the name (名称)")]
Within = Annotated[str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
Since = Annotated[Date, strawberry.argument(description="first day (起始日)")]
Until = Annotated[Date, strawberry.argument(description="last day (终止日)")]
Per = Annotated[QueuePer, strawberry.argument(description="what for (统计维度)")]
IntakeState = Annotated[IntakeStatus | None, strawberry.argument(description="where they stand (状态)")]
