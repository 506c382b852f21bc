"""Lists that are taken away (导出): which columns each has. What is masked on screen is masked in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.archive.domain.register import Column

EXPORTERS = frozenset({"township_clerk", "city_admin"})
"""Who may take lists away, of their areas."""
MOST_WORKBOOK_ROWS = 50_000
"""Of a workbook, whose watermark is drawn on each page; CSV has no limit."""


@dataclass(frozen=True)
class Export:
    """`root` is read page by page. A column's field is the path to it from a row of the root, `members` being a line each."""

    noun: str
    title: str
    root: str
    columns: tuple[Column, ...]
    lines: str | None = None
    """The list of the root's rows of which each is a line; None: each row is."""


_PLACE = (
    Column("area.name", "村", 16),
    Column("grid.name", "网格", 20),
    Column("grid.code", "网格代码", 18),
    Column("number", "户号", 10),
)

EXPORTS: Mapping[str, Export] = {
    export.noun: export
    for export in (
        Export(
            "households",
            "农户名单",
            "households",
            (
                *_PLACE,
                Column("address", "住址", 32),
                Column("house", "房屋情况", 14),
                Column("reviewOn", "应核实日期", 12),
                Column("revisedAt", "更新时间", 24),
            ),
        ),
        Export(
            "members",
            "家庭成员名单",
            "households",
            (
                *_PLACE,
                Column("members.name", "姓名", 12),
                Column("members.relationName", "与户主关系", 12),
                Column("members.sex", "性别", 8),
                Column("members.birthDate", "出生日期", 12),
                Column("members.idNumber", "公民身份号码", 20),
                Column("members.phone", "电话", 14),
                Column("members.ethnicityName", "民族", 10),
                Column("members.maritalName", "婚姻状况", 10),
                Column("members.educationName", "文化程度", 16),
                Column("members.politicsName", "政治面貌", 14),
            ),
            lines="members",
        ),
        Export(
            "plots",
            "地块名单",
            "plots",
            (
                Column("area.name", "村", 16),
                Column("household.number", "户号", 10),
                Column("code", "地块代码", 20),
                Column("name", "地块名称", 14),
                Column("categoryName", "地块类别", 12),
                Column("contractMu", "承包面积（亩）", 10),
                Column("measuredMu", "实测面积（亩）", 10),
                Column("east", "东至", 14),
                Column("south", "南至", 14),
                Column("west", "西至", 14),
                Column("north", "北至", 14),
                Column("witness", "指界人", 12),
                Column("disputed", "有争议", 8),
            ),
        ),
    )
}
SHOWN: Mapping[object, str] = {
    None: "",
    True: "是",
    False: "",
    "MALE": "男",
    "FEMALE": "女",
    "UNKNOWN": "未知",
    "UNSPECIFIED": "未说明",
}
"""What stands for values that no person would write."""
