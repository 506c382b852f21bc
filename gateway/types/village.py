"""Village sheets (owner: archive)."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.archive import Area, Provenance
from gateway.types.declare import Date, DateTime, Node, filled, first
from gateway.types.inputs import asked, optional


@strawberry.enum(description="What a village's market days go by (墟日规则)")
class MarketRule(Enum):
    SOLAR = "SOLAR"
    LUNAR = "LUNAR"
    WEEKDAY = "WEEKDAY"
    BRANCH = "BRANCH"


@strawberry.enum(description="Kind of an entry in the ledger of a village's collective (集体台账类别)")
class BookingKind(Enum):
    ASSET_IN = "ASSET_IN"
    ASSET_OUT = "ASSET_OUT"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


@strawberry.type(description="The sheet of a village (村情单)")
class VillageSheet(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code of the village (村代码)")
    area: Area = filled("the village as an area (行政区划)")
    version: int = filled("version of the sheet; give it when revising (版本)")
    revised_at: DateTime | None = filled("when the sheet was last changed; null while it is empty (更新时间)")
    sheet_url: str = filled("path of the sheet in print; .html for .pdf is the page itself (打印件路径)")
    terrain: str | None = filled("terrain (地形地貌)")
    groups: list[str] = filled("villagers' groups (村民小组)")
    cultivated_mu: float | None = filled("cultivated area in mu (耕地面积，亩)")
    forest_mu: float | None = filled("forest in mu (林地面积，亩)")
    water_mu: float | None = filled("water in mu (水域面积，亩)")
    roads: str | None = filled("roads (道路交通)")
    water_supply: str | None = filled("drinking water (饮水供水)")
    network: str | None = filled("network (通信网络)")
    party_branch: str | None = filled("party branch (党组织)")
    clinics: list[str] = filled("clinics (医疗机构)")
    schools: list[str] = filled("schools (学校)")
    industries: list[str] = filled("industries (主要产业)")
    hazards: list[str] = filled("hazards: slopes, floods … (灾害隐患)")
    market_rule: MarketRule | None = filled("what the market days go by (墟日规则)")
    market_days: list[int] = filled(
        "the market days: last digits of the day of the Gregorian or lunar month, weekdays from Monday = 1, branches from 子 = 1 (墟日)"
    )
    village_rules: str | None = filled("the village's own rules (村规民约)")
    sources: list["VillageFactSource"] = filled("where each fact comes from (事实来源)")
    figures: list["VillageFigure"] = filled(
        "figures of years, newest first; residents see those that are confirmed (年度数据)", **first(100)
    )
    terms: list["VillageTerm"] = filled("cadres and their terms, those in office first (村干部任期)", **first(100))
    ledger: list["VillageBooking"] = filled(
        "the collective's assets and income, newest first (集体资产收支台账)", **first(100)
    )
    ledger_years: list["VillageLedgerYear"] = filled("the ledger's sums by year, newest first (台账年度汇总)")
    agreements: list["VillageAgreement"] = filled("agreements, newest first (协议)", **first(100))


@strawberry.type(description="Where a fact of a village's sheet comes from (事实来源)")
class VillageFactSource:
    fact: str = filled("the fact, as its field is called (事实)")
    provenance: Provenance = filled("how it is known (来源)")
    verified_on: Date = filled("day of the last verification (核实日期)")


@strawberry.type(description="A figure of a village's year (年度数据)")
class VillageFigure:
    year: int = filled("the year (年份)")
    figure: str = filled("which: POPULATION, COLLECTIVE_INCOME … (指标代码)")
    title: str | None = filled("its name (指标)")
    unit: str | None = filled("what it is counted in (单位)")
    value: float = filled("the figure (数值)")
    source: str = filled("where it comes from (数据来源)")
    entered_by: str = filled("who entered it: subject of their account (录入人)")
    confirmed_by: str | None = filled(
        "who else confirmed it: subject of their account; null while nobody has (确认账号)"
    )
    confirmed_name: str | None = filled("their name (确认人)")
    confirmed_on: Date | None = filled("when it was confirmed (确认日期)")


@strawberry.type(description="The term of a village cadre (村干部任期)")
class VillageTerm:
    id: strawberry.ID = filled("id for ending it")
    name: str = filled("name (姓名)")
    office: str = filled("office: PARTY_SECRETARY, DIRECTOR … (职务代码)")
    office_name: str | None = filled("office (职务)")
    since: Date = filled("first day (任职日期)")
    until: Date | None = filled("last day; null while in office (离任日期)")
    end_reason: str | None = filled("why it ended (离任原因)")


@strawberry.type(description="An entry in the ledger of a village's collective; it is never changed (台账记录)")
class VillageBooking:
    id: strawberry.ID = filled("id for taking it back")
    kind: BookingKind = filled("kind (类别)")
    kind_name: str = filled("kind, in Chinese (类别名称)")
    title: str = filled("what for (事由)")
    amount: float = filled("amount in yuan, below zero where an entry is taken back (金额，元)")
    booked_on: Date = filled("day (记账日期)")
    document: str = filled("the document that proves it (凭证)")
    reverses: strawberry.ID | None = filled("the entry that this one takes back (冲销记录)")


@strawberry.type(description="Sums of a year's ledger (台账年度汇总)")
class VillageLedgerYear:
    year: int = filled("the year (年份)")
    income: float = filled("income in yuan (收入，元)")
    expense: float = filled("expense in yuan (支出，元)")
    assets: float = filled("assets at its end in yuan (年末资产，元)")


@strawberry.type(description="An agreement (协议)")
class VillageAgreement:
    id: strawberry.ID = filled("id")
    title: str = filled("title (名称)")
    parties: list[str] = filled("who agreed (当事人)")
    agreed_on: Date = filled("day (签订日期)")
    text: str = filled("what was agreed (内容)")
    witness: str | None = filled("witness; for the staff (见证人)")
    image: str | None = filled("its picture: key in the object store; for the staff (影像)")


@strawberry.type(description="What a village declares beside what its household sheets add up to (数据核对)")
class VillageMeasure:
    measure: str = filled("what is measured: POPULATION, CONTRACT_MU … (指标代码)")
    title: str = filled("its name (指标)")
    unit: str = filled("what it is counted in (单位)")
    year: int | None = filled("the year of the declared figure (年份)")
    declared: float | None = filled("as the village declares it (上报数)")
    confirmed: bool | None = filled("whether the declared figure is confirmed; null for a fact without year (已确认)")
    computed: float | None = filled("as the household sheets add up (户情单汇总数)")
    gap: float | None = filled("declared less added up (差额)")


@strawberry.input(description="When market is held (墟日)")
class MarketInput:
    rule: MarketRule = asked("what it goes by (规则)")
    days: list[int] = asked("the days, see VillageSheet.marketDays; none takes the market away (日期)")


@strawberry.input(description="Facts of a village; an empty text or list takes one away (村情)")
class VillageFactsInput:
    terrain: str | None = optional("terrain (地形地貌)")
    groups: list[str] | None = optional("villagers' groups (村民小组)")
    cultivated_mu: float | None = optional("cultivated area in mu (耕地面积，亩)")
    forest_mu: float | None = optional("forest in mu (林地面积，亩)")
    water_mu: float | None = optional("water in mu (水域面积，亩)")
    roads: str | None = optional("roads (道路交通)")
    water_supply: str | None = optional("drinking water (饮水供水)")
    network: str | None = optional("network (通信网络)")
    party_branch: str | None = optional("party branch (党组织)")
    clinics: list[str] | None = optional("clinics (医疗机构)")
    schools: list[str] | None = optional("schools (学校)")
    industries: list[str] | None = optional("industries (主要产业)")
    hazards: list[str] | None = optional("hazards (灾害隐患)")
    market: MarketInput | None = optional("when market is held (墟日)")
    village_rules: str | None = optional("the village's own rules (村规民约)")


@strawberry.input(description="What of a village's sheet changes (修订村情单)")
class ReviseVillageInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    version: int = asked("the version that the caller saw (版本)")
    facts: VillageFactsInput = asked("the facts that change; the others stay (村情)")
    effective_on: Date | None = optional("first day on which it holds; absent for today (生效日期)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    reason: str | None = optional("why (原因)")


@strawberry.input(description="A figure of a village's year (录入年度数据)")
class RecordFigureInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    year: int = asked("the year (年份)")
    figure: str = asked("which: POPULATION, COLLECTIVE_INCOME … (指标代码)")
    value: float = asked("the figure, at most two decimals (数值)")
    source: str = asked("where it comes from (数据来源)")


@strawberry.input(description="Confirm a figure that somebody else entered (确认年度数据)")
class ConfirmFigureInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    year: int = asked("the year (年份)")
    figure: str = asked("which: POPULATION, COLLECTIVE_INCOME … (指标代码)")
    value: float = asked("the figure as the caller saw it (数值)")


@strawberry.input(description="An entry in the ledger: kind and amount, or which entry it takes back (登记台账)")
class RecordAssetEntryInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    kind: BookingKind | None = optional("kind (类别)")
    title: str = asked("what for (事由)")
    amount: float | None = optional("amount in yuan, more than 0, at most two decimals (金额，元)")
    booked_on: Date = asked("day (记账日期)")
    document: str = asked("the document that proves it (凭证)")
    reverses: strawberry.ID | None = optional("the entry that is taken back (冲销记录)")


@strawberry.input(description="A cadre takes office (任职)")
class StartTermInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    name: str = asked("name (姓名)")
    office: str = asked("office: PARTY_SECRETARY, DIRECTOR … (职务代码)")
    since: Date = asked("first day (任职日期)")
    until: Date | None = optional("last day, of a term that is over (离任日期)")


@strawberry.input(description="A cadre leaves office (离任)")
class EndTermInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the term (任期)")
    until: Date = asked("last day (离任日期)")
    reason: str | None = optional("why (离任原因)")


@strawberry.input(description="An agreement (登记协议)")
class RecordAgreementInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("code of the village (村代码)")
    title: str = asked("title (名称)")
    parties: list[str] = asked("who agreed, two at least (当事人)")
    agreed_on: Date = asked("day (签订日期)")
    text: str = asked("what was agreed (内容)")
    witness: str | None = optional("witness (见证人)")
    image: str | None = optional("its picture: key in the object store (影像)")


@strawberry.type(description="The village's sheet after a deed (村情单操作结果)")
class VillagePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    village_sheet: VillageSheet = filled("the sheet after it (村情单)")


VillageCode = Annotated[str, strawberry.argument(description="code of the village (村代码)")]
