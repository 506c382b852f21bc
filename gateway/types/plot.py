"""Plots, the report on a village's plots, and the mediation pack (owner: archive)."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.archive import Area, Household, Provenance
from gateway.types.declare import Date, DateTime, GeoJSON, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional

if TYPE_CHECKING:
    from gateway.types.attachment import Attachment


@strawberry.enum(description="A side of a plot (四至方位)")
class Side(Enum):
    EAST = "EAST"
    SOUTH = "SOUTH"
    WEST = "WEST"
    NORTH = "NORTH"


@strawberry.enum(description="What is wrong with a side in words (四至核对)")
class NeighbourKind(Enum):
    CONTRADICTION = strawberry.enum_value("CONTRADICTION", description="who is named says something else (相互矛盾)")
    ONE_SIDED = strawberry.enum_value("ONE_SIDED", description="who is named names nobody that is known (单方指认)")


@strawberry.type(description="A plot of land (地块)")
class Plot(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code of 19 digits: village 12, group 2, serial 5 (地块编码)")
    name: str = filled("name (地块名称)")
    category: str = filled("category: 10 21 22 23 99 (地块类别代码)")
    category_name: str = filled("category, in Chinese (地块类别)")
    contract_mu: float = filled("area by the contract, in mu (合同面积)")
    measured_mu: float | None = filled("area as it was measured, in mu (实测面积)")
    computed_mu: float | None = filled("area of the shape on the ellipsoid, in mu of 666.67 m² (图形面积)")
    measured_difference_mu: float | None = filled("measured less contract, in mu (实测与合同差)")
    computed_difference_mu: float | None = filled("computed less contract, in mu (图形与合同差)")
    east: str = filled("where it ends in the east, in words (东至)")
    south: str = filled("in the south (南至)")
    west: str = filled("in the west (西至)")
    north: str = filled("in the north (北至)")
    witness: str | None = filled("who showed the boundary (指界人)")
    disputed: bool = filled("whether it is in dispute (有争议)")
    shape: GeoJSON | None = filled("its polygon (界址图形)")
    version: int = filled("how often something was said of it; give it when revising (版本)")
    household: Household | None = filled("who holds it; null where the village does (承包户)")
    area: Area = filled("the village (所在村)")
    attachments: list[Annotated["Attachment", strawberry.lazy("gateway.types.attachment")]] = filled(
        "documents and photos of it, newest first (附件)", **first(50)
    )
    upload_url: str | None = filled(
        "path at the gateway that takes one more; null for a plot of the village (上传路径)"
    )
    holdings: list["PlotHolding"] = filled("who held it when, oldest first (承包沿革)", **first(100))
    entries: list["PlotEntry"] = filled("what was said of it, in the order of recording (登记记录)", **first(200))


@strawberry.type(description="A time during which a plot was held (承包期)")
class PlotHolding:
    household: Household | None = filled("by whom; null for the village, or outside the caller's reach (承包户)")
    area: Area = filled("the village (所在村)")
    since: Date = filled("first day (起)")
    until: Date | None = filled("last day; null while it lasts (止)")
    reason: str | None = filled("why it began, in words (原因)")


@strawberry.type(description="One word on a plot's facts (登记记录)")
class PlotEntry:
    effective_on: Date = filled("first day on which it holds (生效日)")
    recorded_at: DateTime = filled("when it was recorded (登记时间)")
    provenance: Provenance = filled("how it is known (来源)")
    verified_on: Date = filled("day of the verification (核实日)")
    reason: str | None = filled("why, in words (原因)")
    facts: list[str] = filled("names of the facts that it tells (登记项)")
    household: Household | None = filled("on whose sheet it stands (所在户)")


@strawberry.type(description="A plot and where it stands in the list")
class PlotEdge:
    node: Plot = filled("the plot")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of plots (地块列表)")
class PlotConnection:
    edges: list[PlotEdge] = filled("the page's plots")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="A plot that is on record no more (已注销地块)")
class RemovedPlot:
    id: strawberry.ID = filled("its global id")
    holdings: list[PlotHolding] = filled("who held it when (承包沿革)", **first(100))


@strawberry.type(description="Two plots that cover the same ground (重叠)")
class PlotOverlap:
    a: Plot = filled("one (地块甲)")
    b: Plot = filled("the other (地块乙)")
    mu: float = filled("how much, in mu (重叠面积)")
    shape: GeoJSON = filled("where (重叠范围)")


@strawberry.type(description="Ground between plots that is nobody's (缝隙)")
class PlotGap:
    mu: float = filled("how much, in mu (面积)")
    shape: GeoJSON = filled("where (范围)")
    plots: list[Plot] = filled("the plots around it (相邻地块)", **first(100))


@strawberry.type(description="A side in words that the neighbour does not confirm (四至不符)")
class NeighbourFinding:
    kind: NeighbourKind = filled("what is wrong (类别)")
    plot: Plot = filled("whose side (地块)")
    side: Side = filled("which side (方位)")
    words: str = filled("what it says (四至文字)")
    others: list[Plot] = filled("the plots that it names (所指地块)", **first(100))


@strawberry.type(description="What a village's plots make together (村地块核查)")
class VillagePlotReport:
    code: str = filled("code of the village (村代码)")
    name: str = filled("its name (村名)")
    overlaps: list[PlotOverlap] = filled("plots that cover the same ground, the largest first (重叠)", **first(100))
    gaps: list[PlotGap] = filled("ground between plots that is nobody's, the largest first (缝隙)", **first(100))
    neighbours: list[NeighbourFinding] = filled("sides in words that do not agree (四至不符)", **first(100))


@strawberry.type(description="Two plots before a mediator, as of a day (调解资料)")
class MediationPack:
    a: Plot = filled("one (地块甲)")
    b: Plot = filled("the other (地块乙)")
    area: Area = filled("the village of the first (所在村)")
    as_of: Date = filled("the day (时点)")
    known_at: DateTime | None = filled("what was on record at that time; null for all that is known (获知时点)")
    overlap_mu: float = filled("how much ground both cover, in mu (重叠面积)")
    overlap: GeoJSON | None = filled("where (重叠范围)")
    html_url: str = filled("path of the pack as a page to print (调解资料)")
    svg_url: str = filled("path of the map as SVG (示意图)")
    png_url: str = filled("path of the map as PNG (示意图)")


@strawberry.input(description="A new plot, of a household or of a village (登记地块)")
class RecordPlotInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    household_id: strawberry.ID | None = optional("who holds it (承包户)")
    village_code: str | None = optional("or the village that holds it itself (村代码)")
    code: str = asked("code of 19 digits: village 12, group 2, serial 5 (地块编码)")
    name: str = asked("name (地块名称)")
    category: str = asked("category: 10 21 22 23 99 (地块类别代码)")
    contract_mu: float = asked("area by the contract, in mu, two decimals (合同面积)")
    measured_mu: float | None = optional("area as it was measured, in mu (实测面积)")
    east: str = asked("where it ends in the east, in words (东至)")
    south: str = asked("in the south (南至)")
    west: str = asked("in the west (西至)")
    north: str = asked("in the north (北至)")
    witness: str | None = optional("who showed the boundary (指界人)")
    shape: GeoJSON | None = optional("its polygon: closed, simple, at most 500 points (界址图形)")
    effective_on: Date | None = optional("first day on which it holds; today by default (生效日)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    verified_on: Date | None = optional("day of the verification (核实日)")
    reason: str | None = optional("why, in words (原因)")


@strawberry.input(description="What of a plot changes; null leaves a fact as it is (修订地块)")
class RevisePlotInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the plot (地块)")
    version: int = asked("the version that the caller saw (版本)")
    code: str | None = optional("code of 19 digits (地块编码)")
    name: str | None = optional("name (地块名称)")
    category: str | None = optional("category: 10 21 22 23 99 (地块类别代码)")
    contract_mu: float | None = optional("area by the contract, in mu (合同面积)")
    measured_mu: float | None = optional("area as it was measured, in mu (实测面积)")
    east: str | None = optional("where it ends in the east, in words (东至)")
    south: str | None = optional("in the south (南至)")
    west: str | None = optional("in the west (西至)")
    north: str | None = optional("in the north (北至)")
    witness: str | None = optional("who showed the boundary; empty takes it away (指界人)")
    shape: GeoJSON | None = optional("its polygon (界址图形)")
    effective_on: Date | None = optional("first day on which it holds; today by default (生效日)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    verified_on: Date | None = optional("day of the verification (核实日)")
    reason: str | None = optional("why, in words (原因)")


@strawberry.input(description="A plot goes to another holder of the village (流转、调换)")
class TransferPlotInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the plot (地块)")
    version: int = asked("the version that the caller saw (版本)")
    household_id: strawberry.ID | None = optional("who shall hold it (受让户)")
    village_code: str | None = optional("or the village that shall hold it itself (村代码)")
    exchange_for_id: strawberry.ID | None = optional("the plot that goes the other way (调换地块)")
    effective_on: Date | None = optional("first day on which it holds; today by default (生效日)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    verified_on: Date | None = optional("day of the verification (核实日)")
    reason: str | None = optional("why, in words (原因)")


@strawberry.input(description="A plot is no more (注销地块)")
class RemovePlotInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the plot (地块)")
    version: int = asked("the version that the caller saw (版本)")
    effective_on: Date | None = optional("first day on which it is no more; today by default (生效日)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    verified_on: Date | None = optional("day of the verification (核实日)")
    reason: str | None = optional("why, in words (原因)")


@strawberry.input(description="A dispute about a plot begins (争议)")
class DisputePlotInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the plot (地块)")
    version: int = asked("the version that the caller saw (版本)")
    reason: str = asked("who disputes what, or how it was settled (事由)")
    effective_on: Date | None = optional("first day; today by default (生效日)")
    provenance: Provenance = optional("how it is known (来源)", Provenance.DOCUMENT)
    verified_on: Date | None = optional("day of the verification (核实日)")


@strawberry.input(description="A dispute about a plot is settled (争议解决)")
class SettlePlotInput(DisputePlotInput):
    pass


@strawberry.input(description="An area's outline (区划范围)")
class SetAreaShapeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    code: str = asked("the area's code (区划代码)")
    shape: GeoJSON = asked("polygon or multi-polygon, at most 5,000 points (范围)")


@strawberry.type(description="The plot, changed (地块结果)")
class PlotPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    plot: Plot = filled("the plot after it (地块)")


@strawberry.type(description="The plot, removed (注销结果)")
class RemovePlotPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    removed_plot: RemovedPlot = filled("what was removed (已注销地块)")


@strawberry.type(description="The area, outlined (范围结果)")
class SetAreaShapePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    area: Area = filled("the area after it (区划)")


PlotId = Annotated[strawberry.ID, strawberry.argument(description="a plot's global id (地块)")]
Metres = Annotated[
    float | None, strawberry.argument(description="strips narrower than so many metres are gaps; 1 by default")
]
Tolerance = Annotated[
    float | None, strawberry.argument(description="overlaps below so many mu are none; 0.01 by default")
]
GapFrom = Annotated[float | None, strawberry.argument(description="gaps below so many mu are none; 0.001 by default")]
GapTo = Annotated[float | None, strawberry.argument(description="gaps above so many mu are none; 0.5 by default")]
Category = Annotated[str | None, strawberry.argument(description="only of this category (地块类别代码)")]
Disputed = Annotated[bool | None, strawberry.argument(description="only those in dispute, or only the others (有争议)")]
Common = Annotated[
    bool | None, strawberry.argument(description="only what villages hold themselves, or only the others (村集体)")
]
