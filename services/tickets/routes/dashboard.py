"""What is checked of a read of figures and assessments before the read model answers it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.chassis.errors import Forbidden, InvalidInput, NotFound, UnknownCode
from services.chassis.service import Asking, Preparation
from services.tickets.domain.access import reach
from services.tickets.domain.assessment import Indicator, Period
from services.tickets.domain.figures import Trend, require_period
from services.tickets.store import area as areas


def _given(asking: Asking, *names: str) -> dict[str, Any]:
    given = {name: value for name, value in asking.args.items() if value is not None}
    for name in given.keys() - set(names):
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    return given


def _day(given: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(given[name])
    except KeyError:
        raise InvalidInput(f"{name} is missing", field=name, rule="required") from None
    except (ValueError, TypeError):
        raise InvalidInput(f"{name} must be a day, such as 2026-01-31", field=name, rule="form") from None


async def prepare_figures(asking: Asking) -> dict[str, Any]:
    """Figures are for staff and officers, of an area that they reach, or a part of which they do."""
    given = _given(asking, "area", "from", "to", "trend")
    require_period(_day(given, "from"), _day(given, "to"))
    trend = given.get("trend", Trend.DAY)
    if trend not in Trend.__members__:
        raise InvalidInput("trend must be DAY or WEEK", field="trend", rule="form")
    caller = reach(asking.principal)
    if not caller.areas:
        raise Forbidden("figures are for staff and for departments")
    area = given.get("area")
    if not isinstance(area, str) or await areas.find(asking.pool, area) is None:
        raise UnknownCode("area", field="area")
    if not any(area.startswith(own) or own.startswith(area) for own in caller.areas):
        raise NotFound("area: outside your areas")
    return given | {"trend": trend}


async def prepare_results(asking: Asking) -> dict[str, Any]:
    given = _given(asking, "period", "version", "scheme", "unit", "first", "after")
    Period.of(str(given.get("period")))
    return given if "version" in given else given | {"newest": True}


async def prepare_cases(asking: Asking) -> dict[str, Any]:
    """The cases that count, unless those are asked for that an objection has left out."""
    given = _given(asking, "result", "indicator", "counted", "leftOut", "first", "after")
    if given.get("indicator") not in Indicator.__members__:
        raise InvalidInput(f"indicator must be one of {', '.join(Indicator)}", field="indicator", rule="form")
    left_out = given.pop("leftOut", None) is True
    return given | {"left_out": left_out}


PREPARE: Mapping[str, Preparation] = {
    "matterFigures": prepare_figures,
    "assessmentResults": prepare_results,
    "assessmentCases": prepare_cases,
}
