"""Files of sheets: which columns each kind has, what a row says, and what a household becomes by its rows. Pure.

A household is taken in wholly or not at all: one bad row keeps the others of its household out. Whoever is on the sheet already is found by their ID
number, else by name and birth date; a plot by its code. The same file again therefore changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID, uuid4

from services.archive.domain import plot as plots
from services.archive.domain.area import village_of
from services.archive.domain.codes import CODES, STANDARDS
from services.archive.domain.household import Household, Revision, differences, revise
from services.archive.domain.id_number import FORM, compact
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.relation import HEAD, RELATIONS, SELF
from services.archive.domain.sex import FEMALE, MALE, UNKNOWN, UNSPECIFIED
from services.archive.domain.text import NUMBER
from services.chassis.errors import InvalidInput

Kind = Literal["HOUSEHOLDS", "MEMBERS", "PLOTS"]
GRID = re.compile(r"[0-9]{16}")
DATE = re.compile(r"([0-9]{4})([-/.年]?)([0-9]{1,2})(?:[-/.月]?)([0-9]{1,2})日?")
SEXES = {MALE: "男", FEMALE: "女", UNKNOWN: "未知", UNSPECIFIED: "未说明"}
EXAMPLE, HINT = "示例", "说明"
"""What the first cell of a row begins with that is there for the reader only."""
FAULT_COLUMNS = ("错误列", "错误规则")
"""The titles of the two columns that a file of rejected rows has more; they are passed over when it comes back."""


@dataclass(frozen=True)
class Column:
    """`field` is the name in errors; `codes` are those that the column takes, by code or by name."""

    field: str
    title: str
    hint: str
    example: str
    required: bool = False
    codes: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Sheet:
    """A kind of file. `noun` is its name in addresses."""

    kind: Kind
    noun: str
    title: str
    columns: tuple[Column, ...]

    def column(self, field: str) -> Column | None:
        return next((column for column in self.columns if column.field == field), None)


@dataclass(frozen=True)
class Row:
    """`number` counts from 1, the header among them; `cells` are those that are not empty, by field."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row: the column's field and the rule, never the value."""

    row: int
    field: str
    rule: str


class Refused(Exception):
    """The file as a whole cannot be read: `rule`, and the column's title where it is about one."""

    def __init__(self, rule: str, column: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.column = column


class Broken(Exception):
    """Rows that cannot be taken in."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def _place(address: bool) -> tuple[Column, ...]:
    hint = "不超过200字" if address else "不超过200字；新户至少一行填写"
    return (
        Column("gridCode", "网格代码", "16位数字，文本格式", "3399991002000001", required=True),
        Column("number", "户号", "村内唯一，文本格式", "00001", required=True),
        Column("address", "住址", hint, "示例村1组1号", required=address),
        Column("house", "房屋情况", "结构、状况等，不超过200字", "砖混结构"),
    )


def _person(who: str) -> tuple[Column, ...]:
    return (
        Column("sex", f"{who}性别", "有身份号码时可不填", MALE, codes=SEXES),
        Column("birthDate", f"{who}出生日期", "年-月-日；有身份号码时可不填", "1962-03-12"),
        Column("idNumber", f"{who}公民身份号码", "18位，文本格式", "339999196203121033"),
        Column("idNumberOverride", f"{who}号码例外理由", "号码与校验规则不符而证件确如此时填写", ""),
        Column("phone", f"{who}电话", "手机或带区号的固定电话，文本格式", "15400000001"),
    )


_CODED = {
    "ethnicity": "民族",
    "marital": "婚姻状况",
    "education": "文化程度",
    "health": "健康状况",
    "politics": "政治面貌",
}
_KIN = {code: name for code, name in RELATIONS.items() if code != SELF}
_EXAMPLES = {"ethnicity": "01", "marital": "20", "education": "70", "health": "1", "politics": "13"}

SHEETS: Mapping[str, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        Sheet(
            "HOUSEHOLDS",
            "households",
            "农户",
            (
                *_place(address=True),
                Column("name", "户主姓名", "不超过50字", "示例甲", required=True),
                *_person("户主"),
            ),
        ),
        Sheet(
            "MEMBERS",
            "members",
            "家庭成员",
            (
                *_place(address=False),
                Column("name", "姓名", "不超过50字", "示例甲", required=True),
                Column("relation", "与户主关系", "每户须有且仅有一名户主", HEAD, required=True, codes=_KIN),
                *_person(""),
                *(
                    Column(field, title, f"代码或名称（{STANDARDS[field]}）", _EXAMPLES[field], codes=CODES[field])
                    for field, title in _CODED.items()
                ),
            ),
        ),
        Sheet(
            "PLOTS",
            "plots",
            "地块",
            (
                Column("gridCode", "网格代码", "农户所在网格，16位数字，文本格式", "3399991002000001", required=True),
                Column("number", "户号", "已建档农户的户号，文本格式", "00001", required=True),
                Column(
                    "code",
                    "地块代码",
                    "19位数字：村12位、组2位、序号5位，文本格式",
                    "3399991002000100001",
                    required=True,
                ),
                Column("name", "地块名称", "不超过50字", "门前田", required=True),
                Column("category", "地块类别", "代码或名称", "10", required=True, codes=plots.CATEGORIES),
                Column("contractMu", "承包面积（亩）", "至多两位小数", "1.25", required=True),
                Column("measuredMu", "实测面积（亩）", "至多两位小数", "1.31"),
                Column("east", "东至", "四至，文字说明", "村路", required=True),
                Column("south", "南至", "四至，文字说明", "示例乙地", required=True),
                Column("west", "西至", "四至，文字说明", "水渠", required=True),
                Column("north", "北至", "四至，文字说明", "示例丙地", required=True),
                Column("witness", "指界人", "不超过50字", "示例丁"),
            ),
        ),
    )
}


def fields_of(sheet: Sheet, titles: Sequence[str]) -> list[str]:
    """The field of each column of a file, "" for one that is passed over.

    Raises Refused: a title that is unknown, there twice, or missing though required.
    """
    known = {_plain(column.title): column.field for column in sheet.columns} | dict.fromkeys(FAULT_COLUMNS, "")
    fields: list[str] = []
    for title in map(_plain, titles):
        if title and title not in known:
            raise Refused("column.known", title[:20])
        field = known.get(title, "")
        if field and field in fields:
            raise Refused("column.once", title)
        fields.append(field)
    for column in sheet.columns:
        if column.required and column.field not in fields:
            raise Refused("column.required", column.title)
    return fields


def _plain(title: str) -> str:
    return re.sub(r"[\s*＊]", "", title)


def for_reader(cells: Sequence[str]) -> bool:
    """Whether a row is the example, or hints, or empty."""
    return not any(cells) or cells[0].lstrip().startswith((EXAMPLE, HINT))


@dataclass(frozen=True)
class Said:
    """What a row says, by field, in the form that the domain's inputs take."""

    row: Row
    facts: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The household: village and number."""
        return village_of(self.facts["gridCode"]), self.facts["number"]


def said(sheet: Sheet, row: Row) -> Said:
    """Reads a row's cells; raises Broken with all of them that have not their form."""
    faults, facts = [], {}
    for column in sheet.columns:
        text = row.cells.get(column.field, "")
        try:
            if text:
                facts[column.field] = _READ.get(column.field, _coded if column.codes else _as_it_is)(text, column)
            elif column.required:
                raise _Form("required")
        except _Form as form:
            faults.append(Fault(row.number, column.field, str(form)))
    if faults:
        raise Broken(*faults)
    return Said(row, facts)


class _Form(Exception):
    """The rule of a cell's form that is broken."""


def _as_it_is(text: str, _: Column) -> str:
    return text


def _coded(text: str, column: Column) -> str:
    codes = column.codes or {}
    first = text.split(maxsplit=1)[0]
    for word in (text, first, first.zfill(2)):
        if word in codes:
            return word
    for code, name in codes.items():
        if name in (text, text.removesuffix("性")):
            return code
    raise _Form(f"{column.field}.known")


def _grid(text: str, _: Column) -> str:
    if not GRID.fullmatch(text):
        raise _Form("grid.form")
    return text


def _number(text: str, _: Column) -> str:
    try:
        return NUMBER.check(text, "number")
    except InvalidInput as error:
        raise _Form(error.extra["rule"]) from None


def _day(text: str, _: Column) -> date:
    found = DATE.fullmatch(text.partition(" ")[0])
    try:
        if found is None or (not found[2] and len(found[3]) + len(found[4]) != 4):
            raise ValueError
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise _Form("date") from None


def _mu(text: str, _: Column) -> Decimal:
    try:
        mu = Decimal(text)
    except InvalidOperation:
        raise _Form("mu.form") from None
    if not mu.is_finite():
        raise _Form("mu.form")
    return mu


_READ: Mapping[str, Callable[[str, Column], Any]] = {
    "gridCode": _grid,
    "number": _number,
    "birthDate": _day,
    "contractMu": _mu,
    "measuredMu": _mu,
}


def applied(
    sheet: Sheet, household: Household | None, rows: Sequence[Said], day: date, new_id: Callable[[], UUID]
) -> Household:
    """The household as its rows make it, all valid from the day; without one a new one. The same version: nothing changed. Raises Broken."""
    places = {said.facts["gridCode"] for said in rows}
    if len(places) > 1:
        raise Broken(*(Fault(said.row.number, "gridCode", "grid.same_household") for said in rows))
    if sheet.kind == "PLOTS":
        return _with_plots(household, rows, new_id)
    base = household or Household(
        id=new_id(),
        area=rows[0].facts["gridCode"],
        number=rows[0].facts["number"],
        address="",
        house=None,
        version=0,
        members=(),
    )
    address, house = _common(rows, "address"), _common(rows, "house")
    if household is None and address is None:
        raise Broken(Fault(rows[0].row.number, "address", "required"))
    matched = _matched(base.members, rows)
    members = [
        MemberInput(
            id=None if member is None else member.id,
            name=said.facts["name"],
            relation=said.facts.get("relation", HEAD),
            sex=said.facts.get("sex"),
            birth_date=said.facts.get("birthDate"),
            id_number=said.facts.get("idNumber"),
            id_number_override=said.facts.get("idNumberOverride"),
            phone=said.facts.get("phone"),
            **{field: said.facts.get(field) for field in _CODED},
        )
        for said, member in zip(rows, matched, strict=True)
    ]
    try:
        return revise(base, Revision(address, house, rows[0].facts["gridCode"], members), day, new_id).household
    except InvalidInput as error:
        raise Broken(*_faults(base, rows, members, day, error)) from None


def _common(rows: Sequence[Said], field: str) -> str | None:
    """What the rows of one household say of it; raises Broken where they disagree."""
    told = {said.facts[field]: said for said in rows if field in said.facts}
    if len(told) > 1:
        raise Broken(*(Fault(said.row.number, field, "household.same") for said in told.values()))
    return next(iter(told), None)


def _matched(members: Iterable[Member], rows: Sequence[Said]) -> list[Member | None]:
    """Who of the sheet each row is about: by ID number, else by name and birth date where not both have a number."""
    left = {member.id: member for member in members}
    result: list[Member | None] = [None] * len(rows)

    def take(same: Callable[[Said, Member], bool]) -> None:
        for at, said in enumerate(rows):
            if result[at] is None and (found := next((m for m in left.values() if same(said, m)), None)):
                result[at] = left.pop(found.id)

    take(lambda said, member: member.id_number is not None and number_of(said) == member.id_number)
    take(
        lambda said, member: (
            (member.id_number is None or number_of(said) is None)
            and said.facts["name"] == member.name
            and _born(said) == member.birth_date
        )
    )
    return result


def number_of(said: Said) -> str | None:
    """The row's ID number, compact."""
    return compact(said.facts["idNumber"]) if "idNumber" in said.facts else None


def unique_number(said: Said) -> str | None:
    """The row's ID number where nobody else may have it."""
    return None if "idNumberOverride" in said.facts else number_of(said)


def _born(said: Said) -> date | None:
    """The birth date that the row gives, by itself or in the ID number."""
    born: date | None = said.facts.get("birthDate")
    number = number_of(said)
    if born is None and number is not None and FORM.fullmatch(number):
        try:
            return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return None
    return born


def _faults(
    base: Household, rows: Sequence[Said], members: Sequence[MemberInput], day: date, together: InvalidInput
) -> list[Fault]:
    """Every row's fault: each alone beside the present members breaks a rule of one member, or else all do together."""
    faults = []
    for said, member in zip(rows, members, strict=True):
        try:
            revise(base, Revision(members=[member]), day, uuid4)
        except InvalidInput as error:
            if _OF_MEMBER.match(error.extra.get("field") or ""):
                faults.append(_fault(error, [said]))
    return faults or [_fault(together, rows)]


_OF_MEMBER = re.compile(r"members\[(\d+)\]\.")


def _fault(error: InvalidInput, rows: Sequence[Said]) -> Fault:
    """The fault that an error about `members[2].name`, `address` or `members` tells of."""
    field = error.extra.get("field") or "members"
    found = _OF_MEMBER.match(field)
    row = rows[int(found[1])] if found else rows[0]
    name = field.rpartition(".")[2]
    return Fault(row.row.number, "relation" if name == "members" else name, error.extra.get("rule") or "form")


def _with_plots(household: Household | None, rows: Sequence[Said], new_id: Callable[[], UUID]) -> Household:
    if household is None:
        raise Broken(*(Fault(said.row.number, "number", "household.known") for said in rows))
    result, faults = household, []
    for said in rows:
        facts = said.facts
        given = plots.PlotInput(
            code=facts["code"],
            name=facts["name"],
            category=facts["category"],
            contract_mu=facts["contractMu"],
            measured_mu=facts.get("measuredMu"),
            witness=facts.get("witness"),
            **{side: facts[side] for side in plots.SIDES},
        )
        present = next((plot for plot in result.plots if plot.code == given.code), None)
        village = village_of(household.area)
        try:
            result = (
                plots.recorded(result, given, village, new_id())
                if present is None
                else plots.revised(result, present.id, given, village)
            )
        except InvalidInput as error:
            faults.append(Fault(said.row.number, error.extra.get("field") or "code", error.extra.get("rule") or "form"))
    if faults:
        raise Broken(*faults)
    return replace(result, version=household.version + bool(differences(household, result)))
