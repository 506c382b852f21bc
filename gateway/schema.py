"""The public schema. Root fields hand over to their plan; everything below them is filled from services' answers by response key."""

# ruff: noqa: A002  arguments bear their public names

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any, TypeVar, cast

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from gateway.context import NODE_TYPE, Context
from gateway.planner.owners import CROSSINGS
from gateway.types import area_change as change
from gateway.types import attachment, bulk, deeds, inputs, privacy, village
from gateway.types import people as persons
from gateway.types import plot as land
from gateway.types.archive import Area, Household, HouseholdConnection, Member, Sex, VisitNote
from gateway.types.declare import SCALARS, Date, DateTime, Node
from gateway.types.freshness import Freshness, VisitDueConnection
from gateway.types.liaison import Duty
from gateway.types.me import Me
from gateway.types.register import Register, RegisterEntryConnection
from gateway.types.sheet import UnattachedPersonConnection
from gateway.types.tickets import Ticket, TicketConnection, TicketStatus

Info = strawberry.Info[Context, None]

First = Annotated[int | None, strawberry.argument(description="at most so many, 1 to 200")]
After = Annotated[str | None, strawberry.argument(description="cursor after which the page begins")]
Code = Annotated[str, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
AsOf = Annotated[Date | None, strawberry.argument(description="as it was on that day; absent for today (时点)")]
KnownAt = Annotated[
    DateTime | None,
    strawberry.argument(description="as it was on record at that time; absent for all that is known (获知时点)"),
]
SEARCHED = "name in Chinese, pinyin or initials, address, number of the sheet; a whole id number or phone (搜索)"
Id = Annotated[strawberry.ID, strawberry.argument(description="global id")]


F = TypeVar("F", bound=Callable[..., Any])


def query(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.field(description=description))


def import_query(resolver: F) -> F:
    """The field `import`, whose name no Python function can have."""
    return cast(
        "F", strawberry.field(resolver, name="import", description="A file of sheets that is taken in (批量导入)")
    )


def mutation(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.mutation(description=description))


def subscription(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.subscription(description=description))


async def planned(info: Info) -> Any:
    return await info.context.root(info._raw_info)


@strawberry.type(description="Reads (查询)")
class Query:
    @query("The caller (当前用户)")
    async def me(self, info: Info) -> Me:
        return cast("Me", await planned(info))

    @query("Whatever has this global id (节点)")
    async def node(self, info: Info, id: Id) -> Node | None:
        return cast("Node", await planned(info))

    @query("An area (区划)")
    async def area(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="its code (区划代码)")],
        as_of: AsOf = strawberry.UNSET,
    ) -> Area | None:
        return cast("Area", await planned(info))

    @query("The areas right below one, or the topmost (下级区划)")
    async def areas(
        self,
        info: Info,
        parent: Annotated[
            str | None, strawberry.argument(description="code of the area above; absent for the topmost")
        ] = strawberry.UNSET,
        as_of: AsOf = strawberry.UNSET,
    ) -> list[Area]:
        return cast("list[Area]", await planned(info))

    @query("What an area of that code was on a day, or has become by then: itself where it was valid (区划沿革)")
    async def resolve_area(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="a code that is, or was (区划代码)")],
        on: Annotated[Date, strawberry.argument(description="the day (日期)")],
    ) -> list[Area]:
        return cast("list[Area]", await planned(info))

    @query("A change of areas (区划变更)")
    async def area_change(self, info: Info, id: Id) -> change.AreaChange | None:
        return cast("change.AreaChange", await planned(info))

    @query("The changes of areas that the caller may see, newest first (区划变更列表)")
    async def area_changes(
        self,
        info: Info,
        area: Annotated[
            str | None,
            strawberry.argument(description="code of an area that they concern, or that holds one (区划代码)"),
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> change.AreaChangeConnection:
        return cast("change.AreaChangeConnection", await planned(info))

    @query("A household (农户)")
    async def household(
        self, info: Info, id: Id, as_of: AsOf = strawberry.UNSET, known_at: KnownAt = strawberry.UNSET
    ) -> Household | None:
        return cast("Household", await planned(info))

    @query("The households of an area (农户列表)")
    async def households(
        self,
        info: Info,
        area: Code,
        search: Annotated[str | None, strawberry.argument(description=SEARCHED)] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> HouseholdConnection:
        return cast("HouseholdConnection", await planned(info))

    @query("The people of an area, members of its households (人员列表)")
    async def people(
        self,
        info: Info,
        area: Code,
        search: Annotated[
            str | None,
            strawberry.argument(description=SEARCHED),
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> persons.MemberConnection:
        return cast("persons.MemberConnection", await planned(info))

    @query("Persons on record who may be one, the likeliest first; of each at least one is of the area (疑似重复人员)")
    async def duplicates(
        self, info: Info, area: Code, first: First = 50, after: After = strawberry.UNSET
    ) -> persons.LikelyDuplicateConnection:
        return cast("persons.LikelyDuplicateConnection", await planned(info))

    @query("Who may be on record already: to ask before somebody is entered (登记前查重)")
    async def duplicates_of(
        self,
        info: Info,
        area: Code,
        name: Annotated[str, strawberry.argument(description="name (姓名)")],
        birth_date: Annotated[
            Date | None, strawberry.argument(description="date of birth (出生日期)")
        ] = strawberry.UNSET,
        sex: Annotated[Sex | None, strawberry.argument(description="sex (性别)")] = strawberry.UNSET,
        id_number: Annotated[
            str | None, strawberry.argument(description="citizen's id number (身份证号)")
        ] = strawberry.UNSET,
        phone: Annotated[str | None, strawberry.argument(description="phone (电话)")] = strawberry.UNSET,
    ) -> list[persons.DuplicateCandidate]:
        return cast("list[persons.DuplicateCandidate]", await planned(info))

    @query("A merge of persons (人员合并记录)")
    async def person_merge(self, info: Info, id: Id) -> persons.PersonMerge | None:
        return cast("persons.PersonMerge", await planned(info))

    @query("The sheet of a village (村情单)")
    async def village_sheet(
        self,
        info: Info,
        code: village.VillageCode,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> village.VillageSheet | None:
        return cast("village.VillageSheet", await planned(info))

    @query("What a village declares beside what its household sheets add up to, and the gap (数据核对)")
    async def village_reconciliation(
        self,
        info: Info,
        code: village.VillageCode,
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
    ) -> list[village.VillageMeasure]:
        return cast("list[village.VillageMeasure]", await planned(info))

    @query("The special registers that the caller may list (名册目录)")
    async def registers(self, info: Info) -> list[Register]:
        return cast("list[Register]", await planned(info))

    @query("A special register of an area (名册)")
    async def register(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="which register, such as MIGRANT_WORKERS (名册代码)")],
        area: Code,
        search: Annotated[
            str | None, strawberry.argument(description="part of a name or of an address of the household")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> RegisterEntryConnection:
        return cast("RegisterEntryConnection", await planned(info))

    @query("The households that are due for a visit, most urgent first (走访队列)")
    async def visit_queue(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code; absent for all of the caller's areas (区划代码)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> VisitDueConnection:
        return cast("VisitDueConnection", await planned(info))

    @query("How fresh the sheets of an area and of its parts are (更新情况)")
    async def freshness(self, info: Info, area: Code) -> Freshness:
        return cast("Freshness", await planned(info))

    @query("A plot (地块)")
    async def plot(
        self, info: Info, id: land.PlotId, as_of: AsOf = strawberry.UNSET, known_at: KnownAt = strawberry.UNSET
    ) -> land.Plot | None:
        return cast("land.Plot", await planned(info))

    @query("The plots of an area (地块列表)")
    async def plots(
        self,
        info: Info,
        area: Code,
        category: land.Category = strawberry.UNSET,
        disputed: land.Disputed = strawberry.UNSET,
        common: land.Common = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> land.PlotConnection:
        return cast("land.PlotConnection", await planned(info))

    @query("What a village's plots make together: overlaps, gaps, sides in words that do not agree (村地块核查)")
    async def village_plot_report(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="code of the village (村代码)")],
        as_of: AsOf = strawberry.UNSET,
        known_at: KnownAt = strawberry.UNSET,
        overlap_mu: land.Tolerance = strawberry.UNSET,
        gap_metres: land.Metres = strawberry.UNSET,
        gap_from_mu: land.GapFrom = strawberry.UNSET,
        gap_to_mu: land.GapTo = strawberry.UNSET,
    ) -> land.VillagePlotReport | None:
        return cast("land.VillagePlotReport", await planned(info))

    @query("Two plots before a mediator (调解资料)")
    async def mediation_pack(
        self,
        info: Info,
        a: land.PlotId,
        b: land.PlotId,
        as_of: Annotated[Date, strawberry.argument(description="as they were on that day (时点)")],
        known_at: KnownAt = strawberry.UNSET,
    ) -> land.MediationPack | None:
        return cast("land.MediationPack", await planned(info))

    @query("Who saw a household's data: for the household and for auditors, newest first (查阅记录)")
    async def household_access(
        self, info: Info, id: Id, first: First = 50, after: After = strawberry.UNSET
    ) -> privacy.AccessConnection:
        return cast("privacy.AccessConnection", await planned(info))

    @query("Requests to correct sheets, of an area or of a household; a resident's own (更正申请列表)")
    async def corrections(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        household: Annotated[
            strawberry.ID | None, strawberry.argument(description="the household (农户)")
        ] = strawberry.UNSET,
        state: Annotated[
            privacy.CorrectionState | None, strawberry.argument(description="where they stand (状态)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> privacy.CorrectionConnection:
        return cast("privacy.CorrectionConnection", await planned(info))

    @query("Persons of an area who belong to no household at present (待落户人员)")
    async def unattached_persons(
        self, info: Info, area: Code, first: First = 50, after: After = strawberry.UNSET
    ) -> UnattachedPersonConnection:
        return cast("UnattachedPersonConnection", await planned(info))

    @import_query
    async def import_(self, info: Info, id: Id) -> bulk.Import | None:
        return cast("bulk.Import", await planned(info))

    @query("The files of sheets that were submitted, newest first (导入列表)")
    async def imports(self, info: Info, first: First = 50, after: After = strawberry.UNSET) -> bulk.ImportConnection:
        return cast("bulk.ImportConnection", await planned(info))

    @query("Who is on duty in a village on a day (值班)")
    async def duty_on(
        self,
        info: Info,
        area: Annotated[str, strawberry.argument(description="code of the village (村代码)")],
        date: Annotated[Date, strawberry.argument(description="the day in China (日期)")],
    ) -> Duty | None:
        return cast("Duty", await planned(info))

    @query("A ticket (事项)")
    async def ticket(self, info: Info, id: Id) -> Ticket | None:
        return cast("Ticket", await planned(info))

    @query("The tickets that the caller may see, newest first (事项列表)")
    async def tickets(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        status: Annotated[
            TicketStatus | None, strawberry.argument(description="where they stand (状态)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> TicketConnection:
        return cast("TicketConnection", await planned(info))


@strawberry.type(description="Deeds (操作)")
class Mutation:
    @mutation("Report a matter (上报诉求)")
    async def report_ticket(self, info: Info, input: inputs.ReportTicketInput) -> inputs.ReportTicketPayload | None:
        return cast("inputs.ReportTicketPayload", await planned(info))

    @mutation("Take a matter on (受理)")
    async def accept_ticket(self, info: Info, input: inputs.AcceptTicketInput) -> inputs.AcceptTicketPayload | None:
        return cast("inputs.AcceptTicketPayload", await planned(info))

    @mutation("Give a matter to a department (分派)")
    async def dispatch_ticket(
        self, info: Info, input: inputs.DispatchTicketInput
    ) -> inputs.DispatchTicketPayload | None:
        return cast("inputs.DispatchTicketPayload", await planned(info))

    @mutation("Sign for a matter as its department (签收)")
    async def sign_ticket(self, info: Info, input: inputs.SignTicketInput) -> inputs.SignTicketPayload | None:
        return cast("inputs.SignTicketPayload", await planned(info))

    @mutation("Say that a matter is done, and how (办结)")
    async def resolve_ticket(self, info: Info, input: inputs.ResolveTicketInput) -> inputs.ResolveTicketPayload | None:
        return cast("inputs.ResolveTicketPayload", await planned(info))

    @mutation("Say that one looked and it is done (核实)")
    async def verify_ticket(self, info: Info, input: inputs.VerifyTicketInput) -> inputs.VerifyTicketPayload | None:
        return cast("inputs.VerifyTicketPayload", await planned(info))

    @mutation("Note what the person said of it (回访)")
    async def call_back_ticket(
        self, info: Info, input: inputs.CallBackTicketInput
    ) -> inputs.CallBackTicketPayload | None:
        return cast("inputs.CallBackTicketPayload", await planned(info))

    @mutation("End a matter (归档)")
    async def close_ticket(self, info: Info, input: inputs.CloseTicketInput) -> inputs.CloseTicketPayload | None:
        return cast("inputs.CloseTicketPayload", await planned(info))

    @mutation("Plan a change of areas: nothing is changed, what would follow is shown (拟定区划变更)")
    async def plan_area_change(
        self, info: Info, input: change.PlanAreaChangeInput
    ) -> change.PlanAreaChangePayload | None:
        return cast("change.PlanAreaChangePayload", await planned(info))

    @mutation("Carry a planned change of areas out, all at once (执行区划变更)")
    async def carry_out_area_change(
        self, info: Info, input: change.CarryOutAreaChangeInput
    ) -> change.CarryOutAreaChangePayload | None:
        return cast("change.CarryOutAreaChangePayload", await planned(info))

    @mutation("Take a change of areas back, while nothing has come of it (撤销区划变更)")
    async def undo_area_change(
        self, info: Info, input: change.UndoAreaChangeInput
    ) -> change.UndoAreaChangePayload | None:
        return cast("change.UndoAreaChangePayload", await planned(info))

    @mutation("Add a note of a visit; a promise in it opens a ticket (走访记录)")
    async def add_visit_note(self, info: Info, input: inputs.AddVisitNoteInput) -> inputs.AddVisitNotePayload | None:
        return cast("inputs.AddVisitNotePayload", await planned(info))

    @mutation("A new household (立户)")
    async def open_household(self, info: Info, input: deeds.OpenHouseholdInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("What of a household's sheet was different on an earlier day already (更正档案)")
    async def correct_household(self, info: Info, input: deeds.CorrectHouseholdInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Some of a household found another (分户)")
    async def split_household(self, info: Info, input: deeds.SplitHouseholdInput) -> deeds.SplitHouseholdPayload | None:
        return cast("deeds.SplitHouseholdPayload", await planned(info))

    @mutation("Households go up in one (并户)")
    async def merge_households(self, info: Info, input: deeds.MergeHouseholdsInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Members leave (迁出)")
    async def move_members_out(self, info: Info, input: deeds.MoveMembersOutInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Members come (迁入)")
    async def move_members_in(self, info: Info, input: deeds.MoveMembersInInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("A child is born (出生登记)")
    async def register_birth(self, info: Info, input: deeds.RegisterBirthInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("A member has died (死亡登记)")
    async def register_death(self, info: Info, input: deeds.RegisterDeathInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("A spouse comes (婚入)")
    async def register_marriage(self, info: Info, input: deeds.RegisterMarriageInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("A member marries into another household (婚出)")
    async def register_marriage_out(
        self, info: Info, input: deeds.RegisterMarriageOutInput
    ) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Another head (变更户主)")
    async def change_head(self, info: Info, input: deeds.ChangeHeadInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("A household is none any more (销户)")
    async def close_household(self, info: Info, input: deeds.CloseHouseholdInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Enter income, a benefit, a skill, a need, work away or a talent (登记档案条目)")
    async def record_item(self, info: Info, input: deeds.RecordItemInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("An entry of a sheet holds no more (终止档案条目)")
    async def end_item(self, info: Info, input: deeds.EndItemInput) -> deeds.HouseholdPayload | None:
        return cast("deeds.HouseholdPayload", await planned(info))

    @mutation("Revise a household's sheet (修订档案)")
    async def revise_household(
        self, info: Info, input: inputs.ReviseHouseholdInput
    ) -> inputs.ReviseHouseholdPayload | None:
        return cast("inputs.ReviseHouseholdPayload", await planned(info))

    @mutation("Revise a village's sheet (修订村情单)")
    async def revise_village(self, info: Info, input: village.ReviseVillageInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("Enter a figure of a village's year (录入年度数据)")
    async def record_figure(self, info: Info, input: village.RecordFigureInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("Confirm a figure that somebody else entered (确认年度数据)")
    async def confirm_figure(self, info: Info, input: village.ConfirmFigureInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("Book in the ledger of a village's collective (登记集体台账)")
    async def record_asset_entry(
        self, info: Info, input: village.RecordAssetEntryInput
    ) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("A cadre takes office (村干部任职)")
    async def start_term(self, info: Info, input: village.StartTermInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("A cadre leaves office (村干部离任)")
    async def end_term(self, info: Info, input: village.EndTermInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("Write an agreement down (登记协议)")
    async def record_agreement(self, info: Info, input: village.RecordAgreementInput) -> village.VillagePayload | None:
        return cast("village.VillagePayload", await planned(info))

    @mutation("Put a plot on record (登记地块)")
    async def record_plot(self, info: Info, input: land.RecordPlotInput) -> land.PlotPayload | None:
        return cast("land.PlotPayload", await planned(info))

    @mutation("Revise a plot (修订地块)")
    async def revise_plot(self, info: Info, input: land.RevisePlotInput) -> land.PlotPayload | None:
        return cast("land.PlotPayload", await planned(info))

    @mutation("A plot goes to another holder, or two are exchanged (流转、调换)")
    async def transfer_plot(self, info: Info, input: land.TransferPlotInput) -> land.PlotPayload | None:
        return cast("land.PlotPayload", await planned(info))

    @mutation("Take a plot off the record (注销地块)")
    async def remove_plot(self, info: Info, input: land.RemovePlotInput) -> land.RemovePlotPayload | None:
        return cast("land.RemovePlotPayload", await planned(info))

    @mutation("A plot is disputed (提出争议)")
    async def dispute_plot(self, info: Info, input: land.DisputePlotInput) -> land.PlotPayload | None:
        return cast("land.PlotPayload", await planned(info))

    @mutation("The dispute about a plot is settled (争议解决)")
    async def settle_plot(self, info: Info, input: land.SettlePlotInput) -> land.PlotPayload | None:
        return cast("land.PlotPayload", await planned(info))

    @mutation("Draw the outline of an area (划定范围)")
    async def set_area_shape(self, info: Info, input: land.SetAreaShapeInput) -> land.SetAreaShapePayload | None:
        return cast("land.SetAreaShapePayload", await planned(info))

    @mutation("Show masked values in clear, for a purpose; it is recorded, and the household sees it (查看明文)")
    async def reveal(self, info: Info, input: privacy.RevealInput) -> privacy.RevealPayload | None:
        return cast("privacy.RevealPayload", await planned(info))

    @mutation("Ask to have one's own sheet corrected (申请更正)")
    async def request_correction(
        self, info: Info, input: privacy.RequestCorrectionInput
    ) -> privacy.RequestCorrectionPayload | None:
        return cast("privacy.RequestCorrectionPayload", await planned(info))

    @mutation("Answer a request for correction (答复更正申请)")
    async def decide_correction(
        self, info: Info, input: privacy.DecideCorrectionInput
    ) -> privacy.DecideCorrectionPayload | None:
        return cast("privacy.DecideCorrectionPayload", await planned(info))

    @mutation("Have nothing of a household erased for the time being (暂缓清除)")
    async def hold_household(
        self, info: Info, input: privacy.HoldHouseholdInput
    ) -> privacy.HoldHouseholdPayload | None:
        return cast("privacy.HoldHouseholdPayload", await planned(info))

    @mutation("Lift the hold (解除暂缓清除)")
    async def lift_hold(self, info: Info, input: privacy.LiftHoldInput) -> privacy.LiftHoldPayload | None:
        return cast("privacy.LiftHoldPayload", await planned(info))

    @mutation("Two persons on record are one (人员合并)")
    async def merge_persons(self, info: Info, input: persons.MergePersonsInput) -> persons.PersonMergePayload | None:
        return cast("persons.PersonMergePayload", await planned(info))

    @mutation("A merge of persons was wrong: both are themselves again (撤销人员合并)")
    async def unmerge_persons(
        self, info: Info, input: persons.UnmergePersonsInput
    ) -> persons.PersonMergePayload | None:
        return cast("persons.PersonMergePayload", await planned(info))

    @mutation("Two persons who look alike are two (排除疑似重复)")
    async def dismiss_duplicate(
        self, info: Info, input: persons.DismissDuplicateInput
    ) -> persons.DismissDuplicatePayload | None:
        return cast("persons.DismissDuplicatePayload", await planned(info))

    @mutation("Take a document or photo off a sheet (移除附件)")
    async def remove_attachment(
        self, info: Info, input: attachment.RemoveAttachmentInput
    ) -> attachment.RemoveAttachmentPayload | None:
        return cast("attachment.RemoveAttachmentPayload", await planned(info))

    @mutation("Sign in for duty (值班签到)")
    async def sign_in_for_duty(
        self, info: Info, input: inputs.SignInForDutyInput
    ) -> inputs.SignInForDutyPayload | None:
        return cast("inputs.SignInForDutyPayload", await planned(info))


@strawberry.type(description="What happens (订阅)")
class Subscription:
    @subscription("A ticket: its present state at once, then each change (事项变化)")
    async def ticket_changed(self, info: Info, id: Id) -> AsyncGenerator[Ticket, None]:
        async for state in info.context.changes(info._raw_info):
            yield state


def by_key(source: dict[str, Any], info: GraphQLResolveInfo[Context], **_: Any) -> Any:
    """What the service answered under the field's response key."""
    return source[info.path.key]  # type: ignore[index]


def across(source: dict[str, Any], info: GraphQLResolveInfo[Context], **_: Any) -> Any:
    """The far side of an edge to another service."""
    return info.context.edge(source, info)


def node_type(source: dict[str, Any], *_: Any) -> str:
    return str(source[NODE_TYPE])


def build_schema() -> GraphQLSchema:
    """The executable schema: Strawberry's types, filled from dicts by response key."""
    declared = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Member, VisitNote],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    schema = declared._schema
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = node_type
        elif isinstance(kind, GraphQLObjectType) and kind not in roots and not kind.name.startswith("__"):
            kind.is_type_of = None
            for name, field in kind.fields.items():
                field.resolve = across if (kind.name, name) in CROSSINGS else by_key
    return schema


def sdl() -> str:
    """The schema as it is committed in schema.graphql."""
    return print_schema(build_schema()) + "\n"
