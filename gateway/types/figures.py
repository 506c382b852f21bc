"""Figures of matters, and assessment (owner: tickets)."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, PageInfo, filled
from gateway.types.inputs import asked, optional
from gateway.types.tickets import Ticket, TicketStatus, TicketStep

if TYPE_CHECKING:
    from gateway.types.archive import Area


@strawberry.enum(description="How fine a trend is (趋势粒度)")
class FigureTrend(Enum):
    DAY = "DAY"
    WEEK = "WEEK"


@strawberry.type(description="Matters by one thing, such as a source, a category, a department, an area (分项统计)")
class FigureLine:
    code: str = filled("code of it (代码)")
    name: str | None = filled("what it is called (名称)")
    reported: int = filled("reported in the period (上报数)")
    closed: int = filled("closed in the period, whenever they were reported (归档数)")
    open: int = filled("open now, whenever they were reported (在办数)")


@strawberry.type(description="Matters by state (按状态统计)")
class StatusFigure:
    status: TicketStatus = filled("the state (状态)")
    reported: int = filled("reported in the period and in this state now (上报数)")
    open: int = filled("in this state now, whenever they were reported; 0 of the ends (在办数)")


@strawberry.type(description="Deadlines that were decided in the period: met, or run out (时限统计)")
class OnTimeFigure:
    kind: str = filled("SIGN, WORK, or OVERALL, which is told to staff only (时限种类)")
    met: int = filled("done in time (按时数)")
    missed: int = filled("run out, be it that it was done late (超时数)")
    percent: float | None = filled("percent done in time; null without any (按时率)")


@strawberry.type(description="Open matters by age (在办时长)")
class AgeFigure:
    from_days: int = filled("open since at least so many days of 24 hours (起，天)")
    below_days: int | None = filled("and less than so many; null for no upper end (止，天)")
    open: int = filled("how many (在办数)")


@strawberry.type(description="What was said of the matters that were reported in the period (满意度统计)")
class SatisfactionFigure:
    satisfied: int = filled("satisfied (满意)")
    dissatisfied: int = filled("dissatisfied (不满意)")
    unreached: int = filled("nobody was reached (未联系上)")
    percent: float | None = filled("percent satisfied of those who said something; null without any (满意率)")


@strawberry.type(description="An area and a category, compared with the period before (热度)")
class HeatFigure:
    area_code: str = filled("code of an area one level down, or of the area itself (区划代码)")
    area_name: str = filled("its name (区划名称)")
    category: str = filled("code of the category (类别代码)")
    category_name: str = filled("its name (类别名称)")
    reported: int = filled("reported in the period (本期)")
    previous: int = filled("reported in the period of the same length before it (上期)")


@strawberry.type(description="A day, or a week by its first day in the period (趋势)")
class TrendFigure:
    date: Date = filled("the day (日期)")
    reported: int = filled("reported (上报数)")
    closed: int = filled("closed (归档数)")


@strawberry.type(
    description="Figures of an area's matters as far as they lie in the caller's areas, an officer's as far as their department has them (事项统计)"
)
class MatterFigures:
    area_code: str = filled("code of the area (区划代码)")
    area_name: str = filled("its name (区划名称)")
    area: Annotated["Area", strawberry.lazy("gateway.types.archive")] | None = filled("the area (区划)")
    from_: Date = strawberry.field(name="from", description="first day (起始日期)")
    to: Date = filled("last day (截止日期)")
    computed_at: DateTime = filled("when they were counted (统计时间)")
    reported: int = filled("reported in the period (上报数)")
    closed: int = filled("closed in the period, whenever they were reported (归档数)")
    ended_otherwise: int = filled("merged, withdrawn or referred out in the period (其他办结数)")
    open: int = filled("open now, whenever they were reported (在办数)")
    returns: int = filled("returns so far of those that were reported in the period (退单次数)")
    reopened: int = filled("of those that were reported in the period how many were reopened (重办数)")
    extensions: int = filled("extensions granted in the period (延期数)")
    by_status: list[StatusFigure] = filled("by state (按状态)")
    by_source: list[FigureLine] = filled("by source, the busiest first (按来源)")
    by_category: list[FigureLine] = filled("by category, the busiest first (按类别)")
    by_department: list[FigureLine] = filled("by department, the busiest first; without those that none has (按部门)")
    by_area: list[FigureLine] = filled("by area one level down, those without matters too (按下级区划)")
    on_time: list[OnTimeFigure] = filled("deadlines: of signing, of the work, and overall (时限)")
    ageing: list[AgeFigure] = filled("how long the open ones have been open (在办时长)")
    residents: SatisfactionFigure = filled("what residents said (群众满意度)")
    superiors: SatisfactionFigure = filled("what superiors said (上级满意度)")
    heat: list[HeatFigure] = filled("areas one level down by categories; at most 500 (热度)")
    trend: list[TrendFigure] = filled("by day or by week (趋势)")


@strawberry.enum(description="Who is assessed (考核对象)")
class AssessedUnit(Enum):
    DEPARTMENT = "DEPARTMENT"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"
    WORKER = "WORKER"


@strawberry.enum(description="How long a period of assessment is (考核周期)")
class AssessmentPeriod(Enum):
    MONTH = "MONTH"
    QUARTER = "QUARTER"


@strawberry.enum(description="Which way is better (指标方向)")
class IndicatorDirection(Enum):
    HIGHER = "HIGHER"
    LOWER = "LOWER"


@strawberry.enum(
    description="""What is assessed: cases of the period, each in the denominator, those that count also in the numerator (考核指标)"""
)
class AssessmentIndicator(Enum):
    SIGN_ON_TIME = strawberry.enum_value(
        "SIGN_ON_TIME", description="sign-by deadlines decided; counted: met (按时签收率)"
    )
    WORK_ON_TIME = strawberry.enum_value(
        "WORK_ON_TIME", description="departments' deadlines decided; counted: met (按时办结率)"
    )
    OVERALL_ON_TIME = strawberry.enum_value(
        "OVERALL_ON_TIME", description="overall deadlines decided; counted: met (总时限按时率)"
    )
    SATISFACTION = strawberry.enum_value(
        "SATISFACTION", description="callbacks that reached somebody; counted: satisfied (群众满意率)"
    )
    SUPERIOR_SATISFACTION = strawberry.enum_value(
        "SUPERIOR_SATISFACTION", description="ratings by superiors; counted: satisfied (上级满意率)"
    )
    FIRST_CONTACT = strawberry.enum_value(
        "FIRST_CONTACT",
        description="matters closed; counted: without return, ruling, rework or reopening (一次办成率)",
    )
    RETURNS = strawberry.enum_value("RETURNS", description="resolutions and returns; counted: returns (退单率)")
    REOPENED = strawberry.enum_value("REOPENED", description="closings and reopenings; counted: reopenings (重办率)")
    SUPERVISED = strawberry.enum_value("SUPERVISED", description="matters closed; counted: supervised before (督办率)")
    VOLUME = strawberry.enum_value("VOLUME", description="matters resolved, as a number (办结量)")


@strawberry.type(description="How an indicator counts in a scheme (指标口径)")
class AssessmentMeasure:
    indicator: AssessmentIndicator = filled("the indicator (指标)")
    weight: int = filled("weight among the others (权重)")
    direction: IndicatorDirection = filled("which way is better (方向)")
    target: float = filled("earns 100 points; percent, of VOLUME a number (目标值)")
    floor: float = filled("earns none; between them in proportion (底线值)")


@strawberry.type(description="A scheme of assessment as it is from a day on (考核方案)")
class AssessmentScheme:
    code: str = filled("code (代码)")
    since: Date = filled("first day (施行日期)")
    name: str = filled("name (名称)")
    unit: AssessedUnit = filled("whom it assesses (考核对象)")
    period: AssessmentPeriod = filled("how often (周期)")
    minimum: int = filled(
        "below so many cases an indicator says nothing, and its weight falls to the others (最少件数)"
    )
    exclude: list[TicketStatus] = filled("ends of matters, within the period, whose cases do not count (不计入的终态)")
    indicators: list[AssessmentMeasure] = filled("its indicators (指标)")
    revised_by: str | None = filled("subject of the account that set it; null in what an assessment kept (修订人)")


@strawberry.type(description="A version of a period's assessment; the highest holds (考核)")
class Assessment(Node):
    id: strawberry.ID = filled("global id")
    period: str = filled("a month such as 2026-01, or a quarter such as 2026-Q1 (考核期)")
    version: int = filled("1 for the first, one on with each correction (版本)")
    first: Date = filled("first day (起始日期)")
    last: Date = filled("last day (截止日期)")
    digest: str = filled("SHA-256 of all that went into it: equal inputs, equal results (输入摘要)")
    cases: int = filled("events of the history that it counts (案例数)")
    computed_at: DateTime = filled("when (计算时间)")
    computed_by: str = filled("subject of the account that asked for it (计算人)")
    schemes: list[AssessmentScheme] = filled("the schemes as they were (方案)")


@strawberry.type(description="What an indicator comes to (指标得分)")
class AssessmentMark:
    indicator: AssessmentIndicator = filled("the indicator (指标)")
    counted: int = filled("numerator: the cases that count (分子)")
    cases: int = filled("denominator: all its cases (分母)")
    value: float | None = filled("percent, of VOLUME a number; null without cases (指标值)")
    points: float | None = filled("of 100; null where there are too few cases (得分)")
    weight: int = filled("its weight (权重)")


@strawberry.type(description="What a unit comes to (考核结果)")
class AssessmentResult(Node):
    id: strawberry.ID = filled("global id")
    assessment: Assessment = filled("the version that it is of (考核)")
    scheme: str = filled("code of the scheme (方案)")
    unit_kind: AssessedUnit = filled("what it is (对象类别)")
    unit: str = filled("code of the department or the area, or subject of the account (对象)")
    unit_name: str | None = filled("its name; of a worker the subject (对象名称)")
    place: int | None = filled(
        "place among the scheme's units, equal ones share it; null where nothing could be said (名次)"
    )
    points: float | None = filled("weighted mean of the marks' points (总分)")
    marks: list[AssessmentMark] = filled("by indicator (各项指标)")


@strawberry.type(description="An event of the history that an indicator counts (考核案例)")
class AssessmentCase(Node):
    id: strawberry.ID = filled("global id")
    indicator: AssessmentIndicator = filled("the indicator (指标)")
    counted: bool = filled("whether it is in the numerator, too (是否计入分子)")
    left_out: bool = filled("whether an objection has left it out (是否剔除)")
    at: DateTime = filled("when it was: the step, or when the deadline was decided (时间)")
    due_at: DateTime | None = filled("the deadline's end; null for a step (截止时间)")
    department_code: str | None = filled("the department that had the matter then (部门)")
    area_code: str = filled("where the matter is (区划代码)")
    worker: str | None = filled("subject of who worked on it last (经办人)")
    ticket: Ticket | None = filled("the matter; null where it is outside the caller's reach by now (事项)")
    step: TicketStep | None = filled("the step; null for a deadline (环节)")


@strawberry.type(description="A unit's objection to a case (考核申诉)")
class AssessmentObjection(Node):
    id: strawberry.ID = filled("global id")
    result: AssessmentResult = filled("the result that it was made to (考核结果)")
    case: AssessmentCase | None = filled("the case (案例)")
    unit_kind: AssessedUnit = filled("what the unit is (对象类别)")
    unit: str = filled("the unit (对象)")
    unit_name: str | None = filled("its name (对象名称)")
    reason: str = filled("why (理由)")
    by: str = filled("subject of who made it (申诉人)")
    at: DateTime = filled("when (申诉时间)")
    upheld: bool | None = filled("whether the case no longer counts; null while undecided (是否成立)")
    note: str | None = filled("what was said about it (裁定意见)")
    decided_by: str | None = filled("subject of who decided (裁定人)")
    decided_at: DateTime | None = filled("when (裁定时间)")
    corrected: Assessment | None = filled("the version from which on the case does not count (更正版本)")


@strawberry.type(description="An assessment and its place in the list")
class AssessmentEdge:
    node: Assessment = filled("the assessment")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of assessments (考核列表)")
class AssessmentConnection:
    edges: list[AssessmentEdge] = filled("the page's assessments")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A result and its place in the list")
class AssessmentResultEdge:
    node: AssessmentResult = filled("the result")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of results (考核结果列表)")
class AssessmentResultConnection:
    edges: list[AssessmentResultEdge] = filled("the page's results")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A case and its place in the list")
class AssessmentCaseEdge:
    node: AssessmentCase = filled("the case")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of cases (考核案例列表)")
class AssessmentCaseConnection:
    edges: list[AssessmentCaseEdge] = filled("the page's cases")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="An objection and its place in the list")
class AssessmentObjectionEdge:
    node: AssessmentObjection = filled("the objection")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of objections (申诉列表)")
class AssessmentObjectionConnection:
    edges: list[AssessmentObjectionEdge] = filled("the page's objections")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="How an indicator counts (指标口径)")
class AssessmentMeasureInput:
    indicator: AssessmentIndicator = asked("the indicator (指标)")
    weight: int = asked("weight among the others, 1 to 100 (权重)")
    direction: IndicatorDirection = asked("which way is better (方向)")
    target: float = asked("earns 100 points; percent, of VOLUME a number (目标值)")
    floor: float = asked("earns none (底线值)")


@strawberry.input(description="A scheme of assessment as it shall be from a day on (修订考核方案)")
class ReviseSchemeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the scheme; a new one begins it (代码)")
    since: Date = asked("first day, today or later (施行日期)")
    name: str = asked("name (名称)")
    unit: AssessedUnit = asked("whom it assesses (考核对象)")
    period: AssessmentPeriod = asked("how often (周期)")
    minimum: int = asked("below so many cases an indicator says nothing (最少件数)")
    exclude: list[TicketStatus] | None = optional("MERGED, WITHDRAWN, REFERRED_OUT: not counted (不计入的终态)")
    indicators: list[AssessmentMeasureInput] = asked("its indicators; none ends the scheme (指标)")


@strawberry.input(description="Reckon a period that is over (计算考核)")
class ComputeAssessmentInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    period: str = asked("a month such as 2026-01, or a quarter such as 2026-Q1 (考核期)")


@strawberry.input(description="Object to a case of one's own result (申诉)")
class ObjectToCaseInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    result_id: strawberry.ID = asked("the result, of the newest version (考核结果)")
    case_id: strawberry.ID = asked("the case (案例)")
    reason: str = asked("why it should not count (理由)")


@strawberry.input(description="Decide an objection (裁定申诉)")
class DecideObjectionInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the objection (申诉)")
    upheld: bool = asked("whether the case no longer counts (是否成立)")
    note: str = asked("why (裁定意见)")


@strawberry.type(description="The scheme as it is from its day on (修订结果)")
class ReviseSchemePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    scheme: AssessmentScheme = filled("the scheme (方案)")


@strawberry.type(description="The period's newest version, a new one only where something has changed (计算结果)")
class ComputeAssessmentPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    assessment: Assessment = filled("the version (考核)")


@strawberry.type(description="The objection (申诉结果)")
class ObjectionPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    objection: AssessmentObjection = filled("the objection (申诉)")
