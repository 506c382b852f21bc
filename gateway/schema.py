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
from gateway.types import attachment, bulk, deeds, hotline, inputs, moves, network, privacy, village
from gateway.types import calendar as calendars
from gateway.types import deadline as clocks
from gateway.types import dialogue as dialogue_types
from gateway.types import duty as duty_types
from gateway.types import errand as errand_types
from gateway.types import feed as feed_types
from gateway.types import figures as figured
from gateway.types import market as market_types
from gateway.types import mediation as mediation_types
from gateway.types import people as persons
from gateway.types import plot as land
from gateway.types import session as session_types
from gateway.types import suggestion as suggestion_types
from gateway.types import team as team_types
from gateway.types import window as windows
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
        closed: Annotated[
            bool, strawberry.argument(description="the closed sheets instead of those in use (已注销户)")
        ] = False,
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

    @query("What kind of day a date is, and why (工作日历)")
    async def calendar_day(self, info: Info, date: calendars.Day) -> calendars.CalendarDay | None:
        return cast("calendars.CalendarDay", await planned(info))

    @query("The days of the working calendar in a span (工作日历列表)")
    async def calendar_days(self, info: Info, from_: calendars.From, to: calendars.To) -> list[calendars.CalendarDay]:
        return cast("list[calendars.CalendarDay]", await planned(info))

    @query("The years of the working calendar, first to last (年度日历列表)")
    async def calendar_years(self, info: Info) -> list[calendars.CalendarYear]:
        return cast("list[calendars.CalendarYear]", await planned(info))

    @query("A market (墟市)")
    async def market(self, info: Info, id: Id) -> market_types.Market | None:
        return cast("market_types.Market", await planned(info))

    @query("The markets, by area (墟市列表)")
    async def markets(
        self,
        info: Info,
        area: market_types.MarketArea = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> market_types.MarketConnection:
        return cast("market_types.MarketConnection", await planned(info))

    @query("The market days of a span, in order (墟日列表)")
    async def market_days(
        self,
        info: Info,
        from_: market_types.From,
        to: market_types.To,
        area: market_types.MarketArea = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="at most so many, 1 to 500")] = 50,
        after: After = strawberry.UNSET,
    ) -> market_types.MarketDayConnection:
        return cast("market_types.MarketDayConnection", await planned(info))

    @query("A stall (墟日摊位)")
    async def stall(self, info: Info, id: Id) -> market_types.Stall | None:
        return cast("market_types.Stall", await planned(info))

    @query("The stalls, by day (墟日摊位列表)")
    async def stalls(
        self,
        info: Info,
        area: market_types.Area = strawberry.UNSET,
        team: market_types.OfTeam = strawberry.UNSET,
        subject: market_types.Subject = strawberry.UNSET,
        market: market_types.OfMarket = strawberry.UNSET,
        state: market_types.InState = strawberry.UNSET,
        from_: market_types.MaybeFrom = strawberry.UNSET,
        to: market_types.MaybeTo = strawberry.UNSET,
        conflicting: market_types.Conflicting = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> market_types.StallConnection:
        return cast("market_types.StallConnection", await planned(info))

    @query("A team's stalls on a market's days (摆摊计划)")
    async def stall_plan(self, info: Info, id: Id) -> market_types.StallPlan | None:
        return cast("market_types.StallPlan", await planned(info))

    @query("The caller's own calendar; none that was never opened (本人日程订阅)")
    async def calendar_feeds(self, info: Info) -> list[feed_types.CalendarFeed]:
        return cast("list[feed_types.CalendarFeed]", await planned(info))

    @query("A suggestion (意见建议)")
    async def suggestion(self, info: Info, id: Id) -> suggestion_types.Suggestion | None:
        return cast("suggestion_types.Suggestion", await planned(info))

    @query(
        "The ledger of suggestions, newest first: the caller's own, those of their areas, and published ones (意见建议列表)"
    )
    async def suggestions(
        self,
        info: Info,
        area_code: suggestion_types.AreaCode = strawberry.UNSET,
        state: suggestion_types.InState = strawberry.UNSET,
        session_id: suggestion_types.InSession = strawberry.UNSET,
        owner: suggestion_types.Owner = strawberry.UNSET,
        overdue: suggestion_types.Overdue = strawberry.UNSET,
        published: suggestion_types.Published = strawberry.UNSET,
        mine: suggestion_types.Mine = strawberry.UNSET,
        deed: suggestion_types.Deed = strawberry.UNSET,
        from_: suggestion_types.Since = strawberry.UNSET,
        to: suggestion_types.Until = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> suggestion_types.SuggestionConnection:
        return cast("suggestion_types.SuggestionConnection", await planned(info))

    @query("Matters that came up on duty, at meetings and stalls, newest first (转办事项列表)")
    async def raised_matters(
        self,
        info: Info,
        area_code: suggestion_types.AreaCode = strawberry.UNSET,
        source: suggestion_types.OfSource = strawberry.UNSET,
        deed: suggestion_types.OfMatter = strawberry.UNSET,
        from_: suggestion_types.Since = strawberry.UNSET,
        to: suggestion_types.Until = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> suggestion_types.RaisedMatterConnection:
        return cast("suggestion_types.RaisedMatterConnection", await planned(info))

    @query("Who was shown contacts of visits and suggestions in clear: for auditors, newest first (联系方式查阅记录)")
    async def liaison_disclosures(
        self,
        info: Info,
        area_code: suggestion_types.AreaCode = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> suggestion_types.LiaisonDisclosureConnection:
        return cast("suggestion_types.LiaisonDisclosureConnection", await planned(info))

    @query("What was held and suggested in an area and period, each figure with how to list what it counts (工作统计)")
    async def liaison_figures(
        self,
        info: Info,
        area_code: suggestion_types.ThisArea,
        from_: suggestion_types.FirstDay,
        to: suggestion_types.LastDay,
        by: suggestion_types.By = suggestion_types.LiaisonSpan.NONE,
    ) -> list[suggestion_types.LiaisonFigures]:
        return cast("list[suggestion_types.LiaisonFigures]", await planned(info))

    @query("Who is on duty in a village on a day (值班)")
    async def duty_on(
        self,
        info: Info,
        area: Annotated[str, strawberry.argument(description="code of the village (村代码)")],
        date: Annotated[Date, strawberry.argument(description="the day in China (日期)")],
    ) -> Duty | None:
        return cast("Duty", await planned(info))

    @query("The duties of a span: who has them, and gaps (值班列表)")
    async def duties(
        self,
        info: Info,
        area_code: duty_types.AreaCode = strawberry.UNSET,
        subject: duty_types.Subject = strawberry.UNSET,
        from_: duty_types.From = strawberry.UNSET,
        to: duty_types.To = strawberry.UNSET,
        gap: duty_types.Gap = strawberry.UNSET,
        unsigned: duty_types.Unsigned = strawberry.UNSET,
        attendance: duty_types.Attendance = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.DutyConnection:
        return cast("duty_types.DutyConnection", await planned(info))

    @query("The rules of duty, by village (排班规则列表)")
    async def duty_rules(
        self,
        info: Info,
        area_code: duty_types.AreaCode = strawberry.UNSET,
        subject: duty_types.Subject = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.DutyRuleConnection:
        return cast("duty_types.DutyRuleConnection", await planned(info))

    @query("Offers of duties, newest first (换班申请列表)")
    async def duty_offers(
        self,
        info: Info,
        area_code: duty_types.AreaCode = strawberry.UNSET,
        mine: duty_types.Mine = False,
        state: duty_types.InState = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.DutyOfferConnection:
        return cast("duty_types.DutyOfferConnection", await planned(info))

    @query("Who came to the stations, newest first; residents see what was about their household (值班接待记录列表)")
    async def duty_visits(
        self,
        info: Info,
        area_code: duty_types.AreaCode = strawberry.UNSET,
        from_: duty_types.Since = strawberry.UNSET,
        until: duty_types.Until = strawberry.UNSET,
        purpose: duty_types.OfPurpose = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.DutyVisitConnection:
        return cast("duty_types.DutyVisitConnection", await planned(info))

    @query("What each cadre did of the duties of an area, against a fair share (值班公平性报表)")
    async def duty_fairness(
        self,
        info: Info,
        area_code: duty_types.ThisArea,
        from_: duty_types.FirstDay,
        until: duty_types.LastDay,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.DutyShareConnection:
        return cast("duty_types.DutyShareConnection", await planned(info))

    @query("Who serves (干部列表)")
    async def cadres(
        self,
        info: Info,
        area_code: duty_types.ServingArea = strawberry.UNSET,
        department: duty_types.Department = strawberry.UNSET,
        serving: duty_types.Serving = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.CadreConnection:
        return cast("duty_types.CadreConnection", await planned(info))

    @query("Who is away when, latest first (请假列表)")
    async def leaves(
        self,
        info: Info,
        area_code: duty_types.AreaCode = strawberry.UNSET,
        subject: duty_types.Subject = strawberry.UNSET,
        from_: duty_types.Since = strawberry.UNSET,
        until: duty_types.Until = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> duty_types.LeaveConnection:
        return cast("duty_types.LeaveConnection", await planned(info))

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
        owner: Annotated[
            str | None,
            strawberry.argument(description="whose move it is: department/<code> or area/<code> (责任单位)"),
        ] = strawberry.UNSET,
        assignee: Annotated[
            str | None, strawberry.argument(description="who does them: subject of the account (承办人)")
        ] = strawberry.UNSET,
        open: Annotated[
            bool | None,
            strawberry.argument(description="only those that have not ended, or only those that have (未办结)"),
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> TicketConnection:
        return cast("TicketConnection", await planned(info))

    @query("The limits of matters that still run, those that end first first (时限列表)")
    async def deadlines(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        department: Annotated[
            str | None, strawberry.argument(description="code of the department (部门代码)")
        ] = strawberry.UNSET,
        kind: Annotated[
            clocks.DeadlineKind | None, strawberry.argument(description="what they are for (种类)")
        ] = strawberry.UNSET,
        missed: Annotated[
            bool | None, strawberry.argument(description="those that have run out, or those that have not (是否超期)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> clocks.DeadlineConnection:
        return cast("clocks.DeadlineConnection", await planned(info))

    @query("The topmost categories of matters, with what lies below them (事项分类目录)")
    async def categories(self, info: Info, on: clocks.On = strawberry.UNSET) -> list[clocks.Category]:
        return cast("list[clocks.Category]", await planned(info))

    @query("Where such a matter goes today; null, with NOT_FOUND, where no department is named (派遣建议)")
    async def route_for(
        self,
        info: Info,
        category: Annotated[str, strawberry.argument(description="code of the category (类别)")],
        area: Annotated[str, strawberry.argument(description="code of the area where it is (区划代码)")],
    ) -> clocks.Route | None:
        return cast("clocks.Route", await planned(info))

    @query("Where matters go (派遣去向)")
    async def routes(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        on: clocks.On = strawberry.UNSET,
    ) -> list[clocks.Route]:
        return cast("list[clocks.Route]", await planned(info))

    @query("The limits of matters (时限规则)")
    async def limits(self, info: Info, on: clocks.On = strawberry.UNSET) -> list[clocks.Limits]:
        return cast("list[clocks.Limits]", await planned(info))

    @query("Whom late matters are told to, for staff (督办升级)")
    async def escalations(self, info: Info) -> list[clocks.Escalation]:
        return cast("list[clocks.Escalation]", await planned(info))

    @query("Figures of an area's matters (事项统计)")
    async def matter_figures(
        self,
        info: Info,
        area: Annotated[str, strawberry.argument(description="code of the area (区划代码)")],
        from_: Annotated[Date, strawberry.argument(name="from", description="first day, in China (起始日期)")],
        to: Annotated[Date, strawberry.argument(description="last day, at most 366 days in all (截止日期)")],
        trend: Annotated[
            figured.FigureTrend, strawberry.argument(description="how fine the trend is (趋势粒度)")
        ] = figured.FigureTrend.DAY,
    ) -> figured.MatterFigures | None:
        return cast("figured.MatterFigures", await planned(info))

    @query("The schemes of assessment (考核方案)")
    async def assessment_schemes(
        self,
        info: Info,
        on: Annotated[
            Date | None, strawberry.argument(description="those that hold on that day; absent for all lines (日期)")
        ] = strawberry.UNSET,
    ) -> list[figured.AssessmentScheme]:
        return cast("list[figured.AssessmentScheme]", await planned(info))

    @query("The assessments of a period, or of all, the newest first (考核列表)")
    async def assessments(
        self,
        info: Info,
        period: Annotated[
            str | None, strawberry.argument(description="such as 2026-01 or 2026-Q1 (考核期)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> figured.AssessmentConnection:
        return cast("figured.AssessmentConnection", await planned(info))

    @query("What units came to in a period, the best first: one's own, and those below one (考核结果)")
    async def assessment_results(
        self,
        info: Info,
        period: Annotated[str, strawberry.argument(description="such as 2026-01 or 2026-Q1 (考核期)")],
        version: Annotated[
            int | None, strawberry.argument(description="an earlier version; absent for the newest (版本)")
        ] = strawberry.UNSET,
        scheme: Annotated[str | None, strawberry.argument(description="code of one scheme (方案)")] = strawberry.UNSET,
        unit: Annotated[str | None, strawberry.argument(description="one unit's (对象)")] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> figured.AssessmentResultConnection:
        return cast("figured.AssessmentResultConnection", await planned(info))

    @query("The cases that an indicator of a result counts (考核案例)")
    async def assessment_cases(
        self,
        info: Info,
        result: Annotated[strawberry.ID, strawberry.argument(description="the result (考核结果)")],
        indicator: Annotated[figured.AssessmentIndicator, strawberry.argument(description="the indicator (指标)")],
        counted: Annotated[
            bool | None,
            strawberry.argument(
                description="true: the numerator's, false: the others; absent: the denominator's (计入)"
            ),
        ] = strawberry.UNSET,
        left_out: Annotated[
            bool, strawberry.argument(description="those that objections left out instead (已剔除)")
        ] = False,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> figured.AssessmentCaseConnection:
        return cast("figured.AssessmentCaseConnection", await planned(info))

    @query("Objections to cases, the newest first (申诉列表)")
    async def assessment_objections(
        self,
        info: Info,
        undecided: Annotated[
            bool | None, strawberry.argument(description="those that wait, or those that do not (待裁定)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> figured.AssessmentObjectionConnection:
        return cast("figured.AssessmentObjectionConnection", await planned(info))

    @query("The unit of an area (服务单位)")
    async def unit(
        self, info: Info, code: Annotated[str, strawberry.argument(description="code of the area (区划代码)")]
    ) -> network.Unit | None:
        return cast("network.Unit", await planned(info))

    @query("The network's units, from the county down (服务网络)")
    async def units(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="code of an area: those in it and its own (区划代码)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> network.UnitConnection:
        return cast("network.UnitConnection", await planned(info))

    @query("The lowest unit that handles an item for people of an area, with those who do it (事项受理单位)")
    async def unit_for(
        self,
        info: Info,
        item: Annotated[str, strawberry.argument(description="code of a service item or a category (事项代码)")],
        area: Annotated[str, strawberry.argument(description="code of the area where it is (区划代码)")],
    ) -> network.Unit | None:
        return cast("network.Unit", await planned(info))

    @query("A call (来电)")
    async def call(self, info: Info, id: Id) -> hotline.Call | None:
        return cast("hotline.Call", await planned(info))

    @query("The hotline's calls that the caller may see, newest first (来电列表)")
    async def calls(
        self,
        info: Info,
        area: hotline.Area = strawberry.UNSET,
        agent: hotline.Agent = strawberry.UNSET,
        unlinked: hotline.Unlinked = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> hotline.CallConnection:
        return cast("hotline.CallConnection", await planned(info))

    @query("Recording and transcript of a call, for the hotline's agents (录音与转写)")
    async def call_record(self, info: Info, id: Id) -> hotline.CallRecord | None:
        return cast("hotline.CallRecord", await planned(info))

    @query("Who calls: what is open of that number (来电人事项)")
    async def caller(
        self, info: Info, call_id: hotline.CallId = strawberry.UNSET, phone: hotline.Phone = strawberry.UNSET
    ) -> hotline.Caller | None:
        return cast("hotline.Caller", await planned(info))

    @query("Verified matters that wait for their callback, oldest first (待回访列表)")
    async def callback_queue(
        self,
        info: Info,
        area: hotline.Area = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> hotline.CallbackConnection:
        return cast("hotline.CallbackConnection", await planned(info))

    @query("Who was shown contacts in clear: for auditors, newest first (联系方式查阅记录)")
    async def disclosures(
        self,
        info: Info,
        area: hotline.Area = strawberry.UNSET,
        ticket: hotline.TicketId = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> hotline.DisclosureConnection:
        return cast("hotline.DisclosureConnection", await planned(info))

    @query("Who does permits and certificates (事项经办人)")
    async def item_clerks(self, info: Info, item: hotline.Item = strawberry.UNSET) -> list[hotline.ItemClerk]:
        return cast("list[hotline.ItemClerk]", await planned(info))

    @query("How the hotline answers (热线服务指标)")
    async def hotline_measures(
        self,
        info: Info,
        from_: hotline.From,
        to: hotline.To,
        by: hotline.By = hotline.HotlineSpan.TOTAL,
        area: hotline.Area = strawberry.UNSET,
    ) -> list[hotline.HotlineMeasure]:
        return cast("list[hotline.HotlineMeasure]", await planned(info))

    @query("An errand (代办件)")
    async def errand(self, info: Info, id: Id) -> errand_types.Errand | None:
        return cast("errand_types.Errand", await planned(info))

    @query("The errands that the caller may see, newest first (代办件列表)")
    async def errands(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        state: Annotated[
            errand_types.ErrandState | None, strawberry.argument(description="where they stand (状态)")
        ] = strawberry.UNSET,
        agent: Annotated[
            str | None, strawberry.argument(description="subject of the agent's account (代办员)")
        ] = strawberry.UNSET,
        household: Annotated[
            strawberry.ID | None, strawberry.argument(description="for whom they are (农户)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> errand_types.ErrandConnection:
        return cast("errand_types.ErrandConnection", await planned(info))

    @query("Who runs errands (代办员列表)")
    async def errand_agents(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="code of an area that they serve (区划代码)")
        ] = strawberry.UNSET,
    ) -> list[errand_types.ErrandAgent]:
        return cast("list[errand_types.ErrandAgent]", await planned(info))

    @query("Who may run an errand, whoever has the fewest on hand first (可指派代办员)")
    async def errand_candidates(self, info: Info, id: Id) -> list[errand_types.ErrandAgent]:
        return cast("list[errand_types.ErrandAgent]", await planned(info))

    @query("Papers that are out, neither with the person nor where they were issued, the most urgent first (在外证件)")
    async def documents_out(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        agent: Annotated[
            str | None, strawberry.argument(description="subject of the agent who holds them (代办员)")
        ] = strawberry.UNSET,
        overdue: Annotated[
            bool | None,
            strawberry.argument(description="only those that should be back already, or only the others (逾期)"),
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> errand_types.ErrandDocumentConnection:
        return cast("errand_types.ErrandDocumentConnection", await planned(info))

    @query("When custody alarms (预警规则)")
    async def errand_rules(self, info: Info) -> list[errand_types.ErrandRule]:
        return cast("list[errand_types.ErrandRule]", await planned(info))

    @query("What an errand of each service item saves (事项代办参数)")
    async def errand_items(self, info: Info) -> list[errand_types.ErrandItem]:
        return cast("list[errand_types.ErrandItem]", await planned(info))

    @query("Figures of the errands delivered in a span of days (代办统计)")
    async def errand_measures(
        self,
        info: Info,
        since: Annotated[Date, strawberry.argument(description="first day (起始日期)")],
        until: Annotated[Date, strawberry.argument(description="last day (截止日期)")],
        by: Annotated[
            errand_types.ErrandMeasureBy, strawberry.argument(description="by village, agent or item (统计口径)")
        ] = errand_types.ErrandMeasureBy.AREA,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
    ) -> list[errand_types.ErrandMeasure]:
        return cast("list[errand_types.ErrandMeasure]", await planned(info))

    @query("A service centre (便民服务中心)")
    async def service_centre(self, info: Info, code: windows.CentreCode) -> windows.ServiceCentre | None:
        return cast("windows.ServiceCentre", await planned(info))

    @query("The service centres, by area (便民服务中心列表)")
    async def service_centres(
        self, info: Info, area: windows.Within = strawberry.UNSET, first: First = 50, after: After = strawberry.UNSET
    ) -> windows.ServiceCentreConnection:
        return cast("windows.ServiceCentreConnection", await planned(info))

    @query("A service item (办事事项)")
    async def service_item(
        self, info: Info, code: windows.ItemCode, on: windows.On = strawberry.UNSET
    ) -> windows.ServiceItem | None:
        return cast("windows.ServiceItem", await planned(info))

    @query("The service items, by code (办事事项目录)")
    async def service_items(
        self,
        info: Info,
        on: windows.On = strawberry.UNSET,
        level: windows.Level = strawberry.UNSET,
        department: windows.DepartmentCode = strawberry.UNSET,
        search: windows.Named = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> windows.ServiceItemConnection:
        return cast("windows.ServiceItemConnection", await planned(info))

    @query("Who goes first in a queue (优先类别)")
    async def queue_classes(self, info: Info) -> list[windows.QueueClass]:
        return cast("list[windows.QueueClass]", await planned(info))

    @query("A number of a queue: for whoever took it, and for staff there (排队号)")
    async def queue_number(self, info: Info, id: Id) -> windows.QueueNumber | None:
        return cast("windows.QueueNumber", await planned(info))

    @query("The numbers that the caller took and that are not over (我的排队号)")
    async def my_queue_numbers(self, info: Info) -> list[windows.QueueNumber]:
        return cast("list[windows.QueueNumber]", await planned(info))

    @query("The numbers of a centre that are not over, in the order of their turns: for staff there (排队列表)")
    async def queue(
        self, info: Info, centre: windows.CentreCode, first: First = 50, after: After = strawberry.UNSET
    ) -> windows.QueueNumberConnection:
        return cast("windows.QueueNumberConnection", await planned(info))

    @query("Figures of the queues in the caller's areas, at most 400 days (排队统计)")
    async def queue_figures(
        self,
        info: Info,
        since: windows.Since,
        until: windows.Until,
        per: windows.Per,
        centre: windows.OneCentre = strawberry.UNSET,
    ) -> list[windows.QueueFigures]:
        return cast("list[windows.QueueFigures]", await planned(info))

    @query("An intake of one or several items (一窗受理件)")
    async def intake(self, info: Info, id: Id) -> windows.Intake | None:
        return cast("windows.Intake", await planned(info))

    @query("The intakes that the caller may see, newest first (一窗受理件列表)")
    async def intakes(
        self,
        info: Info,
        area: windows.Within = strawberry.UNSET,
        status: windows.IntakeState = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> windows.IntakeConnection:
        return cast("windows.IntakeConnection", await planned(info))

    @query("The series of meetings (活动系列列表)")
    async def series(
        self,
        info: Info,
        area_code: session_types.AroundArea = strawberry.UNSET,
        kind: session_types.OfKind = strawberry.UNSET,
    ) -> list[session_types.Series]:
        return cast("list[session_types.Series]", await planned(info))

    @query("A gathering or dialogue (集中/沟通日活动)")
    async def session(self, info: Info, id: Id) -> session_types.Session | None:
        return cast("session_types.Session", await planned(info))

    @query("Gatherings and dialogues, the latest first (活动列表)")
    async def sessions(
        self,
        info: Info,
        area_code: session_types.AreaCode = strawberry.UNSET,
        kind: session_types.OfKind = strawberry.UNSET,
        from_: session_types.Since = strawberry.UNSET,
        to: session_types.Until = strawberry.UNSET,
        state: session_types.InState = strawberry.UNSET,
        subject: session_types.Subject = strawberry.UNSET,
        gap: session_types.Gap = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> session_types.SessionConnection:
        return cast("session_types.SessionConnection", await planned(info))

    @query("The same by date, by default from today on (近期活动列表)")
    async def sessions_ahead(
        self,
        info: Info,
        area_code: session_types.AreaCode = strawberry.UNSET,
        kind: session_types.OfKind = strawberry.UNSET,
        from_: session_types.Since = strawberry.UNSET,
        to: session_types.Until = strawberry.UNSET,
        state: session_types.InState = strawberry.UNSET,
        subject: session_types.Subject = strawberry.UNSET,
        gap: session_types.Gap = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> session_types.SessionConnection:
        return cast("session_types.SessionConnection", await planned(info))

    @query(
        "Who signed up for gatherings, newest first, as far as it is the caller's own or of their villages (报名列表)"
    )
    async def sign_ups(
        self,
        info: Info,
        area_code: session_types.AreaCode = strawberry.UNSET,
        session: session_types.OfSession = strawberry.UNSET,
        state: session_types.SignUpIn = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> session_types.SignUpConnection:
        return cast("session_types.SignUpConnection", await planned(info))

    @query("What members of teams can do (技能目录)")
    async def team_skills(self, info: Info) -> list[team_types.TeamSkill]:
        return cast("list[team_types.TeamSkill]", await planned(info))

    @query("Kinds of teams (团队类型目录)")
    async def team_kinds(self, info: Info) -> list[team_types.TeamKind]:
        return cast("list[team_types.TeamKind]", await planned(info))

    @query("A service team (服务团队)")
    async def team(
        self,
        info: Info,
        id: Id,
    ) -> team_types.Team | None:
        return cast("team_types.Team", await planned(info))

    @query("The service teams (服务团队列表)")
    async def teams(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
        kind: team_types.OfKind = strawberry.UNSET,
        skill: team_types.OfSkill = strawberry.UNSET,
        active: team_types.Active = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> team_types.TeamConnection:
        return cast("team_types.TeamConnection", await planned(info))

    @query("Who could be sent to a matter or a place, best first, and why (派遣建议)")
    async def propose_teams(
        self,
        info: Info,
        skill: team_types.WantedSkill,
        ticket: team_types.TicketId = strawberry.UNSET,
        area: team_types.Place = strawberry.UNSET,
        level: team_types.Level = 1,
        longitude: team_types.Longitude = strawberry.UNSET,
        latitude: team_types.Latitude = strawberry.UNSET,
        begins: team_types.Begins = strawberry.UNSET,
        ends: team_types.Ends = strawberry.UNSET,
    ) -> list[team_types.TeamProposal]:
        return cast("list[team_types.TeamProposal]", await planned(info))

    @query("A mission (派遣任务)")
    async def mission(
        self,
        info: Info,
        id: Id,
    ) -> team_types.Mission | None:
        return cast("team_types.Mission", await planned(info))

    @query("The missions that the caller may see, newest first (任务列表)")
    async def missions(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
        team: team_types.OfTeam = strawberry.UNSET,
        member: team_types.Member = strawberry.UNSET,
        mine: team_types.Mine = False,
        state: team_types.OfState = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> team_types.MissionConnection:
        return cast("team_types.MissionConnection", await planned(info))

    @query("An activity (下乡服务活动)")
    async def activity(
        self,
        info: Info,
        id: Id,
    ) -> team_types.Activity | None:
        return cast("team_types.Activity", await planned(info))

    @query("The activities, latest day first (活动列表)")
    async def activities(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
        since: team_types.Since = strawberry.UNSET,
        until: team_types.Until = strawberry.UNSET,
        team: team_types.OfTeam = strawberry.UNSET,
        kind: team_types.OfKind = strawberry.UNSET,
        skill: team_types.OfSkill = strawberry.UNSET,
        state: team_types.InState = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> team_types.ActivityConnection:
        return cast("team_types.ActivityConnection", await planned(info))

    @query("Activities counted, by area, team, kind, skill or month (活动统计)")
    async def activity_figures(
        self,
        info: Info,
        since: team_types.FirstDay,
        until: team_types.LastDay,
        area: team_types.Area = strawberry.UNSET,
        by: team_types.By = team_types.ActivitySpan.AREA,
    ) -> list[team_types.ActivityFigure]:
        return cast("list[team_types.ActivityFigure]", await planned(info))

    @query("A mediation (调解)")
    async def mediation(
        self,
        info: Info,
        id: Id,
    ) -> mediation_types.Mediation | None:
        return cast("mediation_types.Mediation", await planned(info))

    @query("The mediations that the caller may see, newest first (调解列表)")
    async def mediations(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
        state: mediation_types.OfState = strawberry.UNSET,
        mediator: mediation_types.OfMediator = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> mediation_types.MediationConnection:
        return cast("mediation_types.MediationConnection", await planned(info))

    @query("What is owed by agreements and not performed, the earliest first (待履行事项)")
    async def obligations_due(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
        until: mediation_types.DueUntil = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> mediation_types.ObligationConnection:
        return cast("mediation_types.ObligationConnection", await planned(info))

    @query("Who mediates (调解员列表)")
    async def mediators(
        self,
        info: Info,
        area: team_types.Area = strawberry.UNSET,
    ) -> list[mediation_types.Mediator]:
        return cast("list[mediation_types.Mediator]", await planned(info))

    @query("What is written down of a monthly dialogue (民情沟通日)")
    async def dialogue(self, info: Info, session_id: dialogue_types.SessionId) -> dialogue_types.Dialogue | None:
        return cast("dialogue_types.Dialogue", await planned(info))

    @query("Something that is proposed and voted on (议案)")
    async def proposal(self, info: Info, id: Id) -> dialogue_types.Proposal | None:
        return cast("dialogue_types.Proposal", await planned(info))

    @query("The proposals, newest first (议案列表)")
    async def proposals(
        self,
        info: Info,
        area_code: dialogue_types.InArea = strawberry.UNSET,
        state: dialogue_types.InState = strawberry.UNSET,
        since: dialogue_types.Since = strawberry.UNSET,
        until: dialogue_types.Until = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> dialogue_types.ProposalConnection:
        return cast("dialogue_types.ProposalConnection", await planned(info))

    @query("The bodies of villages that decide (议事主体列表)")
    async def voting_bodies(
        self,
        info: Info,
        area_code: dialogue_types.InArea = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> dialogue_types.VotingBodyConnection:
        return cast("dialogue_types.VotingBodyConnection", await planned(info))


@strawberry.type(description="Deeds (操作)")
class Mutation:
    @mutation("Report a matter (上报诉求)")
    async def report_ticket(self, info: Info, input: inputs.ReportTicketInput) -> inputs.ReportTicketPayload | None:
        return cast("inputs.ReportTicketPayload", await planned(info))

    @mutation("Another secret code to ask where a matter stands, for somebody who lost theirs (重新生成查询码)")
    async def new_status_code(
        self, info: Info, input: network.NewStatusCodeInput
    ) -> network.NewStatusCodePayload | None:
        return cast("network.NewStatusCodePayload", await planned(info))

    @mutation("Set up a unit of the network, or change it (修订服务单位)")
    async def revise_unit(self, info: Info, input: network.ReviseUnitInput) -> network.ReviseUnitPayload | None:
        return cast("network.ReviseUnitPayload", await planned(info))

    @mutation("Say who does which items at a unit (修订业务人员)")
    async def revise_unit_staff(
        self, info: Info, input: network.ReviseUnitStaffInput
    ) -> network.ReviseUnitStaffPayload | None:
        return cast("network.ReviseUnitStaffPayload", await planned(info))

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

    @mutation("Begin to work on a matter (开始办理)")
    async def start_ticket(self, info: Info, input: moves.StartTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Let a matter rest for a reason (挂起)")
    async def suspend_ticket(self, info: Info, input: moves.SuspendTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Go on with a matter that rested (恢复办理)")
    async def resume_ticket(self, info: Info, input: moves.ResumeTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Send a matter back as not one's own (退单)")
    async def return_ticket(self, info: Info, input: moves.ReturnTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Rule which department does a matter (裁定)")
    async def rule_ticket(self, info: Info, input: moves.RuleTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Say that one looked and it is not done (退回重办)")
    async def rework_ticket(self, info: Info, input: moves.ReworkTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Do a matter again, with a new owner (重新办理)")
    async def reopen_ticket(self, info: Info, input: moves.ReopenTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Make a matter one with another (并单)")
    async def merge_ticket(self, info: Info, input: moves.MergeTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Take a matter back (撤回)")
    async def withdraw_ticket(self, info: Info, input: moves.WithdrawTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Refer a matter out (转出)")
    async def refer_ticket(self, info: Info, input: moves.ReferTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Name the person who does a matter (指派)")
    async def assign_ticket(self, info: Info, input: moves.AssignTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Hand a matter to another unit (移交)")
    async def hand_over_ticket(self, info: Info, input: moves.HandOverTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Require that a matter be done (督办)")
    async def supervise_ticket(self, info: Info, input: moves.SuperviseTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Bring a matter before the next level (升级)")
    async def escalate_ticket(self, info: Info, input: moves.EscalateTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Say as a superior whether one is satisfied (上级评价)")
    async def rate_ticket(self, info: Info, input: moves.RateTicketInput) -> moves.MoveTicketPayload | None:
        return cast("moves.MoveTicketPayload", await planned(info))

    @mutation("Note a call that no telephone system told of (登记来电)")
    async def note_call(self, info: Info, input: hotline.NoteCallInput) -> hotline.CallPayload | None:
        return cast("hotline.CallPayload", await planned(info))

    @mutation("Report a matter that a caller tells of (电话登记事项)")
    async def report_by_phone(self, info: Info, input: hotline.ReportByPhoneInput) -> hotline.CallTicketPayload | None:
        return cast("hotline.CallTicketPayload", await planned(info))

    @mutation("A call is about a matter that is there; with `press` the caller urges it on (关联来电、催办)")
    async def link_call(self, info: Info, input: hotline.LinkCallInput) -> hotline.CallPayload | None:
        return cast("hotline.CallPayload", await planned(info))

    @mutation("Say whom to call about a matter (登记联系方式)")
    async def set_contact(self, info: Info, input: hotline.SetContactInput) -> hotline.CallTicketPayload | None:
        return cast("hotline.CallTicketPayload", await planned(info))

    @mutation("Make a suggestion (提出意见建议)")
    async def raise_suggestion(
        self, info: Info, input: suggestion_types.RaiseSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Take a suggestion on: who has it, and until when (受理意见建议)")
    async def accept_suggestion(
        self, info: Info, input: suggestion_types.AcceptSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Do not take a suggestion on (不予受理意见建议)")
    async def decline_suggestion(
        self, info: Info, input: suggestion_types.DeclineSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Let a suggestion go with another that says the same (并入同类意见)")
    async def merge_suggestion(
        self, info: Info, input: suggestion_types.MergeSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Answer a suggestion, or put the answer into other words (答复意见建议)")
    async def answer_suggestion(
        self, info: Info, input: suggestion_types.AnswerSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Say that a suggestion is solved, and what shows it (认定解决)")
    async def solve_suggestion(
        self, info: Info, input: suggestion_types.SolveSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Note what the person says of the answer (登记回访)")
    async def note_suggestion_callback(
        self, info: Info, input: suggestion_types.NoteSuggestionCallbackInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Let everybody read a suggestion with its answer (公开意见建议)")
    async def publish_suggestion(
        self, info: Info, input: suggestion_types.PublishSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Support a suggestion, once (附议)")
    async def support_suggestion(
        self, info: Info, input: suggestion_types.SupportSuggestionInput
    ) -> suggestion_types.SuggestionPayload | None:
        return cast("suggestion_types.SuggestionPayload", await planned(info))

    @mutation("Show a contact of a visit or a suggestion in clear: for a purpose, and written down (查看联系方式)")
    async def reveal_liaison_contact(
        self, info: Info, input: suggestion_types.RevealLiaisonContactInput
    ) -> suggestion_types.RevealLiaisonContactPayload | None:
        return cast("suggestion_types.RevealLiaisonContactPayload", await planned(info))

    @mutation("Show a contact in clear: for a purpose, and written down (查看联系方式)")
    async def reveal_contact(
        self, info: Info, input: hotline.RevealContactInput
    ) -> hotline.RevealContactPayload | None:
        return cast("hotline.RevealContactPayload", await planned(info))

    @mutation("Take a callback for oneself, for a while (领取回访)")
    async def claim_callback(self, info: Info, input: hotline.ClaimCallbackInput) -> hotline.CallbackPayload | None:
        return cast("hotline.CallbackPayload", await planned(info))

    @mutation("Note how an attempt to call back ended (登记回访拨打)")
    async def note_callback(self, info: Info, input: hotline.NoteCallbackInput) -> hotline.CallbackPayload | None:
        return cast("hotline.CallbackPayload", await planned(info))

    @mutation("Say who does a permit or certificate for an area (设置事项经办人)")
    async def revise_item_clerk(
        self, info: Info, input: hotline.ReviseItemClerkInput
    ) -> hotline.ItemClerkPayload | None:
        return cast("hotline.ItemClerkPayload", await planned(info))

    @mutation("Ask for more time (申请延期)")
    async def request_extension(
        self, info: Info, input: clocks.RequestExtensionInput
    ) -> clocks.ExtensionPayload | None:
        return cast("clocks.ExtensionPayload", await planned(info))

    @mutation("Decide a request for more time (审批延期)")
    async def decide_extension(self, info: Info, input: clocks.DecideExtensionInput) -> clocks.ExtensionPayload | None:
        return cast("clocks.ExtensionPayload", await planned(info))

    @mutation("Make or change a category, from a day on (修订类别)")
    async def revise_category(
        self, info: Info, input: clocks.ReviseCategoryInput
    ) -> clocks.ReviseCategoryPayload | None:
        return cast("clocks.ReviseCategoryPayload", await planned(info))

    @mutation("Say where matters go, from a day on (修订派遣去向)")
    async def revise_route(self, info: Info, input: clocks.ReviseRouteInput) -> clocks.ReviseRoutePayload | None:
        return cast("clocks.ReviseRoutePayload", await planned(info))

    @mutation("Say what limits hold, from a day on (修订时限)")
    async def revise_limits(self, info: Info, input: clocks.ReviseLimitsInput) -> clocks.ReviseLimitsPayload | None:
        return cast("clocks.ReviseLimitsPayload", await planned(info))

    @mutation("Say whom a unit's late matters are told to (修订督办人员)")
    async def revise_escalation(
        self, info: Info, input: clocks.ReviseEscalationInput
    ) -> clocks.ReviseEscalationPayload | None:
        return cast("clocks.ReviseEscalationPayload", await planned(info))

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

    @mutation("How a centre is from a day on (修订服务中心)")
    async def revise_centre(self, info: Info, input: windows.ReviseCentreInput) -> windows.CentrePayload | None:
        return cast("windows.CentrePayload", await planned(info))

    @mutation("How a window is from a day on (修订窗口)")
    async def revise_window(self, info: Info, input: windows.ReviseWindowInput) -> windows.WindowPayload | None:
        return cast("windows.WindowPayload", await planned(info))

    @mutation("How a service item is from a day on (修订办事事项)")
    async def revise_item(self, info: Info, input: windows.ReviseItemInput) -> windows.ServiceItemPayload | None:
        return cast("windows.ServiceItemPayload", await planned(info))

    @mutation("Take a number (取号)")
    async def take_number(self, info: Info, input: windows.TakeNumberInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Sit down at a window (开窗)")
    async def open_window(self, info: Info, input: windows.OpenWindowInput) -> windows.WindowPayload | None:
        return cast("windows.WindowPayload", await planned(info))

    @mutation("Leave a window (停窗)")
    async def close_window(self, info: Info, input: windows.CloseWindowInput) -> windows.WindowPayload | None:
        return cast("windows.WindowPayload", await planned(info))

    @mutation("Call who is next (叫号)")
    async def call_next(self, info: Info, input: windows.CallNextInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Call a number once more (重呼)")
    async def recall_number(self, info: Info, input: windows.RecallNumberInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("The person is there (开始办理)")
    async def start_serving(self, info: Info, input: windows.StartServingInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Pass a number on (转号)")
    async def transfer_number(
        self, info: Info, input: windows.TransferNumberInput
    ) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Nobody came (过号)")
    async def mark_no_show(self, info: Info, input: windows.MarkNoShowInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Who did not show has come (过号重排)")
    async def return_number(self, info: Info, input: windows.ReturnNumberInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("The service has ended (办结)")
    async def finish_serving(self, info: Info, input: windows.FinishServingInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Give a number up (弃号)")
    async def cancel_number(self, info: Info, input: windows.CancelNumberInput) -> windows.QueueNumberPayload | None:
        return cast("windows.QueueNumberPayload", await planned(info))

    @mutation("Open one form for several items (一窗受理)")
    async def open_intake(self, info: Info, input: windows.OpenIntakeInput) -> windows.IntakePayload | None:
        return cast("windows.IntakePayload", await planned(info))

    @mutation("Hand in what an intake still wants (补正材料)")
    async def complete_intake(self, info: Info, input: windows.CompleteIntakeInput) -> windows.IntakePayload | None:
        return cast("windows.IntakePayload", await planned(info))

    @mutation("All parts are done, and so is the whole (并联件办结)")
    async def resolve_intake(
        self, info: Info, input: windows.ResolveIntakeInput
    ) -> windows.ResolveIntakePayload | None:
        return cast("windows.ResolveIntakePayload", await planned(info))

    @mutation("Put a service team on record, or anew (登记服务团队)")
    async def revise_team(self, info: Info, input: team_types.ReviseTeamInput) -> team_types.TeamPayload | None:
        return cast("team_types.TeamPayload", await planned(info))

    @mutation("Say where a village or a grid lies (设置区划中心点)")
    async def revise_area_centre(
        self, info: Info, input: team_types.ReviseAreaCentreInput
    ) -> team_types.AreaCentrePayload | None:
        return cast("team_types.AreaCentrePayload", await planned(info))

    @mutation("Send a team to a matter (派服务团队)")
    async def send_team(self, info: Info, input: team_types.SendTeamInput) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("They will come (接受任务)")
    async def accept_mission(
        self, info: Info, input: team_types.AcceptMissionInput
    ) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("They will not come; the answer names others (谢绝任务)")
    async def decline_mission(
        self, info: Info, input: team_types.DeclineMissionInput
    ) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("They are there (到场)")
    async def arrive_at_mission(
        self, info: Info, input: team_types.ArriveAtMissionInput
    ) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("It is done, or could not be done (任务结束)")
    async def finish_mission(
        self, info: Info, input: team_types.FinishMissionInput
    ) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("Nobody needs to come any more (取消任务)")
    async def cancel_mission(
        self, info: Info, input: team_types.CancelMissionInput
    ) -> team_types.MissionPayload | None:
        return cast("team_types.MissionPayload", await planned(info))

    @mutation("A team will be in a village (安排下乡服务)")
    async def plan_activity(self, info: Info, input: team_types.PlanActivityInput) -> team_types.ActivityPayload | None:
        return cast("team_types.ActivityPayload", await planned(info))

    @mutation("The activity was held (登记活动情况)")
    async def hold_activity(self, info: Info, input: team_types.HoldActivityInput) -> team_types.ActivityPayload | None:
        return cast("team_types.ActivityPayload", await planned(info))

    @mutation("The activity will not be held (取消活动)")
    async def cancel_activity(
        self, info: Info, input: team_types.CancelActivityInput
    ) -> team_types.ActivityPayload | None:
        return cast("team_types.ActivityPayload", await planned(info))

    @mutation("The address of the caller's own calendar: the same until it is revoked, then another (开通日程订阅)")
    async def open_feed(self, info: Info, input: feed_types.OpenFeedInput) -> feed_types.OpenFeedPayload | None:
        return cast("feed_types.OpenFeedPayload", await planned(info))

    @mutation("The address of the caller's own calendar leads nowhere any more (撤销日程订阅)")
    async def revoke_feed(self, info: Info, input: feed_types.RevokeFeedInput) -> feed_types.RevokeFeedPayload | None:
        return cast("feed_types.RevokeFeedPayload", await planned(info))

    @mutation("Put a market on record, or revise its rule (修订墟日规则)")
    async def revise_market(
        self, info: Info, input: market_types.ReviseMarketInput
    ) -> market_types.MarketPayload | None:
        return cast("market_types.MarketPayload", await planned(info))

    @mutation("A market day is added, dropped or moved (新增墟日例外)")
    async def add_market_exception(
        self, info: Info, input: market_types.AddMarketExceptionInput
    ) -> market_types.MarketPayload | None:
        return cast("market_types.MarketPayload", await planned(info))

    @mutation("A day is again what the market's rule says (撤销墟日例外)")
    async def drop_market_exception(
        self, info: Info, input: market_types.DropMarketExceptionInput
    ) -> market_types.MarketPayload | None:
        return cast("market_types.MarketPayload", await planned(info))

    @mutation("A team has a stall on a market's days (安排墟日摆摊)")
    async def plan_stalls(
        self, info: Info, input: market_types.PlanStallsInput
    ) -> market_types.StallPlanPayload | None:
        return cast("market_types.StallPlanPayload", await planned(info))

    @mutation("No stalls of a plan from a day on (取消墟日摆摊)")
    async def cancel_stalls(
        self, info: Info, input: market_types.CancelStallsInput
    ) -> market_types.StallPlanPayload | None:
        return cast("market_types.StallPlanPayload", await planned(info))

    @mutation("Put a mediator on record, or anew (登记调解员)")
    async def revise_mediator(
        self, info: Info, input: mediation_types.ReviseMediatorInput
    ) -> mediation_types.MediatorPayload | None:
        return cast("mediation_types.MediatorPayload", await planned(info))

    @mutation("Have a dispute mediated (启动调解)")
    async def open_mediation(
        self, info: Info, input: mediation_types.OpenMediationInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("Other mediators, more parties or plots (调整调解)")
    async def revise_mediation(
        self, info: Info, input: mediation_types.ReviseMediationInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("A session was held (登记调解会)")
    async def note_mediation_session(
        self, info: Info, input: mediation_types.NoteMediationSessionInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("Put an agreement into words (拟定协议)")
    async def draft_agreement(
        self, info: Info, input: mediation_types.DraftAgreementInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("The parties have signed, or mediation has failed (调解终结)")
    async def conclude_mediation(
        self, info: Info, input: mediation_types.ConcludeMediationInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("What somebody owes is done (登记履行)")
    async def perform_obligation(
        self, info: Info, input: mediation_types.PerformObligationInput
    ) -> mediation_types.MediationPayload | None:
        return cast("mediation_types.MediationPayload", await planned(info))

    @mutation("Put the roll of a body that decides on record, or anew (登记议事主体)")
    async def set_voting_body(
        self, info: Info, input: dialogue_types.SetVotingBodyInput
    ) -> dialogue_types.VotingBodyPayload | None:
        return cast("dialogue_types.VotingBodyPayload", await planned(info))

    @mutation("Set a dialogue's agenda (设定议程)")
    async def set_agenda(
        self, info: Info, input: dialogue_types.SetAgendaInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("Note who came to a dialogue (登记到会)")
    async def note_attendance(
        self, info: Info, input: dialogue_types.NoteAttendanceInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("Note what was studied at a dialogue (登记学习)")
    async def note_study(
        self, info: Info, input: dialogue_types.NoteStudyInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("Propose something at a dialogue (提出议案)")
    async def propose(self, info: Info, input: dialogue_types.ProposeInput) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Open the vote on a proposal (开始表决)")
    async def open_vote(self, info: Info, input: dialogue_types.OpenVoteInput) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Vote on a proposal (投票)")
    async def cast_vote(self, info: Info, input: dialogue_types.CastVoteInput) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Close the vote on a proposal and count it (结束表决)")
    async def close_vote(
        self, info: Info, input: dialogue_types.CloseVoteInput
    ) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Write down a vote that was counted by hand (登记表决结果)")
    async def record_vote(
        self, info: Info, input: dialogue_types.RecordVoteInput
    ) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Take a proposal back before it is decided (撤回议案)")
    async def withdraw_proposal(
        self, info: Info, input: dialogue_types.WithdrawProposalInput
    ) -> dialogue_types.ProposalPayload | None:
        return cast("dialogue_types.ProposalPayload", await planned(info))

    @mutation("Draft a dialogue's minutes (起草纪要)")
    async def draft_minutes(
        self, info: Info, input: dialogue_types.DraftMinutesInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("Sign a dialogue's minutes (签署纪要)")
    async def sign_minutes(
        self, info: Info, input: dialogue_types.SignMinutesInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("Publish a dialogue's minutes (公布纪要)")
    async def publish_minutes(
        self, info: Info, input: dialogue_types.PublishMinutesInput
    ) -> dialogue_types.DialoguePayload | None:
        return cast("dialogue_types.DialoguePayload", await planned(info))

    @mutation("A scheme of assessment from a day on (修订考核方案)")
    async def revise_scheme(self, info: Info, input: figured.ReviseSchemeInput) -> figured.ReviseSchemePayload | None:
        return cast("figured.ReviseSchemePayload", await planned(info))

    @mutation("Reckon the assessment of a period that is over (计算考核)")
    async def compute_assessment(
        self, info: Info, input: figured.ComputeAssessmentInput
    ) -> figured.ComputeAssessmentPayload | None:
        return cast("figured.ComputeAssessmentPayload", await planned(info))

    @mutation("A unit objects to a case of its result (申诉)")
    async def object_to_case(self, info: Info, input: figured.ObjectToCaseInput) -> figured.ObjectionPayload | None:
        return cast("figured.ObjectionPayload", await planned(info))

    @mutation("Who is above the unit decides its objection; upheld, the period is reckoned anew (裁定申诉)")
    async def decide_objection(
        self, info: Info, input: figured.DecideObjectionInput
    ) -> figured.ObjectionPayload | None:
        return cast("figured.ObjectionPayload", await planned(info))

    @mutation("Set a series of meetings; for clerks of the township and admins (设置活动系列)")
    async def set_series(self, info: Info, input: session_types.SetSeriesInput) -> session_types.SeriesPayload | None:
        return cast("session_types.SeriesPayload", await planned(info))

    @mutation("End a series; what is planned after it goes (终止活动系列)")
    async def end_series(self, info: Info, input: session_types.EndSeriesInput) -> session_types.SeriesPayload | None:
        return cast("session_types.SeriesPayload", await planned(info))

    @mutation("Move a session to another day or time; for its hosts (调整活动日期)")
    async def move_session(
        self, info: Info, input: session_types.MoveSessionInput
    ) -> session_types.SessionPayload | None:
        return cast("session_types.SessionPayload", await planned(info))

    @mutation("A session will not be held (取消活动)")
    async def cancel_session(
        self, info: Info, input: session_types.CancelSessionInput
    ) -> session_types.SessionPayload | None:
        return cast("session_types.SessionPayload", await planned(info))

    @mutation("Say what a session will be about (设置主题)")
    async def set_topic(self, info: Info, input: session_types.SetTopicInput) -> session_types.SessionPayload | None:
        return cast("session_types.SessionPayload", await planned(info))

    @mutation("Choose whom a department sends to a session (指定参加人员)")
    async def assign_staff(
        self, info: Info, input: session_types.AssignStaffInput
    ) -> session_types.SessionPayload | None:
        return cast("session_types.SessionPayload", await planned(info))

    @mutation("A session was held, also told late (登记活动情况)")
    async def hold_session(
        self, info: Info, input: session_types.HoldSessionInput
    ) -> session_types.SessionPayload | None:
        return cast("session_types.SessionPayload", await planned(info))

    @mutation("Sign up for a gathering; staff for somebody (报名)")
    async def sign_up(self, info: Info, input: session_types.SignUpInput) -> session_types.SignUpPayload | None:
        return cast("session_types.SignUpPayload", await planned(info))

    @mutation("Withdraw a sign-up (撤回报名)")
    async def withdraw_sign_up(
        self, info: Info, input: session_types.WithdrawSignUpInput
    ) -> session_types.SignUpPayload | None:
        return cast("session_types.SignUpPayload", await planned(info))

    @mutation("Answer who came with a topic; for hosts (答复报名)")
    async def answer_sign_up(
        self, info: Info, input: session_types.AnswerSignUpInput
    ) -> session_types.SignUpPayload | None:
        return cast("session_types.SignUpPayload", await planned(info))

    @mutation("Raise a topic that somebody came with as a matter; for hosts (报名转事情单)")
    async def raise_sign_up(
        self, info: Info, input: session_types.RaiseSignUpInput
    ) -> session_types.SignUpPayload | None:
        return cast("session_types.SignUpPayload", await planned(info))

    @mutation("Sign in for duty (值班签到)")
    async def sign_in_for_duty(
        self, info: Info, input: inputs.SignInForDutyInput
    ) -> inputs.SignInForDutyPayload | None:
        return cast("inputs.SignInForDutyPayload", await planned(info))

    @mutation("Sign out of duty (值班签退)")
    async def sign_out_of_duty(self, info: Info, input: duty_types.SignOutOfDutyInput) -> duty_types.DutyPayload | None:
        return cast("duty_types.DutyPayload", await planned(info))

    @mutation("Ask another, or anybody, to take a duty (申请换班)")
    async def offer_duty(self, info: Info, input: duty_types.OfferDutyInput) -> duty_types.DutyOfferPayload | None:
        return cast("duty_types.DutyOfferPayload", await planned(info))

    @mutation("Take a duty that is offered (接受换班)")
    async def take_duty(self, info: Info, input: duty_types.TakeDutyInput) -> duty_types.DutyOfferPayload | None:
        return cast("duty_types.DutyOfferPayload", await planned(info))

    @mutation("Do not take a duty that is offered (谢绝换班)")
    async def decline_duty(self, info: Info, input: duty_types.DeclineDutyInput) -> duty_types.DutyOfferPayload | None:
        return cast("duty_types.DutyOfferPayload", await planned(info))

    @mutation("Keep a duty that was offered (撤回换班申请)")
    async def withdraw_duty_offer(
        self, info: Info, input: duty_types.WithdrawDutyOfferInput
    ) -> duty_types.DutyOfferPayload | None:
        return cast("duty_types.DutyOfferPayload", await planned(info))

    @mutation("Give a duty to somebody in an emergency (紧急指派值班)")
    async def assign_duty(self, info: Info, input: duty_types.AssignDutyInput) -> duty_types.DutyPayload | None:
        return cast("duty_types.DutyPayload", await planned(info))

    @mutation("Write down who came to the station (登记值班接待)")
    async def note_duty_visit(
        self, info: Info, input: duty_types.NoteDutyVisitInput
    ) -> duty_types.DutyVisitPayload | None:
        return cast("duty_types.DutyVisitPayload", await planned(info))

    @mutation("Put a cadre on record, or anew (登记干部)")
    async def revise_cadre(self, info: Info, input: duty_types.ReviseCadreInput) -> duty_types.CadrePayload | None:
        return cast("duty_types.CadrePayload", await planned(info))

    @mutation("Somebody will be away (请假登记)")
    async def note_leave(self, info: Info, input: duty_types.NoteLeaveInput) -> duty_types.LeavePayload | None:
        return cast("duty_types.LeavePayload", await planned(info))

    @mutation("They will not be away (撤销请假)")
    async def withdraw_leave(self, info: Info, input: duty_types.WithdrawLeaveInput) -> duty_types.LeavePayload | None:
        return cast("duty_types.LeavePayload", await planned(info))

    @mutation("Say by which rule a village's duties come about (设置排班规则)")
    async def set_duty_rule(self, info: Info, input: duty_types.SetDutyRuleInput) -> duty_types.DutyRulePayload | None:
        return cast("duty_types.DutyRulePayload", await planned(info))

    @mutation("Say where a village's station is (设置村服务站位置)")
    async def set_station(self, info: Info, input: duty_types.SetStationInput) -> duty_types.StationPayload | None:
        return cast("duty_types.StationPayload", await planned(info))

    @mutation("Have something done for somebody (申请代办)")
    async def request_errand(
        self, info: Info, input: errand_types.RequestErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Say who runs an errand (指派代办员)")
    async def assign_errand(
        self, info: Info, input: errand_types.AssignErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Sign what the agent may do (签署委托)")
    async def mandate_errand(
        self, info: Info, input: errand_types.MandateErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Take the mandate back (撤销委托)")
    async def revoke_mandate(
        self, info: Info, input: errand_types.RevokeMandateInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Papers go from the person to the agent (收取证件)")
    async def collect_documents(
        self, info: Info, input: errand_types.CollectDocumentsInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("The agent applies at the department (递交办理)")
    async def submit_errand(
        self, info: Info, input: errand_types.SubmitErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("The agent has what was issued (取得结果)")
    async def obtain_errand(
        self, info: Info, input: errand_types.ObtainErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("The person has it (送达)")
    async def deliver_errand(
        self, info: Info, input: errand_types.DeliverErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("End an errand; nothing may be out (代办办结)")
    async def finish_errand(
        self, info: Info, input: errand_types.FinishErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("End an errand that is not done; nothing may be out (取消代办)")
    async def cancel_errand(
        self, info: Info, input: errand_types.CancelErrandInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Hold papers out to somebody (交出证件)")
    async def offer_documents(
        self, info: Info, input: errand_types.OfferDocumentsInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Take papers over (签收证件)")
    async def accept_documents(
        self, info: Info, input: errand_types.AcceptDocumentsInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("Do not take papers over, or take an offer back (拒收、收回)")
    async def decline_documents(
        self, info: Info, input: errand_types.DeclineDocumentsInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("The agent will come to the door (预约上门)")
    async def plan_errand_visit(
        self, info: Info, input: errand_types.PlanErrandVisitInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("How a visit to the door ended (登记上门)")
    async def note_errand_visit(
        self, info: Info, input: errand_types.NoteErrandVisitInput
    ) -> errand_types.ErrandPayload | None:
        return cast("errand_types.ErrandPayload", await planned(info))

    @mutation("The code that proves a delivery, for the person alone (查看送达码)")
    async def tell_delivery_code(
        self, info: Info, input: errand_types.TellDeliveryCodeInput
    ) -> errand_types.TellDeliveryCodePayload | None:
        return cast("errand_types.TellDeliveryCodePayload", await planned(info))

    @mutation("Who runs errands, and where (登记代办员)")
    async def revise_errand_agent(
        self, info: Info, input: errand_types.ReviseErrandAgentInput
    ) -> errand_types.ErrandAgentPayload | None:
        return cast("errand_types.ErrandAgentPayload", await planned(info))

    @mutation("When custody alarms (设置预警规则)")
    async def revise_errand_rule(
        self, info: Info, input: errand_types.ReviseErrandRuleInput
    ) -> errand_types.ErrandRulePayload | None:
        return cast("errand_types.ErrandRulePayload", await planned(info))

    @mutation("What an errand of an item saves (设置事项代办参数)")
    async def revise_errand_item(
        self, info: Info, input: errand_types.ReviseErrandItemInput
    ) -> errand_types.ErrandItemPayload | None:
        return cast("errand_types.ErrandItemPayload", await planned(info))


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
