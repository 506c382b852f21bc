"""Tables as files: CSV in UTF-8 (with or without BOM) or GB18030, and XLSX; and the workbooks that go out, which Excel and WPS open."""

import codecs
import csv
import io
import multiprocessing
import resource
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any

import python_calamine
import xlsxwriter

from services.archive.domain.imports import EXAMPLE, HINT, Column, Refused, Row, Sheet, fields_of, for_reader

XLSX_MARK = b"PK\x03\x04"
MOST_XLSX_ROWS = 200_000
"""A workbook's cells are in memory all at once, a CSV file's row by row."""
WORKBOOK_BYTES = 2_000_000_000
"""Of address space, for the process that opens a workbook: a few kilobytes can unpack to any size."""
MOST_COLUMNS = 100
HEAD_POINTS, HINT_POINTS = 24, 48
EXACT_DIGITS = 15
"""Excel keeps no more of a number: a longer one in a number's cell has been rounded, and must not be taken for what was written."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with in CSV, or the program that opens it may take it for a formula."""

Cell = str | float | int | bool | date | datetime | time | timedelta | None


def form_of(data: bytes) -> str:
    return "XLSX" if data.startswith(XLSX_MARK) else "CSV"


def as_csv(data: bytes) -> bytes:
    """The file as CSV in UTF-8; raises Refused. A workbook is opened in a process of its own, whose memory is limited and given back."""
    if form_of(data) == "CSV":
        return data if _encoding(data).startswith("utf") else data.decode("gb18030").encode()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        try:
            converted = executor.submit(_converted, data).result()
        except BrokenProcessPool:
            raise Refused("file.size") from None
    if isinstance(converted, str):
        raise Refused(converted)
    return converted


def _encoding(data: bytes) -> str:
    """Raises Refused when the bytes are text in neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            decoder = codecs.getincrementaldecoder(encoding)()
            for start in range(0, len(data), 1 << 20):
                decoder.decode(data[start : start + (1 << 20)])
            decoder.decode(b"", final=True)
            return encoding
    raise Refused("file.encoding")


def _converted(data: bytes) -> bytes | str:
    """The first sheet that has a row, as CSV; or the rule for which it cannot be had."""
    resource.setrlimit(resource.RLIMIT_AS, (WORKBOOK_BYTES, WORKBOOK_BYTES))
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        table = next((sheet for name in book.sheet_names if (sheet := book.get_sheet_by_name(name)).height), None)
    except (python_calamine.CalamineError, MemoryError):
        return "file.form"
    if table is None:
        return "file.empty"
    if table.total_height > MOST_XLSX_ROWS:
        return "file.rows"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for cells in table.iter_rows():
        writer.writerow([text_of(cell) for cell in cells])
    return out.getvalue().encode()


def text_of(cell: Cell) -> str:
    """What a cell shows. A number of more digits than Excel keeps is shown as Excel shows it, which no rule takes for an ID number."""
    if isinstance(cell, datetime):
        text = cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")
    elif isinstance(cell, bool):
        text = "TRUE" if cell else "FALSE"
    elif isinstance(cell, float | int):
        whole = cell == int(cell)
        text = f"{cell:.2E}" if abs(cell) >= 10**EXACT_DIGITS else str(int(cell)) if whole else repr(cell)
    else:
        text = "" if cell is None else str(cell)
    return text


def lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of CSV in UTF-8 with their numbers from 1, cells without blanks around them; raises Refused for what is no CSV."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if len(cells) > MOST_COLUMNS:
                raise Refused("file.columns")
            yield number, [cell.strip() for cell in cells]
    except csv.Error:
        raise Refused("file.form") from None


def rows(sheet: Sheet, data: bytes) -> Iterator[Row]:
    """The rows that say something, after the header, which is the first row that is not empty; raises Refused."""
    fields: list[str] | None = None
    for number, cells in lines(data):
        if fields is None:
            if any(cells):
                fields = fields_of(sheet, cells)
        elif not for_reader(cells):
            yield Row(number, {field: cell for field, cell in zip(fields, cells, strict=False) if field and cell})
    if fields is None:
        raise Refused("file.empty")


class Workbook:
    """A workbook of one sheet that is written row by row, in little memory. Text stays text: no cell is a formula."""

    def __init__(self, title: str, columns: Sequence[str], *, marks: Mapping[str, Any] | None = None) -> None:
        self._out = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._out,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"title": title, **(marks or {})})
        self.sheet = self.book.add_worksheet(title[:31])
        self.head = self.book.add_format(
            {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "vcenter"}
        )
        self.text = self.book.add_format({"num_format": "@"})
        self._row = 0
        self._columns = len(columns)
        self.sheet.set_column(0, max(self._columns - 1, 0), 22, self.text)
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)
        self.write(columns, self.head, HEAD_POINTS)

    def write(self, cells: Iterable[str], style: Any = None, points: int | None = None) -> None:
        """One more row, so high."""
        self.sheet.set_row(self._row, points)
        for column, cell in enumerate(cells):
            if cell:
                self.sheet.write_string(self._row, column, cell, style or self.text)
        self._row += 1

    def bytes(self) -> bytes:
        """The file; nothing can be written after it."""
        self.book.close()
        return self._out.getvalue()


def template(sheet: Sheet, rows_with_choices: int = 5000) -> bytes:
    """An empty file of a kind: titles, hints, an example, and a choice in each cell of a column that has codes."""
    book = Workbook(sheet.title, [f"{column.title}{'*' if column.required else ''}" for column in sheet.columns])
    hint = book.book.add_format(
        {"italic": True, "font_color": "#7F7F7F", "text_wrap": True, "valign": "top", "num_format": "@"}
    )
    example = book.book.add_format({"font_color": "#7F7F7F", "num_format": "@"})
    first, *others = sheet.columns
    book.write([f"{HINT}：{first.hint}", *(column.hint for column in others)], hint, HINT_POINTS)
    book.write([f"{EXAMPLE}：{first.example}", *(_choice(column, column.example) for column in others)], example)
    codes = book.book.add_worksheet("代码")
    for at, column in enumerate(sheet.columns):
        if not column.codes:
            continue
        name = xlsxwriter.utility.xl_col_to_name(at)
        book.sheet.data_validation(
            3,
            at,
            rows_with_choices,
            at,
            {
                "validate": "list",
                "source": f"=代码!${name}$1:${name}${len(column.codes)}",
                "error_type": "warning",
                "error_title": column.title,
                "error_message": column.hint,
            },
        )
    choices = ([_choice(column, code) for code in column.codes or ()] for column in sheet.columns)
    for row, cells in enumerate(zip_longest(*choices, fillvalue="")):
        codes.write_row(row, 0, cells)
    return book.bytes()


def _choice(column: Column, code: str) -> str:
    """A code as it is offered: with its name."""
    return f"{code} {column.codes[code]}" if column.codes and code in column.codes else code


def neutral(cell: str) -> str:
    """A cell of CSV that no program takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
