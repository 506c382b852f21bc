"""Special registers (名册): lists that are read off the sheets, for service and for calling on people. A register is data: see REGISTERS.

A register holds nothing of its own, so it cannot differ from the sheets. There is none of "key persons" (重点人员), and none is to be made: the
project serves and mediates, it does not watch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.archive.domain.access import WRITERS

Population = Literal["ITEM", "ELDERLY", "LIVING_ALONE", "MINORS_LEFT_BEHIND"]
"""Whom a register lists: a line an item in force of its kind; people of `ELDERLY_AGE` and more; who alone is at home; minors left behind."""

ELDERLY_AGE = 60
"""Law on the Protection of the Rights and Interests of the Elderly (老年人权益保障法), article 2."""
AGE_BANDS = {80: "80岁以上", 65: "65岁以上", ELDERLY_AGE: "60岁以上"}

TALENT_POINTS: Mapping[str, str] = {
    "contact": "联系方式",
    "residence": "现居住地",
    "employer": "工作单位或企业",
    "post": "职务",
    "expertise": "行业与专长",
    "achievements": "主要成就",
    "resources": "可用资源与项目",
    "family": "在乡亲属及其需求",
    "ties": "与家乡联络情况",
    "willingness": "回乡与支持意愿",
}
"""The ten points to know of a talent away (在外能人十大知晓). The project's report names the ten, and not what they are: these are a proposal,
data that a county replaces with its own."""

BENEFITS: Mapping[str, str] = {
    "MINIMUM_LIVING": "最低生活保障",
    "EXTREME_POVERTY": "特困供养",
    "DISABILITY": "残疾",
    "MEDICAL_AID": "医疗救助",
    "PENSION": "养老金",
    "ORPHAN": "孤儿保障",
    "OTHER": "其他",
}


@dataclass(frozen=True)
class Column:
    """`field` is the name of what stands in it; views/register.py knows where that is read. `width` in characters of Latin text."""

    field: str
    title: str
    width: int = 14

    @property
    def name(self) -> str:
        return self.field.replace(".", "_")


@dataclass(frozen=True)
class Register:
    """`roles` may list it in their areas; `exporters` may take it away as a file, for one of the purposes (domain/purpose.py)."""

    code: str
    title: str
    population: Population
    columns: tuple[Column, ...]
    purposes: tuple[str, ...]
    kind: str | None = None
    benefits: tuple[str, ...] = ()
    roles: frozenset[str] = WRITERS
    exporters: frozenset[str] = frozenset({"village_cadre", "township_clerk", "city_admin"})


NAME, SEX, AGE = Column("member.name", "姓名", 12), Column("member.sex", "性别", 6), Column("member.age", "年龄", 6)
PHONE = Column("member.phone", "电话", 15)
NUMBER, ADDRESS = Column("household.number", "户号", 10), Column("household.address", "住址", 32)
VILLAGE, GRID = Column("area.village", "村", 14), Column("area.grid", "网格", 18)
HEAD, HEAD_PHONE = Column("household.head", "户主", 12), Column("household.headPhone", "户主电话", 15)
SINCE, UNTIL = Column("item.since", "起始日", 12), Column("item.until", "截止日", 12)
WHERE = (VILLAGE, GRID, NUMBER, ADDRESS)

REGISTERS: Mapping[str, Register] = {
    register.code: register
    for register in (
        Register(
            "TALENTS_AWAY",
            "在外能人名册",
            "ITEM",
            (
                *(NAME, SEX, AGE, PHONE, HEAD, *WHERE, SINCE),
                *(Column(f"point.{code}", title, 16) for code, title in TALENT_POINTS.items()),
            ),
            ("SERVICE", "VERIFICATION", "STATISTICS"),
            kind="TALENT",
        ),
        Register(
            "MIGRANT_WORKERS",
            "外出务工人员名册",
            "ITEM",
            (
                *(NAME, SEX, AGE, PHONE, Column("item.place", "务工地", 20), Column("item.employer", "用工单位", 24)),
                *(Column("item.work", "工种", 14), SINCE, HEAD, *WHERE),
            ),
            ("SERVICE", "VERIFICATION", "EMERGENCY", "STATISTICS"),
            kind="MIGRATION",
        ),
        Register(
            "BENEFITS",
            "救助保障对象名册",
            "ITEM",
            (
                *(Column("item.benefitName", "类别", 16), NAME, SEX, AGE, PHONE),
                *(Column("item.certificate", "证件号", 20), SINCE, UNTIL, HEAD, *WHERE),
            ),
            ("SERVICE", "BENEFIT_REVIEW", "VERIFICATION", "STATISTICS"),
            kind="BENEFIT",
            benefits=("MINIMUM_LIVING", "EXTREME_POVERTY", "DISABILITY", "MEDICAL_AID", "ORPHAN", "OTHER"),
            roles=WRITERS | {"window_clerk", "auditor"},
        ),
        Register(
            "SKILLS",
            "技能人员名册",
            "ITEM",
            (
                *(NAME, SEX, AGE, PHONE, Column("item.skill", "技能", 18), Column("item.level", "等级或证书", 18)),
                *(SINCE, HEAD, *WHERE),
            ),
            ("SERVICE", "VERIFICATION", "STATISTICS"),
            kind="SKILL",
        ),
        Register(
            "LIVING_ALONE",
            "独居人员名册",
            "LIVING_ALONE",
            (
                *(NAME, SEX, AGE, Column("member.ageBand", "高龄标志", 12), PHONE),
                *(Column("household.size", "在册人数", 9), *WHERE),
            ),
            ("SERVICE", "VERIFICATION", "EMERGENCY", "STATISTICS"),
        ),
        Register(
            "ELDERLY",
            "老年人名册",
            "ELDERLY",
            (
                *(NAME, SEX, AGE, Column("member.ageBand", "高龄标志", 12), PHONE),
                *(Column("household.livingAlone", "独居", 6), HEAD, HEAD_PHONE, *WHERE),
            ),
            ("SERVICE", "VERIFICATION", "EMERGENCY", "STATISTICS"),
        ),
        Register(
            "MINORS_LEFT_BEHIND",
            "留守未成年人名册",
            "MINORS_LEFT_BEHIND",
            (
                *(NAME, SEX, AGE, Column("member.relation", "与户主关系", 14), HEAD, HEAD_PHONE),
                *(Column("household.away", "外出成员", 30), *WHERE),
            ),
            ("SERVICE", "VERIFICATION", "EMERGENCY", "STATISTICS"),
        ),
    )
}
"""A register of the population ITEM lists the items of `kind`, of benefits only those in `benefits`."""

MOST_ROWS = 50_000
"""Of an export: a county's largest register in one file; more is asked for by township."""
