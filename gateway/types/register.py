"""Special registers (owner: archive)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.types.declare import PageInfo, filled
from gateway.types.privacy import Purpose

if TYPE_CHECKING:
    from gateway.types.archive import Area, Household, Member


@strawberry.type(description="A column of a register (名册栏目)")
class RegisterColumn:
    name: str = filled("name (栏目代码)")
    title: str = filled("title in Chinese (栏目名称)")


@strawberry.type(description="A register that the caller may list (名册)")
class Register:
    code: str = filled("code (代码)")
    title: str = filled("title in Chinese (名称)")
    columns: list[RegisterColumn] = filled("what each line shows (栏目)")
    purposes: list[Purpose] = filled(
        "for which a workbook may be taken away: /files/archive/registers/<code>.xlsx?area=…&purpose=… (导出用途)"
    )


@strawberry.type(description="What a register's line shows in a column (单元格)")
class RegisterCell:
    name: str = filled("name of the column (栏目代码)")
    title: str = filled("title of the column (栏目名称)")
    value: str | None = filled("the value, masked as on the sheet (内容)")


@strawberry.type(description="A line of a register (名册条目)")
class RegisterEntry:
    register: str = filled("code of the register (名册代码)")
    grid: Annotated["Area", strawberry.lazy("gateway.types.archive")] = filled("the grid (所在网格)")
    household: Annotated["Household", strawberry.lazy("gateway.types.archive")] = filled("the household (农户)")
    member: Annotated["Member", strawberry.lazy("gateway.types.archive")] | None = filled(
        "the person; null where it is of the household as such (家庭成员)"
    )
    cells: list[RegisterCell] = filled("one cell a column (单元格)")


@strawberry.type(description="A line and where it stands in the register")
class RegisterEntryEdge:
    node: RegisterEntry = filled("the line")
    cursor: str = filled("its place in the register")


@strawberry.type(description="A page of a register (名册列表)")
class RegisterEntryConnection:
    edges: list[RegisterEntryEdge] = filled("the page's lines")
    page_info: PageInfo = filled("where the page stands")
