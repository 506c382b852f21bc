"""Changes of areas (owner: archive). Edges to other services: ChangedArea.tickets, ChangedArea.duties."""

from enum import Enum

import strawberry

from gateway.types.archive import Area, Household
from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first
from gateway.types.inputs import asked, optional
from gateway.types.liaison import AreaDuties
from gateway.types.tickets import AreaTickets


@strawberry.enum(description="What is done to areas (变更类型)")
class AreaChangeKind(Enum):
    MERGE = strawberry.enum_value("MERGE", description="several become one, new or one of them (合并)")
    SPLIT = strawberry.enum_value("SPLIT", description="one becomes several, new or itself with the rest (拆分)")
    MOVE = strawberry.enum_value(
        "MOVE", description="one goes on under another code, in another place or not (划转、改码)"
    )
    RENAME = strawberry.enum_value("RENAME", description="one gets another name (更名)")


@strawberry.enum(description="Where a change stands (变更状态)")
class AreaChangeState(Enum):
    PLANNED = "PLANNED"
    DONE = "DONE"
    UNDONE = "UNDONE"


@strawberry.enum(description="What becomes of an area in a change (区划去向)")
class AreaFate(Enum):
    ENDED = "ENDED"
    BEGUN = "BEGUN"
    KEPT = "KEPT"
    RENAMED = "RENAMED"


@strawberry.type(
    description="What a change does to one area. Numbers: of one that ends what it holds, of another what comes to it (涉及区划)"
)
class ChangedArea:
    fate: AreaFate = filled("what becomes of it (去向)")
    code: str = filled("code (区划代码)")
    name: str = filled("name, of one that begins or is renamed the new one (名称)")
    former_name: str | None = filled("the name before, where it changes (原名称)")
    households: int = filled("households (户数)")
    persons: int = filled("members of these (人数)")
    plots: int = filled("plots, of households and of the village itself (地块数)")
    grid_workers: int = filled("grid workers; they serve where their grids go (网格员数)")
    area: Area | None = filled("the area itself; null before it begins (区划)")
    tickets: AreaTickets | None = filled("its matters; null before it begins, and where tickets are away (事项情况)")
    duties: AreaDuties | None = filled("its roster; null before it begins, and where liaison is away (值班情况)")


@strawberry.type(description="What of an area goes where (划转)")
class AreaMove:
    predecessor: str = filled("code of the area that hands over (原区划代码)")
    successor: str = filled("code of the area that gets it (新区划代码)")
    households: int = filled("households that go this way (户数)")


@strawberry.type(description="A household that gets another number, since its new village has that already (户号调整)")
class Renumbering:
    household: Household | None = filled("the household; null outside the caller's reach (农户)")
    grid_code: str = filled("code of the grid that it comes to (新网格代码)")
    former_number: str = filled("number before (原户号)")
    number: str = filled("number afterwards (新户号)")


@strawberry.type(description="Villages or grids that are merged, split, moved or renamed (区划变更)")
class AreaChange(Node):
    id: strawberry.ID = filled("global id")
    kind: AreaChangeKind = filled("what is done (类型)")
    state: AreaChangeState = filled("where it stands (状态)")
    changed_on: Date = filled("first day on which it holds (生效日)")
    reason: str = filled("why, such as the document that decided it (依据)")
    version: int = filled("version; give it when deciding (版本)")
    households: int = filled("households that come to another grid (户数)")
    persons: int = filled("members of these (人数)")
    plots: int = filled("plots that come to another area (地块数)")
    grid_workers: int = filled("grid workers whose grids change (网格员数)")
    areas: list[ChangedArea] = filled("the areas concerned: that end, begin, go on (涉及区划)", **first(500))
    moves: list[AreaMove] = filled("what goes where, villages before grids (划转明细)", **first(500))
    renumbered: list[Renumbering] = filled("households that get another number (户号调整)", **first(500))
    planned_by: str = filled("subject of the account that planned it (拟定人)")
    planned_at: DateTime = filled("when (拟定时间)")
    done_by: str | None = filled("subject of the account that carried it out (执行人)")
    done_at: DateTime | None = filled("when (执行时间)")
    undone_by: str | None = filled("subject of the account that undid it (撤销人)")
    undone_at: DateTime | None = filled("when (撤销时间)")


@strawberry.type(description="A change and where it stands in the list")
class AreaChangeEdge:
    node: AreaChange = filled("the change")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of changes (区划变更列表)")
class AreaChangeConnection:
    edges: list[AreaChangeEdge] = filled("the page's changes")
    page_info: PageInfo = filled("where the page stands")


@strawberry.input(description="An area of the result (变更后区划)")
class AreaChangeTargetInput:
    code: str | None = optional(
        "its code; of a grid its village's is enough, or none: it then gets the next serial (区划代码)"
    )
    name: str | None = optional("its name; needed for a new one, but not where one is moved (名称)")
    grids: list[str] | None = optional(
        "of a village that is split: codes of the grids that it gets; absent: all the others (网格)"
    )
    households: list[strawberry.ID] | None = optional(
        "of a grid that is split: the households that it gets; absent: all the others (农户)"
    )
    plots: list[str] | None = optional(
        "of a village that is split: codes of the village's own plots that it gets (集体地块)"
    )


@strawberry.input(description="What shall be done to areas (拟定区划变更)")
class PlanAreaChangeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    kind: AreaChangeKind = asked("what is done (类型)")
    changed_on: Date = asked("first day on which it holds; may lie ahead (生效日)")
    reason: str = asked("why, such as the document that decided it (依据)")
    from_: list[str] = strawberry.field(
        name="from",
        description="codes of the areas that it is done to, in the order in which they keep numbers (原区划)",
    )
    to: list[AreaChangeTargetInput] = asked("the areas of the result; one of `from` among them goes on (变更后区划)")


@strawberry.input(description="Do what was planned (执行区划变更)")
class CarryOutAreaChangeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the change (变更)")
    version: int = asked("the version that the caller saw (版本)")


@strawberry.input(description="Take a change back, while nothing has come of it (撤销区划变更)")
class UndoAreaChangeInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the change (变更)")
    version: int = asked("the version that the caller saw (版本)")
    reason: str = asked("why (撤销原因)")


@strawberry.type(description="What would follow (拟定结果)")
class PlanAreaChangePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    area_change: AreaChange = filled("the planned change (变更)")


@strawberry.type(description="The change, carried out (执行结果)")
class CarryOutAreaChangePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    area_change: AreaChange = filled("the change after it (变更)")


@strawberry.type(description="The change, undone (撤销结果)")
class UndoAreaChangePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    area_change: AreaChange = filled("the change after it (变更)")
