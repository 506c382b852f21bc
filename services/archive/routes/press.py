"""Sheets on paper: templates filled in."""

from pathlib import Path
from typing import Any

from services.chassis.press import templates


def words(value: Any) -> Any:
    """A value as a form shows it: nothing for what is not on record, amounts with at most two decimals."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f"{value:,.2f}".removesuffix(".00")
    return value


TEMPLATES = templates(Path(__file__).resolve().parents[1] / "templates")
TEMPLATES.filters["words"] = words


def page(template: str, **values: Any) -> str:
    """The page as HTML."""
    return TEMPLATES.get_template(f"{template}.html.jinja").render(values)
