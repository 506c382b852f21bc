"""Helpers to declare fields that a service's answer fills, and the scalars that services yield ready to send."""

import re
from datetime import date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

Date = NewType("Date", str)
DateTime = NewType("DateTime", str)
GeoJSON = NewType("GeoJSON", dict[str, Any])

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")


def filled(description: str, **arguments: tuple[Any, Any, str]) -> Any:
    """A field that the service's answer fills. Arguments are name=(type, default, description); a default of ... makes it required."""
    field = strawberry.field(description=description)
    field.arguments = [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(kind),
            description=text,
            **({} if default is ... else {"default": default}),
        )
        for name, (kind, default, text) in arguments.items()
    ]
    return field


def first(default: int) -> dict[str, tuple[Any, Any, str]]:
    return {"first": (int | None, default, "at most so many")}


def _parse(value: Any, form: re.Pattern[str], parse: Any, name: str, example: str) -> str:
    if isinstance(value, str) and form.fullmatch(value):
        try:
            parse(value)
        except ValueError:
            pass
        else:
            return value
    raise GraphQLError(f"{name} must have the form {example}")


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    raise GraphQLError("GeoJSON must be an object with type and coordinates")


SCALARS: dict[object, Any] = {
    GeoJSON: strawberry.scalar(
        name="GeoJSON",
        description="A shape by RFC 7946 in CGCS2000: longitude and latitude in degrees (图形)",
        parse_value=_shape,
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A calendar day in China, YYYY-MM-DD (日期)",
        parse_value=lambda value: _parse(value, _DATE, date.fromisoformat, "Date", "2025-06-01"),
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant by RFC 3339, in answers always UTC with Z (时刻)",
        parse_value=lambda value: _parse(value, _DATE_TIME, datetime.fromisoformat, "DateTime", "2025-06-01T08:30:00Z"),
    ),
}


@strawberry.interface(description="Anything that has a global id (节点)")
class Node:
    id: strawberry.ID = filled("global id: opaque, the same for ever")


@strawberry.type(description="Where a page stands in its list (分页)")
class PageInfo:
    has_next_page: bool = filled("whether more follows")
    has_previous_page: bool = filled("whether something came before")
    start_cursor: str | None = filled("cursor of the first edge")
    end_cursor: str | None = filled("cursor of the last edge: give it as `after` for the next page")
