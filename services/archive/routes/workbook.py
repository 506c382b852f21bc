"""A register as a workbook: written row by row to a file of its own, so that its size costs no memory.

Each printed page says who took it away, when and for what: in its head and foot, and in pale letters across it. Pale letters are text boxes,
because header pictures are not shown by LibreOffice and sheet backgrounds are not printed by Excel.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter

from services.archive.domain.register import Column

FONT = "宋体"
TITLE_ROWS = 3
HEADER_POINTS = 32
MARK_POINTS = 24
_HEAD_MOST = 40
"""Characters of a name or account in a page's head, of which Excel takes 255 in all."""


@dataclass(frozen=True)
class Paper:
    """A size of paper across, by Excel's number; what is between its margins, in points; and how high its lines are."""

    number: int
    width: float
    height: float
    row: int


MARGINS = {"left": 0.4, "right": 0.4, "top": 0.8, "bottom": 0.7}
A4, A3 = Paper(9, 784, 487, 18), Paper(8, 1133, 734, 30)


@dataclass(frozen=True)
class Layout:
    """How columns stand on paper: shrunk so that all fit beside one another. A line of more than A4 is printed on A3, in two lines a cell."""

    columns: Sequence[Column]

    @property
    def width(self) -> float:
        """Of all columns, in points: a character is 7 pixels wide, and 5 part it from the next column."""
        return sum(column.width * 7 + 5 for column in self.columns) * 0.75

    @property
    def paper(self) -> Paper:
        return A4 if self.width <= A3.width else A3

    @property
    def scale(self) -> float:
        return min(1.0, self.paper.width / self.width)

    @property
    def page_rows(self) -> int:
        """So many lines are on a page at least."""
        return int((self.paper.height / self.scale - HEADER_POINTS) / self.paper.row) - 1


_HEAD_SAFE = str.maketrans({"&": "&&"})


@dataclass(frozen=True)
class Stamp:
    """Whose copy it is. `when` in China's time."""

    title: str
    who: str
    account: str
    when: datetime
    purpose: str

    @property
    def line(self) -> str:
        return (
            f"{self.who[:_HEAD_MOST]}（{self.account[:_HEAD_MOST]}）  {self.when:%Y-%m-%d %H:%M}  用途：{self.purpose}"
        )


class Workbook:
    """One sheet of text cells below a title and a header line that stays. `rows` counts what was added."""

    def __init__(self, stamp: Stamp, columns: Sequence[Column]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="register-")
        self.path = Path(self._folder.name) / "register.xlsx"
        self.rows = 0
        self._stamp = stamp
        self._layout = Layout(columns)
        self._book = xlsxwriter.Workbook(
            str(self.path),
            {
                "constant_memory": True,
                "tmpdir": self._folder.name,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._book.set_properties(
            {
                "title": stamp.title,
                "author": stamp.who,
                "comments": stamp.line,
                "created": stamp.when.replace(tzinfo=None),
            }
        )
        self._sheet = self._book.add_worksheet("名册")
        font = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        self._cell = self._book.add_format(
            {**font, "border": 1, "border_color": "#BFBFBF", "num_format": "@", "text_wrap": True}
        )
        self._lay_out()
        self._head(font)

    def _lay_out(self) -> None:
        sheet, stamp = self._sheet, self._stamp
        sheet.set_landscape()
        sheet.set_paper(self._layout.paper.number)
        sheet.set_margins(**MARGINS)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(TITLE_ROWS - 1)
        sheet.freeze_panes(TITLE_ROWS, 1)
        title, line = (text.translate(_HEAD_SAFE) for text in (stamp.title, stamp.line))
        sheet.set_header(f'&L&"{FONT}"&9 {title}&R&"{FONT}"&9 {line}')
        sheet.set_footer(f'&L&"{FONT}"&9 内部资料，仅限上述用途，用后销毁&R&"{FONT}"&9 第 &P 页，共 &N 页')
        for position, column in enumerate(self._layout.columns):
            sheet.set_column(position, position, column.width)

    def _head(self, font: dict[str, object]) -> None:
        bold = self._book.add_format({**font, "bold": True, "font_size": 16})
        plain = self._book.add_format({**font, "font_color": "#595959"})
        header = self._book.add_format(
            {**font, "bold": True, "border": 1, "bg_color": "#E2EFDA", "text_wrap": True, "align": "center"}
        )
        self._sheet.set_row(0, 28)
        self._sheet.write_string(0, 0, self._stamp.title, bold)
        self._sheet.write_string(1, 0, self._stamp.line, plain)
        self._sheet.set_row(TITLE_ROWS - 1, HEADER_POINTS)
        for position, column in enumerate(self._layout.columns):
            self._sheet.write_string(TITLE_ROWS - 1, position, column.title, header)

    def add(self, rows: Sequence[Sequence[str | None]]) -> None:
        """Adds lines. Every value is written as a text: what begins like a formula is none."""
        for row in rows:
            at = TITLE_ROWS + self.rows
            self._sheet.set_row(at, self._layout.paper.row)
            for position, value in enumerate(row):
                if value is None:
                    self._sheet.write_blank(at, position, None, self._cell)
                else:
                    self._sheet.write_string(at, position, value, self._cell)
            self.rows += 1

    def close(self) -> None:
        """Ends the file."""
        for row in self.marked():
            self._mark(row)
        self._book.close()

    def marked(self) -> list[int]:
        """The rows at which pale letters begin: one on every page, whatever the program that prints it makes of the heights."""
        rows, last = self._layout.page_rows, TITLE_ROWS + max(self.rows - 2, 0)
        return sorted({last, *range(rows // 2, last, rows)})

    def _mark(self, row: int) -> None:
        """Pale letters across the page."""
        points = MARK_POINTS / self._layout.scale
        self._sheet.insert_textbox(
            row,
            0,
            self._stamp.line,
            {
                "x_offset": self._layout.width * 0.1,
                "width": self._layout.width,
                "height": points * 2,
                "object_position": 3,
                "fill": {"none": True},
                "line": {"none": True},
                "font": {"name": FONT, "size": int(points), "color": "#D9D9D9"},
            },
        )

    def discard(self) -> None:
        """Removes the file, and what was written on the way to it."""
        if not self._book.fileclosed:
            self._book.close()
        self._folder.cleanup()
