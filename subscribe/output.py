"""How the command line shows things: tables for a person, JSON for a program."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from subscribe import config
from subscribe.errors import SubscribeError
from subscribe.mailbox import Mailbox

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def opened() -> Mailbox:
    """The mailbox of the settings, which must be there already."""
    path = config.mailbox()
    if not path.exists():
        raise SubscribeError(
            f"there is no mailbox {path} yet: `follow` makes it; SANMIN_SUBSCRIBE_MAILBOX says where it is"
        )
    return Mailbox(path)


def say(text: str) -> None:
    Console(highlight=False, soft_wrap=True).print(text, markup=False)


def show_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]], title: str | None = None) -> None:
    """Figures to the right; a wide table stays whole where no terminal bounds it."""
    shown = [["-" if cell is None else cell for cell in row] for row in rows]
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_header=any(columns),
        box=None,
        pad_edge=False,
    )
    for place, name in enumerate(columns):
        figures = bool(shown) and all(isinstance(row[place], int) or row[place] == "-" for row in shown)
        table.add_column(name, justify="right" if figures else "left", overflow="fold")
    for row in shown:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)


def instant(seconds: float | None) -> str | None:
    """RFC 3339, in UTC."""
    return (
        None
        if seconds is None
        else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


def span(seconds: float | None) -> str | None:
    """A time span for a person."""
    return None if seconds is None else str(timedelta(seconds=round(seconds)))
