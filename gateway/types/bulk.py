"""Imports of files of sheets (owner: archive). The files themselves go over /files/archive/imports."""

from enum import Enum

import strawberry

from gateway.types.archive import Area, Provenance
from gateway.types.declare import Date, DateTime, Node, PageInfo, filled, first


@strawberry.enum(description="What a file holds (文件类别)")
class ImportKind(Enum):
    HOUSEHOLDS = "HOUSEHOLDS"
    MEMBERS = "MEMBERS"
    PLOTS = "PLOTS"


@strawberry.enum(description="Where an import stands (导入状态)")
class ImportState(Enum):
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


@strawberry.type(description="What is wrong in a row of a file (错误)")
class ImportFault:
    row: int = filled("number of the row, the header counted (行号)")
    column: str = filled("title of the column (列)")
    field: str = filled("name of the field (字段)")
    rule: str = filled("the rule that is broken (规则)")


@strawberry.type(description="A file of sheets that is taken in (批量导入)")
class Import(Node):
    id: strawberry.ID = filled("global id")
    kind: ImportKind = filled("what it holds (类别)")
    kind_name: str = filled("what it holds, in Chinese (类别名称)")
    area: Area = filled("all of it lies there (区划)")
    dry_run: bool = filled("whether it is only tried out (试运行)")
    valid_from: Date = filled("first day on which what it says holds (生效日)")
    provenance: Provenance = filled("how it is known (来源)")
    state: ImportState = filled("where it stands (状态)")
    failure: str | None = filled("the rule for which the whole file was refused (失败原因)")
    failed_in: str | None = filled("the column that it is about (失败所在列)")
    rows_total: int | None = filled("rows of the file, header and examples not counted; null until it is read (总行数)")
    rows_good: int = filled("rows that are in (成功行数)")
    rows_bad: int = filled("rows that are not (错误行数)")
    percent: int = filled("how much of it is done (进度)")
    households_opened: int = filled("sheets that were opened (新建户数)")
    households_changed: int = filled("sheets that were changed (更新户数)")
    faults: list[ImportFault] = filled("what is wrong, by row (错误清单)", **first(100))
    rejected_url: str | None = filled(
        "path of a workbook of the rows that are not in, for who submitted the file; null without any (错误行下载)"
    )
    submitted_by: str = filled("subject of the account (提交人)")
    submitted_at: DateTime = filled("when it was submitted (提交时间)")
    started_at: DateTime | None = filled("when it was begun (开始时间)")
    finished_at: DateTime | None = filled("when it ended (结束时间)")


@strawberry.type(description="An import and where it stands in the list")
class ImportEdge:
    node: Import = filled("the import")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of imports (导入列表)")
class ImportConnection:
    edges: list[ImportEdge] = filled("the page's imports")
    page_info: PageInfo = filled("where the page stands")
