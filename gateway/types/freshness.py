"""Freshness of sheets: what is due for a visit, and how much of an area is up to date (owner: archive)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import Date, PageInfo, filled

if TYPE_CHECKING:
    from gateway.types.archive import Area, Household, Member


@strawberry.type(description="A fact of a sheet that is past its review interval (待核实信息)")
class StaleFact:
    reference: str = filled("names the fact when a visit note confirms it (引用)")
    name: str = filled("the fact's name, such as phone (字段)")
    title: str = filled("its name in Chinese (名称)")
    stale_on: Date = filled("first day on which it was due for verification (应核实日期)")
    member: Annotated["Member", strawberry.lazy("gateway.types.archive")] | None = filled(
        "whose fact it is; null for the household's own (家庭成员)"
    )


@strawberry.type(description="What makes a visit more urgent (走访优先因素)")
class VisitNeed:
    code: str = filled("code (代码)")
    name: str = filled("name (名称)")
    days: int = filled("as how many days overdue it counts (折算天数)")


@strawberry.type(description="A household that is due for a visit, and why (待走访农户)")
class VisitDue:
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] = filled("the household (农户)")
    due_on: Date = filled("first day on which a fact of the sheet was stale (应走访日期)")
    overdue_days: int = filled("days since then (逾期天数)")
    needs: list[VisitNeed] = filled("what makes it more urgent (优先因素)")
    rank: int = filled("its place in the queue: days overdue and the days that its needs count for (排序值)")
    stale_facts: list[StaleFact] = filled("what there is to verify (待核实信息)")


@strawberry.type(description="A household that is due and where it stands in the queue")
class VisitDueEdge:
    node: VisitDue = filled("the household that is due")
    cursor: str = filled("its place in the queue")


@strawberry.type(description="A page of the visit queue (走访队列)")
class VisitDueConnection:
    edges: list[VisitDueEdge] = filled("the page's households")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="How fresh the sheets of an area are, as far as the caller reaches it (更新情况)")
class Freshness:
    area: Annotated["Area", strawberry.lazy("gateway.types.archive")] = filled("the area (区划)")
    sheets: int = filled("open sheets (户数)")
    stale_sheets: int = filled("those with a fact past its review interval (待核实户数)")
    fresh_sheets_percent: float | None = filled("percent of sheets without one; null without sheets (户更新率)")
    facts: int = filled("facts that have a review interval (信息项数)")
    stale_facts: int = filled("those past it (待核实项数)")
    fresh_facts_percent: float | None = filled("percent of facts within it; null without facts (信息更新率)")
    parts: list["Freshness"] = filled("the same of the areas right below (下级区划)")
