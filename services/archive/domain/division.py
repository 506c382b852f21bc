"""Divisions as public lists give them: codes of many forms, columns in any order; every row that cannot be taken is told with its reason."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.archive.domain.area import KINDS
from services.chassis.errors import InvalidInput
from services.chassis.text import Text

NAME = Text(60)
"""Of an area."""

PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省",
    "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省",
    "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip
"""GB/T 2260-2007, the first two digits."""

COLUMNS = {
    "code": ("code", "代码", "区划代码", "行政区划代码", "统计用区划代码"),
    "name": ("name", "名称", "区划名称", "行政区划名称", "单位名称"),
    "level": ("level", "级别", "层级"),
    "parent": ("parent", "pcode", "parent_code", "parentcode", "上级", "上级代码", "父级代码"),
}
"""What a header may call a column; without a header they stand in this order."""
LEVELS = dict(enumerate((2, 4, 6, 9, 12), start=1))
_DIGITS = re.compile(r"[0-9]+")


class CodeBroken(Exception):
    """Carries the rule that a code breaks, and what it asks for."""

    def __init__(self, rule: str, form: str) -> None:
        super().__init__(form)
        self.rule = rule
        self.form = form


@dataclass(frozen=True)
class RowError:
    """`row` counts lines of the file from 1, the header included."""

    row: int
    column: str
    rule: str
    detail: str


@dataclass(frozen=True)
class Given:
    """A good row."""

    row: int
    code: str
    name: str


@dataclass(frozen=True)
class Listed:
    """What a list says: its good rows, those above before those below, and its bad ones. `outside` counts rows that were not asked for."""

    rows: tuple[Given, ...]
    errors: tuple[RowError, ...]
    outside: int = 0


def code_of(text: str) -> str:
    """A division's code as the archive writes it: 2, 4, 6, 9 or 12 digits, without the zeros that fill up the levels below.

    Takes these lengths, and each level filled up to any longer one: 330881, 330881000 and 330881000000 are the same county, and so is 330000
    the province 33. Raises CodeBroken. Below the province nothing is told by a list but by form: GB/T 2260 changes each year. A city without
    counties has townships right below it, and 00 in place of the county (4419 00 003).
    """
    if not _DIGITS.fullmatch(text):
        raise CodeBroken("code.digits", "must be digits only")
    if len(text) not in LEVELS.values():
        raise CodeBroken("code.length", "must have 2, 4, 6, 9 or 12 digits")
    ends = [end for end in LEVELS.values() if end <= len(text)]
    parts = [text[start:end] for start, end in zip((0, *ends), ends, strict=False)]
    while len(parts) > 1 and not int(parts[-1]):
        parts.pop()
    if parts[0] not in PROVINCES:
        raise CodeBroken("gbt2260.province", "must begin with the two digits of a province")
    if any(not int(part) for place, part in enumerate(parts) if place != 2) or (len(parts) == 3 and not int(parts[2])):
        raise CodeBroken(
            "code.gap", "must not skip a level: only the county's digits may be 00, in a city without counties"
        )
    return "".join(parts)


def decoded(data: bytes) -> str | None:
    """The text of a file in UTF-8, with or without a byte order mark, or in GB18030; None when it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def listed(text: str, known: Iterable[str], county: str | None = None) -> Listed:
    """Reads a list of divisions. `known` are the codes of the areas that are there already; with a county only that, what is in it and above it."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        place, rows = _columns([(reader.line_num, cells) for cells in reader])
    except csv.Error:
        return Listed((), (RowError(reader.line_num, "-", "csv.form", "cannot be read as CSV"),))
    if place is None:
        return Listed((), (RowError(1, "code", "header", "the first row must name the columns code and name"),))
    base = 0 if any(_cell(cells, place, "level") == "0" for _, cells in rows) else 1
    good: dict[str, Given] = {}
    errors: list[RowError] = []
    outside = 0
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(number, cells, place, base)
        if isinstance(row, RowError):
            errors.append(row)
        elif county is not None and not (row.code.startswith(county) or county.startswith(row.code)):
            outside += 1
        elif (first := good.setdefault(row.code, row)).name != row.name:
            detail = f"row {first.row} has the code already, under another name"
            errors.append(RowError(number, "code", "code.twice", detail))
    there = good.keys() | set(known)
    orphans = [row for row in good.values() if not _held(row.code, there)]
    while orphans:
        errors += [RowError(row.row, "code", "parent.known", _MISSING[len(row.code)]) for row in orphans]
        for row in orphans:
            del good[row.code]
        there = good.keys() | set(known)
        orphans = [row for row in good.values() if not _held(row.code, there)]
    rest = tuple(sorted(good.values(), key=lambda row: (len(row.code), row.code)))
    return Listed(rest, tuple(sorted(errors, key=lambda error: error.row)), outside)


_MISSING = {
    4: "its province must be in the file, or known",
    6: "its prefecture or province must be in the file, or known",
    9: "its county must be in the file, or known",
    12: "its township must be in the file, or known",
}


def _held(code: str, there: set[str]) -> bool:
    """Whether what is right above is there. A county may lie in a province itself, a township without county in its city."""
    match len(code):
        case 2:
            return True
        case 6:
            return code[:4] in there or code[:2] in there
        case 9:
            return code[:6] in there or (code[4:6] == "00" and code[:4] in there)
        case length:
            return code[: length - (2 if length == 4 else 3)] in there


def _columns(rows: Sequence[tuple[int, list[str]]]) -> tuple[dict[str, int] | None, list[tuple[int, list[str]]]]:
    """Where each column stands, and the rows below the header; None without a header that names what is needed."""
    rows = [row for row in rows if any(cell.strip() for cell in row[1])]
    if not rows:
        return None, []
    header = [cell.strip().lower() for cell in rows[0][1]]
    if header[0].isdigit():
        return {name: place for place, name in enumerate(COLUMNS) if place < len(header)}, rows
    place = {name: header.index(word) for name, words in COLUMNS.items() for word in words if word in header}
    return (place if {"code", "name"} <= place.keys() else None), rows[1:]


def _cell(cells: Sequence[str], place: dict[str, int], column: str) -> str:
    at = place.get(column)
    return cells[at].strip() if at is not None and at < len(cells) else ""


def _row(number: int, cells: Sequence[str], place: dict[str, int], base: int) -> Given | RowError:
    try:
        code = code_of(_cell(cells, place, "code"))
        name = NAME.check(_cell(cells, place, "name"), "name")
    except CodeBroken as broken:
        return RowError(number, "code", broken.rule, broken.form)
    except InvalidInput as problem:
        return RowError(number, "name", f"name.{problem.extra['rule']}", problem.detail)
    level = _cell(cells, place, "level")
    if level and (not level.isdigit() or LEVELS.get(int(level) + 1 - base) != len(code)):
        return RowError(number, "level", "level.agrees", f"must be the code's own level, {KINDS[len(code)].lower()}")
    parent = _cell(cells, place, "parent")
    if parent.strip("0"):
        try:
            above = code_of(parent)
        except CodeBroken as broken:
            return RowError(number, "parent", broken.rule.replace("code.", "parent."), broken.form)
        if not code.startswith(above) or above == code:
            return RowError(number, "parent", "parent.prefix", "must be a code that the row's own begins with")
    return Given(number, code, name)
